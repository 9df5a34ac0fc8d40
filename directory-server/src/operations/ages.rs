//! When services have to be archived next, so that not all of them are walked through every few seconds (R13).

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use referral_core::catalog::age::ARCHIVED_AFTER;

use crate::ledger::Heads;

/// Before this moment nothing has to be archived. At the start nothing is known.
#[derive(Debug)]
pub(super) struct Ages(AtomicI64);

impl Default for Ages {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl Ages {
    /// Whether something has to be archived by now.
    pub(super) fn is_due(&self, heads: &Heads, now: Timestamp) -> bool {
        if now.as_microsecond() < self.0.load(Ordering::Relaxed) {
            return false;
        }
        let next = heads.next_overdue();
        // What is published from now on has its year before it.
        let year = now.saturating_add(ARCHIVED_AFTER).unwrap_or(now);
        let look = next.min(year);
        self.0.store(look.as_microsecond(), Ordering::Relaxed);
        next <= now
    }
}
