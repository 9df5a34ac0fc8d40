//! What stands in the row of a county beside its figure: what is near, and on whom its people depend.

use std::collections::{BTreeMap, BTreeSet};

use crate::coverage::{Area, Areas, Dependence, Nearest, Organization, People, Site, Supply};
use crate::geo::{CountyFips, Kilometres};

use super::access::Access;
use super::country::{Country, Peopled};
use super::pools::is_open;
use super::ways::{Found, Local};

/// How many near organizations a row names.
const NAMED: usize = 3;
/// How far those after the first may be. Unit: km.
const NEXT_KM: f64 = 500.0;

/// The nearest open organizations of a county, seen from its most populous point.
pub(super) fn nearest(
    row: &Peopled,
    country: &Country,
    access: &Access,
    local: Local<'_>,
    supply: &Supply,
) -> Vec<Nearest> {
    let heavier = |a: &usize, b: &usize| country.weight(*a).total_cmp(&country.weight(*b));
    let Some(most) = row.origins.clone().rev().max_by(heavier) else {
        return Vec::new();
    };
    let next = Kilometres::new(NEXT_KM).unwrap_or_else(|_| unreachable!("a distance in km"));
    let from = &country.origins[most];
    let mut named = Local::nearest_organizations(&[local], from, supply, NAMED, next);
    if named.is_empty() {
        named.extend(access.first[most]);
    }
    let described = named.iter().map(|found| {
        let pool = &supply.pools()[found.pool as usize];
        let nearest_of = |at: &usize| access.first[*at].is_some_and(|of| of.pool == found.pool);
        let people = row.origins.clone().filter(nearest_of);
        Nearest {
            service: pool.service,
            organization: pool.organization,
            places: pool.places,
            people: people.map(|at| country.origins[at].point.people).sum(),
            distance: found.distance,
        }
    });
    described.collect()
}

/// The organization that most people of a county depend on alone: nobody else is within the distance of the
/// question.
pub(super) fn depends_on(
    row: &Peopled,
    country: &Country,
    access: &Access,
    local: Local<'_>,
    supply: &Supply,
    within: Kilometres,
) -> Option<Dependence> {
    let mut alone: BTreeMap<Organization, (f64, BTreeMap<u32, f64>)> = BTreeMap::new();
    for at in row.origins.clone() {
        let near = |found: &Found| found.distance <= within;
        let Some(first) = access.first[at].filter(near) else {
            continue;
        };
        let from = &country.origins[at];
        if Local::nearest_organizations(&[local], from, supply, 2, within).len() == 1 {
            let organization = supply.pools()[first.pool as usize].organization;
            let (people, pools) = alone.entry(organization).or_default();
            *people += country.weight(at);
            *pools.entry(first.pool).or_default() += country.weight(at);
        }
    }
    // Of equals the first: `max_by` keeps the last.
    let most = alone
        .into_iter()
        .reduce(|most, next| if next.1.0 > most.1.0 { next } else { most });
    let (organization, (people, pools)) = most?;
    let pool = pools
        .into_iter()
        .reduce(|most, next| if next.1 > most.1 { next } else { most });
    Some(Dependence {
        organization,
        service: supply.pools()[pool?.0 as usize].service,
        people: People::new(people).unwrap_or_default(),
    })
}

/// How many open pools serve each county from anywhere.
#[derive(Debug, Default)]
pub(super) struct Remote {
    nation: u32,
    states: BTreeMap<u8, u32>,
    counties: BTreeMap<CountyFips, u32>,
}

impl Remote {
    /// Counts each pool once in each county it serves without a condition, by the counties of `country`.
    pub(super) fn of(supply: &Supply, country: &Country) -> Self {
        let mut all = Self::default();
        for (at, pool) in supply.pools().iter().enumerate() {
            let reaches = supply.reaches(at).iter();
            let remote: BTreeSet<Areas> = reaches
                .filter(|reach| reach.site == Site::Remote)
                .map(|reach| reach.areas)
                .collect();
            if is_open(pool) && !remote.is_empty() {
                all.add(&remote, supply, country);
            }
        }
        all
    }

    /// How many serve this county.
    pub(super) fn serving(&self, county: CountyFips) -> u32 {
        let state = self.states.get(&county.state_fips()).unwrap_or(&0);
        let own = self.counties.get(&county).unwrap_or(&0);
        self.nation + state + own
    }

    fn add(&mut self, areas: &BTreeSet<Areas>, supply: &Supply, country: &Country) {
        let servings = areas.iter().flat_map(|areas| supply.servings(*areas));
        let sure: Vec<Area> = servings
            .filter(|serving| !serving.conditional)
            .map(|serving| serving.area)
            .collect();
        if sure.contains(&Area::Nation) {
            self.nation += 1;
            return;
        }
        let states = sure.iter().filter_map(|area| match area {
            Area::State(state) => state.fips(),
            _ => None,
        });
        let states: BTreeSet<u8> = states.collect();
        for state in &states {
            *self.states.entry(*state).or_default() += 1;
        }
        let counties = sure.iter().filter_map(|area| match area {
            Area::County(fips) | Area::Zip(_, fips) => Some(*fips),
            _ => None,
        });
        let counties: BTreeSet<CountyFips> = counties.collect();
        let known = |county: &CountyFips| {
            let all = &country.counties;
            all.binary_search_by_key(county, |of| of.county).is_ok()
        };
        let within = |county: &CountyFips| states.contains(&county.state_fips());
        for county in counties.into_iter().filter(|at| known(at) && !within(at)) {
            *self.counties.entry(county).or_default() += 1;
        }
    }
}
