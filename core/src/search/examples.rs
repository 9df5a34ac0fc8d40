//! What a caseworker expects, case by case.

use jiff::Span;

use super::testing::{NOW, attribute, blank, code, credential, fips, language, name, offer, tag};
use super::*;
use crate::capacity::{Availability, State};
use crate::catalog::{
    Address, Area, Cover, Effect, Field, LanguageMode, Listing, Place, Rule, ServiceArea, Values,
};
use crate::geo::{CountryCode, Kilometres, Locality, LocalityKind, Point, StateCode};

fn service(codes: &[&str]) -> Listing {
    let mut listing = blank("o");
    listing.service.attributes = codes.iter().map(|code| attribute(code)).collect();
    listing
}

fn facts(listing: &Listing) -> Facts {
    Facts::of(listing, &[])
}

/// A place `miles` north of the one searched near, in Maryland.
fn north(miles: f64) -> Place {
    let mut address = Address::of_country(CountryCode::US);
    address.state = StateCode::parse("MD").ok();
    Place::Exact {
        address,
        point: Point::new(39.29 + miles / 69.0, -76.61).unwrap(),
    }
}

fn baltimore(kind: LocalityKind) -> Locality {
    Locality {
        label: "Baltimore, MD".to_owned(),
        point: Point::new(39.29, -76.61).ok(),
        approximate: false,
        zip: None,
        counties: vec![(fips("24510"), 1.0)],
        state: StateCode::parse("MD").ok(),
        country: CountryCode::US,
        kind,
    }
}

fn near() -> Request {
    Request {
        near: Some(Near {
            place: baltimore(LocalityKind::City),
            radius: Request::default_radius(),
        }),
        beside: Beside {
            near: vec![fips("24005")],
            serves: vec![],
        },
        near_misses: true,
        ..Request::any()
    }
}

fn needing(need: &str) -> Request {
    Request {
        need: Some(Need::parse(need).unwrap()),
        near_misses: true,
        ..Request::any()
    }
}

fn held(custody: Custody) -> Circumstances {
    Circumstances {
        custody: Some(custody),
        ..Circumstances::default()
    }
}

fn area(area: Area) -> ServiceArea {
    ServiceArea {
        area,
        condition: None,
        name: None,
    }
}

fn failed(request: &Request, facts: &Facts) -> Tests {
    judge(request, facts, &facts.offers[0], State::Open, day(NOW)).failed
}

fn reasons(request: &Request, facts: &Facts) -> Vec<Reason> {
    let found = matches(request, facts, &facts.offers[0], day(NOW));
    found.map(|found| found.reasons).unwrap_or_default()
}

fn near_misses(request: &Request, facts: &Facts, state: State) -> Vec<String> {
    let capacity = [Standing {
        state,
        confirmed: None,
    }];
    let listed = Listed {
        facts,
        relevance: 1.0,
        capacity: &capacity,
    };
    let found = scan(request, [listed], NOW).near_misses;
    found
        .iter()
        .map(|miss| match &miss.change {
            Change::WidenTo(miles) => format!("widen_to {miles}"),
            change => change.code().to_owned(),
        })
        .collect()
}

#[test]
fn a_partial_accreditation_is_found_for_agency_work_and_never_for_a_court() {
    let mut listing = service(&["lc:bond", "lc:asy-aff"]);
    listing.service.credentials = vec![credential(("cred:rep-p", None))];
    let facts = facts(&listing);

    assert!(failed(&needing("lc:asy-aff"), &facts).is_empty());
    assert!(failed(&needing("dom:leg"), &facts).is_empty());
    assert_eq!(failed(&needing("lc:bond"), &facts), Tests::only(Test::Need));
    assert!(!facts.codes.contains(&code("lc:bond")));
}

#[test]
fn a_lapsed_credential_stops_matching_the_day_after_its_last() {
    let mut listing = service(&["lc:bond"]);
    listing.service.credentials = vec![credential(("cred:atty", Some(0)))];
    let facts = facts(&listing);
    let today = day(NOW);
    let tomorrow = today.saturating_add(Span::new().days(1));
    let on = |day| {
        judge(
            &needing("lc:bond"),
            &facts,
            &facts.offers[0],
            State::Open,
            day,
        )
    };

    assert!(on(today).passes());
    assert!(!on(tomorrow).passes());
    assert!(
        !facts
            .codes_on(tomorrow)
            .any(|held| *held == code("lc:bond"))
    );
}

#[test]
fn court_work_without_a_stated_representative_is_found_with_a_caution() {
    let facts = facts(&service(&["lc:bond"]));
    let verdict = judge(
        &needing("lc:bond"),
        &facts,
        &facts.offers[0],
        State::Open,
        day(NOW),
    );

    assert!(verdict.passes());
    assert_eq!(verdict.fit, Fit::Decides);
    let caution = Reason::CredentialNotStated(code("lc:bond"));
    assert!(reasons(&needing("lc:bond"), &facts).contains(&caution));
}

#[test]
fn codes_stand_for_rules_where_none_is_stated() {
    let detained = facts(&service(&["cust:det-any"]));
    let asked = |custody| Request {
        circumstances: held(custody),
        ..Request::any()
    };
    assert!(failed(&asked(Custody::Detained), &detained).is_empty());
    assert!(failed(&asked(Custody::NotDetained), &detained).contains(Test::Custody));

    let permit = |codes: &[&str], permit| {
        let request = Request {
            circumstances: Circumstances {
                work_permit: Some(permit),
                ..Circumstances::default()
            },
            ..Request::any()
        };
        failed(&request, &facts(&service(codes))).is_empty()
    };
    assert!(!permit(&["vo:post"], WorkPermit::Before));
    assert!(permit(&["vo:post"], WorkPermit::After));
    assert!(permit(&["vo:post", "vo:any"], WorkPermit::Before));
    assert!(permit(&["vo:pre"], WorkPermit::After));
}

