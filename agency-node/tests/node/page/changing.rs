//! One-tap changes, the same as before, and undo.

use std::fs;

use agency_node::operations::desk::Sent;
use agency_node::people::Person;
use axum::http::StatusCode;
use jiff::SignedDuration;
use referral_core::capacity::{Draft, Stated};
use referral_runtime::accounts::SignInName;

use super::visit::House;
use crate::sample::beds;

/// What is said of a service.
fn said(house: &House, service: &str) -> Option<Draft> {
    let who = Person {
        name: SignInName::parse("looks").unwrap(),
        organization: None,
    };
    let rows = house.node.desk(&who).board().rows;
    let row = rows
        .into_iter()
        .find(|row| row.about.service.as_str() == service);
    let row = row.unwrap();
    assert!(
        !matches!(row.sent, Sent::Acknowledged),
        "there is no directory"
    );
    row.said
}

fn free(house: &House, service: &str) -> Option<u32> {
    said(house, service)?.counts.first()?.available
}

#[tokio::test]
async fn one_tap_is_on_the_disk_before_the_page_says_so_and_without_a_directory() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/").await;

    visit.tap("beds", "more").await;

    assert_eq!(free(&house, "beds"), Some(5));
    let page = visit.follow().await;
    for words in [
        "Saved: Family shelter.",
        "5 of 99 beds free",
        "Saved here; waits for the directory",
        "The directory cannot be reached.",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[tokio::test]
async fn each_tap_says_what_it_names() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    for (tap, state, places) in [
        ("full", Stated::Paused, Some(0)),
        ("more", Stated::Open, Some(1)),
        ("less", Stated::Paused, Some(0)),
        ("waitlist", Stated::Waitlist, Some(0)),
        ("open", Stated::Open, None),
    ] {
        visit.get("/").await;
        visit.tap("beds", tap).await;
        let draft = said(&house, "beds").unwrap();
        assert_eq!(
            (draft.state, draft.counts[0].available),
            (state, places),
            "{tap}"
        );
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_counts_once() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/").await;
    let mut form = visit.form("/change", "value=\"beds\"");
    form.insert("tap".to_owned(), "more".to_owned());

    visit.post("/change", &form).await;
    visit.post("/change", &form).await;

    assert_eq!(visit.status, StatusCode::SEE_OTHER);
    assert_eq!(free(&house, "beds"), Some(5));
}

#[tokio::test]
async fn a_page_that_is_out_of_date_changes_nothing_and_says_so() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/").await;
    house.node.set_capacity(vec![beds("beds", 9)]).unwrap();

    visit.tap("beds", "full").await;

    assert_eq!(visit.status, StatusCode::CONFLICT);
    assert!(
        visit
            .text
            .contains("This was changed since the page was made.")
    );
    assert_eq!(free(&house, "beds"), Some(9));
}

#[tokio::test]
async fn a_number_that_is_none_stays_in_its_field_with_the_reason() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/").await;
    let mut form = visit.form("/change", "name=\"places\"");
    form.insert("tap".to_owned(), "places".to_owned());
    form.insert("places".to_owned(), "four".to_owned());

    visit.post("/change", &form).await;

    assert_eq!(visit.status, StatusCode::CONFLICT);
    assert!(visit.text.contains("name=\"places\" value=\"four\""));
    assert!(visit.text.contains("in digits"));
    form.insert("places".to_owned(), "100".to_owned());
    visit.post("/change", &form).await;
    assert!(
        visit.text.contains("100 places cannot be free of 99"),
        "{}",
        visit.text
    );
    form.insert("places".to_owned(), "7".to_owned());
    visit.post("/change", &form).await;
    assert_eq!(free(&house, "beds"), Some(7));
}

#[tokio::test]
async fn undo_says_again_what_was_said_and_when_it_was_known() {
    let house = House::of(&[("beds", "Family shelter")]).await;
    let now = house.node.clock().now();
    let known = Draft {
        observed_at: now - SignedDuration::from_hours(5),
        ..beds("beds", 4)
    };
    house.node.set_capacity(vec![known.clone()]).unwrap();
    let mut visit = house.visit(None).await;
    visit.get("/").await;
    visit.tap("beds", "full").await;
    visit.follow().await;
    let undo = visit.form("/undo", "");

    visit.post("/undo", &undo).await;

    let again = said(&house, "beds").unwrap();
    assert_eq!((again.state, again.counts), (known.state, known.counts));
    assert_eq!(again.observed_at.as_second(), known.observed_at.as_second());
    assert!(visit.follow().await.contains("Taken back: Family shelter."));
    visit.post("/undo", &undo).await;
    assert_eq!(free(&house, "beds"), Some(4), "once");
}

