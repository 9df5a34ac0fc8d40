//! What the form of a coverage report offers to choose from.

use referral_core::coverage::DemandSource;
use referral_gazetteer::gazetteer;

use super::ask::Ask;
use crate::web::choices::{
    CUSTODIES, Choice, FEES, LANGUAGES, NEEDS, PERMITS, SITUATIONS, WAYS, choices,
};

/// What can be measured.
pub(super) const MEASURES: [(&str, &str); 7] = [
    ("nearest_open", "How far the nearest open provider is"),
    (
        "coverage_at",
        "People with an open provider within a distance",
    ),
    (
        "organizations",
        "People with several organizations within a distance",
    ),
    ("catchment", "Open places in reach for each 1,000 people"),
    (
        "people_per_place",
        "People for each open place in the county",
    ),
    ("dead_ends", "Searches that found nothing open"),
    (
        "time_to_first_open",
        "Days until something within a distance is open",
    ),
];

/// In what places are counted.
const UNITS: [(&str, &str); 7] = [
    ("", "What most open providers count"),
    ("client", "Clients"),
    ("family", "Families"),
    ("bed", "Beds"),
    ("seat", "Seats"),
    ("hour", "Hours"),
    ("case", "Cases"),
];

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
            |offered: &[(&str, &str)], field, usual| choices(offered, ask.shown(field, usual));
        let mut states: Vec<(&str, &str)> = gazetteer()
            .states()
            .iter()
            .map(|state| (state.code.as_str(), state.name.as_str()))
            .collect();
        states.sort_by_key(|(_, name)| *name);
        states.insert(0, ("", "The whole country"));
        let demands: Vec<(String, String)> = demands
            .iter()
            .map(|source| {
                (
                    source.name.to_string(),
                    format!("{}, {}", source.name, source.date.year()),
                )
            })
            .collect();
        let demands: Vec<(&str, &str)> = demands
            .iter()
            .map(|(name, label)| (name.as_str(), label.as_str()))
            .collect();
        let usual = demands.first().map_or("", |(name, _)| name);
        Self {
            needs: list(&NEEDS, "need", ""),
            measures: list(&MEASURES, "measure", "nearest_open"),
            states: list(&states, "state", ""),
            languages: list(&LANGUAGES, "language", ""),
            custodies: list(&CUSTODIES, "custody", ""),
            situations: list(&SITUATIONS, "immigration", ""),
            permits: list(&PERMITS, "work_permit", ""),
            fees: list(&FEES, "fee", ""),
            ways: list(&WAYS, "access", "any"),
            units: list(&UNITS, "unit", ""),
            demands: list(&demands, "demand", usual),
        }
    }
}
