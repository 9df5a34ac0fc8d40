//! Records of every kind, and locations. The other kinds have files of their own.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use referral_core::catalog::{
    Accessibility, Address, Basis, Frequency, Language, LanguageMode, Location, Place, Record,
    Schedule, Tier,
};

use super::organization::{contact, organization, phone, provenance};
use super::service::service;
use super::words::{
    country, county, id, point, some_day, some_name, some_text, some_time, some_url, state, tag,
    text, zip,
};

pub(crate) fn record() -> BoxedStrategy<Record> {
    prop_oneof![
        organization().prop_map(|one| Record::Organization(Box::new(one))),
        location().prop_map(|one| Record::Location(Box::new(one))),
        service().prop_map(|one| Record::Service(Box::new(one))),
    ]
    .boxed()
}

pub(crate) fn language() -> BoxedStrategy<Language> {
    let mode = select(vec![
        LanguageMode::Unstated,
        LanguageMode::Staff,
        LanguageMode::InterpreterOnSite,
        LanguageMode::InterpreterByPhone,
        LanguageMode::Documents,
        LanguageMode::Channel,
    ]);
    (tag(), mode, some_name(), some_text())
        .prop_map(|(tag, mode, name, note)| Language {
            tag,
            mode,
            name,
            note,
        })
        .boxed()
}

pub(crate) fn schedule() -> BoxedStrategy<Schedule> {
    let days = (some_day(), some_day(), some_day(), some_time(), some_time());
    let frequency = option::of(select(vec![Frequency::Weekly, Frequency::Monthly]));
    let repeats = (frequency, option::of(1_u16..), some_name(), some_name());
    let words = (some_name(), some_text(), some_text(), some_url());
    (days, repeats, words)
        .prop_map(|(days, repeats, words)| Schedule {
            valid_from: days.0,
            valid_to: days.1,
            dtstart: days.2,
            opens_at: days.3,
            closes_at: days.4,
            frequency: repeats.0,
            interval: repeats.1,
            byday: repeats.2,
            bymonthday: repeats.3,
            time_zone: words.0,
            description: words.1,
            notes: words.2,
            link: words.3,
        })
        .boxed()
}

fn address() -> BoxedStrategy<Address> {
    let lines = (
        some_name(),
        some_name(),
        some_name(),
        some_name(),
        some_name(),
        some_name(),
    );
    (lines, country(), option::of(state()), option::of(zip()))
        .prop_map(|(lines, country, state, zip)| Address {
            address_1: lines.0,
            address_2: lines.1,
            city: lines.2,
            region: lines.3,
            state_province: lines.4,
            postal_code: lines.5,
            country,
            state,
            zip,
        })
        .boxed()
}

fn place() -> BoxedStrategy<Place> {
    let basis = select(vec![Basis::Zip, Basis::City, Basis::County, Basis::Country]);
    prop_oneof![
        (address(), point()).prop_map(|(address, point)| Place::Exact { address, point }),
        (address(), point(), basis).prop_map(|(address, point, basis)| Place::Approximate {
            address,
            point,
            basis
        }),
        county().prop_map(Place::County),
        address().prop_map(Place::Unplaced),
    ]
    .boxed()
}

fn location() -> BoxedStrategy<Location> {
    let names = (
        id(),
        text(),
        option::of(id()),
        some_name(),
        some_name(),
        some_text(),
    );
    let ways = (
        some_text(),
        some_url(),
        place(),
        provenance(),
        any::<bool>(),
    );
    let help = (some_text(), some_text(), some_url());
    let help = help.prop_map(|(description, details, url)| Accessibility {
        description,
        details,
        url,
    });
    let lists = (
        vec(phone(), 0..3),
        vec(language(), 0..3),
        vec(schedule(), 0..3),
        vec(help, 0..3),
        vec(contact(), 0..3),
    );
    (names, ways, lists)
        .prop_map(|(names, ways, lists)| {
            let told = !matches!(ways.2, Place::County(_));
            Location {
                id: names.0,
                source_id: names.1,
                organization: names.2,
                name: names.3.filter(|_| told),
                alternate_name: names.4.filter(|_| told),
                description: names.5,
                transportation: ways.0.filter(|_| told),
                url: ways.1,
                place: ways.2,
                tier: if ways.4 { Tier::Public } else { Tier::Member },
                provenance: ways.3,
                phones: lists.0,
                languages: lists.1,
                schedules: lists.2,
                accessibility: lists.3,
                contacts: lists.4,
            }
        })
        .boxed()
}
