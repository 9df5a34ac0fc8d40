//! The laws of search, tried on small random worlds.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::capacity::Availability;
use crate::id::PublicId;
use crate::search::testing::{NOW, Published, any_request, any_services, any_standing};
use crate::search::*;

/// Services with what is held of the capacity of their offers.
#[derive(Clone, Debug)]
struct World(Vec<(Facts, Vec<Standing>)>);

impl World {
    fn scan(&self, request: &Request) -> Scan {
        let listed = self.0.iter().map(|(facts, capacity)| Listed {
            facts,
            relevance: 1.0,
            capacity,
            precision: None,
        });
        scan(request, listed, NOW)
    }
}

fn any_world() -> impl Strategy<Value = World> {
    let capacity = vec(vec(any_standing(), 0..4), 14);
    (any_services(14), capacity).prop_map(|(services, capacity)| {
        let facts = services.iter().map(Published::facts);
        World(facts.zip(capacity).collect())
    })
}

/// Every change that could be made of a search, however far it widens.
fn changes(request: &Request) -> Vec<Change> {
    let mut changes = vec![];
    match request.availability {
        Availability::Open => changes.extend([Change::Waitlist, Change::Unconfirmed]),
        Availability::Waitlist => changes.push(Change::Unconfirmed),
        Availability::Unconfirmed | Availability::Any => {}
    }
    if !request.languages.is_empty() {
        changes.extend([Change::Interpreter, Change::AnyLanguage]);
    }
    match request.access {
        Access::InPerson => changes.push(Change::Remote),
        Access::Remote => changes.push(Change::InPerson),
        Access::Any => {}
    }
    changes.push(Change::Neighbours);
    changes.extend(request.fee.map(|_| Change::AnyFee));
    changes.extend(request.circumstances.given().map(Change::Without));
    let terms = request.need.iter().flat_map(|need| &need.all_of);
    changes.extend(terms.map(|code| Change::WithoutTerm(code.clone())));
    changes
}

fn all(request: &Request) -> Request {
    Request {
        limit: 200,
        ..request.clone()
    }
}

fn ids(hits: &[ScanHit]) -> Vec<PublicId> {
    hits.iter().map(|hit| hit.id).collect()
}

