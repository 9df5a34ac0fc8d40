//! Names that pose as other names: refused, or held until a person has looked.

use directory_server::operations::EnrolError;
use referral_core::catalog::Record;

use super::agency;
use crate::support::records::{name, plain_organization, service};
use crate::support::{Agency, House, until};

fn organization(called: &str) -> Record {
    let mut organization = plain_organization("org");
    organization.name = name(called);
    Record::Organization(Box::new(organization))
}

async fn publishes(
    house: &House,
    id: &str,
    called: &str,
    offers: &str,
) -> (Agency, crate::support::Stream) {
    let mut agency = Agency::join(house, id).await;
    let mut stream = agency.stream(house).await;
    stream.accepted(agency.publish(organization(called))).await;
    stream
        .accepted(agency.publish(service("one", offers)))
        .await;
    (agency, stream)
}

#[tokio::test]
async fn an_organization_that_looks_like_another_agencys_is_held_until_a_person_has_looked() {
    let house = House::new().await;
    publishes(&house, "harbor", "Catholic Charities", "Harbor Lessons").await;
    house.until_found("Harbor Lessons").await;

    let (mut notario, mut stream) =
        publishes(&house, "notario", "Cathoiic Charities", "Notario Lessons").await;
    publishes(&house, "third", "Third House", "Third Lessons").await;
    house.until_found("Third Lessons").await;

    assert!(house.names("Notario Lessons").is_empty());
    assert_eq!(house.names("Harbor Lessons"), ["Harbor Lessons"]);
    let notice = stream.notice().await;
    assert_eq!(
        (notice.code.as_str(), notice.local_id.as_str()),
        ("held_name", "one")
    );
    let overview = house.directory.agencies();
    let held: Vec<_> = overview.iter().flat_map(|one| &one.held_names).collect();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].code, "name_like_another");
    stream.beat().await;
    let of_organization = ("one".to_owned(), "name".to_owned());
    assert_eq!(stream.held, [of_organization]);

    let cleared = house.directory.clear_name(
        &house.operator,
        agency("notario"),
        "Cathoiic Charities",
        "Ana",
    );
    cleared.await.unwrap();
    house.until_found("Notario Lessons").await;
    stream.beat().await;
    assert_eq!(stream.held, []);
    stream
        .accepted(notario.publish(organization("Cathoiic Charities")))
        .await;
    assert_eq!(house.names("Notario Lessons"), ["Notario Lessons"]);
}

#[tokio::test]
async fn a_name_that_is_changed_is_looked_at_anew() {
    let house = House::new().await;
    let (mut harbor, mut stream) = publishes(&house, "harbor", "Hаrbor House", "Lessons").await;
    assert_eq!(house.directory.agencies()[0].held_names.len(), 1);
    assert!(house.names("Lessons").is_empty());

    stream
        .accepted(harbor.publish(organization("Harbor House")))
        .await;

    house.until_found("Lessons").await;
    stream
        .accepted(harbor.publish(organization("Hаrbor House")))
        .await;
    until("it is held", async || house.names("Lessons").is_empty()).await;
}

#[tokio::test]
async fn the_same_organization_of_two_agencies_is_no_look_alike() {
    let house = House::new().await;
    publishes(&house, "harbor", "Asociación Maya", "Harbor Lessons").await;

    publishes(&house, "beacon", "ASOCIACION MAYA", "Beacon Lessons").await;

    house.until_found("Beacon Lessons").await;
    house.until_found("Harbor Lessons").await;
}

#[tokio::test]
async fn an_agency_whose_name_can_be_taken_for_anothers_needs_a_person_who_looked() {
    let house = House::new().await;
    house
        .directory
        .enrol(&house.operator, "harbor", "Harbor House")
        .await
        .unwrap();

    for name in [
        "Harbor House",
        "Harb0r House",
        "HARBOR HOUSE",
        "Ηarbor House",
    ] {
        let refused = house
            .directory
            .enrol(&house.operator, "other", name)
            .await
            .unwrap_err();

        let expected = matches!(
            refused,
            EnrolError::NameLikeAnother(_) | EnrolError::SuspiciousName
        );
        assert!(expected, "{name}: {refused}");
    }
    let reviewed =
        house
            .directory
            .enrol_reviewed(&house.operator, "other", "Harbor House", "Ana Ruiz");
    assert!(reviewed.await.is_ok());
}
