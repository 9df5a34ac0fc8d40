//! The search that costs most is looked for, by climbing from one search to its dearer neighbours.
//!
//! What a search costs is how often it looks whether it may go on: at least every few thousand offers and words it has
//! looked at. That is the same on every machine. With `HUNT_SERVICES=100000 HUNT_CLIMBS=100` it climbs to what takes
//! longest instead: `docs/GUARANTEES.md` has the command and its figures.

#![expect(
    clippy::unwrap_used,
    reason = "an index that cannot be read fails the test"
)]

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use referral_core::search::{Query, Request};
use referral_gazetteer::gazetteer;
use referral_index::{Index, IndexError, Stopped};
use referral_scenarios::national::{National, Workload};

/// Steps of one climb.
const STEPS: usize = 40;
/// A search looks at most so often, and once more for every so many services: far below what going through all of
/// them for every part of an answer would take.
const LOOKS: (usize, usize) = (256, 64);

#[expect(clippy::disallowed_methods, reason = "how large the test is")]
fn size(name: &str, usual: u32) -> u32 {
    std::env::var(name).map_or(usual, |number| number.parse().unwrap())
}

/// Whether searches are told apart by the time that they take on this machine.
fn is_timed() -> bool {
    std::env::var_os("HUNT_SERVICES").is_some()
}

/// What a search cost.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    looks: usize,
    took: Duration,
    /// The longest time without a look: by so much a deadline may be overrun.
    unlooked: Duration,
}

#[expect(clippy::disallowed_methods, reason = "a test that measures")]
fn moment() -> Instant {
    Instant::now()
}

/// Searches; what it cost, and whether it was answered before it looked for the `last` time.
fn searched(index: &Index, request: &Request, now: jiff::Timestamp, last: usize) -> (Cost, bool) {
    let (looks, longest) = (Cell::new(0), Cell::new(Duration::ZERO));
    let began = moment();
    let looked = RefCell::new(began);
    let look = || {
        looks.set(looks.get() + 1);
        let before = looked.replace(moment());
        longest.set(longest.get().max(looked.borrow().duration_since(before)));
        if looks.get() >= last {
            return Err(Stopped::Deadline);
        }
        Ok(())
    };
    let answered = match index.search_while(request, now, &look) {
        Ok(_) => true,
        Err(IndexError::Deadline) => false,
        Err(other) => panic!("{other}"),
    };
    let cost = Cost {
        looks: looks.get(),
        took: began.elapsed(),
        unlooked: longest.get().max(looked.borrow().elapsed()),
    };
    (cost, answered)
}

/// Changes one thing of a query: to what others ask for, to nothing, or to as much as may be asked for.
fn neighbour(query: &Query, others: &[Query], dice: &mut StdRng) -> Query {
    let mut query = query.clone();
    let other = others.choose(dice).unwrap();
    match dice.random_range(0..16) {
        0 => query.need.clone_from(&other.need),
        1 => query.text.clone_from(&other.text),
        2 => query.text = joined(&query.text, &other.text),
        // The beginning of a word is every word that begins so.
        3 => query.text = beginnings(&query.text, dice),
        4 => {
            query.near.clone_from(&other.near);
            query.radius_miles = other.radius_miles;
        }
        5 => query.radius_miles = *[1.0, 25.0, 100.0, 310.0].choose(dice).unwrap(),
        6 => query.serves.clone_from(&other.serves),
        7 => query.languages.clone_from(&other.languages),
        8 => query.availability = other.availability,
        9 => query.custody.clone_from(&other.custody),
        10 => query.immigration.clone_from(&other.immigration),
        11 => query.neighbours = dice.random(),
        12 => query.facets = dice.random(),
        13 => query.near_misses = dice.random(),
        14 => query.limit = *[1, 20, 200].choose(dice).unwrap(),
        _ => query = nothing_of(query, dice),
    }
    query
}

fn joined(one: &str, other: &str) -> String {
    let words = one.split_whitespace().chain(other.split_whitespace());
    let mut words: Vec<&str> = words.take(16).collect();
    words.dedup();
    words.join(" ").chars().take(256).collect()
}

