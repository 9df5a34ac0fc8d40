//! What a listing said, as far as a report about the past needs it: where, for whom, what, in which
//! languages, by which organization, and the names of service and organization. Descriptions, telephones, people
//! and street lines are never kept: what a publisher took back must not live on here.

use std::sync::Arc;

use prost::Message;
use referral_core::catalog::{
    Address, Language, Location, Organization, Place, Provenance, Record, Rule, Service,
    ServiceArea, Values,
};
use referral_core::id::{Hash, hex};
use referral_core::text::{Name, Text};
use referral_proto::convert::limits;
use referral_proto::v1;

/// A record reduced to what is kept of it, encoded as on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said(Arc<[u8]>);

impl Said {
    /// What is kept of a record.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let reduced = match record {
            Record::Organization(organization) => {
                Record::Organization(Box::new(of_organization(organization)))
            }
            Record::Location(location) => Record::Location(Box::new(of_location(location))),
            Record::Service(service) => Record::Service(Box::new(of_service(service))),
        };
        Self(v1::Record::from(&reduced).encode_to_vec().into())
    }

    /// The bytes as they were kept.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The record that bytes of it stand for; `None` when they cannot be read.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Record> {
        Record::try_from(v1::Record::decode(bytes).ok()?).ok()
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What one version is told from another by: the first 8 bytes of its SHA-256.
    #[must_use]
    pub fn hash(&self) -> u64 {
        hash(&self.0)
    }
}

/// The hash of the bytes of a version.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let hash = Hash::of(&[bytes]);
    let first = hash.as_bytes().first_chunk();
    first.map_or(0, |first| u64::from_le_bytes(*first))
}

fn of_organization(organization: &Organization) -> Organization {
    Organization {
        id: organization.id.clone(),
        source_id: nothing(),
        name: organization.name.clone(),
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
    }
}

fn of_location(location: &Location) -> Location {
    Location {
        id: location.id.clone(),
        source_id: nothing(),
        organization: location.organization.clone(),
        name: None,
        alternate_name: None,
        description: None,
        transportation: None,
        url: None,
        place: place(&location.place),
        phones: Vec::new(),
        languages: languages(location.languages.iter()),
        schedules: Vec::new(),
        tier: location.tier,
        accessibility: Vec::new(),
        contacts: Vec::new(),
        provenance: Provenance::default(),
    }
}

fn of_service(service: &Service) -> Service {
    let on_phones = service.phones.iter().flat_map(|phone| &phone.languages);
    let mut kept = Service {
        source_id: nothing(),
        program: None,
        alternate_name: None,
        description: None,
        url: None,
        email: None,
        eligibility: service.eligibility.iter().map(rule).collect(),
        eligibility_description: None,
        areas: areas(&service.areas),
        area_notes: Vec::new(),
        languages: languages(service.languages.iter().chain(on_phones)),
        interpretation_services: None,
        application_process: None,
        fees_description: None,
        costs: Vec::new(),
        wait_time: None,
        required_documents: Vec::new(),
        accreditations: None,
        licenses: None,
        alert: None,
        phones: Vec::new(),
        schedules: Vec::new(),
        contacts: Vec::new(),
        funding: Vec::new(),
        provenance: Provenance::default(),
        ..service.clone()
    };
    for attribute in &mut kept.attributes {
        attribute.value = None;
        attribute.label = None;
    }
    for credential in &mut kept.credentials {
        credential.value = None;
    }
    for offer in &mut kept.offers {
        offer.description = None;
        offer.areas = areas(&offer.areas);
        offer.phones = Vec::new();
        offer.schedules = Vec::new();
    }
    kept
}

/// Where it is: position, state and country. What tells one address from another is kept as a short hash: where
/// an organization is at home depends on how many different places it has.
fn place(place: &Place) -> Place {
    match place {
        Place::Exact { address, point } => Place::Exact {
            address: told_apart(address),
            point: *point,
        },
        Place::Approximate {
            address,
            point,
            basis,
        } => Place::Approximate {
            address: told_apart(address),
            point: *point,
            basis: *basis,
        },
        Place::County(county) => Place::County(*county),
        Place::Unplaced(address) => Place::Unplaced(told_apart(address)),
    }
}

fn told_apart(address: &Address) -> Address {
    let hash = Hash::of(&[format!("{address:?}").as_bytes()]);
    let short = hex(&hash.as_bytes()[..4]);
    Address {
        address_1: Name::parse(&short).ok(),
        state: address.state,
        ..Address::of_country(address.country)
    }
}

fn areas(areas: &[ServiceArea]) -> Vec<ServiceArea> {
    let kept = areas.iter().map(|area| ServiceArea {
        area: area.area.clone(),
        condition: area.condition.as_ref().map(rule),
        name: None,
    });
    kept.collect()
}

/// A rule in words cannot be compared, whatever the words are.
fn rule(rule: &Rule) -> Rule {
    let values = match &rule.values {
        Values::Words(_) => Values::Words(nothing()),
        values => values.clone(),
    };
    Rule {
        values,
        ..rule.clone()
    }
}

fn languages<'a>(languages: impl Iterator<Item = &'a Language>) -> Vec<Language> {
    let mut kept: Vec<Language> = Vec::new();
    // Every tag and mode once is far fewer than one record may hold.
    for language in languages.take(limits::LANGUAGES) {
        if !kept
            .iter()
            .any(|known| (&known.tag, known.mode) == (&language.tag, language.mode))
        {
            kept.push(Language {
                name: None,
                note: None,
                ..language.clone()
            });
        }
    }
    kept
}

/// What stands where a record must have a text and none is kept.
#[expect(clippy::expect_used, reason = "a hyphen is a text")]
fn nothing() -> Text {
    Text::parse("-").expect("a text")
}
