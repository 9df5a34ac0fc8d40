//! Capacity, ages and places in a few plain words, the same in every adapter.

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Count, Held, State, Unit};
use referral_core::catalog::Address;
use referral_core::geo::CountryCode;

/// State, places and age, e.g. `"open, 4 of 12 beds, confirmed 2 hours ago"`. A confidential place
/// says some or none instead of how many.
pub(super) fn capacity(
    state: State,
    held: Option<&Held>,
    confidential: bool,
    now: Timestamp,
) -> String {
    let Some(held) = held else {
        return "not known, never reported: call first".to_owned();
    };
    let said = held.report.said();
    let places = said
        .counts
        .first()
        .map(|count| places(*count, confidential));
    let age = ago(held.observed_at, now);
    let change = said.reopens_at.map(|day| day.to_string());
    match state {
        State::Stale => {
            let was = State::from(said.state);
            let places = places
                .map(|places| format!(", {places}"))
                .unwrap_or_default();
            format!(
                "not known, last report {age} said {}{places}: call first",
                words(was)
            )
        }
        State::Unknown => match change {
            Some(day) => format!("not known, was to reopen on {day}: call first"),
            None => "not known: call first".to_owned(),
        },
        State::Waitlist => {
            let waiting = said.waitlist_count.map(|n| format!("{n} waiting"));
            let band = said.wait_band.map(|band| format!("wait {}", band.as_str()));
            joined("waiting list", &[waiting, band], &age)
        }
        State::Paused | State::Closed => {
            let until = change.map(|day| format!("to reopen on {day}"));
            joined(words(state), &[until, None], &age)
        }
        _ => joined(words(state), &[places, None], &age),
    }
}

/// How long ago `then` was, in the largest unit that says enough, e.g. `"20 minutes ago"`.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(then).max(SignedDuration::ZERO);
    let (number, unit) = match age.as_secs() {
        0..90 => return "just now".to_owned(),
        seconds @ 90..5_400 => ((seconds + 30) / 60, "minute"),
        seconds @ 5_400..129_600 => ((seconds + 1_800) / 3_600, "hour"),
        seconds => ((seconds + 43_200) / 86_400, "day"),
    };
    format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" })
}

/// City and state, or the country: where a place is, for a heading.
pub(super) fn area(address: &Address) -> String {
    let city = address.city.as_ref().map(ToString::to_string);
    let state = address.state.map(|state| state.to_string());
    let state = state.or_else(|| address.state_province.as_ref().map(ToString::to_string));
    let country = (address.country != CountryCode::US).then(|| address.country.to_string());
    let parts: Vec<String> = [city, state, country].into_iter().flatten().collect();
    parts.join(", ")
}

fn places(count: Count, confidential: bool) -> String {
    let unit = |n: u32| match (count.unit, n) {
        (Unit::Family, 1) => "family".to_owned(),
        (Unit::Family, _) => "families".to_owned(),
        (unit, 1) => unit.as_str().to_owned(),
        (unit, _) => format!("{}s", unit.as_str()),
    };
    match (count.available, count.maximum) {
        (Some(0), _) if confidential => format!("no {}", unit(0)),
        (_, _) if confidential => format!("some {}", unit(2)),
        (Some(available), Some(maximum)) => format!("{available} of {maximum} {}", unit(maximum)),
        (Some(available), None) => format!("{available} {}", unit(available)),
        (None, Some(maximum)) => format!(
            "of {maximum} {}, how many are free is not stated",
            unit(maximum)
        ),
        (None, None) => format!("number of {} not stated", unit(2)),
    }
}

fn words(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Limited => "few places",
        State::Assess => "after screening",
        State::Waitlist => "waiting list",
        State::Window => "opens at a stated time",
        State::Paused => "paused",
        State::Closed => "closed to new people",
        State::Stale | State::Unknown => "not known",
    }
}

fn joined(first: &str, more: &[Option<String>; 2], age: &str) -> String {
    let confirmed = format!("confirmed {age}");
    let more = more.iter().flatten().map(String::as_str);
    let parts: Vec<&str> = [first]
        .into_iter()
        .chain(more)
        .chain([confirmed.as_str()])
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_the_unit_that_says_enough() {
        let now: Timestamp = "2026-05-10T12:00:00Z".parse().unwrap();
        for (then, said) in [
            ("2026-05-10T11:59:30Z", "just now"),
            ("2026-05-10T11:40:00Z", "20 minutes ago"),
            ("2026-05-10T10:00:00Z", "2 hours ago"),
            ("2026-05-08T12:00:00Z", "2 days ago"),
            ("2026-05-10T13:00:00Z", "just now"),
        ] {
            assert_eq!(ago(then.parse().unwrap(), now), said);
        }
    }

    #[test]
    fn a_confidential_place_never_tells_how_many() {
        let count = |available| Count {
            unit: Unit::Bed,
            available,
            maximum: Some(12),
        };

        assert_eq!(places(count(Some(3)), true), "some beds");
        assert_eq!(places(count(Some(0)), true), "no beds");
        assert_eq!(places(count(Some(3)), false), "3 of 12 beds");
    }
}
