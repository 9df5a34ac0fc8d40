//! How large a network is to be, and how broad.

use super::dice::{Dice, chance, power_law, weighted, whole};

/// Agencies of the resettlement network. Source: AIC/WRC survey 2021, organisations that answered.
const MEMBERS: usize = 244;
/// Resettlement networks. Source: the same.
const NETWORKS: usize = 9;
/// States with a resettlement community. Source: the same.
const STATES: usize = 43;
/// The 50 states and the District of Columbia.
pub(crate) const EVERYWHERE: usize = 51;
/// Most services of one organization. Source: Miami 73, Baltimore 60; cut at 80.
const MOST_SERVICES: u32 = 80;
/// How the number of services of an organization falls off. Fitted to Miami and Baltimore.
const SERVICES_EXPONENT: f64 = 1.8;
/// Publishers by services in all (assumption).
const PUBLISHERS: [(f64, f64); 4] = [
    (10_000.0, 60.0),
    (100_000.0, 250.0),
    (1_000_000.0, 450.0),
    (5_000_000.0, 1_200.0),
];
/// What the largest publisher has of all services (assumption).
const LARGEST_SHARE: f64 = 0.08;
/// Publishers with fewer than [`SMALL`] services (assumption).
const SMALL_SHARE: f64 = 0.3;
/// See [`SMALL_SHARE`].
const SMALL: u32 = 20;

/// What a network is to look like.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub(crate) networks: usize,
    pub(crate) states: usize,
    pub(crate) breadth: f64,
    pub(crate) size: Size,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Size {
    /// So many agencies, each with the services of one to three organizations.
    Members(usize),
    /// So many services in all, of so many publishers.
    Services(u32, usize),
}

impl Plan {
    /// The network of the demo: 9 networks, 244 agencies, over 300 offices in 43 states.
    #[must_use]
    pub fn demo() -> Self {
        Self::members(MEMBERS)
    }

    /// The demo's network with another number of agencies, brought into 1..=1,400; up to 43 each has a
    /// state of its own.
    #[must_use]
    pub fn members(agencies: usize) -> Self {
        let agencies = agencies.clamp(1, 1_400);
        Self {
            networks: NETWORKS.min(agencies),
            states: STATES.min(agencies),
            breadth: 0.0,
            size: Size::Members(agencies),
        }
    }

    /// A network of exactly so many services: 10,000 is the immigrant-serving network, 1,000,000 the
    /// national platform, 5,000,000 a stress test. Their publishers are few and of very unequal size.
    #[must_use]
    pub fn services(services: u32) -> Self {
        let breadth = (f64::from(services.max(1)).log10() - 4.0) / 2.0;
        Self {
            networks: NETWORKS,
            states: EVERYWHERE,
            breadth: breadth.clamp(0.0, 1.0),
            size: Size::Services(services, publishers(services)),
        }
    }

    /// How many agencies there will be.
    #[must_use]
    pub fn agencies(&self) -> usize {
        match self.size {
            Size::Members(agencies) | Size::Services(_, agencies) => agencies,
        }
    }

    /// Whether the networks have national offices of their own among the agencies.
    pub(crate) fn has_national_offices(&self) -> bool {
        matches!(self.size, Size::Members(_))
    }

    /// The number of services of each organization of each agency.
    pub(crate) fn organizations(&self, dice: &mut Dice) -> Vec<Vec<u32>> {
        match self.size {
            Size::Members(agencies) => (0..agencies)
                .map(|number| member(number < self.networks, dice))
                .collect(),
            Size::Services(services, publishers) => zipf(dice, services, publishers)
                .into_iter()
                .map(|services| split(services, dice))
                .collect(),
        }
    }
}

/// An agency of the demo: some host the listings of smaller members (assumption). A national office
/// has one service more, its interpreters' line.
fn member(national: bool, dice: &mut Dice) -> Vec<u32> {
    let organizations = *weighted(dice, &[(0.88, 1), (0.08, 2), (0.04, 3)]);
    let size = |number| organization_size(dice) + u32::from(national && number == 1);
    (1..=organizations).map(size).collect()
}

/// Organizations that together have so many services.
fn split(services: u32, dice: &mut Dice) -> Vec<u32> {
    let mut organizations = Vec::new();
    let mut left = services;
    while left > 0 {
        let size = organization_size(dice).min(left);
        organizations.push(size);
        left -= size;
    }
    organizations
}

