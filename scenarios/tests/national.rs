//! What the national network promises: the same services for the same seed, whichever part is made,
//! in the shares it says, all of them such as core and wire accept.

#![expect(
    clippy::unwrap_used,
    reason = "a number that cannot be read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use referral_core::capacity::{Report, State};
use referral_core::catalog::{Area, Field, Place, Record, Values};
use referral_core::geo::CountyFips;
use referral_gazetteer::gazetteer;
use referral_proto::v1;
use referral_scenarios::national::{National, Published};
use referral_scenarios::network::ServiceKind;

const SERVICES: u32 = 10_000;

fn national() -> &'static National {
    static NATIONAL: OnceLock<National> = OnceLock::new();
    NATIONAL.get_or_init(|| National::new(SERVICES, 1))
}

fn services() -> &'static [Published] {
    static ALL: OnceLock<Vec<Published>> = OnceLock::new();
    ALL.get_or_init(|| national().services().collect())
}

/// Share of the services for which `which` holds.
fn share(which: impl Fn(&Published) -> bool) -> f64 {
    let having = services().iter().filter(|one| which(one)).count();
    f64::from(u32::try_from(having).unwrap()) / f64::from(SERVICES)
}

fn near(what: &str, found: f64, wanted: f64, by: f64) {
    assert!((found - wanted).abs() < by, "{what}: {found}, not {wanted}");
}

fn has(one: &Published, code: &str) -> bool {
    let attributes = &one.listing.service.attributes;
    attributes
        .iter()
        .any(|attribute| attribute.code.as_str() == code)
}

#[test]
fn the_same_seed_gives_the_same_services_and_another_seed_others() {
    let again = National::new(SERVICES, 1);
    let other = National::new(SERVICES, 2);
    let first = |national: &National| national.part(0..300).collect::<Vec<_>>();

    assert_eq!(
        format!("{:?}", first(&again)),
        format!("{:?}", &services()[..300])
    );
    assert_ne!(first(&other), first(&again));
}

#[test]
fn a_service_is_the_same_made_alone_or_within_the_whole() {
    for number in (0..SERVICES).step_by(97).chain([SERVICES - 1]) {
        let alone = national().service(number).unwrap();

        assert_eq!(alone, services()[number as usize]);
    }
    assert_eq!(national().service(SERVICES), None);
    assert_eq!(national().part(9_990..11_000).count(), 10);
}

#[test]
fn there_are_exactly_as_many_as_asked_for_each_with_an_id_of_its_own() {
    for size in [1, 100, 3_000] {
        assert_eq!(National::new(size, 3).services().count(), size as usize);
    }
    let ids: BTreeSet<_> = services()
        .iter()
        .map(|one| one.listing.key().public_id())
        .collect();

    assert_eq!(ids.len(), SERVICES as usize);
}

#[test]
fn every_record_and_report_is_one_that_core_and_wire_accept() {
    for one in services().iter().step_by(3) {
        let listing = &one.listing;
        let mut records = vec![
            Record::Organization(Box::new(listing.organization.clone())),
            Record::Service(Box::new(listing.service.clone())),
        ];
        let locations = listing.locations.iter().cloned().map(Box::new);
        records.extend(locations.map(Record::Location));
        for record in records {
            let read = Record::try_from(v1::Record::from(&record));

            assert_eq!(read, Ok(record));
        }
        for held in &one.held {
            let said = held.report.said().clone();

            assert_eq!(said.service, listing.service.id);
            assert!(Report::parse(said, national().now()).is_ok());
            assert_eq!(held.observed_at.subsec_nanosecond(), 0);
        }
    }
}

#[test]
fn a_listing_is_joined_with_all_it_refers_to() {
    for one in services() {
        let (service, listing) = (&one.listing.service, &one.listing);
        let offered: Vec<_> = service.offers.iter().map(|offer| &offer.location).collect();
        let joined: Vec<_> = listing.locations.iter().map(|place| &place.id).collect();

        assert_eq!(offered, joined, "{}", service.id);
        assert_eq!(service.organization, listing.organization.id);
        assert_eq!(one.places.is_empty(), !offered.is_empty(), "{}", service.id);
    }
}

#[test]
fn kinds_have_their_shares() {
    for kind in ServiceKind::ALL {
        near(
            &format!("{kind:?}"),
            share(|one| one.kind == kind),
            kind.share(0.0),
            0.035,
        );
    }
}

