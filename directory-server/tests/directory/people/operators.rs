//! The pages of operators: who sees them, and that two people decide what two people have to.

use std::time::Duration;

use referral_core::catalog::Category;
use referral_core::policy::Role;
use referral_runtime::tls::JoinToken;

use super::pages::{hidden, look, send};
use super::{Person, person};
use crate::support::House;
use crate::support::http::{Answer, get};
use crate::support::records::{organization, service};
use crate::support::{Agency, until};

fn cookies(of: &Person) -> String {
    format!("__Host-session={}", of.session.reveal())
}

async fn see(house: &House, of: &Person, path: &str) -> Answer {
    look(house, path, &cookies(of)).await
}

/// Sends a form of an agency's page, with the token the page gave.
async fn decide(house: &House, of: &Person, fields: &[(&str, &str)]) -> Answer {
    let page = see(house, of, "/operator/agency/harbor").await;
    let token = hidden(&page, "token");
    let mut all = vec![("token", token.as_str())];
    all.extend(fields);
    send(house, "/operator/agency/harbor", &cookies(of), &all).await
}

const GRANT: [(&str, &str); 4] = [
    ("act", "grant"),
    ("category", "legal"),
    ("evidence", "bar 4411"),
    ("expires", "2027-03-31"),
];

#[tokio::test]
async fn nobody_but_an_operator_who_signed_in_lately_sees_them() {
    let house = House::new().await;
    house.invite("harbor").await;
    let pages = ["/operator", "/operator/agency/harbor"];
    for path in pages {
        let answer = get(house.public, path).await;
        assert_eq!(answer.status, 403);
        assert!(!answer.text().contains("harbor"), "{path}");
    }
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Public) {
        let somebody = person(&house, &format!("{role}@example.org"), role).await;
        for path in pages {
            let answer = see(&house, &somebody, path).await;
            let expected = if role == Role::Operator { 200 } else { 403 };
            assert_eq!(answer.status, expected, "{role} {path}");
        }
    }
    let ana = person(&house, "ana@example.org", Role::Operator).await;
    house.clock.advance(Duration::from_mins(11));
    let late = see(&house, &ana, "/operator").await;
    assert_eq!(late.status, 403);
    assert!(late.text().contains("sign in again"));
}

#[tokio::test]
async fn two_operators_grant_a_category_and_one_alone_does_not() {
    let house = House::new().await;
    house.invite_only("harbor").await;
    let ana = person(&house, "ana@example.org", Role::Operator).await;
    let ben = person(&house, "ben@example.org", Role::Operator).await;

    let proposed = decide(&house, &ana, &GRANT).await;
    let alone = decide(&house, &ana, &GRANT).await;
    let waiting = see(&house, &ben, "/operator").await;
    let granted = decide(&house, &ben, &GRANT).await;

    let place = "/operator/agency/harbor?done=";
    assert_eq!(
        proposed.header("location").unwrap(),
        format!("{place}proposed")
    );
    assert_eq!(alone.status, 400);
    assert!(alone.text().contains("Nothing was done."));
    let waiting = waiting.text();
    assert!(waiting.contains("bar 4411") && waiting.contains("ana@example.org"));
    assert_eq!(
        granted.header("location").unwrap(),
        format!("{place}granted")
    );
    let agencies = house.directory.agencies();
    let grant = &agencies[0].grants.granted[&Category::Legal];
    assert_eq!(grant.proposal.by.to_string(), "ana@example.org");
    assert_eq!(grant.approved_by.to_string(), "ben@example.org");
    let page = see(&house, &ben, "/operator/agency/harbor?done=granted").await;
    assert!(page.text().contains("Granted."));
}

#[tokio::test]
async fn a_banned_agency_is_found_by_nobody_until_it_is_let_back() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    let mut stream = harbor.stream(&house).await;
    stream.accepted(harbor.publish(organization("org"))).await;
    stream
        .accepted(harbor.publish(service("legal", "Legal Clinic")))
        .await;
    house.until_found("Legal Clinic").await;
    let ana = person(&house, "ana@example.org", Role::Operator).await;

    let ban = [
        ("act", "standing"),
        ("standing", "banned"),
        ("reason", "complaint 12"),
    ];
    assert_eq!(decide(&house, &ana, &ban).await.status, 303);
    until("it is found by nobody", async || house.total().await == 0).await;
    let page = see(&house, &ana, "/operator").await;
    assert!(page.text().contains("Banned"));

    assert_eq!(
        decide(&house, &ana, &[("act", "readmit")]).await.status,
        303
    );
    house.until_found("Legal Clinic").await;
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    let house = House::new().await;
    house.invite("harbor").await;
    let ana = person(&house, "ana@example.org", Role::Operator).await;

    let mut wrong = GRANT;
    wrong[3] = ("expires", "next summer");
    let answer = decide(&house, &ana, &wrong).await;
    assert_eq!(answer.status, 400);
    let page = answer.text();
    assert!(page.contains("id=\"grant-expires-fault\">Write the day as 2027-06-30."));
    let ban = [("act", "standing"), ("standing", "banned"), ("reason", "")];
    let refused = decide(&house, &ana, &ban).await;
    let refused = refused.text();
    assert!(
        refused.contains("<option value=\"banned\" selected>"),
        "the choice stays"
    );
    assert!(page.contains("value=\"bar 4411\"") && page.contains("value=\"next summer\""));

    let page = see(&house, &ana, "/operator").await;
    let token = hidden(&page, "token");
    let fields = [
        ("token", token.as_str()),
        ("agency", "Not An Id!"),
        ("name", "Beacon"),
        ("reviewed", "yes"),
    ];
    let refused = send(&house, "/operator/enrol", &cookies(&ana), &fields).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("id=\"agency-fault\""));
    assert!(refused.text().contains("value=\"Beacon\""));
    let text = refused.text();
    assert!(text.contains("value=\"yes\" checked"));
    let (summary, form) = text.split_once("id=\"enrol\"").unwrap();
    assert!(
        summary.contains("id=\"told\"") && summary.contains("href=\"#agency\""),
        "what is wrong is said on top, too"
    );
    assert!(form.contains("id=\"agencies\""), "the list comes last");
}

