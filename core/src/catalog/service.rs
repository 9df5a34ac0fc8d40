//! One thing offered on one set of terms.

use jiff::civil::Date;

use crate::catalog::{
    Contact, EmailAddress, Funding, Language, Phone, Provenance, Rule, Schedule, ServiceArea, Tier,
    Tiers, WebUrl,
};
use crate::id::LocalId;
use crate::text::{Name, Text};
use crate::vocabulary::Code;

/// A service (HSDS service): one organization, one set of terms, codes, areas and rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its id at the publisher.
    pub id: LocalId,
    /// The id as the publisher writes it.
    pub source_id: Text,
    /// The organization that offers it.
    pub organization: LocalId,
    /// The program it is part of, as the publisher writes its id.
    pub program: Option<Text>,
    /// Its name.
    pub name: Name,
    /// Another name people know it by.
    pub alternate_name: Option<Name>,
    /// What it is.
    pub description: Option<Text>,
    /// Its page on the web.
    pub url: Option<WebUrl>,
    /// Its e-mail address.
    pub email: Option<EmailAddress>,
    /// What it is and on what terms: vocabulary codes and the publisher's own terms.
    pub attributes: Vec<Attribute>,
    /// Legal and clinical credentials of the people who do the work.
    pub credentials: Vec<Credential>,
    /// Whom it takes, as rules.
    pub eligibility: Vec<Rule>,
    /// Whom it takes, in the publisher's words.
    pub eligibility_description: Option<Text>,
    /// Where its clients live; empty: not stated.
    pub areas: Vec<ServiceArea>,
    /// Areas in the publisher's words that no map knows.
    pub area_notes: Vec<Text>,
    /// Where it is offered; empty: remote, or location not stated.
    pub offers: Vec<Offer>,
    /// True where the publisher says that it can be had without coming anywhere.
    pub remote: bool,
    /// Languages it is given in.
    pub languages: Vec<Language>,
    /// Interpretation, in the publisher's words.
    pub interpretation_services: Option<Text>,
    /// How to apply.
    pub application_process: Option<Text>,
    /// What it costs, in the publisher's words.
    pub fees_description: Option<Text>,
    /// What it costs.
    pub costs: Vec<CostOption>,
    /// How long people wait, in the publisher's words.
    pub wait_time: Option<Text>,
    /// Papers to bring.
    pub required_documents: Vec<RequiredDocument>,
    /// Accreditations, in the publisher's words.
    pub accreditations: Option<Text>,
    /// Licences, in the publisher's words.
    pub licenses: Option<Text>,
    /// A warning that holds now.
    pub alert: Option<Text>,
    /// Its telephones.
    pub phones: Vec<Phone>,
    /// When it is open.
    pub schedules: Vec<Schedule>,
    /// People to ask for.
    pub contacts: Vec<Contact>,
    /// Who pays for it.
    pub funding: Vec<Funding>,
    /// Who may see it.
    pub tier: Tier,
    /// Parts of it that fewer may see.
    pub tiers: Tiers,
    /// Where this record comes from.
    pub provenance: Provenance,
}

/// A service at a location (HSDS `service_at_location`).
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The location.
    pub location: LocalId,
    /// What is different here.
    pub description: Option<Text>,
    /// Areas served from here; they replace the service's where there are any.
    pub areas: Vec<ServiceArea>,
    /// Telephones here.
    pub phones: Vec<Phone>,
    /// Hours here.
    pub schedules: Vec<Schedule>,
}

/// One code of a service, with the value some codes carry and the words the publisher uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The code; unknown ones are kept.
    pub code: Code,
    /// Its value where the code asks for one, e.g. a court or a percentage.
    pub value: Option<Text>,
    /// The publisher's words for it, e.g. the category's name.
    pub label: Option<Name>,
}

/// A credential of the people who do the work; it gates matching.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    /// A code of class `cred`.
    pub code: Code,
    /// The last day it is good for; none: no lapse stated.
    pub lapses: Option<Date>,
    /// Its value, e.g. the court or the states of licence.
    pub value: Option<Text>,
}

/// What something costs (HSDS `cost_option`).
#[derive(Clone, Debug, PartialEq)]
pub struct CostOption {
    /// For whom or for what.
    pub option: Option<Text>,
    /// Amount in hundredths of the currency.
    pub amount_hundredths: Option<u64>,
    /// ISO 4217 code, upper case.
    pub currency: Option<Name>,
    /// The amount in words.
    pub amount_description: Option<Text>,
    /// First day it applies.
    pub valid_from: Option<Date>,
    /// Last day it applies.
    pub valid_to: Option<Date>,
}

/// A paper to bring (HSDS `required_document`).
#[derive(Clone, Debug, PartialEq)]
pub struct RequiredDocument {
    /// Which.
    pub document: Text,
    /// A page about it.
    pub url: Option<WebUrl>,
}
