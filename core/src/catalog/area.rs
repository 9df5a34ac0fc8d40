//! Where the people live (or are held) whom a service may take. The area is not the address.

use crate::catalog::Rule;
use crate::geo::{CountryCode, CountyFips, Kilometres, Locality, Point, StateCode, Zip};
use crate::text::Name;

/// One part of the map that a service serves. Several form a union.
#[derive(Clone, Debug, PartialEq)]
pub enum Area {
    /// A ZIP code.
    Zip(Zip),
    /// A county or county equivalent.
    County(CountyFips),
    /// A state, district or territory.
    State(StateCode),
    /// A country, for partners abroad.
    Country(CountryCode),
    /// The whole United States with its territories.
    Nation,
    /// Everywhere within this distance of the place where the service is offered.
    Radius(Kilometres),
    /// Cases before a court, wherever the client lives. The court's code or name as published.
    Court(Name),
}

/// A part of the map a service serves, on a condition or without one (HSDS `service_area`).
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceArea {
    /// The part of the map.
    pub area: Area,
    /// The area applies only where this rule fits the client; `None`: always.
    pub condition: Option<Rule>,
    /// The area's name as published, e.g. "Greater Baltimore".
    pub name: Option<Name>,
}

/// How an area relates to the place a search asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cover {
    /// Not at all.
    No,
    /// A part of the place is inside: some of its ZIP, or one county of its state.
    Part,
    /// All of the place is inside.
    Whole,
}

impl Area {
    /// Whether people at `place` are served. `site` is where the service is offered; only a
    /// [`Area::Radius`] needs it.
    ///
    /// A ZIP or city matches a county where any of its people live there; a court is matched by its
    /// docket, never by residence.
    #[must_use]
    pub fn covers(&self, place: &Locality, site: Option<Point>) -> Cover {
        match self {
            Self::Zip(zip) => whole_if(place.zip == Some(*zip)),
            Self::County(county) => covers_county(*county, place),
            Self::State(state) => whole_if(place.state == Some(*state)),
            Self::Country(country) => whole_if(place.country == *country),
            Self::Nation => whole_if(place.country == CountryCode::US),
            Self::Radius(radius) => match (site, place.point) {
                (Some(site), Some(point)) => whole_if(site.distance(point) <= *radius),
                _ => Cover::No,
            },
            Self::Court(_) => Cover::No,
        }
    }
}

fn covers_county(county: CountyFips, place: &Locality) -> Cover {
    match place
        .counties
        .iter()
        .find(|(fips, weight)| *fips == county && *weight > 0.0)
    {
        None => Cover::No,
        Some(_) if place.counties.len() == 1 => Cover::Whole,
        Some(_) => Cover::Part,
    }
}

fn whole_if(inside: bool) -> Cover {
    if inside { Cover::Whole } else { Cover::No }
}
