//! Supply for coverage: one pass over everything that matches a filter, wherever it is, with no page and no rank.
//!
//! Which offers match is told as in a search ([`Judge`]); what pools and reaches are is decided in
//! `core::coverage`. Capacity is read from cells and what stands beside them, under no lock. In which county a
//! position lies is asked once for each offer.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::ops::Range;

use referral_core::capacity::State;
use referral_core::catalog::LanguageTag;
use referral_core::coverage::{
    Areas, Gathering, Organization, Places, Pool, Reported, Site, Standing, Supply, Whereabouts,
};
use referral_core::geo::CountyFips;
use referral_core::id::PublicId;
use referral_core::search::{Request, is_spoken};

use crate::error::IndexError;
use crate::generation::Generation;
use crate::live::{ById, Moment};
use crate::part::{Alone, Languages, Marks, Offer, Part, SiteKind};
use crate::search::{Around, Asked, Judge, WorthALook, candidates, each_service, language_bit};

/// Services that are gathered together.
const AT_ONCE: usize = 256;

/// Everything that matches `filter`, as supply.
pub(crate) fn supply(
    generation: &Generation,
    filter: &Request,
    languages: &[LanguageTag],
    map: &dyn Whereabouts,
    around: &Around<'_>,
) -> Result<Supply, IndexError> {
    let mut gathering = Gathering::new(filter, languages, map);
    let request = gathering.filter().clone();
    let asked = Asked::of(&request, generation.sets(), around);
    let judge = Judge::new(&asked);
    let bits = languages.iter().take(32);
    let mut rows = Rows {
        generation,
        bits: bits
            .map(|tag| language_bit(tag, generation.sets()))
            .collect(),
        languages,
        map,
        lists: HashMap::default(),
        assumed: HashMap::new(),
        now: asked.moment,
        reports: Vec::new(),
    };
    gathering.reserve(candidates(generation, &judge, usize::MAX));
    let mut matched = Matched::default();
    each_service(
        generation,
        &judge,
        None,
        (around.may_go_on, false),
        &mut |view, service, candidates, _| {
            let part = &generation.views()[view].part;
            let from = matched.offers.len();
            matching(&judge, part, service, candidates, &mut matched.offers);
            let to = matched.offers.len();
            if to > from {
                matched.services.push((view, service, from..to));
            }
            if matched.services.len() == AT_ONCE {
                rows.gather_all(&mut matched, &mut gathering);
            }
        },
    )?;
    rows.gather_all(&mut matched, &mut gathering);
    Ok(gathering.finish())
}

/// The offers among `candidates` that match, by their place in the service.
fn matching(
    judge: &Judge<'_>,
    part: &Part,
    service: u32,
    candidates: &[WorthALook],
    into: &mut Vec<u32>,
) {
    if let [offer] = candidates
        && judge.listed
        && offer.area
        && part.offer(offer.ordinal).alone == Alone::Plain
    {
        into.push(offer.ordinal);
        return;
    }
    let row = part.on(judge.asked.today, service);
    let from = into.len();
    if row.marks.has(Marks::ODD) {
        let Some(facts) = part.facts(service) else {
            return;
        };
        for look in candidates {
            let cell = part.cell(look.ordinal).read(judge.asked.moment);
            let offer = part.offer(look.ordinal);
            let odd = judge.odd(facts, offer, cell);
            if odd.is_some_and(|(verdict, _)| verdict.passes()) {
                into.push(look.ordinal);
            }
        }
    } else {
        let of_service = judge.service(&row);
        if !of_service.is_passing() {
            return;
        }
        for look in candidates {
            let cell = part.cell(look.ordinal).read(judge.asked.moment);
            let judged = judge.offer(part, *look, of_service, cell);
            if judged.passes() {
                into.push(look.ordinal);
            }
        }
    }
    into[from..].sort_unstable_by_key(|ordinal| part.offer(*ordinal).nth);
}

/// Services that match, on their way into the supply.
#[derive(Default)]
struct Matched {
    /// The view of each, its number there, and which of `offers` match.
    services: Vec<(usize, u32, Range<usize>)>,
    offers: Vec<u32>,
}

struct Rows<'a> {
    generation: &'a Generation,
    bits: Vec<Languages>,
    languages: &'a [LanguageTag],
    map: &'a dyn Whereabouts,
    /// Areas that were taken in, by their number.
    lists: HashMap<u32, Option<Areas>, BuildHasherDefault<ById>>,
    assumed: HashMap<[u8; 2], Areas>,
    now: Moment,
    /// What is reported of the offers of one service, with the stamps of their cells.
    reports: Vec<(u64, Option<Reported>)>,
}

