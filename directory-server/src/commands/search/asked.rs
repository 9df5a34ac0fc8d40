//! What was typed, as a request.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use referral_core::search::{Access, Age};
use referral_proto::v1;

use super::{Circumstances, Search};

/// Names of availabilities.
pub(super) const AVAILABILITIES: [&str; 4] = ["open", "waitlist", "unconfirmed", "any"];
/// Names of ways to reach a service, as options are written.
pub(in crate::commands) const WAYS: [&str; 3] = ["any", "in-person", "remote"];
/// Names of fees, as options are written.
pub(in crate::commands) const FEES: [&str; 2] = ["free", "low-cost"];

/// A value of a facet: a field of `SearchFilters` and what it holds.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Filter {
    field: Field,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Codes,
    Languages,
    State(v1::CapacityState),
    InState,
    Access(v1::Access),
}

/// Why the options make no search. The asker's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::commands) enum InvalidOptions {
    /// A filter that names no field.
    #[error("a filter is codes, languages, state, in_state or access, then = and a value")]
    Filter,
    /// No state of capacity.
    #[error("this is no state of capacity: --facets prints those there are")]
    State,
    /// Two values where there can be one.
    #[error("--filter: state, in_state and access can have one value each")]
    Twice,
    /// A token beside several needs.
    #[error("--page-token: several needs have no next page; search for one of them")]
    BundlePage,
}

/// A parser of one of these names.
pub(in crate::commands) fn words<T, E>(
    names: impl IntoIterator<Item = &'static str>,
    parse: fn(&str) -> Result<T, E>,
) -> impl TypedValueParser<Value = T>
where
    T: Clone + Send + Sync + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    PossibleValuesParser::new(names.into_iter().collect::<Vec<_>>())
        .try_map(move |name| parse(&name))
}

pub(in crate::commands) fn miles(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(miles) if miles > 0.0 && miles <= 310.0 => Ok(miles),
        _ => Err("a radius is more than 0 and at most 310 miles".to_owned()),
    }
}

impl std::str::FromStr for Filter {
    type Err = InvalidOptions;

    fn from_str(text: &str) -> Result<Self, InvalidOptions> {
        let (field, value) = text.split_once('=').ok_or(InvalidOptions::Filter)?;
        let field = match field.trim() {
            "codes" => Field::Codes,
            "languages" => Field::Languages,
            "in_state" => Field::InState,
            "state" => Field::State(state(value)?),
            "access" => Field::Access(v1::Access::from(
                Access::parse(value).map_err(|_| InvalidOptions::Filter)?,
            )),
            _ => return Err(InvalidOptions::Filter),
        };
        let value = value.trim().to_owned();
        Ok(Self { field, value })
    }
}

fn state(name: &str) -> Result<v1::CapacityState, InvalidOptions> {
    let name = format!("CAPACITY_STATE_{}", name.trim().to_ascii_uppercase());
    v1::CapacityState::from_str_name(&name)
        .filter(|state| *state != v1::CapacityState::Unspecified)
        .ok_or(InvalidOptions::State)
}

impl Search {
    /// The search for the one need, or what all needs share.
    pub(super) fn request(&self) -> Result<v1::SearchRequest, InvalidOptions> {
        Ok(v1::SearchRequest {
            need: match &*self.need {
                [need] => codes(need),
                _ => Vec::new(),
            },
            text: self.text.clone(),
            near: self.near.clone(),
            radius_miles: self.radius_mi.unwrap_or(0.0),
            serves: self.serves.clone(),
            languages: self.language.clone(),
            availability: v1::Availability::from(self.availability).into(),
            limit: self.limit,
            circumstances: self.circumstances.given(),
            access: self.access.map_or(0, |way| v1::Access::from(way).into()),
            fee: self.fee.map_or(0, |fee| v1::Fee::from(fee).into()),
            interpreter: self.interpreter,
            neighbours: self.neighbours,
            filters: filters(&self.filter)?,
            page_token: self.page_token.clone(),
            facets: self.facets,
            near_misses: true,
            rotation: 0,
        })
    }

    /// The searches for several needs.
    pub(super) fn bundle(
        &self,
        shared: v1::SearchRequest,
    ) -> Result<v1::SearchBundleRequest, InvalidOptions> {
        if !self.page_token.is_empty() {
            return Err(InvalidOptions::BundlePage);
        }
        let needs = self.need.iter();
        Ok(v1::SearchBundleRequest {
            shared: Some(shared),
            needs: needs
                .map(|need| v1::BundleNeed { need: codes(need) })
                .collect(),
        })
    }
}

/// The values of facets that were chosen.
pub(in crate::commands) fn filters(
    chosen: &[Filter],
) -> Result<Option<v1::SearchFilters>, InvalidOptions> {
    if chosen.is_empty() {
        return Ok(None);
    }
    let mut filters = v1::SearchFilters::default();
    for Filter { field, value } in chosen {
        match field {
            Field::Codes => filters.codes.push(value.clone()),
            Field::Languages => filters.languages.push(value.clone()),
            Field::State(state) => once(&mut filters.state, (*state).into())?,
            Field::Access(way) => once(&mut filters.access, (*way).into())?,
            Field::InState => once(&mut filters.in_state, value.clone())?,
        }
    }
    Ok(Some(filters))
}

/// Sets what can be set once.
fn once<T: Default + PartialEq>(field: &mut T, value: T) -> Result<(), InvalidOptions> {
    if *field != T::default() && *field != value {
        return Err(InvalidOptions::Twice);
    }
    *field = value;
    Ok(())
}

/// The codes of a need.
pub(in crate::commands) fn codes(need: &str) -> Vec<String> {
    need.split(',').map(|code| code.trim().to_owned()).collect()
}

impl Circumstances {
    pub(in crate::commands) fn given(&self) -> Option<v1::Circumstances> {
        let given = v1::Circumstances {
            custody: self
                .custody
                .map_or(0, |held| v1::Custody::from(held).into()),
            age: self.age.map(Age::years),
            immigration: self
                .immigration
                .map_or(0, |situation| v1::Immigration::from(situation).into()),
            nationality: self.nationality.clone(),
            work_permit: self
                .work_permit
                .map_or(0, |permit| v1::WorkPermit::from(permit).into()),
        };
        (given != v1::Circumstances::default()).then_some(given)
    }
}
