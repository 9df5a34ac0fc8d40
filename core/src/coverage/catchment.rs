//! Open places in reach, shared among those who compete for them: the two-step floating catchment area.

use std::rc::Rc;

use crate::coverage::{Amount, DemandPoint, Ground, Quantity, Reach, Rings, Supply};
use crate::geo::{CountyFips, Point};

use super::column::Column;
use super::country::Country;
use super::cover::{ByCounty, Client, Cover, Served};
use super::measured::{PerPoint, Typical};
use super::pools::{Counting, is_open, may_be_open};
use super::sphere::{Vector, chord2_of};
use super::tree::{Entry, Tree};
use super::ways::position;

/// Access is told for so many people.
const PEOPLE: f64 = 1_000.0;

/// People in reach of a pool.
#[derive(Clone, Copy, Debug)]
struct InReach {
    /// The point, by its place in the [`Crowd`].
    at: u32,
    /// The weight by what serves them without a condition.
    sure: f64,
    /// The weight by all that may serve them: never less.
    maybe: f64,
}

/// The people who compete, those who live near each other together.
struct Crowd<'a> {
    tree: Tree<u32>,
    people: Vec<f64>,
    counties: Vec<CountyFips>,
    /// The same as places among [`Country::counties`].
    places: Vec<u32>,
    country: &'a Country<'a>,
}

/// Access of a point: what is certain, and the least and the most it can be. Unit: places a person.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    value: f64,
    lower: f64,
    upper: f64,
}

/// What is shared so far.
struct Sums {
    /// In the order of the [`Crowd`].
    shares: Vec<Share>,
    behind: Vec<Vec<u32>>,
    /// The last pool that was noted behind each county.
    noted: Vec<u32>,
    stranded: u64,
}

/// Open places for each 1,000 people, with the places that nobody reaches.
///
/// Step one: `R_j = S_j / sum_i(P_i w(d_ij))` over the people `i` that pool `j` serves. Step two:
/// `A_i = sum_j(R_j w(d_ij))`. `S_j` are the pool's places, `d_ij` the distance to the nearest of its sites whose
/// area covers `i`, `w` the weight of the ring. No place is lost: `sum_i(P_i A_i) = sum_j(S_j)` over the pools that
/// reach somebody; the places of the others are stranded.
///
/// Bounds: a pool that is stale or unknown adds to the most alone. A conditional area shares the places with more
/// people (the least of those served anyway), or serves them too (their own most).
///
/// Source: Luo & Wang 2003, <https://doi.org/10.1068/b29120>; rings: Luo & Qi 2009,
/// <https://doi.org/10.1016/j.healthplace.2009.06.002>.
pub(super) fn catchment(
    rings: &Rings,
    country: &Country<'_>,
    supply: &Supply,
    ground: &Ground,
    counting: Counting,
) -> (PerPoint, u64) {
    let crowd = Crowd::of(country);
    let mut sums = Sums::of(&crowd);
    let mut within = Within::of(rings, country);
    for (at, pool) in supply.pools().iter().enumerate() {
        if !may_be_open(pool) {
            continue;
        }
        let places = counting.places(pool);
        let in_reach = within.of_pool(at, supply, ground, &crowd);
        if is_open(pool) {
            let pool = u32::try_from(at).unwrap_or(u32::MAX);
            sums.share(pool, places, in_reach, &crowd);
        } else {
            let competing = competing(in_reach, &crowd);
            sums.share_at_most(places, competing, in_reach, &crowd);
        }
    }
    let stranded = sums.stranded;
    (sums.into_measured(&crowd, supply.pools().len()), stranded)
}

impl<'a> Crowd<'a> {
    fn of(country: &'a Country<'a>) -> Self {
        let tree = people(country);
        let places: Vec<u32> = country
            .counties
            .iter()
            .zip(0..)
            .flat_map(|(county, place)| std::iter::repeat_n(place, county.origins.len()))
            .collect();
        let points = tree.entries().iter().map(|entry| entry.item as usize);
        Self {
            people: points.clone().map(|point| country.weight(point)).collect(),
            counties: points
                .clone()
                .map(|point| country.origin(point).point.county)
                .collect(),
            places: points.map(|point| places[point]).collect(),
            tree,
            country,
        }
    }

    /// A point as the table has it.
    fn point(&self, at: usize) -> &'a DemandPoint {
        let point = self.tree.entries()[at].item;
        self.country.origin(point as usize).point
    }
}

impl Sums {
    fn of(crowd: &Crowd<'_>) -> Self {
        Self {
            shares: vec![Share::default(); crowd.people.len()],
            behind: vec![Vec::new(); crowd.country.counties.len()],
            noted: vec![u32::MAX; crowd.country.counties.len()],
            stranded: 0,
        }
    }

    /// Shares the places of an open pool, and notes it behind the counties whose people it serves for certain: in one
    /// go, for in reach of a country's pools are points by the ten millions.
    fn share(&mut self, pool: u32, places: u32, in_reach: &[InReach], crowd: &Crowd<'_>) {
        let competing = competing(in_reach, crowd);
        let (sure, maybe) = competing;
        if sure <= 0.0 {
            self.stranded += u64::from(places);
            self.share_at_most(places, competing, in_reach, crowd);
            return;
        }
        let (ratio, least) = (f64::from(places) / sure, f64::from(places) / maybe);
        let most = Most::of(places, competing);
        for reached in in_reach {
            let at = reached.at as usize;
            let share = &mut self.shares[at];
            share.value += ratio * reached.sure;
            share.lower += least * reached.sure;
            share.upper += most.of_point(reached, crowd) * reached.maybe;
            if reached.sure > 0.0 {
                let county = crowd.places[at] as usize;
                if self.noted[county] != pool {
                    self.noted[county] = pool;
                    self.behind[county].push(pool);
                }
            }
        }
    }