#[test]
fn areas_have_their_shares() {
    let first = |one: &Published| {
        one.listing
            .service
            .areas
            .first()
            .map(|area| area.area.clone())
    };
    let counties = |one: &Published| {
        let areas = one.listing.service.areas.iter();
        areas
            .filter(|area| matches!(area.area, Area::County(_)))
            .count()
    };

    let stated = 1.0 - share(|one| one.listing.service.areas.is_empty());
    let around = share(|one| matches!(first(one), Some(Area::Radius(_) | Area::Zip(_))));
    near("not stated", 1.0 - stated, 0.05, 0.01);
    // Services that nobody comes to have no radius: theirs is the county's.
    near("around the office", around / stated, 0.18, 0.03);
    near(
        "one county",
        share(|one| counties(one) == 1) / stated,
        0.42,
        0.03,
    );
    near(
        "some counties",
        share(|one| counties(one) > 1) / stated,
        0.25,
        0.02,
    );
    let state = share(|one| matches!(first(one), Some(Area::State(_))));
    near("a state", state / stated, 0.12, 0.015);
    let nation = share(|one| matches!(first(one), Some(Area::Nation)));
    near("the nation", nation / stated, 0.03, 0.01);
}

#[test]
fn four_fifths_reported_within_half_their_time_to_live() {
    let fresh = |one: &Published| {
        one.held.iter().any(|held| {
            let age = national().now().duration_since(held.observed_at).as_secs();
            age * 2 <= i64::from(held.ttl.seconds())
        })
    };

    near("fresh", share(fresh), 0.80, 0.012);
    near("silent", share(|one| one.held.is_empty()), 0.15, 0.012);
    let stale = |one: &Published| {
        let states = one.held.iter().map(|held| held.state_at(national().now()));
        states.into_iter().any(|state| state == State::Stale)
    };
    near("stale", share(stale), 0.035, 0.015);
}

#[test]
fn immigration_law_is_as_full_as_assumed() {
    let legal = services()
        .iter()
        .filter(|one| one.kind == ServiceKind::ImmigrationLegal && !one.held.is_empty());
    let legal: Vec<_> = legal.collect();
    let open = legal
        .iter()
        .filter(|one| one.held[0].state_at(national().now()).takes_referrals());

    let open = f64::from(u32::try_from(open.count()).unwrap());
    // 30 of the 93 % that are known, less those that are late by now.
    let wanted = 30.0 / 93.0 * 0.96;
    near(
        "open",
        open / f64::from(u32::try_from(legal.len()).unwrap()),
        wanted,
        0.03,
    );
}

#[test]
fn descriptions_are_as_long_as_real_ones() {
    let said = services()
        .iter()
        .filter_map(|one| one.listing.service.description.as_ref());
    let mut lengths: Vec<usize> = said.map(|text| text.as_str().chars().count()).collect();
    lengths.sort_unstable();

    let (median, p90) = (lengths[lengths.len() / 2], lengths[lengths.len() * 9 / 10]);

    assert!((330..380).contains(&median), "{median}");
    assert!((690..810).contains(&p90), "{p90}");
}

#[test]
fn languages_have_their_shares_and_rare_ones_exist() {
    let speaks = |tag: &'static str| {
        share(move |one| {
            let mut languages = one.listing.service.languages.iter();
            languages.any(|language| language.tag.as_str() == tag)
        })
    };

    near("English", speaks("en"), 0.987, 0.01);
    near("Spanish", speaks("es"), 0.787, 0.02);
    for tag in ["mam", "quc", "kjb", "ti", "ps", "wo", "ff", "rw", "rhg"] {
        let share = speaks(tag);
        assert!((0.000_5..0.006).contains(&share), "{tag}: {share}");
    }
}

#[test]
fn services_gather_where_immigrants_live() {
    let mut by_people: Vec<(u32, CountyFips)> = gazetteer()
        .counties()
        .iter()
        .map(|county| (county.population, county.fips))
        .collect();
    by_people.sort_unstable_by(|one, other| other.cmp(one));
    let top: BTreeSet<CountyFips> = by_people.iter().take(50).map(|(_, fips)| *fips).collect();
    let zips = services().iter().flat_map(|one| &one.listing.locations);
    let zips = zips.filter_map(|at| at.place.address().and_then(|address| address.zip));
    let counties: Vec<CountyFips> = zips
        .filter_map(|zip| gazetteer().county_of(gazetteer().zip(zip)?.point))
        .collect();

    let inside = counties
        .iter()
        .filter(|county| top.contains(county))
        .count();

    let inside = f64::from(u32::try_from(inside).unwrap());
    // 63 % by the rule, less what the border counties take.
    near(
        "top 50",
        inside / f64::from(u32::try_from(counties.len()).unwrap()),
        0.6,
        0.08,
    );
}

