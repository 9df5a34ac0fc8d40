//! The parts listings are put together from, as small as a test needs them.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::catalog::{
    Attribute, Credential, Language, LanguageMode, LanguageTag, Listing, Location, Offer,
    Organization, Place, Provenance, Service, ServiceArea, Tier, Tiers,
};
use crate::geo::CountyFips;
use crate::id::{AgencyId, LocalId};
use crate::search::day;
use crate::search::testing::NOW;
use crate::text::{Name, Text};
use crate::vocabulary::Code;

/// A public service of this organization with a name and nothing else; its id is `s`.
pub(crate) fn blank(organization: &str) -> Listing {
    Listing {
        agency: AgencyId::parse("harbor").unwrap(),
        service: Service {
            id: id("s"),
            source_id: text("s"),
            organization: id(organization),
            program: None,
            name: name("Service"),
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
        organization: Organization {
            id: id(organization),
            source_id: text(organization),
            name: name("Organization"),
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
        },
        locations: vec![],
    }
}

pub(crate) fn offer(listing: &mut Listing, location: &str, place: Place, areas: Vec<ServiceArea>) {
    listing.service.offers.push(Offer {
        location: id(location),
        description: None,
        areas,
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
}

pub(crate) fn attribute(text: &str) -> Attribute {
    Attribute {
        code: code(text),
        value: None,
        label: None,
    }
}

/// A credential that lapses this many days after today.
pub(crate) fn credential((text, lapses): (&str, Option<i64>)) -> Credential {
    let after = |days: i64| -> Date { day(NOW).saturating_add(days.days()) };
    Credential {
        code: code(text),
        lapses: lapses.map(after),
        value: None,
    }
}

pub(crate) fn language((text, mode): (&str, LanguageMode)) -> Language {
    Language {
        tag: tag(text),
        mode,
        name: None,
        note: None,
    }
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

pub(crate) fn tag(text: &str) -> LanguageTag {
    LanguageTag::parse(text).unwrap()
}

pub(crate) fn fips(text: &str) -> CountyFips {
    CountyFips::parse(text).unwrap()
}
