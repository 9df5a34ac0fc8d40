use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::prelude::*;
use referral_core::capacity::{Draft, Order, Report, Source, Stated};
use referral_core::catalog::Record;
use referral_core::federation::{Ancestry, Epoch, Position};
use referral_core::id::LocalId;
use referral_proto::v1;

use super::*;
use crate::ledger::fact::SignedBytes;

const NAMES: [&str; 4] = [
    "Harbor House",
    "HARBOR HOUSE",
    "Lantern Aid",
    "Safe Passage",
];
const START: Timestamp = Timestamp::constant(1_780_000_000, 0);

/// One thing that is recorded: of which of two agencies, about which of three ids.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// An organization is called so, or withdrawn.
    Called(u8, u8, Option<usize>),
    /// A service that is not there is reported on.
    Reported(u8, u8),
    /// Reports that waited in vain are dropped.
    Lapsed,
}

fn step() -> impl Strategy<Value = Step> {
    let called = proptest::option::weighted(0.8, 0..NAMES.len());
    prop_oneof![
        6 => (0..2_u8, 0..6_u8, called).prop_map(|(of, id, name)| Step::Called(of, id, name)),
        2 => (0..2_u8, 0..3_u8).prop_map(|(of, id)| Step::Reported(of, id)),
        1 => Just(Step::Lapsed),
    ]
}

fn organization(id: &LocalId, name: &str) -> Record {
    let organization = v1::Organization {
        source_id: id.to_string(),
        name: name.to_owned(),
        ..v1::Organization::default()
    };
    let record = v1::Record {
        local_id: id.to_string(),
        record: Some(v1::record::Record::Organization(organization)),
    };
    Record::try_from(record).unwrap()
}

fn agency(of: u8) -> AgencyId {
    AgencyId::parse(&format!("agency-{of}")).unwrap()
}

/// What is recorded then: the facts.
fn facts(step: Step, number: u64, heads: &Heads, now: Timestamp) -> Vec<Fact> {
    let signed = SignedBytes {
        bytes: number.to_be_bytes().to_vec(),
        signature: vec![],
    };
    let hash = operation_hash(&signed.bytes);
    let epoch = Epoch {
        generation: 1,
        number: 1,
    };
    match step {
        Step::Called(of, id, name) => {
            let id = LocalId::parse(&format!("o{id}")).unwrap();
            let record = name.map(|name| organization(&id, NAMES[name]));
            let position = Position {
                epoch,
                seq: number,
                prev_head: hash,
                hash,
            };
            let header = Header {
                agency: agency(of),
                position,
            };
            let change = Change {
                kind: Kind::Organization,
                id,
                base: None,
                made_at: now,
                record,
                for_good: false,
                ancestors: Ancestry::default(),
            };
            vec![Fact::Operation(header, Box::new(change), signed)]
        }
        Step::Reported(of, id) => {
            let draft = Draft {
                service: LocalId::parse(&format!("s{id}")).unwrap(),
                location: None,
                state: Stated::Open,
                counts: vec![],
                waitlist_count: None,
                wait_band: None,
                opens_at: None,
                reopens_at: None,
                observed_at: now,
                ttl: None,
                source: Source::Person,
                note: None,
            };
            let report = Box::new(Report::parse(draft, now).unwrap());
            let order = Order {
                epoch,
                cseq: number,
            };
            vec![Fact::Capacity(agency(of), order, report, signed)]
        }
        Step::Lapsed => {
            let overdue = heads.overdue_reports(now, 10).into_iter();
            overdue
                .map(|(agency, dropped)| Fact::CapacityDropped(agency, dropped))
                .collect()
        }
    }
}

#[test]
fn a_tip_takes_little() {
    assert!(size_of::<RecordHead>() <= 104);
}

/// What names look like, in one order.
fn looks(heads: &Heads) -> BTreeMap<u64, BTreeSet<u128>> {
    let looks = heads.looks.iter();
    looks
        .map(|(look, ids)| (*look, ids.iter().copied().collect()))
        .collect()
}

proptest! {
    /// Batches that the disk did not take leave nothing behind, and names that organizations had before neither.
    #[test]
    fn memory_holds_what_a_restart_would_fold(
        batches in proptest::collection::vec(
            (proptest::collection::vec(step(), 1..5), any::<bool>()), 1..20),
    ) {
        let (mut heads, mut kept) = (Heads::default(), Vec::new());
        let (mut now, mut number) = (START, 0);
        for (steps, is_durable) in batches {
            now = now.saturating_add(SignedDuration::from_hours(5)).unwrap();
            let mut undo = Undo::default();
            let mut batch = Vec::new();
            for step in steps {
                number += 1;
                for fact in facts(step, number, &heads, now) {
                    heads.decide(fact.clone(), now, &mut undo);
                    batch.push((fact, now));
                }
            }
            if is_durable {
                kept.append(&mut batch);
            } else {
                heads.take_back(undo);
            }
        }

        let mut again = Heads::default();
        for (fact, at) in kept {
            again.fold(fact, at);
        }

        let of_records = |heads: &Heads| {
            let mut looks = BTreeMap::<u64, BTreeSet<u128>>::new();
            for (id, record) in heads.records.iter() {
                if let Some(look) = record.look() {
                    looks.entry(look.skeleton).or_default().insert(id);
                }
            }
            looks
        };
        for of in [0, 1].map(agency) {
            let tips = |heads: &Heads| -> Vec<_> {
                let tips = heads.records_of(&of);
                tips.map(|tip| (StoredHead::of((0, tip)), tip.referrers)).collect()
            };
            prop_assert_eq!(tips(&heads), tips(&again));
        }
        for (id, tip) in heads.records.iter() {
            prop_assert_eq!(heads.records.get(id).map(|tip| tip.hash), Some(tip.hash));
        }
        prop_assert_eq!(looks(&heads), looks(&again));
        prop_assert_eq!(looks(&heads), of_records(&heads));
        prop_assert_eq!(heads.early, again.early);
    }
}