/// The laws say nothing of worlds in which nothing happens.
#[test]
fn the_random_worlds_bring_every_kind_of_change() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let strategy = (any_world(), any_request());
    for _ in 0..1_500 {
        let (world, request) = strategy.new_tree(&mut runner).unwrap().current();
        let found = world.scan(&request);
        *seen.entry("found").or_default() += usize::from(found.total > 1);
        for miss in found.near_misses {
            *seen.entry(miss.change.code()).or_default() += 1;
        }
    }

    assert_eq!(seen.len(), 12, "{seen:?}");
    assert!(seen.values().all(|times| *times >= 5), "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn each_near_miss_promises_what_its_search_returns(
        world in any_world(), request in any_request()
    ) {
        let now = world.scan(&all(&request));
        for miss in &now.near_misses {
            let changed = world.scan(&miss.change.apply(&all(&request)));

            prop_assert_eq!(changed.total, miss.count, "{:?}", miss.change);
            let is_new = |hit: &&ScanHit| {
                miss.change == Change::Unconfirmed || !ids(&now.hits).contains(&hit.id)
            };
            let best = changed.hits.iter().find(is_new);
            prop_assert_eq!(best, Some(&miss.best), "{:?}", miss.change);
        }
    }

    #[test]
    fn no_change_that_helps_is_missing(world in any_world(), request in any_request()) {
        let now = world.scan(&request);
        for change in changes(&request) {
            let gives = world.scan(&change.apply(&request)).total;
            let before = if change == Change::Unconfirmed { 0 } else { now.total };
            let listed = now.near_misses.iter().any(|miss| miss.change == change);

            prop_assert_eq!(gives > before, listed, "{:?}", change);
        }
    }

    #[test]
    fn a_search_is_widened_to_the_nearest_that_helps(
        world in any_world(), request in any_request()
    ) {
        let now = world.scan(&request);
        let widened = now.near_misses.iter().find_map(|miss| match miss.change {
            Change::WidenTo(miles) => Some(miles),
            _ => None,
        });
        let radius = request.near.as_ref().map_or(0.0, |near| near.radius.miles());
        let short_of_it = widened.map_or(310, |miles| miles - 1);
        if f64::from(short_of_it) > radius {
            let shorter = Change::WidenTo(short_of_it).apply(&request);

            prop_assert_eq!(world.scan(&shorter).total, now.total);
        }
    }

    #[test]
    fn each_value_of_a_facet_counts_what_choosing_it_gives(
        world in any_world(), request in any_request()
    ) {
        for value in world.scan(&request).facets.values() {
            let chosen = world.scan(&value.filter.apply(&request));

            prop_assert_eq!(chosen.total, value.count, "{}", value.filter);
        }
    }

    #[test]
    fn every_state_access_and_language_that_gives_something_is_counted(
        world in any_world(), request in any_request()
    ) {
        let facets = world.scan(&request).facets;
        let states = crate::capacity::State::ALL.map(Filter::State);
        let ways = [Access::InPerson, Access::Remote].map(Filter::Access);
        let spoken = ["es", "zh", "ht", "ti"]
            .map(|tag| Filter::Language(crate::catalog::LanguageTag::parse(tag).unwrap()));
        let free = Request { also: Also::default(), ..request.clone() };
        prop_assume!(free == request);
        for filter in states.into_iter().chain(ways).chain(spoken) {
            let gives = world.scan(&filter.apply(&request)).total;
            let counted = facets.values().find(|value| value.filter == filter);

            prop_assert_eq!(counted.map_or(0, |value| value.count), gives, "{}", filter);
        }
    }

    #[test]
    fn rotation_changes_the_order_among_equals_and_nothing_else(
        world in any_world(), request in any_request(), seed in any::<u64>()
    ) {
        let before = world.scan(&all(&request));
        let after = world.scan(&Request { seed, ..all(&request) });

        let bands = |scan: &Scan| scan.hits.iter().map(|hit| hit.order.band).collect::<Vec<_>>();
        prop_assert_eq!(bands(&before), bands(&after));
        let sorted = |scan: &Scan| {
            let mut ids = ids(&scan.hits);
            ids.sort();
            ids
        };
        prop_assert_eq!(sorted(&before), sorted(&after));
        prop_assert_eq!(
            (before.total, before.open, before.facets, before.organizations),
            (after.total, after.open, after.facets, after.organizations)
        );
    }

    #[test]
    fn the_order_does_not_depend_on_the_order_of_the_services(
        world in any_world(), request in any_request()
    ) {
        let backwards = World(world.0.iter().rev().cloned().collect());

        prop_assert_eq!(world.scan(&request), backwards.scan(&request));
    }

    #[test]
    fn no_two_results_share_a_place(world in any_world(), request in any_request()) {
        let hits = world.scan(&all(&request)).hits;

        prop_assert!(hits.is_sorted_by(|a, b| a.order > b.order));
    }

    #[test]
    fn pages_show_every_result_once_and_in_order(world in any_world(), request in any_request()) {
        let whole = world.scan(&all(&request));
        let mut page = request.clone();
        let mut seen = Vec::new();
        loop {
            let found = world.scan(&page);
            prop_assert_eq!((found.total, &found.facets), (whole.total, &whole.facets));
            seen.extend(ids(&found.hits));
            page.shown.extend(found.hits.iter().map(|hit| hit.id.upper()));
            page = page.check().unwrap();
            if !found.more {
                break;
            }
        }

        prop_assert_eq!(seen, ids(&whole.hits));
    }

    #[test]
    fn who_answers_has_reasons_and_nobody_else(
        world in any_world(), request in any_request(), standing in any_standing()
    ) {
        let today = day(NOW);
        let request = Request { also: Also { state: None, ..request.also.clone() }, ..request };
        for (facts, _) in &world.0 {
            for offer in &facts.offers {
                let verdict = judge(&request, facts, offer, standing.state, today);
                let passes = verdict.failed.without(Test::Availability).is_empty();
                let matched = matches(&request, facts, offer, today);

                prop_assert_eq!(passes, matched.is_some());
                if let Some(matched) = matched {
                    prop_assert_eq!(matched.distance, verdict.distance);
                    prop_assert_eq!(matched.assumed, verdict.assumed);
                    prop_assert_eq!(matched.fit, verdict.fit);
                }
            }
        }
    }

    #[test]
    fn who_answers_a_need_says_a_code_with_one_of_its_beginnings(
        services in any_services(14), need in any_request().prop_filter_map("a need", |one| one.need)
    ) {
        let beginnings = need.beginnings();
        prop_assert!(!beginnings.is_empty());
        for service in &services {
            let facts = service.facts();
            let answers = need.fit(&facts, day(NOW)) != Fit::No
                && need.missing_terms(&facts, day(NOW)) == 0;
            let service = &service.listing.service;
            let stated = service.attributes.iter().map(|attribute| &attribute.code);
            let held = service.credentials.iter().map(|credential| &credential.code);
            let says = stated.chain(held).any(|code| {
                beginnings.iter().any(|beginning| code.as_str().starts_with(beginning))
            });

            prop_assert!(says || !answers, "{need:?}: {service:?}");
        }
    }

    #[test]
    fn more_facts_never_let_anybody_in(world in any_world(), request in any_request()) {
        for which in request.circumstances.given() {
            let fewer = Request {
                circumstances: request.circumstances.without(which),
                ..request.clone()
            };

            prop_assert!(world.scan(&request).total <= world.scan(&fewer).total);
        }
    }

    #[test]
    fn what_is_not_said_changes_nothing(world in any_world(), request in any_request()) {
        let silent = Circumstances::default();
        for (facts, _) in &world.0 {
            let tests = judge_service(
                &Request { circumstances: silent, ..request.clone() }, facts, day(NOW),
            ).failed;

            prop_assert!(Circumstance::ALL.iter().all(|which| !tests.contains((*which).into())));
        }
    }
}
