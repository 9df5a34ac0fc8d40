//! Many services, and any combination of filters: each answer is the one of looking at every service, and
//! what facets and near misses promise is what they lead to.
//!
//! Full size, some minutes: `PROPTEST_CASES=200000 cargo test --release -p referral-index population`.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use referral_core::catalog::{Place, Tier};
use referral_core::feedback::Precision;
use referral_core::id::PublicId;
use referral_core::search::{
    Change, Covers, Facts, NearMiss, Request, Standing, organization_hash,
};
use referral_index::{Hit, Index};
use tempfile::TempDir;

use crate::anything::{any_held, any_listing, any_place, any_request};
use crate::model::{Model, Told, scanned};
use crate::support::{NOW, agency, asking};

/// How many services; enough for several parts, and for several boxes around blocks.
const SERVICES: usize = 1_500;
/// Services committed together: in the end there are many parts, some made of others.
const TOGETHER: usize = 70;

struct Population {
    index: Index,
    facts: Vec<(Facts, Vec<Standing>)>,
    precisions: HashMap<PublicId, Precision>,
    _dir: TempDir,
}

/// The same services in every run.
fn population() -> &'static Population {
    static POPULATION: OnceLock<Population> = OnceLock::new();
    POPULATION.get_or_init(|| {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let dir = tempfile::tempdir().unwrap();
        let index = Index::open(dir.path()).unwrap().0;
        let mut model = Model::default();
        for at in 0..SERVICES {
            let service = || Just(format!("s{at}"));
            let any = (
                any_listing(service()),
                vec(any_place(), 0..3),
                vec(any_held(service()), 0..3),
            );
            let (mut listing, places, reports) = any.new_tree(&mut runner).unwrap().current();
            listing.service.tier = Tier::Public;
            let places: Vec<Place> = places;
            index.put(&listing, &places).unwrap();
            model.put((listing, places));
            for held in reports {
                index.report(&agency(), &held);
                model.report(held);
            }
            if at % TOGETHER == 0 {
                index.commit(1).unwrap();
            }
        }
        index.commit(2).unwrap();
        index.wait_for_folding();
        model.commit();
        let facts = model.facts(NOW);
        let hundredths = (0..100_u8).cycle();
        for (share, (facts, _)) in hundredths.zip(&facts).filter(|(share, _)| share % 3 == 0) {
            let precision = Precision::from_hundredths(share);
            model.precisions.insert(facts.key.public_id(), precision);
        }
        index.rely_on(Arc::new(model.precisions.clone()));
        Population {
            index,
            precisions: model.precisions,
            facts,
            _dir: dir,
        }
    })
}

fn total(request: &Request) -> usize {
    let plain = Request {
        facets: false,
        near_misses: false,
        ..request.clone()
    };
    population().index.search(&plain, NOW).unwrap().total
}

fn promised(misses: Vec<NearMiss<Hit>>) -> Vec<(Change, usize)> {
    let misses = misses.into_iter();
    misses.map(|miss| (miss.change, miss.count)).collect()
}

fn ids() -> Vec<u64> {
    let facts = population().facts.iter().take(20);
    facts
        .map(|(facts, _)| facts.key.public_id().upper())
        .collect()
}

/// The organizations of everything that a request finds, by looking at every service.
fn organizations_of(request: &Request) -> BTreeSet<u64> {
    let Population {
        facts, precisions, ..
    } = population();
    let everything = Request {
        limit: u32::MAX,
        shown: Vec::new(),
        covers: Covers::default(),
        facets: false,
        near_misses: false,
        ..request.clone()
    };
    let told = Told::from(scanned(facts, precisions, &everything, NOW));
    let found: BTreeSet<PublicId> = told.hits.iter().map(|hit| hit.id).collect();
    let found = facts
        .iter()
        .filter(|(facts, _)| found.contains(&facts.key.public_id()));
    found
        .map(|(facts, _)| organization_hash(&facts.organization))
        .collect()
}

proptest! {
    #[test]
    fn several_needs_at_once_are_what_a_look_at_every_service_finds(
        requests in vec(any_request(ids()), 2..=3),
    ) {
        let Population { index, facts, precisions, .. } = population();
        let organizations: Vec<BTreeSet<u64>> = requests
            .iter()
            .map(|request| {
                let found = index.organizations(request, NOW, &|| Ok(())).unwrap();
                found.into_iter().collect()
            })
            .collect();
        for (request, organizations) in requests.iter().zip(&organizations) {
            prop_assert_eq!(organizations, &organizations_of(request));
        }

        let covers = Covers::of(&organizations);

        for request in requests {
            let request = Request { covers: covers.clone(), ..request };
            let told = Told::from(index.search(&request, NOW).unwrap());
            prop_assert_eq!(told, Told::from(scanned(facts, precisions, &request, NOW)));
        }
    }

    #[test]
    fn any_filters_find_what_a_look_at_every_service_finds(request in any_request(ids())) {
        let Population { index, facts, precisions, .. } = population();

        let told = Told::from(index.search(&request, NOW).unwrap());

        prop_assert_eq!(told, Told::from(scanned(facts, precisions, &request, NOW)));
    }

    #[test]
    fn a_word_that_every_service_has_changes_no_count(request in any_request(ids())) {
        let index = &population().index;
        let named = Request { text: asking("alpha").text, ..request.clone() };

        let (with, without) = (index.search(&named, NOW).unwrap(), index.search(&request, NOW).unwrap());

        prop_assert_eq!((with.total, with.open, with.more), (without.total, without.open, without.more));
        prop_assert_eq!(with.facets, without.facets);
        prop_assert_eq!(promised(with.near_misses), promised(without.near_misses));
    }

    #[test]
    fn every_promise_is_kept(request in any_request(Vec::new())) {
        let request = Request { facets: true, near_misses: true, ..request };
        let answer = population().index.search(&request, NOW).unwrap();

        for miss in answer.near_misses {
            prop_assert_eq!(miss.count, total(&miss.change.apply(&request)), "{:?}", miss.change);
        }
        for value in answer.facets.values() {
            prop_assert_eq!(value.count, total(&value.filter.apply(&request)), "{:?}", value.filter);
        }
    }
}
