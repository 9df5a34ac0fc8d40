//! The node's side of a session by itself: no network, no threads, and a clock that the test moves.

use std::time::Duration;

use agency_node::outbox::{Ledger, Progress};
use agency_node::publisher::{Conversation, Moment, SessionError, Timing};
use prost::Message;
use referral_core::federation::{Chain, operation_hash};
use referral_core::id::Kind;
use referral_journal::storage::MemoryStorage;
use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;

use crate::model::{EPOCH, NOW, open, record};
use crate::sample::service_name;

const TIMING: Timing = Timing {
    welcome: Duration::from_secs(10),
    acknowledgement: Duration::from_mins(1),
    beat: Duration::from_secs(30),
    silence: Duration::from_secs(40),
};

fn at(seconds: u64) -> Moment {
    Moment {
        wall: NOW,
        elapsed: Duration::from_secs(seconds),
    }
}

fn say(message: Down) -> [v1::PublishResponse; 1] {
    [v1::PublishResponse {
        message: Some(message),
    }]
}

fn welcome(generation: u64) -> [v1::PublishResponse; 1] {
    say(Down::Welcome(v1::PublishWelcome {
        session: 1,
        generation,
        epoch: Some(EPOCH.into()),
        head: Chain::start(EPOCH).head.as_bytes().to_vec(),
        max_in_flight: 10,
        ..Default::default()
    }))
}

fn beat_answer() -> [v1::PublishResponse; 1] {
    say(Down::BeatAck(v1::BeatAck {
        root_ok: true,
        ..Default::default()
    }))
}

/// A ledger with one operation that waits.
fn ledger() -> Ledger<MemoryStorage> {
    let mut ledger = open(&MemoryStorage::default());
    let mut composer = ledger.compose(NOW);
    let name = service_name("r0");
    composer
        .change(&name, Some(record(Kind::Service, 0, 1)), "")
        .unwrap();
    let set = composer.finish();
    ledger.queue(set, NOW).unwrap();
    ledger
}

fn progress(ledger: &Ledger<MemoryStorage>) -> Progress {
    Progress::of(ledger.outbox())
}

fn greeted(ledger: &mut Ledger<MemoryStorage>) -> Conversation {
    let mut conversation = Conversation::new([1; 16], TIMING);
    conversation.hello(ledger.outbox(), at(0));
    conversation
        .hear(ledger, welcome(EPOCH.generation), at(1))
        .unwrap();
    conversation
}

#[test]
fn before_the_welcome_nothing_is_said_and_it_is_not_waited_for_longer_than_allowed() {
    let ledger = ledger();
    let mut conversation = Conversation::new([1; 16], TIMING);
    conversation.hello(ledger.outbox(), at(5));
    let progress = progress(&ledger);

    assert_eq!(conversation.next(ledger.outbox(), at(6)), None);
    assert_eq!(
        conversation.deadline(&progress),
        Some(Duration::from_secs(15))
    );
    assert!(conversation.tick(&progress, at(14)).is_ok());
    assert!(matches!(
        conversation.tick(&progress, at(15)),
        Err(SessionError::NoWelcome(_))
    ));
}

#[test]
fn an_older_directory_hears_nothing() {
    let mut ledger = ledger();
    let mut conversation = Conversation::new([1; 16], TIMING);
    conversation.hello(ledger.outbox(), at(0));

    let heard = conversation.hear(&mut ledger, welcome(EPOCH.generation - 1), at(1));

    assert!(
        matches!(heard, Err(SessionError::OldDirectory(_))),
        "{heard:?}"
    );
    assert_eq!(conversation.next(ledger.outbox(), at(2)), None);
}

#[test]
fn what_a_later_directory_says_beside_is_passed_over() {
    let mut ledger = ledger();
    let mut conversation = greeted(&mut ledger);
    // Field 2000 of the message, a string: a kind that this version does not know.
    let later = v1::PublishResponse::decode(b"\x82\x7d\x03new".as_slice()).unwrap();
    assert_eq!(later.message, None);

    conversation.hear(&mut ledger, [later], at(2)).unwrap();

    let sent = conversation.next(ledger.outbox(), at(2));
    assert!(matches!(sent, Some(Up::Operations(_))), "{sent:?}");
}

#[test]
fn a_session_that_ends_for_a_reason_of_a_later_version_ends_with_its_text() {
    let mut ledger = ledger();
    let mut conversation = greeted(&mut ledger);
    let fence = v1::Fence {
        reason: 2_000,
        text: "new".to_owned(),
        retry_after_ms: 5,
    };

    let heard = conversation.hear(&mut ledger, say(Down::Fence(fence)), at(2));

    let Err(SessionError::Fenced {
        reason,
        text,
        retry_after,
    }) = heard
    else {
        panic!("{heard:?}")
    };
    assert_eq!(
        (reason, text.as_str()),
        (v1::FenceReason::Unspecified, "new")
    );
    assert_eq!(retry_after, Duration::from_millis(5));
}

#[test]
fn answered_beats_do_not_stand_for_acknowledgements() {
    let mut ledger = ledger();
    let mut conversation = greeted(&mut ledger);
    let sent = conversation.next(ledger.outbox(), at(2));
    assert!(matches!(sent, Some(Up::Operations(_))), "{sent:?}");
    let progress = progress(&ledger);

    conversation.tick(&progress, at(31)).unwrap();
    let beat = conversation.next(ledger.outbox(), at(31));
    assert!(matches!(beat, Some(Up::Beat(_))), "{beat:?}");
    conversation
        .hear(&mut ledger, beat_answer(), at(32))
        .unwrap();

    assert!(conversation.tick(&progress, at(61)).is_ok());
    assert!(matches!(
        conversation.tick(&progress, at(62)),
        Err(SessionError::NoAcknowledgement(_))
    ));
}

