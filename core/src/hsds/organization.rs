//! The record of an organization.

use super::contact::{contacts, phones};
use super::context::Context;
use super::graph::Ref;
use super::issue::Ledger;
use super::location::provenance;
use super::reading::{Reading, word};
use super::{Entity, Row};
use crate::catalog::{Funding, Organization, OrganizationIdentifier, Program, Provenance};
use crate::id::LocalId;
use crate::text::{Name, Text};

/// The id of the organization of services that name none.
const NOT_STATED: &str = "organization-not-stated";

/// The record of an organization; `None` when its name cannot be shown, which is reported.
pub(super) fn organization(
    context: &Context<'_>,
    name: &Ref,
    row: &Row,
    ledger: &mut Ledger,
) -> Option<Organization> {
    let graph = context.graph;
    let phones = phones(graph, name, ledger);
    let contacts = contacts(graph, name, ledger);
    let programs = programs(context, name, ledger);
    let funding = funding(context, name, ledger);
    let identifiers = identifiers(context, name, ledger);
    let provenance = provenance(context, row, ledger);
    let mut reading = Reading::new(row, ledger);
    let website = reading.url("website").or_else(|| reading.url("url"));
    Some(Organization {
        id: LocalId::from_source(name.id()),
        source_id: Text::parse(row.id()?).ok()?,
        name: reading.name("name")?,
        alternate_name: reading.name("alternate_name"),
        description: reading.text("description"),
        email: reading.email("email"),
        website,
        legal_status: reading.text("legal_status"),
        year_incorporated: year(&mut reading),
        parent_organization: reading.text("parent_organization_id"),
        phones,
        contacts,
        programs,
        funding,
        identifiers,
        provenance,
    })
}

/// Stands in for an organization that a service names and no file holds. `None` names none at all.
pub(super) fn placeholder(source_id: Option<&str>) -> Option<Organization> {
    let source_id = source_id.map_or(NOT_STATED, str::trim);
    Some(Organization {
        id: LocalId::from_source(Ref::new(Entity::Organization, source_id).id()),
        source_id: Text::parse(source_id).ok()?,
        name: Name::parse("Organization not stated").ok()?,
        alternate_name: None,
        description: None,
        email: None,
        website: None,
        legal_status: None,
        year_incorporated: None,
        parent_organization: None,
        phones: Vec::new(),
        contacts: Vec::new(),
        programs: Vec::new(),
        funding: Vec::new(),
        identifiers: Vec::new(),
        provenance: Provenance::default(),
    })
}

fn year(reading: &mut Reading<'_>) -> Option<u16> {
    let written = reading.word("year_incorporated")?;
    let year = written
        .get(..4)
        .and_then(|year| year.parse::<u16>().ok())
        .filter(|year| (1500..=2200).contains(year));
    if year.is_none() {
        reading.repair(
            "year_incorporated",
            "year_invalid",
            "left out: write the year with four digits",
        );
    }
    year
}

fn programs(context: &Context<'_>, organization: &Ref, ledger: &mut Ledger) -> Vec<Program> {
    let rows = context.graph.children(organization, Entity::Program);
    rows.filter_map(|row| {
        let source_id = Text::parse(row.id()?).ok()?;
        let mut reading = Reading::new(row, ledger);
        Some(Program {
            source_id,
            name: reading.name("name")?,
            description: reading.text("description"),
        })
    })
    .collect()
}

/// Who pays for an organization or service, each once.
pub(super) fn funding(context: &Context<'_>, of: &Ref, ledger: &mut Ledger) -> Vec<Funding> {
    let mut funding = Vec::new();
    for row in context.graph.children(of, Entity::Funding) {
        let source = Reading::new(row, ledger).text("source");
        let one = source.map(|source| Funding { source });
        funding.extend(one.filter(|one| !funding.contains(one)));
    }
    funding
}

fn identifiers(
    context: &Context<'_>,
    organization: &Ref,
    ledger: &mut Ledger,
) -> Vec<OrganizationIdentifier> {
    let mut identifiers = Vec::new();
    for row in context.graph.children(organization, Entity::Identifier) {
        if word(row, "identifier").is_none() {
            continue;
        }
        let mut reading = Reading::new(row, ledger);
        let one = reading
            .name("identifier")
            .map(|identifier| OrganizationIdentifier {
                scheme: reading.name("identifier_scheme"),
                kind: reading.name("identifier_type"),
                identifier,
            });
        identifiers.extend(one.filter(|one| !identifiers.contains(one)));
    }
    identifiers
}
