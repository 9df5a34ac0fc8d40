//! Folding one journal entry into the outbox: what was queued, what the directory said of it.
//!
//! The same function runs at the start and in the running node, so that memory is what a restart finds.

use std::sync::Arc;

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::{Ancestry, PublicKey, operation_hash};
use referral_core::id::Hash;
use referral_proto::{convert, v1};

use super::codec::{Acknowledged, Entry, Notice, Queued, Refusal};
use super::{NOTICES, OUTCOMES, Outbox, Unfinished, Waiting, comparing, report_key};
use crate::catalog::listed::Content;
use crate::catalog::{Listed, Made, RecordName};

/// The journal says something that cannot follow what it said before. It was changed from outside.
#[derive(Debug, thiserror::Error)]
pub enum Inconsistent {
    /// An operation or report that does not follow the ones before it.
    #[error("a queued operation does not follow the one before it")]
    Queued,
    /// Something was acknowledged that was never queued.
    #[error("something was acknowledged that was never queued")]
    Acknowledged,
    /// An entry of a set that has no beginning.
    #[error("the beginning of a set of entries is missing")]
    Set,
    /// An entry whose content cannot be read.
    #[error("an operation or what was compared with cannot be read")]
    Unreadable,
    /// An epoch that is not after the one before it.
    #[error("an epoch does not follow the one before it")]
    Epoch,
}

impl Outbox {
    /// Folds the journal entry with this index.
    ///
    /// * `at` — when it was appended.
    ///
    /// # Errors
    /// [`Inconsistent`] when it does not follow from the entries before it.
    pub fn fold(&mut self, index: u64, entry: Entry, at: Timestamp) -> Result<(), Inconsistent> {
        if matches!(entry, Entry::Stands(_)) {
            // It says what is known: only a journal that begins with it needs it.
            self.unfinished = None;
            return Ok(());
        }
        let Some((set, completes)) = entry.place() else {
            self.unfinished = None;
            return self.fold_heard(entry, at);
        };
        self.collect(index, set, entry, at)?;
        if completes { self.complete() } else { Ok(()) }
    }

    fn collect(
        &mut self,
        index: u64,
        set: u64,
        entry: Entry,
        at: Timestamp,
    ) -> Result<(), Inconsistent> {
        if set == index {
            self.unfinished = Some(Unfinished {
                set,
                entries: Vec::new(),
            });
        }
        let unfinished = self
            .unfinished
            .as_mut()
            .filter(|unfinished| unfinished.set == set);
        unfinished
            .ok_or(Inconsistent::Set)?
            .entries
            .push((index, entry, at));
        Ok(())
    }

    fn complete(&mut self) -> Result<(), Inconsistent> {
        let Some(finished) = self.unfinished.take() else {
            return Ok(());
        };
        let begins = finished
            .entries
            .iter()
            .any(|(_, entry, _)| matches!(entry, Entry::Granted(_)));
        for (index, entry, at) in finished.entries {
            match entry {
                Entry::Operation(queued) => self.fold_operation(&queued, at)?,
                Entry::Report(queued) => self.fold_report(&queued, at)?,
                compared => self.fold_compared(index, compared, at)?,
            }
        }
        if begins {
            self.signed_again_at = Some(self.tip.applied);
            self.forget_former_keys();
        }
        Ok(())
    }

    fn fold_heard(&mut self, entry: Entry, at: Timestamp) -> Result<(), Inconsistent> {
        match entry {
            Entry::Resumed {
                generation,
                applied,
            } => {
                self.last_heard = Some(at);
                self.generation_seen = self.generation_seen.max(generation);
                self.expects(applied, 0)?;
                self.settle(applied);
                Ok(())
            }
            Entry::Acknowledged(acknowledged) => {
                self.last_heard = Some(at);
                self.acknowledge(acknowledged)
            }
            Entry::Notice(notice) => {
                // A newer figure of a service, or the same of what is held, takes the place of the one before.
                let replaces = |known: &Notice| {
                    let same = (&known.code, &known.local_id) == (&notice.code, &notice.local_id);
                    same && (notice.code == OUTCOMES || is_of_the_same_hold(known, &notice))
                };
                self.notices.retain(|known| !replaces(known));
                self.notices.push_front(notice);
                self.notices.truncate(NOTICES);
                Ok(())
            }
            Entry::KeyChanged(changed) => {
                let earlier = PublicKey::try_from(changed.earlier.as_slice());
                let earlier = earlier.map_err(|_| Inconsistent::Unreadable)?;
                if !self.former_keys.contains(&earlier) {
                    self.former_keys.push(earlier);
                }
                self.signed_again_at = None;
                Ok(())
            }
            _ => Err(Inconsistent::Set),
        }
    }

    fn fold_operation(&mut self, queued: &Queued, at: Timestamp) -> Result<(), Inconsistent> {
        let bytes = queued.bytes.as_slice();
        let operation = v1::Operation::decode(bytes).map_err(|_| Inconsistent::Unreadable)?;
        let here = operation.agency_id == self.agency.as_str()
            && operation.epoch == Some(self.tip.epoch.into())
            && operation.seq == self.tip.applied + 1
            && operation.prev_head == self.tip.head.as_bytes();
        if !here {
            return Err(Inconsistent::Queued);
        }
        let record = record_name(operation.record_kind, &operation.local_id)?;
        let hash = operation_hash(bytes);
        let base = Hash::try_from(operation.base_hash.as_slice()).ok();
        let ancestors = ancestry(&operation.ancestors)?;
        let made = Made {
            seq: operation.seq,
            hash,
            base,
            live: operation.record.is_some(),
        };
        let source = (!queued.source.is_empty()).then(|| Arc::from(queued.source.as_str()));
        let listed = self.catalog.entry(record.clone());
        listed.queue(made, Content::of(&operation), ancestors, source, at);
        self.stranded.remove(&record);
        self.tip = self.tip.followed_by(hash);
        self.waiting.push_back(Waiting {
            record,
            signed: queued.signed(),
            head_after: self.tip.head,
            queued_at: since(queued, at),
        });
        Ok(())
    }

