//! A search as it is asked over the wire. What it means is worked out by `Query::understand`.

use referral_core::geo::Kilometres;
use referral_core::search::{
    Access, Age, Change, Chosen, Custody, Fee, Immigration, InvalidRequest, Query, WorkPermit,
};
use referral_core::text::InvalidText;

use super::reading::{Fault, Reading};
use super::{Violations, limits};
use crate::v1;

/// The search that `wire` asks.
///
/// # Errors
/// [`Violations`] for what can be told without a map: a radius that is no distance, an enum's value
/// of a later version, an age over 120, lists and places over their bounds.
pub fn query(wire: v1::SearchRequest) -> Result<Query, Violations> {
    Reading::of(|at| read(wire, at))
}

/// What the needs of a bundle share, and the needs as in [`Query::need`].
///
/// # Errors
/// [`Violations`] for what [`query`] refuses, with paths from the bundle; for no need or more than 8;
/// and for a need or page among what they share.
pub fn bundle(wire: v1::SearchBundleRequest) -> Result<(Query, Vec<String>), Violations> {
    Reading::of(|at| {
        let shared = wire.shared.unwrap_or_default();
        if wire.needs.is_empty() {
            let text = "a bundle names at least one need";
            at.refuse("needs", Fault::new("missing", text));
        }
        for (field, given) in [
            ("shared.need", !shared.need.is_empty()),
            ("shared.page_token", !shared.page_token.is_empty()),
        ] {
            if given {
                let text = "this belongs to one need: several do not share it";
                at.refuse(field, Fault::new("not_shared", text));
            }
        }
        let needs = at.parts::<Codes>("needs", wire.needs, limits::BUNDLE_NEEDS);
        let shared = at.within("shared", |at| read(shared, at))?;
        Some((shared, needs.into_iter().map(|codes| codes.0).collect()))
    })
}

