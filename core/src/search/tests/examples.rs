//! What a caseworker expects of results, case by case.

use jiff::Span;

use super::*;
use crate::capacity::Availability;
use crate::catalog::{Address, Cover, Effect, Field, LanguageMode, Place, Rule, Values};
use crate::search::testing::{code, credential, id, language, name, offer, tag};

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
        listing.service.id = self::id(id);
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
            precision: None,
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

#[test]
fn a_remote_service_is_at_home_where_most_of_its_organization_is() {
    let place = |state: &str, street: &str| {
        let mut address = Address::of_country(CountryCode::US);
        address.state = StateCode::parse(state).ok();
        address.address_1 = Some(name(street));
        Place::Unplaced(address)
    };
    let mut listing = service(&["lc:bond"]);
    listing.service.remote = true;
    listing.service.offers.clear();
    let one = place("AK", "1 A Street");
    let (two, three) = (place("MD", "2 B Street"), place("MD", "3 C Street"));

    for places in [
        vec![one.clone(), two.clone(), three.clone()],
        vec![three, two, one.clone(), one.clone(), one],
    ] {
        let facts = Facts::of(&listing, &places);
        assert_eq!(
            facts.offers[0].site,
            Site::Remote(StateCode::parse("MD").ok())
        );
    }
}
