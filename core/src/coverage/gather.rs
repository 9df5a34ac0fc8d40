//! From what matches a filter to [`Supply`]: which pools there are, and how each is reached.
//!
//! Start at [`Gathering::service`], which takes a service as [`Facts`] and the reports about it. An index that holds
//! services in rows says the same in smaller steps ([`Gathering::list`], [`Gathering::reach`],
//! [`Gathering::pool`]). Whatever the order in which services come, the supply is the same: [`Gathering::finish`] puts
//! pools in the order of their services' ids.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::capacity::{Availability, Held, State};
use crate::catalog::{Area as Stated, LanguageTag, ServiceArea};
use crate::coverage::{
    Area, Areas, Organization, Places, Pool, Reach, Serving, Site, Standing, Supply,
};
use crate::geo::{CountryCode, CountyFips, Point, StateCode, Zip};
use crate::id::{LocalId, PublicId};
use crate::places::Places as Map;
use crate::search::{
    Circumstances, Facts, Fit, OfferFacts, Request, Site as At, condition, is_spoken, judge_offer,
    judge_service, organization_hash,
};

/// Where points and ZIPs are.
pub trait Whereabouts {
    /// The county a position lies in.
    fn county_of(&self, point: Point) -> Option<CountyFips>;
    /// The counties that hold people of a ZIP, each once.
    fn counties_of(&self, zip: Zip) -> Vec<CountyFips>;
}

impl<T: Map + ?Sized> Whereabouts for T {
    fn county_of(&self, point: Point) -> Option<CountyFips> {
        Map::county_of(self, point)
    }

    fn counties_of(&self, zip: Zip) -> Vec<CountyFips> {
        let counties = self.zip(zip).map(|place| place.counties);
        let counties = counties.unwrap_or_default().into_iter();
        let inside = counties.filter(|(_, share)| *share > 0.0);
        inside.map(|(county, _)| county).collect()
    }
}

/// The report that counts for an offer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reported {
    /// True when it is about the offer's location alone, false when it is about the whole service.
    pub own: bool,
    /// The state it comes to at the moment of the question.
    pub state: State,
    /// Its free places, as stated.
    pub places: Places,
}

impl Reported {
    /// What a report comes to at `now`.
    #[must_use]
    pub fn of(held: &Held, now: Timestamp) -> Self {
        let count = held.report.main_count();
        let counted = count.and_then(|count| Some(Places::Counted(count.available?, count.unit)));
        Self {
            own: held.report.said().location.is_some(),
            state: held.state_at(now),
            places: counted.unwrap_or(Places::Assumed),
        }
    }
}

/// Supply as it is gathered.
pub struct Gathering<'a> {
    filter: Request,
    languages: &'a [LanguageTag],
    map: &'a dyn Whereabouts,
    /// In the order in which services come.
    supply: Supply,
    /// For each pool what those of one service are told apart by.
    nths: Vec<u32>,
    /// How the next pool is reached.
    waiting: Vec<Reach>,
    /// Room for the areas of one offer.
    servings: Vec<Serving>,
}

/// What a filter asks of services for coverage: everything that matches, wherever it is and whatever its capacity.
#[must_use]
pub fn matching(filter: &Request) -> Request {
    let mut also = filter.also.clone();
    also.state = None;
    Request {
        need: filter.need.clone(),
        languages: filter.languages.clone(),
        availability: Availability::Any,
        circumstances: filter.circumstances,
        access: filter.access,
        fee: filter.fee,
        interpreter: filter.interpreter,
        also,
        ..Request::any()
    }
}

impl<'a> Gathering<'a> {
    /// Nothing gathered yet of what matches `filter`, see [`matching`].
    ///
    /// * `languages` — those that a report compares, at most 32.
    #[must_use]
    pub fn new(filter: &Request, languages: &'a [LanguageTag], map: &'a dyn Whereabouts) -> Self {
        Self {
            filter: matching(filter),
            languages,
            map,
            supply: Supply::new(),
            nths: Vec::new(),
            waiting: Vec::new(),
            servings: Vec::new(),
        }
    }

