//! What a question measures, ready to be summed up over any group of counties.

use crate::coverage::{Amount, Figure, Quantity, Supply};
use crate::geo::Kilometres;

use super::access::{Access, amount};
use super::country::Country;
use super::ways::{Local, Ways};
use super::weighted::{mean, quantile};

/// A measure of every county, and of any group of counties.
pub(super) trait Measured {
    /// What its numbers count.
    fn quantity(&self) -> Quantity;
    /// The figure over the people of these counties, given by their places among [`Country::counties`].
    fn figure(&self, country: &Country, counties: &[usize]) -> Figure;
}

/// A measure without evidence: nothing is known, and nothing is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotGiven(pub(super) Quantity);

impl Measured for NotGiven {
    fn quantity(&self) -> Quantity {
        self.0
    }

    fn figure(&self, _: &Country, _: &[usize]) -> Figure {
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
    /// In the order of [`Country::origins`], as the next two.
    pub(super) value: Vec<Amount>,
    pub(super) lower: Vec<Amount>,
    pub(super) upper: Vec<Amount>,
    /// The pools behind the value of each county, in the order of [`Country::counties`], in any order.
    pub(super) behind: Vec<Vec<u32>>,
    /// How many pools there are.
    pub(super) pools: usize,
}

impl Measured for PerPoint {
    fn quantity(&self) -> Quantity {
        self.quantity
    }

    fn figure(&self, country: &Country, counties: &[usize]) -> Figure {
        let typical = |of: &[Amount]| {
            let origins = country.origins_of(counties);
            let values = origins.map(|at| (of[at], country.weight(at)));
            match self.typical {
                Typical::Median => quantile(&mut values.collect::<Vec<_>>(), 0.5),
                Typical::Mean => mean(values),
            }
        };
        let behind = counties.iter().map(|at| self.behind[*at].as_slice());
        Figure {
            value: typical(&self.value),
            lower: typical(&self.lower),
            upper: typical(&self.upper),
            n: different(behind, self.pools),
        }
    }
}

/// How many different pools there are in all of these lists, of `pools` pools.
pub(super) fn different<'a>(lists: impl Iterator<Item = &'a [u32]>, pools: usize) -> u64 {
    let mut seen = vec![0_u64; pools.div_ceil(64)];
    for pool in lists.flatten() {
        seen[*pool as usize / 64] |= 1 << (pool % 64);
    }
    seen.iter().map(|word| u64::from(word.count_ones())).sum()
}

/// How far the nearest open provider is.
pub(super) fn nearest_open(access: &Access, country: &Country, pools: usize) -> PerPoint {
    let value: Vec<Amount> = (0..country.origins.len())
        .map(|at| amount(access.distance(at)))
        .collect();
    PerPoint {
        quantity: Quantity::Kilometres,
        typical: Typical::Median,
        upper: value.clone(),
        value,
        lower: access.at_best.iter().map(|to| amount(*to)).collect(),
        behind: nearest_in(access, country, None),
        pools,
    }
}

/// Coverage@D = sum of the people with `d <= D` / sum of all people.
/// Source: Toregas et al. 1971, <https://doi.org/10.1287/opre.19.6.1363> (a place is covered within a standard).
pub(super) fn coverage_at(
    within: Kilometres,
    access: &Access,
    country: &Country,
    pools: usize,
) -> PerPoint {
    let covered = |to: Option<Kilometres>| zero_or_one(to.is_some_and(|to| to <= within));
    let all = 0..country.origins.len();
    let value: Vec<Amount> = all.map(|at| covered(access.distance(at))).collect();
    PerPoint {
        quantity: Quantity::Share,
        typical: Typical::Mean,
        lower: value.clone(),
        value,
        upper: access.at_best.iter().map(|to| covered(*to)).collect(),
        behind: nearest_in(access, country, Some(within)),
        pools,
    }
}

/// The same with at least `organizations` different organizations within D.
/// Source: Church & Gerrard 2003 on backup coverage, <https://doi.org/10.1111/j.1538-4632.2003.tb01114.x>.
pub(super) fn k_coverage(
    organizations: u8,
    within: Kilometres,
    country: &Country,
    (certain, doubtful): (&Ways, &Ways),
    supply: &Supply,
) -> PerPoint {
    let most = usize::from(organizations);
    let (mut value, mut upper) = (Vec::new(), Vec::new());
    let mut behind = Vec::with_capacity(country.counties.len());
    for county in &country.counties {
        let local = [certain.local(county.county), doubtful.local(county.county)];
        let mut pools = Vec::new();
        for origin in &country.origins[county.origins.clone()] {
            let near = |local| Local::nearest_organizations(local, origin, supply, most, within);
            let sure = near(&local[..1]);
            let enough = sure.len() >= most;
            pools.extend(sure.iter().map(|found| found.pool));
            value.push(zero_or_one(enough));
            upper.push(zero_or_one(enough || near(&local).len() >= most));
        }
        behind.push(pools);
    }
    PerPoint {
        quantity: Quantity::Share,
        typical: Typical::Mean,
        lower: value.clone(),
        value,
        upper,
        behind,
        pools: supply.pools().len(),
    }
}

/// The pools that are the nearest of somebody in each county.
fn nearest_in(access: &Access, country: &Country, within: Option<Kilometres>) -> Vec<Vec<u32>> {
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