#[tokio::test]
async fn undo_of_the_first_word_says_that_nothing_is_known() {
    let house = House::of(&[("clinic", "Clinic")]).await;
    let mut visit = house.visit(None).await;
    visit.get("/").await;
    visit.tap("clinic", "open").await;
    visit.follow().await;
    let undo = visit.form("/undo", "");

    visit.post("/undo", &undo).await;

    assert_eq!(said(&house, "clinic").unwrap().state, Stated::Unknown);
    assert!(visit.follow().await.contains("Nothing said yet"));
}

#[tokio::test]
async fn undo_is_there_after_a_restart() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/").await;
    visit.tap("beds", "full").await;
    drop(visit);
    let house = house.restarted();
    let who = Person {
        name: SignInName::parse("everything").unwrap(),
        organization: None,
    };

    house.node.desk(&who).undo().unwrap();

    assert_eq!(free(&house, "beds"), Some(4));
}

#[tokio::test]
async fn an_undo_that_cannot_be_read_costs_nothing_else() {
    let house = House::with_beds().await;
    let file = house.data().join("last-changes.json");
    fs::write(file, "nonsense").unwrap();

    let house = house.restarted();

    let mut visit = house.visit(None).await;
    visit.get("/").await;
    visit.tap("beds", "full").await;
    assert_eq!(free(&house, "beds"), Some(0));
}

#[tokio::test]
async fn what_is_paused_says_when_it_takes_people_again() {
    let house = House::of(&[("beds", "Family shelter")]).await;
    let paused = Draft {
        state: Stated::Paused,
        reopens_at: Some("2099-05-01".parse().unwrap()),
        ..beds("beds", 0)
    };
    house.node.set_capacity(vec![paused]).unwrap();
    let mut visit = house.visit(None).await;

    let page = visit.get("/").await;

    let day = "<time datetime=\"2099-05-01\">reopens on 1 May 2099</time>";
    assert!(page.contains(day), "{page}");
}

#[tokio::test]
async fn undo_leaves_what_a_colleague_changed_since() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/").await;
    visit.tap("beds", "full").await;
    visit.follow().await;
    let undo = visit.form("/undo", "");
    house.node.set_capacity(vec![beds("beds", 9)]).unwrap();

    visit.post("/undo", &undo).await;

    assert_eq!(visit.status, StatusCode::CONFLICT);
    assert_eq!(free(&house, "beds"), Some(9));
}

#[tokio::test]
async fn one_tap_confirms_everything_and_one_undo_takes_it_back() {
    let house = House::of(&[
        ("beds", "Shelter"),
        ("seats", "Clinic"),
        ("never", "Pantry"),
    ])
    .await;
    let old = house.node.clock().now() - SignedDuration::from_hours(20);
    let old = |service| Draft {
        observed_at: old,
        ..beds(service, 4)
    };
    house
        .node
        .set_capacity(vec![old("beds"), old("seats")])
        .unwrap();
    let mut visit = house.visit(None).await;
    visit.get("/").await;
    assert!(visit.text.contains("Same as before: confirm all 2"));
    let form = visit.form("/same", "");

    visit.post("/same", &form).await;

    let fresh = |service| {
        let draft = said(&house, service).unwrap();
        assert_eq!(draft.counts[0].available, Some(4));
        house.node.clock().now().duration_since(draft.observed_at) < SignedDuration::from_mins(5)
    };
    assert!(fresh("beds") && fresh("seats"));
    assert_eq!(said(&house, "never"), None);
    visit.follow().await;
    let undo = visit.form("/undo", "");
    visit.post("/undo", &undo).await;
    assert!(!fresh("beds") && !fresh("seats"));
}

#[tokio::test]
async fn what_goes_stale_first_is_on_top() {
    let house = House::of(&[("a", "Later"), ("b", "Sooner"), ("c", "Never said")]).await;
    let now = house.node.clock().now();
    let at = |service, hours| Draft {
        observed_at: now - SignedDuration::from_hours(hours),
        ..beds(service, 1)
    };
    house
        .node
        .set_capacity(vec![at("a", 1), at("b", 9)])
        .unwrap();
    let mut visit = house.visit(Some("org")).await;

    let page = visit.get("/").await;

    let place = |name: &str| page.find(&format!("<bdi>{name}</bdi>")).unwrap();
    assert!(place("Sooner") < place("Later") && place("Later") < place("Never said"));
}

#[tokio::test]
async fn few_places_are_an_open_tap_and_who_waits_is_counted() {
    let house = House::of(&[("beds", "Family shelter")]).await;
    let mut said = beds("beds", 2);
    said.state = Stated::Limited;
    said.waitlist_count = Some(9);
    house.node.set_capacity(vec![said]).unwrap();
    let mut visit = house.visit(None).await;

    let page = visit.get("/").await;

    assert!(page.contains("9 waiting"), "{page}");
    let (_, open) = page.split_once("value=\"open\"").unwrap();
    let (open, _) = open.split_once('>').unwrap();
    assert!(open.contains("aria-current=\"true\""), "{page}");
}