/// The services of one organization.
fn organization_size(dice: &mut Dice) -> u32 {
    power_law(dice, MOST_SERVICES, SERVICES_EXPONENT)
}

/// On a straight line between the rows of [`PUBLISHERS`], both ways in logarithms; before the first
/// in proportion.
fn publishers(services: u32) -> usize {
    let services = f64::from(services);
    let (first, last) = (PUBLISHERS[0], PUBLISHERS[3]);
    let publishers = if services <= first.0 {
        services * first.1 / first.0
    } else {
        let rows = PUBLISHERS.windows(2);
        let between = rows.filter(|rows| services <= rows[1].0).map(|rows| {
            let along = (services / rows[0].0).ln() / (rows[1].0 / rows[0].0).ln();
            rows[0].1 * (rows[1].1 / rows[0].1).powf(along)
        });
        between.into_iter().next().unwrap_or(last.1)
    };
    usize::try_from(whole(publishers, 1..=2_000)).unwrap_or(1)
}

/// Sizes that sum to `services`: a share of small publishers, the others Zipf.
fn zipf(dice: &mut Dice, services: u32, publishers: usize) -> Vec<u32> {
    let is_small: Vec<bool> = (1..publishers).map(|_| chance(dice, SMALL_SHARE)).collect();
    let mut small: Vec<u32> = is_small
        .iter()
        .filter(|small| **small)
        .map(|_| power_law(dice, SMALL - 1, 0.5))
        .collect();
    small.retain(|_| services > 1_000);
    let large = publishers - small.len();
    let rest = services.saturating_sub(small.iter().sum());
    let ranks: Vec<f64> = (1..=publishers).take(large).map(rank).collect();
    let exponent = exponent_for(&ranks, f64::from(rest) / f64::from(services.max(1)));
    let weights: Vec<f64> = ranks.iter().map(|rank| rank.powf(-exponent)).collect();
    let total: f64 = weights.iter().sum();
    let mut sizes: Vec<u32> = weights
        .iter()
        .map(|weight| whole((f64::from(rest) * weight / total).floor(), 0..=rest))
        .collect();
    let given: u32 = sizes.iter().sum();
    if let Some(largest) = sizes.first_mut() {
        *largest += rest - given;
    }
    sizes.extend(small);
    sizes
}

fn rank(rank: usize) -> f64 {
    f64::from(u32::try_from(rank).unwrap_or(u32::MAX))
}

/// The exponent at which the first rank has [`LARGEST_SHARE`] of everything, when the ranks together
/// have `rest` of it. By bisection: the share rises with the exponent.
fn exponent_for(ranks: &[f64], rest: f64) -> f64 {
    let share = |exponent: f64| rest / ranks.iter().map(|rank| rank.powf(-exponent)).sum::<f64>();
    let (mut low, mut high) = (0.0, 3.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if share(middle) < LARGEST_SHARE {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invented::dice::seeded;

    fn sizes(plan: &Plan) -> Vec<u32> {
        let organizations = plan.organizations(&mut seeded(1));
        organizations
            .iter()
            .map(|sizes| sizes.iter().sum())
            .collect()
    }

    #[test]
    fn a_network_of_n_services_is_shared_out_exactly() {
        for services in [1, 100, 10_000, 100_000, 1_000_000] {
            let plan = Plan::services(services);

            let sizes = sizes(&plan);

            assert_eq!(sizes.iter().sum::<u32>(), services);
            assert_eq!(sizes.len(), plan.agencies());
        }
    }

    #[test]
    fn publishers_are_as_many_and_as_unequal_as_assumed() {
        for (services, publishers) in [(10_000, 60), (100_000, 250), (1_000_000, 450)] {
            let plan = Plan::services(services);
            let sizes = sizes(&plan);
            let small = sizes.iter().filter(|size| **size < SMALL).count();
            let largest = f64::from(*sizes.iter().max().unwrap()) / f64::from(services);

            assert_eq!(plan.agencies(), publishers);
            assert!((largest - LARGEST_SHARE).abs() < 0.005, "{largest}");
            let share = rank(small) / rank(publishers);
            assert!((share - SMALL_SHARE).abs() < 0.12, "{share}");
        }
    }
}
