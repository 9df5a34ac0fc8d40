//! The provider a client goes to.

use crate::catalog::{Contact, EmailAddress, Phone, Provenance, WebUrl};
use crate::id::LocalId;
use crate::text::{Name, Text};

/// A provider of services (HSDS organization).
#[derive(Clone, Debug, PartialEq)]
pub struct Organization {
    /// Its id at the publisher.
    pub id: LocalId,
    /// The id as the publisher writes it.
    pub source_id: Text,
    /// Its name.
    pub name: Name,
    /// Another name people know it by.
    pub alternate_name: Option<Name>,
    /// What it is, in its own words.
    pub description: Option<Text>,
    /// Its e-mail address.
    pub email: Option<EmailAddress>,
    /// Its web site.
    pub website: Option<WebUrl>,
    /// Its legal form.
    pub legal_status: Option<Text>,
    /// The year it was founded.
    pub year_incorporated: Option<u16>,
    /// The organization it is part of, as the publisher writes its id.
    pub parent_organization: Option<Text>,
    /// Its telephones.
    pub phones: Vec<Phone>,
    /// People to ask for.
    pub contacts: Vec<Contact>,
    /// Programs it groups services under.
    pub programs: Vec<Program>,
    /// Who pays for it.
    pub funding: Vec<Funding>,
    /// Its entries in public registers.
    pub identifiers: Vec<OrganizationIdentifier>,
    /// Where this record comes from.
    pub provenance: Provenance,
}

/// A group of services (HSDS program).
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// The id as the publisher writes it.
    pub source_id: Text,
    /// Its name.
    pub name: Name,
    /// What it is.
    pub description: Option<Text>,
}

/// Who pays (HSDS funding).
#[derive(Clone, Debug, PartialEq)]
pub struct Funding {
    /// The source of the money, in the publisher's words.
    pub source: Text,
}

/// An entry in a public register (HSDS `organization_identifier`).
#[derive(Clone, Debug, PartialEq)]
pub struct OrganizationIdentifier {
    /// The register, e.g. `GB-COH`.
    pub scheme: Option<Name>,
    /// What kind of identifier it is.
    pub kind: Option<Name>,
    /// The identifier itself.
    pub identifier: Name,
}
