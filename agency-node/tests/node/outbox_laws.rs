//! Laws of the outbox: whatever is edited, sent, acknowledged, refused, lost or crashed, in any order.

use crate::model::{
    EPOCH, NOW, Step, World, any_step, open, record, step_with_restored_directory,
    step_with_restores,
};
use agency_node::catalog::RecordName;
use agency_node::outbox::codec::{Acknowledged, Entry};
use agency_node::outbox::{Ledger, Outbox, Scope, Theirs};
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;
use referral_core::federation::Epoch;
use referral_core::id::{Kind, LocalId};
use referral_journal::storage::{Crash, MemoryStorage};
use referral_journal::{Journal, Options};
use referral_proto::v1;

fn refolded(storage: &MemoryStorage) -> Outbox {
    open(&storage.copy()).outbox().clone()
}

fn organization(id: &str, name: &str) -> (RecordName, v1::Record) {
    let organization = v1::Organization {
        name: name.to_owned(),
        ..Default::default()
    };
    let record = Some(v1::record::Record::Organization(organization));
    let name = RecordName {
        kind: Kind::Organization,
        id: LocalId::from_source(id),
    };
    (
        name,
        v1::Record {
            local_id: id.to_owned(),
            record,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// Nothing queued is lost, the log has no gaps and one history, and once all is delivered the
    /// directory holds every wish or the node can say why not.
    #[test]
    fn whatever_happens_every_wish_arrives_or_is_named(steps in vec(any_step(), 1..60)) {
        let mut world = World::new();
        for step in &steps {
            world.act(step);
        }
        world.settle();
        world.check();
    }

    /// A directory that goes back to an old copy gets everything again, and nothing becomes a conflict.
    #[test]
    fn a_restored_directory_is_healed(steps in vec(step_with_restored_directory(), 1..60)) {
        let mut world = World::new();
        for step in &steps {
            world.act(step);
        }
        world.settle();
        world.check();
        world.check_belief();
        prop_assert!(world.ledger.outbox().conflicts().is_empty());
    }

    /// Whatever was restored, both sides come to agree on what is published.
    #[test]
    fn whatever_is_restored_both_sides_come_to_agree(steps in vec(step_with_restores(), 1..60)) {
        let mut world = World::new();
        for step in &steps {
            world.act(step);
        }
        world.settle();
        world.check_belief();
    }

    /// What is in memory is what a restart would find.
    #[test]
    fn memory_and_journal_say_the_same(steps in vec(step_with_restores(), 1..40)) {
        let mut world = World::new();
        for step in &steps {
            world.act(step);
            prop_assert_eq!(world.ledger.outbox(), &refolded(&world.storage));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..Default::default() })]

    /// A set of entries is there whole or not at all, wherever the power goes.
    #[test]
    fn an_import_is_queued_whole_or_not_at_all(cut in 1..12_u32, seed in any::<u64>()) {
        let storage = MemoryStorage::default();
        let mut ledger = open(&storage);
        let mut composer = ledger.compose(NOW);
        for which in 0..250 {
            let (name, record) = organization(&format!("o{which}"), &"x".repeat(40 * 1024));
            composer.change(&name, Some(record), "file").unwrap();
        }
        let set = composer.finish();
        storage.cut_power(cut);

        let queued = ledger.queue(set, NOW).is_ok();
        storage.crash(Crash::TearPending { seed });
        let mut ledger = open(&storage);

        let there = ledger.outbox().tip().applied;
        prop_assert!(there == 250 || there == 0 && !queued, "{there} of 250, queued: {queued}");
        let mut composer = ledger.compose(NOW);
        let (name, record) = organization("o1", "later");
        composer.change(&name, Some(record), "").unwrap();
        let set = composer.finish();
        ledger.queue(set, NOW).unwrap();
        prop_assert_eq!(open(&storage).outbox().tip().applied, there + 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..Default::default() })]

    /// A new epoch is begun whole or not at all, wherever the power goes.
    #[test]
    fn an_epoch_is_begun_whole_or_not_at_all(cut in 1..12_u32, seed in any::<u64>()) {
        let storage = MemoryStorage::default();
        let mut ledger = open(&storage);
        let mut composer = ledger.compose(NOW);
        for which in 0..250 {
            let (name, record) = organization(&format!("o{which}"), &"x".repeat(40 * 1024));
            composer.change(&name, Some(record), "file").unwrap();
        }
        let set = composer.finish();
        ledger.queue(set, NOW).unwrap();
        let before = ledger.outbox().clone();
        let epoch = Epoch { number: 2, ..EPOCH };
        storage.cut_power(cut);

        let begun = ledger.reconcile(&Scope::Epoch(epoch), &Theirs::default(), NOW).is_ok();
        storage.crash(Crash::TearPending { seed });
        let mut ledger = open(&storage);

        let tip = ledger.outbox().tip();
        prop_assert_eq!(tip.applied, 250);
        prop_assert!(tip.epoch == epoch || tip == before.tip() && !begun);
        let again = Epoch { number: 3, ..EPOCH };
        ledger.reconcile(&Scope::Epoch(again), &Theirs::default(), NOW).unwrap();
        let found = open(&storage);
        prop_assert_eq!((found.outbox().tip().epoch, found.outbox().tip().applied), (again, 250));
        prop_assert_eq!(found.outbox(), ledger.outbox());
    }
}