#[tokio::test]
async fn what_an_operator_typed_when_their_session_ended_comes_back_and_is_not_done() {
    let house = House::new().await;
    house.invite("harbor").await;
    let ana = person(&house, "ana@example.org", Role::Operator).await;
    let before = house.directory.agencies().remove(0).grants;
    house.clock.advance(Duration::from_mins(15));

    let mut ended = GRANT.to_vec();
    ended.push(("token", "of the session that ended"));
    let address = "/operator/agency/harbor";
    let asked = send(&house, address, &cookies(&ana), &ended).await;

    assert_eq!(asked.status, 403);
    let page = asked.text();
    assert!(page.contains("What you typed is kept"), "{page}");
    assert!(page.contains(&format!("action=\"{address}\"")), "{page}");
    for (name, value) in GRANT {
        let kept = format!("name=\"{name}\" value=\"{value}\"");
        assert!(page.contains(&kept), "{page}");
    }
    assert!(!page.contains("of the session"), "the token is not kept");

    let again = person(&house, "ben@example.org", Role::Operator).await;
    let back = send(&house, address, &cookies(&again), &GRANT).await;
    assert_eq!(back.status, 400, "a person has to send it");
    assert!(back.text().contains("value=\"bar 4411\""));
    let after = house.directory.agencies().remove(0).grants;
    assert_eq!(after, before, "nothing was done");

    assert_eq!(decide(&house, &again, &GRANT).await.status, 303);
}

#[tokio::test]
async fn a_network_of_agencies_is_a_page_that_an_old_phone_loads() {
    let house = House::new().await;
    for number in 0..250 {
        house.invite(&format!("agency-{number:03}")).await;
    }
    let ana = person(&house, "ana@example.org", Role::Operator).await;

    let page = see(&house, &ana, "/operator").await;
    let page = page.text();

    assert!(page.len() < 100 << 10, "{} bytes", page.len());
    assert!(page.contains("50 of 250") && page.contains("agency-049"));
    assert!(!page.contains("agency-050"));
    let last = see(&house, &ana, "/operator?page=5").await;
    let last = last.text();
    assert!(last.contains("agency-249") && !last.contains("rel=\"next\""));
    let found = see(&house, &ana, "/operator?find=agency-12").await;
    let found = found.text();
    assert!(found.contains("10 of 10") && found.contains("agency-127"));
}

#[tokio::test]
async fn which_rows_were_refused_and_when_a_backup_was_taken_is_said() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    let mut stream = harbor.stream(&house).await;
    let orphan = harbor.publish(service("legal", "Legal Clinic"));
    stream.operations(vec![orphan]).await;
    let ana = person(&house, "ana@example.org", Role::Operator).await;

    let page = see(&house, &ana, "/operator/agency/harbor").await;
    let page = page.text();
    assert!(
        page.contains("<bdi>legal</bdi>: <code dir=\"ltr\">reference_unknown</code>"),
        "{page}"
    );
    let before = see(&house, &ana, "/operator").await;
    let before = before.text();
    assert!(before.contains("No backup was ever taken"), "{before}");
}

#[tokio::test]
async fn a_form_without_the_token_of_its_page_does_nothing() {
    let house = House::new().await;
    house.invite("harbor").await;
    let ana = person(&house, "ana@example.org", Role::Operator).await;
    let ben = person(&house, "ben@example.org", Role::Operator).await;
    let bens = hidden(&see(&house, &ben, "/operator").await, "token");

    for token in ["", "x", bens.as_str()] {
        let ban = [
            ("token", token),
            ("act", "standing"),
            ("standing", "banned"),
            ("reason", "test"),
        ];
        let answer = send(&house, "/operator/agency/harbor", &cookies(&ana), &ban).await;
        assert_eq!(answer.status, 400);
        let enrol = [("token", token), ("agency", "beacon"), ("name", "Beacon")];
        let answer = send(&house, "/operator/enrol", &cookies(&ana), &enrol).await;
        assert_eq!(answer.status, 400);
    }
    let agencies = house.directory.agencies();
    assert_eq!(agencies.len(), 1);
    assert_eq!(agencies[0].standing.as_str(), "active");
}

#[tokio::test]
async fn a_join_token_is_shown_once_and_lets_a_node_in() {
    let house = House::new().await;
    let ana = person(&house, "ana@example.org", Role::Operator).await;
    let page = see(&house, &ana, "/operator").await;
    let token = hidden(&page, "token");
    let fields = [
        ("token", token.as_str()),
        ("agency", "beacon"),
        ("name", "Beacon"),
    ];

    let answer = send(&house, "/operator/enrol", &cookies(&ana), &fields).await;

    assert_eq!(answer.status, 200);
    let text = answer.text();
    let shown = text.split("<code>").nth(1).unwrap();
    let shown = shown.split("</code>").next().unwrap();
    let token = JoinToken::parse(shown).unwrap();
    Agency::join_with(&house, "beacon", &token).await;
    let again = see(&house, &ana, "/operator").await;
    assert!(!again.text().contains(shown));
    assert!(again.text().contains("Beacon"));
}
