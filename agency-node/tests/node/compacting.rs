//! A node's journal is as long as what the node says, whatever it has said before.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use agency_node::catalog::RecordName;
use agency_node::outbox::{Ledger, LedgerError};
use referral_core::federation::ListingKey;
use referral_core::id::{AgencyId, Hash, Kind};
use referral_journal::Storage;
use referral_journal::storage::{Crash, MemoryStorage};
use referral_proto::v1;

use crate::model::{EPOCH, NOW, Step, World, open};

/// What a directory holds.
type Records = BTreeMap<RecordName, (Hash, Option<v1::Record>)>;

/// How much longer than twice what it says a journal may be here. Unit: bytes.
const HISTORY: u64 = 64 << 10;

/// What all files take. Unit: bytes.
fn size(storage: &MemoryStorage) -> u64 {
    let names = storage.list().unwrap().into_iter();
    names
        .filter_map(|name| storage.bytes(&name))
        .map(|bytes| bytes.len() as u64)
        .sum()
}

/// Three of each kind of record are there, and one report.
fn published() -> World {
    let mut world = World::new();
    for kind in Kind::ALL {
        for which in 0..3 {
            let content = 1;
            world.act(&Step::Publish {
                kind,
                which,
                content,
            });
        }
    }
    tap(&mut world, 1);
    world.settle();
    world
}

fn tap(world: &mut World, places: u8) {
    world.act(&Step::Report { which: 0, places });
}

fn edit(world: &mut World, content: u8) {
    let (kind, which) = (Kind::Service, 1);
    world.act(&Step::Publish {
        kind,
        which,
        content,
    });
}

/// Everything is said and heard.
fn deliver(world: &mut World) {
    world.act(&Step::Deliver {
        operations: usize::MAX,
        reports: usize::MAX,
    });
    world.act(&Step::Hear);
}

#[test]
fn years_of_taps_and_edits_leave_a_journal_of_bounded_length() {
    let mut world = published();
    world.ledger = open(&world.storage).with_history_of(HISTORY);
    let (mut longest, mut lengths) = (0, Vec::new());
    for year in 0..4 {
        for day in 0..1_000_u32 {
            tap(&mut world, u8::try_from(day % 20).unwrap());
            if day % 4 == 0 {
                edit(&mut world, u8::try_from(day / 4 % 3 + 1).unwrap());
            }
            deliver(&mut world);
            longest = longest.max(size(&world.storage));
        }
        lengths.push(size(&world.storage));
        println!(
            "after {} taps: {} bytes",
            (year + 1) * 1_000,
            size(&world.storage)
        );
    }

    // What is said, with the hashes of the last reports, once more while it is written, and the history.
    let said = size(&summary_of(&world));
    assert!(
        longest <= 4 * said + 2 * HISTORY,
        "{longest} bytes, {said} say it"
    );
    world.settle();
    world.check();
}

/// The journal of the same node, made as short as it gets.
fn summary_of(world: &World) -> MemoryStorage {
    let copy = world.storage.copy();
    open(&copy).compact(NOW).unwrap();
    copy
}

fn notice() -> agency_node::outbox::codec::Notice {
    agency_node::outbox::codec::Notice {
        code: "clock_ahead".to_owned(),
        ..Default::default()
    }
}

/// Says so many organizations and hears that they are taken.
fn publish(ledger: &mut Ledger<MemoryStorage>, records: u64, say: impl Fn(&mut v1::Organization)) {
    let mut composer = ledger.compose(NOW);
    for which in 0..records {
        let mut record = crate::model::record(Kind::Organization, 0, 1);
        record.local_id = format!("o{which}");
        if let Some(v1::record::Record::Organization(one)) = &mut record.record {
            say(one);
        }
        let name = RecordName {
            kind: Kind::Organization,
            id: referral_core::id::LocalId::parse(&record.local_id).unwrap(),
        };
        composer.change(&name, Some(record), "file").unwrap();
    }
    let set = composer.finish();
    ledger.queue(set, NOW).unwrap();
    let acknowledged = agency_node::outbox::codec::Acknowledged {
        applied: ledger.outbox().settled().applied + records,
        ..Default::default()
    };
    ledger.heard(Some(acknowledged), vec![], NOW).unwrap();
}

