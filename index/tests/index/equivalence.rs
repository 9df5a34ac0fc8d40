//! The index is fast and nothing else: it answers what looking at every listing would answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::collection::{hash_set, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use referral_core::capacity::{Availability, Held, State, Stated, effective};
use referral_core::catalog::{
    Address, Area, Basis, Effect, Field, Language, LanguageMode, LanguageTag, Listing, Place, Rule,
    ServiceArea, Tier, Values,
};
use referral_core::geo::{
    CountryCode, CountyFips, Kilometres, Locality, LocalityKind, Point, StateCode, Zip,
};
use referral_core::id::{LocalId, RecordKey};
use referral_core::search::{Candidate, Facts, Near, Need, Request, day, matches, score};
use referral_index::{Answer, Hit, Index};
use tempfile::TempDir;

use crate::support::{NOW, agency, asking, attribute, held, id, key, listing, name, offered_at};

/// Local ids of the services that things happen to: few, so that much happens to each.
const SERVICES: [&str; 6] = ["s0", "s1", "s2", "s3", "s4", "s5"];
const LOCATIONS: [&str; 3] = ["l0", "l1", "l2"];
/// Positions near each other, far away, and on both sides of the antimeridian.
const POINTS: [(f64, f64); 6] = [
    (39.29, -76.61),
    (39.49, -76.41),
    (38.9, -77.04),
    (52.0, 179.9),
    (52.1, -179.8),
    (14.1, -87.2),
];

/// One thing that happens to the index.
#[derive(Clone, Debug)]
enum Event {
    Put(Box<(Listing, Vec<Place>)>),
    Remove(&'static str),
    Report(Box<Held>),
    Commit,
    Reopen,
    Search(Box<Request>, Timestamp),
}

/// What the index should know, kept the slow way.
#[derive(Default)]
struct Model {
    waiting: BTreeMap<String, Option<(Listing, Vec<Place>)>>,
    hidden: BTreeSet<String>,
    shown: BTreeMap<String, (Listing, Vec<Place>)>,
    reports: BTreeMap<(String, Option<String>), Held>,
    cursor: u64,
}

impl Model {
    fn put(&mut self, put: (Listing, Vec<Place>)) {
        let id = put.0.service.id.to_string();
        if put.0.service.tier == Tier::Public {
            self.waiting.insert(id, Some(put));
        } else {
            self.remove(&id);
        }
    }

    fn remove(&mut self, id: &str) {
        self.hidden.insert(id.to_owned());
        self.waiting.insert(id.to_owned(), None);
    }

    fn report(&mut self, held: Held) {
        let (service, location) = held.report.key();
        let key = (service.to_string(), location.map(ToString::to_string));
        let known = self.reports.get(&key);
        if known.is_none_or(|known| held.order > known.order) {
            self.reports.insert(key, held);
        }
    }