#[test]
fn places_are_as_incomplete_as_real_ones() {
    let places = || {
        let all = services().iter().flat_map(|one| &one.listing.locations);
        all.map(|location| &location.place)
    };
    let count = |which: fn(&&Place) -> bool| {
        let counted = places().filter(which).count();
        f64::from(u32::try_from(counted).unwrap())
            / f64::from(u32::try_from(places().count()).unwrap())
    };

    near(
        "approximate",
        count(|place| matches!(place, Place::Approximate { .. })),
        0.26,
        0.04,
    );
    near(
        "unplaced",
        count(|place| matches!(place, Place::Unplaced(_))),
        0.018,
        0.012,
    );
    near(
        "county",
        count(|place| matches!(place, Place::County(_))),
        0.025,
        0.012,
    );
    let nowhere = share(|one| one.listing.service.offers.is_empty() && !one.listing.service.remote);
    near("not stated", nowhere, 0.022, 0.01);
}

#[test]
fn no_confidential_place_has_an_address_or_a_name() {
    let shelters = services().iter().filter(|one| has(one, "ho:conf"));
    let mut offered = 0;
    for location in shelters.flat_map(|one| &one.listing.locations) {
        assert!(
            matches!(location.place, Place::County(_)),
            "{}",
            location.id
        );
        offered += 1;
    }
    assert!(offered > 20);
    let hidden = services().iter().flat_map(|one| &one.listing.locations);
    for location in hidden.filter(|one| matches!(one.place, Place::County(_))) {
        assert_eq!((&location.name, &location.transportation), (&None, &None));
    }
}

#[test]
fn some_organizations_are_listed_by_two_publishers_half_of_them_under_another_name() {
    let mut by_site: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for one in services() {
        let listing = &one.listing;
        // The same street, town and telephone: the same organization.
        let first = listing.organization.phones.first().unwrap();
        let site = format!(
            "{} {:?} {:?}",
            first.number.as_str(),
            listing.organization.year_incorporated,
            listing
                .organization
                .website
                .as_ref()
                .map(|url| url.as_str().to_owned()),
        );
        let names = by_site.entry(site).or_default();
        let of_publisher = names.entry(listing.agency.to_string()).or_default();
        of_publisher.insert(listing.organization.name.as_str().to_owned());
    }
    let all = f64::from(u32::try_from(by_site.len()).unwrap());
    let of_two: Vec<_> = by_site.values().filter(|names| names.len() == 2).collect();
    let of_three = by_site.values().filter(|names| names.len() > 2).count();
    let differing = of_two
        .iter()
        .filter(|names| names.values().collect::<BTreeSet<_>>().len() > 1);

    let two = f64::from(u32::try_from(of_two.len()).unwrap());
    near("two publishers", two / all, 0.06, 0.015);
    near(
        "three",
        f64::from(u32::try_from(of_three).unwrap()) / all,
        0.01,
        0.007,
    );
    near(
        "named differently",
        f64::from(u32::try_from(differing.count()).unwrap()) / two,
        0.52,
        0.12,
    );
}

#[test]
fn every_kind_of_rule_credential_and_dirt_is_there() {
    let rule = |field: Field| {
        let services = services()
            .iter()
            .flat_map(|one| &one.listing.service.eligibility);
        services.filter(|rule| rule.field == field).count()
    };
    for field in [
        Field::Age,
        Field::Custody,
        Field::Immigration,
        Field::Nationality,
        Field::WorkPermit,
    ] {
        assert!(
            rule(field.clone()) > 100,
            "{field:?}: {}",
            rule(field.clone())
        );
    }
    let rules = || {
        services()
            .iter()
            .flat_map(|one| &one.listing.service.eligibility)
    };
    assert!(rules().filter(|rule| rule.discretionary).count() > 300);
    assert!(rules().any(|rule| matches!(rule.values, Values::Words(_))));
    let credentials = services()
        .iter()
        .flat_map(|one| &one.listing.service.credentials);
    let today = "2026-05-01".parse().unwrap();
    assert!(
        credentials
            .filter(|one| one.lapses < Some(today) && one.lapses.is_some())
            .count()
            > 10
    );
    let areas = services().iter().flat_map(|one| &one.listing.service.areas);
    assert!(areas.filter(|area| area.condition.is_some()).count() > 300);
    let named = |what: &str| {
        let mut names = services()
            .iter()
            .map(|one| one.listing.service.name.as_str());
        names.any(|name| name.contains(what))
    };
    assert!(named("&amp;") && named("🍎") && named("***"));
    let own = |one: &Published| {
        let mut attributes = one.listing.service.attributes.iter();
        attributes.any(|attribute| attribute.code.is_own_term())
    };
    near("own terms", share(own), 0.17, 0.12);
}
