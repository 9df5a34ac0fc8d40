//! What an engine answered, and whether two answered the same.

use std::collections::BTreeMap;

use referral_core::search::Facets;

use super::tokens::{Token, Tokens, value_name};

/// What differs at most between two numbers that are the same but for rounding, relative to them.
const ROUNDING: f64 = 1e-9;
/// Most differences told of one answer.
const TOLD: usize = 5;

/// What an engine answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// How many services match.
    pub total: u64,
    /// The best of them: number and score, best first.
    pub hits: Vec<(i64, f64)>,
    /// How many services have each facet value.
    pub facets: Counted,
}

/// How many services have each facet value.
#[derive(Clone, Debug, PartialEq)]
pub enum Counted {
    /// All values, as numbers.
    Tokens(Vec<(Token, u64)>),
    /// Those that a search shows: the greatest of each facet.
    Shown(Facets),
    /// The same by their names, see [`value_name`].
    Named(BTreeMap<String, usize>),
}

impl Default for Counted {
    fn default() -> Self {
        Self::Tokens(Vec::new())
    }
}

impl Counted {
    /// Each value by its name, as a search shows them.
    fn named(&self, tokens: &Tokens) -> BTreeMap<String, usize> {
        let shown = match self {
            Self::Tokens(counts) => &tokens.shown(counts),
            Self::Shown(facets) => facets,
            Self::Named(named) => return named.clone(),
        };
        let values = shown.values();
        values
            .map(|value| (value_name(&value.filter), value.count))
            .collect()
    }
}

/// Which parts of two answers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Everything, the order too.
    Order,
    /// Everything but the order: where words rank, each engine ranks them in its own way. Both give
    /// every service that matches, as far as they can.
    Set,
}

impl Answer {
    /// How `self` differs from what another engine answered; empty: not at all.
    #[must_use]
    pub fn differences(&self, other: &Self, compared: Compared, tokens: &Tokens) -> Vec<String> {
        let mut told = Vec::new();
        if self.total != other.total {
            told.push(format!("total {} and {}", self.total, other.total));
        }
        match compared {
            Compared::Order => self.in_order(other, &mut told),
            Compared::Set => self.as_sets(other, &mut told),
        }
        let (here, there) = (self.facets.named(tokens), other.facets.named(tokens));
        for value in here.keys().chain(there.keys()) {
            let (here, there) = (here.get(value), there.get(value));
            if here != there {
                told.push(format!("{value}: {here:?} and {there:?}"));
            }
        }
        told.dedup();
        told.truncate(TOLD);
        told
    }

    fn in_order(&self, other: &Self, told: &mut Vec<String>) {
        if self.hits.len() != other.hits.len() {
            told.push(format!("{} hits and {}", self.hits.len(), other.hits.len()));
        }
        for (place, (here, there)) in (1..).zip(self.hits.iter().zip(&other.hits)) {
            // Who tells no scores is only asked for the order.
            let untold = here.1.is_nan() || there.1.is_nan();
            let same = is_rounding(here.1, there.1) || (untold && here.0 == there.0);
            let excused = same || is_edge(here.1) || is_edge(there.1);
            if (here.0 != there.0 && !excused) || (here.0 == there.0 && !same) {
                told.push(format!("at place {place}: {here:?} and {there:?}"));
            }
        }
    }

    fn as_sets(&self, other: &Self, told: &mut Vec<String>) {
        let ids = |answer: &Self| {
            let mut ids: Vec<i64> = answer.hits.iter().map(|(id, _)| *id).collect();
            ids.sort_unstable();
            ids
        };
        let (here, there) = (ids(self), ids(other));
        let missing = |from: &[i64], of: &[i64]| {
            let gone = of.iter().filter(|id| from.binary_search(id).is_err());
            gone.copied().take(TOLD).collect::<Vec<_>>()
        };
        // The shorter may be cut off: the engine gives 1,000 at most.
        if here.len() >= there.len() {
            let missing = missing(&here, &there).into_iter();
            told.extend(missing.map(|id| format!("{id} is missing in the first")));
        }
        if there.len() >= here.len() {
            let missing = missing(&there, &here).into_iter();
            told.extend(missing.map(|id| format!("{id} is missing in the second")));
        }
    }
}

/// Whether rounding decides which band a score is in.
fn is_edge(score: f64) -> bool {
    let band = score.ln() / 1.1_f64.ln();
    (band - band.round()).abs() < ROUNDING
}

fn is_rounding(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING * a.abs().max(b.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(hits: &[(i64, f64)]) -> Answer {
        Answer {
            total: 2,
            hits: hits.to_vec(),
            facets: Counted::default(),
        }
    }

    #[test]
    fn only_rounding_may_change_the_order() {
        let first = answer(&[(1, 0.5), (2, 0.4)]);
        let tokens = Tokens::new();
        let differs = |hits| {
            !first
                .differences(&answer(hits), Compared::Order, &tokens)
                .is_empty()
        };

        assert!(!differs(&[(1, 0.5), (2, 0.4 + 1e-12)]));
        assert!(differs(&[(2, 0.4), (1, 0.5)]));
        assert!(differs(&[(1, 0.5)]));
    }

    #[test]
    fn a_total_a_missing_service_and_a_facet_are_differences() {
        let first = answer(&[(1, 0.5), (2, 0.4)]);
        let mut second = answer(&[(3, 0.5), (1, 0.4)]);
        second.total = 3;
        second.facets = Counted::Tokens(vec![(0, 7)]);

        let told = first.differences(&second, Compared::Set, &Tokens::new());

        assert_eq!(told.len(), 4, "{told:?}");
    }
}
