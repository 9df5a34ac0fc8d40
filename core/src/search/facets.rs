//! What the results have in common, counted.
//!
//! A value counts a service when any of its matching offers has it, and so equals the total of the
//! search narrowed by [`Filter::apply`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::capacity::State;
use crate::catalog::{LanguageMode, LanguageTag};
use crate::search::{Access, Facts, Filter, OfferFacts};
use crate::vocabulary::Code;

/// Most values of one facet.
pub const MOST_VALUES: usize = 50;

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// The value: what narrows the search to it.
    pub filter: Filter,
    /// How many services have it, 1 or more.
    pub count: usize,
}

/// The facets of an answer. Each has at most [`MOST_VALUES`] values, greatest first, then by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Needs answered: codes of need classes and publishers' own terms.
    pub need: Vec<FacetValue>,
    /// Primary languages, interpreters by phone aside.
    pub language: Vec<FacetValue>,
    /// In person or remote, and how intake works (class `acc`).
    pub access: Vec<FacetValue>,
    /// What it costs (class `fee`).
    pub fee: Vec<FacetValue>,
    /// State of capacity.
    pub state: Vec<FacetValue>,
    /// U.S. state the offer is in.
    pub in_state: Vec<FacetValue>,
}

/// The values of one service, each once.
pub type Values = BTreeSet<Filter>;

/// Adds what a service has at all of its offers: codes and languages.
pub fn values_of_service(facts: &Facts, today: Date, values: &mut Values) {
    let codes = facts.codes_on(today).filter(|code| is_counted(code));
    values.extend(codes.map(|code| Filter::Code(code.clone())));
    let spoken = facts
        .languages
        .iter()
        .filter(|(_, mode)| is_spoken(*mode))
        .filter_map(|(tag, _)| LanguageTag::parse(tag.primary()).ok());
    values.extend(spoken.map(Filter::Language));
}

/// Adds what one matching offer has.
pub fn values_of_offer(offer: &OfferFacts, state: State, values: &mut Values) {
    values.insert(Filter::Access(Access::of(offer)));
    values.insert(Filter::State(state));
    values.extend(offer.site.state().map(Filter::InState));
}

/// Whether a language in this mode is spoken without an interpreter by phone.
#[must_use]
pub fn is_spoken(mode: LanguageMode) -> bool {
    match mode {
        LanguageMode::Unstated
        | LanguageMode::Staff
        | LanguageMode::InterpreterOnSite
        | LanguageMode::Channel => true,
        LanguageMode::InterpreterByPhone | LanguageMode::Documents => false,
    }
}

fn is_counted(code: &Code) -> bool {
    code.is_need() || matches!(code.class(), "acc" | "fee")
}

impl Facets {
    /// The facets of these counts: the greatest values of each.
    #[must_use]
    pub fn of(counts: impl IntoIterator<Item = (Filter, usize)>) -> Self {
        let mut facets = Self::default();
        for (filter, count) in counts {
            let facet = facets.facet_of(&filter);
            facet.push(FacetValue { filter, count });
        }
        for facet in [
            &mut facets.need,
            &mut facets.language,
            &mut facets.access,
            &mut facets.fee,
            &mut facets.state,
            &mut facets.in_state,
        ] {
            let order = |a: &FacetValue, b: &FacetValue| {
                let greater = b.count.cmp(&a.count);
                greater.then_with(|| a.filter.name().cmp(b.filter.name()))
            };
            // Publishers' own terms may be thousands: only those that are kept are put in order.
            if facet.len() > MOST_VALUES {
                facet.select_nth_unstable_by(MOST_VALUES, order);
                facet.truncate(MOST_VALUES);
            }
            facet.sort_unstable_by(order);
        }
        facets
    }

    /// Every value of every facet.
    pub fn values(&self) -> impl Iterator<Item = &FacetValue> {
        [
            &self.need,
            &self.language,
            &self.access,
            &self.fee,
            &self.state,
            &self.in_state,
        ]
        .into_iter()
        .flatten()
    }

    fn facet_of(&mut self, filter: &Filter) -> &mut Vec<FacetValue> {
        match filter {
            Filter::Code(code) if code.class() == "acc" => &mut self.access,
            Filter::Code(code) if code.class() == "fee" => &mut self.fee,
            Filter::Code(_) => &mut self.need,
            Filter::Language(_) => &mut self.language,
            Filter::Access(_) => &mut self.access,
            Filter::State(_) => &mut self.state,
            Filter::InState(_) => &mut self.in_state,
        }
    }
}

/// Counts of values, one service after another.
#[derive(Clone, Debug, Default)]
pub struct Counts(BTreeMap<Filter, usize>);

impl Counts {
    /// Counts one service with these values.
    pub fn add(&mut self, values: Values) {
        for value in values {
            *self.0.entry(value).or_default() += 1;
        }
    }

    /// The facets of what was counted.
    #[must_use]
    pub fn facets(self) -> Facets {
        Facets::of(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Filter {
        Filter::Code(Code::parse(text).unwrap())
    }

    #[test]
    fn values_come_greatest_first_then_by_name() {
        let facets = Facets::of([
            (code("lc:nat"), 2),
            (code("lc:bond"), 2),
            (code("dom:leg"), 5),
            (code("acc:walk"), 1),
            (Filter::Access(Access::Remote), 1),
        ]);

        let names = |facet: &[FacetValue]| -> Vec<String> {
            facet.iter().map(|value| value.filter.to_string()).collect()
        };
        assert_eq!(names(&facets.need), ["dom:leg", "lc:bond", "lc:nat"]);
        assert_eq!(names(&facets.access), ["acc:walk", "remote"]);
        assert_eq!(facets.values().count(), 5);
    }

    #[test]
    fn a_facet_has_at_most_fifty_values() {
        let many = (1..=60).map(|n| (code(&format!("x-a:{n}")), n));

        let facets = Facets::of(many);

        assert_eq!(facets.need.len(), MOST_VALUES);
        assert_eq!(facets.need[0].count, 60);
    }
}