/// A large catalog, of which all waits, then all is acknowledged: `COMPACT_RECORDS=150000` is a large agency.
#[test]
fn a_large_catalog_is_made_short_and_opened_again() {
    let told = std::env::var_os("COMPACT_RECORDS");
    let records = told.map_or(2_000, |told| told.to_str().unwrap().parse().unwrap());
    let storage = MemoryStorage::default();
    let mut ledger = open(&storage);
    for edit in 0..4 {
        publish(&mut ledger, records, |one| {
            one.description = format!("{edit} {}", "A place for many. ".repeat(20));
        });
    }
    let before = size(&storage);

    let clock = referral_runtime::clock::SystemClock::new();
    let began = referral_runtime::clock::Clock::elapsed(&clock);
    ledger.compact(NOW).unwrap();
    let took = referral_runtime::clock::Clock::elapsed(&clock).saturating_sub(began);

    let after = size(&storage);
    println!("{records} records, each said 4 times: {before} bytes, then {after}, after {took:?}");
    assert!(after < before / 2, "{after} of {before} bytes");
    assert_eq!(open(&storage).outbox(), ledger.outbox());
}

#[test]
fn what_waits_and_what_was_refused_is_there_after_it() {
    let mut world = published();
    // Content 0 is refused, and what refers to it with it.
    for (kind, content) in [(Kind::Organization, 0), (Kind::Service, 2)] {
        let which = 0;
        world.act(&Step::Publish {
            kind,
            which,
            content,
        });
    }
    deliver(&mut world);
    edit(&mut world, 3);
    tap(&mut world, 7);
    let before = world.ledger.outbox().clone();
    assert!(before.refused().operations().count() > 0);
    assert!(before.waiting_since().is_some());

    let short = summary_of(&world);

    assert!(!short.list().unwrap().contains(&first_segment()));
    let found = open(&short);
    let found = found.outbox();
    let waiting = |outbox: &agency_node::outbox::Outbox| -> Vec<_> {
        outbox
            .operations_after(outbox.settled().applied)
            .cloned()
            .collect()
    };
    assert_eq!(waiting(found), waiting(&before));
    assert_eq!(found.refused(), before.refused());
    assert_eq!(found.reports(), before.reports());
    assert_eq!(found.catalog(), before.catalog());
    assert_eq!(
        (found.tip(), found.settled()),
        (before.tip(), before.settled())
    );
}

fn first_segment() -> String {
    format!("{:020}.journal", 1)
}

#[test]
fn a_directory_that_lost_everything_gets_everything_from_a_short_journal() {
    let mut world = published();
    for content in 1..=3 {
        edit(&mut world, content);
        tap(&mut world, content);
        deliver(&mut world);
    }
    world.storage = summary_of(&world);
    world.settle();
    let held = world.directory.records.len();

    world.lose_directory();
    world.settle();

    assert_eq!(world.directory.records.len(), held);
    world.check();
    world.check_belief();
    assert!(world.ledger.outbox().conflicts().is_empty());
}

#[test]
fn a_directory_restored_from_an_old_backup_is_healed_from_a_short_journal() {
    let mut world = published();
    world.act(&Step::BackUpDirectory);
    for content in 1..=3 {
        edit(&mut world, content);
        tap(&mut world, content);
        deliver(&mut world);
    }
    let (kind, which) = (Kind::Service, 2);
    world.act(&Step::Withdraw { kind, which });
    deliver(&mut world);
    world.storage = summary_of(&world);
    world.settle();

    world.act(&Step::RestoreDirectory);
    world.settle();

    world.check();
    world.check_belief();
    assert!(world.ledger.outbox().conflicts().is_empty());
}

