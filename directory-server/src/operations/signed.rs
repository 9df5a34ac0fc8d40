//! Signed records on demand: what is served, as its agency signed it.

use jiff::Timestamp;
use referral_core::capacity::Ttl;
use referral_core::federation::{PublicKey, Purpose};
use referral_core::id::{AgencyId, Kind, RecordKey, RecordName};
use referral_core::policy::{Decision, Handed, Operation, Viewer, What, policy};

use super::handed::Holds;
use super::notices::BUDGET_SPENT;
use super::watch::Bookmark;
use super::{Directory, Notice};
use crate::ledger::SignedBytes;
use crate::store::StoreError;

/// Most bytes of an answer, about; the first record is always in it.
const ANSWER_BYTES: usize = 1 << 20;

/// Signed records of one agency as they are served.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedRecords {
    /// Where the directory stands.
    pub as_of: Bookmark,
    /// The agency's listing key.
    pub listing_key: PublicKey,
    /// In the order in which they were asked for; it may end early.
    pub records: Vec<ServedRecord>,
    /// What to know about the directory, and about the day of who asks.
    pub notices: Vec<Notice>,
}

/// One record as it is served.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedRecord {
    /// What was asked for.
    pub name: RecordName,
    /// The operation it stands at, when that was received and the key that signed it; `None` when there is
    /// nothing that they may know of.
    pub operation: Option<(SignedBytes, Timestamp, PublicKey)>,
    /// Why one that they may know of is not given.
    pub withheld: Option<Withheld>,
    /// Reports in force about it.
    pub reports: Vec<ServedReport>,
}

/// Why a listing that somebody can find is not given as it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// Something in it is for others.
    PartsForFew,
    /// They have seen as many listings that are not for everybody as there are in a day.
    BudgetSpent,
}

impl Withheld {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::PartsForFew => "parts_for_few",
            Self::BudgetSpent => BUDGET_SPENT,
        }
    }
}

/// One report as it is served.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedReport {
    /// What the agency signed.
    pub signed: SignedBytes,
    /// When it was received.
    pub received_at: Timestamp,
    /// How long it is believed.
    pub ttl: Ttl,
    /// The key that signed it.
    pub listing_key: PublicKey,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SignedError {
    /// Their token is not good for it.
    #[error("this token is not good for signed records: make one with the scope feed")]
    Denied,
    /// No member of this id.
    #[error("no agency of this id is a member of this directory")]
    Unknown,
    /// The store.
    #[error("the directory's store failed: try again later")]
    Store(#[from] StoreError),
}

impl Directory {
    /// The signed operations by which records of an agency stand, of those that `viewer` sees all of; for the
    /// agency's own people also what is held. Reads the disk: not for an async
    /// thread.
    ///
    /// # Errors
    /// [`SignedError`] when no such agency is a member, or the store cannot be read.
    pub fn signed(
        &self,
        viewer: &Viewer,
        agency: &AgencyId,
        asked: Vec<RecordName>,
    ) -> Result<SignedRecords, SignedError> {
        if !viewer.may(Operation::ReadFeed) {
            return Err(SignedError::Denied);
        }
        let of_own = policy(viewer, What::Held(agency)) == Decision::Allow;
        if !of_own && self.ledger.settled().is_banned(agency) {
            return Err(SignedError::Unknown);
        }
        let listing_key = self.listing_key(agency).ok_or(SignedError::Unknown)?;
        let as_of = self.bookmark();
        let mut records = Vec::new();
        let mut bytes = 0;
        for name in asked {
            if bytes >= ANSWER_BYTES {
                break;
            }
            let served = self.served(viewer, agency, name)?;
            bytes += 200 + served.bytes();
            records.push(served);
        }
        Ok(SignedRecords {
            as_of,
            listing_key,
            records,
            notices: self.notices_for(viewer, self.now()),
        })
    }

    fn served(
        &self,
        viewer: &Viewer,
        agency: &AgencyId,
        name: RecordName,
    ) -> Result<ServedRecord, StoreError> {
        let key = RecordKey {
            agency: agency.clone(),
            kind: name.kind,
            id: name.id.clone(),
        };
        let mut served = ServedRecord {
            name,
            operation: None,
            withheld: None,
            reports: Vec::new(),
        };
        let Some(stored) = self.store.record(&key)? else {
            return Ok(served);
        };
        let of_own = policy(viewer, What::Held(agency)) == Decision::Allow;
        if stored.record.is_none() && !of_own {
            // Whether what was withdrawn had ever been for all is not known: that there was a record is not said.
            return Ok(served);
        }
        if stored.record.is_some() {
            let handed = self.handed(viewer, &key, Holds::Heeded)?;
            served.withheld = (handed == Handed::InPart).then_some(Withheld::PartsForFew);
            if handed != Handed::Whole {
                return Ok(served);
            }
            let for_all = self.handed(&Viewer::anybody(), &key, Holds::Heeded)? == Handed::Whole;
            if !for_all && !self.may_take(viewer, &key) {
                served.withheld = Some(Withheld::BudgetSpent);
                return Ok(served);
            }
        }
        if stored.record.is_some() && key.kind == Kind::Service {
            let reports = self.store.reports_of(&key)?.into_iter();
            served.reports = reports
                .filter_map(|report| {
                    let listing_key = self.key_of(agency, Purpose::Capacity, &report.signed)?;
                    Some(ServedReport {
                        signed: report.signed,
                        received_at: report.received_at,
                        ttl: report.held.ttl,
                        listing_key,
                    })
                })
                .collect();
        }
        let listing_key = self.key_of(agency, Purpose::Listing, &stored.signed);
        served.operation = listing_key.map(|key| (stored.signed, stored.received_at, key));
        Ok(served)
    }
}

impl ServedRecord {
    fn bytes(&self) -> usize {
        let operation = self.operation.as_ref();
        let reports = self.reports.iter().map(|report| report.signed.bytes.len());
        operation.map_or(0, |(signed, ..)| signed.bytes.len()) + reports.sum::<usize>()
    }
}
