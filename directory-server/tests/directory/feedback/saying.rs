//! Saying how a referral went: on the page, over gRPC, by those who may.

use directory_server::ledger::Standing;
use directory_server::operations::FeedbackRefused;
use referral_core::feedback::Outcome;
use referral_core::id::AgencyId;
use referral_core::policy::{Role, Scope, Viewer};
use referral_proto::convert::time::to_wire;
use referral_proto::v1;
use referral_proto::v1::feedback_service_client::FeedbackServiceClient;
use referral_runtime::clock::Clock;
use std::time::Duration;
use tonic::{Code, Request, Status};

use super::{caseworker, filled, key, say_as};
use crate::people::{person, person_of, token};
use crate::support::http::{Answer, get, post, request};
use crate::support::records::{open, service};
use crate::support::{House, until};

const PAGE: &str = "/service/harbor/clinic";

async fn tap(house: &House, cookies: &str, outcome: &str) -> Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", cookies),
    ];
    let path = format!("{PAGE}/outcome");
    let body = format!("outcome={outcome}");
    request(house.public, "POST", &path, &headers, body.as_bytes()).await
}

async fn look(house: &House, path: &str, cookies: &str) -> String {
    let answer = request(house.public, "GET", path, &[("cookie", cookies)], b"").await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text().to_owned()
}

async fn record(house: &House, token: Option<&str>, outcome: v1::Outcome) -> Result<(), Status> {
    let mut client = FeedbackServiceClient::new(house.visit().await);
    let mut request = Request::new(v1::RecordOutcomeRequest {
        agency_id: "harbor".to_owned(),
        service_id: "clinic".to_owned(),
        outcome: outcome.into(),
    });
    if let Some(token) = token {
        let header = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", header);
    }
    client.record_outcome(request).await.map(drop)
}

#[tokio::test]
async fn one_tap_says_it_another_replaces_it_and_a_third_takes_it_back() {
    let (house, ..) = filled().await;
    let ana = person(&house, "ana", Role::Caseworker).await;
    let cookies = format!("__Host-session={}", ana.session.reveal());
    let page = look(&house, PAGE, &cookies).await;
    assert!(page.contains("Did you refer somebody here?"), "{page}");
    for outcome in ["accepted", "full", "not_eligible", "no_answer"] {
        let button = format!("name=\"outcome\" value=\"{outcome}\"");
        assert!(page.contains(&button), "{outcome}");
    }
    let results = look(&house, "/?text=clinic", &cookies).await;
    assert!(results.contains("/service/harbor/clinic#outcome"));

    let sent = tap(&house, &cookies, "full").await;
    assert_eq!(sent.status, 303);
    assert_eq!(
        sent.header("location"),
        Some("/service/harbor/clinic?outcome=said#outcome")
    );
    let page = look(&house, PAGE, &cookies).await;
    assert!(page.contains("You said today: "), "{page}");
    tap(&house, &cookies, "accepted").await;
    let viewer = house.directory.people().of_session(&ana.session.reveal());
    let (viewer, _) = viewer.unwrap();
    let said = |house: &House| {
        let asked = house
            .directory
            .outcome_asked(&viewer, &key("harbor", "clinic"), true);
        asked.unwrap().said
    };
    assert_eq!(said(&house), Some(Outcome::Accepted));

    let back = tap(&house, &cookies, "none").await;

    assert_eq!(said(&house), None);
    let page = look(&house, back.header("location").unwrap(), &cookies).await;
    assert!(page.contains("is taken back"), "{page}");
}

