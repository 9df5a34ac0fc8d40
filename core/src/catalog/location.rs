//! Where a provider is, as exactly as may be known.
//!
//! A confidential location is a [`Place::County`]: that variant has no room for an address, so no later
//! layer can leak one.

use crate::catalog::{Contact, Language, Phone, Provenance, Schedule, Tier, WebUrl};
use crate::geo::{CountryCode, CountyFips, Point, StateCode, Zip};
use crate::id::LocalId;
use crate::text::{Name, Text};

/// A place where services are offered (HSDS location).
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// Its id at the publisher.
    pub id: LocalId,
    /// The id as the publisher writes it.
    pub source_id: Text,
    /// The organization it belongs to, where stated.
    pub organization: Option<LocalId>,
    /// Its name; confidential locations carry none.
    pub name: Option<Name>,
    /// Another name people know it by.
    pub alternate_name: Option<Name>,
    /// What it is, in the publisher's words.
    pub description: Option<Text>,
    /// How to get there.
    pub transportation: Option<Text>,
    /// Its page on the web.
    pub url: Option<WebUrl>,
    /// Where it is.
    pub place: Place,
    /// Its telephones.
    pub phones: Vec<Phone>,
    /// Languages spoken there.
    pub languages: Vec<Language>,
    /// When it is open.
    pub schedules: Vec<Schedule>,
    /// Help for people with disabilities.
    pub accessibility: Vec<Accessibility>,
    /// People to ask for.
    pub contacts: Vec<Contact>,
    /// Who may see where exactly it is; everybody else sees its county, as of a confidential one.
    pub tier: Tier,
    /// Where this record comes from.
    pub provenance: Provenance,
}

/// Where a location is.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// An address and the publisher's own coordinates.
    Exact {
        /// The street address.
        address: Address,
        /// The position the publisher gives.
        point: Point,
    },
    /// An address whose position is that of its ZIP, city or country: distances are "about".
    Approximate {
        /// The address as far as published.
        address: Address,
        /// The position of the wider place.
        point: Point,
        /// What the position stands for.
        basis: Basis,
    },
    /// A county and nothing finer: every confidential location.
    County(CountyFips),
    /// An address that no map knows; matched by service area only.
    Unplaced(Address),
}

/// What an approximate position stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The middle of a ZIP code.
    Zip,
    /// The middle of a city or town.
    City,
    /// The middle of a county.
    County,
    /// The label point of a country.
    Country,
}

/// A postal address as published (HSDS address, without the addressee).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// First line: number and street.
    pub address_1: Option<Name>,
    /// Second line: floor, suite.
    pub address_2: Option<Name>,
    /// City or town.
    pub city: Option<Name>,
    /// Region, where the publisher uses one.
    pub region: Option<Name>,
    /// State or province as published.
    pub state_province: Option<Name>,
    /// Postal code as published.
    pub postal_code: Option<Name>,
    /// Country.
    pub country: CountryCode,
    /// The state, where `state_province` names one of the United States or its territories.
    pub state: Option<StateCode>,
    /// The ZIP, where `postal_code` is one.
    pub zip: Option<Zip>,
}

/// Help for people with disabilities at a location (HSDS accessibility).
#[derive(Clone, Debug, PartialEq)]
pub struct Accessibility {
    /// What there is.
    pub description: Option<Text>,
    /// How to use it.
    pub details: Option<Text>,
    /// A page about it.
    pub url: Option<WebUrl>,
}

impl Place {
    /// The position distances are measured to; none for a county or an unplaced address.
    #[must_use]
    pub fn point(&self) -> Option<Point> {
        match self {
            Self::Exact { point, .. } | Self::Approximate { point, .. } => Some(*point),
            Self::County(_) | Self::Unplaced(_) => None,
        }
    }

    /// The address; a county has none.
    #[must_use]
    pub fn address(&self) -> Option<&Address> {
        match self {
            Self::Exact { address, .. }
            | Self::Approximate { address, .. }
            | Self::Unplaced(address) => Some(address),
            Self::County(_) => None,
        }
    }
}

impl Address {
    /// An address of which only the country is known.
    #[must_use]
    pub fn of_country(country: CountryCode) -> Self {
        Self {
            address_1: None,
            address_2: None,
            city: None,
            region: None,
            state_province: None,
            postal_code: None,
            country,
            state: None,
            zip: None,
        }
    }
}
