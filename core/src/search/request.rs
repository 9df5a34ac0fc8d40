//! A search, checked.

use std::fmt;

use crate::capacity::Availability;
use crate::catalog::LanguageTag;
use crate::geo::{Kilometres, Locality};
use crate::search::Need;
use crate::text::fold;

/// Most characters of search words.
const QUERY_CHARS: usize = 256;
/// Most languages in one search.
const LANGUAGES: usize = 16;
/// The widest radius: beyond it, ask what serves the place.
const WIDEST_KM: f64 = 500.0;
/// Most results in one answer.
const MOST_RESULTS: u32 = 200;

/// What a caseworker asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What is needed; `None`: anything.
    pub need: Option<Need>,
    /// Words to find in names, descriptions and terms.
    pub text: Option<QueryText>,
    /// Near which place.
    pub near: Option<Near>,
    /// Only services whose area holds (part of) this place.
    pub serves: Option<Locality>,
    /// Only services in any of these languages.
    pub languages: Vec<LanguageTag>,
    /// Which states of capacity.
    pub availability: Availability,
    /// Most results to return, 1..=200. The total counts all.
    pub limit: u32,
}

/// A place and how far around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// The place.
    pub place: Locality,
    /// How far, along the great circle.
    pub radius: Kilometres,
}

/// Search words: 1 to 256 characters with at least one letter or digit. They may name a person's
/// plight, so they have no `Display` and their `Debug` tells nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct QueryText(String);

/// Why a search was refused. Every variant is the asker's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// Words over the limit.
    #[error("the search words are longer than 256 characters: use fewer")]
    TextTooLong,
    /// Signs only: nothing that could be found.
    #[error("the search words hold no letter or digit: type a word, a name or a phone number")]
    TextWithoutWords,
    /// A control character in the words.
    #[error("the search words contain a control character: type them again")]
    TextControl,
    /// More languages than a client speaks.
    #[error("a search names at most 16 languages")]
    TooManyLanguages,
    /// A radius of zero or beyond the widest.
    #[error("a radius is more than 0 and at most 310 miles (500 km)")]
    Radius,
    /// A limit of zero or over the most.
    #[error("a search returns 1 to 200 results")]
    Limit,
}

impl InvalidRequest {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TextTooLong => "text_too_long",
            Self::TextWithoutWords => "text_without_words",
            Self::TextControl => "text_control_character",
            Self::TooManyLanguages => "too_many_languages",
            Self::Radius => "radius_out_of_range",
            Self::Limit => "limit_out_of_range",
        }
    }
}

impl Request {
    /// How far around a place when the asker does not say: 25 miles.
    #[must_use]
    pub fn default_radius() -> Kilometres {
        Kilometres::from_miles(25.0).unwrap_or_else(|_| unreachable!("25 miles is a distance"))
    }

    /// Everything, ten results: the request that other requests are made from.
    #[must_use]
    pub fn any() -> Self {
        Self {
            need: None,
            text: None,
            near: None,
            serves: None,
            languages: Vec::new(),
            availability: Availability::Open,
            limit: 20,
        }
    }

    /// The same request, once its parts fit together.
    ///
    /// # Errors
    /// [`InvalidRequest`] for a radius, limit or number of languages out of range.
    pub fn check(self) -> Result<Self, InvalidRequest> {
        if self.languages.len() > LANGUAGES {
            return Err(InvalidRequest::TooManyLanguages);
        }
        let radius_km = self.near.as_ref().map_or(1.0, |near| near.radius.get());
        if radius_km <= 0.0 || radius_km > WIDEST_KM {
            return Err(InvalidRequest::Radius);
        }
        if !(1..=MOST_RESULTS).contains(&self.limit) {
            return Err(InvalidRequest::Limit);
        }
        Ok(self)
    }
}

impl QueryText {
    /// Reads search words. `None` when there are only blanks: nothing was asked.
    ///
    /// # Errors
    /// [`InvalidRequest`] for control characters, signs only, and over 256 characters.
    pub fn parse(text: &str) -> Result<Option<Self>, InvalidRequest> {
        if text.chars().count() > QUERY_CHARS {
            return Err(InvalidRequest::TextTooLong);
        }
        if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return Err(InvalidRequest::TextControl);
        }
        let text = text.trim();
        match (text.is_empty(), fold(text).is_empty()) {
            (true, _) => Ok(None),
            (false, true) => Err(InvalidRequest::TextWithoutWords),
            (false, false) => Ok(Some(Self(text.to_owned()))),
        }
    }

    /// The words as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for QueryText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueryText(..)")
    }
}
