//! Epochs, tips, signed operations and beats: what a node needs to bring its log together with the directory's.

use prost::Message;
use referral_core::federation::{Digest, digest, operation_hash};
use referral_core::id::{Hash, Kind, RecordName};
use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::FenceReason;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;

use crate::support::agency::Applicant;
use crate::support::records::{id, open, organization, report, service};
use crate::support::{Agency, House, Stream};

/// An agency that has published an organization and two services, one of them withdrawn again.
async fn published(house: &House) -> (Agency, Stream) {
    let mut agency = Agency::join(house, "harbor").await;
    let mut stream = agency.stream(house).await;
    for record in [
        organization("org"),
        service("legal", "Legal Clinic"),
        service("food", "Food Pantry"),
    ] {
        stream.accepted(agency.publish(record)).await;
    }
    stream
        .accepted(agency.withdraw(Kind::Service, "food"))
        .await;
    (agency, stream)
}

async fn grant(stream: &mut Stream) -> v1::Grant {
    stream.say(Up::NewEpoch(v1::EpochRequest {})).await;
    match stream.next().await {
        Some(Down::Grant(grant)) => grant,
        other => panic!("no grant but {other:?}"),
    }
}

/// All tips of an answer, in order of their names.
async fn tips(stream: &mut Stream, bits: u32, buckets: Vec<u32>) -> Vec<v1::RecordTip> {
    stream
        .say(Up::Tips(v1::TipsRequest { bits, buckets }))
        .await;
    let mut tips = Vec::new();
    loop {
        match stream.next().await {
            Some(Down::Tips(part)) => {
                tips.extend(part.tips);
                if part.last {
                    break;
                }
            }
            other => panic!("no tips but {other:?}"),
        }
    }
    tips.sort_by_key(|tip| tip.record.clone().map(|name| (name.kind, name.local_id)));
    tips
}

async fn fetched(stream: &mut Stream, names: &[(v1::RecordKind, &str)]) -> Vec<v1::Signed> {
    let records = names.iter().map(|(kind, local_id)| v1::RecordName {
        kind: (*kind).into(),
        local_id: (*local_id).to_owned(),
    });
    let records = records.collect();
    stream.say(Up::Fetch(v1::FetchRequest { records })).await;
    match stream.next().await {
        Some(Down::Fetched(part)) if part.last => part.operations,
        other => panic!("no operations but {other:?}"),
    }
}

#[tokio::test]
async fn a_new_epoch_is_empty_keeps_the_records_and_is_granted_once_a_session() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;

    let granted = grant(&mut stream).await;
    let again = grant(&mut stream).await;
    assert_eq!(granted, again);
    assert_eq!(granted.records, 3);
    let before = agency.chain.epoch;
    agency.begin(granted.epoch);
    assert_eq!(agency.chain.epoch.number, before.number + 1);

    stream
        .accepted(agency.publish(service("legal", "Legal Aid Clinic")))
        .await;
    house.until_found("Legal Aid Clinic").await;
    assert_eq!(house.names(""), ["Legal Aid Clinic"]);
    let (welcome, _) = Stream::open(house.connect(Some(&agency.identity)).await)
        .await
        .unwrap()
        .hello(agency.hello())
        .await;
    assert_eq!((welcome.epoch, welcome.applied), (granted.epoch, 1));
}

#[tokio::test]
async fn the_reports_in_force_are_given_as_they_were_signed_and_only_to_their_agency() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let mut other = Agency::join(&house, "lantern").await;
    let mut theirs = other.stream(&house).await;
    theirs.accepted(other.publish(organization("org"))).await;
    theirs
        .accepted(other.publish(service("legal", "Law")))
        .await;
    theirs.reports(vec![other.report(open("legal", 7))]).await;
    let first = agency.report(open("legal", 4));
    let last = agency.report(report("legal", v1::CapacityState::Closed, None, None));
    stream.reports(vec![first, last.clone()]).await;

    stream.say(Up::Reports(v1::ReportsRequest::default())).await;

    match stream.next().await {
        Some(Down::Reports(part)) => assert_eq!((part.reports, part.last), (vec![last], true)),
        other => panic!("no reports but {other:?}"),
    }
}

#[tokio::test]
async fn the_reports_of_named_services_alone_are_given() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    stream
        .accepted(agency.publish(service("jobs", "Job Search")))
        .await;
    let asked = agency.report(open("legal", 4));
    let other = agency.report(open("jobs", 5));
    stream.reports(vec![asked.clone(), other]).await;

    let service_ids = vec!["legal".to_owned(), "nothing".to_owned()];
    stream
        .say(Up::Reports(v1::ReportsRequest { service_ids }))
        .await;

    match stream.next().await {
        Some(Down::Reports(part)) => assert_eq!((part.reports, part.last), (vec![asked], true)),
        other => panic!("no reports but {other:?}"),
    }
}

