//! How much a record may hold, to the byte and to the entry.

use prost::Message;
use referral_core::catalog::Record;
use referral_proto::convert::limits;
use referral_proto::v1;

use crate::samples;

/// A list and its bound: (field, most, how it gets that many entries).
type Bound = (&'static str, usize, fn(&mut v1::Service, usize));

const BOUNDS: &[Bound] = &[
    ("attributes", limits::ATTRIBUTES, |s, n| {
        s.attributes = vec![s.attributes[0].clone(); n];
    }),
    ("credentials", limits::CREDENTIALS, |s, n| {
        s.credentials = vec![s.credentials[0].clone(); n];
    }),
    ("eligibility", limits::RULES, |s, n| {
        s.eligibility = vec![samples::rule(); n];
    }),
    ("areas", limits::AREAS, |s, n| {
        s.areas = vec![s.areas[0].clone(); n];
    }),
    ("area_notes", limits::AREAS, |s, n| {
        s.area_notes = vec!["north".to_owned(); n];
    }),
    ("offers", limits::OFFERS, |s, n| {
        s.offers = vec![s.offers[0].clone(); n];
    }),
    ("languages", limits::LANGUAGES, |s, n| {
        s.languages = vec![s.languages[0].clone(); n];
    }),
    ("costs", limits::DETAILS, |s, n| {
        s.costs = vec![s.costs[0].clone(); n];
    }),
    ("required_documents", limits::DETAILS, |s, n| {
        s.required_documents = vec![s.required_documents[0].clone(); n];
    }),
    ("phones", limits::PHONES, |s, n| {
        s.phones = vec![samples::phone(); n];
    }),
    ("schedules", limits::SCHEDULES, |s, n| {
        s.schedules = vec![s.schedules[0].clone(); n];
    }),
    ("contacts", limits::CONTACTS, |s, n| {
        s.contacts = vec![s.contacts[0].clone(); n];
    }),
    ("funding", limits::DETAILS, |s, n| {
        s.funding = vec!["state".to_owned(); n];
    }),
    ("offers[0].areas", limits::AREAS, |s, n| {
        s.offers[0].areas = vec![s.areas[0].clone(); n];
    }),
    ("offers[0].phones", limits::PHONES, |s, n| {
        s.offers[0].phones = vec![samples::phone(); n];
    }),
    ("phones[0].languages", limits::LANGUAGES, |s, n| {
        s.phones[0].languages = vec![s.languages[0].clone(); n];
    }),
    ("eligibility[0].any_of.values", limits::VALUES, |s, n| {
        let values = vec!["HN".to_owned(); n];
        let any_of = v1::eligibility_rule::ComparesWith::AnyOf(v1::ValueSet { values });
        s.eligibility[0].compares_with = Some(any_of);
    }),
];

#[test]
fn a_list_may_be_full_and_no_longer() {
    for (field, most, fill) in BOUNDS {
        let read = |entries: usize| {
            let mut service = samples::service();
            fill(&mut service, entries);
            Record::try_from(samples::record_of(service))
        };

        assert!(read(*most).is_ok(), "{field}");
        let found = read(most + 1).unwrap_err();
        assert_eq!(found.first().field, format!("service.{field}"));
        assert_eq!(found.first().code, "too_many");
    }
}

/// The bound that a list of this name has wherever it stands.
const NAMED: &[(&str, usize)] = &[
    ("accessibility", limits::DETAILS),
    ("area_notes", limits::AREAS),
    ("areas", limits::AREAS),
    ("attributes", limits::ATTRIBUTES),
    ("contacts", limits::CONTACTS),
    ("costs", limits::DETAILS),
    ("credentials", limits::CREDENTIALS),
    ("eligibility", limits::RULES),
    ("funding", limits::DETAILS),
    ("identifiers", limits::DETAILS),
    ("languages", limits::LANGUAGES),
    ("offers", limits::OFFERS),
    ("part_tiers", limits::PARTS),
    ("phones", limits::PHONES),
    ("programs", limits::DETAILS),
    ("required_documents", limits::DETAILS),
    ("schedules", limits::SCHEDULES),
    ("values", limits::VALUES),
];

#[test]
fn every_list_of_the_catalog_says_its_bound() {
    let catalog = include_str!("../../referral/v1/catalog.proto");
    let lines: Vec<&str> = catalog.lines().collect();
    let pairs = lines
        .windows(2)
        .filter(|pair| pair[1].starts_with("  repeated "));
    let mut said = std::collections::BTreeSet::new();
    for pair in pairs {
        let name = pair[1].split(' ').nth(4).unwrap_or_default();
        let (name, most) = NAMED.iter().find(|(named, _)| *named == name).unwrap();
        assert!(
            pair[0].ends_with(&format!(" At most {most}.")),
            "{}",
            pair[1]
        );
        said.insert(*name);
    }

    assert!(said.into_iter().eq(NAMED.iter().map(|(name, _)| *name)));
}

#[test]
fn four_hundred_languages_or_opening_hours_are_too_many() {
    let bounds = [limits::LANGUAGES, limits::SCHEDULES];

    assert!(bounds.iter().all(|most| *most < 400));
}

fn record_of_bytes(bytes: usize) -> v1::Record {
    let mut service = samples::service();
    service.description = "d".repeat(40 * 1024);
    service.alert = "a".repeat(20 * 1024);
    let record = samples::record_of(service.clone());
    service
        .alert
        .push_str(&"a".repeat(bytes.saturating_sub(record.encoded_len())));
    samples::record_of(service)
}

#[test]
fn a_record_has_at_most_64_kib() {
    let full = record_of_bytes(64 * 1024);
    let over = record_of_bytes(64 * 1024 + 1);
    assert_eq!((full.encoded_len(), over.encoded_len()), (65_536, 65_537));

    assert!(Record::try_from(full).is_ok());
    let found = Record::try_from(over).unwrap_err();

    assert_eq!(
        (found.first().field.as_str(), found.first().code),
        ("", "record_too_large")
    );
}

#[test]
fn a_hopeless_record_is_told_of_a_hundred_faults_and_no_more() {
    let mut service = samples::service();
    service.areas = vec![v1::ServiceArea::default(); limits::AREAS];

    let found = Record::try_from(samples::record_of(service)).unwrap_err();

    assert_eq!(found.iter().count(), limits::VIOLATIONS);
}
