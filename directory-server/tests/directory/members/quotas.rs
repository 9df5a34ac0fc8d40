//! How much an agency may publish: one that is at its end is told, and nobody else hears of it.

use prost::Message;
use prost::encoding::WireType;
use referral_core::catalog::Record;
use referral_core::id::Kind;
use referral_proto::v1::Signed;

use super::{agency, with_two_services};
use crate::support::records::{self, organization, plain_organization, service, text};
use crate::support::{Agency, House, Stream};

async fn at_its_quota(house: &House) -> (Agency, Stream) {
    let (mut harbor, mut stream) = with_two_services(house).await;
    for record in [
        organization("org"),
        service("one", "Lessons One"),
        service("two", "Lessons Two"),
    ] {
        stream.accepted(harbor.publish(record)).await;
    }
    (harbor, stream)
}

/// The codes for which the records of one batch are refused.
async fn refused(stream: &mut Stream, operation: Signed) -> Vec<String> {
    let ack = stream.operations(vec![operation]).await;
    ack.rejections.into_iter().map(|one| one.code).collect()
}

#[tokio::test]
async fn a_service_over_the_quota_is_refused_and_others_publish_on() {
    let house = House::new().await;
    let (mut harbor, mut stream) = at_its_quota(&house).await;
    let mut beacon = Agency::join(&house, "beacon").await;
    let mut others = beacon.stream(&house).await;

    let over = harbor.publish(service("three", "Lessons Three"));
    assert_eq!(refused(&mut stream, over).await, ["quota_exceeded"]);

    others.accepted(beacon.publish(organization("org"))).await;
    others
        .accepted(beacon.publish(service("free", "Free Lessons")))
        .await;
    house.until_found("Free Lessons").await;
    let change = harbor.publish(service("two", "Lessons Two Anew"));
    stream.accepted(change).await;
    house.until_found("Lessons Two Anew").await;
    assert_eq!(house.total().await, 3);
}

#[tokio::test]
async fn what_is_withdrawn_makes_room_and_so_does_the_operator() {
    let house = House::new().await;
    let (mut harbor, mut stream) = at_its_quota(&house).await;

    stream.accepted(harbor.withdraw(Kind::Service, "one")).await;
    stream
        .accepted(harbor.publish(service("three", "Lessons Three")))
        .await;
    let over = harbor.publish(service("four", "Lessons Four"));
    assert_eq!(refused(&mut stream, over).await, ["quota_exceeded"]);

    let set = house
        .directory
        .set_quota(&house.operator, agency("harbor"), 3);
    set.await.unwrap();
    stream
        .accepted(harbor.publish(service("five", "Lessons Five")))
        .await;
}

#[tokio::test]
async fn ids_are_bounded_too_so_that_nobody_fills_the_disk_with_what_was_withdrawn() {
    let house = House::new().await;
    let (mut harbor, mut stream) = at_its_quota(&house).await;

    // Three are known; five for each service of the quota may be.
    for number in 3..10 {
        let record = organization(&format!("org{number}"));
        stream.accepted(harbor.publish(record)).await;
    }
    let over = harbor.publish(organization("org10"));

    assert_eq!(refused(&mut stream, over).await, ["quota_exceeded"]);
}

#[tokio::test]
async fn withdrawals_of_what_never_was_are_bounded_too_and_those_of_what_is_there_are_not() {
    let house = House::new().await;
    let (mut harbor, mut stream) = at_its_quota(&house).await;

    // Three ids are known; ten may be.
    for number in 0..4 {
        let nothing = harbor.withdraw(Kind::Service, &format!("never{number}"));
        stream.accepted(nothing).await;
    }
    for number in 4..7 {
        let nothing = harbor.delete(Kind::Location, &format!("never{number}"));
        stream.accepted(nothing).await;
    }
    for kind in [Kind::Service, Kind::Organization] {
        let untouched = harbor.copy();
        let over = harbor.withdraw(kind, "never7");
        assert_eq!(refused(&mut stream, over).await, ["quota_exceeded"]);
        harbor.refused_since(&untouched);
    }

    // Nothing of this keeps anybody from hiding what is there, or from using an id again.
    stream.accepted(harbor.withdraw(Kind::Service, "one")).await;
    let again = harbor.publish(service("never0", "Lessons Again"));
    stream.accepted(again).await;
    house.until_found("Lessons Again").await;
}

/// A withdrawal with 40,000 bytes in it that mean nothing to anybody.
fn bloated(harbor: &mut Agency, id: &str) -> Signed {
    let withdrawal = harbor.draft(Kind::Organization, records::id(id), None);
    let mut bytes = withdrawal.encode_to_vec();
    prost::encoding::encode_key(999, WireType::LengthDelimited, &mut bytes);
    prost::encoding::encode_varint(40_000, &mut bytes);
    bytes.resize(bytes.len() + 40_000, b'x');
    harbor.follow_bytes(bytes)
}

#[tokio::test]
async fn a_long_withdrawal_needs_room_and_a_plain_one_does_not() {
    let house = House::new().await;
    let (mut harbor, mut stream) = at_its_quota(&house).await;
    for number in 0..4 {
        stream.accepted(harbor.publish(long(number, 60_000))).await;
    }

    stream.accepted(harbor.publish(organization("small"))).await;

    for id in ["small", "never"] {
        let over = bloated(&mut harbor, id);
        assert_eq!(refused(&mut stream, over).await, ["byte_quota_exceeded"]);
    }

    stream
        .accepted(harbor.withdraw(Kind::Organization, "small"))
        .await;
}

/// An organization with a description of so many letters.
fn long(number: u32, letters: usize) -> Record {
    let mut organization = plain_organization(&format!("long{number}"));
    organization.description = Some(text(&"x".repeat(letters)));
    Record::Organization(Box::new(organization))
}

#[tokio::test]
async fn bytes_are_bounded_too_so_that_nobody_fills_the_disk_with_long_records() {
    let house = House::new().await;
    let (mut harbor, mut stream) = at_its_quota(&house).await;
    // 256 KiB hold four of 60,000 bytes beside what is there, and no fifth.
    for number in 0..4 {
        stream.accepted(harbor.publish(long(number, 60_000))).await;
    }
    let untouched = harbor.copy();
    let over = harbor.publish(long(4, 60_000));

    assert_eq!(refused(&mut stream, over).await, ["byte_quota_exceeded"]);

    harbor.refused_since(&untouched);
    let shorter = harbor.publish(long(0, 10));
    stream.accepted(shorter).await;
    stream.accepted(harbor.publish(long(4, 50_000))).await;
    let overview = house.directory.agencies();
    let one = overview.iter().find(|one| one.agency.as_str() == "harbor");
    let (used, most) = one.unwrap().bytes;
    assert_eq!(most, 256 << 10);
    assert!(used > 220_000 && used < most, "{used}");
    let again = house.again().await;
    let overview = again.directory.agencies();
    let one = overview.iter().find(|one| one.agency.as_str() == "harbor");
    assert_eq!(one.unwrap().bytes, (used, most), "after a restart, too");
}
