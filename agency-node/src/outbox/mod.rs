//! What waits to reach the directory, and what has reached it: a pure fold of the node's journal.
//!
//! [`Outbox`] is the state: it does no I/O and reads no clock. [`Composer`] makes the signed operations
//! that come next; [`Ledger`] makes entries durable in the journal and only then folds them. Nothing
//! queued is ever dropped but by the directory's acknowledgement; acknowledgements never go backwards within
//! an epoch. A new epoch, and what it takes over from the directory, is decided in `compare.rs`.
//! Rule numbers (R1...) are those of `docs/ARCHITECTURE.md`, "Federation".

pub mod codec;
mod compare;
pub mod comparing;
mod compose;
mod conflicts;
mod fold;
mod fold_compared;
mod ledger;
mod progress;
mod refused;
mod reports;
mod summary;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use referral_core::federation::{Chain, Epoch, Own, PublicKey};
use referral_core::id::{AgencyId, Hash, LocalId};
use referral_proto::v1;

use crate::catalog::{Catalog, RecordName};
use codec::{Entry, Notice};

pub use compare::{Fetched, Scope, Theirs};
pub use compose::{Composer, TooLarge};
pub use conflicts::{Conflict, Conflicts, Unsigned};
pub use fold::Inconsistent;
pub use ledger::{Ledger, LedgerError, NotCompacted, NotQueued, Shown};
pub use progress::Progress;
pub use refused::Refused;
pub use reports::{Current, ReportKey, Reports, read_word, said};
pub use summary::Stands;

/// The code of a deletion that waits for a second person at the directory.
pub const DELETION_HELD: &str = "deletion_held";
/// The notice that tells how referrals to a service went.
pub const OUTCOMES: &str = "outcomes";
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
    conflicts: Conflicts,
    /// Operations at the directory that this node's key did not sign.
    unsigned: BTreeMap<RecordName, Unsigned>,
    /// Whether a new epoch was ever begun: then what the directory held was taken over.
    compared: bool,
    /// Keys with which this node signed and signs no more, until all that they signed is signed again and told of.
    former_keys: Vec<PublicKey>,
    /// Once the fate of the operations up to this one is known, everything is signed again. `None`: that is not queued.
    signed_again_at: Option<u64>,
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
    entries: Vec<(u64, Entry, Timestamp)>,
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
            conflicts: Conflicts::new(),
            unsigned: BTreeMap::new(),
            compared: false,
            former_keys: Vec::new(),
            signed_again_at: None,
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

    /// Versions between which a person has to choose, by their numbers.
    #[must_use]
    pub fn conflicts(&self) -> &Conflicts {
        &self.conflicts
    }

    /// Operations that the directory holds in this agency's name and this node's key did not sign.
    #[must_use]
    pub fn unsigned(&self) -> &BTreeMap<RecordName, Unsigned> {
        &self.unsigned
    }

    /// Deletions that the directory holds until a second person allows them (R9), and that are still wished.
    pub fn held(&self) -> impl Iterator<Item = &RecordName> {
        let refused = self.refused.operations();
        let held = refused.filter(|(_, refusal)| refusal.code == DELETION_HELD);
        let wished = held.filter(|(name, _)| {
            let listed = self.catalog.get(name);
            listed.is_some_and(|listed| listed.for_good && !listed.is_undecided())
        });
        wished.map(|(name, _)| name)
    }

    /// Whether this log may not be the agency's first: nothing of it was acknowledged yet, and it was never
    /// compared with what the directory holds.
    #[must_use]
    pub fn is_new(&self) -> bool {
        !self.compared && self.settled.applied == 0 && self.reports.settled() == 0
    }

    /// The keys with which this node signed and signs no more: what they signed was said here, and is signed again in
    /// the next epoch. Once the directory has told of that they count for nothing: they may have been changed
    /// because somebody else has them.
    #[must_use]
    pub fn former_keys(&self) -> &[PublicKey] {
        &self.former_keys
    }

    /// The records that this node believes to be live at the directory, each with its operation (R15).
    pub fn believed(&self) -> impl Iterator<Item = (&RecordName, Hash)> {
        let ours = self.catalog.iter().filter_map(|(name, listed)| {
            let held = listed
                .accepted()
                .filter(|_| !self.unsigned.contains_key(name));
            Some((name, held?))
        });
        let unsigned = self.unsigned.iter().map(|(name, one)| (name, one.held));
        let held = ours.chain(unsigned).filter(|(_, held)| held.live);
        held.map(|(name, held)| (name, held.hash))
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

    /// Where this log stands, to be compared with a directory that has `applied` operations and has
    /// recorded reports up to `capacity_applied` (R5).
    #[must_use]
    pub fn own(&self, applied: u64, capacity_applied: u64) -> Own {
        Own {
            generation_seen: self.generation_seen,
            tip: self.tip,
            head_at_applied: self.head_at(applied),
            last_cseq: self.reports.last(),
            report_at_applied: self.reports.hash_at(capacity_applied),
            records: self.catalog.len() as u64,
        }
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
