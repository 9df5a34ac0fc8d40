//! The coverage page: the form, and a report as figures, map and table of the same numbers.

use askama::Template;
use referral_core::coverage::{CountyRow, DemandSource, Quantity, Report, StateRow};
use referral_core::geo::{CountyFips, StateCode};
use referral_gazetteer::gazetteer;

use super::ask::{Ask, FIELDS, HOW, WHO};
use super::choices::Lists;
use super::words::{self, Said};
use crate::export::{self, Fact};
use crate::web::map::{Band, Map, Scale, Shade};
use crate::web::result::capitalised;
use crate::web::wrong::Wrong;
use crate::{say, tell};

/// Gaps in the list of the worst.
const WORST: usize = 10;

/// `coverage.html`.
#[derive(Template)]
#[template(path = "coverage.html")]
pub(super) struct Page {
    ask: Ask,
    lists: Lists,
    wrong: Vec<Wrong>,
    shown: Option<Shown>,
}

/// A report as the page shows it.
pub(super) struct Shown {
    pub(super) head: Head,
    /// What is on the map: "The United States" or a state.
    pub(super) area: String,
    /// Back to the whole country, where a state is shown.
    pub(super) back: Option<String>,
    pub(super) tiles: Vec<Tile>,
    pub(super) map: Map,
    pub(super) legend: Vec<Band>,
    pub(super) better: String,
    pub(super) worst: Vec<Gap>,
    pub(super) table: Table,
    pub(super) equity: Vec<Tile>,
    pub(super) gini: Option<String>,
    pub(super) files: Vec<(String, String)>,
    pub(super) pages: Vec<(String, String)>,
    pub(super) facts: Vec<Fact>,
}

/// What a report is about: on top of every page.
pub(super) struct Head {
    pub(super) title: String,
    pub(super) need: String,
    /// Who needs help, beyond the need.
    pub(super) who: Vec<Fact>,
    pub(super) at: String,
    pub(super) moment: String,
    pub(super) demand: String,
    /// Shares in doubt, said where there are any.
    pub(super) doubt: Option<String>,
}

/// A figure with what it is.
pub(super) struct Tile {
    pub(super) name: String,
    pub(super) said: Said,
}

/// One of the worst gaps.
pub(super) struct Gap {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) said: Said,
    /// How many people, and whether the county is rural.
    pub(super) people: String,
}

/// The numbers of the map.
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) first: String,
    pub(super) value: String,
    pub(super) last: String,
    pub(super) rows: Vec<Row>,
}

/// A state or a county.
pub(super) struct Row {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) shade: Option<Shade>,
    pub(super) said: Said,
    pub(super) people: String,
    pub(super) last: String,
}

impl Page {
    /// The form with what is wrong in it.
    pub(super) fn wrong(ask: Ask, demands: &[DemandSource], wrong: Vec<Wrong>) -> Self {
        Self {
            lists: Lists::of(&ask, demands),
            ask,
            wrong: Wrong::sorted(wrong, &FIELDS),
            shown: None,
        }
    }

    /// The form and the report.
    pub(super) fn found(ask: Ask, demands: &[DemandSource], report: &Report) -> Self {
        Self {
            lists: Lists::of(&ask, demands),
            shown: Some(Shown::of(&ask, report)),
            wrong: Vec::new(),
            ask,
        }
    }

    /// What is wrong with a field, for the line beside it.
    fn fault(&self, field: &str) -> Option<&str> {
        let mut wrong = self.wrong.iter();
        let fault = wrong.find(|wrong| wrong.field == field);
        fault.map(|wrong| wrong.text.as_str())
    }

    /// What kind of field a day is typed into. A browser's own drops what is no day, and nothing typed may be lost.
    fn date_kind(&self) -> &'static str {
        match self.fault("date") {
            Some(_) => "text",
            None => "date",
        }
    }

    /// True when a field of a fold is used or at fault.
    fn is_used(&self, fold: &[&str]) -> bool {
        fold.iter().any(|field| {
            let typed = self.ask.value(field);
            let unused = typed.is_empty() || (*field == "access" && typed == "any");
            !unused || self.fault(field).is_some()
        })
    }
}

