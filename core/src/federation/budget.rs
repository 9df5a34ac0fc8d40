//! How much one agency may have written down, so that none of them fills the journal with what is refused or said
//! again and again (I17, F35).
//!
//! A vessel that leaks: what is written for an agency goes in, what its [`Allowance`] gives a day runs out. Nothing
//! more is taken while it is full. [`Spent`] follows from the journal alone, record by record, so that a restart
//! forgets nothing of it. The arithmetic: docs/decisions/0022-a-budget-of-the-journal.md.

use jiff::Timestamp;

/// What every agency may have written in a day, whatever it publishes: sessions of a node on a poor link, changes of
/// a small catalog over and over. Unit: bytes.
const ALWAYS: u64 = 16 << 20;
/// How often all that an agency agreed to publish fits in: a first publish, a rebuild of the directory and a change of
/// keys on one day, and as much again.
const WHOLE_CATALOGS: u64 = 4;
/// How often all that stands can be said again every day: a file whose every row has today's date, twice.
const EVERY_DAY: u64 = 2;
/// A report of each service every minute, of 1 KiB. Unit: bytes a day.
const REPORTS: u64 = 24 * 60 * (1 << 10);
/// Above what is full, one part in this many is kept for what hides something, and for sessions in which to say so.
const RESERVE: u64 = 8;

const DAY_US: u128 = 24 * 60 * 60 * 1_000_000;

/// How much may be written for an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// At once. Unit: bytes.
    pub most: u64,
    /// What of it comes free again in a day. Unit: bytes.
    pub per_day: u64,
}

/// What was written for an agency and has not run out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Unit: bytes.
    pub bytes: u64,
    /// As of then.
    pub at: Timestamp,
}

impl Allowance {
    /// The allowance of an agency.
    ///
    /// * `agreed` — what its records may take by its quota. Unit: bytes.
    /// * `services` — services it publishes.
    /// * `bytes` — what the operations take by which its records stand. Unit: bytes.
    #[must_use]
    pub fn of(agreed: u64, services: u32, bytes: u64) -> Self {
        let reports = u64::from(services).saturating_mul(REPORTS);
        let again = bytes.saturating_mul(EVERY_DAY);
        Self {
            most: agreed.saturating_mul(WHOLE_CATALOGS).saturating_add(ALWAYS),
            per_day: ALWAYS.saturating_add(reports).saturating_add(again),
        }
    }

    /// Whether one thing more is taken.
    ///
    /// * `hides` — it withdraws something, or begins a session in which that can be said.
    #[must_use]
    pub fn takes(self, spent: Spent, hides: bool, now: Timestamp) -> bool {
        let reserve = if hides { self.most / RESERVE } else { 0 };
        spent.by(self, now).bytes < self.most.saturating_add(reserve)
    }
}

impl Spent {
    /// What is left of it later. A clock that went back lets nothing run out.
    #[must_use]
    pub fn by(self, allowance: Allowance, now: Timestamp) -> Self {
        let elapsed = now
            .as_microsecond()
            .saturating_sub(self.at.as_microsecond());
        let elapsed = u128::try_from(elapsed).unwrap_or(0);
        let per_day = u128::from(allowance.per_day);
        let out = per_day.saturating_mul(elapsed) / DAY_US;
        let Some(bytes) = u64::try_from(out)
            .ok()
            .and_then(|out| self.bytes.checked_sub(out))
        else {
            return Self {
                bytes: 0,
                at: now.max(self.at),
            };
        };
        // Time in which less than a byte runs out is not lost: it counts the next time.
        let counted = (out * DAY_US).div_ceil(per_day.max(1));
        let counted = i64::try_from(counted).unwrap_or(i64::MAX);
        let at = self.at.as_microsecond().saturating_add(counted);
        Self {
            bytes,
            at: Timestamp::from_microsecond(at).unwrap_or(now),
        }
    }

