//! Records and reports, as small as a test needs them.

use referral_core::catalog::{
    Address, Area, Attribute, Location, Offer, Organization, Place, Provenance, Record, Service,
    ServiceArea, Tier, Tiers,
};
use referral_core::geo::{CountryCode, CountyFips, Point, Zip};
use referral_core::id::LocalId;
use referral_core::text::{Name, Text};
use referral_core::vocabulary::Code;
use referral_proto::convert;
use referral_proto::v1;

use super::agency::observed;

pub(crate) fn id(text: &str) -> LocalId {
    LocalId::parse(text).unwrap()
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

/// An organization called like its id.
pub(crate) fn organization(local: &str) -> Record {
    Record::Organization(Box::new(plain_organization(local)))
}

pub(crate) fn plain_organization(local: &str) -> Organization {
    Organization {
        id: id(local),
        source_id: text(local),
        name: name(local),
        alternate_name: None,
        description: None,
        email: None,
        website: None,
        legal_status: None,
        year_incorporated: None,
        parent_organization: None,
        phones: vec![],
        contacts: vec![],
        programs: vec![],
        funding: vec![],
        identifiers: vec![],
        provenance: Provenance::default(),
    }
}

/// A public service of the organization `org` with a name and nothing else.
pub(crate) fn service(local: &str, called: &str) -> Record {
    Record::Service(Box::new(plain_service(local, called)))
}

/// A service with these codes.
pub(crate) fn coded(local: &str, called: &str, codes: &[&str]) -> Record {
    let mut service = plain_service(local, called);
    service.attributes = codes.iter().map(|code| attribute(code)).collect();
    Record::Service(Box::new(service))
}

/// A code with nothing beside it.
pub(crate) fn attribute(code: &str) -> Attribute {
    Attribute {
        code: Code::parse(code).unwrap(),
        value: None,
        label: None,
    }
}

/// The area of a ZIP code.
pub(crate) fn zip(code: &str) -> ServiceArea {
    ServiceArea {
        area: Area::Zip(Zip::parse(code).unwrap()),
        condition: None,
        name: None,
    }
}

/// A service offered at these locations.
pub(crate) fn offered(local: &str, called: &str, locations: &[&str]) -> Record {
    let mut service = plain_service(local, called);
    let offer = |location: &&str| Offer {
        location: id(location),
        description: None,
        areas: vec![],
        phones: vec![],
        schedules: vec![],
    };
    service.offers = locations.iter().map(offer).collect();
    Record::Service(Box::new(service))
}

pub(crate) fn plain_service(local: &str, called: &str) -> Service {
    Service {
        id: id(local),
        source_id: text(local),
        organization: id("org"),
        program: None,
        name: name(called),
        alternate_name: None,
        description: None,
        url: None,
        email: None,
        attributes: vec![],
        credentials: vec![],
        eligibility: vec![],
        eligibility_description: None,
        areas: vec![],
        area_notes: vec![],
        offers: vec![],
        remote: false,
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
        tier: Tier::Public,
        tiers: Tiers::default(),
        provenance: Provenance::default(),
    }
}

/// A location in a city, at a position.
pub(crate) fn location(local: &str, city: &str, lat: f64, lon: f64) -> Record {
    let mut address = Address::of_country(CountryCode::US);
    address.city = Some(name(city));
    let place = Place::Exact {
        address,
        point: Point::new(lat, lon).unwrap(),
    };
    at(local, place)
}

/// The same location, of an organization.
pub(crate) fn of_organization(record: Record, organization: &str) -> Record {
    let Record::Location(mut location) = record else {
        panic!("only locations belong to an organization")
    };
    location.organization = Some(id(organization));
    Record::Location(location)
}

/// A location of which only the county may be known.
pub(crate) fn confidential(local: &str, county: &str) -> Record {
    at(local, Place::County(CountyFips::parse(county).unwrap()))
}

fn at(local: &str, place: Place) -> Record {
    Record::Location(Box::new(Location {
        id: id(local),
        source_id: text(local),
        organization: None,
        name: None,
        alternate_name: None,
        description: None,
        transportation: None,
        url: None,
        place,
        phones: vec![],
        languages: vec![],
        schedules: vec![],
        tier: Tier::Public,
        accessibility: vec![],
        contacts: vec![],
        provenance: Provenance::default(),
    }))
}

/// A report: open, with this many of 12 beds.
pub(crate) fn open(service: &str, beds: u32) -> v1::CapacityReport {
    report(service, v1::CapacityState::Open, Some(beds), Some(12))
}

/// A report in beds, observed at noon.
pub(crate) fn report(
    service: &str,
    state: v1::CapacityState,
    available: Option<u32>,
    maximum: Option<u32>,
) -> v1::CapacityReport {
    v1::CapacityReport {
        service_id: service.to_owned(),
        state: state.into(),
        counts: vec![v1::CapacityCount {
            unit: v1::CapacityUnit::Bed.into(),
            available,
            maximum,
        }],
        observed_at: Some(convert::time::to_wire(observed())),
        ..v1::CapacityReport::default()
    }
}