    fn fold_report(&mut self, queued: &Queued, at: Timestamp) -> Result<(), Inconsistent> {
        let bytes = queued.bytes.as_slice();
        let operation =
            v1::CapacityOperation::decode(bytes).map_err(|_| Inconsistent::Unreadable)?;
        let here = operation.agency_id == self.agency.as_str()
            && operation.epoch == Some(self.tip.epoch.into())
            && operation.cseq > self.reports.last();
        if !here {
            return Err(Inconsistent::Queued);
        }
        let report = operation.report.ok_or(Inconsistent::Unreadable)?;
        let key = report_key(&report).ok_or(Inconsistent::Unreadable)?;
        let imported = Hash::try_from(queued.said.as_slice()).ok();
        let queued_at = since(queued, at);
        self.reports
            .queue(key, operation.cseq, queued.signed(), imported, queued_at);
        Ok(())
    }

    /// Whether this much can have been applied: no more than was queued.
    pub(super) fn expects(&self, applied: u64, capacity_applied: u64) -> Result<(), Inconsistent> {
        if applied > self.tip.applied || capacity_applied > self.reports.last() {
            return Err(Inconsistent::Acknowledged);
        }
        Ok(())
    }

    /// Moves what the directory has applied out of what waits. Whether it was refused is told later.
    fn settle(&mut self, applied: u64) {
        while self.settled.applied < applied {
            let Some(waiting) = self.waiting.pop_front() else {
                break;
            };
            self.settled.applied += 1;
            self.settled.head = waiting.head_after;
            self.untold.push_back(waiting.record);
        }
    }

    fn acknowledge(&mut self, acknowledged: Acknowledged) -> Result<(), Inconsistent> {
        let Acknowledged {
            applied,
            capacity_applied,
            refusals,
        } = acknowledged;
        self.expects(applied, capacity_applied)?;
        self.settle(applied);
        let (of_operations, of_reports): (Vec<_>, Vec<_>) =
            refusals.into_iter().partition(|refusal| refusal.seq > 0);
        self.decide_operations(of_operations);
        self.decide_reports(capacity_applied, &of_reports);
        self.forget_former_keys();
        Ok(())
    }

    /// Everything that an earlier key signed is signed again.
    fn forget_former_keys(&mut self) {
        if self.signed_again_at.is_some_and(|seq| self.told() >= seq) {
            self.former_keys.clear();
            self.signed_again_at = None;
        }
    }

    /// Every operation up to the last applied one is accepted unless it is refused here.
    fn decide_operations(&mut self, mut refusals: Vec<Refusal>) {
        refusals.sort_by_key(|refusal| refusal.seq);
        let mut refusals = refusals.into_iter().peekable();
        let mut lost = Vec::new();
        let first = self.told() + 1;
        for (seq, record) in (first..).zip(std::mem::take(&mut self.untold)) {
            while refusals.next_if(|refusal| refusal.seq < seq).is_some() {}
            let Some(refusal) = refusals.next_if(|refusal| refusal.seq == seq) else {
                self.accept(seq, &record);
                continue;
            };
            if let Some(listed) = self.catalog.get_mut(&record)
                && listed.refuse(seq)
            {
                let refers = listed.references();
                self.refused.refuse(record.clone(), refusal, refers);
                lost.push((seq, record));
            }
        }
        for (seq, record) in lost {
            let Some(listed) = self.catalog.get(&record) else {
                continue;
            };
            if listed.is_gone() {
                self.refused.forget(&record);
            } else if listed.lost_its_base(seq) {
                self.stranded.insert(record);
            }
        }
    }

    fn accept(&mut self, seq: u64, record: &RecordName) {
        let accepted = self
            .catalog
            .get_mut(record)
            .is_some_and(|listed| listed.accept(seq));
        if accepted {
            self.unsigned.remove(record);
            let referring = self.refused.accept(record);
            let undecided =
                |name: &RecordName| self.catalog.get(name).is_some_and(Listed::is_undecided);
            self.stranded
                .extend(referring.into_iter().filter(|name| !undecided(name)));
        }
    }

    fn decide_reports(&mut self, capacity_applied: u64, refusals: &[Refusal]) {
        for (cseq, key) in self.reports.settle(capacity_applied) {
            match refusals.iter().find(|refusal| refusal.cseq == cseq) {
                Some(refusal) => self.refused.refuse_report(key, refusal.clone()),
                None => self.refused.accept_report(&key),
            }
        }
    }
}

/// Whether two notices about one record tell of one hold: every session begins with them.
fn is_of_the_same_hold(known: &Notice, notice: &Notice) -> bool {
    let category = |of: &Notice| of.values.get("category").cloned();
    notice.code.starts_with("held_") && category(known) == category(notice)
}

fn record_name(kind: i32, id: &str) -> Result<RecordName, Inconsistent> {
    comparing::name(kind, id).ok_or(Inconsistent::Unreadable)
}

pub(super) fn ancestry(hashes: &[Vec<u8>]) -> Result<Ancestry, Inconsistent> {
    convert::federation::ancestry(hashes).map_err(|_| Inconsistent::Unreadable)
}

/// Since when something waits: what is made again in a new epoch has waited before.
fn since(queued: &Queued, at: Timestamp) -> Timestamp {
    match queued.since_us {
        0 => at,
        since => Timestamp::from_microsecond(since).unwrap_or(at),
    }
}