#[test]
fn a_stated_rule_outweighs_the_codes() {
    let mut listing = service(&["cust:det-any"]);
    listing.service.eligibility = vec![Rule {
        field: Field::Custody,
        effect: Effect::Allow,
        values: Values::AnyOf(vec![name("nondet")]),
        discretionary: false,
    }];
    let request = Request {
        circumstances: held(Custody::Detained),
        ..Request::any()
    };

    assert!(failed(&request, &facts(&listing)).contains(Test::Custody));
}

#[test]
fn an_interpreter_by_phone_counts_where_it_is_asked_for() {
    let mut listing = service(&[]);
    listing.service.languages = vec![
        language(("ti", LanguageMode::InterpreterByPhone)),
        language(("es", LanguageMode::Documents)),
    ];
    let by_phone = facts(&listing);
    let asking = |text, interpreter| Request {
        languages: vec![tag(text)],
        interpreter,
        near_misses: true,
        ..Request::any()
    };

    assert_eq!(
        failed(&asking("ti", false), &by_phone),
        Tests::only(Test::Language)
    );
    assert!(failed(&asking("ti", true), &by_phone).is_empty());
    assert!(failed(&asking("es", true), &by_phone).contains(Test::Language));
    let misses = near_misses(&asking("ti", false), &by_phone, State::Open);
    assert_eq!(misses, ["interpreter", "any_language"]);
}

#[test]
fn an_interpreter_for_any_language_counts_for_every_language() {
    let any = facts(&service(&["lang:iphone"]));
    let asking = Request {
        languages: vec![tag("ti")],
        interpreter: true,
        ..Request::any()
    };

    assert!(any.any_language_by_phone);
    assert_eq!(reasons(&asking, &any), [Reason::ByInterpreter(tag("ti"))]);
}

#[test]
fn an_area_on_a_condition_applies_to_those_who_meet_it() {
    let mut listing = service(&[]);
    offer(&mut listing, "l", north(5.0), vec![]);
    let detained_only = Rule {
        field: Field::Custody,
        effect: Effect::Allow,
        values: Values::AnyOf(vec![name("cust:det-any")]),
        discretionary: false,
    };
    listing.service.areas = vec![ServiceArea {
        condition: Some(detained_only),
        ..area(Area::County(fips("24510")))
    }];
    let facts = facts(&listing);
    let asking = |circumstances| Request {
        circumstances,
        ..near()
    };
    let serves = |conditional| Reason::Serves {
        area: Area::County(fips("24510")),
        cover: Cover::Whole,
        conditional,
    };

    let nobody = asking(Circumstances::default());
    assert!(reasons(&nobody, &facts).contains(&serves(true)));
    let detained = asking(held(Custody::Detained));
    assert!(reasons(&detained, &facts).contains(&serves(false)));
    let free = asking(held(Custody::NotDetained));
    assert_eq!(failed(&free, &facts), Tests::only(Test::Area));
    assert_eq!(near_misses(&free, &facts, State::Open), ["without"]);
}

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

#[test]
fn what_is_asked_shows_as_fitting_undecided_or_to_be_asked() {
    let mut listing = service(&["fee:low"]);
    let rule = |field, values: &[&str]| Rule {
        field,
        effect: Effect::Allow,
        values: Values::AnyOf(values.iter().map(|value| name(value)).collect()),
        discretionary: false,
    };
    listing.service.eligibility = vec![
        rule(Field::Custody, &["nondet"]),
        rule(Field::Nationality, &["Central America"]),
        rule(Field::Income, &["low"]),
    ];
    let request = Request {
        circumstances: Circumstances {
            custody: Some(Custody::NotDetained),
            age: Age::new(30).ok(),
            nationality: CountryCode::parse("HN").ok(),
            ..Circumstances::default()
        },
        fee: Some(Fee::LowCost),
        ..Request::any()
    };

    assert_eq!(
        reasons(&request, &facts(&listing)),
        [
            Reason::Fee(code("fee:low")),
            Reason::Fits(Field::Custody),
            Reason::NotStated(Field::Age),
            Reason::ProviderDecides(Field::Nationality),
            Reason::Ask(Field::Income),
        ]
    );
}

#[test]
fn organizations_that_answer_more_of_a_bundle_come_first() {
    let of = |organization: &str, id: &str, codes: &[&str]| {
        let mut listing = blank(organization);
        listing.service.id = super::testing::id(id);
        listing.service.attributes = codes.iter().map(|code| attribute(code)).collect();
        facts(&listing)
    };
    let services = [
        of("both", "a", &["ho:es"]),
        of("both", "b", &["mh:l3"]),
        of("one", "c", &["ho:es"]),
        of("another", "d", &["ho:es"]),
    ];
    let find = |request: &Request| {
        let listed = services.iter().map(|facts| Listed {
            facts,
            relevance: 1.0,
            capacity: &[],
        });
        scan(request, listed, NOW)
    };
    let asking = |need, seed| Request {
        availability: Availability::Any,
        seed,
        ..needing(need)
    };
    let found = ["ho:es", "mh:l3"].map(|need| find(&asking(need, 0)).organizations);
    let covers = Covers::of(&found.map(|organizations| organizations.into_iter().collect()));

    for seed in 0..20 {
        let request = Request {
            covers: covers.clone(),
            ..asking("ho:es", seed)
        };
        assert_eq!(find(&request).hits[0].id, services[0].key.public_id());
    }
}
