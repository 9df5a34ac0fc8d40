//! Records with parts that do not belong: which field, for which reason.

use referral_core::catalog::Record;
use referral_proto::convert::Violations;
use referral_proto::v1;
use referral_proto::v1::eligibility_rule::ComparesWith;
use referral_proto::v1::service_area::Area;

use crate::samples;

/// A part that does not belong: (field, code, how it gets there).
type Bad<T> = (&'static str, &'static str, fn(&mut T));

const BAD_PARTS: &[Bad<v1::Service>] = &[
    ("tier", "unknown_value", |s| s.tier = 99),
    ("part_tiers[0].part", "required", |s| {
        s.part_tiers = vec![v1::PartTier::default()];
    }),
    ("part_tiers[0].tier", "unknown_value", |s| {
        s.part_tiers = vec![v1::PartTier { part: 1, tier: 99 }];
    }),
    ("languages[0].mode", "unknown_value", |s| {
        s.languages[0].mode = -1;
    }),
    ("schedules[0].interval", "number_too_large", |s| {
        s.schedules[0].interval = 65_536;
    }),
    ("eligibility[0].compares_with", "missing", |s| {
        s.eligibility[0].compares_with = None;
    }),
    ("eligibility[0].any_of.values", "values_missing", |s| {
        let nothing = v1::ValueSet { values: vec![] };
        s.eligibility[0].compares_with = Some(ComparesWith::AnyOf(nothing));
    }),
    ("eligibility[0].any_of.values[0]", "text_empty", |s| {
        let empty = v1::ValueSet {
            values: vec![String::new()],
        };
        s.eligibility[0].compares_with = Some(ComparesWith::AnyOf(empty));
    }),
    ("eligibility[0].range", "range_reversed", |s| {
        let reversed = v1::Range {
            minimum: Some(30),
            maximum: Some(18),
        };
        s.eligibility[0].compares_with = Some(ComparesWith::Range(reversed));
    }),
    ("areas[0].area", "missing", |s| s.areas[0].area = None),
    ("areas[0].nation", "nation_false", |s| {
        s.areas[0] = samples::area(Area::Nation(false));
    }),
    ("areas[0].radius_km", "distance_invalid", |s| {
        s.areas[0] = samples::area(Area::RadiusKm(f64::NAN));
    }),
    ("areas[0].radius_km", "distance_invalid", |s| {
        s.areas[0] = samples::area(Area::RadiusKm(-1.0));
    }),
    ("areas[0].condition.field", "rule_field_invalid", |s| {
        s.areas[0].condition = Some(v1::EligibilityRule {
            field: String::new(),
            ..samples::rule()
        });
    }),
    ("provenance.last_modified", "timestamp_invalid", |s| {
        let last_modified = Some(prost_types::Timestamp {
            seconds: 0,
            nanos: 2_000_000_000,
        });
        s.provenance = Some(v1::Provenance {
            last_modified,
            ..Default::default()
        });
    }),
];

const BAD_LOCATIONS: &[Bad<v1::Location>] = &[
    ("place", "missing", |l| l.place = None),
    ("place.at", "missing", |l| {
        l.place = Some(v1::Place { at: None });
    }),
    ("place.exact.point", "point_invalid", |l| {
        l.place = Some(samples::exact(91.0, 0.0));
    }),
    ("place.exact.point", "point_invalid", |l| {
        l.place = Some(samples::exact(0.0, 181.0));
    }),
    ("place.exact.point", "point_invalid", |l| {
        l.place = Some(samples::exact(f64::NAN, 0.0));
    }),
    ("place.exact.address", "missing", |l| {
        at(l, v1::place::At::Exact(v1::ExactPlace::default()));
    }),
    ("place.approximate.basis", "unspecified", |l| {
        at(
            l,
            v1::place::At::Approximate(v1::ApproximatePlace::default()),
        );
    }),
    ("place.unplaced.country", "country_invalid", |l| {
        at(l, v1::place::At::Unplaced(v1::Address::default()));
    }),
    ("place.county_fips", "county_invalid", |l| {
        at(l, v1::place::At::CountyFips("9".to_owned()));
    }),
    ("name", "confidential_detail", |l| {
        at(l, v1::place::At::CountyFips("24510".to_owned()));
        l.name = "Sarah's House".into();
    }),
    ("transportation", "confidential_detail", |l| {
        at(l, v1::place::At::CountyFips("24510".to_owned()));
        l.transportation = "Bus 11 to Elm Street".into();
    }),
    ("place", "address_for_few", |l| {
        l.tier = v1::Tier::Net.into();
    }),
    ("organization_id", "id_invalid", |l| {
        l.organization_id = "a b".into();
    }),
    ("accessibility[0].url", "url_invalid", |l| {
        l.accessibility = vec![v1::Accessibility {
            url: "file:///etc/passwd".to_owned(),
            ..Default::default()
        }];
    }),
];