#[test]
fn a_beat_without_an_answer_ends_the_session() {
    let mut ledger = open(&MemoryStorage::default());
    let mut conversation = greeted(&mut ledger);
    let progress = progress(&ledger);
    assert_eq!(
        conversation.deadline(&progress),
        Some(Duration::from_secs(31))
    );

    conversation.tick(&progress, at(31)).unwrap();
    conversation.next(ledger.outbox(), at(31));

    assert!(conversation.tick(&progress, at(70)).is_ok());
    assert!(matches!(
        conversation.tick(&progress, at(71)),
        Err(SessionError::Silent(_))
    ));
}

#[test]
fn an_answer_to_what_was_not_asked_ends_the_session() {
    for answer in [
        Down::Grant(v1::Grant::default()),
        Down::Tips(v1::RecordTips::default()),
        Down::Fetched(v1::FetchedRecords::default()),
        Down::BeatAck(v1::BeatAck::default()),
    ] {
        let mut ledger = ledger();
        let mut conversation = greeted(&mut ledger);

        let heard = conversation.hear(&mut ledger, say(answer.clone()), at(2));

        assert!(
            matches!(heard, Err(SessionError::Protocol(_))),
            "{answer:?}"
        );
    }
}

/// Queues a report; gives it as it is signed.
fn report(ledger: &mut Ledger<MemoryStorage>, service: &str, waiting: u32) -> v1::Signed {
    let mut composer = ledger.compose(NOW);
    let report = v1::CapacityReport {
        service_id: service.to_owned(),
        waitlist_count: Some(waiting),
        ..Default::default()
    };
    composer.report(report, None);
    let set = composer.finish();
    ledger.queue(set, NOW).unwrap();
    let reports = ledger.outbox().reports();
    let (_, signed) = reports.waiting_after(reports.last() - 1).next().unwrap();
    signed.clone()
}

/// What is said of each service.
fn waiting_lists(ledger: &Ledger<MemoryStorage>) -> Vec<(String, u32)> {
    let reports = ledger.outbox().reports().iter();
    let reports = reports.map(|(key, current)| {
        let report = current.report().unwrap();
        (key.service.to_string(), report.waitlist_count.unwrap())
    });
    reports.collect()
}

#[test]
fn a_report_that_a_copy_of_this_disk_said_later_is_taken_over_and_not_said_over() {
    let storage = MemoryStorage::default();
    let mut ledger = open(&storage);
    report(&mut ledger, "s0", 9);
    let mut copy = open(&storage.copy());
    let later = report(&mut copy, "s0", 1);
    let second = report(&mut ledger, "s1", 5);
    let third = report(&mut ledger, "s2", 7);
    let mut conversation = Conversation::new([1; 16], TIMING);
    conversation.hello(ledger.outbox(), at(0));
    let mut welcome = welcome(EPOCH.generation);
    if let Some(Down::Welcome(welcome)) = &mut welcome[0].message {
        welcome.capacity_applied = 3;
        welcome.capacity_hash = operation_hash(&third.bytes).as_bytes().to_vec();
    }

    conversation.hear(&mut ledger, welcome, at(1)).unwrap();

    let asked = conversation.next(ledger.outbox(), at(2));
    let services = ["s0", "s1", "s2"].map(str::to_owned).to_vec();
    let question = v1::ReportsRequest {
        service_ids: services,
    };
    assert_eq!(asked, Some(Up::Reports(question)));
    // Of its copy's counter this node knows nothing: its own reports wait on.
    let ack = v1::PublishAck {
        capacity_applied: 3,
        ..Default::default()
    };
    conversation
        .hear(&mut ledger, say(Down::Ack(ack)), at(3))
        .unwrap();
    assert_eq!(ledger.outbox().reports().waiting(), 3);
    let held = v1::StandingReports {
        reports: vec![later, second, third],
        last: true,
    };
    conversation
        .hear(&mut ledger, say(Down::Reports(held)), at(4))
        .unwrap();

    let said = [("s0", 1), ("s1", 5), ("s2", 7)].map(|(id, waiting)| (id.to_owned(), waiting));
    assert_eq!(waiting_lists(&ledger), said);
    match conversation.next(ledger.outbox(), at(5)) {
        Some(Up::Capacity(batch)) => assert_eq!(batch.reports.len(), 3),
        other => panic!("no reports but {other:?}"),
    }
}

#[test]
fn one_report_that_the_directory_names_as_its_last_is_not_said_again() {
    let mut ledger = open(&MemoryStorage::default());
    let only = report(&mut ledger, "s0", 9);
    let mut conversation = Conversation::new([1; 16], TIMING);
    conversation.hello(ledger.outbox(), at(0));
    let mut welcome = welcome(EPOCH.generation);
    if let Some(Down::Welcome(welcome)) = &mut welcome[0].message {
        welcome.capacity_applied = 1;
        welcome.capacity_hash = operation_hash(&only.bytes).as_bytes().to_vec();
    }

    conversation.hear(&mut ledger, welcome, at(1)).unwrap();

    assert_eq!(conversation.next(ledger.outbox(), at(2)), None);
}
