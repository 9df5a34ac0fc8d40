//! Capacity, ages and places in a few plain words, the same in every adapter.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Count, Held, State, WaitBand};
use referral_core::catalog::Address;
use referral_core::geo::CountryCode;

use crate::{say, tell};

/// State, places and age of an offer in plain words; as a whole e.g.
/// `"open, 4 of 12 beds, confirmed 2 hours ago"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapacityWords {
    /// The state.
    pub state: String,
    /// What is known beside it: places, how long people wait, when it opens.
    pub details: Vec<String>,
    /// How old the report is; none where there is no report or it tells nothing any more.
    pub age: Option<String>,
    /// True when nothing is known for now: the details are what the last report said.
    pub call_first: bool,
}

impl CapacityWords {
    /// The words for `held` in `state` at `now`. A confidential place says some or none instead of how
    /// many. `zone`: the IANA time zone of the place.
    pub(super) fn of(
        state: State,
        held: Option<&Held>,
        confidential: bool,
        zone: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let words = |details: Vec<String>, age: Option<String>, call_first| Self {
            state: name(state),
            details,
            age,
            call_first,
        };
        let Some(held) = held else {
            return words(vec![say("capacity-never")], None, true);
        };
        let said = held.report.said();
        let places = said.counts.first();
        let places = places.map(|count| places_of(*count, confidential));
        let age = Some(ago(held.observed_at, now));
        let day = said.reopens_at;
        match state {
            State::Stale => {
                let was = name(State::from(said.state));
                words([was].into_iter().chain(places).collect(), age, true)
            }
            State::Unknown => {
                let day = day
                    .map(|day| tell("capacity-was-to-reopen", &[("day", day.to_string().into())]));
                words(day.into_iter().collect(), None, true)
            }
            State::Waitlist => {
                let waiting = said.waitlist_count.filter(|_| !confidential);
                let waiting = waiting.map(|n| tell("capacity-waiting", &[("count", n.into())]));
                let wait = said
                    .wait_band
                    .map(|band| tell("capacity-wait", &[("weeks", weeks(band).into())]));
                words(waiting.into_iter().chain(wait).collect(), age, false)
            }
            State::Paused | State::Closed | State::Window => {
                let day =
                    day.map(|day| tell("capacity-to-reopen", &[("day", day.to_string().into())]));
                let opens = said.opens_at.map(|at| moment(at, zone));
                let restored = held.before_restore.then(|| say("capacity-before-restore"));
                let details = opens.into_iter().chain(day).chain(restored);
                words(details.collect(), age, false)
            }
            State::Open | State::Limited | State::Assess => {
                words(places.into_iter().collect(), age, false)
            }
        }
    }
}

impl fmt::Display for CapacityWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.state)?;
        let details = self.details.join(", ");
        match &self.age {
            Some(age) if self.call_first => {
                let said = [("age", age.as_str().into()), ("details", details.into())];
                f.write_str(&tell("capacity-line-said", &said))?;
            }
            _ if !details.is_empty() => write!(f, ", {details}")?,
            _ => {}
        }
        match &self.age {
            _ if self.call_first => f.write_str(&say("capacity-line-call")),
            Some(age) => {
                let age = [("age", age.as_str().into())];
                f.write_str(&tell("capacity-line-confirmed", &age))
            }
            None => Ok(()),
        }
    }
}

/// How long ago `then` was, in the largest unit that says enough, e.g. `"20 minutes ago"`.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(then).max(SignedDuration::ZERO);
    let count = |number: i64| [("count", number.into())];
    match age.as_secs() {
        0..90 => say("ago-now"),
        seconds @ 90..5_400 => tell("ago-minutes", &count((seconds + 30) / 60)),
        seconds @ 5_400..129_600 => tell("ago-hours", &count((seconds + 1_800) / 3_600)),
        seconds => tell("ago-days", &count((seconds + 43_200) / 86_400)),
    }
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

