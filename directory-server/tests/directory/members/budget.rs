//! How much is written down for an agency: one that says the same without end has to wait, and nobody else does
//! (F35).

use std::time::Duration;

use referral_core::catalog::Record;
use referral_core::id::Kind;
use referral_proto::v1;
use referral_proto::v1::FenceReason;
use referral_proto::v1::publish_response::Message as Down;

use super::{alarms, with_two_services};
use crate::snapshots::forgetful;
use crate::support::records::{id, open, organization, plain_service, service, text};
use crate::support::{Agency, House, Stream};

const MIB: u64 = 1 << 20;

/// An agency that may publish two services, and publishes one.
async fn small(house: &House) -> (Agency, Stream) {
    let (mut harbor, mut stream) = with_two_services(house).await;
    stream.accepted(harbor.publish(organization("org"))).await;
    stream
        .accepted(harbor.publish(service("one", "Lessons One")))
        .await;
    (harbor, stream)
}

/// A service of 60,000 bytes that is refused: its organization is not there.
fn refused() -> Record {
    let mut service = plain_service("refused", "Refused Service");
    service.organization = id("nowhere");
    service.description = Some(text(&"x".repeat(60_000)));
    Record::Service(Box::new(service))
}

/// Says what is refused until the directory takes no more of it. How many bytes it took.
async fn until_spent(harbor: &mut Agency, stream: &mut Stream) -> u64 {
    let mut taken = 0;
    for _ in 0..1_000 {
        let untouched = harbor.copy();
        let operation = harbor.publish(refused());
        let bytes = operation.bytes.len() as u64;
        stream.send(vec![operation]).await;
        harbor.refused_since(&untouched);
        match stream.next().await {
            Some(Down::Ack(ack)) => assert_eq!(ack.rejections.len(), 1),
            Some(Down::Fence(fence)) => {
                assert_eq!(fence.reason(), FenceReason::Budget, "{}", fence.text);
                assert_eq!(fence.retry_after_ms, 60_000);
                *harbor = untouched;
                return taken;
            }
            other => panic!("neither refused nor fenced but {other:?}"),
        }
        taken += bytes;
    }
    panic!("it may fill the disk");
}

async fn is_fenced(house: &House, harbor: &Agency, operation: v1::Signed) {
    let mut stream = harbor.stream(house).await;
    stream.send(vec![operation]).await;
    assert_eq!(stream.fenced().await.reason(), FenceReason::Budget);
}

#[tokio::test]
async fn an_agency_that_is_refused_without_end_has_to_wait_and_others_publish_on() {
    let house = House::new().await;
    let (mut harbor, mut stream) = small(&house).await;

    let taken = until_spent(&mut harbor, &mut stream).await;

    // Four times the 256 KiB that were agreed, and 16 MiB.
    assert!((16 * MIB..18 * MIB).contains(&taken), "{taken}");
    assert_eq!(alarms(&house, "harbor"), ["budget_spent"]);
    let overview = house.directory.agencies();
    assert_eq!(overview[0].written.1, 17 * MIB);
    assert!(overview[0].written.0 >= 17 * MIB);
    let mut beacon = Agency::join(&house, "beacon").await;
    let mut others = beacon.stream(&house).await;
    others.accepted(beacon.publish(organization("org"))).await;
    others
        .accepted(beacon.publish(service("free", "Free Lessons")))
        .await;
    house.until_found("Free Lessons").await;

    // What it wants to hide is hidden all the same, and in a day it goes on.
    let mut stream = harbor.stream(&house).await;
    stream.accepted(harbor.withdraw(Kind::Service, "one")).await;
    assert_eq!(house.names("Lessons One"), [""; 0]);
    let next = harbor.copy().publish(service("two", "Lessons Two"));
    is_fenced(&house, &harbor, next.clone()).await;
    house.clock.advance(Duration::from_hours(6));
    let mut stream = harbor.stream(&house).await;
    stream
        .accepted(harbor.publish(service("two", "Lessons Two")))
        .await;
    house.until_found("Lessons Two").await;
}

#[tokio::test]
async fn reports_without_end_are_bounded_in_the_same_way() {
    let house = House::new().await;
    let (mut harbor, mut stream) = small(&house).await;
    until_spent(&mut harbor, &mut stream).await;

    let mut stream = harbor.stream(&house).await;
    let report = harbor.report(open("one", 3));
    stream
        .say(v1::publish_request::Message::Capacity(v1::CapacityBatch {
            reports: vec![report],
        }))
        .await;

    assert_eq!(stream.fenced().await.reason(), FenceReason::Budget);
}

#[tokio::test]
async fn a_restart_forgets_nothing_of_what_was_written_with_a_snapshot_or_without() {
    for house in [House::new().await, forgetful().start().await.unwrap()] {
        let (mut harbor, mut stream) = small(&house).await;
        until_spent(&mut harbor, &mut stream).await;
        let written = house.directory.agencies()[0].written;

        let house = house.again().await;

        assert_eq!(house.directory.agencies()[0].written, written);
        let more = harbor.copy().publish(refused());
        is_fenced(&house, &harbor, more).await;
    }
}

#[tokio::test]
async fn hellos_without_end_are_bounded_too_and_so_is_every_last_word() {
    let house = House::new().await;
    let (mut harbor, mut stream) = small(&house).await;
    until_spent(&mut harbor, &mut stream).await;

    // Two MiB are left for what hides something: withdrawals of 60,000 bytes take them quickly.
    for round in 0..50 {
        let mut stream = harbor.stream(&house).await;
        let untouched = harbor.copy();
        let mut withdrawal = harbor.draft(Kind::Service, id("never"), None);
        withdrawal.ancestors = vec![vec![7; 32]; 64];
        let batch = (0..40).map(|_| {
            let mut next = harbor.draft(Kind::Service, id("never"), None);
            next.ancestors.clone_from(&withdrawal.ancestors);
            harbor.follow(&next)
        });
        let batch = batch.collect();
        stream.send(batch).await;
        if let Some(Down::Fence(fence)) = stream.next().await {
            assert_eq!(fence.reason(), FenceReason::Budget);
            assert!(round > 1, "a reserve of two MiB");
            let mut knock = untouched.knock(&house).await;
            assert_eq!(knock.fenced().await.reason(), FenceReason::Budget);
            return;
        }
    }
    panic!("it may fill the disk with withdrawals");
}
