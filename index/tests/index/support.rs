//! Listings, reports and requests, as small as a test needs them.

use jiff::Timestamp;
use referral_core::capacity::{Availability, Draft, Held, Order, Report, Source, Stated, Ttl};
use referral_core::catalog::{
    Address, Attribute, Listing, Location, Offer, Organization, Phone, PhoneNumber, Place,
    Provenance, Service, Tier, Tiers,
};
use referral_core::federation::Epoch;
use referral_core::geo::{CountryCode, Point};
use referral_core::id::{AgencyId, LocalId, RecordKey};
use referral_core::search::{QueryText, Request};
use referral_core::text::{Name, Text};
use referral_core::vocabulary::Code;
use referral_index::{Answer, Index};
use tempfile::TempDir;

pub(crate) const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

pub(crate) fn agency() -> AgencyId {
    AgencyId::parse("harbor").unwrap()
}

pub(crate) fn id(text: &str) -> LocalId {
    LocalId::parse(text).unwrap()
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

pub(crate) fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub(crate) fn key(service: &str) -> RecordKey {
    listing(service, "x").key()
}

pub(crate) fn organization(called: &str) -> Organization {
    Organization {
        id: id("organization"),
        source_id: text("organization"),
        name: name(called),
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

/// A public service with a name and nothing else.
pub(crate) fn listing(service: &str, called: &str) -> Listing {
    Listing {
        agency: agency(),
        service: Service {
            id: id(service),
            source_id: text(service),
            organization: id("organization"),
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
        },
        organization: organization("Harbor"),
        locations: vec![],
    }
}

pub(crate) fn described(service: &str, called: &str, description: &str) -> Listing {
    let mut listing = listing(service, called);
    listing.service.description = Some(text(description));
    listing
}

pub(crate) fn coded(service: &str, called: &str, codes: &[&str]) -> Listing {
    let mut listing = listing(service, called);
    listing.service.attributes = codes.iter().map(|text| attribute(text)).collect();
    listing
}

pub(crate) fn attribute(text: &str) -> Attribute {
    Attribute {
        code: code(text),
        value: None,
        label: None,
    }
}

pub(crate) fn phone(number: &str) -> Phone {
    Phone {
        number: PhoneNumber::parse(number).unwrap(),
        extension: None,
        kind: None,
        description: None,
        languages: vec![],
    }
}

/// Adds a location, and the offer of the service there.
pub(crate) fn offered_at(mut listing: Listing, location: &str, place: Place) -> Listing {
    listing.service.offers.push(Offer {
        location: id(location),
        description: None,
        areas: vec![],
        phones: vec![],
        schedules: vec![],
    });
    listing.locations.push(Location {
        id: id(location),
        source_id: text(location),
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
    });
    listing
}

pub(crate) fn in_city(city: &str, lat: f64, lon: f64) -> Place {
    let mut address = Address::of_country(CountryCode::US);
    address.city = Some(name(city));
    Place::Exact {
        address,
        point: Point::new(lat, lon).unwrap(),
    }
}

/// A report about a service, observed now and believed for `ttl` seconds.
pub(crate) fn held(
    service: &str,
    location: Option<&str>,
    state: Stated,
    cseq: u64,
    ttl: u32,
) -> Held {
    let draft = Draft {
        service: id(service),
        location: location.map(id),
        state,
        counts: vec![],
        waitlist_count: None,
        wait_band: None,
        opens_at: None,
        reopens_at: None,
        observed_at: NOW,
        ttl: None,
        source: Source::Person,
        note: None,
    };
    let epoch = Epoch {
        generation: 1,
        number: 1,
    };
    let report = Report::parse(draft, NOW).unwrap();
    Held::receive(report, Order { epoch, cseq }, Ttl::clamped(ttl), NOW)
}

/// Everything, whatever its capacity.
pub(crate) fn anything() -> Request {
    Request {
        availability: Availability::Any,
        limit: 200,
        ..Request::any()
    }
}

pub(crate) fn asking(words: &str) -> Request {
    Request {
        text: Some(QueryText::parse(words).unwrap().unwrap()),
        ..anything()
    }
}

/// An empty index in a directory of its own.
pub(crate) fn empty() -> (TempDir, Index) {
    let dir = tempfile::tempdir().unwrap();
    let (index, cursor) = Index::open(dir.path()).unwrap();
    assert_eq!(cursor, None);
    (dir, index)
}

/// An index with these listings, committed at cursor 1.
pub(crate) fn filled(listings: &[Listing]) -> (TempDir, Index) {
    let (dir, index) = empty();
    for listing in listings {
        index.put(listing, &[]).unwrap();
    }
    index.commit(1).unwrap();
    (dir, index)
}

/// The local ids of the services found, best first.
pub(crate) fn found(answer: &Answer) -> Vec<&str> {
    answer.hits.iter().map(|hit| hit.key.id.as_str()).collect()
}

/// The services found for these words, best first.
pub(crate) fn words(index: &Index, words: &str) -> Vec<String> {
    let answer = index.search(&asking(words), NOW).unwrap();
    assert_eq!(answer.total, answer.hits.len());
    found(&answer).into_iter().map(str::to_owned).collect()
}
