//! Locations: where they are, as exactly as may be known.

use referral_core::catalog::{Accessibility, Address, Basis, Location, Place, Tier};
use referral_core::geo::Point;
use referral_core::id::LocalId;

use super::limits;
use super::reading::{Fault, FromWire, Reading, Unspecified};
use super::record::each;
use super::text::ToText;
use crate::v1;
use crate::v1::place::At;

impl From<&Location> for v1::Location {
    fn from(location: &Location) -> Self {
        Self {
            source_id: location.source_id.to_text(),
            organization_id: location.organization.to_text(),
            name: location.name.to_text(),
            alternate_name: location.alternate_name.to_text(),
            description: location.description.to_text(),
            transportation: location.transportation.to_text(),
            url: location.url.to_text(),
            place: Some((&location.place).into()),
            phones: each(&location.phones),
            languages: each(&location.languages),
            schedules: each(&location.schedules),
            accessibility: each(&location.accessibility),
            contacts: each(&location.contacts),
            provenance: Some((&location.provenance).into()),
            tier: v1::Tier::from(location.tier).into(),
        }
    }
}

/// The location with this id that `wire` describes.
pub(crate) fn read(id: Option<LocalId>, wire: v1::Location, at: &mut Reading) -> Option<Location> {
    let source_id = at.required("source_id", &wire.source_id);
    let place = at.part("place", wire.place);
    let tier = at.number::<v1::Tier>("tier", wire.tier);
    let location = Location {
        organization: at.optional("organization_id", &wire.organization_id),
        name: at.optional("name", &wire.name),
        alternate_name: at.optional("alternate_name", &wire.alternate_name),
        description: at.optional("description", &wire.description),
        transportation: at.optional("transportation", &wire.transportation),
        url: at.optional("url", &wire.url),
        phones: at.parts("phones", wire.phones, limits::PHONES),
        languages: at.parts("languages", wire.languages, limits::LANGUAGES),
        schedules: at.parts("schedules", wire.schedules, limits::SCHEDULES),
        accessibility: at.parts("accessibility", wire.accessibility, limits::DETAILS),
        contacts: at.parts("contacts", wire.contacts, limits::CONTACTS),
        provenance: at.part_or_default("provenance", wire.provenance),
        id: id?,
        source_id: source_id?,
        place: place?,
        tier: tier.map(Tier::from)?,
    };
    keep_confidential(&location, at);
    keep_at_home(&location, at);
    Some(location)
}

/// A county alone stands for a confidential location: its names and the way there would tell more.
fn keep_confidential(location: &Location, at: &mut Reading) {
    if !matches!(location.place, Place::County(_)) {
        return;
    }
    let told = [
        ("name", location.name.is_some()),
        ("alternate_name", location.alternate_name.is_some()),
        ("transportation", location.transportation.is_some()),
    ];
    for (field, _) in told.into_iter().filter(|(_, told)| *told) {
        let text = "a location known by its county alone is confidential: leave this out";
        at.refuse(field, Fault::new("confidential_detail", text));
    }
}

/// An address for few does not leave its agency.
fn keep_at_home(location: &Location, at: &mut Reading) {
    if location.tier > Tier::Member && !matches!(location.place, Place::County(_)) {
        let text = "an address for few stays with its agency: give the county alone";
        at.refuse("place", Fault::new("address_for_few", text));
    }
}

impl From<&Place> for v1::Place {
    fn from(place: &Place) -> Self {
        let at = match place {
            Place::Exact { address, point } => At::Exact(v1::ExactPlace {
                address: Some(address.into()),
                point: Some((*point).into()),
            }),
            Place::Approximate {
                address,
                point,
                basis,
            } => At::Approximate(v1::ApproximatePlace {
                address: Some(address.into()),
                point: Some((*point).into()),
                basis: v1::PlaceBasis::from(*basis).into(),
            }),
            Place::County(county) => At::CountyFips(county.to_text()),
            Place::Unplaced(address) => At::Unplaced(address.into()),
        };
        Self { at: Some(at) }
    }
}

