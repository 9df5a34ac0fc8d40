//! Folding what a comparison with the directory decided (R7), and what a person decided after it.

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::{Chain, Epoch, Tip, operation_hash};
use referral_proto::convert::time;
use referral_proto::v1;

use super::codec::Entry;
use super::comparing::{self, Adopted, Foreign};
use super::fold::{Inconsistent, ancestry};
use super::refused::Refused;
use super::{Conflict, Outbox, Unsigned};
use crate::catalog::Held;
use crate::catalog::listed::Content;

impl Outbox {
    /// Folds one entry of a set whose last entry is there.
    pub(super) fn fold_compared(
        &mut self,
        index: u64,
        entry: Entry,
        at: Timestamp,
    ) -> Result<(), Inconsistent> {
        match entry {
            Entry::Granted(granted) => self.begin_epoch(granted.epoch(), at),
            Entry::Found(found) => {
                let (name, tip) = found.read().ok_or(Inconsistent::Unreadable)?;
                self.catalog.entry(name.clone()).found(tip.as_ref());
                self.unsigned.remove(&name);
                Ok(())
            }
            Entry::Adopted(adopted) => self.adopt(&adopted, at),
            Entry::Conflicting(conflicting) => {
                let conflict = Conflict::read(conflicting, at)?;
                self.conflicts.insert(index, conflict);
                Ok(())
            }
            Entry::Foreign(foreign) => self.distrust(foreign),
            Entry::Resolved(resolved) => {
                self.conflicts.remove(&resolved.conflict);
                Ok(())
            }
            Entry::Sourced(sourced) => {
                let name = comparing::name(sourced.kind, &sourced.local_id);
                let listed = name.and_then(|name| self.catalog.get_mut(&name));
                let listed = listed.ok_or(Inconsistent::Unreadable)?;
                listed.source = Some(sourced.source.into());
                Ok(())
            }
            _ => Err(Inconsistent::Set),
        }
    }

    /// A new epoch: the log begins again, with what was taken over from the one before (R6).
    fn begin_epoch(&mut self, epoch: Epoch, at: Timestamp) -> Result<(), Inconsistent> {
        if epoch <= self.tip.epoch || epoch.generation < self.generation_seen {
            return Err(Inconsistent::Epoch);
        }
        self.tip = Chain::start(epoch);
        self.settled = self.tip;
        self.generation_seen = epoch.generation;
        self.last_heard = Some(at);
        self.compared = true;
        self.untold.clear();
        self.waiting.clear();
        self.stranded.clear();
        self.unsigned.clear();
        self.refused = Refused::default();
        self.catalog.begin_epoch();
        self.reports.begin_epoch();
        Ok(())
    }

    fn adopt(&mut self, adopted: &Adopted, at: Timestamp) -> Result<(), Inconsistent> {
        let bytes = adopted.bytes.as_slice();
        let operation = v1::Operation::decode(bytes).map_err(|_| Inconsistent::Unreadable)?;
        let name = comparing::name(operation.record_kind, &operation.local_id);
        let name = name.ok_or(Inconsistent::Unreadable)?;
        let tip = Tip {
            hash: operation_hash(bytes),
            live: operation.record.is_some(),
            ancestors: ancestry(&operation.ancestors)?,
        };
        self.refused.forget(&name);
        self.stranded.remove(&name);
        self.unsigned.remove(&name);
        let listed = self.catalog.entry(name);
        let made_at = operation.made_at.and_then(|at| time::from_wire(at).ok());
        listed.adopt(&tip, Content::of(&operation), made_at, at);
        Ok(())
    }

    fn distrust(&mut self, foreign: Foreign) -> Result<(), Inconsistent> {
        let name = comparing::name(foreign.kind, &foreign.local_id);
        let hash = comparing::hash(&foreign.hash).ok_or(Inconsistent::Unreadable)?;
        let live = foreign.live;
        let unsigned = Unsigned {
            held: Held { hash, live },
            why: foreign.why,
        };
        let name = name.ok_or(Inconsistent::Unreadable)?;
        self.unsigned.insert(name, unsigned);
        Ok(())
    }
}