const BAD_ORGANIZATIONS: &[Bad<v1::Organization>] = &[
    ("year_incorporated", "number_too_large", |o| {
        o.year_incorporated = 70_000;
    }),
    ("programs[0].name", "text_empty", |o| {
        o.programs = vec![v1::Program {
            source_id: "p".to_owned(),
            ..Default::default()
        }];
    }),
    ("identifiers[0].identifier", "text_empty", |o| {
        o.identifiers = vec![v1::OrganizationIdentifier::default()];
    }),
    ("website", "url_invalid", |o| {
        o.website = "www.example.org".into();
    }),
];

fn at(location: &mut v1::Location, place: v1::place::At) {
    location.place = Some(v1::Place { at: Some(place) });
}

fn refused(record: v1::record::Record) -> Option<Violations> {
    Record::try_from(samples::record(record)).err()
}

/// Whether this is among what was found, in a path that starts with the kind of the record.
pub(crate) fn names(found: Option<&Violations>, kind: &str, field: &str, code: &str) -> bool {
    let field = format!("{kind}.{field}");
    found.is_some_and(|found| {
        found
            .iter()
            .any(|one| one.field == field && one.code == code)
    })
}

#[test]
fn the_samples_are_valid_before_they_are_spoilt() {
    for record in [
        v1::record::Record::Service(samples::service()),
        v1::record::Record::Location(samples::location()),
        v1::record::Record::Organization(samples::organization()),
    ] {
        assert_eq!(refused(record), None);
    }
}

#[test]
fn a_bad_part_is_named_by_field_and_code() {
    for (field, code, spoil) in BAD_PARTS {
        let mut service = samples::service();
        spoil(&mut service);
        let found = refused(v1::record::Record::Service(service));
        assert!(
            names(found.as_ref(), "service", field, code),
            "{field} {code}: {found:?}"
        );
    }
    for (field, code, spoil) in BAD_LOCATIONS {
        let mut location = samples::location();
        spoil(&mut location);
        let found = refused(v1::record::Record::Location(location));
        assert!(
            names(found.as_ref(), "location", field, code),
            "{field} {code}: {found:?}"
        );
    }
    for (field, code, spoil) in BAD_ORGANIZATIONS {
        let mut organization = samples::organization();
        spoil(&mut organization);
        let found = refused(v1::record::Record::Organization(organization));
        assert!(
            names(found.as_ref(), "organization", field, code),
            "{field} {code}: {found:?}"
        );
    }
}

#[test]
fn a_record_without_an_id_or_a_content_is_refused() {
    let found = Record::try_from(v1::Record::default()).unwrap_err();

    let named: Vec<_> = found
        .iter()
        .map(|one| (one.field.as_str(), one.code))
        .collect();
    assert_eq!(named, [("local_id", "id_invalid"), ("record", "missing")]);
}

#[test]
fn every_fault_of_a_record_is_named_at_once() {
    let mut service = samples::service();
    service.name = String::new();
    service.phones[0].number = "call us".into();
    service.schedules[0].closes_at = "25:00".into();

    let found = refused(v1::record::Record::Service(service)).unwrap();

    let fields: Vec<_> = found.iter().map(|one| one.field.as_str()).collect();
    let spoilt = [
        "service.name",
        "service.phones[0].number",
        "service.schedules[0].closes_at",
    ];
    assert_eq!(fields, spoilt);
}

#[test]
fn a_confidential_location_may_say_what_tells_nobody_where_it_is() {
    let mut location = samples::location();
    at(&mut location, v1::place::At::CountyFips("24510".to_owned()));
    location.description = "Rooms for families".into();

    assert_eq!(refused(v1::record::Record::Location(location)), None);
}

#[test]
fn a_part_can_be_read_by_itself() {
    let phone = v1::Phone {
        number: "call us".to_owned(),
        ..Default::default()
    };

    let found = referral_core::catalog::Phone::try_from(phone).unwrap_err();

    assert_eq!(found.first().field, "number");
}
