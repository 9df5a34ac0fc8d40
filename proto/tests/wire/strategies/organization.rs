//! Organizations, and the parts that all kinds of record share.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use referral_core::catalog::{
    Contact, Funding, Organization, OrganizationIdentifier, Phone, Program, Provenance,
};

use super::catalog::language;
use super::words::{
    id, instant, name, number, some_day, some_email, some_name, some_text, some_url, text,
};

pub(crate) fn organization() -> BoxedStrategy<Organization> {
    let names = (id(), text(), name(), some_name(), some_text());
    let reach = (
        some_email(),
        some_url(),
        some_text(),
        option::of(1_u16..),
        some_text(),
    );
    let lists = (
        vec(phone(), 0..3),
        vec(contact(), 0..3),
        vec(program(), 0..3),
        vec(funding(), 0..3),
        vec(register_entry(), 0..3),
    );
    (names, reach, lists, provenance())
        .prop_map(|(names, reach, lists, provenance)| Organization {
            id: names.0,
            source_id: names.1,
            name: names.2,
            alternate_name: names.3,
            description: names.4,
            email: reach.0,
            website: reach.1,
            legal_status: reach.2,
            year_incorporated: reach.3,
            parent_organization: reach.4,
            phones: lists.0,
            contacts: lists.1,
            programs: lists.2,
            funding: lists.3,
            identifiers: lists.4,
            provenance,
        })
        .boxed()
}

pub(crate) fn phone() -> BoxedStrategy<Phone> {
    (
        number(),
        some_name(),
        some_name(),
        some_text(),
        vec(language(), 0..3),
    )
        .prop_map(|(number, extension, kind, description, languages)| Phone {
            number,
            extension,
            kind,
            description,
            languages,
        })
        .boxed()
}

pub(crate) fn contact() -> BoxedStrategy<Contact> {
    (
        some_name(),
        some_name(),
        some_name(),
        some_email(),
        vec(phone(), 0..3),
    )
        .prop_map(|(name, title, department, email, phones)| Contact {
            name,
            title,
            department,
            email,
            phones,
        })
        .boxed()
}

pub(crate) fn funding() -> BoxedStrategy<Funding> {
    text().prop_map(|source| Funding { source }).boxed()
}

pub(crate) fn provenance() -> BoxedStrategy<Provenance> {
    (some_name(), some_day(), option::of(instant()))
        .prop_map(|(source, assured_date, last_modified)| Provenance {
            source,
            assured_date,
            last_modified,
        })
        .boxed()
}

fn program() -> BoxedStrategy<Program> {
    (text(), name(), some_text())
        .prop_map(|(source_id, name, description)| Program {
            source_id,
            name,
            description,
        })
        .boxed()
}

fn register_entry() -> BoxedStrategy<OrganizationIdentifier> {
    (some_name(), some_name(), name())
        .prop_map(|(scheme, kind, identifier)| OrganizationIdentifier {
            scheme,
            kind,
            identifier,
        })
        .boxed()
}