impl Shown {
    fn of(ask: &Ask, report: &Report) -> Self {
        let at = report.question.as_of;
        let scale = Scale::of(report);
        let state = ask.state();
        let link = |path: &str, changed: &[(&'static str, &str)]| ask.link(path, at, changed);
        let files = export::Form::ALL.map(|form| {
            let name = match form {
                export::Form::Csv => say("coverage-csv"),
                export::Form::GeoJson => say("coverage-geojson"),
                export::Form::Json => say("coverage-json"),
            };
            (
                name,
                link(&format!("/coverage/report.{}", form.extension()), &[]),
            )
        });
        Self {
            head: Head::of(report),
            area: state.map_or_else(|| say("coverage-nation"), words::state),
            back: state.map(|_| link("/coverage", &[("state", "")])),
            tiles: tiles(report, state),
            map: map(ask, report, &scale, state),
            legend: legend(report, &scale, state),
            better: if report.quantity == Quantity::Kilometres {
                say("coverage-far")
            } else {
                say("coverage-hard")
            },
            worst: worst(ask, report, state),
            table: table(ask, report, &scale, state),
            equity: equity(report),
            gini: report.summary.equity.gini.map(|gini| format!("{gini:.2}")),
            files: files.to_vec(),
            pages: vec![
                (say("coverage-brief"), link("/coverage/brief", &[])),
                (say("trend-title"), link("/coverage/trend", &[])),
                (say("what-if-heading"), link("/coverage/what-if", &[])),
                (say("alerts-title"), "/coverage/alerts".to_owned()),
            ],
            facts: export::facts(report, state),
        }
    }
}

impl Head {
    /// What the report is about.
    pub(super) fn of(report: &Report) -> Self {
        let question = &report.question;
        let asked = export::asked(question);
        let need = asked.iter().find(|fact| fact.name == "need");
        let need = need.map(|fact| fact.text.clone()).unwrap_or_default();
        let known = ["need", "measure", "within"];
        let demand = &report.demand;
        Self {
            title: capitalised(&export::measure(question)),
            need: capitalised(&need),
            who: asked
                .into_iter()
                .filter(|fact| !known.contains(&fact.name))
                .collect(),
            at: question.as_of.to_string(),
            moment: words::moment(question.as_of),
            demand: tell(
                "coverage-demand-from",
                &[
                    ("name", demand.name.as_str().into()),
                    ("date", demand.date.to_string().into()),
                    ("source", demand.source.as_str().into()),
                ],
            ),
            doubt: doubt(report),
        }
    }
}

fn doubt(report: &Report) -> Option<String> {
    let supply = &report.supply;
    let share = |share: Option<f64>| words::share(share.unwrap_or_default());
    let stale = ("stale", share(supply.stale_share()).into());
    let unknown = ("unknown", share(supply.unknown_share()).into());
    match (supply.stale, supply.unknown) {
        (0, 0) => None,
        (_, 0) => Some(tell("coverage-doubt-stale", &[stale])),
        (0, _) => Some(tell("coverage-doubt-unknown", &[unknown])),
        _ => Some(tell("coverage-doubt", &[stale, unknown])),
    }
}

/// The figures of the area shown.
pub(super) fn tiles(report: &Report, state: Option<StateCode>) -> Vec<Tile> {
    let row = state.and_then(|state| report.states.iter().find(|row| row.state == state));
    let (figure, distances) = match (row, state) {
        (Some(row), _) => (&row.figure, &row.distances),
        (None, None) => (&report.summary.figure, &report.summary.distances),
        (None, Some(_)) => return Vec::new(),
    };
    let tile = |name: String, quantity, figure| Tile {
        name,
        said: Said::of(quantity, figure),
    };
    let mut tiles = Vec::new();
    if report.question.measure != referral_core::coverage::Measure::NearestOpen {
        let name = capitalised(&export::measure(&report.question));
        tiles.push(tile(name, report.quantity, figure));
    }
    tiles.push(tile(
        say("coverage-half"),
        Quantity::Kilometres,
        &distances.median,
    ));
    tiles.push(tile(
        say("coverage-ninety"),
        Quantity::Kilometres,
        &distances.p90,
    ));
    for beyond in &distances.beyond {
        let name = tell(
            "coverage-farther",
            &[("miles", words::miles(beyond.distance).into())],
        );
        tiles.push(tile(name, Quantity::Share, &beyond.share));
    }
    tiles.push(tile(
        say("coverage-without"),
        Quantity::Share,
        &distances.without,
    ));
    tiles
}

fn map(ask: &Ask, report: &Report, scale: &Scale, state: Option<StateCode>) -> Map {
    let at = report.question.as_of;
    let national = || {
        Map::national(report, scale, |state| {
            let href = ask.link("/coverage", at, &[("state", state.as_str())]) + "#report";
            let row = report.states.iter().find(|row| row.state == state);
            (href, state_label(state, report.quantity, row))
        })
    };
    let of_state = state.and_then(|state| {
        Map::state(report, scale, state, |county| {
            (
                county_link(ask, report, county),
                county_label(report, county),
            )
        })
    });
    of_state.unwrap_or_else(national)
}

fn state_label(state: StateCode, quantity: Quantity, row: Option<&StateRow>) -> String {
    let name = words::state(state);
    match row {
        Some(row) => labelled(name, Said::of(quantity, &row.figure).line()),
        None => tell("coverage-label-nobody", &[("name", name.into())]),
    }
}

fn county_label(report: &Report, county: CountyFips) -> String {
    let name = words::county_name(county);
    match report.county(county) {
        Some(row) => labelled(name, Said::of(report.quantity, &row.figure).line()),
        None => tell("coverage-label-nobody", &[("name", name.into())]),
    }
}

/// What a place on the map is called, with its figure.
pub(super) fn labelled(name: String, said: String) -> String {
    tell(
        "coverage-label",
        &[("name", name.into()), ("said", said.into())],
    )
}

pub(super) fn county_link(ask: &Ask, report: &Report, county: CountyFips) -> String {
    ask.link(
        &format!("/coverage/county/{county}"),
        report.question.as_of,
        &[],
    )
}

/// The rows of the area shown.
pub(super) fn rows(report: &Report, state: Option<StateCode>) -> impl Iterator<Item = &CountyRow> {
    let rows = report.counties.iter();
    rows.filter(move |row| state.is_none() || row.county.state() == state)
}

pub(super) fn legend(report: &Report, scale: &Scale, state: Option<StateCode>) -> Vec<Band> {
    let all = gazetteer().counties().iter();
    let all = all.filter(|county| state.is_none_or(|state| county.state == state));
    let without = all.filter(|county| report.county(county.fips).is_none());
    scale.legend(rows(report, state), without.count())
}

pub(super) fn worst(ask: &Ask, report: &Report, state: Option<StateCode>) -> Vec<Gap> {
    let rows = report.worst().into_iter();
    let rows = rows.filter(|row| state.is_none() || row.county.state() == state);
    rows.take(WORST)
        .map(|row| Gap {
            href: county_link(ask, report, row.county),
            name: words::county(row.county),
            said: Said::of(report.quantity, &row.figure),
            people: people(row),
        })
        .collect()
}

fn people(row: &CountyRow) -> String {
    let people = [("people", words::people(row.people.get()).into())];
    if row.rurality == referral_core::coverage::Rurality::Rural {
        tell("coverage-people-rural", &people)
    } else {
        tell("coverage-people", &people)
    }
}

fn table(ask: &Ask, report: &Report, scale: &Scale, state: Option<StateCode>) -> Table {
    match state {
        None => states(ask, report),
        Some(state) => counties(ask, report, scale, state),
    }
}

fn states(ask: &Ask, report: &Report) -> Table {
    let at = report.question.as_of;
    let mut rows: Vec<Row> = report
        .states
        .iter()
        .map(|row| Row {
            href: ask.link("/coverage", at, &[("state", row.state.as_str())]) + "#report",
            name: words::state(row.state),
            shade: None,
            said: Said::of(report.quantity, &row.figure),
            people: words::people(row.people.get()),
            last: words::amount(Quantity::Share, row.distances.beyond[1].share.value),
        })
        .collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Table {
        caption: say("coverage-by-state"),
        first: say("coverage-state"),
        value: heading(report),
        last: say("coverage-beyond"),
        rows,
    }
}

fn counties(ask: &Ask, report: &Report, scale: &Scale, state: StateCode) -> Table {
    let mut rows: Vec<Row> = rows(report, Some(state))
        .map(|row| Row {
            href: county_link(ask, report, row.county),
            name: words::county_name(row.county),
            shade: Some(scale.shade(row.figure.value)),
            said: Said::of(report.quantity, &row.figure),
            people: words::people(row.people.get()),
            last: words::count(row.here.open.into()),
        })
        .collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Table {
        caption: tell(
            "coverage-by-county",
            &[("state", words::state(state).into())],
        ),
        first: say("coverage-county"),
        value: heading(report),
        last: say("coverage-open-here"),
        rows,
    }
}

/// What the column of values is called.
pub(super) fn heading(report: &Report) -> String {
    use referral_core::coverage::Measure;
    match report.question.measure {
        Measure::NearestOpen => say("coverage-distance"),
        Measure::CoverageAt(_) | Measure::KCoverage { .. } => say("coverage-reached"),
        Measure::Catchment(_) => say("coverage-per-thousand"),
        Measure::PeoplePerPlace => say("coverage-per-place"),
        Measure::DeadEnds => say("coverage-dead-ends"),
        Measure::TimeToFirstOpen => say("coverage-wait"),
    }
}

fn equity(report: &Report) -> Vec<Tile> {
    let equity = &report.summary.equity;
    let tile = |name: String, quantity, figure| Tile {
        name,
        said: Said::of(quantity, figure),
    };
    let mut tiles = vec![
        tile(say("coverage-rural"), report.quantity, &equity.rural),
        tile(say("coverage-urban"), report.quantity, &equity.urban),
    ];
    let within = words::miles(report.question.within);
    tiles.extend(equity.languages.iter().map(|row| {
        let language = referral_core::catalog::english_name(&row.language);
        let language = language.map_or_else(|| row.language.to_string(), str::to_owned);
        tile(
            tell(
                "coverage-speakers",
                &[
                    ("language", language.into()),
                    ("within", within.as_str().into()),
                ],
            ),
            Quantity::Share,
            &row.within,
        )
    }));
    tiles
}
