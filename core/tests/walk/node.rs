//! A node: its own log, what it has seen of each record, and its side of a session.

use std::collections::{BTreeMap, BTreeSet};

use referral_core::federation::{
    Ancestry, Chain, Epoch, OldDirectory, Own, Position, Reconciled, Resume, Standing, learn,
    operation_hash, reconcile, resume,
};
use referral_core::id::Hash;

use crate::directory::Held;
use crate::mutant::Mutant;
use crate::world::{Op, Value};

/// A record as a node has it.
#[derive(Clone)]
pub(crate) struct Version {
    pub(crate) hash: Hash,
    pub(crate) value: Value,
    pub(crate) place: (Epoch, u64),
    /// What the real core keeps: bounded, by hashes of operations.
    pub(crate) seen: Ancestry,
}

/// Everything that is on its disk.
#[derive(Clone)]
pub(crate) struct Disk {
    pub(crate) generation_seen: u64,
    /// Chains after 0, 1, 2... operations of the epoch.
    pub(crate) chains: Vec<Chain>,
    pub(crate) ops: Vec<Op>,
    pub(crate) acknowledged: u64,
    pub(crate) records: BTreeMap<u8, Version>,
    /// The truth, unbounded: contents of a record that people at this node knew.
    pub(crate) known: BTreeMap<u8, BTreeSet<Value>>,
    pub(crate) conflicts: Vec<(u8, Value)>,
    pub(crate) history: BTreeSet<Hash>,
}

/// Where its session is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Idle,
    SaidHello,
    AskedEpoch(u64),
    Open(u64),
}

pub(crate) struct Node {
    pub(crate) disk: Disk,
    pub(crate) boot: u64,
    pub(crate) phase: Phase,
}

impl Disk {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            generation_seen: epoch.generation,
            chains: vec![Chain::start(epoch)],
            ops: Vec::new(),
            acknowledged: 0,
            records: BTreeMap::new(),
            known: BTreeMap::new(),
            conflicts: Vec::new(),
            history: BTreeSet::new(),
        }
    }

    pub(crate) fn tip(&self) -> Chain {
        self.chains[self.chains.len() - 1]
    }

    /// Appends an operation to its own log.
    pub(crate) fn make(&mut self, record: u8, value: Value, base: Option<Hash>) {
        let tip = self.tip();
        let mut seen = self
            .records
            .get(&record)
            .map(|own| own.seen.clone())
            .unwrap_or_default();
        let ancestors = seen.clone();
        let text = format!("{tip:?} {record} {value:?} {base:?} {ancestors:?}");
        let hash = operation_hash(text.as_bytes());
        let position = Position {
            epoch: tip.epoch,
            seq: tip.applied + 1,
            prev_head: tip.head,
            hash,
        };
        self.ops.push(Op {
            position,
            record,
            value,
            base,
            ancestors,
        });
        self.chains.push(tip.followed_by(hash));
        self.history.insert(hash);
        seen.add(hash);
        let place = (position.epoch, position.seq);
        self.records.insert(
            record,
            Version {
                hash,
                value,
                place,
                seen,
            },
        );
    }

    /// What to do after the directory's welcome.
    pub(crate) fn resume(&self, theirs: &Standing, mutant: Mutant) -> Result<Resume, OldDirectory> {
        let at = usize::try_from(theirs.applied).unwrap();
        let mut own = Own {
            generation_seen: self.generation_seen,
            tip: self.tip(),
            head_at_applied: self.chains.get(at).map(|chain| chain.head),
            last_cseq: 0,
            report_at_applied: None,
            records: self.records.len() as u64,
        };
        match mutant {
            Mutant::GenerationReused => own.generation_seen = theirs.generation,
            Mutant::NoChain => own.head_at_applied = Some(theirs.head),
            _ => {}
        }
        resume(&own, theirs)
    }

    /// Brings its records together with the directory's in a new epoch (R7). Returns how many it took over
    /// because they were made knowing its own.
    pub(crate) fn reconcile(
        &mut self,
        epoch: Epoch,
        theirs: &BTreeMap<u8, Held>,
        causes: &mut BTreeMap<Value, BTreeSet<Value>>,
        mint: &mut dyn FnMut() -> Value,
        mutant: Mutant,
    ) -> usize {
        let mut forwarded = 0;
        let mut make = Vec::new();
        let all: BTreeSet<u8> = theirs.keys().chain(self.records.keys()).copied().collect();
        for record in all {
            let known = self.known.get(&record).cloned().unwrap_or_default();
            let held = theirs.get(&record);
            let Some(own) = self.records.get_mut(&record) else {
                let held = held.expect("one of them has it");
                if mutant == Mutant::DeletedByAbsence {
                    let value = Value {
                        live: false,
                        ..mint()
                    };
                    causes.insert(value, known);
                    make.push((record, value, Some(held.tip.hash)));
                }
                self.adopt(record, held, causes);
                continue;
            };
            let decided = match held {
                Some(held) if mutant == Mutant::LastWriterWins && held.tip.hash != own.hash => {
                    let has_ours = held.tip.ancestors.contains(&own.hash);
                    match own.place > held.version {
                        true => Reconciled::Remake,
                        false if has_ours => Reconciled::FastForward,
                        false => Reconciled::Conflict,
                    }
                }
                held => reconcile(own.hash, &own.seen, held.map(|held| &held.tip)),
            };
            let value = own.value;
            if let Some(held) = held {
                learn(&mut own.seen, &held.tip);
                self.know(record, held, causes);
            }
            match (decided, held) {
                (Reconciled::Same, _) => {}
                (Reconciled::Remake, held) => {
                    causes.entry(value).or_default().extend(known);
                    make.push((record, value, held.map(|held| held.tip.hash)));
                }
                (Reconciled::FastForward, Some(held)) => {
                    self.adopt(record, held, causes);
                    forwarded += 1;
                }
                (Reconciled::Conflict, Some(held)) => {
                    self.adopt(record, held, causes);
                    self.conflicts.push((record, value));
                }
                (_, None) => unreachable!("nothing to take over"),
            }
        }
        self.generation_seen = epoch.generation;
        self.chains = vec![Chain::start(epoch)];
        self.ops.clear();
        self.acknowledged = 0;
        for (record, value, base) in make {
            self.make(record, value, base);
        }
        forwarded
    }

    fn adopt(&mut self, record: u8, held: &Held, causes: &BTreeMap<Value, BTreeSet<Value>>) {
        let mut seen = self
            .records
            .remove(&record)
            .map(|own| own.seen)
            .unwrap_or_default();
        learn(&mut seen, &held.tip);
        self.know(record, held, causes);
        self.history.insert(held.tip.hash);
        let (hash, value, place) = (held.tip.hash, held.value, held.version);
        self.records.insert(
            record,
            Version {
                hash,
                value,
                place,
                seen,
            },
        );
    }

    fn know(&mut self, record: u8, held: &Held, causes: &BTreeMap<Value, BTreeSet<Value>>) {
        let known = self.known.entry(record).or_default();
        known.insert(held.value);
        known.extend(causes.get(&held.value).into_iter().flatten());
        self.history.insert(held.tip.hash);
    }
}
