//! The order of results: relevance x distance x availability x freshness.
//!
//! The weights stand in this file and nowhere else.

use jiff::{SignedDuration, Timestamp};

use crate::capacity::{State, Ttl};
use crate::geo::Kilometres;

/// Distance, in miles, at which a result counts half as much as one next door.
const HALF_DISTANCE_MI: f64 = 10.0;
/// What an offer without a distance counts as, in miles: it serves the place, from somewhere.
const UNKNOWN_DISTANCE_MI: f64 = 15.0;
/// What a number is still worth at the end of its time to live.
const FRESHNESS_AT_TTL: f64 = 0.5;
/// What an answer with only an assumed reach is worth.
const ASSUMED: f64 = 1e-3;

/// What decides the place of one result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// How well the words fit: more than 0; 1 where no words were asked.
    pub relevance: f64,
    /// True when the search names a place, so that distance counts.
    pub placed: bool,
    /// Distance from that place, where it is known.
    pub distance: Option<Kilometres>,
    /// True when the offer's reach is only assumed.
    pub assumed: bool,
    /// State of capacity.
    pub state: State,
    /// When the capacity was observed and how long it is believed; `None`: never reported.
    pub confirmed: Option<(Timestamp, Ttl)>,
}

/// The worth of a result; greater comes first. Finite, not negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score(f64);

impl Score {
    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The worth of a candidate at `now`.
#[must_use]
pub fn score(candidate: &Candidate, now: Timestamp) -> Score {
    let relevance = if candidate.relevance.is_finite() {
        candidate.relevance.max(0.0)
    } else {
        0.0
    };
    let reach = if candidate.assumed { ASSUMED } else { 1.0 };
    Score(
        relevance
            * nearness(candidate)
            * availability(candidate.state)
            * freshness(candidate, now)
            * reach,
    )
}

fn nearness(candidate: &Candidate) -> f64 {
    if !candidate.placed {
        return 1.0;
    }
    let miles = candidate
        .distance
        .map_or(UNKNOWN_DISTANCE_MI, Kilometres::miles);
    1.0 / (1.0 + miles / HALF_DISTANCE_MI)
}

fn availability(state: State) -> f64 {
    match state {
        State::Open => 1.0,
        State::Limited => 0.8,
        State::Assess => 0.5,
        State::Waitlist => 0.4,
        State::Window => 0.35,
        State::Stale => 0.25,
        State::Unknown => 0.2,
        State::Paused => 0.1,
        State::Closed => 0.05,
    }
}

/// 1 when just confirmed, falling evenly to [`FRESHNESS_AT_TTL`] at the end of the time to live and
/// no further; never reported counts as that.
fn freshness(candidate: &Candidate, now: Timestamp) -> f64 {
    let Some((observed_at, ttl)) = candidate.confirmed else {
        return FRESHNESS_AT_TTL;
    };
    let age = now.duration_since(observed_at).max(SignedDuration::ZERO);
    let spent = (age.as_secs_f64() / f64::from(ttl.seconds())).min(1.0);
    1.0 - spent * (1.0 - FRESHNESS_AT_TTL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn open() -> Candidate {
        Candidate {
            relevance: 1.0,
            placed: true,
            distance: Some(Kilometres::from_miles(5.0).unwrap()),
            assumed: false,
            state: State::Open,
            confirmed: Some((NOW, Ttl::LONGEST)),
        }
    }

    #[test]
    fn nearer_more_open_and_fresher_come_first() {
        let best = score(&open(), NOW);
        let farther = Candidate {
            distance: Some(Kilometres::from_miles(6.0).unwrap()),
            ..open()
        };
        let fuller = Candidate {
            state: State::Limited,
            ..open()
        };
        let older = Candidate {
            confirmed: None,
            ..open()
        };
        let assumed = Candidate {
            assumed: true,
            ..open()
        };

        for worse in [farther, fuller, older, assumed] {
            assert!(score(&worse, NOW) < best, "{worse:?}");
        }
    }

    #[test]
    fn what_may_be_open_comes_before_what_is_closed() {
        let of = |state| score(&Candidate { state, ..open() }, NOW);

        assert!(of(State::Unknown) > of(State::Closed));
        assert!(of(State::Waitlist) > of(State::Stale));
    }
}
