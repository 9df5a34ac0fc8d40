//! When a service is open: whether now, and its hours as published.

use jiff::Timestamp;
use jiff::civil::Time;
use referral_core::catalog::{Frequency, Schedule};

use crate::operations::{OfferView, Opening, opening};
use crate::{say, tell};

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
            lines: offer.schedules.iter().filter_map(line).collect(),
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

/// Weekdays as RFC 5545 writes them, in words; what is none is left as it is.
fn weekdays(days: &str) -> String {
    let days = days.split(',').map(|day| {
        let day = day.trim();
        let at = day.len().saturating_sub(2);
        let (nth, name) = day.split_at_checked(at).unwrap_or(("", day));
        let name = match name {
            "MO" => say("monday"),
            "TU" => say("tuesday"),
            "WE" => say("wednesday"),
            "TH" => say("thursday"),
            "FR" => say("friday"),
            "SA" => say("saturday"),
            "SU" => say("sunday"),
            other => other.to_owned(),
        };
        match nth {
            "" => name,
            "-1" => tell("hours-last", &[("day", name.into())]),
            nth => tell(
                "hours-nth",
                &[("number", nth.to_owned().into()), ("day", name.into())],
            ),
        }
    });
    days.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use jiff::civil::time as at;
    use referral_core::text::Name;

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
}
