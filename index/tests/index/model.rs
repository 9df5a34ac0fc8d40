//! What the index should know, kept the slow way, and asked the plain way: `core::search::scan`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use referral_core::capacity::{Held, State, effective};
use referral_core::catalog::{LanguageTag, Listing, Place, Tier};
use referral_core::coverage::{Gathering, Reported, Supply, Whereabouts};
use referral_core::feedback::Precision;
use referral_core::geo::{CountyFips, Kilometres, Point, Zip};
use referral_core::id::PublicId;
use referral_core::search::{
    Change, Facets, Facts, Listed, Request, Scan, ScanHit, Score, Standing, day, scan,
};
use referral_index::{Answer, Hit};

/// What the index should know.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) waiting: BTreeMap<String, Option<(Listing, Vec<Place>)>>,
    pub(crate) hidden: BTreeSet<String>,
    pub(crate) shown: BTreeMap<String, (Listing, Vec<Place>)>,
    pub(crate) reports: BTreeMap<(String, Option<String>), Held>,
    pub(crate) precisions: HashMap<PublicId, Precision>,
    pub(crate) cursor: u64,
}

/// An answer, as far as both ways tell it.
#[derive(Debug, PartialEq)]
pub(crate) struct Told {
    total: usize,
    open: usize,
    more: bool,
    pub(crate) hits: Vec<One>,
    facets: Facets,
    near_misses: Vec<(Change, usize, One)>,
}

/// One service found.
#[derive(Debug, PartialEq)]
pub(crate) struct One {
    pub(crate) id: PublicId,
    pub(crate) offer: usize,
    state: State,
    distance: Option<Kilometres>,
    score: Score,
}

impl Model {
    pub(crate) fn put(&mut self, put: (Listing, Vec<Place>)) {
        let id = put.0.service.id.to_string();
        if put.0.service.tier == Tier::Public {
            self.waiting.insert(id, Some(put));
        } else {
            self.remove(&id);
        }
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.hidden.insert(id.to_owned());
        self.waiting.insert(id.to_owned(), None);
    }

    pub(crate) fn report(&mut self, held: Held) {
        let (service, location) = held.report.key();
        let key = (service.to_string(), location.map(ToString::to_string));
        let known = self.reports.get(&key);
        // The same report again may be believed for less time: its service has come since.
        let newer = |known: &Held| {
            held.order > known.order || (held.order == known.order && held.ttl < known.ttl)
        };
        if known.is_none_or(newer) {
            self.reports.insert(key, held);
        }
    }

    pub(crate) fn commit(&mut self) {
        for (id, next) in std::mem::take(&mut self.waiting) {
            match next {
                Some(put) => self.shown.insert(id, put),
                None => self.shown.remove(&id),
            };
        }
        self.hidden.clear();
        self.cursor += 1;
    }

    /// Everything not committed is lost; capacity is told again from the store.
    pub(crate) fn reopen(&mut self) {
        self.waiting.clear();
        self.hidden.clear();
    }

    /// The facts of every service that may be found, with what is held of its capacity.
    pub(crate) fn facts(&self, now: Timestamp) -> Vec<(Facts, Vec<Standing>)> {
        let shown = self.shown.iter();
        let shown = shown.filter(|(id, _)| !self.hidden.contains(*id));
        let facts = shown.map(|(_, (listing, places))| Facts::of(listing, places));
        facts
            .map(|facts| {
                let standings = self.standings(&facts, now);
                (facts, standings)
            })
            .collect()
    }

    fn standings(&self, facts: &Facts, now: Timestamp) -> Vec<Standing> {
        let service = facts.key.id.to_string();
        let report = |location| self.reports.get(&(service.clone(), location));
        let offers = facts.offers.iter().map(|offer| {
            let location = offer.location.as_ref().map(ToString::to_string);
            let own = location.and_then(|location| report(Some(location)));
            Standing::of(effective(own, report(None)), now)
        });
        offers.collect()
    }

