//! What stands in the row of a county beside its figure: what is near, and on whom its people depend.

use std::collections::BTreeMap;

use crate::coverage::{Area, Dependence, Nearest, Organization, People, Site, Supply};
use crate::geo::{CountyFips, Kilometres};

use super::access::Access;
use super::country::{Country, Origin, Peopled};
use super::pools::is_open;
use super::sphere::{Limit, Vector};
use super::ways::{Found, Local, Way};

/// How many near organizations a row names.
const NAMED: usize = 3;
/// How far those after the first may be. Unit: km.
const NEXT_KM: f64 = 500.0;
/// Ways that are looked at again before trees are.
const WITNESSES: usize = 4;

/// The nearest open organizations of a county, seen from its most populous point.
pub(super) fn nearest(
    row: &Peopled,
    country: &Country<'_>,
    access: &Access,
    local: Local<'_>,
    supply: &Supply,
) -> Vec<Nearest> {
    let heavier = |a: &usize, b: &usize| country.weight(*a).total_cmp(&country.weight(*b));
    let Some(most) = row.origins.clone().rev().max_by(heavier) else {
        return Vec::new();
    };
    let next = Kilometres::new(NEXT_KM).unwrap_or_else(|_| unreachable!("a distance in km"));
    let from = country.origin(most);
    let mut named = Local::nearest_organizations(&[local], &from, NAMED, &Limit::of(next));
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
            people: people.map(|at| country.origin(at).point.people).sum(),
            distance: found.distance,
        }
    });
    described.collect()
}

/// The organization that most people of a county depend on alone: nobody else is within the distance of the
/// question.
pub(super) fn depends_on(
    row: &Peopled,
    country: &Country<'_>,
    access: &Access,
    local: Local<'_>,
    supply: &Supply,
    within: &Limit,
) -> Option<Dependence> {
    let mut others = Others::default();
    let mut alone: BTreeMap<Organization, (f64, BTreeMap<u32, f64>)> = BTreeMap::new();
    for at in row.origins.clone() {
        let near = |found: &Found| found.distance <= within.distance;
        let Some(first) = access.first[at].filter(near) else {
            continue;
        };
        let organization = supply.pools()[first.pool as usize].organization;
        if !others.are_near(&country.origin(at), organization, local, within) {
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

/// Ways that were near to one point of a county: most often they are near to the next one, too.
#[derive(Default)]
struct Others(Vec<(Way, Vector)>);

impl Others {
    /// Whether somebody else than this organization serves a point within the distance.
    fn are_near(
        &mut self,
        from: &Origin<'_>,
        organization: Organization,
        local: Local<'_>,
        within: &Limit,
    ) -> bool {
        let is_near = |(way, at): &(Way, Vector)| {
            let apart = || way.point.distance(from.point.at);
            way.organization != organization
                && within.holds(at.chord2(from.vector), apart)
                && way.serves(from)
        };
        if self.0.iter().rev().take(WITNESSES).any(is_near) {
            return true;
        }
        let other = local.somebody_else(from, organization, within);
        self.0.extend(other);
        other.is_some()
    }
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
    pub(super) fn of(supply: &Supply, country: &Country<'_>) -> Self {
        let mut all = Self::default();
        let mut served = Served::default();
        for (at, pool) in supply.pools().iter().enumerate() {
            if !is_open(pool) {
                continue;
            }
            let reaches = supply.reaches(at).iter();
            let remote = reaches.filter(|reach| reach.site == Site::Remote);
            let servings = remote.flat_map(|reach| supply.servings(reach.areas));
            let sure = servings.filter(|serving| !serving.conditional);
            served.take(sure.map(|serving| serving.area));
            all.add(&served, country);
        }
        all
    }

    /// How many serve this county.
    pub(super) fn serving(&self, county: CountyFips) -> u32 {
        let state = self.states.get(&county.state_fips()).unwrap_or(&0);
        let own = self.counties.get(&county).unwrap_or(&0);
        self.nation + state + own
    }

    fn add(&mut self, served: &Served, country: &Country<'_>) {
        if served.nation {
            self.nation += 1;
            return;
        }
        for state in &served.states {
            *self.states.entry(*state).or_default() += 1;
        }
        for county in &served.counties {
            let known = country.place_of(*county).is_some();
            if known && !served.states.contains(&county.state_fips()) {
                *self.counties.entry(*county).or_default() += 1;
            }
        }
    }
}

/// Whom one pool serves from anywhere, each once; its room is used again for the next one.
#[derive(Debug, Default)]
struct Served {
    nation: bool,
    states: Vec<u8>,
    counties: Vec<CountyFips>,
}

impl Served {
    fn take(&mut self, areas: impl Iterator<Item = Area>) {
        self.nation = false;
        self.states.clear();
        self.counties.clear();
        for area in areas {
            match area {
                Area::Nation => self.nation = true,
                Area::State(state) => self.states.extend(state.fips()),
                Area::County(county) | Area::Zip(_, county) => self.counties.push(county),
                Area::Radius(_) => {}
            }
        }
        self.states.sort_unstable();
        self.states.dedup();
        self.counties.sort_unstable();
        self.counties.dedup();
    }
}
