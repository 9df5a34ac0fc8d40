//! What the workload promises: the same searches for the same seed, in classes of the stated shares,
//! all understood, none of the second set in the first.

#![expect(
    clippy::unwrap_used,
    reason = "a number that cannot be read fails the test"
)]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use referral_core::capacity::Availability;
use referral_core::geo::LocalityKind;
use referral_core::search::{Facts, Query, day, matches};
use referral_scenarios::national::{Class, National, Search, Workload};

const SEARCHES: usize = 2_000;

fn national() -> &'static National {
    static NATIONAL: OnceLock<National> = OnceLock::new();
    NATIONAL.get_or_init(|| National::new(10_000, 1))
}

fn workload() -> &'static Workload {
    static WORKLOAD: OnceLock<Workload> = OnceLock::new();
    WORKLOAD.get_or_init(|| Workload::new(national(), 1, SEARCHES))
}

fn ratio(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole).unwrap())
}

fn of(class: Class) -> impl Iterator<Item = &'static Search> {
    let searches = workload().searches().iter();
    searches.filter(move |search| search.class == class)
}

#[test]
fn the_same_seed_gives_the_same_searches_and_another_seed_others() {
    let again = Workload::new(national(), 1, SEARCHES);
    let other = Workload::new(national(), 2, SEARCHES);

    assert!(again.searches() == workload().searches());
    assert!(other.searches() != workload().searches());
}

#[test]
fn classes_have_their_shares_and_half_of_all_searches_ask_for_facets() {
    let searches = workload().searches();

    assert_eq!(searches.len(), SEARCHES);
    for class in Class::ALL {
        let share = ratio(of(class).count(), SEARCHES);
        assert!((share - class.share()).abs() < 0.001, "{class:?}: {share}");
    }
    assert_eq!(
        searches
            .iter()
            .filter(|search| search.request.facets)
            .count(),
        1_000
    );
}

#[test]
fn every_class_asks_by_what_it_is_named_for() {
    for search in workload().searches() {
        let (class, request) = (search.class, &search.request);
        let words = matches!(
            class,
            Class::NearNeedText
                | Class::NearText
                | Class::NationwideText
                | Class::StatewideText
                | Class::AnyWord
        );
        let statewide = matches!(class, Class::StatewideNeed | Class::StatewideText);
        let open = matches!(class, Class::NearNeedOpen | Class::AllFilters);
        let near = request.near.as_ref();
        let in_state = near.is_some_and(|near| near.place.kind == LocalityKind::State);

        assert_eq!(request.need.is_some(), class.has_need(), "{class:?}");
        assert_eq!(near.is_some(), class.has_radius() || statewide, "{class:?}");
        assert_eq!(in_state, statewide, "{class:?}");
        assert_eq!(request.serves.is_some(), class == Class::Serves);
        let facts = request.circumstances.given().count();
        assert_eq!(facts >= 2, class == Class::AllFilters);
        assert_eq!(request.availability == Availability::Open, open);
        assert!(!words || request.text.is_some(), "{class:?}");
    }
}

#[test]
fn radii_are_asked_two_three_two_one() {
    let mut asked: BTreeMap<u32, usize> = BTreeMap::new();
    let searches = workload().searches().iter();
    for search in searches.filter(|search| search.class.has_radius()) {
        let miles = search.request.near.as_ref().unwrap().radius.miles();
        *asked
            .entry(format!("{miles:.0}").parse().unwrap())
            .or_default() += 1;
    }
    let all: usize = asked.values().sum();
    for (miles, part) in [(10, 2.0), (25, 3.0), (50, 2.0), (100, 1.0)] {
        let share = ratio(asked[&miles], all);
        assert!((share - part / 8.0).abs() < 0.04, "{miles}: {share}");
    }
}

#[test]
fn the_second_set_has_no_search_of_the_first() {
    let unseen = workload().unlike(national(), 2, SEARCHES);

    assert_eq!(unseen.searches().len(), SEARCHES);
    for search in unseen.searches() {
        let known = |other: &Search| {
            // Facets are another way to show the same search.
            let facets = search.query.facets;
            let other = Query {
                facets,
                ..other.query.clone()
            };
            other == search.query
        };
        assert!(!workload().searches().iter().any(known));
    }
}

#[test]
fn languages_are_asked_as_courts_hear_them() {
    let spanish = of(Class::NearNeedLanguage).filter(|search| search.query.languages == ["es"]);

    let share = ratio(spanish.count(), of(Class::NearNeedLanguage).count());

    assert!((share - 0.787).abs() < 0.09, "{share}");
}

#[test]
fn most_needs_near_a_place_are_met_by_something() {
    let facts: Vec<Facts> = national()
        .part(0..4_000)
        .map(|one| Facts::of(&one.listing, &one.places))
        .collect();
    let today = day(national().now());
    let found = |search: &&Search| {
        let answers = |one: &Facts| {
            let mut offers = one.offers.iter();
            offers.any(|offer| matches(&search.request, one, offer, today).is_some())
        };
        facts.iter().any(answers)
    };
    let searches: Vec<&Search> = of(Class::NearNeed).step_by(8).collect();

    let met = ratio(
        searches.iter().copied().filter(|one| found(one)).count(),
        searches.len(),
    );

    assert!(met > 0.6, "{met}");
}