#[tokio::test]
async fn operations_of_the_old_epoch_are_over() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    grant(&mut stream).await;

    stream
        .send(vec![agency.publish(service("late", "Too Late"))])
        .await;

    assert_eq!(stream.fence().await, FenceReason::WrongEpoch);
}

#[tokio::test]
async fn an_epoch_outlives_the_directory() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let granted = grant(&mut stream).await;
    agency.begin(granted.epoch);
    stream
        .accepted(agency.publish(service("legal", "Legal Aid Clinic")))
        .await;
    drop(stream);

    let house = house.again().await;

    let mut stream = agency.stream(&house).await;
    stream
        .accepted(agency.publish(service("late", "Just in Time")))
        .await;
    house.until_found("Just in Time").await;
}

#[tokio::test]
async fn tips_say_where_every_record_stands_withdrawn_ones_too() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let before = agency.base(Kind::Service, "legal");
    let mut operation = agency.draft_of(service("legal", "Legal Aid Clinic"));
    operation.ancestors = vec![convert::federation::hash_bytes(before)];
    stream.accepted(agency.follow(&operation)).await;

    let tips = tips(&mut stream, 0, vec![]).await;

    let told: Vec<_> = tips
        .iter()
        .map(|tip| {
            let name = tip.record.clone().unwrap();
            let hash = Hash::try_from(tip.hash.as_slice()).unwrap();
            (name.local_id, hash, tip.live, tip.ancestors.len())
        })
        .collect();
    let at = |kind, id: &str| agency.base(kind, id);
    assert_eq!(
        told,
        [
            ("org".to_owned(), at(Kind::Organization, "org"), true, 0),
            ("food".to_owned(), at(Kind::Service, "food"), false, 0),
            ("legal".to_owned(), at(Kind::Service, "legal"), true, 1),
        ]
    );
}

#[tokio::test]
async fn buckets_part_the_tips() {
    let house = House::new().await;
    let (_, mut stream) = published(&house).await;
    let all = tips(&mut stream, 0, vec![]).await;

    let mut parted = tips(&mut stream, 1, vec![0]).await;
    parted.extend(tips(&mut stream, 1, vec![1]).await);
    parted.sort_by_key(|tip| tip.record.clone().map(|name| (name.kind, name.local_id)));

    assert_eq!(parted, all);
}

#[tokio::test]
async fn what_a_later_version_signed_comes_back_byte_for_byte_also_from_a_store_that_was_folded_anew()
 {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    let draft = agency.draft_of(service("legal", "Legal Clinic"));
    // Field 2000, a string: nothing this version knows.
    let later = [draft.encode_to_vec(), b"\x82\x7d\x03new".to_vec()].concat();
    let signed = agency.follow_bytes(later);
    let ack = stream.operations(vec![signed.clone()]).await;
    assert_eq!((ack.applied, ack.rejections), (2, vec![]));
    let stopped = house.stop().await;
    std::fs::remove_dir_all(stopped.data.path().join("store")).unwrap();
    let house = stopped.start().await.unwrap();

    let mut stream = agency.stream(&house).await;

    let asked = [(v1::RecordKind::Service, "legal")];
    assert_eq!(fetched(&mut stream, &asked).await, [signed]);
}

#[tokio::test]
async fn signed_operations_come_back_as_they_were_made() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    let signed = agency.publish(service("legal", "Legal Clinic"));
    stream.accepted(signed.clone()).await;

    let asked = [
        (v1::RecordKind::Service, "legal"),
        (v1::RecordKind::Service, "never"),
    ];
    assert_eq!(fetched(&mut stream, &asked).await, [signed]);
}

#[tokio::test]
async fn a_beat_finds_what_differs_at_the_same_operation() {
    let house = House::new().await;
    let (agency, mut stream) = published(&house).await;
    let name = |kind, text| RecordName { kind, id: id(text) };
    let live = [
        (
            name(Kind::Organization, "org"),
            agency.base(Kind::Organization, "org"),
        ),
        (
            name(Kind::Service, "legal"),
            agency.base(Kind::Service, "legal"),
        ),
    ];
    let ours = Digest::of(
        live.iter().map(|(name, hash)| (name, *hash)),
        digest::bits_for(live.len()),
    );
    let mut beat = async |seq, root: Hash| {
        let beat = v1::Beat {
            seq,
            root: convert::federation::hash_bytes(root),
            sent_at: None,
        };
        stream.say(Up::Beat(beat)).await;
        match stream.next().await {
            Some(Down::BeatAck(ack)) => ack,
            other => panic!("no answer to a beat but {other:?}"),
        }
    };

    assert!(beat(4, ours.root()).await.root_ok);
    let differs = beat(4, operation_hash(b"another")).await;
    assert!(!differs.root_ok);
    let theirs: Vec<Hash> = differs
        .buckets
        .iter()
        .map(|bucket| Hash::try_from(bucket.as_slice()).unwrap())
        .collect();
    assert_eq!((differs.bits, theirs.as_slice()), (0, ours.buckets()));
    assert!(
        beat(3, operation_hash(b"another")).await.root_ok,
        "another place in the log"
    );
}