fn beginnings(text: &str, dice: &mut StdRng) -> String {
    let letters = dice.random_range(1..4);
    let short = |word: &str| word.chars().take(letters).collect::<String>();
    let words: Vec<String> = text.split_whitespace().map(short).collect();
    words.join(" ")
}

fn nothing_of(mut query: Query, dice: &mut StdRng) -> Query {
    match dice.random_range(0..5) {
        0 => query.need.clear(),
        1 => query.text.clear(),
        2 => query.near.clear(),
        3 => query.serves.clear(),
        _ => query.languages.clear(),
    }
    query
}

/// Climbs from a random query; every search on the way that was understood, with what it cost.
fn climb(
    index: &Index,
    others: &[Query],
    now: jiff::Timestamp,
    dice: &mut StdRng,
) -> Vec<(Request, Cost)> {
    let mut at = others.choose(dice).unwrap().clone();
    let mut dearest = Cost::default();
    let mut passed = Vec::new();
    for _ in 0..STEPS {
        let next = neighbour(&at, others, dice);
        let Ok(request) = next.understand(gazetteer()) else {
            continue;
        };
        let (cost, answered) = searched(index, &request, now, usize::MAX);
        assert!(answered);
        let is_dearer = if is_timed() {
            cost.took >= dearest.took
        } else {
            cost.looks >= dearest.looks
        };
        if is_dearer {
            (at, dearest) = (next, cost);
        }
        passed.push((request, cost));
    }
    passed
}

fn told(what: &str, mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    format!(
        "{what}: half within {:?}, 99 of 100 within {:?}, all within {:?}",
        at(50),
        at(99),
        at(100)
    )
}

#[test]
fn the_dearest_search_there_is_to_find_is_bounded_and_stops_when_it_is_told_to() {
    let (services, climbs) = (size("HUNT_SERVICES", 10_000), size("HUNT_CLIMBS", 25));
    let national = National::new(services, 1);
    let folder = tempfile::tempdir().unwrap();
    let (index, _) = Index::open(folder.path()).unwrap();
    for one in national.services() {
        for report in &one.held {
            index.report(&one.listing.agency, report);
        }
        index.put(&one.listing, &one.places).unwrap();
    }
    index.commit(1).unwrap();
    // What is folded meanwhile is looked at once less.
    index.wait_for_folding();
    let workload = Workload::new(&national, 1, 500);
    let others: Vec<Query> = workload
        .searches()
        .iter()
        .map(|one| one.query.clone())
        .collect();
    let (now, mut dice) = (national.now(), StdRng::seed_from_u64(1));

    let mut all = Vec::new();
    for _ in 0..climbs {
        all.extend(climb(&index, &others, now, &mut dice));
    }

    all.sort_by_key(|(_, cost)| cost.looks);
    let (_, dearest) = all.last().unwrap();
    let usual = all[all.len() / 4].1.looks;
    println!(
        "{} searches of {services} services; the dearest: {dearest:?}, a cheap one looks {usual} times",
        all.len()
    );
    let took = all.iter().map(|(_, cost)| cost.took).collect();
    println!("{}", told("searches", took));
    let unlooked = all.iter().map(|(_, cost)| cost.unlooked).collect();
    println!("{}", told("without a look", unlooked));
    assert!(
        all.len() > climbs as usize * STEPS / 2,
        "most are understood"
    );
    assert!(dearest.looks >= 2 * usual, "the hunt climbs");
    let most = LOOKS.0 + services as usize / LOOKS.1;
    assert!(
        dearest.looks <= most,
        "{} looks, at most {most}",
        dearest.looks
    );
    for (request, cost) in &all {
        let last = dice.random_range(1..=cost.looks + 1);
        let (stopped, answered) = searched(&index, request, now, last);
        assert_eq!(
            (stopped.looks, answered),
            (last.min(cost.looks), last > cost.looks)
        );
    }
}