impl FromWire for Place {
    type Wire = v1::Place;

    fn from_wire(wire: v1::Place, at: &mut Reading) -> Option<Self> {
        match at.given("at", wire.at)? {
            At::Exact(place) => at.within("exact", |at| {
                let address = at.part("address", place.address);
                let point = at.part("point", place.point);
                Some(Self::Exact {
                    address: address?,
                    point: point?,
                })
            }),
            At::Approximate(place) => at.within("approximate", |at| {
                let address = at.part("address", place.address);
                let point = at.part("point", place.point);
                let basis = at.number::<v1::PlaceBasis>("basis", place.basis);
                let basis = at.keep("basis", Basis::try_from(basis?));
                Some(Self::Approximate {
                    address: address?,
                    point: point?,
                    basis: basis?,
                })
            }),
            At::CountyFips(fips) => at.required("county_fips", &fips).map(Self::County),
            At::Unplaced(address) => at.part("unplaced", Some(address)).map(Self::Unplaced),
        }
    }
}

impl From<Basis> for v1::PlaceBasis {
    fn from(basis: Basis) -> Self {
        match basis {
            Basis::Zip => Self::Zip,
            Basis::City => Self::City,
            Basis::County => Self::County,
            Basis::Country => Self::Country,
        }
    }
}

impl TryFrom<v1::PlaceBasis> for Basis {
    type Error = Unspecified;

    fn try_from(basis: v1::PlaceBasis) -> Result<Self, Unspecified> {
        match basis {
            v1::PlaceBasis::Unspecified => Err(Unspecified),
            v1::PlaceBasis::Zip => Ok(Self::Zip),
            v1::PlaceBasis::City => Ok(Self::City),
            v1::PlaceBasis::County => Ok(Self::County),
            v1::PlaceBasis::Country => Ok(Self::Country),
        }
    }
}

impl From<Point> for v1::LatLon {
    fn from(point: Point) -> Self {
        Self {
            lat: point.lat(),
            lon: point.lon(),
        }
    }
}

impl FromWire for Point {
    type Wire = v1::LatLon;

    fn from_wire(wire: v1::LatLon, at: &mut Reading) -> Option<Self> {
        let point = Self::new(wire.lat, wire.lon);
        at.keep("", point.map_err(|why| Fault::new("point_invalid", why)))
    }
}

impl From<&Address> for v1::Address {
    fn from(address: &Address) -> Self {
        Self {
            address_1: address.address_1.to_text(),
            address_2: address.address_2.to_text(),
            city: address.city.to_text(),
            region: address.region.to_text(),
            state_province: address.state_province.to_text(),
            postal_code: address.postal_code.to_text(),
            country: address.country.to_text(),
            state: address.state.to_text(),
            zip: address.zip.to_text(),
        }
    }
}

impl FromWire for Address {
    type Wire = v1::Address;

    fn from_wire(wire: v1::Address, at: &mut Reading) -> Option<Self> {
        Some(Self {
            address_1: at.optional("address_1", &wire.address_1),
            address_2: at.optional("address_2", &wire.address_2),
            city: at.optional("city", &wire.city),
            region: at.optional("region", &wire.region),
            state_province: at.optional("state_province", &wire.state_province),
            postal_code: at.optional("postal_code", &wire.postal_code),
            state: at.optional("state", &wire.state),
            zip: at.optional("zip", &wire.zip),
            country: at.required("country", &wire.country)?,
        })
    }
}

impl From<&Accessibility> for v1::Accessibility {
    fn from(help: &Accessibility) -> Self {
        Self {
            description: help.description.to_text(),
            details: help.details.to_text(),
            url: help.url.to_text(),
        }
    }
}

impl FromWire for Accessibility {
    type Wire = v1::Accessibility;

    fn from_wire(wire: v1::Accessibility, at: &mut Reading) -> Option<Self> {
        Some(Self {
            description: at.optional("description", &wire.description),
            details: at.optional("details", &wire.details),
            url: at.optional("url", &wire.url),
        })
    }
}
