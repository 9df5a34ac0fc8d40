//! Supply for coverage: one pass over everything that matches a filter, wherever it is, with no page and no rank.
//!
//! Which offers match is told as in a search ([`Judge`]); what pools and reaches are is decided in
//! `core::coverage`. Capacity is read from the reports themselves, since a pool is a report. They are behind
//! a lock that reports are taken in under: it is held for a few services at a time.

use std::collections::HashMap;

use jiff::Timestamp;
use referral_core::capacity::State;
use referral_core::catalog::LanguageTag;
use referral_core::coverage::{
    Gathering, List, Organization, Places, Pool, Reported, Site, Standing, Supply, Whereabouts,
};
use referral_core::geo::CountyFips;
use referral_core::id::PublicId;
use referral_core::search::{Request, is_spoken};

use crate::error::IndexError;
use crate::generation::Generation;
use crate::index::locked;
use crate::live::{Live, Reports};
use crate::part::{Alone, Languages, Marks, Offer, Part, SiteKind};
use crate::search::{Around, Asked, Judge, WorthALook, each_service, language_bit};
use crate::state::State as Changing;

/// Services whose reports are read together.
const TOGETHER: usize = 256;

/// A service that matches, with its offers that do.
struct Matching {
    view: u32,
    service: u32,
    from: usize,
    to: usize,
}

/// Everything that matches `filter`, as supply.
pub(crate) fn supply(
    generation: &Generation,
    filter: &Request,
    languages: &[LanguageTag],
    map: &dyn Whereabouts,
    changing: &std::sync::Mutex<Changing>,
    around: &Around<'_>,
) -> Result<Supply, IndexError> {
    let mut gathering = Gathering::new(filter, languages, map);
    let request = gathering.filter().clone();
    let asked = Asked::of(&request, generation.sets(), around);
    let judge = Judge::new(&asked);
    let (mut services, mut offers) = (Vec::new(), Vec::new());
    each_service(
        generation,
        &judge,
        None,
        (around.may_go_on, false),
        &mut |view, service, candidates, _| {
            let part = &generation.views()[view].part;
            let from = offers.len();
            matching(&judge, part, service, candidates, &mut offers);
            let to = offers.len();
            if let Ok(view) = u32::try_from(view)
                && from < to
            {
                services.push(Matching {
                    view,
                    service,
                    from,
                    to,
                });
            }
        },
    )?;
    let bits = languages.iter().take(32);
    let mut rows = Rows {
        generation,
        bits: bits
            .map(|tag| language_bit(tag, generation.sets()))
            .collect(),
        languages,
        lists: HashMap::new(),
        assumed: HashMap::new(),
        now: around.now,
    };
    for some in services.chunks(TOGETHER) {
        (around.may_go_on)()?;
        let reports: Vec<Seen> = {
            let changing = locked(changing);
            let some = some.iter();
            some.map(|one| rows.seen(one, &offers[one.from..one.to], &changing.live))
                .collect()
        };
        for (one, seen) in some.iter().zip(reports) {
            rows.gather(one, &offers[one.from..one.to], &seen, &mut gathering);
        }
    }
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

/// What is reported of the offers of one service; of all of them together where none has its own.
struct Seen {
    whole: Option<Reported>,
    own: Vec<Option<Reported>>,
}

struct Rows<'a> {
    generation: &'a Generation,
    bits: Vec<Languages>,
    languages: &'a [LanguageTag],
    lists: HashMap<u32, Option<List>>,
    assumed: HashMap<[u8; 2], Option<List>>,
    now: Timestamp,
}

impl Rows<'_> {
    fn part(&self, one: &Matching) -> &Part {
        &self.generation.views()[one.view as usize].part
    }

    fn seen(&self, one: &Matching, offers: &[u32], live: &Live) -> Seen {
        let part = self.part(one);
        let mut seen = Seen {
            whole: None,
            own: Vec::new(),
        };
        let silent = offers
            .iter()
            .all(|ordinal| part.cell(*ordinal).stamp() == 0);
        if silent {
            return seen;
        }
        let id = PublicId::from_u128(part.services[one.service as usize].id);
        let Some(reports) = live.of(id) else {
            return seen;
        };
        for (at, ordinal) in offers.iter().enumerate() {
            match self.reported(part, *ordinal, reports) {
                Some(report) if report.own => {
                    seen.own.resize(offers.len(), None);
                    seen.own[at] = Some(report);
                }
                Some(report) => seen.whole = Some(report),
                None => {}
            }
        }
        seen
    }

    fn reported(&self, part: &Part, ordinal: u32, reports: &Reports) -> Option<Reported> {
        let location = part.location_str(ordinal);
        let location = (!location.is_empty()).then_some(location);
        reports
            .effective(location)
            .map(|held| Reported::of(held, self.now))
    }

    fn gather(
        &mut self,
        one: &Matching,
        offers: &[u32],
        seen: &Seen,
        gathering: &mut Gathering<'_>,
    ) {
        let generation = self.generation;
        let part = &generation.views()[one.view as usize].part;
        let row = &part.services[one.service as usize];
        let pool = Pool {
            service: PublicId::from_u128(row.id),
            organization: Organization(row.organization),
            places: Places::Assumed,
            standing: Standing::of(State::Unknown),
            languages: self.spoken(part, one.service),
        };
        let of = |report: Option<Reported>| match report {
            None => pool,
            Some(report) => Pool {
                places: report.places,
                standing: Standing::of(report.state),
                ..pool
            },
        };
        let own = |at: usize| seen.own.get(at).copied().flatten();
        for (at, ordinal) in offers.iter().enumerate() {
            if own(at).is_none() {
                self.offer(part, *ordinal, gathering);
            }
        }
        gathering.pool(of(seen.whole), 0);
        for (at, ordinal) in offers.iter().enumerate() {
            if let Some(report) = own(at) {
                self.offer(part, *ordinal, gathering);
                gathering.pool(of(Some(report)), at + 1);
            }
        }
    }

    fn offer(&mut self, part: &Part, ordinal: u32, gathering: &mut Gathering<'_>) {
        let offer = part.offer(ordinal);
        let Some(list) = self.list(offer, gathering) else {
            return;
        };
        let site = match offer.site {
            SiteKind::At => gathering.at(part.point(ordinal)),
            SiteKind::County => match CountyFips::from_number(offer.detail) {
                Some(county) => Site::County(county),
                None => Site::Unplaced,
            },
            SiteKind::Remote => Site::Remote,
            SiteKind::NotStated if offer.areas == 0 && !part.offices(offer).is_empty() => {
                gathering.offices(part.offices(offer), list);
                return;
            }
            SiteKind::Unplaced | SiteKind::NotStated => Site::Unplaced,
        };
        gathering.reach(site, list);
    }

    fn list(&mut self, offer: &Offer, gathering: &mut Gathering<'_>) -> Option<List> {
        if offer.site == SiteKind::Remote && offer.areas == 0 {
            let assumed = self.assumed.entry(offer.state.0);
            return *assumed.or_insert_with(|| gathering.assumed(offer.state.state()));
        }
        let sets = self.generation.sets();
        *self.lists.entry(offer.areas).or_insert_with(|| {
            let areas = sets.areas.at(offer.areas as usize);
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
