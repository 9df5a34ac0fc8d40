//! What a question measures, ready to be summed up over any group of counties.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::coverage::{Amount, Figure, Quantity, Supply};
use crate::geo::Kilometres;

use super::access::Access;
use super::column::Column;
use super::country::Country;
use super::sphere::Limit;
use super::unplaced::Unplaced;
use super::ways::{Local, Ways};
use super::weighted::{mean, quantile};

/// A measure of every county, and of any group of counties.
pub(super) trait Measured {
    /// What its numbers count.
    fn quantity(&self) -> Quantity;
    /// The figure over the people of these counties, given by their places among [`Country::counties`].
    fn figure(&self, country: &Country<'_>, counties: &[usize]) -> Figure;
}

/// A measure without evidence: nothing is known, and nothing is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotGiven(pub(super) Quantity);

impl Measured for NotGiven {
    fn quantity(&self) -> Quantity {
        self.0
    }

    fn figure(&self, _: &Country<'_>, _: &[usize]) -> Figure {
        Figure::certain(Amount::Withheld, 0)
    }
}

/// What is typical of people who have different values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Typical {
    /// Half have no more than this.
    Median,
    /// Everything divided by everyone.
    Mean,
}

/// A measure that each point of demand has a value of.
#[derive(Debug)]
pub(super) struct PerPoint {
    pub(super) quantity: Quantity,
    pub(super) typical: Typical,
    pub(super) value: Rc<Column>,
    pub(super) lower: Rc<Column>,
    pub(super) upper: Rc<Column>,
    /// The pools behind the value of each county, in the order of [`Country::counties`]; in any order.
    pub(super) behind: Vec<Vec<u32>>,
    /// How many pools there are.
    pub(super) pools: usize,
}

impl Measured for PerPoint {
    fn quantity(&self) -> Quantity {
        self.quantity
    }

    fn figure(&self, country: &Country<'_>, counties: &[usize]) -> Figure {
        let value = self.typical(&self.value, country, counties);
        let or_value = |column: &Rc<Column>| {
            if Rc::ptr_eq(column, &self.value) {
                value
            } else {
                self.typical(column, country, counties)
            }
        };
        let behind = counties.iter().map(|at| self.behind[*at].as_slice());
        Figure {
            value,
            lower: or_value(&self.lower),
            upper: or_value(&self.upper),
            n: different(behind, self.pools),
        }
    }
}

impl PerPoint {
    fn typical(&self, of: &Column, country: &Country<'_>, counties: &[usize]) -> Amount {
        match self.typical {
            Typical::Median => quantile(&of.in_order(country, counties), 0.5),
            Typical::Mean => {
                let points = country.origins_of(counties);
                mean(points.map(|at| (of.values()[at], country.weight(at))))
            }
        }
    }
}

/// How many different pools there are in all of these lists, of `pools` pools.
pub(super) fn different<'a>(lists: impl Iterator<Item = &'a [u32]> + Clone, pools: usize) -> u64 {
    let some: usize = lists.clone().map(<[u32]>::len).sum();
    if some < pools / 64 {
        let mut all: Vec<u32> = lists.flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        return all.len() as u64;
    }
    let mut seen = vec![0_u64; pools.div_ceil(64)];
    for pool in lists.flatten() {
        seen[*pool as usize / 64] |= 1 << (pool % 64);
    }
    seen.iter().map(|word| u64::from(word.count_ones())).sum()
}

/// How far the nearest open provider is.
pub(super) fn nearest_open(access: &Access, country: &Country<'_>, pools: usize) -> PerPoint {
    PerPoint {
        quantity: Quantity::Kilometres,
        typical: Typical::Median,
        value: Rc::clone(&access.sure),
        lower: Rc::clone(&access.at_best),
        upper: Rc::clone(&access.sure),
        behind: nearest_in(access, country, None),
        pools,
    }
}

/// Coverage@D = sum of the people with `d <= D` / sum of all people.
/// Source: Toregas et al. 1971, <https://doi.org/10.1287/opre.19.6.1363> (a place is covered within a standard).
pub(super) fn coverage_at(
    within: Kilometres,
    access: &Access,
    country: &Country<'_>,
    pools: usize,
) -> PerPoint {
    let covered = |to: &Amount| zero_or_one(to.number().is_some_and(|to| to <= within.get()));
    let column = |of: &Column| Rc::new(Column::of(of.values().iter().map(covered).collect()));
    let value = column(&access.sure);
    PerPoint {
        quantity: Quantity::Share,
        typical: Typical::Mean,
        lower: Rc::clone(&value),
        value,
        upper: column(&access.at_best),
        behind: nearest_in(access, country, Some(within)),
        pools,
    }
}

/// The same with at least `organizations` different organizations within D.
/// Source: Church & Gerrard 2003 on backup coverage, <https://doi.org/10.1111/j.1538-4632.2003.tb01114.x>.
pub(super) fn k_coverage(
    organizations: u8,
    within: Kilometres,
    country: &Country<'_>,
    (certain, doubtful, unplaced): (&Ways, &Ways, &Unplaced<'_>),
    supply: &Supply,
) -> PerPoint {
    let most = usize::from(organizations);
    let within = Limit::of(within);
    let (mut value, mut upper) = (Vec::new(), Vec::new());
    let mut behind = Vec::with_capacity(country.counties.len());
    for county in &country.counties {
        let local = [certain.local(county.county), doubtful.local(county.county)];
        let anywhere = unplaced.local(county.county);
        let mut pools = Vec::new();
        for point in county.origins.clone() {
            let origin = country.origin(point);
            let near = |local| Local::nearest_organizations(local, &origin, most, &within);
            let sure = near(&local[..1]);
            let enough = sure.len() >= most;
            pools.extend(sure.iter().map(|found| found.pool));
            value.push(zero_or_one(enough));
            let at_best = || {
                let near = near(&local);
                let near = near.iter().map(|of| &supply.pools()[of.pool as usize]);
                let all = near.chain(anywhere.serving(origin.point.zip));
                let all: BTreeSet<_> = all.map(|pool| pool.organization).collect();
                all.len() >= most
            };
            upper.push(zero_or_one(enough || at_best()));
        }
        behind.push(pools);
    }
    let value = Rc::new(Column::of(value));
    PerPoint {
        quantity: Quantity::Share,
        typical: Typical::Mean,
        lower: Rc::clone(&value),
        value,
        upper: Rc::new(Column::of(upper)),
        behind,
        pools: supply.pools().len(),
    }
}

/// The pools that are the nearest of somebody in each county.
fn nearest_in(access: &Access, country: &Country<'_>, within: Option<Kilometres>) -> Vec<Vec<u32>> {
    let counties = country.counties.iter();
    counties
        .map(|county| {
            let found = access.first[county.origins.clone()].iter().flatten();
            found
                .filter(|found| within.is_none_or(|within| found.distance <= within))
                .map(|found| found.pool)
                .collect()
        })
        .collect()
}

fn zero_or_one(one: bool) -> Amount {
    Amount::Number(f64::from(u8::from(one)))
}
