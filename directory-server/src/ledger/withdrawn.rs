//! Services whose withdrawal is in the journal and not yet in the store.
//!
//! The writer hides a service the moment its withdrawal is durable. The applier, which comes behind, may
//! still be putting an earlier version of it into the index: it asks here, afterwards, whether that was
//! withdrawn meanwhile.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use referral_core::id::RecordKey;

/// Withdrawals by service, with their journal indexes: as many as batches wait for the applier.
#[derive(Debug, Default)]
pub(super) struct Withdrawn(Mutex<HashMap<RecordKey, u64>>);

impl Withdrawn {
    /// A withdrawal has become durable, at this journal index or before it.
    pub(super) fn note(&self, service: RecordKey, index: u64) {
        self.lock().insert(service, index);
    }

    /// Whether a service was withdrawn after this journal index.
    pub(super) fn after(&self, service: &RecordKey, index: u64) -> bool {
        self.lock().get(service).is_some_and(|at| *at > index)
    }

    /// Everything up to this journal index is in the store.
    pub(super) fn folded(&self, index: u64) {
        self.lock().retain(|_, at| *at > index);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RecordKey, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
