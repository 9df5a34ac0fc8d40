//! The outbox for readers: nobody who looks waits for the disk.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::super::{Inconsistent, Outbox};

/// What is durable, for whoever only looks. A clone shows the same outbox.
///
/// The ledger's own handle is the only other one: while it folds nobody looks, and while it waits for the disk everybody may.
#[derive(Clone, Debug)]
pub struct Shown(Arc<RwLock<Option<Arc<Outbox>>>>);

impl Shown {
    pub(super) fn new(outbox: &Arc<Outbox>) -> Self {
        Self(Arc::new(RwLock::new(Some(Arc::clone(outbox)))))
    }

    /// What is there now; nothing is folded while it is held. `None`: the ledger panicked while it folded.
    pub fn now(&self) -> RwLockReadGuard<'_, Option<Arc<Outbox>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the outbox, and shows what it is after that, also where the change did not come to its end.
    pub(super) fn change(
        &self,
        outbox: &mut Arc<Outbox>,
        change: impl FnOnce(&mut Outbox) -> Result<(), Inconsistent>,
    ) -> Result<(), Inconsistent> {
        let mut shown = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *shown = None;
        // Nobody else has a handle on it, so nothing is copied.
        let changed = change(Arc::make_mut(outbox));
        *shown = Some(Arc::clone(outbox));
        changed
    }
}
