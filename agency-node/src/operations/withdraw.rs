//! Taking records back: withdrawn, so that they are no longer found; deleted for good; or restored.
//!
//! A withdrawn record comes back when it is restored or imported again. A deleted one is forgotten, here
//! and at the directory, once the directory has acknowledged it.

use jiff::{SignedDuration, Timestamp};
use prost::Message;
use referral_core::id::LocalId;
use referral_proto::v1;

use super::Node;
use crate::catalog::{Catalog, Listed, RecordName};
use crate::outbox::NotQueued;

/// How long what a withdrawn record said is kept to be restored.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Why a record was not withdrawn, deleted or restored.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawError {
    /// The node publishes no such record.
    #[error("this node publishes no {name}{}", did_you_mean(nearest))]
    Unknown {
        /// What was asked for.
        name: RecordName,
        /// What could have been meant, best first.
        nearest: Vec<LocalId>,
    },
    /// Other records refer to it.
    #[error("{by} still refers to {name}: withdraw that first")]
    StillReferenced {
        /// What was asked for.
        name: RecordName,
        /// One that refers to it.
        by: RecordName,
    },
    /// It is published: there is nothing to restore.
    #[error("{0} is not withdrawn")]
    NotWithdrawn(RecordName),
    /// What it said is not kept any more.
    #[error("what {0} said is no longer kept (30 days, unless it was deleted): import it again")]
    NotKept(RecordName),
    /// The journal could not be written.
    #[error(transparent)]
    NotQueued(#[from] NotQueued),
}

impl WithdrawError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "record_unknown",
            Self::StillReferenced { .. } => "still_referenced",
            Self::NotWithdrawn(_) => "not_withdrawn",
            Self::NotKept(_) => "not_kept",
            Self::NotQueued(error) => error.code(),
        }
    }
}

impl Node {
    /// Queues the withdrawal of a record. Returns the sequence number it is under; for a record that is
    /// withdrawn already, the one it was withdrawn under.
    ///
    /// # Errors
    /// [`WithdrawError`]; nothing is queued then.
    pub fn withdraw(&self, name: &RecordName) -> Result<u64, WithdrawError> {
        let now = self.clock().now();
        self.change(|ledger| {
            let catalog = ledger.outbox().catalog();
            let known = catalog.get(name).ok_or_else(|| unknown(catalog, name))?;
            if known.payload.is_none() {
                return Ok(known.last().map_or(0, |last| last.seq));
            }
            unreferenced(catalog, name, &[])?;
            let mut composer = ledger.compose(now);
            // A withdrawal carries no record, so it cannot be too large.
            let seq = composer.change(name, None, "").unwrap_or_default();
            let set = composer.finish();
            ledger.queue(set, now)?;
            Ok(seq)
        })
    }

    /// Queues the deletion of records for good, all or none. Returns the sequence number that the last one is
    /// under; 0 when all were deleted before.
    ///
    /// # Errors
    /// [`WithdrawError`]; nothing is queued then.
    pub fn delete(&self, names: &[RecordName]) -> Result<u64, WithdrawError> {
        let now = self.clock().now();
        self.change(|ledger| {
            let catalog = ledger.outbox().catalog();
            let mut composer = ledger.compose(now);
            // Removals go against the order of reference.
            let mut names: Vec<&RecordName> = names.iter().collect();
            names.sort_by(|a, b| b.cmp(a));
            names.dedup();
            let mut last = 0;
            for name in &names {
                let known = catalog.get(name).ok_or_else(|| unknown(catalog, name))?;
                unreferenced(catalog, name, &names)?;
                if !known.for_good {
                    last = composer.delete(name);
                }
            }
            let set = composer.finish();
            ledger.queue(set, now)?;
            Ok(last)
        })
    }

    /// Queues what a withdrawn record said last. Returns the sequence number it is under.
    ///
    /// # Errors
    /// [`WithdrawError`]; nothing is queued then.
    pub fn restore(&self, name: &RecordName) -> Result<u64, WithdrawError> {
        let now = self.clock().now();
        self.change(|ledger| {
            let catalog = ledger.outbox().catalog();
            let known = catalog.get(name).ok_or_else(|| unknown(catalog, name))?;
            if known.payload.is_some() {
                return Err(WithdrawError::NotWithdrawn(name.clone()));
            }
            let not_kept = || WithdrawError::NotKept(name.clone());
            let record = kept(known, now).ok_or_else(not_kept)?;
            let source = known.source.as_deref().unwrap_or_default();
            let mut composer = ledger.compose(now);
            let seq = composer.change(name, Some(record), source);
            // It was published before, so it is not too large.
            let seq = seq.map_err(|_| not_kept())?;
            let set = composer.finish();
            ledger.queue(set, now)?;
            Ok(seq)
        })
    }
}

fn kept(known: &Listed, now: Timestamp) -> Option<v1::Record> {
    let kept = known.kept()?;
    let recent = now.duration_since(kept.since) <= KEPT;
    let record = v1::Record::decode(kept.payload.as_ref()).ok();
    record.filter(|_| recent)
}

pub(super) fn unknown(catalog: &Catalog, name: &RecordName) -> WithdrawError {
    let nearest = catalog.nearest(name.kind, name.id.as_str(), 3);
    let nearest = nearest.into_iter().cloned().collect();
    WithdrawError::Unknown {
        name: name.clone(),
        nearest,
    }
}

/// Checks that nothing refers to a record, but for what is removed with it.
fn unreferenced(
    catalog: &Catalog,
    name: &RecordName,
    removed: &[&RecordName],
) -> Result<(), WithdrawError> {
    let later = catalog.iter().filter(|(other, _)| other.kind > name.kind);
    let mut later = later.filter(|(other, _)| !removed.contains(other));
    let by = later.find(|(_, listed)| listed.references().contains(name));
    match by {
        None => Ok(()),
        Some((by, _)) => Err(WithdrawError::StillReferenced {
            name: name.clone(),
            by: by.clone(),
        }),
    }
}

fn did_you_mean(nearest: &[LocalId]) -> String {
    let ids: Vec<&str> = nearest.iter().map(LocalId::as_str).collect();
    if ids.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", ids.join(" or "))
    }
}
