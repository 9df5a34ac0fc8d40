//! The weights of the ranking, as numbers that SQL and Java can compute with.
//!
//! They are asked of [`score`] itself: a bench that repeats them would go on with old ones.

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{State, Ttl};
use referral_core::geo::Kilometres;
use referral_core::search::{Candidate, Fit, score};

use super::tokens::STATES;

/// `worth[state] * relevance / (1 + miles / half_miles) * freshness`, times what holds of the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// What each state of capacity counts, by its number.
    pub worth: [f64; STATES.len()],
    /// Distance at which a result counts half, in miles.
    pub half_miles: f64,
    /// Nearness of an offer that has no distance.
    pub without_distance: f64,
    /// Freshness at the end of the time to live; it falls evenly from 1 to this.
    pub at_ttl: f64,
    /// What an offer counts whose provider decides whether it acts on the need.
    pub decides: f64,
    /// What an offer of assumed reach counts.
    pub assumed: f64,
}

impl Weights {
    /// The weights in force.
    #[must_use]
    pub fn in_force() -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let plain = Candidate {
            relevance: 1.0,
            placed: false,
            distance: None,
            assumed: false,
            state: State::Open,
            confirmed: Some((now, Ttl::LONGEST)),
            fit: Fit::Fits,
            precision: None,
        };
        let worth = |candidate: Candidate| score(&candidate, now).get();
        let open = worth(plain);
        let mile = Kilometres::from_miles(1.0).ok();
        let one_mile_off = worth(Candidate {
            placed: true,
            distance: mile,
            ..plain
        }) / open;
        let old = now.checked_sub(SignedDuration::from_hours(24 * 365));
        let confirmed = old.ok().map(|then| (then, Ttl::LONGEST));
        Self {
            worth: STATES.map(|state| worth(Candidate { state, ..plain })),
            half_miles: (one_mile_off / (1.0 - one_mile_off)).round(),
            without_distance: worth(Candidate {
                placed: true,
                ..plain
            }) / open,
            at_ttl: worth(Candidate { confirmed, ..plain }) / open,
            decides: worth(Candidate {
                fit: Fit::Decides,
                ..plain
            }) / open,
            assumed: worth(Candidate {
                assumed: true,
                ..plain
            }) / open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_give_the_score_of_any_candidate() {
        let weights = Weights::in_force();
        let now = Timestamp::UNIX_EPOCH;
        let miles = 37.5;
        let candidate = Candidate {
            relevance: 0.25,
            placed: true,
            distance: Kilometres::from_miles(miles).ok(),
            assumed: true,
            state: State::Waitlist,
            confirmed: Some((now - SignedDuration::from_hours(6), Ttl::clamped(86_400))),
            fit: Fit::Decides,
            precision: None,
        };

        let freshness = 1.0 - 0.25 * (1.0 - weights.at_ttl);
        let expected = 0.25 / (1.0 + miles / weights.half_miles)
            * weights.worth[3]
            * freshness
            * weights.decides
            * weights.assumed;
        let actual = score(&candidate, now).get();
        assert!(
            (actual / expected - 1.0).abs() < 1e-12,
            "{actual} {expected}"
        );
    }
}