#[test]
fn of_two_versions_made_in_ignorance_neither_is_overwritten_after_it() {
    let mut world = published();
    world.act(&Step::CopyNode);
    edit(&mut world, 2);
    world.act(&Step::Compact);
    deliver(&mut world);
    let theirs = world.directory.records.clone();
    // The disk of before the edit edits the same listing, and is made short, before it speaks to the directory.
    world.put_copy_back();
    edit(&mut world, 3);
    world.act(&Step::Compact);
    world.reconnect();
    world.settle();

    assert_eq!(world.ledger.outbox().conflicts().len(), 1);
    let live = world.directory.records.keys().map(|name| {
        let content = |records: &Records| records[name].1.clone();
        (content(&world.directory.records), content(&theirs))
    });
    assert!(live.into_iter().all(|(now, before)| now == before));
    world.act(&Step::Compact);
    let found = open(&world.storage);
    assert_eq!(
        found.outbox().conflicts(),
        world.ledger.outbox().conflicts()
    );
    world.check_belief();
}

#[test]
fn a_journal_that_is_made_shorter_says_the_same_wherever_the_power_fails() {
    let world = published();
    let before = world.ledger.outbox();
    let (mut cut, mut finished) = (0, false);
    while !finished {
        cut += 1;
        for crash in [
            Crash::KeepPending,
            Crash::LosePending,
            Crash::TearPending { seed: cut.into() },
        ] {
            let storage = world.storage.copy();
            let mut ledger = open(&storage);
            storage.cut_power(cut);

            finished = ledger.compact(NOW).is_ok();
            storage.crash(crash);

            let mut found = open(&storage);
            assert_eq!(found.outbox(), before, "{cut} {crash:?}");
            // It goes on from there: more is said, and it is made shorter again.
            found.heard(None, vec![notice()], NOW).unwrap();
            found.compact(NOW).unwrap();
            assert_eq!(open(&storage).outbox(), found.outbox(), "{cut} {crash:?}");
            assert!(!storage.list().unwrap().contains(&first_segment()));
        }
    }
    assert!(cut > 8, "the power failed at {cut} steps");
}

/// A summary of 10 MB is appended in two batches: with one of them alone it is none.
#[test]
fn a_long_summary_counts_whole_or_not_at_all() {
    let whole = MemoryStorage::default();
    let mut ledger = open(&whole);
    publish(&mut ledger, 250, |one| one.name = "x".repeat(40 * 1024));
    let before = ledger.outbox();
    let (mut cut, mut finished) = (0, false);
    while !finished {
        cut += 3;
        let storage = whole.copy();
        let mut ledger = open(&storage);
        storage.cut_power(cut);

        finished = ledger.compact(NOW).is_ok();
        storage.crash(Crash::TearPending { seed: cut.into() });

        assert_eq!(open(&storage).outbox(), before, "{cut}");
    }
    assert!(cut > 8, "the power failed at {cut} steps");
}

#[test]
fn a_disk_that_fails_while_it_is_made_shorter_changes_nothing() {
    let world = published();
    let (mut nth, mut finished) = (0, false);
    while !finished {
        nth += 1;
        let storage = world.storage.copy();
        let mut ledger = open(&storage);
        storage.fail_change(nth, ErrorKind::StorageFull);

        finished = ledger.compact(NOW).is_ok();

        assert_eq!(ledger.outbox(), world.ledger.outbox(), "{nth}");
        assert_eq!(open(&storage).outbox(), ledger.outbox(), "{nth}");
    }
    assert!(nth > 8, "the disk failed at {nth} steps");
}

#[test]
fn a_journal_whose_summary_is_gone_is_refused_and_never_an_empty_node() {
    let world = published();
    let short = summary_of(&world);
    let segment = short
        .list()
        .unwrap()
        .into_iter()
        .filter(|name| name.ends_with(".journal"))
        .min();
    short.remove(&segment.unwrap()).unwrap();

    let agency = AgencyId::parse("harbor").unwrap();
    let opened = Ledger::open(short, agency, EPOCH, ListingKey::from_seed(&[7; 32]));

    assert!(matches!(opened, Err(LedgerError::Journal(_))), "{opened:?}");
}

#[test]
fn a_journal_of_another_agency_is_refused() {
    let short = summary_of(&published());
    let agency = AgencyId::parse("lighthouse").unwrap();

    let opened = Ledger::open(short, agency, EPOCH, ListingKey::from_seed(&[7; 32]));

    assert!(
        matches!(opened, Err(LedgerError::Inconsistent { .. })),
        "{opened:?}"
    );
}
