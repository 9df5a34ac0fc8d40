//! Moments on paper: a printed page says when it was true, and "2 hours ago" says nothing on it the next day.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The zone of what has no place: that of the capital.
const ELSEWHERE: &str = "America/New_York";

/// The zone of a place by its name; without one that of the capital.
pub(in crate::web) fn zone(name: Option<&str>) -> TimeZone {
    TimeZone::get(name.unwrap_or(ELSEWHERE)).unwrap_or(TimeZone::UTC)
}

/// "November 22, 2026, 1:05 PM EST".
pub(in crate::web) fn there(at: Timestamp, zone: &TimeZone) -> String {
    let there = at.to_zoned(zone.clone());
    there.strftime("%B %-d, %Y, %-I:%M %p %Z").to_string()
}

/// True where a person's check is more than a year before `now`.
pub(in crate::web) fn is_old(checked: Date, now: Timestamp) -> bool {
    checked.saturating_add(1.year()) < TimeZone::UTC.to_datetime(now).date()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_moment_is_said_in_the_time_of_its_place() {
        let at: Timestamp = "2026-11-22T04:05:00Z".parse().unwrap();

        assert_eq!(
            there(at, &zone(Some("America/Chicago"))),
            "November 21, 2026, 10:05 PM CST"
        );
        assert_eq!(there(at, &zone(None)), "November 21, 2026, 11:05 PM EST");
    }

    #[test]
    fn a_check_is_old_after_a_year() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();

        assert!(is_old(date(2021, 5, 20), now) && is_old(date(2025, 11, 21), now));
        assert!(!is_old(date(2025, 11, 22), now) && !is_old(date(2026, 11, 1), now));
    }
}
