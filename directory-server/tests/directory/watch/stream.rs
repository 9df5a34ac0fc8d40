//! One stream: what it says, in which order, and how it ends.

use std::time::Duration;

use directory_server::backup::{Restore, restore};
use directory_server::operations::Bookmark;
use prost::Message as _;
use referral_core::catalog::{Record, Tier};
use referral_core::id::Kind;
use referral_core::policy::Viewer;
use referral_proto::replica::{InvalidFeed, Replica};
use referral_proto::v1;
use referral_proto::v1::SnapshotReason;
use referral_proto::v1::feed_entry::Entry;
use referral_proto::v1::watch_response::Message;
use tempfile::TempDir;
use tonic::Code;

use super::{Reader, folded, ids, kind, read_all};
use crate::snapshots::forgetful;
use crate::support::house::noon;
use crate::support::records::{
    location, offered, open, organization, plain_service, service, text,
};
use crate::support::{Agency, House};

/// A service for a few, at a location.
fn for_a_few(local: &str, at: &str) -> Record {
    let Record::Service(mut service) = offered(local, "For a Few", &[at]) else {
        panic!("no service")
    };
    service.tier = Tier::Member;
    Record::Service(service)
}

pub(super) async fn filled() -> (House, Agency) {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(service("first", "First Service")),
    ];
    stream.operations(batch).await;
    let report = agency.report(open("first", 4));
    stream.reports(vec![report]).await;
    (house, agency)
}

#[tokio::test]
async fn a_new_reader_gets_a_snapshot_then_a_bookmark_then_changes() {
    let (house, mut agency) = filled().await;
    let (mut reader, mut replica) = read_all(&house).await;
    let snapshot: Vec<&str> = reader.entries().into_iter().map(kind).collect();
    let Some(Message::Snapshot(begin)) = reader.heard.first().cloned() else {
        panic!("no snapshot but {:?}", reader.heard.first())
    };

    let mut stream = agency.stream(&house).await;
    let operation = agency.publish(service("second", "Second Service"));
    stream.accepted(operation.clone()).await;
    reader.heard.clear();
    reader.read_to(folded(&house).await, &mut replica).await;

    assert_eq!(begin.reason(), SnapshotReason::Asked);
    assert_eq!(snapshot, ["agency", "listing", "listing", "capacity"]);
    let [change] = reader.entries()[..] else {
        panic!("not one change but {:?}", reader.entries())
    };
    let Some(Entry::Listing(listing)) = &change.entry else {
        panic!("no listing but {change:?}")
    };
    assert_eq!(listing.operation, Some(operation), "the exact bytes");
    assert!(change.index > begin.index && !change.beside);
    assert_eq!(
        ids(&replica),
        ["first", "org", "second"].map(str::to_owned).into()
    );
}

#[tokio::test]
async fn a_reader_resumes_from_its_bookmark_and_hears_nothing_twice() {
    let (house, mut agency) = filled().await;
    let (reader, mut replica) = read_all(&house).await;
    drop(reader);
    let mut stream = agency.stream(&house).await;
    stream
        .accepted(agency.publish(service("second", "Second Service")))
        .await;
    stream
        .accepted(agency.withdraw(Kind::Service, "first"))
        .await;

    let index = folded(&house).await;
    let mut reader = Reader::open(&house, replica.resume()).await.unwrap();
    reader.read_to(index, &mut replica).await;

    let snapshots = reader
        .heard
        .iter()
        .any(|m| matches!(m, Message::Snapshot(_)));
    assert!(!snapshots, "the bookmark counts");
    let changes: Vec<_> = reader
        .entries()
        .into_iter()
        .filter(|entry| !entry.beside)
        .collect();
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert_eq!(ids(&replica), ["org", "second"].map(str::to_owned).into());
    assert_eq!(
        replica.reports().len(),
        0,
        "nothing is said of a service that is gone"
    );
}

