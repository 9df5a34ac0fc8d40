//! Whether something is open now, from its published hours.
//!
//! Hours that a program cannot read (words alone, no zone) make no answer: they are shown as published.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};
use referral_core::catalog::{Frequency, Schedule};
use referral_core::text::Name;

/// How many days ahead the next opening is looked for.
const AHEAD: i64 = 8;

/// Whether it is open now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Open, until then there.
    Until(Zoned),
    /// Closed, and opens again then there; none: not within a week.
    Closed(Option<Zoned>),
}

/// Whether something with these hours is open at `now`; none where the hours do not tell.
///
/// * `zone` — the IANA time zone of the place, for hours that name none.
#[must_use]
pub fn opening(schedules: &[Schedule], zone: Option<&str>, now: Timestamp) -> Option<Opening> {
    let mut next: Option<Zoned> = None;
    let mut readable = false;
    let mut until: Option<Zoned> = None;
    for schedule in schedules {
        let Some(spans) = spans(schedule, zone, now) else {
            continue;
        };
        readable = true;
        for (opens, closes) in spans {
            if opens.timestamp() <= now && now < closes.timestamp() {
                until = Some(until.map_or(closes.clone(), |known| known.max(closes)));
            } else if opens.timestamp() > now {
                next = Some(next.map_or(opens.clone(), |known| known.min(opens)));
            }
        }
    }
    match until {
        Some(until) => Some(Opening::Until(until)),
        None => readable.then_some(Opening::Closed(next)),
    }
}

/// When a schedule is open from yesterday on; none where it does not tell.
fn spans(schedule: &Schedule, zone: Option<&str>, now: Timestamp) -> Option<Vec<(Zoned, Zoned)>> {
    let (opens, closes) = (schedule.opens_at?, schedule.closes_at?);
    let named = schedule.time_zone.as_ref().map(Name::as_str);
    let zone = TimeZone::get(named.or(zone)?).ok()?;
    let today = now.to_zoned(zone.clone()).date();
    let mut spans = Vec::new();
    for ahead in -1..AHEAD {
        let day = today.checked_add(Span::new().days(ahead)).ok()?;
        if occurs(schedule, day)? {
            spans.extend(span(day, opens, closes, &zone));
        }
    }
    Some(spans)
}

/// One opening; one that ends before it begins ends the next day.
fn span(day: Date, opens: Time, closes: Time, zone: &TimeZone) -> Option<(Zoned, Zoned)> {
    let last = if closes <= opens {
        day.tomorrow().ok()?
    } else {
        day
    };
    let at = |day, time| DateTime::from_parts(day, time).to_zoned(zone.clone()).ok();
    Some((at(day, opens)?, at(last, closes)?))
}

/// Whether a schedule opens on a day; none where it does not tell.
fn occurs(schedule: &Schedule, day: Date) -> Option<bool> {
    let before = schedule.valid_from.is_some_and(|from| day < from);
    let after = schedule.valid_to.is_some_and(|to| day > to);
    let in_time = !before && !after;
    let days = schedule.byday.as_ref().map(Name::as_str);
    let dates = schedule.bymonthday.as_ref().map(Name::as_str);
    let fits = match (schedule.frequency, days, dates) {
        (_, Some(days), None) => by_weekday(days, day)?,
        (Some(Frequency::Monthly), None, Some(dates)) => by_date(dates, day)?,
        (Some(Frequency::Weekly), None, None) => schedule.dtstart?.weekday() == day.weekday(),
        (None, None, None) => schedule.dtstart? == day,
        _ => return None,
    };
    Some(in_time && fits && in_turn(schedule, day)?)
}

/// Whether a day is in a week, or month, that counts.
fn in_turn(schedule: &Schedule, day: Date) -> Option<bool> {
    let every = i64::from(schedule.interval.unwrap_or(1).max(1));
    if every == 1 {
        return Some(true);
    }
    let from = schedule.dtstart?;
    let apart = if schedule.frequency == Some(Frequency::Monthly) {
        let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
        months(day) - months(from)
    } else {
        let monday =
            |day: Date| day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days());
        let (first, this) = (monday(from).ok()?, monday(day).ok()?);
        i64::from(first.until(this).ok()?.get_days()) / 7
    };
    Some(apart.rem_euclid(every) == 0)
}