    /// Makes room for so many pools.
    pub fn reserve(&mut self, pools: usize) {
        self.supply.reserve(pools);
        self.nths.reserve(pools);
    }

    /// What services are asked for.
    #[must_use]
    pub fn filter(&self) -> &Request {
        &self.filter
    }

    /// Takes a service in, if it matches on the day `today`.
    ///
    /// * `reported` — the report that counts for the offer at a location; `None` of it: never reported.
    pub fn service(
        &mut self,
        facts: &Facts,
        today: Date,
        reported: impl Fn(Option<&LocalId>) -> Option<Reported>,
    ) {
        let verdict = judge_service(&self.filter, facts, today);
        if !verdict.passes() {
            return;
        }
        let pool = Pool {
            service: facts.key.public_id(),
            organization: Organization(organization_hash(&facts.organization)),
            places: Places::Assumed,
            standing: Standing::Unknown,
            languages: self.spoken(facts),
        };
        let matching = |(_, offer): &(u32, &OfferFacts)| {
            judge_offer(&self.filter, &verdict, offer, State::Unknown).passes()
        };
        let offers = (1..).zip(&facts.offers).filter(matching);
        let offers: Vec<(u32, &OfferFacts)> = offers.collect();
        let report = |offer: &OfferFacts| reported(offer.location.as_ref());
        let mut whole = pool;
        for (_, offer) in &offers {
            match report(offer) {
                Some(report) if report.own => {}
                report => {
                    whole = with(pool, report);
                    self.offer(offer);
                }
            }
        }
        self.pool(whole, 0);
        for (nth, offer) in offers {
            if let Some(report) = report(offer).filter(|report| report.own) {
                self.offer(offer);
                self.pool(with(pool, Some(report)), nth);
            }
        }
    }

    /// Takes areas in that are not taken in yet: the same ones again would get another number, and take room again.
    /// `None`: they serve nobody by residence.
    #[must_use]
    pub fn list(&mut self, areas: &[ServiceArea]) -> Option<Areas> {
        self.take(areas, Supply::list)
    }

    /// The area that is assumed of a remote offer that states none: the state its organization is in, else the
    /// nation. One at an address of a known state that no map knows is assumed to serve that state.
    #[must_use]
    pub fn assumed(&mut self, state: Option<StateCode>) -> Areas {
        self.supply.areas(&[Serving {
            area: state.map_or(Area::Nation, Area::State),
            conditional: true,
        }])
    }

    /// Where a position is.
    #[must_use]
    pub fn at(&self, point: Point) -> Site {
        let county = self.map.county_of(point);
        Site::At { point, county }
    }

    /// The next pool is reached here.
    pub fn reach(&mut self, site: Site, areas: Areas) {
        self.waiting.push(Reach { site, areas });
    }

    /// A pool, reached in the ways said since the last one; without any it is none.
    ///
    /// * `nth` — tells pools of one service apart, in their order.
    pub fn pool(&mut self, pool: Pool, nth: u32) {
        if self.waiting.is_empty() {
            return;
        }
        self.supply.add(pool, &self.waiting);
        self.waiting.clear();
        self.nths.push(nth);
    }

    /// The supply.
    #[must_use]
    pub fn finish(self) -> Supply {
        let order = self.order();
        self.supply.in_order(&order)
    }

    /// The supply, and for each of its pools the service and what its pools are told apart by: 0 for what is reported of
    /// the whole service, else the place of the offer among [`Facts::offers`], from 1.
    #[must_use]
    pub fn finish_told(self) -> (Supply, Vec<(PublicId, u32)>) {
        let order = self.order();
        let pools = self.supply.pools();
        let told = order.iter().map(|at| *at as usize);
        let told = told.map(|at| (pools[at].service, self.nths[at])).collect();
        (self.supply.in_order(&order), told)
    }