#[tokio::test]
async fn what_is_refused_sessions_and_invitations_are_never_in_the_feed() {
    let (house, mut agency) = filled().await;
    let token = house.invite("beacon").await;
    let mut stream = agency.stream(&house).await;
    let mut refused = plain_service("refused", "Refused Service");
    refused.organization = crate::support::records::id("nobody");
    let ack = stream
        .operations(vec![agency.publish(Record::Service(Box::new(refused)))])
        .await;
    assert_eq!(ack.rejections.len(), 1);
    let later = agency.publish(service("last", "Last Service"));
    stream.accepted(later).await;

    let mut replica = Replica::default();
    let index = folded(&house).await;
    // From the very beginning: every record of the journal is passed.
    let since = v1::WatchRequest {
        generation: house.directory.generation(),
        since_index: 1,
    };
    let mut reader = Reader::open(&house, since).await.unwrap();
    loop {
        if let Message::Bookmark(mark) = reader.next().await.unwrap()
            && mark.index >= index
        {
            break;
        }
    }
    let _ = read_all(&house).await.0;
    let bytes: Vec<u8> = reader
        .heard
        .iter()
        .flat_map(|message| {
            let message = Some(message.clone());
            v1::WatchResponse { message }.encode_to_vec()
        })
        .collect();

    let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    assert!(holds(b"Last Service"));
    assert!(!holds(b"Refused Service"));
    assert!(!holds(b"beacon"));
    assert!(!holds(token.hash().as_bytes()));
    assert!(
        reader
            .entries()
            .iter()
            .all(|entry| kind(entry) != "nothing")
    );
    replica.resume();
}

#[tokio::test]
async fn a_service_for_a_few_and_what_only_it_refers_to_are_not_in_the_feed_until_they_are_for_all()
{
    let (house, mut agency) = filled().await;
    let (mut live, mut replica) = read_all(&house).await;
    let mut stream = agency.stream(&house).await;
    stream
        .accepted(agency.publish(location("hidden", "Dilley", 28.67, -99.17)))
        .await;
    stream
        .accepted(agency.publish(for_a_few("few", "hidden")))
        .await;
    let report = agency.report(open("few", 2));
    stream.reports(vec![report]).await;
    let (_, fresh) = read_all(&house).await;
    live.read_to(folded(&house).await, &mut replica).await;

    let before = ["first", "org"].map(str::to_owned);
    assert_eq!(ids(&fresh), before.clone().into());
    assert_eq!(ids(&replica), before.clone().into());
    assert_eq!((fresh.reports().len(), replica.reports().len()), (1, 1));
    let told: Vec<u8> = live
        .entries()
        .iter()
        .flat_map(|e| e.encode_to_vec())
        .collect();
    assert!(
        !told.windows(6).any(|window| window == b"Dilley"),
        "the place is out"
    );

    stream
        .accepted(agency.publish(offered("few", "For All", &["hidden"])))
        .await;
    live.heard.clear();
    live.read_to(folded(&house).await, &mut replica).await;

    let all = ["few", "first", "hidden", "org"].map(str::to_owned);
    assert_eq!(
        ids(&replica),
        all.into(),
        "what it refers to came beside it"
    );
    assert_eq!(replica.reports().len(), 2, "and so did its report");

    stream
        .accepted(agency.publish(for_a_few("few", "hidden")))
        .await;
    live.read_to(folded(&house).await, &mut replica).await;

    assert_eq!(ids(&replica), before.into());
}

#[tokio::test]
async fn what_became_durable_together_comes_before_the_next_bookmark() {
    let (house, mut agency) = filled().await;
    let mut stream = agency.stream(&house).await;
    let (mut reader, mut replica) = read_all(&house).await;
    reader.heard.clear();
    let bulky = |number: u32| {
        let mut service = plain_service(&format!("bulky-{number}"), "Bulky Service");
        let words = (0..200).map(|word| format!("{number}x{word}"));
        service.description = Some(text(&words.collect::<Vec<_>>().join(" ")));
        Record::Service(Box::new(service))
    };
    let batch = (0..500)
        .map(|number| agency.publish(bulky(number)))
        .collect();
    let ack = stream.operations(batch).await;
    assert_eq!(ack.rejections, []);

    reader.read_to(folded(&house).await, &mut replica).await;

    let messages = reader
        .heard
        .iter()
        .filter(|m| matches!(m, Message::Entries(_)))
        .count();
    assert!(messages > 1, "it is larger than one message: {messages}");
    let marks = reader
        .heard
        .iter()
        .position(|m| matches!(m, Message::Bookmark(_)));
    let last_entries = reader
        .heard
        .iter()
        .rposition(|m| matches!(m, Message::Entries(_)));
    assert!(marks > last_entries, "a bookmark within what was one batch");
    assert_eq!(ids(&replica).len(), 502);
}

