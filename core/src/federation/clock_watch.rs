//! Whether the time of day can be believed (R20).
//!
//! Beside the wall clock runs one that nobody can set. When the two part by more than 5 minutes from one look
//! to the next, somebody or something has set the wall clock, rightly or wrongly: [`ClockWatch`] then goes on
//! from the last time it trusts until an operator has looked and confirms the wall clock.
//!
//! R20 asks that decay stops. What stops is the jump: nothing becomes stale or expires because of it. The time
//! that truly passes is still counted, by the clock that nobody can set, since a report whose age stood
//! still would be shown younger than it is (I10).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How far the two clocks may part between two looks.
const TOLERATED: SignedDuration = SignedDuration::from_mins(5);

/// A wall clock that is watched.
#[derive(Clone, Copy, Debug)]
pub struct ClockWatch {
    /// The last time that is trusted.
    trusted: Timestamp,
    /// What the other clock showed then.
    elapsed: Duration,
    suspicion: Option<Suspicion>,
}

/// Why the wall clock is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// When it was noticed, in trusted time.
    pub since: Timestamp,
    /// How far the wall clock was ahead of what it should have shown; negative: behind.
    pub ahead: SignedDuration,
}

impl ClockWatch {
    /// Begins to watch. The first look is believed: there is nothing to compare it with.
    ///
    /// * `wall` — the time of day.
    /// * `elapsed` — time since some fixed moment, from a clock that nobody can set.
    #[must_use]
    pub fn start(wall: Timestamp, elapsed: Duration) -> Self {
        Self {
            trusted: wall,
            elapsed,
            suspicion: None,
        }
    }

    /// Takes into account that it has been `known` before, e.g. in what is on disk: a wall clock far behind
    /// that was set back while nobody watched.
    pub fn not_before(&mut self, known: Timestamp) {
        let ahead = self.trusted.duration_since(known);
        if ahead < -TOLERATED {
            self.trusted = known;
            self.suspect(ahead);
        }
    }

    /// Looks at both clocks, and gives the time that is trusted.
    pub fn look(&mut self, wall: Timestamp, elapsed: Duration) -> Timestamp {
        let passed = elapsed.saturating_sub(self.elapsed);
        let expected = self.trusted.saturating_add(passed);
        let expected = expected.unwrap_or(Timestamp::MAX);
        let ahead = wall.duration_since(expected);
        self.elapsed = elapsed;
        self.trusted = expected;
        if self.suspicion.is_none() {
            if ahead.abs() > TOLERATED {
                self.suspect(ahead);
            } else {
                self.trusted = wall;
            }
        }
        self.trusted
    }

    /// Why the wall clock is not believed; `None` while it is.
    #[must_use]
    pub fn suspicion(&self) -> Option<Suspicion> {
        self.suspicion
    }

    /// An operator has looked: the wall clock is right as it is now.
    pub fn confirm(&mut self, wall: Timestamp, elapsed: Duration) {
        *self = Self::start(wall, elapsed);
    }

    fn suspect(&mut self, ahead: SignedDuration) {
        self.suspicion = Some(Suspicion {
            since: self.trusted,
            ahead,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: Timestamp = Timestamp::constant(1_780_315_200, 0);

    fn watch() -> ClockWatch {
        ClockWatch::start(NOON, Duration::ZERO)
    }

    fn after(seconds: i64) -> Timestamp {
        NOON + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn a_clock_that_is_set_by_more_than_five_minutes_is_not_believed() {
        for (by, believed) in [(300, true), (301, false), (-300, true), (-301, false)] {
            let mut watch = watch();

            let now = watch.look(after(60 + by), Duration::from_mins(1));

            let expected = if believed { after(60 + by) } else { after(60) };
            assert_eq!(now, expected, "by {by} s");
            assert_eq!(watch.suspicion().is_none(), believed, "by {by} s");
        }
    }

    #[test]
    fn while_a_clock_is_not_believed_time_goes_on_as_it_truly_passes() {
        let mut watch = watch();
        watch.look(after(86_400), Duration::from_secs(10));

        let now = watch.look(after(86_400 + 3_600), Duration::from_secs(10 + 3_600));

        assert_eq!(now, after(10 + 3_600));
        let told = watch.suspicion().unwrap();
        assert_eq!((told.since, told.ahead.as_secs()), (after(10), 86_390));
    }

    #[test]
    fn a_clock_that_comes_back_by_itself_is_not_believed_until_an_operator_confirms_it() {
        let mut watch = watch();
        watch.look(after(-3_600), Duration::from_secs(10));
        assert_eq!(watch.look(after(20), Duration::from_secs(20)), after(20));
        assert!(watch.suspicion().is_some());

        watch.confirm(after(30), Duration::from_secs(30));

        assert_eq!(watch.suspicion(), None);
        assert_eq!(watch.look(after(31), Duration::from_secs(30)), after(31));
    }

    #[test]
    fn a_clock_that_was_set_back_while_nobody_watched_is_not_believed() {
        let (mut behind, mut fine) = (watch(), watch());

        behind.not_before(after(3_600));
        fine.not_before(after(300));

        assert_eq!(behind.look(NOON, Duration::ZERO), after(3_600));
        assert_eq!(behind.suspicion().unwrap().ahead.as_secs(), -3_600);
        assert_eq!(fine.suspicion(), None);
    }

    proptest! {
        /// A wall clock that runs a little fast or slow is followed for ever, however far it goes.
        #[test]
        fn a_clock_that_only_drifts_is_always_believed(
            looks in proptest::collection::vec((1..86_400u64, -299..300i64), 1..200),
        ) {
            let mut watch = watch();
            let (mut wall, mut elapsed) = (NOON, Duration::ZERO);
            for (passed, drift) in looks {
                elapsed += Duration::from_secs(passed);
                wall += SignedDuration::from_secs(passed.cast_signed() + drift);
                prop_assert_eq!(watch.look(wall, elapsed), wall);
            }
            prop_assert_eq!(watch.suspicion(), None);
        }
    }
}
