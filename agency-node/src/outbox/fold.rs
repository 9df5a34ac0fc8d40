//! Folding one journal entry into the outbox: what was queued, what the directory said of it.
//!
//! The same function runs at the start and in the running node, so that memory is what a restart finds.

use std::sync::Arc;

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::operation_hash;
use referral_core::id::{Hash, LocalId};
use referral_proto::v1;

use super::codec::{Acknowledged, Entry, Queued, Refusal, kind_from_wire};
use super::{NOTICES, Outbox, Unfinished, Waiting, report_key};
use crate::catalog::{Listed, Made, RecordName, listed};

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
    /// Signed bytes that are no operation.
    #[error("a queued operation cannot be read")]
    Unreadable,
}

impl Outbox {
    /// Folds the journal entry with this index.
    ///
    /// * `at` — when it was appended.
    ///
    /// # Errors
    /// [`Inconsistent`] when it does not follow from the entries before it.
    pub fn fold(&mut self, index: u64, entry: Entry, at: Timestamp) -> Result<(), Inconsistent> {
        match &entry {
            Entry::Operation(queued) | Entry::Report(queued) => {
                let (set, completes) = (queued.set, queued.completes);
                self.collect(index, set, entry, at)?;
                if completes { self.complete() } else { Ok(()) }
            }
            _ => {
                self.unfinished = None;
                self.fold_heard(entry, at)
            }
        }
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
            .push((entry, at));
        Ok(())
    }

    fn complete(&mut self) -> Result<(), Inconsistent> {
        let Some(finished) = self.unfinished.take() else {
            return Ok(());
        };
        for (entry, at) in finished.entries {
            match entry {
                Entry::Operation(queued) => self.fold_operation(&queued, at)?,
                Entry::Report(queued) => self.fold_report(&queued, at)?,
                _ => return Err(Inconsistent::Set),
            }
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
                self.settle(applied)
            }
            Entry::Acknowledged(acknowledged) => {
                self.last_heard = Some(at);
                self.acknowledge(acknowledged)
            }
            Entry::Notice(notice) => {
                self.notices.push_front(notice);
                self.notices.truncate(NOTICES);
                Ok(())
            }
            Entry::Operation(_) | Entry::Report(_) => Err(Inconsistent::Set),
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
        let payload = operation
            .record
            .as_ref()
            .map(|record| record.encode_to_vec().into());
        let title = operation
            .record
            .as_ref()
            .map_or("", listed::title)
            .to_owned();
        let made = Made {
            seq: operation.seq,
            hash,
            base,
        };
        let source = (!queued.source.is_empty()).then(|| Arc::from(queued.source.as_str()));
        self.catalog
            .entry(record.clone())
            .queue(made, payload, title, source);
        self.stranded.remove(&record);
        self.tip = self.tip.followed_by(hash);
        self.waiting.push_back(Waiting {
            record,
            signed: queued.signed(),
            head_after: self.tip.head,
            queued_at: at,
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
        self.reports
            .queue(key, operation.cseq, queued.signed(), imported, at);
        Ok(())
    }

    /// Moves what the directory has applied out of what waits. Whether it was refused is told later.
    fn settle(&mut self, applied: u64) -> Result<(), Inconsistent> {
        if applied > self.tip.applied {
            return Err(Inconsistent::Acknowledged);
        }
        while self.settled.applied < applied {
            let Some(waiting) = self.waiting.pop_front() else {
                break;
            };
            self.settled.applied += 1;
            self.settled.head = waiting.head_after;
            self.untold.push_back(waiting.record);
        }
        Ok(())
    }

    fn acknowledge(&mut self, acknowledged: Acknowledged) -> Result<(), Inconsistent> {
        let Acknowledged {
            applied,
            capacity_applied,
            refusals,
        } = acknowledged;
        if capacity_applied > self.reports.last() {
            return Err(Inconsistent::Acknowledged);
        }
        self.settle(applied)?;
        let (of_operations, of_reports): (Vec<_>, Vec<_>) =
            refusals.into_iter().partition(|refusal| refusal.seq > 0);
        self.decide_operations(of_operations);
        self.decide_reports(capacity_applied, &of_reports);
        Ok(())
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

fn record_name(kind: i32, id: &str) -> Result<RecordName, Inconsistent> {
    let kind = kind_from_wire(kind).ok_or(Inconsistent::Unreadable)?;
    let id = LocalId::parse(id).map_err(|_| Inconsistent::Unreadable)?;
    Ok(RecordName { kind, id })
}
