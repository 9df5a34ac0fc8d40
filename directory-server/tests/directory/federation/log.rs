//! The agency's log: operations in order, once each, and one session at a time.

use directory_server::store::Store;
use prost::Message;
use referral_core::federation::{Chain, Epoch, operation_hash};
use referral_core::id::{Kind, RecordKey};
use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::FenceReason;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;

use crate::support::records::{id, offered, organization, service};
use crate::support::{Agency, House, Stream, until};

/// An agency that has published one organization, and the stream it did so on.
async fn published(house: &House) -> (Agency, Stream) {
    let mut agency = Agency::join(house, "harbor").await;
    let mut stream = agency.stream(house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    (agency, stream)
}

/// A hello on a stream of its own: where the directory says that the log stands.
async fn standing(house: &House, agency: &Agency) -> (v1::PublishWelcome, v1::PublishAck) {
    let channel = house.connect(Some(&agency.identity)).await;
    Stream::open(channel)
        .await
        .unwrap()
        .hello(agency.hello())
        .await
}

#[tokio::test]
async fn a_welcome_says_where_the_log_stands() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let (fresh, _) = standing(&house, &agency).await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;

    let (welcome, ack) = standing(&house, &agency).await;

    let start = Chain::start(agency.chain.epoch);
    assert_eq!(
        (fresh.applied, fresh.head),
        (0, convert::federation::hash_bytes(start.head))
    );
    assert_eq!(welcome.generation, house.directory.generation());
    assert_eq!(welcome.epoch, Some(agency.chain.epoch.into()));
    assert_eq!((welcome.applied, ack.applied), (1, 1));
    assert_eq!(
        welcome.head,
        convert::federation::hash_bytes(agency.chain.head)
    );
    assert_eq!(welcome.session, fresh.session + 2);
    assert!(welcome.max_in_flight > 0);
}

#[tokio::test]
async fn a_listing_is_found_soon_and_a_withdrawn_one_is_gone_at_its_acknowledgement() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    stream
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;
    house.until_found("Legal Clinic").await;

    stream
        .accepted(agency.withdraw(Kind::Service, "legal"))
        .await;

    assert_eq!(house.names(""), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_overtakes_its_listing_on_the_way_to_the_index_hides_it_for_good() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let ids: Vec<String> = (0..2_400).map(|number| format!("s{number}")).collect();
    let listed: Vec<_> = ids
        .iter()
        .map(|id| agency.publish(service(id, "Short Lived")))
        .collect();
    let withdrawn: Vec<_> = ids
        .iter()
        .map(|id| agency.withdraw(Kind::Service, id))
        .collect();
    let last = agency.publish(service("last", "Last of All"));

    for part in listed.chunks(250).chain(withdrawn.chunks(250)) {
        stream.operations(part.to_vec()).await;
    }
    stream.accepted(last).await;

    until("what was acknowledged is indexed", async || {
        let names = house.names("");
        assert!(
            !names.contains(&"Short Lived".to_owned()),
            "found {}",
            names.len()
        );
        names == ["Last of All"]
    })
    .await;
    assert_eq!(house.again().await.names(""), ["Last of All"]);
}

#[tokio::test]
async fn the_same_bytes_again_are_acknowledged_again_and_change_nothing() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let first = agency.publish(service("legal", "Legal Clinic"));
    let second = agency.publish(service("food", "Food Pantry"));
    stream.operations(vec![first.clone(), second.clone()]).await;

    let ack = stream.operations(vec![first, second.clone()]).await;
    let alone = stream.operations(vec![second]).await;

    assert_eq!((ack.applied, ack.rejections), (3, vec![]));
    assert_eq!((alone.applied, alone.rejections), (3, vec![]));
    house.until_found("Food Pantry").await;
    assert_eq!(house.names("").len(), 2);
}

#[tokio::test]
async fn other_bytes_with_a_used_number_are_a_fork() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let mut clone = agency.copy();
    clone.chain = Chain::start(agency.chain.epoch);
    stream
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;

    stream
        .send(vec![clone.publish(organization("other"))])
        .await;

    assert_eq!(stream.fence().await, FenceReason::Fork);
    let (welcome, _) = standing(&house, &agency).await;
    assert_eq!(welcome.applied, 2);
}

