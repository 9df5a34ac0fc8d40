//! Everything held about somebody is told, and nothing that is not held.

use referral_core::policy::{Role, Scope, Viewer};
use referral_proto::v1;

use super::{person, token};
use crate::support::records::{open, organization, service};
use crate::support::{Agency, House};

fn places(house: &House, about: &str) -> Vec<&'static str> {
    let held = house
        .directory
        .what_we_hold(&Viewer::at_the_machine(), about);
    let mut places: Vec<&str> = held.unwrap().into_iter().map(|held| held.place).collect();
    places.dedup();
    places
}

#[tokio::test]
async fn what_is_held_of_an_agency_a_person_and_a_name_is_told() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut other = Agency::join(&house, "hope").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(service("first", "Casa Zunilda")),
    ];
    stream.operations(batch).await;
    let report = agency.report(open("first", 4));
    stream.reports(vec![report]).await;
    let mut stream = other.stream(&house).await;
    stream
        .operations(vec![other.publish(organization("org"))])
        .await;
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    token(&house, &ana.id, &[Scope::Search]).await;
    house.until_found("Casa Zunilda").await;

    assert_eq!(
        places(&house, "harbor"),
        ["agency", "record", "report", "journal", "audit"]
    );
    assert_eq!(places(&house, "ANA@example.org"), ["account", "token"]);
    assert_eq!(places(&house, "zunilda"), ["record", "journal"]);
    assert_eq!(places(&house, "nobody of this name"), [""; 0]);
    let of_hope = house
        .directory
        .what_we_hold(&Viewer::at_the_machine(), "hope")
        .unwrap();
    assert!(of_hope.iter().all(|held| !held.what.contains("harbor")));
}

/// After any number of searches there is nothing of them.
#[tokio::test]
async fn of_searches_nothing_is_held() {
    let house = House::new().await;
    for words in ["Xiomara Quintanilla", "asylum seeker from Ruritania"] {
        let request = v1::SearchRequest {
            text: words.to_owned(),
            near: "Dilley, TX".to_owned(),
            ..v1::SearchRequest::default()
        };
        house.ask(request).await.unwrap();
    }
    let stopped = house.stop().await;
    for file in crate::support::files(stopped.data.path()) {
        let bytes = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).to_lowercase();
        for word in ["xiomara", "quintanilla", "ruritania"] {
            assert!(!bytes.contains(word), "{word} is in {}", file.display());
        }
    }
    let house = stopped.start().await.unwrap();
    assert_eq!(places(&house, "Xiomara"), [""; 0]);
}

#[tokio::test]
async fn only_operators_are_told_and_not_about_single_letters() {
    let house = House::new().await;
    for role in Role::ALL {
        let viewer = Viewer {
            role,
            fresh: true,
            ..Viewer::default()
        };
        let told = house.directory.what_we_hold(&viewer, "harbor").is_ok();
        assert_eq!(told, role == Role::Operator, "{role}");
    }
    let short = house
        .directory
        .what_we_hold(&Viewer::at_the_machine(), " a ");
    assert!(short.is_err());
}