#[tokio::test]
async fn a_bookmark_of_a_later_generation_or_place_is_refused_and_of_an_earlier_one_answered_by_a_snapshot()
 {
    let (house, _) = filled().await;
    let (_, mut replica) = read_all(&house).await;
    let seen = replica.resume();
    let later = v1::WatchRequest {
        generation: seen.generation + 1,
        ..seen
    };
    let ahead = v1::WatchRequest {
        since_index: seen.since_index + 1,
        ..seen
    };
    let place = TempDir::new().unwrap();
    house
        .directory
        .backup(place.path().join("b"))
        .await
        .unwrap();

    for refused in [later, ahead] {
        let mut reader = Reader::open(&house, refused).await;
        let status = match &mut reader {
            Ok(reader) => reader.next().await.err(),
            Err(status) => Some(status.clone()),
        };
        assert_eq!(status.unwrap().code(), Code::FailedPrecondition);
    }

    let stopped = house.stop().await;
    let order = Restore {
        from: &place.path().join("b"),
        data: stopped.data.path(),
        replace: true,
        let_back_in: false,
    };
    let restored = restore(&order, noon()).unwrap();
    let house = stopped.start().await.unwrap();
    let mut reader = Reader::open(&house, seen).await.unwrap();
    reader.read_to(1, &mut replica).await;
    let Message::Snapshot(begin) = &reader.heard[0] else {
        panic!("no snapshot")
    };
    assert_eq!(begin.reason(), SnapshotReason::Generation);
    assert_eq!(begin.generation, restored.generation);
    assert_eq!(replica.resume().generation, restored.generation);

    let set_back = v1::SnapshotBegin {
        generation: seen.generation,
        ..*begin
    };
    let message = Some(Message::Snapshot(set_back));
    let refused = replica.take(v1::WatchResponse { message });
    assert!(matches!(refused, Err(InvalidFeed::Generation { .. })));
}

