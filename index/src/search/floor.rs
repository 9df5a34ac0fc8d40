//! Which matches surely come behind the best that are kept: told without their words or exact distances.
//!
//! Once as many are kept as asked for, a score below the band of the worst of them changes nothing. What that
//! means for distances is worked out once for every such band and state of capacity.

use jiff::Timestamp;
use referral_core::capacity::{State, Ttl};
use referral_core::geo::Kilometres;
use referral_core::search::{Candidate, Fit, farthest, score};

use crate::live::Seen;
use crate::part::{Circle, Lies, Vector};
use crate::search::asked::Asked;
use crate::search::counts::place;
use crate::search::place::Away;

/// The lowest score that could still be shown.
pub(crate) struct Floor {
    band: Option<i32>,
    least: f64,
    /// The most that words can be worth, exact names aside.
    relevance: f64,
    states: [Limit; State::ALL.len()],
}

/// What a floor means for offers in one state of capacity.
#[derive(Clone, Copy, Debug)]
struct Limit {
    /// Everything beyond is behind; `None`: everything is.
    within: Option<Circle>,
    /// Without a distance it is behind.
    unknown_behind: bool,
}

impl Floor {
    /// Nothing is behind yet.
    pub(crate) fn new() -> Self {
        let none = Limit {
            within: None,
            unknown_behind: false,
        };
        Self {
            band: None,
            least: 0.0,
            relevance: 0.0,
            states: [none; State::ALL.len()],
        }
    }

    /// True when this is no news.
    pub(crate) fn is_at(&self, band: i32) -> bool {
        self.band == Some(band)
    }

    /// What is not at least in this band is behind.
    ///
    /// * `relevance` — the most that words can be worth.
    pub(crate) fn raise(&mut self, asked: &Asked<'_>, band: i32, relevance: f64) {
        self.band = Some(band);
        self.least = floor_of(band);
        self.relevance = relevance;
        for (limit, state) in self.states.iter_mut().zip(State::ALL) {
            let best = |distance| {
                let best = Candidate {
                    relevance,
                    placed: asked.request.near.is_some(),
                    distance,
                    assumed: false,
                    state,
                    confirmed: Some((asked.now, Ttl::LONGEST)),
                    fit: Fit::Fits,
                    precision: None,
                };
                score(&best, asked.now)
            };
            let next_door = best(Kilometres::new(0.0).ok());
            let from = asked
                .request
                .near
                .as_ref()
                .and_then(|near| near.place.point);
            let farthest = farthest(next_door, self.least);
            *limit = Limit {
                within: from
                    .zip(farthest)
                    .map(|(from, farthest)| Circle::new(from, farthest)),
                unknown_behind: best(None).get() < self.least,
            };
        }
    }

    /// Whether an offer is behind even at its freshest and best.
    ///
    /// * `most` — the most that its words can be worth.
    /// * `at` — its position, where its distance is that of its position.
    pub(crate) fn is_above(&self, most: f64, seen: Seen, away: Away, at: Vector) -> bool {
        if self.band.is_none() || most > self.relevance {
            return false;
        }
        let limit = &self.states[place(seen.state)];
        match away {
            Away::Position => limit
                .within
                .is_none_or(|within| within.holds(at) == Lies::Outside),
            Away::Unknown => limit.unknown_behind,
            Away::Known(_) => false,
        }
    }

    /// Whether this candidate is behind.
    pub(crate) fn is_above_candidate(&self, candidate: &Candidate, now: Timestamp) -> bool {
        self.band.is_some() && score(candidate, now).get() < self.least
    }
}

/// A score that is surely in a lower band than this one, and so is every score below it.
fn floor_of(band: i32) -> f64 {
    /// Keeps rounding on the safe side.
    const CUSHION: f64 = 1.0 - 1e-9;
    1.1f64.powi(band) * CUSHION
}

#[cfg(test)]
mod tests {
    use super::*;
    use referral_core::search::band;

    #[test]
    fn scores_below_the_floor_are_in_a_lower_band() {
        for at in -300..300 {
            let floor = floor_of(at);
            // Scores are made from candidates only: relevance alone gives any number.
            let below = Candidate {
                relevance: floor * (1.0 - 1e-12),
                placed: false,
                distance: None,
                assumed: false,
                state: State::Open,
                confirmed: Some((Timestamp::UNIX_EPOCH, Ttl::LONGEST)),
                fit: Fit::Fits,
                precision: None,
            };

            assert!(band(score(&below, Timestamp::UNIX_EPOCH)) < at);
        }
    }
}
