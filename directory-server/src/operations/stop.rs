//! Searches that nobody waits for any more stop.
//!
//! A search blocks, so it runs on a thread of its own; the [`Stop`] it looks at now and then is pulled
//! when the asker's request is dropped ([`Stop::when_dropped`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use referral_index::Stopped;
use referral_runtime::clock::Clock;

/// Says whether anybody still waits for an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

/// Pulls its [`Stop`] when dropped.
#[derive(Debug)]
pub(super) struct WhenDropped(Stop);

/// Nobody waits for the answer any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Abandoned;

impl Stop {
    /// What pulls this when it is dropped.
    pub(super) fn when_dropped(&self) -> WhenDropped {
        WhenDropped(self.clone())
    }

    /// What a search in the index asks now and then: it goes on while somebody waits, for so long at most
    /// from now on.
    pub(super) fn within(
        &self,
        longest: Duration,
        clock: &dyn Clock,
    ) -> impl Fn() -> Result<(), Stopped> {
        let began = clock.elapsed();
        move || {
            self.check().map_err(|Abandoned| Stopped::Cancelled)?;
            if clock.elapsed().saturating_sub(began) > longest {
                return Err(Stopped::Deadline);
            }
            Ok(())
        }
    }

    /// Goes on only while somebody waits.
    pub(super) fn check(&self) -> Result<(), Abandoned> {
        if self.0.load(Ordering::Relaxed) {
            Err(Abandoned)
        } else {
            Ok(())
        }
    }
}

impl Drop for WhenDropped {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use referral_runtime::clock::ManualClock;

    use super::*;

    #[test]
    fn a_search_goes_on_for_so_long_and_no_longer() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let stop = Stop::default();
        let longest = Duration::from_millis(250);
        let may_go_on = stop.within(longest, &clock);
        clock.advance(longest);
        assert_eq!(may_go_on(), Ok(()));

        clock.advance(Duration::from_millis(1));

        assert_eq!(may_go_on(), Err(Stopped::Deadline));
    }

    #[test]
    fn a_request_that_is_dropped_stops_its_search() {
        let stop = Stop::default();
        let seen = stop.clone();
        let request = stop.when_dropped();
        assert_eq!(seen.check(), Ok(()));

        drop(request);

        assert_eq!(seen.check(), Err(Abandoned));
    }
}
