//! A search, checked.

use std::fmt;

use crate::capacity::Availability;
use crate::catalog::LanguageTag;
use crate::geo::{CountyFips, Kilometres, Locality, LocalityKind};
use crate::places::Places;
use crate::search::{Access, Also, Circumstances, Covers, Fee, Need};
use crate::text::fold;

/// Most characters of search words.
const QUERY_CHARS: usize = 256;
/// Most languages in one search.
const LANGUAGES: usize = 16;
/// The widest radius: beyond it, ask what serves the place.
pub(crate) const WIDEST_KM: f64 = 500.0;
/// Most results in one answer.
const MOST_RESULTS: u32 = 200;
/// Most codes of facets in one search.
const FILTER_CODES: usize = 32;
/// Most services shown on the pages before.
pub(crate) const MOST_SHOWN: usize = 1_000;

/// What a caseworker asks.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent choices, each a box to tick"
)]
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
    /// What the search says of the client.
    pub circumstances: Circumstances,
    /// How the service is reached.
    pub access: Access,
    /// The most it may cost.
    pub fee: Option<Fee>,
    /// True when an interpreter by phone answers a language too.
    pub interpreter: bool,
    /// True when an area that holds a county next to the place answers too.
    pub neighbours: bool,
    /// The counties next to the places searched, whether or not they answer.
    pub beside: Beside,
    /// Values of facets that were chosen.
    pub also: Also,
    /// Most results to return, 1..=200. The total counts all.
    pub limit: u32,
    /// What turns equal results: the day and the asker's session, say.
    pub seed: u64,
    /// Services shown on earlier pages, by [`crate::id::PublicId::upper`], sorted, at most 1,000. They
    /// are not returned again; totals and facets count them.
    pub shown: Vec<u64>,
    /// Organizations that answer more than one need of a bundle; they come first.
    pub covers: Covers,
    /// True when facets are counted.
    pub facets: bool,
    /// True when near misses are looked for.
    pub near_misses: bool,
}

/// The counties that share a border with those of the places searched, and are none of them. Sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Next to the place searched near.
    pub near: Vec<CountyFips>,
    /// Next to the place to be served.
    pub serves: Vec<CountyFips>,
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
    /// More filters than a page offers.
    #[error("a search is narrowed by at most 32 codes and 16 languages")]
    TooManyFilters,
    /// More services shown before than pages go on.
    #[error("a search shows at most 1,000 services: narrow it instead")]
    TooManyShown,
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
            Self::TooManyFilters => "too_many_filters",
            Self::TooManyShown => "too_many_shown",
        }
    }
}

impl Request {
    /// How far around a place when the asker does not say: 25 miles.
    #[must_use]
    pub fn default_radius() -> Kilometres {
        Kilometres::from_miles(25.0).unwrap_or_else(|_| unreachable!("25 miles is a distance"))
    }

    /// Everything open, twenty results: the request that other requests are made from.
    #[must_use]
    pub fn any() -> Self {
        Self {
            need: None,
            text: None,
            near: None,
            serves: None,
            languages: Vec::new(),
            availability: Availability::Open,
            circumstances: Circumstances::default(),
            access: Access::Any,
            fee: None,
            interpreter: false,
            neighbours: false,
            beside: Beside::default(),
            also: Also::default(),
            limit: 20,
            seed: 0,
            shown: Vec::new(),
            covers: Covers::default(),
            facets: false,
            near_misses: false,
        }
    }

    /// The same request, once its parts fit together; services shown are put in order.
    ///
    /// # Errors
    /// [`InvalidRequest`] for a radius, limit, number of languages, of filters or of services shown
    /// out of range.
    pub fn check(mut self) -> Result<Self, InvalidRequest> {
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
        if self.also.codes.len() > FILTER_CODES || self.also.languages.len() > LANGUAGES {
            return Err(InvalidRequest::TooManyFilters);
        }
        self.shown.sort_unstable();
        self.shown.dedup();
        if self.shown.len() > MOST_SHOWN {
            return Err(InvalidRequest::TooManyShown);
        }
        Ok(self)
    }
}

impl Request {
    /// How many results an answer may have: the limit, as far as 1,000 services are not reached.
    #[must_use]
    pub fn room(&self) -> usize {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        limit.min(MOST_SHOWN.saturating_sub(self.shown.len()))
    }
}

impl Beside {
    /// The counties next to the places of a search, looked up on `map`.
    #[must_use]
    pub fn of(near: Option<&Near>, serves: Option<&Locality>, map: &dyn Places) -> Self {
        let around = |place: &Locality| Self::around(place, map);
        Self {
            near: near.map_or_else(Vec::new, |near| around(&near.place)),
            serves: serves.map_or_else(Vec::new, around),
        }
    }

    /// The counties next to those of `place`. A state or country has none: a place is searched *in*
    /// it, and what lies across its border is another search.
    #[must_use]
    pub fn around(place: &Locality, map: &dyn Places) -> Vec<CountyFips> {
        if matches!(place.kind, LocalityKind::State | LocalityKind::Country) {
            return Vec::new();
        }
        let inside = |fips: &CountyFips| place.counties.iter().any(|(county, _)| county == fips);
        let all = place
            .counties
            .iter()
            .flat_map(|(county, _)| map.neighbours(*county));
        let mut beside: Vec<CountyFips> = all.filter(|fips| !inside(fips)).collect();
        beside.sort_unstable();
        beside.dedup();
        beside
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
