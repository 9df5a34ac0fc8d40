//! Organizations with their programs, funding and register entries.

use referral_core::catalog::{Funding, Organization, OrganizationIdentifier, Program};
use referral_core::id::LocalId;

use super::limits;
use super::reading::{Fault, FromWire, Reading};
use super::record::{each, texts};
use super::text::{FromText, ToText};
use crate::v1;

impl From<&Organization> for v1::Organization {
    fn from(organization: &Organization) -> Self {
        Self {
            source_id: organization.source_id.to_text(),
            name: organization.name.to_text(),
            alternate_name: organization.alternate_name.to_text(),
            description: organization.description.to_text(),
            email: organization.email.to_text(),
            website: organization.website.to_text(),
            legal_status: organization.legal_status.to_text(),
            year_incorporated: organization.year_incorporated.map_or(0, u32::from),
            parent_organization: organization.parent_organization.to_text(),
            phones: each(&organization.phones),
            contacts: each(&organization.contacts),
            programs: each(&organization.programs),
            funding: texts(&organization.funding),
            identifiers: each(&organization.identifiers),
            provenance: Some((&organization.provenance).into()),
        }
    }
}

/// The organization with this id that `wire` describes.
pub(crate) fn read(
    id: Option<LocalId>,
    wire: v1::Organization,
    at: &mut Reading,
) -> Option<Organization> {
    let source_id = at.required("source_id", &wire.source_id);
    let name = at.required("name", &wire.name);
    Some(Organization {
        alternate_name: at.optional("alternate_name", &wire.alternate_name),
        description: at.optional("description", &wire.description),
        email: at.optional("email", &wire.email),
        website: at.optional("website", &wire.website),
        legal_status: at.optional("legal_status", &wire.legal_status),
        year_incorporated: at.small("year_incorporated", wire.year_incorporated),
        parent_organization: at.optional("parent_organization", &wire.parent_organization),
        phones: at.parts("phones", wire.phones, limits::PHONES),
        contacts: at.parts("contacts", wire.contacts, limits::CONTACTS),
        programs: at.parts("programs", wire.programs, limits::DETAILS),
        funding: at.texts("funding", &wire.funding, limits::DETAILS),
        identifiers: at.parts("identifiers", wire.identifiers, limits::DETAILS),
        provenance: at.part_or_default("provenance", wire.provenance),
        id: id?,
        source_id: source_id?,
        name: name?,
    })
}

impl From<&Program> for v1::Program {
    fn from(program: &Program) -> Self {
        Self {
            source_id: program.source_id.to_text(),
            name: program.name.to_text(),
            description: program.description.to_text(),
        }
    }
}

impl FromWire for Program {
    type Wire = v1::Program;

    fn from_wire(wire: v1::Program, at: &mut Reading) -> Option<Self> {
        let source_id = at.required("source_id", &wire.source_id);
        let name = at.required("name", &wire.name);
        let description = at.optional("description", &wire.description);
        Some(Self {
            source_id: source_id?,
            name: name?,
            description,
        })
    }
}

impl From<&OrganizationIdentifier> for v1::OrganizationIdentifier {
    fn from(entry: &OrganizationIdentifier) -> Self {
        Self {
            scheme: entry.scheme.to_text(),
            kind: entry.kind.to_text(),
            identifier: entry.identifier.to_text(),
        }
    }
}

impl FromWire for OrganizationIdentifier {
    type Wire = v1::OrganizationIdentifier;

    fn from_wire(wire: v1::OrganizationIdentifier, at: &mut Reading) -> Option<Self> {
        Some(Self {
            scheme: at.optional("scheme", &wire.scheme),
            kind: at.optional("kind", &wire.kind),
            identifier: at.required("identifier", &wire.identifier)?,
        })
    }
}

impl ToText for Funding {
    fn to_text(&self) -> String {
        self.source.to_text()
    }
}

impl FromText for Funding {
    fn from_text(text: &str) -> Result<Self, Fault> {
        FromText::from_text(text).map(|source| Self { source })
    }
}
