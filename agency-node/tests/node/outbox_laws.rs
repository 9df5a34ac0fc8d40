//! Laws of the outbox: whatever is edited, sent, acknowledged, refused, lost or crashed, in any order.

use crate::model::{NOW, Step, World, any_step, open, record};
use agency_node::catalog::RecordName;
use agency_node::outbox::Outbox;
use proptest::collection::vec;
use proptest::prelude::*;
use referral_core::id::{Kind, LocalId};
use referral_journal::storage::{Crash, MemoryStorage};
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

    /// What is in memory is what a restart would find.
    #[test]
    fn memory_and_journal_say_the_same(steps in vec(any_step(), 1..40)) {
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
