//! What a caseworker expects where little is found, case by case.

use super::*;
use crate::capacity::Availability;
use crate::geo::Kilometres;
use crate::search::testing::offer;

#[test]
fn an_office_whose_area_is_the_next_county_is_a_near_miss() {
    let mut listing = service(&[]);
    let next = vec![area(Area::County(fips("24005")))];
    offer(&mut listing, "l", north(5.0), next);
    let facts = facts(&listing);

    assert_eq!(near_misses(&near(), &facts, State::Open), ["neighbours"]);
    let asked = Request {
        neighbours: true,
        ..near()
    };
    let reason = Reason::ServesNeighbour {
        county: fips("24005"),
        conditional: false,
    };
    assert!(reasons(&asked, &facts).contains(&reason));
}

#[test]
fn the_nearest_office_beyond_the_radius_is_told_in_whole_miles() {
    let mut listing = service(&[]);
    offer(&mut listing, "far", north(90.0), vec![]);
    offer(&mut listing, "nearer", north(40.4), vec![]);
    let (facts, all) = (facts(&listing), near());
    let capacity = [Standing {
        state: State::Open,
        confirmed: None,
    }; 2];
    let listed = Listed {
        facts: &facts,
        relevance: 1.0,
        capacity: &capacity,
        precision: None,
    };

    let misses = scan(&all, [listed], NOW).near_misses;

    let found: Vec<_> = misses
        .iter()
        .map(|miss| (&miss.change, miss.count))
        .collect();
    assert_eq!(found, [(&Change::WidenTo(41), 1)]);
    assert_eq!(misses[0].best.offer, 1);
}

#[test]
fn a_confidential_place_is_never_given_away_by_widening() {
    let mut listing = service(&[]);
    offer(&mut listing, "l", Place::County(fips("24005")), vec![]);
    let facts = facts(&listing);
    let verdict = judge(&near(), &facts, &facts.offers[0], State::Open, day(NOW));

    assert_eq!(verdict.failed, Tests::only(Test::Distance));
    assert_eq!(verdict.distance, None);
    assert!(near_misses(&near(), &facts, State::Open).is_empty());
}

#[test]
fn a_state_is_searched_in_not_around() {
    let place = baltimore(LocalityKind::State);
    let radius = Request::default_radius();
    let maryland = Request {
        near: Some(Near { place, radius }),
        ..near()
    };
    let at = |state: &str, areas| {
        let mut listing = service(&[]);
        let mut address = Address::of_country(CountryCode::US);
        address.state = StateCode::parse(state).ok();
        let point = Point::new(39.29, -76.61).unwrap();
        offer(&mut listing, "l", Place::Exact { address, point }, areas);
        facts(&listing)
    };
    let around = || vec![area(Area::Radius(Kilometres::new(5.0).unwrap()))];

    assert!(failed(&maryland, &at("MD", vec![])).is_empty());
    assert!(failed(&maryland, &at("MD", around())).is_empty());
    let next_door = at("DC", vec![]);
    assert_eq!(failed(&maryland, &next_door), Tests::only(Test::Distance));
    assert!(near_misses(&maryland, &next_door, State::Open).is_empty());
}

#[test]
fn a_full_or_silent_service_is_a_near_miss_of_its_own_kind() {
    let facts = facts(&service(&["lc:ead-asy"]));
    let misses = |state| near_misses(&needing("lc:ead-asy"), &facts, state);

    assert_eq!(misses(State::Waitlist), ["waitlist"]);
    assert_eq!(misses(State::Stale), ["unconfirmed"]);
    assert_eq!(misses(State::Unknown), ["unconfirmed"]);
    assert!(misses(State::Closed).is_empty());
    let waiting = Request {
        availability: Availability::Waitlist,
        ..needing("lc:ead-asy")
    };
    assert_eq!(
        near_misses(&waiting, &facts, State::Unknown),
        ["unconfirmed"]
    );
}

#[test]
fn one_term_too_many_is_named_and_two_are_not() {
    let facts = facts(&service(&["lc:ead-asy", "rep:full"]));
    let misses = |need| {
        let found = near_misses(&needing(need), &facts, State::Open);
        found.join(" ")
    };

    assert_eq!(misses("lc:ead-asy,rep:full,fee:free"), "without_term");
    assert_eq!(misses("lc:ead-asy,rep:ws,fee:free"), "");
}

#[test]
fn the_smallest_change_comes_first() {
    let miss = |change| NearMiss {
        change,
        count: 1,
        best: (),
    };
    let mut misses = vec![
        miss(Change::AnyLanguage),
        miss(Change::Without(Circumstance::Age)),
        miss(Change::Waitlist),
        miss(Change::WidenTo(112)),
        miss(Change::Interpreter),
        miss(Change::WidenTo(28)),
    ];

    sort(&mut misses, &near());

    let order: Vec<_> = misses.into_iter().map(|miss| miss.change).collect();
    assert_eq!(
        order,
        [
            Change::WidenTo(28),
            Change::Interpreter,
            Change::Waitlist,
            Change::WidenTo(112),
            Change::Without(Circumstance::Age),
            Change::AnyLanguage,
        ]
    );
}

#[test]
fn a_dead_end_is_blocked_by_what_would_give_most() {
    let miss = |change, count| NearMiss {
        change,
        count,
        best: (),
    };
    let misses = [
        miss(Change::Interpreter, 3),
        miss(Change::WidenTo(40), 2),
        miss(Change::Waitlist, 3),
    ];

    assert_eq!(blocking_cause(0, 0, &misses), Some(Cause::Capacity));
    assert_eq!(blocking_cause(0, 0, &misses[..2]), Some(Cause::Language));
    assert_eq!(blocking_cause::<()>(0, 0, &[]), None);
    assert_eq!(blocking_cause::<()>(4, 0, &[]), Some(Cause::Capacity));
    assert_eq!(blocking_cause(4, 1, &misses), None);
}