fn places_of(count: Count, confidential: bool) -> String {
    let unit = |number: u32| {
        let number = [("count", number.into())];
        tell(&format!("unit-{}", count.unit.as_str()), &number)
    };
    let with = |number: u32, values: &[(&'static str, u32)]| {
        let mut said = vec![("unit", unit(number).into())];
        said.extend(values.iter().map(|(name, value)| (*name, (*value).into())));
        said
    };
    match (count.available, count.maximum) {
        (Some(0), _) if confidential => tell("places-no", &with(0, &[])),
        (_, _) if confidential => tell("places-some", &with(2, &[])),
        (Some(free), Some(most)) => {
            tell("places-of", &with(most, &[("free", free), ("most", most)]))
        }
        (Some(free), None) => tell("places-free", &with(free, &[("free", free)])),
        (None, Some(most)) => tell("places-most", &with(most, &[("most", most)])),
        (None, None) => tell("places-not-stated", &with(2, &[])),
    }
}

/// What a state is called.
#[must_use]
pub fn name(state: State) -> String {
    match state {
        State::Open => say("capacity-open"),
        State::Limited => say("capacity-limited"),
        State::Assess => say("capacity-assess"),
        State::Waitlist => say("capacity-waitlist"),
        State::Window => say("capacity-window"),
        State::Paused => say("capacity-paused"),
        State::Closed => say("capacity-closed"),
        State::Stale | State::Unknown => say("capacity-not-known"),
    }
}

/// How long people wait, e.g. `"2 to 6 weeks"`.
pub(super) fn weeks(band: WaitBand) -> String {
    match band {
        WaitBand::UnderTwoWeeks => say("wait-under-two"),
        WaitBand::TwoToSixWeeks => say("wait-two-to-six"),
        WaitBand::SixToTwelveWeeks => say("wait-six-to-twelve"),
        WaitBand::OverTwelveWeeks => say("wait-over-twelve"),
    }
}

/// Since when an agency is silent, e.g. `"Monday, June 1, 2026 at 7:31 AM CDT, 2 hours ago"`.
pub(super) fn since(at: Timestamp, zone: Option<&str>, now: Timestamp) -> String {
    format!("{}, {}", moment(at, zone), ago(at, now))
}

fn moment(at: Timestamp, zone: Option<&str>) -> String {
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
    let at = at.to_zoned(zone.unwrap_or(TimeZone::UTC));
    at.strftime("%A, %B %-d, %Y at %-I:%M %p %Z").to_string()
}

#[cfg(test)]
mod tests {
    use referral_core::capacity::{Draft, Order, Report, Source, Stated, Unit, ttl_for};
    use referral_core::federation::Epoch;
    use referral_core::id::LocalId;

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

    fn held(change: impl FnOnce(&mut Draft)) -> Held {
        let mut draft = Draft {
            service: LocalId::from_source("s"),
            location: None,
            state: Stated::Open,
            counts: vec![Count {
                unit: Unit::Bed,
                available: Some(4),
                maximum: Some(12),
            }],
            waitlist_count: None,
            wait_band: None,
            opens_at: None,
            reopens_at: None,
            observed_at: Timestamp::UNIX_EPOCH,
            ttl: None,
            source: Source::Person,
            note: None,
        };
        change(&mut draft);
        let report = Report::parse(draft, Timestamp::UNIX_EPOCH).unwrap();
        let epoch = Epoch {
            generation: 1,
            number: 1,
        };
        let longest = ttl_for([], Some(Unit::Bed));
        Held::receive(
            report,
            Order { epoch, cseq: 1 },
            longest,
            Timestamp::UNIX_EPOCH,
        )
    }

    fn said(state: State, held: Option<&Held>, confidential: bool) -> String {
        let hour_later = Timestamp::from_second(3_600 * 2).unwrap();
        CapacityWords::of(state, held, confidential, None, hour_later).to_string()
    }

    #[test]
    fn a_state_is_told_with_its_places_and_age() {
        let open = held(|_| {});
        let waitlist = held(|draft| {
            draft.state = Stated::Waitlist;
            draft.waitlist_count = Some(9);
            draft.wait_band = Some(WaitBand::TwoToSixWeeks);
        });
        let window = held(|draft| {
            draft.state = Stated::Window;
            draft.opens_at = Some("2026-05-12T13:00:00Z".parse().unwrap());
        });

        for (state, held, words) in [
            (
                State::Open,
                Some(&open),
                "open, 4 of 12 beds, confirmed 2 hours ago",
            ),
            (
                State::Stale,
                Some(&open),
                "not known, last report 2 hours ago said open, 4 of 12 beds: call first",
            ),
            (State::Unknown, Some(&open), "not known: call first"),
            (
                State::Unknown,
                None,
                "not known, never reported: call first",
            ),
            (
                State::Waitlist,
                Some(&waitlist),
                "waiting list, 9 waiting, wait 2 to 6 weeks, confirmed 2 hours ago",
            ),
            (
                State::Window,
                Some(&window),
                "opens at a stated time, Tuesday, May 12, 2026 at 1:00 PM UTC, confirmed 2 hours ago",
            ),
        ] {
            assert_eq!(said(state, held, false), words);
        }
    }

    #[test]
    fn what_was_closed_before_a_restore_is_closed_and_says_so() {
        let closed = held(|draft| draft.state = Stated::Closed).in_generation(2);

        let words = said(State::Closed, Some(&closed), false);

        assert_eq!(
            words,
            "closed to new people, reported before the directory was restored, confirmed 2 hours ago"
        );
    }

    #[test]
    fn silence_is_told_with_its_beginning_in_the_time_of_the_place() {
        let at: Timestamp = "2026-06-01T12:31:00Z".parse().unwrap();
        let now: Timestamp = "2026-06-01T14:31:00Z".parse().unwrap();

        assert_eq!(
            since(at, Some("America/Chicago"), now),
            "Monday, June 1, 2026 at 7:31 AM CDT, 2 hours ago"
        );
    }

    #[test]
    fn a_confidential_place_never_tells_how_many_wait() {
        let waitlist = held(|draft| {
            draft.state = Stated::Waitlist;
            draft.waitlist_count = Some(9);
        });

        let words = said(State::Waitlist, Some(&waitlist), true);

        assert_eq!(words, "waiting list, confirmed 2 hours ago");
    }

    #[test]
    fn a_confidential_place_never_tells_how_many() {
        let count = |available| Count {
            unit: Unit::Bed,
            available,
            maximum: Some(12),
        };

        assert_eq!(places_of(count(Some(3)), true), "some beds");
        assert_eq!(places_of(count(Some(0)), true), "no beds");
        assert_eq!(places_of(count(Some(3)), false), "3 of 12 beds");
    }
}
