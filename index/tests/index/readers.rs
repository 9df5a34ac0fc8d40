//! Searches go on while everything changes, and never see half of anything.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use referral_core::capacity::Stated;
use referral_core::catalog::Listing;

use crate::support::{
    NOW, agency, anything, asking, coded, filled, held, in_city, key, offered_at,
};

const SERVICES: usize = 20;

/// Version `at` of a service: its words and its codes say the same.
fn version(service: usize, at: usize) -> Listing {
    let (word, code) = if at.is_multiple_of(2) {
        ("even", "lc:bond")
    } else {
        ("odd", "ho:es")
    };
    let listing = coded(&format!("s{service}"), &format!("Alpha {word}"), &[code]);
    let listing = offered_at(listing, "here", in_city("Here", 39.0, -76.0));
    offered_at(listing, "there", in_city("There", 39.1, -76.0))
}

fn all(at: usize) -> Vec<Listing> {
    (0..SERVICES).map(|service| version(service, at)).collect()
}

#[test]
fn a_commit_is_seen_whole_in_words_and_facts_alike() {
    let (_dir, index) = filled(&all(0));
    let done = AtomicBool::new(false);
    let mut even_bond = asking("even");
    even_bond.need = Some(referral_core::search::Need::parse("lc:bond").unwrap());
    let mut odd_beds = asking("odd");
    odd_beds.need = Some(referral_core::search::Need::parse("ho:es").unwrap());

    thread::scope(|scope| {
        scope.spawn(|| {
            for at in 1..15 {
                for listing in all(at) {
                    index.put(&listing, &[]).unwrap();
                }
                index.commit(at as u64 + 1).unwrap();
            }
            done.store(true, Ordering::Release);
        });
        let mut searches = 0;
        while !done.load(Ordering::Acquire) || searches < 10 {
            for request in [&even_bond, &odd_beds] {
                let total = index.search(request, NOW).unwrap().total;
                assert!(total == 0 || total == SERVICES, "{total}");
            }
            assert_eq!(index.search(&anything(), NOW).unwrap().total, SERVICES);
            searches += 1;
        }
    });
}

#[test]
fn a_search_that_may_not_go_on_ends_with_the_reason() {
    let (_dir, index) = filled(&all(0));
    let late = || Err(referral_index::Stopped::Deadline);
    let mut few_with_words = asking("even");
    few_with_words.need = Some(referral_core::search::Need::parse("lc:bond").unwrap());

    for request in [anything(), asking("even"), few_with_words] {
        let stopped = index.search_while(&request, NOW, &late);

        assert_eq!(stopped.unwrap_err().code(), "search_deadline");
    }
}

#[test]
fn a_report_about_a_service_reaches_all_its_offices_in_one_step() {
    let (_dir, index) = filled(&all(0)[..1]);
    let done = AtomicBool::new(false);
    let open = referral_core::search::Request {
        availability: referral_core::capacity::Availability::Open,
        ..anything()
    };

    thread::scope(|scope| {
        scope.spawn(|| {
            for cseq in 1..2_000 {
                let state = if cseq % 2 == 0 {
                    Stated::Open
                } else {
                    Stated::Closed
                };
                index.report(&agency(), &held("s0", None, state, cseq, 3_600));
            }
            done.store(true, Ordering::Release);
        });
        while !done.load(Ordering::Acquire) {
            let answer = index.search(&open, NOW).unwrap();
            assert!(answer.hits.iter().all(|hit| hit.offers == 2));
        }
    });
}

#[test]
fn a_service_removed_during_a_commit_of_its_new_version_stays_hidden() {
    let (_dir, index) = filled(&all(0));

    for at in 1..8 {
        for listing in all(at) {
            index.put(&listing, &[]).unwrap();
        }
        thread::scope(|scope| {
            let commit = scope.spawn(|| index.commit(at as u64 + 1));
            index.remove(&key("s0"));
            assert_eq!(index.search(&anything(), NOW).unwrap().total, SERVICES - 1);
            commit.join().unwrap().unwrap();
            assert_eq!(index.search(&anything(), NOW).unwrap().total, SERVICES - 1);
        });
        index.commit(at as u64 + 1).unwrap();
        assert_eq!(index.search(&anything(), NOW).unwrap().total, SERVICES - 1);
    }
}