#[tokio::test]
async fn the_next_number_after_another_history_is_a_fork() {
    let house = House::new().await;
    let (agency, mut stream) = published(&house).await;
    let mut clone = agency.copy();
    clone.chain = Chain::start(agency.chain.epoch).followed_by(operation_hash(b"other"));

    stream
        .send(vec![clone.publish(service("legal", "Legal Clinic"))])
        .await;

    assert_eq!(stream.fence().await, FenceReason::Fork);
}

#[tokio::test]
async fn a_gap_ends_the_session_and_what_came_before_it_in_the_batch_stands() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let second = agency.publish(service("legal", "Legal Clinic"));
    let _lost = agency.publish(service("food", "Food Pantry"));
    let fourth = agency.publish(service("beds", "Shelter"));

    stream.send(vec![second, fourth]).await;

    assert_eq!(stream.fence().await, FenceReason::Gap);
    let (welcome, _) = standing(&house, &agency).await;
    assert_eq!(welcome.applied, 2);
    house.until_found("Legal Clinic").await;
    assert_eq!(house.names(""), ["Legal Clinic"]);
}

#[tokio::test]
async fn operations_of_another_epoch_end_the_session() {
    let house = House::new().await;
    let (agency, _) = published(&house).await;
    let Epoch { generation, number } = agency.chain.epoch;
    let others = [
        (generation - 1, number),
        (generation, number + 1),
        (generation + 1, number),
    ];
    for (generation, number) in others {
        let mut stream = agency.stream(&house).await;
        let mut elsewhere = agency.copy();
        elsewhere.chain.epoch = Epoch { generation, number };

        stream
            .send(vec![elsewhere.publish(service("legal", "Legal Clinic"))])
            .await;

        assert_eq!(
            stream.fence().await,
            FenceReason::WrongEpoch,
            "{generation}.{number}"
        );
    }
}

#[tokio::test]
async fn numbers_that_can_have_no_successor_or_predecessor_are_malformed() {
    let house = House::new().await;
    let (agency, _) = published(&house).await;
    for seq in [0, u64::MAX] {
        let mut stream = agency.stream(&house).await;
        let mut operation = agency.copy().draft_of(service("legal", "Legal Clinic"));
        operation.seq = seq;

        stream.send(vec![agency.sign(&operation)]).await;

        assert_eq!(stream.fence().await, FenceReason::Malformed, "{seq}");
    }
}

#[tokio::test]
async fn a_second_stream_ends_the_first_wherever_it_is() {
    let house = House::new().await;
    let (mut agency, mut first) = published(&house).await;

    let mut second = agency.stream(&house).await;

    assert_eq!(first.fenced().await.reason(), FenceReason::Superseded);
    second
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;
}

#[tokio::test]
async fn nothing_of_an_older_session_is_taken_even_when_it_was_sent_before() {
    let house = House::new().await;
    let (mut agency, mut first) = published(&house).await;
    let operation = agency.publish(service("legal", "Legal Clinic"));

    let second = agency.stream(&house);
    let ((), _second) = tokio::join!(first.send(vec![operation.clone()]), second);

    let fence = first.fenced().await;
    assert_eq!(fence.reason(), FenceReason::Superseded, "{}", fence.text);
    // Whichever came first, the log holds it once at most.
    let mut third = agency.stream(&house).await;
    let ack = third.operations(vec![operation]).await;
    assert_eq!((ack.applied, ack.rejections), (2, vec![]));
}

#[tokio::test]
async fn a_stream_that_ends_in_the_middle_leaves_what_was_acknowledged() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    stream
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;
    stream
        .send(vec![agency.publish(service("food", "Food Pantry"))])
        .await;

    drop(stream);

    let (welcome, _) = standing(&house, &agency).await;
    assert!((2..=3).contains(&welcome.applied), "{}", welcome.applied);
    house.until_found("Legal Clinic").await;
}

#[tokio::test]
async fn the_directory_takes_leave_of_its_streams_when_it_stops() {
    let house = House::new().await;
    let (_, mut stream) = published(&house).await;

    let (fence, _) = tokio::join!(stream.fenced(), house.stop());

    assert_eq!(fence.reason(), FenceReason::Draining);
    assert!(fence.retry_after_ms > 0);
}

