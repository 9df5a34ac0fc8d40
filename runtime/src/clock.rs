//! The one clock. Everything else takes `now` as an argument, or a [`Clock`] where it runs for long.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Tells the time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time of day, UTC. It may jump when somebody sets the machine's clock.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment: for measuring how long something took. Never falls.
    fn elapsed(&self) -> Duration;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    /// A clock whose [`Clock::elapsed`] counts from now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub fn new() -> Self {
        Self {
            start: std::time::Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock that stands still until it is moved: for tests.
#[derive(Debug)]
pub struct ManualClock {
    hands: Mutex<(Timestamp, Duration)>,
}

impl ManualClock {
    /// A clock that shows `now`, with nothing elapsed.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            hands: Mutex::new((now, Duration::ZERO)),
        }
    }

    /// Lets time pass: both the time of day and what has elapsed.
    pub fn advance(&self, by: Duration) {
        self.change(|(now, elapsed)| {
            *now = now.saturating_add(by).unwrap_or(Timestamp::MAX);
            *elapsed += by;
        });
    }

    /// Sets the time of day, forwards or back, as an operator does. Nothing elapses.
    pub fn set(&self, to: Timestamp) {
        self.change(|(now, _)| *now = to);
    }

    /// Jumps by a difference, forwards or back. Nothing elapses.
    pub fn jump(&self, by: SignedDuration) {
        self.change(|(now, _)| *now = now.saturating_add(by).unwrap_or(*now));
    }

    fn change(&self, change: impl FnOnce(&mut (Timestamp, Duration))) {
        change(&mut self.hands.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn hands(&self) -> (Timestamp, Duration) {
        *self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.hands().0
    }

    fn elapsed(&self) -> Duration {
        self.hands().1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_the_time_of_day_back_elapses_nothing() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_mins(1));

        clock.set(Timestamp::UNIX_EPOCH);

        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        assert_eq!(clock.elapsed(), Duration::from_mins(1));
    }
}
