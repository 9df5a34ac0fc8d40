//! When a service is open: whether now, and its hours as published.

use jiff::Timestamp;
use jiff::civil::Time;
use referral_core::catalog::{Frequency, Schedule};
use referral_core::text::Name;

use crate::operations::{OfferView, Opening, opening};
use crate::{say, tell};

/// Weekdays as RFC 5545 writes them.
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// The hours of an offer.
pub(super) struct Hours {
    /// "Open now, until 5:00 PM there"; none where its hours do not tell.
    pub(super) now: Option<String>,
    /// True when it is open now.
    pub(super) is_open: bool,
    pub(super) lines: Vec<String>,
}

impl Hours {
    pub(super) fn of(offer: &OfferView, now: Timestamp) -> Self {
        let zone = offer.place.as_ref().and_then(|place| place.time_zone);
        let opening = opening(&offer.schedules, zone, now);
        Self {
            is_open: matches!(opening, Some(Opening::Until(_))),
            now: opening.map(|opening| said(&opening)),
            lines: together(&offer.schedules).iter().filter_map(line).collect(),
        }
    }
}

fn said(opening: &Opening) -> String {
    match opening {
        Opening::Until(until) => {
            let until = until.strftime("%-I:%M %p (%Z)").to_string();
            tell("open-until", &[("time", until.into())])
        }
        Opening::Closed(None) => say("closed-now"),
        Opening::Closed(Some(next)) => {
            let next = next.strftime("%A, %-I:%M %p (%Z)").to_string();
            tell("opens-next", &[("time", next.into())])
        }
    }
}

/// The schedules, with those in one that differ in their weekdays alone.
fn together(schedules: &[Schedule]) -> Vec<Schedule> {
    let mut kept: Vec<Schedule> = Vec::new();
    for schedule in schedules {
        let joined = kept.iter_mut().find_map(|known| {
            let days = format!("{},{}", known.byday.as_ref()?, schedule.byday.as_ref()?);
            let byday = Some(Name::parse(&days).ok()?);
            let both = Schedule {
                byday: known.byday.clone(),
                ..schedule.clone()
            };
            (both == *known).then(|| known.byday = byday)
        });
        if joined.is_none() {
            kept.push(schedule.clone());
        }
    }
    kept
}

/// "MO, TU 9:00 AM – 5:00 PM, by appointment".
fn line(schedule: &Schedule) -> Option<String> {
    let days = schedule.byday.as_ref().map(|days| weekdays(days.as_str()));
    let dates = schedule.bymonthday.as_ref().map(|days| {
        let days = days.as_str().to_owned();
        tell("hours-dates", &[("days", days.into())])
    });
    let times = match (schedule.opens_at, schedule.closes_at) {
        (Some(opens), Some(closes)) => Some(format!("{} – {}", time(opens), time(closes))),
        (Some(opens), None) => Some(tell("hours-from", &[("time", time(opens).into())])),
        _ => None,
    };
    let monthly = schedule.frequency == Some(Frequency::Monthly);
    let often = match schedule.interval {
        Some(every) if every > 1 && monthly => {
            Some(tell("hours-every-months", &[("number", every.into())]))
        }
        Some(every) if every > 1 => Some(tell("hours-every-weeks", &[("number", every.into())])),
        _ if monthly => Some(say("hours-every-month")),
        _ => None,
    };
    let from = schedule.valid_from.map(|day| day.to_string());
    let from = from.map(|day| tell("hours-valid-from", &[("day", day.into())]));
    let to = schedule.valid_to.map(|day| day.to_string());
    let to = to.map(|day| tell("hours-valid-to", &[("day", day.into())]));
    let texts = [&schedule.description, &schedule.notes];
    let texts = texts.into_iter().flatten().map(ToString::to_string);
    let when: Vec<String> = days.into_iter().chain(dates).chain(times).collect();
    let when = (!when.is_empty()).then(|| when.join(" "));
    let parts = when
        .into_iter()
        .chain(often)
        .chain(from)
        .chain(to)
        .chain(texts);
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn time(time: Time) -> String {
    time.strftime("%-I:%M %p").to_string()
}

/// Weekdays as RFC 5545 writes them, in words: three and more in a row as a span. What is none is left as it is.
fn weekdays(days: &str) -> String {
    let (mut open, mut others) = ([false; 7], Vec::new());
    for day in days.split(',').map(str::trim) {
        match DAYS.iter().position(|known| *known == day) {
            Some(at) => open[at] = true,
            None => others.push(of_month(day)),
        }
    }
    let mut parts = Vec::new();
    let mut first = 0;
    for row in open.chunk_by(|a, b| a == b) {
        let last = first + row.len() - 1;
        match row {
            [true, .., true] if last - first > 1 => {
                let span = [("first", name(first).into()), ("last", name(last).into())];
                parts.push(tell("hours-days", &span));
            }
            [true, ..] => parts.extend((first..=last).map(name)),
            _ => {}
        }
        first = last + 1;
    }
    parts
        .into_iter()
        .chain(others)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A weekday with its number in the month: "1MO", "-1FR".
fn of_month(day: &str) -> String {
    let at = day.len().saturating_sub(2);
    let (nth, code) = day.split_at_checked(at).unwrap_or(("", day));
    let Some(known) = DAYS.iter().position(|known| *known == code) else {
        return day.to_owned();
    };
    match nth {
        "-1" => tell("hours-last", &[("day", name(known).into())]),
        nth => tell(
            "hours-nth",
            &[
                ("number", nth.to_owned().into()),
                ("day", name(known).into()),
            ],
        ),
    }
}

fn name(day: usize) -> String {
    match day {
        0 => say("monday"),
        1 => say("tuesday"),
        2 => say("wednesday"),
        3 => say("thursday"),
        4 => say("friday"),
        5 => say("saturday"),
        _ => say("sunday"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time as at;

    use super::*;

    #[test]
    fn hours_are_told_in_words() {
        let schedule = Schedule {
            frequency: Some(Frequency::Monthly),
            byday: Name::parse("1MO,-1FR").ok(),
            opens_at: Some(at(9, 0, 0, 0)),
            closes_at: Some(at(17, 30, 0, 0)),
            ..Schedule::default()
        };

        assert_eq!(
            line(&schedule).as_deref(),
            Some("1. Monday, last Friday 9:00 AM – 5:30 PM, every month")
        );
        assert_eq!(line(&Schedule::default()), None);
    }

    #[test]
    fn the_same_hours_on_several_days_are_one_line() {
        let on = |days: &str, opens| Schedule {
            byday: Some(Name::parse(days).unwrap()),
            opens_at: Some(at(opens, 0, 0, 0)),
            closes_at: Some(at(17, 0, 0, 0)),
            ..Schedule::default()
        };

        let together = together(&[on("MO,WE", 9), on("SA", 10), on("TU,TH", 9), on("FR", 9)]);

        let lines: Vec<String> = together.iter().filter_map(line).collect();
        assert_eq!(
            lines,
            [
                "Monday to Friday 9:00 AM – 5:00 PM",
                "Saturday 10:00 AM – 5:00 PM"
            ]
        );
        assert_eq!(weekdays("SU,MO,1TU"), "Monday, Sunday, 1. Tuesday");
    }
}