#[tokio::test]
async fn a_replica_refuses_whatever_was_changed_on_the_way() {
    let (house, _) = filled().await;
    let (reader, _) = read_all(&house).await;
    let feed = |change: &dyn Fn(&mut v1::FeedEntry)| {
        let mut replica = Replica::default();
        let mut taken = Ok(());
        for message in reader.heard.clone() {
            let mut message = message;
            if let Message::Entries(entries) = &mut message {
                entries.entries.iter_mut().for_each(change);
            }
            let message = Some(message);
            taken = taken.and_then(|()| replica.take(v1::WatchResponse { message }));
        }
        taken
    };
    let listing = |change: fn(&mut v1::FeedListing)| {
        feed(&move |entry| {
            if let Some(Entry::Listing(listing)) = &mut entry.entry {
                change(listing);
            }
        })
    };

    assert_eq!(feed(&|_| {}), Ok(()));
    let changed = listing(|listing| {
        let operation = listing.operation.as_mut().unwrap();
        let middle = operation.bytes.len() / 2;
        operation.bytes[middle] ^= 1;
    });
    assert_eq!(changed, Err(InvalidFeed::Signature));
    let unsigned = listing(|listing| listing.operation.as_mut().unwrap().signature[9] ^= 1);
    assert_eq!(unsigned, Err(InvalidFeed::Signature));
    let strangers = listing(|listing| listing.agency_id = "beacon".to_owned());
    assert_eq!(strangers, Err(InvalidFeed::OtherAgency));
    let other = referral_core::federation::ListingKey::from_seed(&[9; 32]).public();
    let other_key = feed(&|entry| {
        if let Some(Entry::Listing(listing)) = &mut entry.entry {
            listing.listing_key = other.as_bytes().to_vec();
        }
    });
    assert_eq!(other_key, Err(InvalidFeed::OtherKey));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_a_snapshot_is_read_comes_after_it_once_and_before_the_first_bookmark() {
    let (house, mut agency) = filled().await;
    let mut stream = agency.stream(&house).await;
    let filling = |number: u32, word: &str| {
        let mut service = plain_service(&format!("bulky-{number:04}"), "Bulky Service");
        let words = (0..200).map(|at| format!("{word}{number}x{at}"));
        service.description = Some(text(&words.collect::<Vec<_>>().join(" ")));
        Record::Service(Box::new(service))
    };
    // More than a bookmark is due after, and more than one portion.
    for from in (0..1_200).step_by(300) {
        let batch = (from..from + 300).map(|number| agency.publish(filling(number, "")));
        assert_eq!(stream.operations(batch.collect()).await.rejections, []);
    }
    folded(&house).await;
    let mut follower = house
        .directory
        .watch(&Viewer::anybody(), Bookmark::default())
        .unwrap();
    let mut heard = follower.read().unwrap();
    assert!(!heard.is_last, "the snapshot has several portions");

    // One that was read, one that was not, one of each withdrawn, and one that is new.
    for operation in [
        agency.publish(filling(1, "again")),
        agency.publish(filling(1_198, "again")),
        agency.withdraw(Kind::Service, "bulky-0002"),
        agency.withdraw(Kind::Service, "bulky-1199"),
        agency.publish(filling(9_999, "")),
    ] {
        stream.accepted(operation).await;
    }
    folded(&house).await;
    let mut messages = std::mem::take(&mut heard.messages);
    while !heard.is_last {
        heard = follower.read().unwrap();
        messages.append(&mut heard.messages);
    }

    let mut replica = Replica::default();
    let mut changed = 0;
    let mut marks = Vec::new();
    for message in messages {
        let message = Message::from(message);
        match &message {
            Message::Entries(entries) => {
                changed += entries
                    .entries
                    .iter()
                    .filter(|entry| entry.index > 0)
                    .count();
            }
            Message::Bookmark(mark) => marks.push((mark.index, changed)),
            Message::Snapshot(_) => {}
        }
        let message = Some(message);
        replica.take(v1::WatchResponse { message }).unwrap();
    }
    let (_, fresh) = read_all(&house).await;
    assert_eq!(replica.listings(), fresh.listings());
    assert_eq!(changed, 5, "each change once");
    assert_eq!(
        marks.first().map(|mark| mark.1),
        Some(5),
        "a bookmark too early: {marks:?}"
    );
}

#[tokio::test]
async fn a_bookmark_whose_records_were_dropped_is_answered_by_a_snapshot_and_ends_with_the_same() {
    let house = forgetful().start().await.unwrap();
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(service("first", "First Service")),
        agency.publish(service("second", "Second Service")),
    ];
    stream.operations(batch).await;
    let (reader, mut replica) = read_all(&house).await;
    drop((reader, stream));
    let seen = replica.resume();

    // Each run leaves a snapshot, and of the journal what is not in the one before.
    let mut house = house;
    for run in 0..3 {
        house.clock.advance(Duration::from_secs(1));
        house = house.again().await;
        let mut stream = agency.stream(&house).await;
        for number in 0..8 {
            let id = format!("s{run}-{number}");
            let called = format!("Service {run} {number}");
            stream.accepted(agency.publish(service(&id, &called))).await;
        }
        stream
            .reports(vec![agency.report(open("second", 4 + run))])
            .await;
    }
    let mut stream = agency.stream(&house).await;
    stream
        .accepted(agency.withdraw(Kind::Service, "first"))
        .await;
    let index = folded(&house).await;

    let mut reader = Reader::open(&house, seen).await.unwrap();
    reader.read_to(index, &mut replica).await;

    let Message::Snapshot(begin) = &reader.heard[0] else {
        panic!("no snapshot")
    };
    assert_eq!(begin.reason(), SnapshotReason::TooOld);
    let (_, whole) = read_all(&house).await;
    assert_eq!(replica.listings(), whole.listings());
    assert_eq!(
        ids(&replica).len(),
        26,
        "without the one that was withdrawn"
    );
}
