//! Prints, for one judged search, the listings to read before it is judged (again): those that any of
//! several rankings brings up, not only the one that is measured.
//!
//! ```text
//! cargo run -p referral-scenarios --example judged_pool -- green-card-gaithersburg
//! ```
//!
//! The rankings: the search as asked; its words without its place; its place and need without its words;
//! all states of capacity; and, without the index, by distance, every listing whose own text has one of
//! the words, or whose codes have one of the needs. What is printed of the real directories is theirs:
//! it is for reading, not for keeping.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use referral_core::capacity::Availability;
use referral_core::catalog::{Listing, Place};
use referral_core::geo::Point;
use referral_core::id::RecordKey;
use referral_core::search::{Query, Request};
use referral_core::text::fold;
use referral_gazetteer::gazetteer;
use referral_index::Index;
use referral_scenarios::judged::{
    Collection, CollectionName, Grade, JUDGED_AT, Judged, JudgedSet, filled, ranked,
};

/// Listings that each ranking brings up.
const EACH: usize = 15;
/// Characters of a description that are printed.
const SHOWN: usize = 300;

/// Where each ranking has a listing: the ranking's letter and the place, from 1.
type Pool = BTreeMap<RecordKey, Vec<String>>;

fn main() -> anyhow::Result<()> {
    let wanted = std::env::args()
        .nth(1)
        .context("name a judged search, such as green-card-gaithersburg")?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sets = JudgedSet::read_all(&here.join("judged"))?;
    let found = sets
        .iter()
        .find_map(|set| Some((set, set.query.iter().find(|one| one.id == wanted)?)));
    let (set, judged) = found.with_context(|| format!("no judged search is called {wanted}"))?;
    let collection = match set.collection {
        CollectionName::Network => Collection::network(JUDGED_AT)?,
        CollectionName::Real => Collection::real_if_present(JUDGED_AT)?.context("no data")?,
    };
    let dir = tempfile::tempdir().context("cannot create a temporary directory")?;
    let index = filled(dir.path(), &collection)?;
    let query = judged.query(&collection)?;
    let center = understood(&query)?.near.and_then(|near| near.place.point);
    let mut pool = Pool::new();
    from_the_index(&mut pool, &index, &query)?;
    by_distance(&mut pool, &collection, &query, center);
    print(judged, &pool, &collection, center)
}

fn understood(query: &Query) -> anyhow::Result<Request> {
    let request = query.understand(gazetteer());
    request.map_err(|refused| anyhow::anyhow!("the search is refused: {refused:?}"))
}

/// a: as asked; w: words only; n: need and place only; s: every state of capacity.
fn from_the_index(pool: &mut Pool, index: &Index, query: &Query) -> anyhow::Result<()> {
    let words = Query {
        near: String::new(),
        radius_miles: 0.0,
        serves: String::new(),
        ..query.clone()
    };
    let need = Query {
        text: String::new(),
        ..query.clone()
    };
    let states = Query {
        availability: Availability::Any,
        ..query.clone()
    };
    for (letter, query) in [('a', query), ('w', &words), ('n', &need), ('s', &states)] {
        let request = Request {
            limit: u32::try_from(EACH)?,
            ..understood(query)?
        };
        let (hits, _) = ranked(index, &request, JUDGED_AT)?;
        for (place, (service, _)) in (1..).zip(hits) {
            pool.entry(service)
                .or_default()
                .push(format!("{letter}{place}"));
        }
    }
    Ok(())
}

/// d: by distance, of those whose own text or codes have to do with it.
fn by_distance(pool: &mut Pool, collection: &Collection, query: &Query, center: Option<Point>) {
    let words = fold(&query.text);
    let words: Vec<&str> = words.split(' ').filter(|word| word.len() > 3).collect();
    let codes: Vec<&str> = query.need.split(',').map(str::trim).collect();
    let listings = collection
        .published
        .iter()
        .map(|published| &published.listing);
    let mut related: Vec<(f64, &Listing)> = listings
        .filter(|listing| has_a_word(listing, &words) || has_a_code(listing, &codes))
        .map(|listing| (miles(listing, center).unwrap_or(f64::MAX), listing))
        .collect();
    related.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (place, (_, listing)) in (1..).zip(related.into_iter().take(EACH)) {
        pool.entry(listing.key())
            .or_default()
            .push(format!("d{place}"));
    }
}

fn has_a_word(listing: &Listing, words: &[&str]) -> bool {
    let text = fold(&text_of(listing));
    words.iter().any(|word| text.contains(word))
}

fn has_a_code(listing: &Listing, codes: &[&str]) -> bool {
    let mut attributes = listing.service.attributes.iter();
    attributes.any(|attribute| codes.contains(&attribute.code.as_str()))
}

fn text_of(listing: &Listing) -> String {
    let service = &listing.service;
    let description = service.description.as_ref();
    let description = description.map_or("", |text| text.as_str());
    format!("{} {description}", service.name)
}

/// To the nearest of its locations.
fn miles(listing: &Listing, center: Option<Point>) -> Option<f64> {
    let center = center?;
    let points = listing.locations.iter().map(|location| &location.place);
    let miles = points
        .filter_map(Place::point)
        .map(|at| center.distance(at).miles());
    miles.min_by(f64::total_cmp)
}

fn print(
    judged: &Judged,
    pool: &Pool,
    collection: &Collection,
    center: Option<Point>,
) -> anyhow::Result<()> {
    let grades: BTreeMap<RecordKey, Grade> = judged.grades()?.into_iter().collect();
    println!("{}: {}\n", judged.id, judged.wants);
    let unseen = grades.keys().filter(|service| !pool.contains_key(service));
    let services = pool.keys().chain(unseen);
    for service in services {
        let Some(listing) = collection.listing(service) else {
            continue;
        };
        let grade = grades.get(service).map_or(0, |grade| grade.gain());
        let ranks = pool
            .get(service)
            .map_or(String::new(), |ranks| ranks.join(" "));
        let far = miles(listing, center).map_or(String::new(), |miles| format!("{miles:.1} mi"));
        let text: String = text_of(listing).chars().take(SHOWN).collect();
        let codes = listing.service.attributes.iter();
        let codes: Vec<&str> = codes.map(|attribute| attribute.code.as_str()).collect();
        println!(
            "{grade}  {}/{}  [{ranks}]  {far}",
            service.agency, service.id
        );
        println!(
            "   {}, {}",
            state(collection, service),
            listing.organization.name
        );
        println!("   {}", codes.join(" "));
        println!(
            "   {}\n",
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        );
    }
    Ok(())
}

/// What was last reported, in the order of the reports.
fn state(collection: &Collection, service: &RecordKey) -> String {
    let reports = collection.reports.iter();
    let reports = reports.filter(|(agency, held)| {
        *agency == service.agency && held.report.said().service == service.id
    });
    let states: Vec<String> = reports
        .map(|(_, held)| held.state_at(JUDGED_AT).to_string())
        .collect();
    if states.is_empty() {
        "never reported".to_owned()
    } else {
        states.join(" ")
    }
}