/// The codes of a need as [`Query::need`] holds them, one by one.
#[must_use]
pub fn codes(need: &str) -> Vec<String> {
    let codes = need.split(',').map(str::trim);
    codes
        .filter(|code| !code.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The one field of a request that a change sets, in the request whose codes are `need`.
#[must_use]
pub fn change(change: &Change, need: &str) -> v1::FieldChange {
    let cleared = String::new;
    let (field, value) = match change {
        Change::Waitlist => (
            "availability",
            v1::Availability::Waitlist.as_str_name().to_owned(),
        ),
        Change::Unconfirmed => (
            "availability",
            v1::Availability::Unconfirmed.as_str_name().to_owned(),
        ),
        Change::WidenTo(miles) => ("radius_miles", miles.to_string()),
        Change::Interpreter => ("interpreter", true.to_string()),
        Change::AnyLanguage => ("languages", cleared()),
        Change::Remote | Change::InPerson => ("access", cleared()),
        Change::Neighbours => ("neighbours", true.to_string()),
        Change::AnyFee => ("fee", cleared()),
        Change::Without(which) => (circumstance(which.as_str()), cleared()),
        Change::WithoutTerm(term) => {
            let mut rest = codes(need);
            rest.retain(|code| code != term.as_str());
            ("need", rest.join(","))
        }
    };
    let field = field.to_owned();
    v1::FieldChange { field, value }
}

/// The path in a `SearchRequest` of a field of [`Query`] that was refused.
#[must_use]
pub fn path(field: &'static str) -> &'static str {
    match field {
        "cursor" => "page_token",
        "also_codes" => "filters.codes",
        "also_languages" => "filters.languages",
        "also_state" => "filters.state",
        "also_in_state" => "filters.in_state",
        "also_access" => "filters.access",
        field => circumstance(field),
    }
}

fn circumstance(field: &'static str) -> &'static str {
    match field {
        "custody" => "circumstances.custody",
        "age" => "circumstances.age",
        "immigration" => "circumstances.immigration",
        "nationality" => "circumstances.nationality",
        "work_permit" => "circumstances.work_permit",
        field => field,
    }
}

/// The search that `wire` asks, as a part of something greater.
pub(super) fn read(wire: v1::SearchRequest, at: &mut Reading) -> Option<Query> {
    bounds(&wire, at);
    let availability = at.number::<v1::Availability>("availability", wire.availability);
    let access = word::<v1::Access, Access>("access", wire.access, Access::as_str, at);
    let fee = word::<v1::Fee, Fee>("fee", wire.fee, Fee::as_str, at);
    let circumstances = wire.circumstances.unwrap_or_default();
    let told = at.within("circumstances", |at| told(circumstances, at));
    let filters = wire.filters.unwrap_or_default();
    let also = at.within("filters", |at| chosen(filters, at));
    Some(Query {
        need: wire.need.join(","),
        text: wire.text,
        near: wire.near,
        radius_miles: wire.radius_miles,
        serves: wire.serves,
        languages: wire.languages,
        availability: availability?.into(),
        access,
        fee,
        interpreter: wire.interpreter,
        neighbours: wire.neighbours,
        also,
        limit: wire.limit,
        seed: wire.rotation,
        cursor: wire.page_token,
        facets: wire.facets,
        near_misses: wire.near_misses,
        ..told
    })
}

fn bounds(wire: &v1::SearchRequest, at: &mut Reading) {
    need_bound("need", &wire.need, at);
    for (field, place) in [("near", &wire.near), ("serves", &wire.serves)] {
        place_bound(field, place, at);
    }
    if Kilometres::from_miles(wire.radius_miles).is_err() {
        let why = InvalidRequest::Radius;
        at.refuse("radius_miles", Fault::new(why.code(), why));
    }
}

fn need_bound(field: &str, need: &[String], at: &mut Reading) {
    if need.len() > limits::NEEDS {
        let text = "a search names at most 32 needs";
        at.refuse(field, Fault::new("too_many", text));
    }
}

fn place_bound(field: &str, place: &str, at: &mut Reading) {
    if place.chars().count() > limits::PLACE_CHARS {
        let text = "a place is named in at most 256 characters";
        at.refuse(field, Fault::new(InvalidText::TooLong.code(), text));
    }
}

/// A query that holds the circumstances and nothing else.
fn told(wire: v1::Circumstances, at: &mut Reading) -> Query {
    let age = wire.age.map(|years| {
        let age = Age::new(years).map_err(|why| Fault::new(why.code(), why));
        at.keep("age", age).map(|age| age.years().to_string())
    });
    place_bound("nationality", &wire.nationality, at);
    Query {
        custody: word::<v1::Custody, Custody>("custody", wire.custody, Custody::as_str, at),
        age: age.flatten().unwrap_or_default(),
        immigration: word::<v1::Immigration, Immigration>(
            "immigration",
            wire.immigration,
            Immigration::as_str,
            at,
        ),
        nationality: wire.nationality,
        work_permit: word::<v1::WorkPermit, WorkPermit>(
            "work_permit",
            wire.work_permit,
            WorkPermit::as_str,
            at,
        ),
        ..Query::default()
    }
}

fn chosen(wire: v1::SearchFilters, at: &mut Reading) -> Chosen {
    for (field, values) in [("codes", &wire.codes), ("languages", &wire.languages)] {
        if values.len() > limits::FILTERS {
            let text = "a search is narrowed by at most 32 codes and 16 languages";
            at.refuse(field, Fault::new("too_many", text));
        }
    }
    place_bound("in_state", &wire.in_state, at);
    let state = at.number::<v1::CapacityState>("state", wire.state);
    let state = state.and_then(|state| referral_core::capacity::State::try_from(state).ok());
    Chosen {
        codes: wire.codes,
        languages: wire.languages,
        state: state.map_or_else(String::new, |state| state.as_str().to_owned()),
        in_state: wire.in_state,
        access: word::<v1::Access, Access>("access", wire.access, Access::as_str, at),
    }
}

/// The name of an enum's value as [`Query`] holds it; empty where it says nothing.
fn word<W: TryFrom<i32>, T>(
    field: &str,
    number: i32,
    name: fn(T) -> &'static str,
    at: &mut Reading,
) -> String
where
    Option<T>: From<W>,
{
    let value: Option<T> = at.number::<W>(field, number).and_then(Into::into);
    value.map_or_else(String::new, |value| name(value).to_owned())
}

/// The codes of one need of a bundle.
struct Codes(String);

impl super::reading::FromWire for Codes {
    type Wire = v1::BundleNeed;

    fn from_wire(wire: v1::BundleNeed, at: &mut Reading) -> Option<Self> {
        need_bound("need", &wire.need, at);
        if wire.need.is_empty() {
            let text = "a need names at least one code";
            at.refuse("need", Fault::new("need_empty", text));
        }
        Some(Self(wire.need.join(",")))
    }
}
