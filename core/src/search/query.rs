//! A search as it is typed, and how it becomes a [`Request`]. Every adapter makes one of these.

use std::fmt;

use crate::capacity::Availability;
use crate::catalog::LanguageTag;
use crate::geo::{Kilometres, Locality};
use crate::places::Places;
use crate::search::{InvalidRequest, Near, Need, QueryText, Request};

/// A search as typed. Empty texts and a zero mean "not stated".
#[derive(Clone, Default, PartialEq)]
pub struct Query {
    /// Vocabulary codes, separated by commas.
    pub need: String,
    /// Words.
    pub text: String,
    /// A place to be near.
    pub near: String,
    /// How far, in miles.
    pub radius_miles: f64,
    /// A place to be served.
    pub serves: String,
    /// Language tags.
    pub languages: Vec<String>,
    /// Which states of capacity.
    pub availability: Availability,
    /// Most results.
    pub limit: u32,
}

/// One thing wrong with a query. The asker's to fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The field at fault, as in `SearchRequest`.
    pub field: &'static str,
    /// A stable name for the reason.
    pub code: &'static str,
    /// One plain sentence that never repeats what was typed.
    pub text: String,
}

impl Query {
    /// The request this query means, places looked up on `map`.
    ///
    /// # Errors
    /// Every field at fault, each with its reason.
    pub fn understand(&self, map: &dyn Places) -> Result<Request, Vec<Refused>> {
        let mut wrong = Vec::new();
        let need = (!self.need.trim().is_empty())
            .then(|| Need::parse(&self.need))
            .transpose();
        let need = keep(need, &mut wrong, |e| refused("need", e.code(), e));
        let text = keep(QueryText::parse(&self.text), &mut wrong, |e| {
            refused("text", e.code(), e)
        });
        let near = place("near", &self.near, map, &mut wrong);
        let serves = place("serves", &self.serves, map, &mut wrong);
        let near = near.and_then(|place| self.around(place, &mut wrong));
        if self.radius_miles != 0.0 && self.near.trim().is_empty() {
            let text = "a radius needs a place: say near where".to_owned();
            wrong.push(Refused {
                field: "radius_miles",
                code: "radius_without_place",
                text,
            });
        }
        let request = Request {
            need: need.flatten(),
            text: text.flatten(),
            near,
            serves,
            languages: self.languages(&mut wrong),
            availability: self.availability,
            limit: if self.limit == 0 { 20 } else { self.limit },
            ..Request::any()
        };
        match request.check() {
            Ok(request) if wrong.is_empty() => Ok(request),
            Ok(_) => Err(wrong),
            Err(e) => {
                wrong.push(refused(field_of(e), e.code(), e));
                Err(wrong)
            }
        }
    }

    fn around(&self, place: Locality, wrong: &mut Vec<Refused>) -> Option<Near> {
        if self.radius_miles == 0.0 {
            return Some(Near {
                place,
                radius: Request::default_radius(),
            });
        }
        let radius = Kilometres::from_miles(self.radius_miles).map_err(|_| InvalidRequest::Radius);
        let radius = keep(radius, wrong, |e| refused("radius_miles", e.code(), e))?;
        Some(Near { place, radius })
    }

    fn languages(&self, wrong: &mut Vec<Refused>) -> Vec<LanguageTag> {
        let typed = self.languages.iter().filter(|tag| !tag.trim().is_empty());
        typed
            .filter_map(|tag| {
                keep(LanguageTag::parse(tag), wrong, |e| {
                    refused("languages", "language_invalid", e)
                })
            })
            .collect()
    }
}

fn place(
    field: &'static str,
    typed: &str,
    map: &dyn Places,
    wrong: &mut Vec<Refused>,
) -> Option<Locality> {
    if typed.trim().is_empty() {
        return None;
    }
    keep(map.resolve(typed), wrong, |e| refused(field, e.code(), e))
}

/// Typed words may name a person's plight: the redacted form.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Query(..)")
    }
}

fn keep<T, E>(
    result: Result<T, E>,
    wrong: &mut Vec<Refused>,
    refuse: impl FnOnce(E) -> Refused,
) -> Option<T> {
    result.map_err(|e| wrong.push(refuse(e))).ok()
}

fn refused(field: &'static str, code: &'static str, why: impl fmt::Display) -> Refused {
    Refused {
        field,
        code,
        text: why.to_string(),
    }
}

fn field_of(invalid: InvalidRequest) -> &'static str {
    match invalid {
        InvalidRequest::TextTooLong
        | InvalidRequest::TextControl
        | InvalidRequest::TextWithoutWords => "text",
        InvalidRequest::TooManyLanguages => "languages",
        InvalidRequest::Radius => "radius_miles",
        InvalidRequest::Limit => "limit",
        InvalidRequest::TooManyFilters => "also_codes",
        InvalidRequest::TooManyShown => "cursor",
    }
}