#[tokio::test]
async fn the_first_message_is_a_hello_that_can_be_read_and_the_only_one() {
    let house = House::new().await;
    let (agency, _) = published(&house).await;
    let hello = agency.hello();
    let firsts = [
        Up::Operations(v1::OperationBatch::default()),
        Up::Capacity(v1::CapacityBatch::default()),
        Up::Hello(v1::PublishHello {
            boot: vec![1; 15],
            ..hello.clone()
        }),
        Up::Hello(v1::PublishHello {
            epoch: None,
            ..hello.clone()
        }),
        Up::Hello(v1::PublishHello::default()),
    ];
    for first in firsts {
        let channel = house.connect(Some(&agency.identity)).await;
        let mut stream = Stream::open(channel).await.unwrap();

        stream.say(first).await;

        assert_eq!(stream.fence().await, FenceReason::Malformed);
    }
    let mut stream = agency.stream(&house).await;
    stream.say(Up::Hello(hello)).await;
    assert_eq!(stream.fence().await, FenceReason::Malformed);
}

#[tokio::test]
async fn refusals_whose_acknowledgement_was_lost_are_told_again_at_the_next_hello() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let orphan = agency.publish(offered("legal", "Legal Clinic", &["nowhere"]));
    let told = stream.operations(vec![orphan]).await;
    let forgetful = v1::PublishHello {
        acknowledged: 1,
        ..agency.hello()
    };

    let house = house.again().await;
    let channel = house.connect(Some(&agency.identity)).await;
    let mut stream = Stream::open(channel).await.unwrap();
    let (_, again) = stream.hello(forgetful).await;
    let (_, knowing) = standing(&house, &agency).await;

    assert_eq!(told.rejections.len(), 1);
    assert_eq!(again.rejections, told.rejections);
    assert_eq!(knowing.rejections, []);
}

#[tokio::test]
async fn a_restart_keeps_everything_that_was_acknowledged() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let services = ["Legal Clinic", "Food Pantry", "Shelter"];
    for (number, name) in services.iter().enumerate() {
        stream
            .accepted(agency.publish(service(&format!("s{number}"), name)))
            .await;
    }
    stream.accepted(agency.withdraw(Kind::Service, "s1")).await;

    let house = house.again().await;

    let mut names = house.names("");
    names.sort();
    assert_eq!(names, ["Legal Clinic", "Shelter"]);
    let (welcome, _) = standing(&house, &agency).await;
    assert_eq!(welcome.applied, 5);
    assert_eq!(
        welcome.head,
        convert::federation::hash_bytes(agency.chain.head)
    );
    let mut stream = agency.stream(&house).await;
    stream
        .accepted(agency.publish(service("s1", "Food Pantry")))
        .await;
    house.until_found("Food Pantry").await;
}

#[tokio::test]
async fn what_a_later_version_adds_is_kept_in_the_signed_bytes() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let mut bytes = agency
        .draft_of(service("legal", "Legal Clinic"))
        .encode_to_vec();
    // Field 2000, a string: nothing this version knows.
    bytes.extend([0x82, 0x7d, 0x03]);
    bytes.extend(b"new");

    let ack = stream
        .operations(vec![agency.follow_bytes(bytes.clone())])
        .await;

    assert_eq!((ack.applied, ack.rejections), (2, vec![]));
    house.until_found("Legal Clinic").await;
    let key = RecordKey {
        agency: agency.id,
        kind: Kind::Service,
        id: id("legal"),
    };
    let stopped = house.stop().await;
    let store = Store::open(&stopped.data.path().join("store"))
        .unwrap()
        .store;
    assert_eq!(store.record(&key).unwrap().unwrap().signed.bytes, bytes);
}

#[tokio::test]
async fn a_message_that_says_nothing_ends_the_session() {
    let house = House::new().await;
    let (_, mut stream) = published(&house).await;

    stream
        .say_exactly(v1::PublishRequest { message: None })
        .await;

    let fence = stream.fenced().await;
    assert_eq!(fence.reason(), FenceReason::Malformed);
    assert!(!fence.text.is_empty());
}

#[tokio::test]
async fn acknowledgements_are_cumulative_and_come_in_order() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    for number in 0..20 {
        let operation = agency.publish(service(&format!("s{number}"), "Service"));
        stream.send(vec![operation]).await;
    }

    let mut last = 1;
    while last < 21 {
        match stream.next().await {
            Some(Down::Ack(ack)) => {
                assert!(ack.applied > last, "{} after {last}", ack.applied);
                last = ack.applied;
            }
            other => panic!("no acknowledgement but {other:?}"),
        }
    }
}
