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

/// Areas that were taken in: a number of this gathering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List(u32);

/// Supply as it is gathered.
pub struct Gathering<'a> {
    filter: Request,
    languages: &'a [LanguageTag],
    map: &'a dyn Whereabouts,
    lists: Vec<Vec<Serving>>,
    waiting: Vec<(Site, List)>,
    reaches: Vec<(Site, List)>,
    entries: Vec<Entry>,
}

/// A pool and the reaches it has.
struct Entry {
    pool: Pool,
    nth: usize,
    from: usize,
    to: usize,
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
            lists: vec![Vec::new()],
            waiting: Vec::new(),
            reaches: Vec::new(),
            entries: Vec::new(),
        }
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
        let matching = |(_, offer): &(usize, &OfferFacts)| {
            judge_offer(&self.filter, &verdict, offer, State::Unknown).passes()
        };
        let offers = (1..).zip(&facts.offers).filter(matching);
        let offers: Vec<(usize, &OfferFacts)> = offers.collect();
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

    /// Takes areas in. `None`: they serve nobody by residence.
    #[must_use]
    pub fn list(&mut self, areas: &[ServiceArea]) -> Option<List> {
        if areas.is_empty() {
            return Some(List(0));
        }
        let servings = servings(areas, self.filter.circumstances, self.map);
        self.numbered(servings)
    }

    /// The area that is assumed of a remote offer that states none: the state its organization is in, else the
    /// nation. One at an address of a known state that no map knows is assumed to serve that state.
    #[must_use]
    pub fn assumed(&mut self, state: Option<StateCode>) -> Option<List> {
        self.numbered(vec![Serving {
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
    pub fn reach(&mut self, site: Site, list: List) {
        self.waiting.push((site, list));
    }

    /// A pool, reached in the ways said since the last one; without any it is none.
    ///
    /// * `nth` — tells pools of one service apart, in their order.
    pub fn pool(&mut self, pool: Pool, nth: usize) {
        if self.waiting.is_empty() {
            return;
        }
        let from = self.reaches.len();
        self.reaches.append(&mut self.waiting);
        let to = self.reaches.len();
        self.entries.push(Entry {
            pool,
            nth,
            from,
            to,
        });
    }

    /// The supply.
    #[must_use]
    pub fn finish(self) -> Supply {
        self.finish_told().0
    }

    /// The supply, and for each of its pools the service and what its pools are told apart by: 0 for what is reported of
    /// the whole service, else the place of the offer among [`Facts::offers`], from 1.
    #[must_use]
    pub fn finish_told(self) -> (Supply, Vec<(PublicId, usize)>) {
        let entries = self.entries.iter().enumerate();
        // Keys alone are put in order: they are a third of the size.
        let mut order: Vec<(u128, usize, usize)> = entries
            .map(|(at, entry)| (entry.pool.service.as_u128(), entry.nth, at))
            .collect();
        order.sort_unstable();
        let ordered = order.iter().map(|(.., at)| &self.entries[*at]);
        let mut supply = Supply::new();
        let mut numbers: Vec<Option<Areas>> = vec![None; self.lists.len()];
        let mut reaches = Vec::new();
        for entry in ordered.clone() {
            reaches.clear();
            for (site, List(list)) in &self.reaches[entry.from..entry.to] {
                let list = *list as usize;
                let areas = *numbers[list].get_or_insert_with(|| supply.areas(&self.lists[list]));
                reaches.push(Reach { site: *site, areas });
            }
            supply.add(entry.pool, &reaches);
        }
        let told = ordered.map(|entry| (entry.pool.service, entry.nth));
        (supply, told.collect())
    }

    fn offer(&mut self, offer: &OfferFacts) {
        let list = match &offer.site {
            At::Remote(state) if offer.areas.is_empty() => self.assumed(*state),
            At::Unplaced {
                state: Some(state), ..
            } if offer.areas.is_empty() => self.assumed(Some(*state)),
            _ => self.list(&offer.areas),
        };
        let Some(list) = list else {
            return;
        };
        let site = match &offer.site {
            At::At { point, .. } => self.at(*point),
            At::County(county) => Site::County(*county),
            At::Remote(_) => Site::Remote,
            At::NotStated(offices) if offer.areas.is_empty() && !offices.is_empty() => {
                self.offices(offices, list);
                return;
            }
            At::Unplaced { .. } | At::NotStated(_) => Site::Unplaced,
        };
        self.reach(site, list);
    }

    /// An offer that states neither location nor area is reached at its organization's locations.
    pub fn offices(&mut self, offices: &[Point], list: List) {
        for office in offices {
            let site = self.at(*office);
            self.reach(site, list);
        }
    }

    fn numbered(&mut self, servings: Vec<Serving>) -> Option<List> {
        if servings.is_empty() {
            return None;
        }
        let number = self.lists.len();
        self.lists.push(servings);
        u32::try_from(number).ok().map(List)
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
        write!(f, "Gathering({} pools)", self.entries.len())
    }
}

fn with(pool: Pool, report: Option<Reported>) -> Pool {
    report.map_or(pool, |report| Pool {
        places: report.places,
        standing: Standing::of(report.state),
        ..pool
    })
}

/// Areas as demand can be compared with them, for a client in these circumstances: those that exclude the client,
/// courts and countries abroad are left out.
#[must_use]
pub fn servings(
    areas: &[ServiceArea],
    given: Circumstances,
    map: &dyn Whereabouts,
) -> Vec<Serving> {
    let mut servings = Vec::new();
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
        let mut serving = |area| servings.push(Serving { area, conditional });
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
    servings
}
