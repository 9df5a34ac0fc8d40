//! How far searches are behind what is accepted: the age of the oldest change that is durable and not yet
//! searchable (I12). Capacity and withdrawals are never behind: they are shown before they are acknowledged.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Changes that are not searchable yet. A clone speaks of the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Lag(Arc<Mutex<VecDeque<(u64, Duration)>>>);

impl Lag {
    /// Changes up to this journal index have become durable.
    pub(super) fn durable(&self, last_index: u64, elapsed: Duration) {
        self.lock().push_back((last_index, elapsed));
    }

    /// Changes up to this journal index are searchable.
    pub(super) fn searchable(&self, last_index: u64) {
        let mut waiting = self.lock();
        while waiting
            .front()
            .is_some_and(|(index, _)| *index <= last_index)
        {
            waiting.pop_front();
        }
    }

    /// Since when the oldest change waits, by the clock's elapsed time.
    fn since(&self) -> Option<Duration> {
        self.lock().front().map(|(_, elapsed)| *elapsed)
    }

    /// For how long it has waited, by the same clock.
    pub(super) fn behind(&self, elapsed: Duration) -> Option<Duration> {
        Some(elapsed.saturating_sub(self.since()?))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(u64, Duration)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_is_the_oldest_change_that_is_not_searchable() {
        let lag = Lag::default();
        for (index, at) in [(3, 10), (5, 20), (9, 30)] {
            lag.durable(index, Duration::from_secs(at));
        }

        lag.searchable(4);
        assert_eq!(lag.since(), Some(Duration::from_secs(20)));

        lag.searchable(9);
        assert_eq!(lag.since(), None);
    }
}
