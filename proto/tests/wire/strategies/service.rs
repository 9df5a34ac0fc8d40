//! Services with their terms, areas and offers.

use proptest::array::uniform8;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use referral_core::catalog::{
    Area, Attribute, CostOption, Credential, Effect, Field, Offer, Part, RequiredDocument, Rule,
    Service, ServiceArea, Tier, Tiers, Values,
};

use super::catalog::{language, schedule};
use super::organization::{contact, funding, phone, provenance};
use super::words::{
    code, country, county, distance, id, name, some_day, some_email, some_name, some_text,
    some_url, state, text, zip,
};

pub(crate) fn service() -> BoxedStrategy<Service> {
    let lists = (
        vec(phone(), 0..3),
        vec(schedule(), 0..3),
        vec(contact(), 0..3),
        vec(funding(), 0..3),
    );
    (with_terms(), uniform8(some_text()), lists)
        .prop_map(|(service, words, lists)| {
            let [
                eligibility_description,
                interpretation_services,
                application_process,
                fees_description,
                wait_time,
                accreditations,
                licenses,
                alert,
            ] = words;
            Service {
                eligibility_description,
                interpretation_services,
                application_process,
                fees_description,
                wait_time,
                accreditations,
                licenses,
                alert,
                phones: lists.0,
                schedules: lists.1,
                contacts: lists.2,
                funding: lists.3,
                ..service
            }
        })
        .boxed()
}

/// A service with its names and terms.
fn with_terms() -> BoxedStrategy<Service> {
    let terms = (
        vec(attribute(), 0..4),
        vec(credential(), 0..3),
        vec(rule(), 0..3),
        vec(area(), 0..4),
        vec(text(), 0..3),
        vec(offer(), 0..3),
        vec(language(), 0..3),
        vec(cost(), 0..3),
        vec(paper(), 0..3),
    );
    (bare(), terms)
        .prop_map(|(service, terms)| Service {
            attributes: terms.0,
            credentials: terms.1,
            eligibility: terms.2,
            areas: terms.3,
            area_notes: terms.4,
            offers: terms.5,
            languages: terms.6,
            costs: terms.7,
            required_documents: terms.8,
            ..service
        })
        .boxed()
}

/// A service with its names alone.
fn bare() -> BoxedStrategy<Service> {
    let names = (
        id(),
        text(),
        id(),
        some_text(),
        name(),
        some_name(),
        some_text(),
    );
    let reach = (
        some_url(),
        some_email(),
        any::<bool>(),
        tier(),
        provenance(),
        vec((select(Part::ALL.to_vec()), tier()), 0..4),
    );
    (names, reach)
        .prop_map(|(names, reach)| Service {
            id: names.0,
            source_id: names.1,
            organization: names.2,
            program: names.3,
            name: names.4,
            alternate_name: names.5,
            description: names.6,
            url: reach.0,
            email: reach.1,
            remote: reach.2,
            tier: reach.3,
            tiers: Tiers::of(reach.5),
            provenance: reach.4,
            attributes: vec![],
            credentials: vec![],
            eligibility: vec![],
            eligibility_description: None,
            areas: vec![],
            area_notes: vec![],
            offers: vec![],
            languages: vec![],
            interpretation_services: None,
            application_process: None,
            fees_description: None,
            costs: vec![],
            wait_time: None,
            required_documents: vec![],
            accreditations: None,
            licenses: None,
            alert: None,
            phones: vec![],
            schedules: vec![],
            contacts: vec![],
            funding: vec![],
        })
        .boxed()
}

fn rule() -> BoxedStrategy<Rule> {
    let field = prop_oneof![
        select(vec![
            Field::Age,
            Field::Nationality,
            Field::Immigration,
            Field::Custody,
            Field::WorkPermit,
            Field::Income,
            Field::MonthsSinceArrival,
            Field::Gender,
        ]),
        code().prop_map(Field::Other),
    ];
    let range = (option::of(0_u32..1000), option::of(1000_u32..));
    let values = prop_oneof![
        range.prop_map(|(minimum, maximum)| Values::Range { minimum, maximum }),
        vec(name(), 1..4).prop_map(Values::AnyOf),
        text().prop_map(Values::Words),
    ];
    let effect = select(vec![Effect::Allow, Effect::Deny]);
    (field, effect, values, any::<bool>())
        .prop_map(|(field, effect, values, discretionary)| Rule {
            field,
            effect,
            values,
            discretionary,
        })
        .boxed()
}

fn area() -> BoxedStrategy<ServiceArea> {
    let area = prop_oneof![
        zip().prop_map(Area::Zip),
        county().prop_map(Area::County),
        state().prop_map(Area::State),
        country().prop_map(Area::Country),
        Just(Area::Nation),
        distance().prop_map(Area::Radius),
        name().prop_map(Area::Court),
    ];
    (area, option::of(rule()), some_name())
        .prop_map(|(area, condition, name)| ServiceArea {
            area,
            condition,
            name,
        })
        .boxed()
}

fn offer() -> BoxedStrategy<Offer> {
    (
        id(),
        some_text(),
        vec(area(), 0..3),
        vec(phone(), 0..3),
        vec(schedule(), 0..3),
    )
        .prop_map(|(location, description, areas, phones, schedules)| Offer {
            location,
            description,
            areas,
            phones,
            schedules,
        })
        .boxed()
}

fn cost() -> BoxedStrategy<CostOption> {
    let amount = (option::of(any::<u64>()), some_name(), some_text());
    (some_text(), amount, some_day(), some_day())
        .prop_map(|(option, amount, valid_from, valid_to)| CostOption {
            option,
            amount_hundredths: amount.0,
            currency: amount.1,
            amount_description: amount.2,
            valid_from,
            valid_to,
        })
        .boxed()
}

fn tier() -> BoxedStrategy<Tier> {
    select(vec![
        Tier::Public,
        Tier::Member,
        Tier::Net,
        Tier::Ask,
        Tier::Seal,
    ])
    .boxed()
}

fn attribute() -> BoxedStrategy<Attribute> {
    (code(), some_text(), some_name())
        .prop_map(|(code, value, label)| Attribute { code, value, label })
        .boxed()
}

fn credential() -> BoxedStrategy<Credential> {
    (code(), some_day(), some_text())
        .prop_map(|(code, lapses, value)| Credential {
            code,
            lapses,
            value,
        })
        .boxed()
}

fn paper() -> BoxedStrategy<RequiredDocument> {
    (text(), some_url())
        .prop_map(|(document, url)| RequiredDocument { document, url })
        .boxed()
}
