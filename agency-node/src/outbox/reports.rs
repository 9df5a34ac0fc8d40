//! The current capacity report of each service and location, and which of them still wait.
//!
//! Capacity is a last word, not a log: a newer report about the same thing takes the place of one that
//! has not been sent yet, and its counter with it. Counters increase and may have gaps.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use prost::Message;
use referral_core::capacity::Order;
use referral_core::federation::{Earlier, Made, OwnWord, Standing, Word, operation_hash};
use referral_core::id::{Hash, LocalId};
use referral_proto::convert::{federation, time};
use referral_proto::v1;

/// How many reports back one of the directory's can be recognised. Of 40 bytes each.
const REMEMBERED: usize = 65_536;

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReportKey {
    /// The service.
    pub service: LocalId,
    /// The location; `None`: the service as a whole.
    pub location: Option<LocalId>,
}

/// The last report that was queued about one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Current {
    /// Its counter.
    pub cseq: u64,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// Hash of what an import said last, as [`said`] has it; `None`: no import spoke of this.
    pub imported: Option<Hash>,
    pub(super) signed: v1::Signed,
}

/// The reports of an agency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reports {
    pub(super) current: BTreeMap<ReportKey, Current>,
    pub(super) waiting: BTreeMap<u64, ReportKey>,
    pub(super) last: u64,
    pub(super) settled: u64,
    /// Hashes of the last reports of the epoch that were queued, by counter.
    pub(super) recent: VecDeque<(u64, Hash)>,
}

impl Reports {
    /// The last counter that was given out.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The counter up to which the directory has acknowledged.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.settled
    }

    /// The current report about one thing.
    #[must_use]
    pub fn get(&self, key: &ReportKey) -> Option<&Current> {
        self.current.get(key)
    }

    /// Every current report.
    pub fn iter(&self) -> impl Iterator<Item = (&ReportKey, &Current)> {
        self.current.iter()
    }

    /// What a report with this counter is about, while it waits.
    #[must_use]
    pub fn waiting_at(&self, cseq: u64) -> Option<&ReportKey> {
        self.waiting.get(&cseq)
    }

    /// Reports that wait with a counter above `after`, in order.
    pub fn waiting_after(&self, after: u64) -> impl Iterator<Item = (u64, &v1::Signed)> {
        let waiting = self.waiting.range(after.saturating_add(1)..);
        waiting.filter_map(|(cseq, key)| Some((*cseq, &self.current.get(key)?.signed)))
    }

    /// Whether this report waits.
    #[must_use]
    pub fn is_waiting(&self, current: &Current) -> bool {
        self.waiting.contains_key(&current.cseq)
    }

    /// The hash of the report that had this counter; `None`: there was none, or it is too long ago.
    #[must_use]
    pub fn hash_at(&self, cseq: u64) -> Option<Hash> {
        let mut recent = self.recent.iter().rev();
        recent.find(|(at, _)| *at == cseq).map(|(_, hash)| *hash)
    }

    /// What is known of the current report beside another about the same thing; `None` never happens for
    /// bytes that this program wrote.
    #[must_use]
    pub fn own_word(&self, current: &Current, theirs: &Word) -> Option<OwnWord> {
        let cseq = theirs.order.cseq;
        let at_their_place = match self.hash_at(cseq) {
            Some(hash) => Made::Report(hash),
            None if cseq <= self.last => Made::Forgotten,
            None => Made::Nothing,
        };
        Some(OwnWord {
            word: current.word()?,
            waits: self.is_waiting(current),
            at_their_place,
        })
    }

    /// The reports that wait though the directory's counter has reached theirs, by that counter.
    ///
    /// Mostly it holds them and the acknowledgement was lost; where it is one alone and the directory names it as its
    /// last, that is certain, and it is not among them. But of a disk that was copied, or is an old copy, it may hold
    /// what the other said later: none of them is said again before that is known (R11).
    #[must_use]
    pub fn passed_by(&self, theirs: &Standing) -> BTreeMap<u64, ReportKey> {
        let passed = self.waiting.range(..=theirs.capacity_applied);
        let passed: BTreeMap<_, _> = passed.map(|(cseq, key)| (*cseq, key.clone())).collect();
        let is_named = |key| {
            let current: Option<&Current> = self.current.get(key);
            let hash = current.map(|current| operation_hash(&current.signed.bytes));
            hash == theirs.capacity_hash
        };
        if passed.values().all(is_named) {
            return BTreeMap::new();
        }
        passed
    }

    /// How many reports wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// When the oldest waiting report was queued.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let waiting = self
            .waiting
            .values()
            .filter_map(|key| self.current.get(key));
        waiting.map(|current| current.queued_at).min()
    }

    pub(super) fn queue(
        &mut self,
        key: ReportKey,
        cseq: u64,
        signed: v1::Signed,
        imported: Option<Hash>,
        queued_at: Timestamp,
    ) {
        let before = self.current.get(&key);
        let imported = imported.or(before.and_then(|current| current.imported));
        if let Some(before) = before
            && self.waiting.get(&before.cseq) == Some(&key)
        {
            self.waiting.remove(&before.cseq);
        }
        self.waiting.insert(cseq, key.clone());
        self.last = cseq;
        self.recent.push_back((cseq, operation_hash(&signed.bytes)));
        if self.recent.len() > REMEMBERED {
            self.recent.pop_front();
        }
        self.current.insert(
            key,
            Current {
                cseq,
                queued_at,
                imported,
                signed,
            },
        );
    }

    /// A new epoch: counters begin again, and what was reported is queued again.
    pub(super) fn begin_epoch(&mut self) {
        self.waiting.clear();
        (self.last, self.settled) = (0, 0);
        self.recent.clear();
    }

    /// The directory has recorded or refused everything up to `cseq`. Returns what had waited.
    pub(super) fn settle(&mut self, cseq: u64) -> Vec<(u64, ReportKey)> {
        self.settled = self.settled.max(cseq);
        let still = self.waiting.split_off(&self.settled.saturating_add(1));
        std::mem::replace(&mut self.waiting, still)
            .into_iter()
            .collect()
    }
}

impl Current {
    /// The report with its place; `None` never happens for bytes that this program wrote.
    pub(super) fn word(&self) -> Option<Word> {
        read_word(&self.signed).map(|(_, word)| word)
    }

    /// The report; `None` never happens for bytes that this program wrote.
    #[must_use]
    pub fn report(&self) -> Option<v1::CapacityReport> {
        v1::CapacityOperation::decode(self.signed.bytes.as_slice())
            .ok()?
            .report
    }
}

/// The report in an operation and its place; `None` when it cannot be read.
#[must_use]
pub fn read_word(signed: &v1::Signed) -> Option<(v1::CapacityOperation, Word)> {
    let operation = v1::CapacityOperation::decode(signed.bytes.as_slice()).ok()?;
    let report = operation.report.as_ref()?;
    let word = Word {
        order: Order {
            epoch: federation::epoch(operation.epoch).ok()?,
            cseq: operation.cseq,
        },
        hash: operation_hash(&signed.bytes),
        said: said(report),
        earlier: Earlier::of(&operation.earlier),
        observed_at: report.observed_at.and_then(|at| time::from_wire(at).ok()),
    };
    Some((operation, word))
}

/// The hash of what an import says of capacity, by which the next one knows that it says the same.
/// A report without a time of observation says the same whenever it is imported.
#[must_use]
pub fn said(report: &v1::CapacityReport) -> Hash {
    Hash::of(&[b"agency-node/said/1", &report.encode_to_vec()])
}
