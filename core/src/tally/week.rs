//! Weeks, as ISO 8601 numbers them.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;

/// A week from Monday to Sunday, UTC, written `2026-W47`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Week {
    year: i16,
    number: i8,
}

/// Text that is no week. The writer's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a week is written year-Wnumber, such as 2026-W47")]
pub struct InvalidWeek;

impl Week {
    /// The week that `now` is in.
    #[must_use]
    pub fn of(now: Timestamp) -> Self {
        let day = now.to_zoned(TimeZone::UTC).date().iso_week_date();
        Self {
            year: day.year(),
            number: day.week(),
        }
    }

    /// Reads `2026-W47`.
    ///
    /// # Errors
    /// [`InvalidWeek`] for anything else, and for a week that its year does not have.
    pub fn parse(text: &str) -> Result<Self, InvalidWeek> {
        let (year, number) = text.split_once("-W").ok_or(InvalidWeek)?;
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || number.len() != 2 || !digits(year) || !digits(number) {
            return Err(InvalidWeek);
        }
        let year = year.parse().map_err(|_| InvalidWeek)?;
        let number = number.parse().map_err(|_| InvalidWeek)?;
        ISOWeekDate::new(year, number, Weekday::Monday).map_err(|_| InvalidWeek)?;
        Ok(Self { year, number })
    }

    /// Whole days from its Sunday to the day of `now`, UTC; zero or less while it lasts.
    #[must_use]
    pub fn days_since(self, now: Timestamp) -> i32 {
        let today = now.to_zoned(TimeZone::UTC).date();
        self.sunday()
            .and_then(|sunday| (today - sunday).get_days().into())
            .unwrap_or(0)
    }

    /// Whether all of it is past at `now`.
    #[must_use]
    pub fn is_over(self, now: Timestamp) -> bool {
        self.days_since(now) > 0
    }

    fn sunday(self) -> Option<Date> {
        let sunday = ISOWeekDate::new(self.year, self.number, Weekday::Sunday);
        sunday.ok().map(ISOWeekDate::date)
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_week_belongs_to_the_year_of_its_thursday() {
        for (day, week) in [
            ("2026-11-22T23:59:59Z", "2026-W47"),
            ("2026-11-23T00:00:00Z", "2026-W48"),
            ("2027-01-03T12:00:00Z", "2026-W53"),
            ("2024-12-30T00:00:00Z", "2025-W01"),
        ] {
            assert_eq!(Week::of(at(day)).to_string(), week, "{day}");
            assert_eq!(Week::parse(week), Ok(Week::of(at(day))), "{week}");
        }
    }

    #[test]
    fn what_is_no_week_is_refused() {
        for text in [
            "", "2026", "2026-47", "2026-W0", "2026-W00", "2026-W54", "2025-W53", "26-W47",
            "2026-W+1",
        ] {
            assert_eq!(Week::parse(text), Err(InvalidWeek), "{text}");
        }
    }

    #[test]
    fn a_week_is_as_old_as_its_sunday() {
        let week = Week::parse("2026-W47").unwrap();

        assert_eq!(week.days_since(at("2026-11-22T23:00:00Z")), 0);
        assert_eq!(week.days_since(at("2026-12-27T00:00:00Z")), 35);
        assert!(week.days_since(at("2026-11-16T00:00:00Z")) < 0);
    }
}