/// An entry as the first version wrote it: its operation names no ancestors.
fn entry_of_the_first_version(ledger: &Ledger<MemoryStorage>) -> Vec<u8> {
    let mut composer = ledger.compose(NOW);
    let (name, record) = organization("o1", "first");
    composer.change(&name, Some(record), "").unwrap();
    let Entry::Operation(mut queued) = composer.finish().remove(0) else {
        unreachable!("an operation was added");
    };
    let operation = v1::Operation::decode(queued.bytes.as_slice()).unwrap();
    assert_eq!(operation.ancestors, Vec::<Vec<u8>>::new());
    (queued.set, queued.completes) = (1, true);
    Entry::Operation(queued).encode().1
}

#[test]
fn a_journal_of_the_first_version_still_opens_and_its_operations_become_ancestors() {
    let storage = MemoryStorage::default();
    let bytes = entry_of_the_first_version(&open(&MemoryStorage::default()));
    let (mut journal, _) = Journal::open(storage.clone(), Options::default()).unwrap();
    let old = referral_journal::Entry {
        received_at_us: 0,
        kind: 1,
        bytes: &bytes,
    };
    journal.append(&[old]).unwrap();
    drop(journal);

    let mut ledger = open(&storage);
    let mut composer = ledger.compose(NOW);
    let (name, record) = organization("o1", "second");
    composer.change(&name, Some(record), "").unwrap();
    let set = composer.finish();
    ledger.queue(set, NOW).unwrap();

    let outbox = ledger.outbox();
    let operations: Vec<_> = outbox
        .operations_after(0)
        .map(|signed| v1::Operation::decode(signed.bytes.as_slice()).unwrap())
        .collect();
    assert_eq!(operations[1].ancestors, [operations[1].base_hash.clone()]);
    assert_eq!(outbox.catalog().get(&name).unwrap().seen().iter().len(), 2);
}

#[test]
fn a_record_refused_for_what_it_refers_to_follows_once_that_is_accepted() {
    let mut world = World::new();
    for (kind, content) in [
        (Kind::Organization, 0),
        (Kind::Location, 1),
        (Kind::Service, 1),
    ] {
        world.act(&Step::Publish {
            kind,
            which: 0,
            content,
        });
    }
    world.settle();
    assert_eq!(world.ledger.outbox().refused().operations().count(), 3);

    world.act(&Step::Publish {
        kind: Kind::Organization,
        which: 0,
        content: 2,
    });
    world.settle();

    assert_eq!(world.ledger.outbox().refused().operations().count(), 0);
    assert_eq!(world.directory.records.len(), 3);
}

#[test]
fn a_correction_queued_behind_a_refused_record_is_not_lost_with_it() {
    let mut world = World::new();
    let kind = Kind::Organization;
    world.act(&Step::Publish {
        kind,
        which: 0,
        content: 0,
    });
    world.act(&Step::Publish {
        kind,
        which: 0,
        content: 1,
    });

    world.settle();

    let held: Vec<_> = world
        .directory
        .records
        .values()
        .map(|(_, held)| held.clone())
        .collect();
    assert_eq!(held, [Some(record(kind, 0, 1))]);
}

#[test]
fn a_record_over_64_kib_is_refused_and_leaves_the_set_as_it_was() {
    let ledger = open(&MemoryStorage::default());
    let mut composer = ledger.compose(NOW);
    let (name, record) = organization("o1", &"x".repeat(70_000));

    let refused = composer.change(&name, Some(record), "").unwrap_err();

    assert!(refused.bytes > 70_000);
    assert!(composer.finish().is_empty());
}

#[test]
fn a_restored_node_sends_again_what_a_lost_report_had_taken_the_place_of() {
    let mut world = World::new();
    let report = |which| Step::Report { which, places: 1 };
    let one_report = Step::Deliver {
        operations: 0,
        reports: 1,
    };
    // The first report waits in the copy; afterwards a later one takes its place and is lost with the disk.
    let steps = [
        report(0),
        report(1),
        Step::CopyNode,
        report(0),
        one_report,
        Step::RestoreNode,
    ];
    for step in &steps {
        world.act(step);
    }

    world.settle();

    assert_eq!(world.directory.capacity.len(), 2);
    world.check_belief();
}

#[test]
fn an_acknowledgement_that_comes_late_takes_nothing_back() {
    let mut world = World::new();
    for which in 0..2 {
        let kind = Kind::Organization;
        world.act(&Step::Publish {
            kind,
            which,
            content: 1,
        });
        world.act(&Step::Report { which, places: 1 });
    }
    let newer = Acknowledged {
        applied: 2,
        capacity_applied: 2,
        refusals: vec![],
    };
    let late = Acknowledged {
        applied: 1,
        capacity_applied: 1,
        refusals: vec![],
    };

    world.ledger.heard(Some(newer), vec![], NOW).unwrap();
    world.ledger.heard(Some(late), vec![], NOW).unwrap();

    let outbox = world.ledger.outbox();
    assert_eq!(
        (outbox.settled().applied, outbox.reports().settled()),
        (2, 2)
    );
}

#[test]
fn an_acknowledgement_of_what_was_never_queued_is_not_kept() {
    let storage = MemoryStorage::default();
    let mut ledger = open(&storage);

    for (applied, capacity_applied) in [(1, 0), (0, 1)] {
        let ack = Acknowledged {
            applied,
            capacity_applied,
            refusals: vec![],
        };
        assert!(ledger.heard(Some(ack), vec![], NOW).is_err());
    }
    assert_eq!(open(&storage).outbox(), ledger.outbox());
}
