//! Withdrawing a record: it is no longer found. It comes back when it is imported again.

use referral_core::id::LocalId;

use super::Node;
use crate::catalog::{Catalog, RecordName};
use crate::outbox::NotQueued;

/// Why a record was not withdrawn.
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
            if let Some(by) = referrer(catalog, name) {
                return Err(WithdrawError::StillReferenced {
                    name: name.clone(),
                    by,
                });
            }
            let mut composer = ledger.compose(now);
            // A withdrawal carries no record, so it cannot be too large.
            let seq = composer.change(name, None, "").unwrap_or_default();
            let set = composer.finish();
            ledger.queue(set, now)?;
            Ok(seq)
        })
    }
}

fn unknown(catalog: &Catalog, name: &RecordName) -> WithdrawError {
    let nearest = catalog.nearest(name.kind, name.id.as_str(), 3);
    let nearest = nearest.into_iter().cloned().collect();
    WithdrawError::Unknown {
        name: name.clone(),
        nearest,
    }
}

fn referrer(catalog: &Catalog, name: &RecordName) -> Option<RecordName> {
    let mut later = catalog.iter().filter(|(other, _)| other.kind > name.kind);
    let by = later.find(|(_, listed)| listed.references().contains(name));
    by.map(|(other, _)| other.clone())
}

fn did_you_mean(nearest: &[LocalId]) -> String {
    let ids: Vec<&str> = nearest.iter().map(LocalId::as_str).collect();
    if ids.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", ids.join(" or "))
    }
}
