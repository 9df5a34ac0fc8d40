//! How far each point of demand has to the nearest open provider, and whether there is another one.

use std::rc::Rc;

use crate::coverage::{Amount, Beyond, Demand, Distances, Figure, Ground, Supply};
use crate::geo::Kilometres;

use super::column::Column;
use super::country::Country;
use super::sphere::at_most;
use super::together::{Nearest, Together};
use super::unplaced::Unplaced;
use super::ways::{Found, Local, Ways};
use super::weighted::quantile;

/// Nothing yet, and beyond everything: more than the squared chord to the other side of the Earth.
const ANYWHERE: Nearest = Nearest {
    chord2: 5.0,
    way: None,
};
/// The distances that are reported on. Unit: miles.
const MILES: [f64; 3] = [30.0, 60.0, 100.0];

/// How far a point of demand has to the nearest open provider that serves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Away {
    /// By what is certain; `None`: nobody open serves it.
    pub open: Option<Kilometres>,
    /// The same if all that is in doubt were open.
    pub at_best: Option<Kilometres>,
}

/// How far each point of a table has, in its order: what rows and summaries of a report are made from.
#[must_use]
pub fn nearest_distances(demand: &Demand, supply: &Supply, ground: &Ground) -> Vec<Away> {
    let country = Country::of(demand, ground);
    let (certain, doubtful) = Ways::of(supply, ground);
    let access = Access::of(&country, &certain, &doubtful, &Unplaced::of(supply));
    let at_best = access.at_best.values().iter();
    let both = access.first.iter().zip(at_best);
    both.map(|(first, at_best)| Away {
        open: first.map(|found| found.distance),
        at_best: at_best.number().and_then(|km| Kilometres::new(km).ok()),
    })
    .collect()
}

/// What each point of the table can reach.
#[derive(Debug)]
pub(super) struct Access {
    /// The nearest open pool.
    pub(super) first: Vec<Option<Found>>,
    /// How far it is.
    pub(super) sure: Rc<Column>,
    /// The nearest pool if all that is in doubt were open.
    pub(super) at_best: Rc<Column>,
}

impl Access {
    /// For each point, `d = min` over open pools that serve it of the great-circle distance to the nearest of their
    /// sites. Source: the definition, searched in k-d trees (Bentley 1975, <https://doi.org/10.1145/361002.361007>).
    ///
    /// At best somebody whose place nobody knows is at the door of all whom they may serve.
    pub(super) fn of(
        country: &Country<'_>,
        certain: &Ways,
        doubtful: &Ways,
        unplaced: &Unplaced<'_>,
    ) -> Self {
        let mut first = Vec::with_capacity(country.size());
        let mut at_best = Vec::with_capacity(country.size());
        let (mut together, mut nearest) = (Together::default(), Vec::new());
        for county in &country.counties {
            let points = county.origins.clone();
            let sure = certain.local(county.county);
            let maybe = doubtful.local(county.county);
            let anywhere = unplaced.local(county.county);
            let found = |local: Local<'_>, point: usize, nearest: &Nearest| {
                let way = local.ways[nearest.way? as usize];
                Some(way.found(&country.origin(point)))
            };
            nearest.clear();
            nearest.resize(points.len(), ANYWHERE);
            together.nearest(sure, country, points.clone(), &mut nearest);
            for (point, nearest) in points.clone().zip(&mut nearest) {
                first.push(found(sure, point, nearest));
                *nearest = Nearest {
                    chord2: at_most(nearest.chord2),
                    way: None,
                };
            }
            together.nearest(maybe, country, points.clone(), &mut nearest);
            for (point, nearest) in points.zip(&nearest) {
                let both = [first[point], found(maybe, point, nearest)];
                let distances = both.into_iter().flatten().map(|found| found.distance);
                let least = distances.reduce(|a, b| if b < a { b } else { a });
                let zip = country.origin(point).point.zip;
                at_best.push(match anywhere.serving(zip).next() {
                    Some(_) => Amount::Number(0.0),
                    None => amount(least),
                });
            }
        }
        let sure = first
            .iter()
            .map(|found| amount(found.map(|of| of.distance)));
        Self {
            sure: Rc::new(Column::of(sure.collect())),
            at_best: Rc::new(Column::of(at_best)),
            first,
        }
    }

    /// How far the people of these counties have.
    pub(super) fn distances(&self, country: &Country<'_>, counties: &[usize]) -> Distances {
        let sure = self.sure.in_order(country, counties);
        let best = self.at_best.in_order(country, counties);
        let n = self.behind(country, counties, None);
        let within = |share| {
            let value = quantile(&sure, share);
            Figure {
                value,
                lower: quantile(&best, share),
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
        country: &Country<'_>,
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