    /// Everything that matches, as supply.
    pub(crate) fn supply(
        &self,
        request: &Request,
        languages: &[LanguageTag],
        now: Timestamp,
    ) -> Supply {
        let mut gathering = Gathering::new(request, languages, &Squares);
        for (facts, _) in self.facts(now) {
            let service = facts.key.id.to_string();
            let report = |location: Option<String>| self.reports.get(&(service.clone(), location));
            gathering.service(&facts, day(now), |location| {
                let own = location.and_then(|location| report(Some(location.to_string())));
                let counts = effective(own, report(None));
                counts.map(|held| Reported::of(held, now))
            });
        }
        gathering.finish()
    }

    pub(crate) fn search(&self, request: &Request, now: Timestamp) -> Scan {
        scanned(&self.facts(now), &self.precisions, request, now)
    }
}

/// A map of squares of a degree.
pub(crate) struct Squares;

impl Whereabouts for Squares {
    fn county_of(&self, point: Point) -> Option<CountyFips> {
        let whole = |degrees: f64| format!("{:.0}", degrees.floor().abs()).parse::<u32>();
        let square = whole(point.lat()).ok()? * 200 + whole(point.lon()).ok()?;
        CountyFips::from_number(1_001 + square)
    }

    fn counties_of(&self, zip: Zip) -> Vec<CountyFips> {
        let first = 1_001 + zip.number() % 50_000;
        let counties = [first, first + 1].into_iter();
        counties.filter_map(CountyFips::from_number).collect()
    }
}

/// Pools with their reaches and areas, as far as reports use them.
pub(crate) fn pools(supply: &Supply) -> Vec<String> {
    let pools = supply.pools().iter().enumerate();
    pools
        .map(|(at, pool)| {
            let reaches = supply.reaches(at).iter();
            let reaches: Vec<_> = reaches
                .map(|reach| (reach.site, supply.servings(reach.areas)))
                .collect();
            format!("{pool:?} {reaches:?}")
        })
        .collect()
}

/// The plain answer.
pub(crate) fn scanned(
    facts: &[(Facts, Vec<Standing>)],
    precisions: &HashMap<PublicId, Precision>,
    request: &Request,
    now: Timestamp,
) -> Scan {
    let listed = facts.iter().map(|(facts, capacity)| Listed {
        facts,
        relevance: 1.0,
        capacity,
        precision: precisions.get(&facts.key.public_id()).copied(),
    });
    scan(request, listed, now)
}

impl From<Scan> for Told {
    fn from(scan: Scan) -> Self {
        let misses = scan.near_misses.into_iter();
        Self {
            total: scan.total,
            open: scan.open,
            more: scan.more,
            hits: scan.hits.into_iter().map(One::from).collect(),
            facets: scan.facets,
            near_misses: misses
                .map(|miss| (miss.change, miss.count, miss.best.into()))
                .collect(),
        }
    }
}

impl From<Answer> for Told {
    fn from(answer: Answer) -> Self {
        let misses = answer.near_misses.into_iter();
        Self {
            total: answer.total,
            open: answer.open,
            more: answer.more,
            hits: answer.hits.into_iter().map(One::from).collect(),
            facets: answer.facets,
            near_misses: misses
                .map(|miss| (miss.change, miss.count, miss.best.into()))
                .collect(),
        }
    }
}

impl From<ScanHit> for One {
    fn from(hit: ScanHit) -> Self {
        Self {
            id: hit.id,
            offer: hit.offer,
            state: hit.standing.state,
            distance: hit.distance,
            score: hit.score,
        }
    }
}

impl From<Hit> for One {
    fn from(hit: Hit) -> Self {
        Self {
            id: hit.key.public_id(),
            offer: hit.offer,
            state: hit.state,
            distance: hit.distance,
            score: hit.score,
        }
    }
}
