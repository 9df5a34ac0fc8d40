//! The judged searches can be believed: they are about services that exist, and all of them are asked.

#![expect(
    clippy::expect_used,
    reason = "a set that cannot be read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use referral_scenarios::judged::{
    Collection, CollectionName, JUDGED_AT, Judged, JudgedSet, SearchKind, filled, run,
};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sets() -> Vec<JudgedSet> {
    JudgedSet::read_all(&here().join("judged")).expect("the judged searches")
}

fn of(name: CollectionName) -> Vec<JudgedSet> {
    let mut sets = sets();
    sets.retain(|set| set.collection == name);
    sets
}

fn searches() -> Vec<Judged> {
    sets().into_iter().flat_map(|set| set.query).collect()
}

fn check(collection: &Collection, name: CollectionName) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let index = filled(dir.path(), collection).expect("an index");
    let sets = of(name);
    assert!(!sets.is_empty());
    for set in sets {
        set.check(collection)
            .expect("judgements of this collection");
        let measured = run(&index, collection, &set.query, JUDGED_AT).expect("answers");

        assert_eq!(measured.len(), set.query.len());
        for one in measured {
            let ndcg = one.ndcg.get();
            assert!((0.0..=1.0 + 1e-12).contains(&ndcg), "{}: {ndcg}", one.id);
        }
    }
}

#[test]
fn there_are_at_least_60_searches_each_with_a_name_and_a_reason_of_its_own() {
    let searches = searches();

    assert!(searches.len() >= 60, "{}", searches.len());
    let names: BTreeSet<&str> = searches.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(names.len(), searches.len());
    assert!(searches.iter().all(|one| one.wants.len() > 30));
}

#[test]
fn every_kind_of_search_is_tried_more_than_once() {
    let mut tried: BTreeMap<SearchKind, usize> = BTreeMap::new();
    for one in searches() {
        *tried.entry(one.kind).or_default() += 1;
    }

    assert_eq!(tried.len(), 11, "{tried:?}");
    assert!(tried.values().all(|times| *times > 1), "{tried:?}");
}

#[test]
fn every_search_names_somebody_to_call_first() {
    for one in searches() {
        let grades = one.grades().expect("names of services");

        assert!(!one.first.is_empty(), "{}", one.id);
        assert!(grades.len() <= 40, "{}", one.id);
    }
}

#[test]
fn nothing_of_the_real_directories_but_ids_is_in_the_files() {
    for one in of(CollectionName::Real).iter().flat_map(|set| &set.query) {
        let service = |name: &String| name.split_once('/').is_some_and(|(_, id)| id.len() <= 36);
        let mut named = one.first.iter().chain(&one.good).chain(&one.worth);
        let digits = one.wants.chars().filter(char::is_ascii_digit).count();

        assert!(named.all(service), "{}", one.id);
        assert!(digits < 7 && !one.wants.contains('@'), "{}", one.id);
    }
}

#[test]
fn every_judged_service_of_the_network_exists_and_every_search_is_answered() {
    let network = Collection::network(JUDGED_AT).expect("the network");

    check(&network, CollectionName::Network);
}

#[test]
fn every_judged_service_of_the_real_directories_exists_and_every_search_is_answered() {
    let real = Collection::real_if_present(JUDGED_AT).expect("the real directories");
    if let Some(real) = real {
        check(&real, CollectionName::Real);
    }
}
