//! What the rules need to know about the map. A gazetteer answers; tests may answer themselves.

use crate::geo::{CountryCode, CountyFips, Locality, Point, StateCode, Zip};

/// A map: from what people write to places.
pub trait Places {
    /// The place somebody typed: a ZIP, "city, ST", a county, state, territory or country by name or
    /// code, or "lat,lon" in degrees.
    ///
    /// # Errors
    /// [`UnknownPlace`] when no place or several are meant.
    fn resolve(&self, text: &str) -> Result<Locality, UnknownPlace>;
    /// The place of a ZIP; an unknown ZIP is placed by its first three digits and marked approximate,
    /// or is `None` when those are unknown too.
    fn zip(&self, zip: Zip) -> Option<Locality>;
    /// A city or town of a state, small misspellings forgiven.
    fn city(&self, name: &str, state: StateCode) -> Option<Locality>;
    /// A county of a state by its name, with or without "County" or "Parish".
    fn county_named(&self, name: &str, state: StateCode) -> Option<CountyFips>;
    /// The county a position lies in.
    fn county_of(&self, point: Point) -> Option<CountyFips>;
    /// A county as a place.
    fn county(&self, county: CountyFips) -> Option<Locality>;
    /// The counties that share a border with this one, sorted; none for a code the map does not know.
    fn neighbours(&self, county: CountyFips) -> Vec<CountyFips>;
    /// A state or territory by its name or code.
    fn state_named(&self, name: &str) -> Option<StateCode>;
    /// A country by its name or code.
    fn country_named(&self, name: &str) -> Option<CountryCode>;
    /// A country as a place.
    fn country(&self, country: CountryCode) -> Option<Locality>;
    /// What a pair of published coordinates means, checked against the rest of the address.
    fn locate(&self, lat: f64, lon: f64, zip: Option<Zip>, state: Option<StateCode>) -> Located;
}

/// What a pair of published coordinates means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Located {
    /// They are a position and fit the rest of the address.
    Fine(Point),
    /// They are wrong in a way that can be put right with certainty.
    Repaired(Point, Slip),
    /// They are wrong and mean nothing.
    Wrong(Slip),
}

/// What is wrong with published coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slip {
    /// Latitude and longitude are swapped.
    Swapped,
    /// Web Mercator metres instead of degrees.
    Metres,
    /// A western longitude without its minus sign.
    Signless,
    /// Both zero.
    Zero,
    /// Not numbers in range.
    OutOfRange,
    /// More than 100 km from the address's ZIP, or outside its state.
    Elsewhere,
}

impl Slip {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Swapped => "coordinates_swapped",
            Self::Metres => "coordinates_in_metres",
            Self::Signless => "longitude_without_sign",
            Self::Zero => "coordinates_zero",
            Self::OutOfRange => "coordinates_out_of_range",
            Self::Elsewhere => "coordinates_far_from_address",
        }
    }
}

/// Why a place was not understood. The asker's to fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownPlace {
    /// Nothing has this name.
    #[error("no such place: give a ZIP, a city with its state, a county, state or country")]
    Unknown,
    /// Several places have it; some of them, most populous first.
    #[error("several places have this name, write one of: {}", some(.0))]
    Several(Vec<String>),
    /// The map's own reason: a stable name and one sentence that never repeats what was typed.
    #[error("{text}")]
    Refused {
        /// The stable name.
        code: &'static str,
        /// The sentence.
        text: String,
        /// Places, or the state, that the sentence names.
        named: Vec<String>,
    },
}

impl UnknownPlace {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "place_unknown",
            Self::Several(_) => "place_ambiguous",
            Self::Refused { code, .. } => code,
        }
    }

    /// The places, or the state, that its sentence names.
    #[must_use]
    pub fn named(&self) -> &[String] {
        match self {
            Self::Unknown => &[],
            Self::Several(named) | Self::Refused { named, .. } => named,
        }
    }
}

/// The first eight of a list, and how many more there are.
fn some(candidates: &[String]) -> String {
    let shown = candidates
        .iter()
        .take(8)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("; ");
    match candidates.len().checked_sub(8) {
        None | Some(0) => shown,
        Some(more) => format!("{shown}; and {more} more"),
    }
}
