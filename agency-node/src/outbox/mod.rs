//! What waits to reach the directory, and what has reached it: a pure fold of the node's journal.
//!
//! [`Outbox`] is the state: it does no I/O and reads no clock. [`Composer`] makes the signed operations
//! that come next; [`Ledger`] makes entries durable in the journal and only then folds them. Nothing
//! queued is ever dropped but by the directory's acknowledgement; acknowledgements never go backwards.
//! Rule numbers (R1...) are those of `docs/ARCHITECTURE.md`, "Federation".

pub mod codec;
mod compose;
mod ledger;
mod refused;
mod reports;
mod resume;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::{Chain, Epoch, operation_hash};
use referral_core::id::{AgencyId, Hash, LocalId};
use referral_proto::v1;

use crate::catalog::{Catalog, Listed, Made, RecordName, listed};
use codec::{Acknowledged, Entry, Notice, Queued, Refusal, kind_from_wire};

pub use compose::{Composer, TooLarge};
pub use ledger::{Ledger, LedgerError, NotQueued};
pub use refused::Refused;
pub use reports::{Current, ReportKey, Reports, said};
pub use resume::{CannotResume, Standing};

/// The most notices that are kept.
const NOTICES: usize = 100;

/// The node's side of its log: what it wants published, what waits, and what the directory refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Outbox {
    agency: AgencyId,
    /// After every operation queued.
    tip: Chain,
    /// After every operation the directory has applied or refused.
    settled: Chain,
    /// Operations 1..=`settled.applied` that are not in `untold` have a known fate.
    untold: VecDeque<RecordName>,
    waiting: VecDeque<Waiting>,
    catalog: Catalog,
    reports: Reports,
    refused: Refused,
    notices: VecDeque<Notice>,
    generation_seen: u64,
    last_heard: Option<Timestamp>,
    /// Records whose wish has to be queued again.
    stranded: BTreeSet<RecordName>,
    unfinished: Option<Unfinished>,
}

/// An operation the directory has not acknowledged.
#[derive(Clone, Debug, PartialEq)]
struct Waiting {
    record: RecordName,
    signed: v1::Signed,
    head_after: Hash,
    queued_at: Timestamp,
}

/// A set of entries whose last one has not been seen.
#[derive(Clone, Debug, PartialEq)]
struct Unfinished {
    set: u64,
    entries: Vec<(Entry, Timestamp)>,
}

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
    /// The outbox of an agency that has queued nothing.
    #[must_use]
    pub fn new(agency: AgencyId, epoch: Epoch) -> Self {
        let start = Chain::start(epoch);
        Self {
            agency,
            tip: start,
            settled: start,
            untold: VecDeque::new(),
            waiting: VecDeque::new(),
            catalog: Catalog::default(),
            reports: Reports::default(),
            refused: Refused::default(),
            notices: VecDeque::new(),
            generation_seen: epoch.generation,
            last_heard: None,
            stranded: BTreeSet::new(),
            unfinished: None,
        }
    }

    /// The agency.
    #[must_use]
    pub fn agency(&self) -> &AgencyId {
        &self.agency
    }

    /// The chain after every operation queued.
    #[must_use]
    pub fn tip(&self) -> Chain {
        self.tip
    }

    /// The chain after every operation the directory has acknowledged.
    #[must_use]
    pub fn settled(&self) -> Chain {
        self.settled
    }

    /// Operations whose fate the directory has told; no more than it has acknowledged.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.settled.applied - self.untold.len() as u64
    }

    /// The greatest directory generation seen.
    #[must_use]
    pub fn generation_seen(&self) -> u64 {
        self.generation_seen
    }

    /// The records.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The capacity reports.
    #[must_use]
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// What the directory refused and nothing later has replaced.
    #[must_use]
    pub fn refused(&self) -> &Refused {
        &self.refused
    }

    /// What the agency's people should know, newest first.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter()
    }

    /// When the directory last said something that is in the journal.
    #[must_use]
    pub fn last_heard(&self) -> Option<Timestamp> {
        self.last_heard
    }

    /// Records whose last operation was refused only because of another one's fate: they are to be
    /// queued again.
    pub fn stranded(&self) -> impl Iterator<Item = &RecordName> {
        self.stranded.iter()
    }

    /// When the oldest thing that waits was queued; `None`: nothing waits.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let operation = self.waiting.front().map(|waiting| waiting.queued_at);
        operation
            .into_iter()
            .chain(self.reports.waiting_since())
            .min()
    }

    /// Operations with a sequence number above `after`, in order.
    ///
    /// None come for an `after` below what the directory has acknowledged: those are not kept.
    pub fn operations_after(&self, after: u64) -> impl Iterator<Item = &v1::Signed> {
        let skip = after.checked_sub(self.settled.applied);
        let skip = skip
            .and_then(|skip| usize::try_from(skip).ok())
            .unwrap_or(usize::MAX);
        self.waiting
            .iter()
            .skip(skip)
            .map(|waiting| &waiting.signed)
    }

    /// The head of the log after operation `seq`; `None` when that is not yet queued, or was
    /// acknowledged long ago.
    #[must_use]
    pub fn head_at(&self, seq: u64) -> Option<Hash> {
        match seq.checked_sub(self.settled.applied)? {
            0 => Some(self.settled.head),
            after => {
                let at = usize::try_from(after - 1).ok()?;
                self.waiting.get(at).map(|waiting| waiting.head_after)
            }
        }
    }

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

/// What a report is about; `None` when an id is none.
#[must_use]
pub fn report_key(report: &v1::CapacityReport) -> Option<ReportKey> {
    let location = match report.location_id.as_str() {
        "" => None,
        id => Some(LocalId::parse(id).ok()?),
    };
    Some(ReportKey {
        service: LocalId::parse(&report.service_id).ok()?,
        location,
    })
}

fn record_name(kind: i32, id: &str) -> Result<RecordName, Inconsistent> {
    let kind = kind_from_wire(kind).ok_or(Inconsistent::Unreadable)?;
    let id = LocalId::parse(id).map_err(|_| Inconsistent::Unreadable)?;
    Ok(RecordName { kind, id })
}
