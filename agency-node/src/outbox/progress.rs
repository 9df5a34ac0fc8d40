//! How far the node's log and the directory's copy of it have come, in a few numbers.

use referral_core::federation::Epoch;

use super::Outbox;

/// How far the node's log and the directory's copy of it have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The epoch that sequence numbers and counters are of.
    pub epoch: Epoch,
    /// Operations queued.
    pub queued: u64,
    /// Operations the directory has acknowledged.
    pub acknowledged: u64,
    /// The counter of the last capacity report queued.
    pub reported: u64,
    /// The counter up to which the directory has acknowledged.
    pub reports_acknowledged: u64,
    /// Capacity reports that wait.
    pub reports_waiting: usize,
}

impl Progress {
    /// How far an outbox has come.
    #[must_use]
    pub fn of(outbox: &Outbox) -> Self {
        Self {
            epoch: outbox.tip().epoch,
            queued: outbox.tip().applied,
            acknowledged: outbox.settled().applied,
            reported: outbox.reports().last(),
            reports_acknowledged: outbox.reports().settled(),
            reports_waiting: outbox.reports().waiting(),
        }
    }

    /// True when the directory has acknowledged everything that was queued.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.acknowledged >= self.queued && self.reports_waiting == 0
    }
}
