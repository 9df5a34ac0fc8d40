//! What the form of a coverage report offers to choose from.

use referral_core::coverage::DemandSource;
use referral_gazetteer::gazetteer;

use super::ask::Ask;
use crate::say;
use crate::web::choices::{
    CUSTODIES, Choice, FEES, LANGUAGES, NEEDS, PERMITS, SITUATIONS, WAYS, choices,
};

/// What can be measured.
pub(super) const MEASURES: [&str; 7] = [
    "nearest_open",
    "coverage_at",
    "organizations",
    "catchment",
    "people_per_place",
    "dead_ends",
    "time_to_first_open",
];

/// In what places are counted.
const UNITS: [&str; 7] = ["", "client", "family", "bed", "seat", "hour", "case"];

/// The lists of the form, with what was chosen in each.
pub(super) struct Lists {
    pub(super) needs: Vec<Choice>,
    pub(super) measures: Vec<Choice>,
    pub(super) states: Vec<Choice>,
    pub(super) demands: Vec<Choice>,
    pub(super) languages: Vec<Choice>,
    pub(super) custodies: Vec<Choice>,
    pub(super) situations: Vec<Choice>,
    pub(super) permits: Vec<Choice>,
    pub(super) fees: Vec<Choice>,
    pub(super) ways: Vec<Choice>,
    pub(super) units: Vec<Choice>,
}

impl Lists {
    /// The lists for what was asked; `demands`: the tables there are, the usual one first.
    pub(super) fn of(ask: &Ask, demands: &[DemandSource]) -> Self {
        let list =
            |offered: &[&str], field, usual| choices(field, offered, ask.shown(field, usual));
        let mut states: Vec<(String, String)> = gazetteer()
            .states()
            .iter()
            .map(|state| (state.code.to_string(), state.name.clone()))
            .collect();
        states.sort_by(|(_, a), (_, b)| a.cmp(b));
        states.insert(0, (String::new(), say("coverage-whole")));
        let demands: Vec<(String, String)> = demands
            .iter()
            .map(|source| {
                (
                    source.name.to_string(),
                    format!("{}, {}", source.name, source.date.year()),
                )
            })
            .collect();
        let usual = demands.first().map_or("", |(name, _)| name).to_owned();
        Self {
            needs: list(&NEEDS, "need", ""),
            measures: list(&MEASURES, "measure", "nearest_open"),
            states: named(states, ask.shown("state", "")),
            languages: list(&LANGUAGES, "language", ""),
            custodies: list(&CUSTODIES, "custody", ""),
            situations: list(&SITUATIONS, "immigration", ""),
            permits: list(&PERMITS, "work_permit", ""),
            fees: list(&FEES, "fee", ""),
            ways: list(&WAYS, "access", "any"),
            units: list(&UNITS, "unit", ""),
            demands: named(demands, ask.shown("demand", &usual)),
        }
    }
}

/// The choices of a list whose names are data; one that was asked for and is not among them is kept.
fn named(offered: Vec<(String, String)>, asked: &str) -> Vec<Choice> {
    let known = offered.iter().any(|(value, _)| value == asked);
    let kept = (!known).then(|| (asked.to_owned(), asked.to_owned()));
    let all = offered.into_iter().chain(kept);
    all.map(|(value, label)| Choice {
        chosen: value == asked,
        value,
        label,
    })
    .collect()
}
