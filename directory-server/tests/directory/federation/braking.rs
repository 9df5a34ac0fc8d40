//! Mass deletion waits for a second person; withdrawal never does.

use referral_core::id::Kind;
use referral_proto::v1;

use crate::support::records::{organization, service};
use crate::support::{Agency, House, Stream};

/// An agency that has published an organization and this many services.
async fn published(house: &House, services: usize) -> (Agency, Stream) {
    let mut agency = Agency::join(house, "harbor").await;
    let mut stream = agency.stream(house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    let all = (0..services).map(|number| agency.publish(service(&format!("s{number}"), "Clinic")));
    let ack = stream.operations(all.collect()).await;
    assert_eq!(ack.rejections, []);
    (agency, stream)
}

/// Deletes services `from..to`; returns the codes of what was refused.
async fn delete(
    agency: &mut Agency,
    stream: &mut Stream,
    numbers: std::ops::Range<usize>,
) -> Vec<(String, String)> {
    let before = agency.copy();
    let deletions = numbers.map(|number| agency.delete(Kind::Service, &format!("s{number}")));
    let ack: v1::PublishAck = stream.operations(deletions.collect()).await;
    let refused: Vec<_> = ack
        .rejections
        .into_iter()
        .map(|no| (no.local_id, no.code))
        .collect();
    for (id, _) in &refused {
        agency.holds(Kind::Service, id, before.base(Kind::Service, id));
    }
    refused
}

#[tokio::test]
async fn more_than_ten_deletions_and_a_fifth_are_held_and_stay_found() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house, 30).await;

    let refused = delete(&mut agency, &mut stream, 0..12).await;

    let held = |number: usize| (format!("s{number}"), "deletion_held".to_owned());
    assert_eq!(refused, [held(10), held(11)]);
    house.until_found("Clinic").await;
    assert_eq!(house.names("").len(), 20);
}

#[tokio::test]
async fn a_second_person_lets_more_through_and_the_node_is_told() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house, 30).await;
    delete(&mut agency, &mut stream, 0..12).await;

    house
        .directory
        .allow_deletions(&house.operator, agency.id.clone(), 2)
        .await
        .unwrap();

    assert_eq!(stream.notice().await.code, "deletions_allowed");
    assert_eq!(delete(&mut agency, &mut stream, 10..13).await.len(), 1);
    drop(stream);
    let house = house.again().await;
    let mut stream = agency.stream(&house).await;
    assert_eq!(delete(&mut agency, &mut stream, 12..13).await.len(), 1);
}

#[tokio::test]
async fn withdrawals_are_not_held() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house, 30).await;

    for number in 0..30 {
        let withdrawn = agency.withdraw(Kind::Service, &format!("s{number}"));
        stream.accepted(withdrawn).await;
    }

    assert_eq!(house.names(""), Vec::<String>::new());
}
