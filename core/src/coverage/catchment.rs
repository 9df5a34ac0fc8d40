//! Open places in reach, shared among those who compete for them: the two-step floating catchment area.

use crate::coverage::{Amount, Ground, Quantity, Rings, Supply};
use crate::geo::Point;

use super::country::Country;
use super::cover::{Cover, Served};
use super::measured::{PerPoint, Typical};
use super::pools::{Counting, is_open, may_be_open};
use super::sphere::{Vector, chord2_of};
use super::tree::{Entry, Tree, Visitor};
use super::ways::position;

/// Access is told for so many people.
const PEOPLE: f64 = 1_000.0;

/// People in reach of a pool.
#[derive(Clone, Copy, Debug)]
struct InReach {
    origin: u32,
    /// The weight by what serves them without a condition.
    sure: f64,
    /// The weight by all that may serve them: never less.
    maybe: f64,
}

/// Access of every point: what is certain, and the least and the most it can be. Unit: places a person.
struct Sums {
    value: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
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
    country: &Country,
    supply: &Supply,
    ground: &Ground,
    counting: Counting,
) -> (PerPoint, u64) {
    let people = people(country);
    let county_of = county_of(country);
    let mut sums = Sums::of(country);
    let mut within = Within::of(rings);
    for (at, pool) in supply.pools().iter().enumerate() {
        if !may_be_open(pool) {
            continue;
        }
        let places = counting.places(pool);
        let in_reach = within.of_pool(at, supply, ground, country, &people);
        if is_open(pool) {
            let pool = u32::try_from(at).unwrap_or(u32::MAX);
            sums.share(places, in_reach, country);
            sums.note(pool, in_reach, &county_of);
        } else {
            sums.share_at_most(places, in_reach, country);
        }
    }
    let stranded = sums.stranded;
    (sums.into_measured(supply.pools().len()), stranded)
}

impl Sums {
    fn of(country: &Country) -> Self {
        let nothing = vec![0.0; country.origins.len()];
        Self {
            value: nothing.clone(),
            lower: nothing.clone(),
            upper: nothing,
            behind: vec![Vec::new(); country.counties.len()],
            noted: vec![u32::MAX; country.counties.len()],
            stranded: 0,
        }
    }

    /// Shares the places of an open pool.
    fn share(&mut self, places: u32, in_reach: &[InReach], country: &Country) {
        let (sure, maybe) = competing(in_reach, country);
        if sure > 0.0 {
            let (ratio, least) = (f64::from(places) / sure, f64::from(places) / maybe);
            for reached in in_reach {
                self.value[reached.origin as usize] += ratio * reached.sure;
                self.lower[reached.origin as usize] += least * reached.sure;
            }
        } else {
            self.stranded += u64::from(places);
        }
        self.share_at_most(places, in_reach, country);
    }

    /// Adds what each point can have of a pool at most: when of all conditional areas only its own is served.
    fn share_at_most(&mut self, places: u32, in_reach: &[InReach], country: &Country) {
        let (sure, _) = competing(in_reach, country);
        for reached in in_reach {
            let more = country.weight(reached.origin as usize) * (reached.maybe - reached.sure);
            self.upper[reached.origin as usize] +=
                f64::from(places) / (sure + more) * reached.maybe;
        }
    }

    /// Notes a pool behind the counties whose people it serves for certain.
    fn note(&mut self, pool: u32, in_reach: &[InReach], county_of: &[u32]) {
        for reached in in_reach.iter().filter(|reached| reached.sure > 0.0) {
            let county = county_of[reached.origin as usize] as usize;
            if self.noted[county] != pool {
                self.noted[county] = pool;
                self.behind[county].push(pool);
            }
        }
    }

