//! How far each point of demand has to the nearest open provider, and whether there is another one.

use crate::coverage::{Amount, Beyond, Distances, Figure};
use crate::geo::Kilometres;

use super::country::Country;
use super::sphere::chord2_of;
use super::ways::{Found, Ways};
use super::weighted::quantile;

/// Beyond everything: more than the squared chord to the other side of the Earth.
const ANYWHERE: f64 = 5.0;
/// The distances that are reported on. Unit: miles.
const MILES: [f64; 3] = [30.0, 60.0, 100.0];

/// What each point of [`Country::origins`] can reach.
#[derive(Debug)]
pub(super) struct Access {
    /// The nearest open pool.
    pub(super) first: Vec<Option<Found>>,
    /// The nearest pool if all that is in doubt were open.
    pub(super) at_best: Vec<Option<Kilometres>>,
}

impl Access {
    /// For each point, `d = min` over open pools that serve it of the great-circle distance to the nearest of their
    /// sites. Source: the definition, searched in k-d trees (Bentley 1975, <https://doi.org/10.1145/361002.361007>).
    pub(super) fn of(country: &Country, certain: &Ways, doubtful: &Ways) -> Self {
        let mut first = Vec::with_capacity(country.origins.len());
        let mut at_best = Vec::with_capacity(country.origins.len());
        for county in &country.counties {
            let sure = certain.local(county.county);
            let maybe = doubtful.local(county.county);
            for origin in &country.origins[county.origins.clone()] {
                let nearest = sure.nearest(origin, ANYWHERE);
                let bound = nearest.map_or(ANYWHERE, |found| chord2_of(found.distance));
                let other = maybe.nearest(origin, bound);
                let distances = [nearest, other].into_iter().flatten();
                let least = distances
                    .map(|found| found.distance)
                    .reduce(|a, b| if b < a { b } else { a });
                first.push(nearest);
                at_best.push(least);
            }
        }
        Self { first, at_best }
    }

    /// How far the people of these counties have.
    pub(super) fn distances(&self, country: &Country, counties: &[usize]) -> Distances {
        let (mut sure, mut best) = (Vec::new(), Vec::new());
        for at in country.origins_of(counties) {
            let weight = country.weight(at);
            sure.push((amount(self.distance(at)), weight));
            best.push((amount(self.at_best[at]), weight));
        }
        let n = self.behind(country, counties, None);
        let mut within = |share| {
            let value = quantile(&mut sure, share);
            Figure {
                value,
                lower: quantile(&mut best, share),
                upper: value,
                n,
            }
        };
        let (median, p90) = (within(0.5), within(0.9));
        let share = |is_beyond: &dyn Fn(Amount) -> bool| {
            let value = share_of(&sure, is_beyond);
            Figure {
                value,
                lower: share_of(&best, is_beyond),
                upper: value,
                n,
            }
        };
        let beyond = MILES.map(|miles| {
            let distance = Kilometres::from_miles(miles);
            let distance = distance.unwrap_or_else(|_| unreachable!("a distance in miles"));
            let is_beyond = |to: Amount| to.number().is_none_or(|to| to > distance.get());
            Beyond {
                distance,
                share: share(&is_beyond),
            }
        });
        let without = share(&|to| to == Amount::None);
        Distances {
            median,
            p90,
            beyond,
            without,
        }
    }

    /// The distance from a point to the nearest open pool.
    pub(super) fn distance(&self, origin: usize) -> Option<Kilometres> {
        self.first[origin].map(|found| found.distance)
    }

    /// How many different pools are the nearest ones of the people of these counties, within a distance where one
    /// is given.
    pub(super) fn behind(
        &self,
        country: &Country,
        counties: &[usize],
        within: Option<Kilometres>,
    ) -> u64 {
        let near = |found: &Found| within.is_none_or(|within| found.distance <= within);
        let mut pools: Vec<u32> = country
            .origins_of(counties)
            .filter_map(|at| self.first[at].filter(near).map(|found| found.pool))
            .collect();
        pools.sort_unstable();
        pools.dedup();
        pools.len() as u64
    }
}

/// A distance as a number of kilometres.
pub(super) fn amount(distance: Option<Kilometres>) -> Amount {
    distance.map(Kilometres::get).into()
}

fn share_of(values: &[(Amount, f64)], counts: &dyn Fn(Amount) -> bool) -> Amount {
    let weights = values.iter().map(|(_, weight)| weight);
    let all: f64 = weights.sum();
    let counted = values.iter().filter(|(value, _)| counts(*value));
    let part = counted.fold(0.0, |sum, (_, weight)| sum + weight);
    (all > 0.0).then(|| part / all).into()
}