    /// The same after something was written.
    #[must_use]
    pub fn and(self, written: u64, allowance: Allowance, now: Timestamp) -> Self {
        let left = self.by(allowance, now);
        Self {
            bytes: left.bytes.saturating_add(written),
            ..left
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, ToSpan};
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp::constant(1_780_000_000, 0);
    const KIB: u64 = 1 << 10;

    fn later(us: i64) -> Timestamp {
        START + SignedDuration::from_micros(us)
    }

    /// What an agency of a hundred services may have written: 8 KiB agreed for each, 2 KiB taken.
    fn hundred() -> Allowance {
        Allowance::of(100 * 8 * KIB, 100, 100 * 2 * KIB)
    }

    #[test]
    fn a_report_of_each_service_every_minute_never_meets_it() {
        let allowance = hundred();
        let mut spent = Spent::default();

        for minute in 0..30 * 24 * 60 {
            let now = START + SignedDuration::from_mins(minute);
            assert!(allowance.takes(spent, false, now), "minute {minute}");
            spent = spent.and(100 * KIB, allowance, now);
        }
    }

    #[test]
    fn everything_may_be_said_four_times_at_once() {
        let allowance = hundred();
        let mut spent = Spent::default();

        for _ in 0..4 * 100 * 8 {
            assert!(allowance.takes(spent, false, START));
            spent = spent.and(KIB, allowance, START);
        }
    }

    /// Tries to have a hundred times as much written, in equal pieces over an hour. What was.
    fn written(allowance: Allowance) -> u64 {
        let (mut spent, mut written) = (Spent::default(), 0);
        let piece = allowance.most / 100;
        for number in 0..100 * 100 {
            let now = later(number * 360_000);
            if allowance.takes(spent, false, now) {
                spent = spent.and(piece, allowance, now);
                written += piece;
            }
        }
        written
    }

    #[test]
    fn a_hundred_times_as_much_gets_no_more() {
        let allowance = hundred();

        let most = allowance.most + allowance.most / 100 + allowance.per_day / 24;
        assert!((allowance.most..=most).contains(&written(allowance)));
    }

    #[test]
    fn what_hides_something_is_taken_for_longer() {
        let allowance = hundred();
        let full = Spent {
            bytes: allowance.most,
            at: START,
        };
        let over = Spent {
            bytes: allowance.most / 8 * 9,
            ..full
        };

        assert!(!allowance.takes(full, false, START));
        assert!(allowance.takes(full, true, START));
        assert!(!allowance.takes(over, true, START));
        let next_day = START.checked_add(24.hours()).unwrap();
        assert!(allowance.takes(full, false, next_day));
    }

    #[test]
    fn a_clock_that_went_back_gives_nothing() {
        let full = Spent {
            bytes: hundred().most,
            at: START,
        };

        assert_eq!(full.by(hundred(), later(-1)), full);
        assert_eq!(full.and(1, hundred(), later(-1)).bytes, full.bytes + 1);
    }

    proptest! {
        /// Whatever is tried, and whenever, no more is written than fits at once and runs out meanwhile, and one
        /// thing that was begun.
        #[test]
        fn nobody_writes_more_than_fits_and_runs_out(
            tries in proptest::collection::vec((0..400_000_000_i64, 1..70_000_u64), 1..400),
        ) {
            let allowance = Allowance { most: 1_000_000, per_day: 50_000_000 };
            let (mut spent, mut written, mut elapsed) = (Spent::default(), 0, 0);
            for (pause, bytes) in tries {
                elapsed += pause;
                if allowance.takes(spent, false, later(elapsed)) {
                    spent = spent.and(bytes, allowance, later(elapsed));
                    written += bytes;
                }
                let ran_out = u128::from(allowance.per_day) * u128::from(elapsed.unsigned_abs()) / DAY_US;
                let bound = u128::from(allowance.most) + ran_out + 70_000;
                prop_assert!(u128::from(written) <= bound, "{written} > {bound}");
            }
        }

        /// However often it is looked at, the same runs out.
        #[test]
        fn looking_often_makes_no_difference(steps in proptest::collection::vec(0..2_000_i64, 1..300)) {
            let allowance = Allowance { most: u64::MAX, per_day: 16 << 20 };
            let start = Spent { bytes: 1 << 20, at: START };
            let (mut often, mut elapsed) = (start, 0);
            for step in steps {
                elapsed += step;
                often = often.by(allowance, later(elapsed));
            }

            prop_assert!(often.bytes.abs_diff(start.by(allowance, later(elapsed)).bytes) <= 1);
        }
    }
}