/// `MO,TU`, `1MO` (the first Monday of the month), `-1FR` (the last Friday); none for anything else.
fn by_weekday(days: &str, day: Date) -> Option<bool> {
    let mut fits = false;
    for one in days.split(',').map(str::trim) {
        let at = one.len().checked_sub(2)?;
        let (nth, name) = (one.get(..at)?, one.get(at..)?);
        let same = weekday(name)? == day.weekday();
        let in_month = match nth {
            "" => true,
            nth => {
                let nth: i8 = nth.parse().ok().filter(|nth| *nth != 0)?;
                let from_start = (day.day() - 1) / 7 + 1;
                let from_end = -((day.days_in_month() - day.day()) / 7 + 1);
                nth == from_start || nth == from_end
            }
        };
        fits |= same && in_month;
    }
    Some(fits)
}

/// `1,15`, `-1` (the last day of the month); none for anything else.
fn by_date(dates: &str, day: Date) -> Option<bool> {
    let mut fits = false;
    for one in dates.split(',') {
        let date: i8 = one.trim().parse().ok()?;
        let from_end = day.day() - day.days_in_month() - 1;
        fits |= date == day.day() || date == from_end;
    }
    Some(fits)
}

/// The weekday that RFC 5545 writes so.
fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    const ZONE: Option<&str> = Some("America/Chicago");

    fn weekly(days: &str, opens: Time, closes: Time) -> Schedule {
        Schedule {
            frequency: Some(Frequency::Weekly),
            byday: Name::parse(days).ok(),
            opens_at: Some(opens),
            closes_at: Some(closes),
            ..Schedule::default()
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn said(opening: Option<Opening>) -> String {
        match opening {
            None => "not told".to_owned(),
            Some(Opening::Until(at)) => format!("open until {}", at.strftime("%a %H:%M")),
            Some(Opening::Closed(None)) => "closed".to_owned(),
            Some(Opening::Closed(Some(at))) => format!("opens {}", at.strftime("%a %H:%M")),
        }
    }

    #[test]
    fn it_is_open_by_the_clock_of_the_place() {
        let hours = [weekly(
            "MO,TU,WE,TH,FR",
            time(9, 0, 0, 0),
            time(17, 0, 0, 0),
        )];

        // Monday, 1 June 2026; Chicago is 5 hours behind.
        for (now, told) in [
            ("2026-06-01T14:00:00Z", "open until Mon 17:00"),
            ("2026-06-01T13:59:59Z", "opens Mon 09:00"),
            ("2026-06-01T22:00:00Z", "opens Tue 09:00"),
            ("2026-06-05T22:00:00Z", "opens Mon 09:00"),
        ] {
            assert_eq!(said(opening(&hours, ZONE, at(now))), told, "{now}");
        }
    }

    #[test]
    fn a_night_that_began_yesterday_goes_on() {
        let hours = [weekly("MO", time(20, 0, 0, 0), time(7, 0, 0, 0))];

        let told = opening(&hours, ZONE, at("2026-06-02T09:00:00Z"));

        assert_eq!(said(told), "open until Tue 07:00");
    }

    #[test]
    fn hours_that_tell_nothing_make_no_answer() {
        let words = Schedule {
            description: referral_core::text::Text::parse("by appointment").ok(),
            ..Schedule::default()
        };
        let odd = weekly("Mondays", time(9, 0, 0, 0), time(17, 0, 0, 0));
        let plain = weekly("MO", time(9, 0, 0, 0), time(17, 0, 0, 0));

        assert_eq!(
            opening(&[words, odd], ZONE, at("2026-06-01T14:00:00Z")),
            None
        );
        assert_eq!(opening(&[plain], None, at("2026-06-01T14:00:00Z")), None);
    }

    #[test]
    fn hours_count_in_their_season_their_week_and_their_day_of_the_month() {
        let nine_to_five = |schedule: Schedule| Schedule {
            opens_at: Some(time(9, 0, 0, 0)),
            closes_at: Some(time(17, 0, 0, 0)),
            ..schedule
        };
        let over = nine_to_five(Schedule {
            valid_to: Some(date(2026, 5, 31)),
            byday: Name::parse("MO").ok(),
            ..Schedule::default()
        });
        let other_week = nine_to_five(Schedule {
            frequency: Some(Frequency::Weekly),
            interval: Some(2),
            dtstart: Some(date(2026, 5, 25)),
            byday: Name::parse("MO").ok(),
            ..Schedule::default()
        });
        let first_monday = nine_to_five(Schedule {
            frequency: Some(Frequency::Monthly),
            byday: Name::parse("1MO").ok(),
            ..Schedule::default()
        });
        let now = at("2026-06-01T14:00:00Z");

        assert_eq!(said(opening(&[over], ZONE, now)), "closed");
        assert_eq!(said(opening(&[other_week], ZONE, now)), "opens Mon 09:00");
        assert_eq!(
            said(opening(&[first_monday], ZONE, now)),
            "open until Mon 17:00"
        );
    }
}
