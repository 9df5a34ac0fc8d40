//! Places the gazetteer knows, put as a [`Locality`]: label, point, counties, state and country.

use referral_core::geo::{CountryCode, CountyFips, Locality, LocalityKind, Point, Zip};

use crate::city::{Confidence, Hit};
use crate::country::Country;
use crate::gazetteer::Gazetteer;
use crate::state::State;
use crate::unresolved::Unresolved;
use crate::zip::{Unlisted, ZipPlace};

/// What the label of a place says when its name was misspelt.
pub(crate) const CORRECTED: &str = " (spelling corrected)";

impl Gazetteer {
    /// The place of a ZIP. An unknown one stands at the middle of the ZIPs with the same three first
    /// digits, marked approximate, in no county; a military one has no point.
    ///
    /// # Errors
    /// [`Unresolved::UnknownZip`] when no ZIP begins with its three first digits.
    pub fn resolve_zip(&self, zip: Zip) -> Result<Locality, Unresolved> {
        if let Some(place) = self.zip(zip) {
            return Ok(self.zip_locality(place));
        }
        let unlisted = self.zips.unlisted(zip, &self.states);
        let bare = Locality {
            label: zip.to_string(),
            point: None,
            approximate: false,
            zip: Some(zip),
            counties: Vec::new(),
            state: None,
            country: CountryCode::US,
            kind: LocalityKind::Zip,
        };
        match unlisted {
            Unlisted::Military(post) => Ok(Locality {
                label: format!("{zip} (military mail, {post})"),
                ..bare
            }),
            Unlisted::Country(country) => {
                let named = self.country(country);
                Ok(Locality {
                    label: format!(
                        "{zip} ({})",
                        named.map_or(country.as_str(), |country| &country.name)
                    ),
                    point: named.map(|country| country.label),
                    approximate: true,
                    country,
                    ..bare
                })
            }
            Unlisted::Prefix(point, state) => Ok(Locality {
                label: format!("{zip} (unknown ZIP, about here in {state})"),
                point: Some(point),
                approximate: true,
                state: Some(state),
                ..bare
            }),
            Unlisted::Unassigned => Err(Unresolved::UnknownZip),
        }
    }

    /// A point as a place: its county, state and country.
    ///
    /// # Errors
    /// [`Unresolved::NoSuchPoint`] when it is farther than 500 km from any place.
    pub fn resolve_point(&self, point: Point) -> Result<Locality, Unresolved> {
        let land = self.country_of(point).ok_or(Unresolved::NoSuchPoint)?;
        let county = self.county_of(point).and_then(|fips| self.county(fips));
        let within = match county {
            Some(county) => format!("{}, {}", county.name, county.state),
            None => self
                .country(land)
                .map(|country| country.name.clone())
                .unwrap_or_default(),
        };
        Ok(Locality {
            label: format!("{}, {} ({within})", point.lat(), point.lon()),
            point: Some(point),
            approximate: false,
            zip: None,
            counties: county
                .map(|county| (county.fips, 1.0))
                .into_iter()
                .collect(),
            state: county.map(|county| county.state),
            country: land,
            kind: LocalityKind::Point,
        })
    }

    /// A county as a place, by its code or an alias of it.
    #[must_use]
    pub fn resolve_county(&self, fips: CountyFips) -> Option<Locality> {
        let county = self.county(fips)?;
        Some(Locality {
            label: format!("{}, {}", county.name, county.state),
            point: Some(county.label),
            approximate: false,
            zip: None,
            counties: self.counties_of_code(fips),
            state: Some(county.state),
            country: CountryCode::US,
            kind: LocalityKind::County,
        })
    }

    fn zip_locality(&self, place: ZipPlace<'_>) -> Locality {
        let counties = self.counties_of_zip(place.zip);
        let county = counties.first().and_then(|(fips, _)| self.county(*fips));
        let within = place.city.or(county.map(|county| county.name.as_str()));
        let label = match within {
            Some(within) => format!("{} ({within}, {})", place.zip, place.state),
            None => format!("{} ({})", place.zip, place.state),
        };
        Locality {
            label,
            point: Some(place.point),
            approximate: false,
            zip: Some(place.zip),
            counties,
            state: Some(place.state),
            country: CountryCode::US,
            kind: LocalityKind::Zip,
        }
    }

    pub(crate) fn city_locality(&self, hit: Hit) -> Option<Locality> {
        let city = self.city_at(hit)?;
        let label = self.name_label(hit.row);
        Some(Locality {
            label: match hit.confidence {
                Confidence::Misspelt => corrected(&label),
                _ => label,
            },
            point: Some(city.point),
            approximate: false,
            zip: None,
            counties: self.counties_of_city(hit.row),
            state: Some(city.state),
            country: CountryCode::US,
            kind: LocalityKind::City,
        })
    }

    pub(crate) fn name_label(&self, row: u16) -> String {
        let state = self.states.at(self.names.state(row));
        let state = state.map_or("", |state| state.code.as_str());
        format!("{}, {state}", self.names.name(row))
    }
}

/// A label that says that something else was typed.
pub(crate) fn corrected(label: &str) -> String {
    format!("{label}{CORRECTED}")
}

pub(crate) fn state_locality(state: &State) -> Locality {
    Locality {
        label: state.name.clone(),
        point: Some(state.label),
        approximate: false,
        zip: None,
        counties: Vec::new(),
        state: Some(state.code),
        country: CountryCode::US,
        kind: LocalityKind::State,
    }
}

/// Military mail without its ZIP: in U.S. hands, nowhere on the map.
pub(crate) fn military_locality(post: &str) -> Locality {
    Locality {
        label: format!("military mail, {post}"),
        point: None,
        approximate: false,
        zip: None,
        counties: Vec::new(),
        state: None,
        country: CountryCode::US,
        kind: LocalityKind::Country,
    }
}

/// `wider` when a place inside the country was named, which is as fine as the gazetteer knows abroad.
pub(crate) fn country_locality(country: &Country, wider: bool) -> Locality {
    Locality {
        label: country.name.clone(),
        point: Some(country.label),
        approximate: wider,
        zip: None,
        counties: Vec::new(),
        state: None,
        country: country.code,
        kind: LocalityKind::Country,
    }
}