    fn commit(&mut self) {
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
    fn reopen(&mut self) {
        self.waiting.clear();
        self.hidden.clear();
    }

    fn search(&self, request: &Request, now: Timestamp) -> Answer {
        let shown = self.shown.iter();
        let shown = shown.filter(|(id, _)| !self.hidden.contains(*id));
        let mut hits: Vec<Hit> = shown
            .filter_map(|(_, (listing, places))| self.hit(listing, places, request, now))
            .collect();
        hits.sort_by(|a, b| {
            let ids = || a.key.public_id().cmp(&b.key.public_id());
            b.score.cmp(&a.score).then_with(ids)
        });
        let total = hits.len();
        hits.truncate(request.limit as usize);
        Answer { total, hits }
    }

    fn hit(
        &self,
        listing: &Listing,
        places: &[Place],
        request: &Request,
        now: Timestamp,
    ) -> Option<Hit> {
        let facts = Facts::of(listing, places);
        let service = facts.key.id.to_string();
        let report = |location| self.reports.get(&(service.clone(), location));
        let mut all = Vec::new();
        for offer in &facts.offers {
            let location = offer.location.as_ref().map(ToString::to_string);
            let own = location.and_then(|location| report(Some(location)));
            let held = effective(own, report(None));
            let state = held.map_or(State::Unknown, |held| held.state_at(now));
            let Some(found) = matches(request, &facts, offer, day(now)) else {
                continue;
            };
            if !request.availability.includes(state) {
                continue;
            }
            let candidate = Candidate {
                relevance: 1.0,
                placed: request.near.is_some(),
                distance: found.distance,
                assumed: found.assumed,
                state,
                confirmed: held.map(|held| (held.observed_at, held.ttl)),
                fit: found.fit,
            };
            all.push(Hit {
                key: facts.key.clone(),
                location: offer.location.clone(),
                state,
                held: held.cloned().map(Arc::new),
                distance: found.distance,
                reasons: found.reasons,
                score: score(&candidate, now),
                offers: 0,
            });
        }
        let offers = all.len();
        // The first of the best: a stable sort keeps the order of the offers.
        all.sort_by_key(|hit| std::cmp::Reverse((hit.score, hit.state.takes_referrals())));
        let best = all.into_iter().next()?;
        Some(Hit { offers, ..best })
    }
}

type Shown = (usize, BTreeMap<RecordKey, (Option<LocalId>, State, usize)>);

/// What is found, words aside: every listing is called Alpha.
fn shown(answer: &Answer) -> Shown {
    let hits = answer.hits.iter();
    let hits = hits.map(|hit| {
        (
            hit.key.clone(),
            (hit.location.clone(), hit.state, hit.offers),
        )
    });
    (answer.total, hits.collect())
}

fn opened(dir: &TempDir, model: &Model) -> Index {
    let (index, cursor) = Index::open(dir.path()).unwrap();
    assert_eq!(cursor, (model.cursor > 0).then_some(model.cursor));
    for (listing, places) in model.shown.values() {
        index.restore(listing, places);
    }
    for held in model.reports.values() {
        index.report(&agency(), held.clone());
    }
    index
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever happened, in whatever order: totals, services, offers, reasons and order are those of
    /// looking at everything.
    #[test]
    fn it_answers_as_if_it_looked_at_everything(
        events in vec(any_event(), 1..60),
        last in vec(any_request(), 4),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut model = Model::default();
        let mut index = Some(opened(&dir, &model));
        let last = last.into_iter().map(|request| Event::Search(Box::new(request), NOW));
        for event in events.into_iter().chain([Event::Commit]).chain(last) {
            let at = index.as_ref().unwrap();
            match event {
                Event::Put(put) => {
                    at.put(&put.0, &put.1).unwrap();
                    model.put(*put);
                }
                Event::Remove(service) => {
                    at.remove(&key(service));
                    model.remove(service);
                }
                Event::Report(held) => {
                    at.report(&agency(), (*held).clone());
                    model.report(*held);
                }
                Event::Commit => {
                    at.commit(model.cursor + 1).unwrap();
                    model.commit();
                }
                Event::Reopen => {
                    drop(index.take());
                    model.reopen();
                    index = Some(opened(&dir, &model));
                }
                Event::Search(request, now) => {
                    prop_assert_eq!(at.search(&request, now).unwrap(), model.search(&request, now));
                    let text = asking("alpha").text;
                    let named = Request { text, limit: 200, ..(*request).clone() };
                    let all = Request { limit: 200, ..*request };
                    prop_assert_eq!(
                        shown(&at.search(&named, now).unwrap()),
                        shown(&model.search(&all, now))
                    );
                }
            }
        }
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let later = prop_oneof![Just(0), 0..90_000i64];
    prop_oneof![
        6 => (any_listing(), vec(any_place(), 0..3)).prop_map(|put| Event::Put(Box::new(put))),
        1 => select(&SERVICES).prop_map(Event::Remove),
        4 => any_held().prop_map(|held| Event::Report(Box::new(held))),
        2 => Just(Event::Commit),
        1 => Just(Event::Reopen),
        5 => (any_request(), later).prop_map(|(request, seconds)| {
            Event::Search(Box::new(request), NOW + SignedDuration::from_secs(seconds))
        }),
    ]
}

fn any_listing() -> impl Strategy<Value = Listing> {
    let codes = subsequence(
        vec![
            "lc:bond",
            "lc:asy-def",
            "ho:es",
            "rep:full",
            "cust:det-any",
            "x-harbor:food",
        ],
        0..4,
    );
    let languages = subsequence(vec!["es", "ht", "zh-Hant", "zh"], 0..3);
    let places = vec(any_place(), 0..=3);
    let areas = vec(any_area(), 0..3);
    let own_areas = vec(any_area(), 0..2);
    let tier = prop_oneof![9 => Just(Tier::Public), 1 => Just(Tier::Member)];
    let service = (select(&SERVICES), codes, languages);
    (service, places, areas, own_areas, any::<bool>(), tier).prop_map(
        |((service, codes, languages), places, areas, own_areas, remote, tier)| {
            let mut listing = listing(service, "Alpha");
            for (place, location) in places.into_iter().zip(LOCATIONS) {
                listing = offered_at(listing, location, place);
            }
            let offers = &mut listing.service.offers;
            if let Some(offer) = offers.first_mut() {
                offer.areas = own_areas;
            }
            let service = &mut listing.service;
            service.attributes = codes.into_iter().map(attribute).collect();
            service.languages = languages.into_iter().map(language).collect();
            service.areas = areas;
            service.remote = remote;
            service.tier = tier;
            listing
        },
    )
}

fn language(tag: &str) -> Language {
    Language {
        tag: LanguageTag::parse(tag).unwrap(),
        mode: LanguageMode::Staff,
        name: None,
        note: None,
    }
}

fn any_address() -> impl Strategy<Value = Address> {
    let state = prop_oneof![Just(None), select(vec!["MD", "DC", "AK"]).prop_map(Some)];
    let country = select(vec!["US", "HN"]);
    (state, country).prop_map(|(state, country)| {
        let mut address = Address::of_country(CountryCode::parse(country).unwrap());
        address.state = state.map(|state| StateCode::parse(state).unwrap());
        address
    })
}

fn any_point() -> impl Strategy<Value = Point> {
    select(&POINTS).prop_map(|(lat, lon)| Point::new(lat, lon).unwrap())
}

fn any_county() -> impl Strategy<Value = CountyFips> {
    select(vec!["24510", "24005", "11001"]).prop_map(|county| CountyFips::parse(county).unwrap())
}

fn any_place() -> impl Strategy<Value = Place> {
    prop_oneof![
        3 => (any_address(), any_point()).prop_map(|(address, point)| Place::Exact { address, point }),
        1 => (any_address(), any_point()).prop_map(|(address, point)| Place::Approximate {
            address,
            point,
            basis: Basis::Zip,
        }),
        1 => any_county().prop_map(Place::County),
        1 => any_address().prop_map(Place::Unplaced),
    ]
}

fn any_area() -> impl Strategy<Value = ServiceArea> {
    let rule = Rule {
        field: Field::Age,
        effect: Effect::Allow,
        values: Values::Range {
            minimum: Some(18),
            maximum: None,
        },
        discretionary: false,
    };
    let condition = prop_oneof![3 => Just(None), 1 => Just(Some(rule))];
    let area = prop_oneof![
        select(vec!["21201", "20001"]).prop_map(|zip| Area::Zip(Zip::parse(zip).unwrap())),
        any_county().prop_map(Area::County),
        select(vec!["MD", "AK"]).prop_map(|state| Area::State(StateCode::parse(state).unwrap())),
        select(vec!["US", "HN"]).prop_map(|code| Area::Country(CountryCode::parse(code).unwrap())),
        Just(Area::Nation),
        (1.0..200.0).prop_map(|km| Area::Radius(Kilometres::new(km).unwrap())),
        Just(Area::Court(name("BAL"))),
    ];
    (area, condition).prop_map(|(area, condition)| ServiceArea {
        area,
        condition,
        name: None,
    })
}

fn any_held() -> impl Strategy<Value = Held> {
    let location = prop_oneof![Just(None), select(&LOCATIONS).prop_map(Some)];
    let state = select(&Stated::ALL);
    let about = (select(&SERVICES), location);
    (about, state, 1..50u64, 60..80_000u32).prop_map(|((service, location), state, cseq, ttl)| {
        held(service, location, state, cseq, ttl)
    })
}

fn any_locality() -> impl Strategy<Value = Locality> {
    let kind = select(vec![
        LocalityKind::Point,
        LocalityKind::Zip,
        LocalityKind::City,
        LocalityKind::County,
        LocalityKind::State,
        LocalityKind::Country,
    ]);
    let point = prop_oneof![1 => Just(None), 6 => any_point().prop_map(Some)];
    let parts = (
        point,
        hash_set(any_county(), 0..3),
        any_address(),
        any::<bool>(),
    );
    (kind, parts).prop_map(|(kind, (point, counties, address, zip))| {
        let weight = 1.0 / f64::from(u32::try_from(counties.len().max(1)).unwrap());
        Locality {
            label: "somewhere".to_owned(),
            point,
            approximate: false,
            zip: zip.then(|| Zip::parse("21201").unwrap()),
            counties: counties
                .into_iter()
                .map(|county| (county, weight))
                .collect(),
            state: address.state,
            country: address.country,
            kind,
        }
    })
}

fn any_request() -> impl Strategy<Value = Request> {
    let need = select(vec![
        "lc:bond",
        "lc:bond,lc:asy-def",
        "dom:leg",
        "dom:leg,rep:full",
        "ho:es,cust:det-any",
        "cust:det-any",
        "x-harbor:food",
        "lc:bia",
    ]);
    let need = prop_oneof![
        Just(None),
        need.prop_map(|need| Some(Need::parse(need).unwrap()))
    ];
    let near = (any_locality(), 1.0..500.0).prop_map(|(place, km)| Near {
        place,
        radius: Kilometres::new(km).unwrap(),
    });
    let languages = subsequence(vec!["es", "zh", "fr"], 0..3);
    let availability = prop_oneof![Just(Availability::Any), select(&Availability::ALL)];
    let places = (
        proptest::option::of(near),
        proptest::option::weighted(0.3, any_locality()),
    );
    (need, places, languages, availability, 1..8u32).prop_map(
        |(need, (near, serves), languages, availability, limit)| Request {
            need,
            text: None,
            near,
            serves,
            languages: languages
                .into_iter()
                .map(|tag| LanguageTag::parse(tag).unwrap())
                .collect(),
            availability,
            limit,
            ..Request::any()
        },
    )
}

#[test]
fn services_of_other_agencies_with_the_same_id_are_others() {
    let dir = tempfile::tempdir().unwrap();
    let (index, _) = Index::open(dir.path()).unwrap();
    let ours = listing("s0", "Alpha");
    let mut theirs = ours.clone();
    theirs.agency = referral_core::id::AgencyId::parse("other").unwrap();
    for listing in [&ours, &theirs] {
        index.put(listing, &[]).unwrap();
    }
    index.commit(1).unwrap();
    index.report(&theirs.agency, held("s0", None, Stated::Open, 1, 60));
    index.remove(&ours.key());

    let answer = index.search(&crate::support::anything(), NOW).unwrap();

    assert_eq!(answer.total, 1);
    assert_eq!(answer.hits[0].key, theirs.key());
    assert_eq!(answer.hits[0].state, State::Open);
    assert_eq!(index.capacity_of(&agency(), &id("s0"), None), None);
}
