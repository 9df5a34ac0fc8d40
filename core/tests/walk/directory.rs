//! The directory: [`AgencyLog`] and the records folded from it.

use std::collections::{BTreeMap, BTreeSet};

use referral_core::federation::{AgencyLog, Appends, Ended, Entry, Epoch, Tip};
use referral_core::id::Hash;

use crate::mutant::Mutant;
use crate::world::{Op, Value};

/// What a record holds at the directory.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) tip: Tip,
    pub(crate) value: Value,
    pub(crate) version: (Epoch, u64),
}

/// Everything that is on its disk.
#[derive(Clone)]
pub(crate) struct Directory {
    pub(crate) generation: u64,
    pub(crate) log: AgencyLog,
    pub(crate) records: BTreeMap<u8, Held>,
    /// Hashes of operations it holds a copy of.
    pub(crate) history: BTreeSet<Hash>,
    pub(crate) refused: BTreeSet<Hash>,
    pub(crate) cloned: bool,
}

/// What became of an operation.
pub(crate) enum Taken {
    /// It is the record's current one now; with what it replaced.
    Applied(Option<Held>),
    /// It was recorded before, or refused for good.
    Known,
}

impl Directory {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            generation: epoch.generation,
            log: AgencyLog::new(epoch),
            records: BTreeMap::new(),
            history: BTreeSet::new(),
            refused: BTreeSet::new(),
            cloned: false,
        }
    }

    /// Begins a session. Returns its number.
    pub(crate) fn hello(&mut self, boot: u64) -> u64 {
        let boot = u128::from(boot).to_be_bytes();
        self.cloned |= self.log.proves_a_clone(boot);
        self.log.fold(self.log.hello(boot));
        self.log.session
    }

    /// The epoch of a session that asked for a new one; `None`: the session is over.
    pub(crate) fn new_epoch(&mut self, session: u64, mutant: Mutant) -> Option<Epoch> {
        match self.log.new_epoch(session, self.generation) {
            Err(_) => return None,
            Ok(None) => {}
            Ok(Some(Entry::Epoch { session, mut epoch })) => {
                if mutant == Mutant::EpochReused {
                    epoch.number = self.log.chain.epoch.number;
                }
                self.log.fold(Entry::Epoch { session, epoch });
            }
            Ok(Some(other)) => unreachable!("{other:?} is no epoch"),
        }
        Some(self.log.chain.epoch)
    }

    pub(crate) fn take(&mut self, session: u64, op: &Op, mutant: Mutant) -> Result<Taken, Ended> {
        let mut session = session;
        let mut position = op.position;
        if mutant == Mutant::NoFence {
            session = self.log.session;
        }
        if mutant == Mutant::NoChain {
            position.prev_head = self.log.chain.head;
        }
        if mutant == Mutant::Gaps
            && position.epoch == self.log.chain.epoch
            && position.seq > self.log.chain.applied
        {
            self.log.chain.applied = position.seq - 1;
            self.log.chain.head = position.prev_head;
        }
        if self.log.operation(session, &position)? == Appends::Seen {
            return Ok(Taken::Known);
        }
        self.log.fold(Entry::Operation(position.hash));
        let before = self.records.get(&op.record).cloned();
        if before.as_ref().map(|held| held.tip.hash) != op.base {
            self.refused.insert(position.hash);
            return Ok(Taken::Known);
        }
        self.history.insert(position.hash);
        let tip = Tip {
            hash: position.hash,
            live: op.value.live,
            ancestors: op.ancestors.clone(),
        };
        let version = (position.epoch, position.seq);
        let value = op.value;
        self.records.insert(
            op.record,
            Held {
                tip,
                value,
                version,
            },
        );
        Ok(Taken::Applied(before))
    }
}