#[tokio::test]
async fn a_node_that_lost_everything_joins_again_and_the_old_keys_are_worthless() {
    let house = House::new().await;
    let (agency, stream) = published(&house).await;
    drop(stream);
    let token = house
        .directory
        .enrol_again(&house.operator, "harbor")
        .await
        .unwrap();

    let mut reborn = Applicant::new(9).admitted_with(&house, &token).await;

    let channel = house.connect(Some(&reborn.identity)).await;
    let mut stream = Stream::open(channel).await.unwrap();
    let (welcome, _) = stream.hello(reborn.hello()).await;
    assert_eq!((welcome.applied, welcome.records), (0, 3));
    assert_eq!(reborn.chain.epoch.number, agency.chain.epoch.number + 1);
    let asked = [(v1::RecordKind::Service, "legal")];
    assert_eq!(fetched(&mut stream, &asked).await.len(), 1);
    for (kind, name) in [(Kind::Organization, "org"), (Kind::Service, "legal")] {
        reborn.holds(kind, name, agency.base(kind, name));
    }
    stream
        .accepted(reborn.publish(service("legal", "Legal Aid Clinic")))
        .await;
    house.until_found("Legal Aid Clinic").await;

    assert_eq!(
        agency.knock(&house).await.fence().await,
        FenceReason::Unspecified
    );
}

#[tokio::test]
async fn the_stream_of_a_node_that_was_replaced_ends_and_publishes_nothing_more() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let token = house
        .directory
        .enrol_again(&house.operator, "harbor")
        .await
        .unwrap();
    let reborn = Applicant::new(9).admitted_with(&house, &token).await;

    // A node that goes on with its old keys as if nothing had been.
    agency.begin(Some(reborn.chain.epoch.into()));
    stream.say(Up::NewEpoch(v1::EpochRequest {})).await;
    stream
        .send(vec![agency.publish(service("legal", "Somebody Else"))])
        .await;

    assert_eq!(stream.fenced().await.reason(), FenceReason::Superseded);
    assert_eq!(house.directory.agencies()[0].applied, 0);
    let (welcome, _) = Stream::open(house.connect(Some(&reborn.identity)).await)
        .await
        .unwrap()
        .hello(reborn.hello())
        .await;
    assert_eq!(welcome.epoch, Some(reborn.chain.epoch.into()));
}

#[tokio::test]
async fn only_an_agency_that_has_joined_joins_again() {
    let house = House::new().await;
    house.invite("harbor").await;

    assert!(
        house
            .directory
            .enrol_again(&house.operator, "harbor")
            .await
            .is_err()
    );
    assert!(
        house
            .directory
            .enrol_again(&house.operator, "nobody")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn two_nodes_of_one_agency_are_noticed_and_the_third_proof_suspends_it() {
    let house = House::new().await;
    let (agency, stream) = published(&house).await;
    drop(stream);
    let hello = |boot: u8| v1::PublishHello {
        boot: vec![boot; 16],
        ..agency.hello()
    };
    let greet = async |boot: u8| {
        let channel = house.connect(Some(&agency.identity)).await;
        let mut stream = Stream::open(channel).await.unwrap();
        stream.hello(hello(boot)).await;
        stream
    };

    let refused = async |boot: u8| {
        let channel = house.connect(Some(&agency.identity)).await;
        let mut stream = Stream::open(channel).await.unwrap();
        stream.say(Up::Hello(hello(boot))).await;
        stream.fence().await
    };
    let stands = async || {
        let overview = house.directory.agencies().remove(0);
        let alarms = overview.alarms.into_iter().map(|alarm| alarm.code);
        let listed = house.everything().await.remove(0);
        let mut reasons = listed.reasons.iter();
        (
            overview.suspended,
            alarms.collect::<Vec<_>>(),
            reasons.any(|reason| reason.code == "unverified"),
        )
    };
    house.until_found("Legal Clinic").await;

    greet(2).await;
    let mut first_proof = greet(1).await;
    assert_eq!(first_proof.notice().await.code, "cloned");
    assert_eq!(stands().await, (false, vec!["cloned".to_owned()], false));
    let second_proof = greet(2).await;

    // The third is welcomed no more, and the stream that is open ends.
    assert_eq!(refused(1).await, FenceReason::Suspended);
    assert_eq!(second_proof.fence().await, FenceReason::Suspended);
    assert_eq!(refused(2).await, FenceReason::Suspended);
    assert_eq!(stands().await, (true, vec!["cloned".to_owned(); 3], true));

    house
        .directory
        .readmit(&house.operator, agency.id.clone())
        .await
        .unwrap();
    assert_eq!(stands().await, (false, vec![], false));
    greet(2).await;
}
