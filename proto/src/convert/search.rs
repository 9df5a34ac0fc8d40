//! A search as it is asked over the wire. What it means is worked out by `Query::understand`.

use referral_core::catalog::LanguageTag;
use referral_core::geo::{CountyFips, Kilometres};
use referral_core::search::{InvalidRequest, Query, Reason};
use referral_core::text::InvalidText;

use super::reading::{Fault, Reading};
use super::{Violations, limits};
use crate::v1;

/// The search that `wire` asks.
///
/// # Errors
/// [`Violations`] for what can be told without a map: a radius that is no distance, an availability
/// of a later version, lists and places over their bounds.
pub fn query(wire: v1::SearchRequest) -> Result<Query, Violations> {
    Reading::of(|at| {
        let availability = at.number::<v1::Availability>("availability", wire.availability);
        if wire.need.len() > limits::NEEDS {
            let text = "a search names at most 32 needs";
            at.refuse("need", Fault::new("too_many", text));
        }
        for (field, place) in [("near", &wire.near), ("serves", &wire.serves)] {
            if place.chars().count() > limits::PLACE_CHARS {
                let text = "a place is named in at most 256 characters";
                at.refuse(field, Fault::new(InvalidText::TooLong.code(), text));
            }
        }
        if Kilometres::from_miles(wire.radius_miles).is_err() {
            let why = InvalidRequest::Radius;
            at.refuse("radius_miles", Fault::new(why.code(), why));
        }
        Some(Query {
            need: wire.need.join(","),
            text: wire.text,
            near: wire.near,
            radius_miles: wire.radius_miles,
            serves: wire.serves,
            languages: wire.languages,
            availability: availability?.into(),
            limit: wire.limit,
            ..Query::default()
        })
    })
}

impl From<&Query> for v1::SearchRequest {
    fn from(query: &Query) -> Self {
        let codes = query.need.split(',').map(str::trim);
        Self {
            need: codes
                .filter(|code| !code.is_empty())
                .map(str::to_owned)
                .collect(),
            text: query.text.clone(),
            near: query.near.clone(),
            radius_miles: query.radius_miles,
            serves: query.serves.clone(),
            languages: query.languages.clone(),
            availability: v1::Availability::from(query.availability).into(),
            limit: query.limit,
        }
    }
}

/// A reason as it travels, in words made by [`Reason::phrase`] with the same `county` and `language`.
#[must_use]
pub fn reason(
    reason: &Reason,
    county: &dyn Fn(CountyFips) -> String,
    language: &dyn Fn(&LanguageTag) -> String,
) -> v1::ResultReason {
    v1::ResultReason {
        code: reason.code().to_owned(),
        text: reason.phrase(county, language),
    }
}
