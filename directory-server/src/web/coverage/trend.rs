//! The same question week by week: charts, and the table of the same numbers.

use std::sync::Arc;

use askama::Template;
use referral_core::coverage::{Figure, Measure, Quantity, Report};

use super::ask::Ask;
use super::chart::Chart;
use super::page::{Head, heading};
use super::words::{self, Said};

/// `coverage_trend.html`.
#[derive(Template)]
#[template(path = "coverage_trend.html")]
pub(super) struct Page {
    head: Head,
    back: String,
    charts: Vec<Chart>,
    heading: &'static str,
    rows: Vec<Row>,
    files: Vec<(&'static str, String)>,
}

struct Row {
    at: String,
    day: String,
    said: Said,
    median: String,
    without: String,
    open: String,
    stale: String,
    unknown: String,
}

impl Page {
    /// The page; `None` without any report. `reports`: oldest first.
    pub(super) fn of(ask: &Ask, reports: &[Arc<Report>]) -> Option<Self> {
        let latest = reports.last()?;
        let at = latest.question.as_of;
        let file = |form: &str| ask.link(&format!("/coverage/trend.{form}"), at, &[]);
        Some(Self {
            head: Head::of(latest),
            back: ask.link("/coverage", at, &[]),
            charts: charts(latest, reports),
            heading: heading(latest),
            rows: reports.iter().map(|report| row(report)).collect(),
            files: vec![("CSV with HXL tags", file("csv")), ("JSON", file("json"))],
        })
    }
}

fn charts(latest: &Report, reports: &[Arc<Report>]) -> Vec<Chart> {
    let weeks = |figure: fn(&Report) -> Figure| -> Vec<(String, Figure)> {
        let weeks = reports.iter();
        weeks
            .map(|report| (words::day(report.question.as_of), figure(report)))
            .collect()
    };
    let median = || {
        let name = "Half of the people have no farther than";
        Chart::of(
            name,
            Quantity::Kilometres,
            &weeks(|report| report.summary.distances.median),
        )
    };
    let beyond = || {
        let name = "People farther than 60 miles";
        Chart::of(
            name,
            Quantity::Share,
            &weeks(|report| report.summary.distances.beyond[1].share),
        )
    };
    if latest.question.measure == Measure::NearestOpen {
        return vec![median(), beyond()];
    }
    let measured = weeks(|report| report.summary.figure);
    vec![
        Chart::of(&Head::of(latest).title, latest.quantity, &measured),
        median(),
        beyond(),
    ]
}

fn row(report: &Report) -> Row {
    let (summary, supply) = (&report.summary, &report.supply);
    Row {
        at: report.question.as_of.to_string(),
        day: words::day(report.question.as_of),
        said: Said::of(report.quantity, &summary.figure),
        median: words::amount(Quantity::Kilometres, summary.distances.median.value),
        without: words::amount(Quantity::Share, summary.distances.without.value),
        open: words::count(supply.open),
        stale: words::count(supply.stale),
        unknown: words::count(supply.unknown),
    }
}