impl Rows<'_> {
    /// Takes in what matched so far. What rows hold that no search needs is asked for before the first is looked at,
    /// so that the processor waits for many of them at once.
    fn gather_all(&mut self, matched: &mut Matched, gathering: &mut Gathering<'_>) {
        let views = self.generation.views();
        let touched = matched
            .services
            .iter()
            .fold(0, |touched, (view, service, offers)| {
                let part = &views[*view].part;
                let offers = matched.offers[offers.clone()].iter();
                offers.fold(touched ^ part.touch_service(*service), |touched, at| {
                    touched ^ part.touch_beside(*at)
                })
            });
        std::hint::black_box(touched);
        for (view, service, offers) in matched.services.drain(..) {
            let offers = &matched.offers[offers];
            self.gather(&views[view].part, service, offers, gathering);
        }
        matched.offers.clear();
    }

    fn gather(&mut self, part: &Part, service: u32, offers: &[u32], gathering: &mut Gathering<'_>) {
        let row = &part.services[service as usize];
        let pool = Pool {
            service: PublicId::from_u128(row.id),
            organization: Organization(row.organization),
            places: Places::Assumed,
            standing: Standing::of(State::Unknown),
            languages: self.spoken(part, service),
        };
        let of = |report: Option<Reported>| match report {
            None => pool,
            Some(report) => Pool {
                places: report.places,
                standing: Standing::of(report.state),
                ..pool
            },
        };
        self.look(part, offers);
        let mut whole = None;
        for (at, ordinal) in offers.iter().enumerate() {
            match self.reports[at].1 {
                Some(report) if report.own => continue,
                report => whole = report.or(whole),
            }
            self.offer(part, *ordinal, gathering);
        }
        gathering.pool(of(whole), 0);
        for ((at, ordinal), nth) in offers.iter().enumerate().zip(1..) {
            if let Some(report) = self.reports[at].1.filter(|report| report.own) {
                self.offer(part, *ordinal, gathering);
                gathering.pool(of(Some(report)), nth);
            }
        }
    }

    /// Looks at what is reported of the offers of one service, of all of them at one moment.
    fn look(&mut self, part: &Part, offers: &[u32]) {
        loop {
            self.reports.clear();
            let reports = offers.iter().map(|ordinal| {
                let (cell, beside) = (part.cell(*ordinal), part.beside(*ordinal));
                beside.reported(cell, self.now)
            });
            self.reports.extend(reports);
            let mut all = offers.iter().zip(&self.reports);
            if offers.len() == 1 || all.all(|(at, (stamp, _))| part.cell(*at).stamp() == *stamp) {
                return;
            }
        }
    }

    fn offer(&mut self, part: &Part, ordinal: u32, gathering: &mut Gathering<'_>) {
        let offer = part.offer(ordinal);
        let Some(areas) = self.areas(offer, gathering) else {
            return;
        };
        let site = match offer.site {
            SiteKind::At => {
                let point = part.point(ordinal);
                let county = part.beside(ordinal).county(|| self.map.county_of(point));
                Site::At { point, county }
            }
            SiteKind::County => match CountyFips::from_number(offer.detail) {
                Some(county) => Site::County(county),
                None => Site::Unplaced,
            },
            SiteKind::Remote => Site::Remote,
            SiteKind::NotStated if offer.areas == 0 && !part.offices(offer).is_empty() => {
                gathering.offices(part.offices(offer), areas);
                return;
            }
            SiteKind::Unplaced | SiteKind::NotStated => Site::Unplaced,
        };
        gathering.reach(site, areas);
    }

    fn areas(&mut self, offer: &Offer, gathering: &mut Gathering<'_>) -> Option<Areas> {
        let assumed = match offer.site {
            SiteKind::Remote => true,
            SiteKind::Unplaced => offer.state.state().is_some(),
            _ => false,
        };
        if assumed && offer.areas == 0 {
            let assumed = self.assumed.entry(offer.state.0);
            return Some(*assumed.or_insert_with(|| gathering.assumed(offer.state.state())));
        }
        *self.lists.entry(offer.areas).or_insert_with(|| {
            let areas = self.generation.sets().areas.at(offer.areas as usize);
            gathering.list(areas.map_or(&[], |areas| &areas.all))
        })
    }

    fn spoken(&self, part: &Part, service: u32) -> u32 {
        if self.bits.is_empty() {
            return 0;
        }
        let row = &part.services[service as usize];
        let facts = part.facts(service).filter(|_| row.marks.has(Marks::ODD));
        let speaks = |at: usize| match facts {
            None => {
                let words = self.bits[at].iter().zip(&row.spoken);
                words.fold(0, |any, (asked, has)| any | (asked & has)) != 0
            }
            Some(facts) => {
                let asked = self.languages[at].primary();
                let mut known = facts.languages.iter();
                known.any(|(tag, mode)| is_spoken(*mode) && tag.primary() == asked)
            }
        };
        let spoken = (0..self.bits.len()).filter(|at| speaks(*at));
        spoken.fold(0, |bits, at| bits | 1 << at)
    }
}
