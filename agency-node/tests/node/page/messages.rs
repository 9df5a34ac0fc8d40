//! What the directory says and shows, over a real stream to a small directory.

use referral_proto::v1;

use super::visit::sign_in;
use crate::fake::Fake;
use crate::sample::{Running, beds, organization, service};

#[tokio::test]
async fn problems_that_caseworkers_report_have_a_part_of_their_own() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| {
        faults.notice = Some(v1::Notice {
            code: "problem_phone_wrong".to_owned(),
            text: "a caseworker says that nobody answers this telephone".to_owned(),
            local_id: "s1".to_owned(),
            ..v1::Notice::default()
        });
    });
    let running = Running::start(data.path());
    let of = |organization| service("s1", "Food pantry", organization, &[]);
    let organizations = ["org", "other"].map(|id| organization(id, id));
    running.import(organizations.into_iter().chain([of("org")]).collect());
    running.acknowledged().await;

    let mut visit = sign_in(&running.node, None).await;
    let page = visit.get("/messages").await;

    let (problems, notices) = page.split_once("id=\"notices-title\"").unwrap();
    assert!(problems.contains("nobody answers this telephone"), "{page}");
    assert!(problems.contains("Food pantry") && !notices.contains("Food pantry"));
    assert!(
        visit.get("/").await.contains("problem"),
        "said on the list too"
    );
    let mut other = sign_in(&running.node, Some("other")).await;
    assert!(!other.get("/messages").await.contains("Food pantry"));
    running.stop().await;
}

#[tokio::test]
async fn how_referrals_went_has_a_part_of_its_own_and_is_no_problem() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| {
        faults.notice = Some(v1::Notice {
            code: "outcomes".to_owned(),
            text: "said in the words of the directory".to_owned(),
            local_id: "s1".to_owned(),
            values: [("about", "25"), ("tenths", "8")]
                .map(|(place, value)| (place.to_owned(), value.to_owned()))
                .into(),
            ..v1::Notice::default()
        });
    });
    let running = Running::start(data.path());
    running.import(vec![
        organization("org", "Harbor"),
        service("s1", "Pantry", "org", &[]),
    ]);
    running.acknowledged().await;

    let mut visit = sign_in(&running.node, None).await;
    let page = visit.get("/messages").await;

    let (_, outcomes) = page.split_once("id=\"outcomes-title\"").unwrap();
    let (outcomes, notices) = outcomes.split_once("id=\"notices-title\"").unwrap();
    assert!(
        outcomes.contains("Pantry") && outcomes.contains("about 8 in 10"),
        "{page}"
    );
    assert!(!notices.contains("about 8 in 10"), "{page}");
    assert!(!page.contains("in the words of the directory"), "{page}");
    assert!(page.contains("Nobody reported a problem."), "{page}");
    running.stop().await;
}

#[tokio::test]
async fn the_directory_is_asked_what_it_shows() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let running = Running::start(data.path());
    running.import(vec![
        organization("org", "Harbor"),
        service("s1", "Pantry", "org", &[]),
    ]);
    running.acknowledged().await;
    let mut visit = sign_in(&running.node, None).await;
    visit.get("/shown").await;
    let form = visit.form("/shown/ask", "");

    visit.post("/shown/ask", &form).await;

    let page = visit.follow().await;
    assert!(
        page.contains("The directory has all 2 records as they were published here."),
        "{page}"
    );
    running.stop().await;
}

#[tokio::test]
async fn what_searches_do_not_find_is_said_on_the_list_at_the_directory_and_among_the_messages() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| {
        faults.held = vec![("law", "needs_grant", "legal")];
        faults.notice = Some(v1::Notice {
            code: "held_needs_grant".to_owned(),
            local_id: "law".to_owned(),
            values: [("category", "legal"), ("count", "1")]
                .map(|(place, value)| (place.to_owned(), value.to_owned()))
                .into(),
            ..v1::Notice::default()
        });
    });
    let running = Running::start(data.path());
    running.import(vec![
        organization("org", "Harbor"),
        service("law", "Work permits", "org", &[]),
        service("food", "Pantry", "org", &[]),
    ]);
    running.node.set_capacity(vec![beds("law", 3)]).unwrap();
    running.acknowledged().await;
    let why =
        "Held: searches do not find it until the directory&#39;s operator has seen a bar number";
    let mut visit = sign_in(&running.node, None).await;

    let list = visit.get("/").await.to_owned();
    assert!(
        list.contains(why) && list.contains("3 of 99 beds free"),
        "{list}"
    );
    assert!(!list.contains("The directory has it."), "{list}");
    assert!(list.contains("Searches do not find 1 service"), "{list}");
    assert!(list.contains("1 problem"), "{list}");

    let shown = visit.get("/shown").await.to_owned();
    let law = shown.split_once("Work permits").unwrap().1;
    let (law, food) = law.split_once("Pantry").unwrap();
    assert!(law.contains(why) && !law.contains("href"), "{shown}");
    assert!(
        food.contains("href=\"http://127.0.0.1:8080/service/harbor/food\""),
        "{shown}"
    );

    let messages = visit.get("/messages").await.to_owned();
    let (_, held) = messages.split_once("id=\"held-title\"").unwrap();
    assert_eq!(held.matches("Work permits").count(), 1, "once: {messages}");
    running.stop().await;
}

#[tokio::test]
async fn a_hold_that_ended_is_said_no_more() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| faults.held = vec![("s0", "name", "")]);
    let running = Running::start(data.path());
    running.import(crate::sample::records(1));
    running.acknowledged().await;
    let mut visit = sign_in(&running.node, None).await;
    assert!(visit.get("/").await.contains("has looked at its name"));

    fake.fault(|faults| faults.held = Vec::new());
    running.node.set_capacity(vec![beds("s0", 3)]).unwrap();
    running.acknowledged().await;
    let mut held = running.node.held_back().subscribe();
    let ended = held.wait_for(|held| held.as_ref().is_some_and(|now| now.services.is_empty()));
    ended.await.unwrap();

    assert!(!visit.get("/").await.contains("Held"));
    running.stop().await;
}

#[tokio::test]
async fn a_directory_that_cannot_be_reached_is_said_so_and_not_asked() {
    let house = super::visit::House::with_beds().await;
    let mut visit = house.visit(None).await;

    let page = visit.get("/shown").await;

    assert!(page.contains("cannot be asked now"), "{page}");
    assert!(!page.contains("/shown/ask"));
}