    fn into_measured(self, pools: usize) -> PerPoint {
        let amounts = |sums: Vec<f64>| {
            let each = sums.into_iter();
            each.map(|sum| (sum > 0.0).then_some(sum * PEOPLE).into())
                .collect::<Vec<Amount>>()
        };
        PerPoint {
            quantity: Quantity::PlacesPerThousand,
            typical: Typical::Mean,
            value: amounts(self.value),
            lower: amounts(self.lower),
            upper: amounts(self.upper),
            behind: self.behind,
            pools,
        }
    }
}

/// The people who compete for a pool's places, by weight: those it serves, and with those it may serve.
fn competing(in_reach: &[InReach], country: &Country) -> (f64, f64) {
    in_reach.iter().fold((0.0, 0.0), |(sure, maybe), reached| {
        let people = country.weight(reached.origin as usize);
        (sure + people * reached.sure, maybe + people * reached.maybe)
    })
}

/// Finds the people in reach of pools.
struct Within {
    /// The squared chord of each ring's end, and its weight.
    rings: Vec<(f64, f64)>,
    bound: f64,
    found: Vec<(u32, f64)>,
    in_reach: Vec<InReach>,
}

impl Within {
    fn of(rings: &Rings) -> Self {
        let rings: Vec<(f64, f64)> = rings
            .as_slice()
            .iter()
            .map(|ring| (chord2_of(ring.to), ring.weight))
            .collect();
        Self {
            bound: rings.last().map_or(0.0, |(bound, _)| *bound),
            rings,
            found: Vec::new(),
            in_reach: Vec::new(),
        }
    }

    /// The people in reach of a pool, each point once, by the nearest of its sites that serves them.
    fn of_pool(
        &mut self,
        pool: usize,
        supply: &Supply,
        ground: &Ground,
        country: &Country,
        people: &Tree<u32>,
    ) -> &[InReach] {
        self.in_reach.clear();
        let reaches = supply.reaches(pool);
        for reach in reaches {
            let Some(site) = position(reach, ground) else {
                continue;
            };
            self.look_around(site, people);
            let mut cover = Cover::of(supply, reach, Some(site));
            for (origin, weight) in &self.found {
                let served = cover.serves(&country.origins[*origin as usize].point);
                if served != Served::No {
                    self.in_reach.push(InReach {
                        origin: *origin,
                        sure: if served == Served::Yes { *weight } else { 0.0 },
                        maybe: *weight,
                    });
                }
            }
        }
        if reaches.len() > 1 {
            self.merge();
        }
        &self.in_reach
    }

    fn look_around(&mut self, site: Point, people: &Tree<u32>) {
        self.found.clear();
        people.visit(Vector::of(site), self);
    }

    /// Keeps each point once, with its greatest weights.
    fn merge(&mut self) {
        self.in_reach.sort_unstable_by_key(|reached| reached.origin);
        self.in_reach.dedup_by(|next, kept| {
            let same = next.origin == kept.origin;
            if same {
                kept.sure = kept.sure.max(next.sure);
                kept.maybe = kept.maybe.max(next.maybe);
            }
            same
        });
    }
}

impl Visitor<u32> for Within {
    fn bound(&self) -> f64 {
        self.bound
    }

    fn take(&mut self, entry: &Entry<u32>, chord2: f64) {
        let ring = self.rings.iter().find(|(end, _)| chord2 <= *end);
        if let Some((_, weight)) = ring {
            self.found.push((entry.item, *weight));
        }
    }
}

/// A tree of the points of demand.
pub(super) fn people(country: &Country) -> Tree<u32> {
    let origins = country.origins.iter().zip(0_u32..);
    let entries = origins.map(|(origin, item)| Entry {
        at: origin.vector,
        bits: 0,
        item,
    });
    Tree::new(entries.collect())
}

/// The county of each point, by its place among [`Country::counties`].
fn county_of(country: &Country) -> Vec<u32> {
    let counties = country.counties.iter().zip(0_u32..);
    counties
        .flat_map(|(county, at)| std::iter::repeat_n(at, county.origins.len()))
        .collect()
}
