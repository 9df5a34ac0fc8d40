//! One page to print: the figures, the map, the worst gaps, and what the numbers mean.

use askama::Template;
use referral_core::coverage::Report;

use super::ask::Ask;
use super::page::{Gap, Head, Tile, legend, tiles, worst};
use super::words;
use crate::export::{self, Fact};
use crate::web::map::{Band, Map, Scale};
use crate::{say, tell};

/// Facts of a report that a printed page has room for.
const SAID: [&str; 4] = ["supply", "method", "bounds", "suppression"];

/// `coverage_brief.html`.
#[derive(Template)]
#[template(path = "coverage_brief.html")]
pub(super) struct Page {
    head: Head,
    /// What the report is about and where.
    heading: String,
    area: String,
    back: String,
    tiles: Vec<Tile>,
    map: Map,
    legend: Vec<Band>,
    worst: Vec<Gap>,
    facts: Vec<Fact>,
}

impl Page {
    /// The report on one page.
    pub(super) fn of(ask: &Ask, report: &Report) -> Self {
        let scale = Scale::of(report);
        let state = ask.state();
        let nowhere = || (String::new(), String::new());
        let of_state = state.and_then(|state| Map::state(report, &scale, state, |_| nowhere()));
        let facts = export::facts(report, state).into_iter();
        let head = Head::of(report);
        let area = state.map_or_else(|| say("coverage-nation"), words::state);
        let title = head.title.as_str().into();
        let said = [("title", title), ("area", area.as_str().into())];
        Self {
            heading: tell("brief-heading", &said),
            head,
            area,
            back: ask.link("/coverage", report.question.as_of, &[]),
            tiles: tiles(report, state),
            map: of_state.unwrap_or_else(|| Map::national(report, &scale, |_| nowhere())),
            legend: legend(report, &scale, state),
            worst: worst(ask, report, state),
            facts: facts.filter(|fact| SAID.contains(&fact.name)).collect(),
        }
    }
}
