//! An account that is limited to one organization sees and changes nothing else.

use agency_node::operations::{Import, ImportedReport};
use agency_node::people::Person;
use axum::http::StatusCode;
use referral_core::id::LocalId;
use referral_runtime::accounts::SignInName;

use super::visit::House;
use crate::sample::{beds, import, location, organization, service};

fn limited() -> Person {
    Person {
        name: SignInName::parse("limited").unwrap(),
        organization: Some(LocalId::parse("other").unwrap()),
    }
}

#[tokio::test]
async fn it_sees_its_own_services_alone() {
    let house = House::with_beds().await;
    let mut visit = house.visit(Some("other")).await;

    let page = visit.get("/").await;

    assert!(page.contains("Foreign pantry") && !page.contains("Family shelter"));
    assert!(!visit.get("/?q=family").await.contains("Family shelter"));
}

#[tokio::test]
async fn it_changes_nothing_of_others_whatever_it_sends() {
    let house = House::with_beds().await;
    let mut visit = house.visit(Some("other")).await;
    visit.get("/").await;
    let mut form = visit.form("/change", "value=\"foreign\"");
    form.insert("service".to_owned(), "beds".to_owned());
    for tap in ["open", "full", "same"] {
        form.insert("tap".to_owned(), tap.to_owned());
        visit.post("/change", &form).await;
        assert_eq!(visit.status, StatusCode::CONFLICT, "{tap}");
        assert!(visit.text.contains("is not in your list"), "{tap}");
    }
    let before = house.node.progress().borrow().reported;
    let all = visit.form("/change", "");
    let mut all: std::collections::BTreeMap<_, _> = all;
    all.insert("seen".to_owned(), "1".to_owned());
    visit.post("/same", &all).await;

    assert_eq!(house.node.progress().borrow().reported, before);
}

#[tokio::test]
async fn an_import_takes_what_is_its_own_and_names_what_is_not() {
    let house = House::with_beds().await;
    let who = limited();
    let records = vec![
        organization("other", "Other, renamed"),
        organization("org", "Taken over"),
        service("new", "New of its own", "other", &[]),
        service("beds", "Moved to its own", "other", &[]),
        service("foreign", "Given away", "org", &[]),
        location("theirs", "org"),
        service("there", "At the place of another", "other", &["theirs"]),
    ];
    let report = |service| ImportedReport {
        draft: beds(service, 1),
        dated: false,
    };
    let file = Import {
        reports: vec![report("new"), report("beds")],
        ..import(records)
    };

    let taken = house.node.desk(&who).import(&file).unwrap();

    let outside: Vec<String> = taken
        .outside
        .iter()
        .map(|name| name.id.to_string())
        .collect();
    assert_eq!(outside, ["org", "beds", "foreign", "theirs", "there"]);
    let titles: Vec<&str> = taken
        .plan
        .records
        .iter()
        .map(|one| one.title.as_str())
        .collect();
    assert_eq!(titles, ["Other, renamed", "New of its own"]);
    let reported = house.node.status().capacity;
    let of_beds = reported
        .iter()
        .find(|draft| draft.service.as_str() == "beds");
    assert_eq!(of_beds.unwrap().counts[0].available, Some(4));
    assert_eq!(reported.len(), 2);
}

#[tokio::test]
async fn an_account_is_limited_to_an_organization_that_is_here() {
    let house = House::with_beds().await;
    let unknown = Person {
        organization: Some(LocalId::parse("nowhere").unwrap()),
        ..limited()
    };

    let refused = house.node.invite(&unknown).unwrap_err();

    assert_eq!(refused.code(), "organization_unknown");
}
