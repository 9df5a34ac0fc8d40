//! Why a text named no one place.

use referral_core::geo::StateCode;

/// Candidates a message shows; the error holds all of them.
const SHOWN: usize = 8;

/// Why a text named no one place. The typist's to fix; what was typed is never repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// There is nothing but blanks and signs.
    #[error(
        "a place is missing; write a ZIP such as 78017 or a city with its state such as Dilley, TX"
    )]
    Empty,
    /// More than 200 bytes.
    #[error("a place is named in at most 200 characters")]
    TooLong,
    /// Two numbers that are no latitude and longitude, or a point far from any country.
    #[error("a point is latitude, longitude in degrees on land, such as 29.4,-98.5")]
    NoSuchPoint,
    /// No ZIP begins with these digits.
    #[error("no ZIP code begins with these three digits; check it or write the city and state")]
    UnknownZip,
    /// The ZIP belongs to the state given here, not to the one it was written with.
    #[error("that ZIP code is in {0}, not in the state written with it; correct one of them")]
    ZipElsewhere(StateCode),
    /// The state has no city or county of that name, or several nearly so.
    #[error("no city or county of that name in {0}; check the spelling or write the ZIP code")]
    UnknownInState(StateCode),
    /// No place of that name at all.
    #[error(
        "no place of that name; write a ZIP such as 78017, a city with its state such as Dilley, TX, \
         a county with its state, a state or a country"
    )]
    Unknown,
    /// Several places fit: each as text that resolves, most residents first.
    #[error("several places fit; write one of: {}", shown(.0))]
    Ambiguous(Vec<String>),
    /// No place is spelt so; some that nearly are, each as text that resolves, most likely first.
    #[error("no place is spelt like that; did you mean {}? Otherwise write the ZIP code", shown(.0))]
    Misspelt(Vec<String>),
}

impl Unresolved {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "place_empty",
            Self::TooLong => "place_too_long",
            Self::NoSuchPoint => "place_no_such_point",
            Self::UnknownZip => "place_unknown_zip",
            Self::ZipElsewhere(_) => "place_zip_elsewhere",
            Self::UnknownInState(_) => "place_unknown_in_state",
            Self::Unknown => "place_unknown",
            Self::Ambiguous(_) => "place_ambiguous",
            Self::Misspelt(_) => "place_misspelt",
        }
    }
}

fn shown(candidates: &[String]) -> String {
    let text = candidates
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("; ");
    match candidates.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{text}; and {more} more"),
        _ => text,
    }
}
