//! States, numbers of places and times in words.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Draft, State, Stated};

use super::{say, tell};

/// A state in words. Somebody who taps "full" says paused with no place free.
pub(super) fn state(state: State, said: Option<&Draft>) -> String {
    match (state, said) {
        (State::Paused, Some(said)) if is_full(said) => say("state-full"),
        _ => say(&format!("state-{}", state.as_str())),
    }
}

/// Whether this is what "full" says.
pub(super) fn is_full(said: &Draft) -> bool {
    let main = said.counts.first().and_then(|count| count.available);
    let reopens = said.reopens_at.is_some() || said.opens_at.is_some();
    said.state == Stated::Paused && !reopens && main.is_none_or(|free| free == 0)
}

/// "4 of 12 beds free"; `None`: nobody said how many.
pub(super) fn places(said: &Draft) -> Option<String> {
    let count = said.counts.first()?;
    let (unit, free) = (count.unit.as_str(), count.available?);
    Some(match count.maximum {
        Some(all) => {
            let values = [("free", free.into()), ("all", all.into())];
            tell(&format!("free-of-{unit}"), &values)
        }
        None => tell(&format!("free-{unit}"), &[("free", free.into())]),
    })
}

/// "9 waiting"; `None`: nobody said how many.
pub(super) fn waiting(said: &Draft) -> Option<String> {
    let count = said.waitlist_count.filter(|count| *count > 0)?;
    Some(tell("waiting", &[("count", count.into())]))
}

/// The day on which something takes people again, and the same in words; `None`: that was not said, or it takes
/// people now.
pub(super) fn reopens(said: &Draft) -> Option<(String, String)> {
    let closed = matches!(said.state, Stated::Paused | Stated::Closed | Stated::Window);
    let day = said.reopens_at;
    let opens = said.opens_at.map(|at| at.to_zoned(TimeZone::UTC).date());
    let day = day.or(opens).filter(|_| closed)?;
    let words = day.strftime("%-d %B %Y").to_string();
    Some((
        day.to_string(),
        tell("reopens-on", &[("day", words.into())]),
    ))
}

/// How long it is between two times, in the largest unit that says enough.
pub(super) fn span(from: Timestamp, to: Timestamp) -> String {
    let minutes = to.duration_since(from).abs().as_secs() / 60;
    let (count, key) = match minutes {
        0 => return say("span-moment"),
        1..90 => (minutes, "span-minutes"),
        90..2_160 => ((minutes + 30) / 60, "span-hours"),
        _ => ((minutes + 720) / 1_440, "span-days"),
    };
    tell(key, &[("count", count.into())])
}

/// When something goes stale or did, in words.
pub(super) fn stale(at: Timestamp, now: Timestamp) -> String {
    let time = [("time", span(now, at).into())];
    if at < now {
        tell("stale-for", &time)
    } else {
        tell("stale-in", &time)
    }
}

/// How long ago something was.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    if now.duration_since(at) < SignedDuration::from_mins(1) {
        return say("just-now");
    }
    tell("ago", &[("time", span(at, now).into())])
}

/// A sentence with a capital and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) && !sentence.is_empty() {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_the_unit_that_says_enough() {
        let at: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        let after = |minutes| span(at, at + SignedDuration::from_mins(minutes));

        assert_eq!(after(0), "a moment");
        assert_eq!(after(1), "1 minute");
        assert_eq!(after(89), "89 minutes");
        assert_eq!(after(120), "2 hours");
        assert_eq!(after(60 * 24 * 3), "3 days");
        assert_eq!(
            stale(at, at + SignedDuration::from_hours(30)),
            "Stale for 30 hours"
        );
    }

    #[test]
    fn a_text_becomes_one_sentence() {
        assert_eq!(sentence("nothing is free"), "Nothing is free.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence(""), "");
    }
}