    /// The places of the pools in the order of their services, those of one service as they are told apart.
    fn order(&self) -> Vec<u32> {
        let pools = self.supply.pools();
        // Half of an id tells nearly all services apart, and is half as much to put in order.
        let half = |pool: &Pool| u64::try_from(pool.service.as_u128() >> 64).unwrap_or(u64::MAX);
        let numbered = pools.iter().zip(&self.nths).zip(0..);
        let mut order: Vec<(u64, u32, u32)> = numbered
            .map(|((pool, nth), at)| (half(pool), *nth, at))
            .collect();
        order.sort_unstable_by(|(a, nth_a, at_a), (b, nth_b, at_b)| {
            let whole = |at: &u32| pools[*at as usize].service.as_u128();
            a.cmp(b)
                .then_with(|| whole(at_a).cmp(&whole(at_b)))
                .then_with(|| nth_a.cmp(nth_b))
        });
        order.into_iter().map(|(.., at)| at).collect()
    }

    fn offer(&mut self, offer: &OfferFacts) {
        let areas = match &offer.site {
            At::Remote(state) if offer.areas.is_empty() => Some(self.assumed(*state)),
            At::Unplaced {
                state: Some(state), ..
            } if offer.areas.is_empty() => Some(self.assumed(Some(*state))),
            _ => self.take(&offer.areas, Supply::areas),
        };
        let Some(areas) = areas else {
            return;
        };
        let site = match &offer.site {
            At::At { point, .. } => self.at(*point),
            At::County(county) => Site::County(*county),
            At::Remote(_) => Site::Remote,
            At::NotStated(offices) if offer.areas.is_empty() && !offices.is_empty() => {
                self.offices(offices, areas);
                return;
            }
            At::Unplaced { .. } | At::NotStated(_) => Site::Unplaced,
        };
        self.reach(site, areas);
    }

    /// An offer that states neither location nor area is reached at its organization's locations.
    pub fn offices(&mut self, offices: &[Point], areas: Areas) {
        for office in offices {
            let site = self.at(*office);
            self.reach(site, areas);
        }
    }

    fn take(
        &mut self,
        areas: &[ServiceArea],
        number: fn(&mut Supply, &[Serving]) -> Areas,
    ) -> Option<Areas> {
        if areas.is_empty() {
            return Some(Areas::NOT_STATED);
        }
        self.servings.clear();
        servings(
            areas,
            self.filter.circumstances,
            self.map,
            &mut self.servings,
        );
        (!self.servings.is_empty()).then(|| number(&mut self.supply, &self.servings))
    }

    fn spoken(&self, facts: &Facts) -> u32 {
        let speaks = |asked: &LanguageTag| {
            let mut known = facts.languages.iter();
            known.any(|(tag, mode)| is_spoken(*mode) && tag.primary() == asked.primary())
        };
        let bits = self.languages.iter().take(32).enumerate();
        let spoken = bits.filter(|(_, asked)| speaks(asked));
        spoken.fold(0, |bits, (at, _)| bits | 1 << at)
    }
}

impl std::fmt::Debug for Gathering<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gathering({} pools)", self.nths.len())
    }
}

fn with(pool: Pool, report: Option<Reported>) -> Pool {
    report.map_or(pool, |report| Pool {
        places: report.places,
        standing: Standing::of(report.state),
        ..pool
    })
}

/// Adds areas as demand can be compared with them, for a client in these circumstances: those that exclude the client,
/// courts and countries abroad are left out.
fn servings(
    areas: &[ServiceArea],
    given: Circumstances,
    map: &dyn Whereabouts,
    into: &mut Vec<Serving>,
) {
    for ServiceArea {
        area,
        condition: on,
        ..
    } in areas
    {
        let fit = on.as_ref().map(|rule| condition(rule, given));
        let conditional = match fit {
            Some(Some(Fit::No)) => continue,
            None | Some(Some(Fit::Fits)) => false,
            Some(_) => true,
        };
        let mut serving = |area| into.push(Serving { area, conditional });
        match area {
            Stated::Zip(zip) => {
                for county in map.counties_of(*zip) {
                    serving(Area::Zip(*zip, county));
                }
            }
            Stated::County(county) => serving(Area::County(*county)),
            Stated::State(state) => serving(Area::State(*state)),
            Stated::Nation | Stated::Country(CountryCode::US) => serving(Area::Nation),
            Stated::Radius(radius) => serving(Area::Radius(*radius)),
            Stated::Country(_) | Stated::Court(_) => {}
        }
    }
}
