//! What the services found have in common: facets in words.

use referral_core::capacity::State;
use referral_core::catalog::{LanguageTag, english_name};
use referral_core::geo::StateCode;
use referral_core::search::{self, Access, Filter};
use referral_core::vocabulary::Code;

use super::{called, words};

/// One thing that services have in common.
#[derive(Debug)]
pub struct Facet {
    /// Its stable name: `need`, `language`, `access`, `fee`, `state` or `in_state`.
    pub name: &'static str,
    /// Its values, greatest first.
    pub values: Vec<FacetValue>,
}

/// One value of a facet.
#[derive(Debug)]
pub struct FacetValue {
    /// The value: what narrows the search to it.
    pub filter: Filter,
    /// In a few words.
    pub label: String,
    /// How many services have it, 1 or more.
    pub count: usize,
}

/// The facets that have values, in words.
pub(super) fn facets(counted: search::Facets) -> Vec<Facet> {
    let named = [
        ("need", counted.need),
        ("language", counted.language),
        ("access", counted.access),
        ("fee", counted.fee),
        ("state", counted.state),
        ("in_state", counted.in_state),
    ];
    let value = |value: search::FacetValue| FacetValue {
        label: label(&value.filter),
        filter: value.filter,
        count: value.count,
    };
    named
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| Facet {
            name,
            values: values.into_iter().map(value).collect(),
        })
        .collect()
}

/// The field of `SearchFilters` that a value belongs to.
#[must_use]
pub fn field_of(filter: &Filter) -> &'static str {
    match filter {
        Filter::Code(_) => "codes",
        Filter::Language(_) => "languages",
        Filter::Access(_) => "access",
        Filter::State(_) => "state",
        Filter::InState(_) => "in_state",
    }
}

/// The value that a field of `SearchFilters` holds; `None` where it is none of that field's.
#[must_use]
pub fn filter_of(field: &str, value: &str) -> Option<Filter> {
    match field {
        "codes" => Code::parse(value).ok().map(Filter::Code),
        "languages" => LanguageTag::parse(value).ok().map(Filter::Language),
        "access" => Access::parse(value).ok().map(Filter::Access),
        "state" => {
            let named = |state: &State| state.as_str() == value;
            State::ALL.into_iter().find(named).map(Filter::State)
        }
        "in_state" => StateCode::parse(value).ok().map(Filter::InState),
        _ => None,
    }
}

/// A value of a field of `SearchFilters` in a few words; as it is written where it is none.
#[must_use]
pub fn filter_label(field: &str, value: &str) -> String {
    filter_of(field, value).map_or_else(|| value.to_owned(), |filter| label(&filter))
}

/// A value in a few words.
pub(super) fn label(filter: &Filter) -> String {
    match filter {
        Filter::Code(code) => called::meaning(code),
        Filter::Language(tag) => {
            english_name(tag).map_or_else(|| tag.to_string(), ToOwned::to_owned)
        }
        Filter::Access(Access::Remote) => "remote".to_owned(),
        Filter::Access(Access::InPerson | Access::Any) => "at a place".to_owned(),
        // Both are "not known" beside a report's age, which a facet has not.
        Filter::State(State::Stale) => "not confirmed lately".to_owned(),
        Filter::State(State::Unknown) => "never said".to_owned(),
        Filter::State(state) => words::name(*state),
        // By its code: it need not be understood as a place that somebody typed.
        Filter::InState(state) => referral_gazetteer::gazetteer()
            .state(*state)
            .map_or_else(|| state.to_string(), |state| state.name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_leads_back_to_itself() {
        for (field, value) in [
            ("codes", "lc:bond"),
            ("languages", "es"),
            ("access", "remote"),
            ("state", "waitlist"),
            ("in_state", "MD"),
        ] {
            let filter = filter_of(field, value).unwrap();

            assert_eq!((field_of(&filter), &*filter.to_string()), (field, value));
        }
        assert_eq!(filter_of("codes", "no code"), None);
        assert_eq!(filter_of("code", "lc:bond"), None);
    }
}