#[tokio::test]
async fn nobody_is_asked_who_may_not_say_it() {
    let (house, ..) = filled().await;
    let mut cookies = vec![String::new()];
    for (name, role, agency) in [
        ("staff", Role::AgencyStaff, Some("hope")),
        ("own", Role::Caseworker, Some("harbor")),
        ("force", Role::TaskForce, None),
        ("operator", Role::Operator, None),
    ] {
        let somebody = person_of(&house, name, role, agency).await;
        cookies.push(format!("__Host-session={}", somebody.session.reveal()));
    }

    for cookies in cookies {
        let page = look(&house, PAGE, &cookies).await;
        assert!(!page.contains("Did you refer"), "{cookies}");
        let refused = tap(&house, &cookies, "full").await;
        assert_eq!(refused.status, 403, "{cookies}");
    }
    let folder = house.folder("feedback").join("outcomes");
    let kept = std::fs::read_to_string(folder).unwrap_or_default();
    assert!(!kept.contains("said"), "{kept}");
}

#[tokio::test]
async fn a_form_of_another_site_and_an_outcome_that_is_none_are_refused() {
    let (house, ..) = filled().await;
    let ana = person(&house, "ana", Role::Caseworker).await;
    let cookies = format!("__Host-session={}", ana.session.reveal());
    let path = format!("{PAGE}/outcome");
    let foreign = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", cookies.as_str()),
        ("origin", "https://evil.example"),
    ];

    let foreign = request(house.public, "POST", &path, &foreign, b"outcome=full").await;
    let wrong = tap(&house, &cookies, "my+client+was+refused").await;

    assert_eq!((foreign.status, wrong.status), (403, 400));
    assert!(wrong.text().contains("Choose how it went."));
    let nothing = post(house.public, "/service/harbor/none/outcome", "outcome=full").await;
    assert_eq!(nothing.status, 404);
}