    /// Adds what each point can have of a pool at most.
    fn share_at_most(
        &mut self,
        places: u32,
        competing: (f64, f64),
        in_reach: &[InReach],
        crowd: &Crowd<'_>,
    ) {
        let most = Most::of(places, competing);
        for reached in in_reach {
            self.shares[reached.at as usize].upper += most.of_point(reached, crowd) * reached.maybe;
        }
    }

    fn into_measured(self, crowd: &Crowd<'_>, pools: usize) -> PerPoint {
        let amounts = |of: fn(&Share) -> f64| {
            let mut amounts = vec![Amount::None; self.shares.len()];
            for (share, entry) in self.shares.iter().zip(crowd.tree.entries()) {
                let sum = of(share);
                amounts[entry.item as usize] = (sum > 0.0).then_some(sum * PEOPLE).into();
            }
            Rc::new(Column::of(amounts))
        };
        PerPoint {
            quantity: Quantity::PlacesPerThousand,
            typical: Typical::Mean,
            value: amounts(|share| share.value),
            lower: amounts(|share| share.lower),
            upper: amounts(|share| share.upper),
            behind: self.behind,
            pools,
        }
    }
}

/// What a point can have of a pool at most: when of all conditional areas only its own is served. Unit: places a
/// person.
struct Most {
    places: f64,
    sure: f64,
    /// Without conditional areas all have the same.
    same: Option<f64>,
}

impl Most {
    fn of(places: u32, (sure, maybe): (f64, f64)) -> Self {
        let places = f64::from(places);
        Self {
            places,
            sure,
            same: (sure >= maybe).then_some(places / sure),
        }
    }

    fn of_point(&self, reached: &InReach, crowd: &Crowd<'_>) -> f64 {
        self.same.unwrap_or_else(|| {
            let people = crowd.people[reached.at as usize];
            self.places / (self.sure + people * (reached.maybe - reached.sure))
        })
    }
}

/// The people who compete for a pool's places, by weight: those it serves, and with those it may serve.
fn competing(in_reach: &[InReach], crowd: &Crowd<'_>) -> (f64, f64) {
    in_reach.iter().fold((0.0, 0.0), |(sure, maybe), reached| {
        let people = crowd.people[reached.at as usize];
        (sure + people * reached.sure, maybe + people * reached.maybe)
    })
}

/// Finds the people in reach of pools.
struct Within {
    /// The squared chord of each ring's end, and its weight.
    rings: Vec<(f64, f64)>,
    bound: f64,
    counties: ByCounty,
    in_reach: Vec<InReach>,
}

impl Within {
    fn of(rings: &Rings, country: &Country<'_>) -> Self {
        let rings: Vec<(f64, f64)> = rings
            .as_slice()
            .iter()
            .map(|ring| (chord2_of(ring.to), ring.weight))
            .collect();
        Self {
            bound: rings.last().map_or(0.0, |(bound, _)| *bound),
            rings,
            counties: ByCounty::new(country.counties.len()),
            in_reach: Vec::new(),
        }
    }

    /// The people in reach of a pool, each point once, by the nearest of its sites that serves them.
    fn of_pool(
        &mut self,
        pool: usize,
        supply: &Supply,
        ground: &Ground,
        crowd: &Crowd<'_>,
    ) -> &[InReach] {
        self.in_reach.clear();
        let reaches = supply.reaches(pool);
        for reach in reaches {
            if let Some(site) = position(reach, ground) {
                self.look_around(site, supply, reach, crowd);
            }
        }
        if reaches.len() > 1 {
            self.merge(crowd);
        }
        &self.in_reach
    }

    /// Adds those around a site whom it serves.
    fn look_around(&mut self, site: Point, supply: &Supply, reach: &Reach, crowd: &Crowd<'_>) {
        let from = Vector::of(site);
        let mut cover = Cover::of(supply, reach, site, &mut self.counties);
        let entries = crowd.tree.entries();
        let (rings, in_reach) = (&self.rings, &mut self.in_reach);
        crowd.tree.runs(from, self.bound, &mut |run| {
            for at in run {
                let chord2 = entries[at].at.chord2(from);
                let Some((_, weight)) = rings.iter().find(|(end, _)| chord2 <= *end) else {
                    continue;
                };
                let served = cover.serves(&Client {
                    county: crowd.counties[at],
                    place: crowd.places[at],
                    chord2,
                    point: crowd.point(at),
                });
                if served != Served::No
                    && let Ok(at) = u32::try_from(at)
                {
                    in_reach.push(InReach {
                        at,
                        sure: if served == Served::Yes { *weight } else { 0.0 },
                        maybe: *weight,
                    });
                }
            }
        });
    }

    /// Keeps each point once, with its greatest weights, in the order of the table.
    fn merge(&mut self, crowd: &Crowd<'_>) {
        let point = |reached: &InReach| crowd.tree.entries()[reached.at as usize].item;
        self.in_reach.sort_unstable_by_key(point);
        self.in_reach.dedup_by(|next, kept| {
            let same = next.at == kept.at;
            if same {
                kept.sure = kept.sure.max(next.sure);
                kept.maybe = kept.maybe.max(next.maybe);
            }
            same
        });
    }
}

/// A tree of the points of demand.
pub(super) fn people(country: &Country<'_>) -> Tree<u32> {
    let vectors = country.vectors().iter().zip(0_u32..);
    let entries = vectors.map(|(at, item)| Entry {
        at: *at,
        bits: 0,
        item,
    });
    Tree::new(entries.collect())
}