#[tokio::test]
async fn a_program_says_it_with_the_scope_for_it_and_no_other() {
    let (house, ..) = filled().await;
    let ana = person(&house, "ana", Role::Caseworker).await;
    let staff = person(&house, "sam", Role::AgencyStaff).await;
    let (_, good) = token(&house, &ana.id, &[Scope::Feedback]).await;
    let (_, search) = token(&house, &ana.id, &[Scope::Search]).await;
    let (_, of_staff) = token(&house, &staff.id, &[Scope::Feedback]).await;

    for refused in [None, Some(search.as_str()), Some(&of_staff)] {
        let refused = record(&house, refused, v1::Outcome::Full)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
    let wrong = record(&house, Some(&good), v1::Outcome::Unspecified).await;
    assert_eq!(wrong.unwrap_err().code(), Code::InvalidArgument);
    record(&house, Some(&good), v1::Outcome::Full)
        .await
        .unwrap();

    let mut client = FeedbackServiceClient::new(house.visit().await);
    let mut back = Request::new(v1::TakeBackOutcomeRequest {
        agency_id: "harbor".to_owned(),
        service_id: "clinic".to_owned(),
    });
    let header = format!("Bearer {good}").parse().unwrap();
    back.metadata_mut().insert("authorization", header);
    client.take_back_outcome(back).await.unwrap();

    // Taking back counts as a tap too: two of sixty are spent.
    for _ in 0..58 {
        record(&house, Some(&good), v1::Outcome::Full)
            .await
            .unwrap();
    }
    let flood = record(&house, Some(&good), v1::Outcome::Full).await;
    assert_eq!(flood.unwrap_err().code(), Code::ResourceExhausted);
}

#[tokio::test]
async fn what_is_not_shown_open_is_not_asked_about() {
    let (house, mut agency, mut stream) = filled().await;
    stream
        .accepted(agency.publish(service("silent", "Silent")))
        .await;
    house.until_found("Silent").await;
    let say = async |service: &str| {
        let key = key("harbor", service);
        say_as(&house, &caseworker(1), &key, Outcome::Full).await
    };

    assert!(matches!(say("silent").await, Err(FeedbackRefused::NotOpen)));
    assert!(matches!(
        say("nothing").await,
        Err(FeedbackRefused::Nothing)
    ));
    assert!(say("clinic").await.is_ok());
    house
        .clock
        .advance(std::time::Duration::from_hours(24 * 40));
    assert!(matches!(say("clinic").await, Err(FeedbackRefused::NotOpen)));
}

#[tokio::test]
async fn an_answer_that_comes_after_the_service_is_full_is_taken_for_seven_days() {
    let (house, mut agency, mut stream) = filled().await;
    house.clock.advance(Duration::from_hours(1));
    let ana = person(&house, "ana", Role::Caseworker).await;
    let cookies = format!("__Host-session={}", ana.session.reveal());
    let full = v1::CapacityReport {
        observed_at: Some(to_wire(house.clock.now())),
        state: v1::CapacityState::Paused.into(),
        counts: Vec::new(),
        ..open("clinic", 4)
    };
    stream.reports(vec![agency.report(full)]).await;
    until("it is full", async || {
        look(&house, PAGE, &cookies)
            .await
            .contains("not shown open now")
    })
    .await;

    assert_eq!(tap(&house, &cookies, "accepted").await.status, 303);
    assert!(
        look(&house, PAGE, &cookies)
            .await
            .contains("You said today: ")
    );

    house.clock.advance(Duration::from_hours(8 * 24));
    let (later, clinic) = (caseworker(9), key("harbor", "clinic"));
    let late = say_as(&house, &later, &clinic, Outcome::Full);
    assert!(matches!(late.await, Err(FeedbackRefused::NotOpen)));
    let bea = person(&house, "bea", Role::Caseworker).await;
    let cookies = format!("__Host-session={}", bea.session.reveal());
    let page = look(&house, PAGE, &cookies).await;
    assert!(!page.contains("Did you refer somebody here?"), "{page}");
}

#[tokio::test]
async fn a_result_of_ones_own_agency_asks_nothing() {
    let (house, ..) = filled().await;
    let own = person_of(&house, "own", Role::Caseworker, Some("harbor")).await;
    let ana = person(&house, "ana", Role::Caseworker).await;

    for (who, asked) in [(own, false), (ana, true)] {
        let cookies = format!("__Host-session={}", who.session.reveal());
        for path in ["/?text=clinic", "/travel?near=78017"] {
            let page = look(&house, path, &cookies).await;
            assert!(page.contains("/service/harbor/clinic"), "{path}");
            assert_eq!(
                page.contains("/service/harbor/clinic#outcome"),
                asked,
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn of_a_banned_agency_nothing_is_said() {
    let (house, ..) = filled().await;
    let harbor = AgencyId::parse("harbor").unwrap();
    let banned = house.directory.set_standing(
        &house.operator,
        harbor,
        Standing::Banned,
        "Ana Ruiz",
        "complaint 12",
    );
    banned.await.unwrap();
    let clinic = key("harbor", "clinic");

    until("it has no page", async || {
        get(house.public, PAGE).await.status == 404
    })
    .await;

    let said = say_as(&house, &caseworker(1), &clinic, Outcome::Full).await;

    assert!(matches!(said, Err(FeedbackRefused::Nothing)));
}

#[tokio::test]
async fn what_was_said_is_there_after_a_restart_without_anybody_in_it() {
    let (house, ..) = filled().await;
    let clinic = key("harbor", "clinic");
    let ana = caseworker(0xfeed);
    say_as(&house, &ana, &clinic, Outcome::NoAnswer)
        .await
        .unwrap();

    let house = house.again().await;

    let asked = house.directory.outcome_asked(&ana, &clinic, true).unwrap();
    assert_eq!(asked.said, Some(Outcome::NoAnswer));
    let other = house.directory.outcome_asked(&caseworker(2), &clinic, true);
    assert_eq!(other.unwrap().said, None);
    let kept = std::fs::read_to_string(house.folder("feedback").join("outcomes")).unwrap();
    assert!(kept.contains("harbor\tclinic"), "{kept}");
    for private in ["feed\t", "p-", "office", "caseworker"] {
        assert!(!kept.contains(private), "{private}: {kept}");
    }
    assert_eq!(
        house
            .directory
            .outcome_asked(&Viewer::anybody(), &clinic, true),
        None
    );
}
