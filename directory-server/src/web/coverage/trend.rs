//! The same question week by week: charts, and the table of the same numbers.

use std::sync::Arc;

use askama::Template;
use jiff::Timestamp;
use referral_core::coverage::{Figure, Measure, Quantity, Report, Summary};

use super::ask::Ask;
use super::chart::Chart;
use super::page::{Head, heading};
use super::words::{self, Said};
use crate::operations::TrendPoint;
use crate::say;

/// `coverage_trend.html`.
#[derive(Template)]
#[template(path = "coverage_trend.html")]
pub(super) struct Page {
    head: Head,
    back: String,
    charts: Vec<Chart>,
    heading: String,
    rows: Vec<Row>,
    files: Vec<(String, String)>,
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
    /// The page about the weeks of `points`, oldest first; `latest` is the report of the last.
    pub(super) fn of(ask: &Ask, latest: &Report, points: &[Arc<TrendPoint>]) -> Self {
        let at = latest.question.as_of;
        let file = |form: &str| ask.link(&format!("/coverage/trend.{form}"), at, &[]);
        let rows = points.iter();
        Self {
            head: Head::of(latest),
            back: ask.link("/coverage", at, &[]),
            charts: charts(latest, points),
            heading: heading(latest),
            rows: rows.map(|point| row(latest.quantity, point)).collect(),
            files: vec![
                (say("coverage-csv"), file("csv")),
                (say("coverage-json"), file("json")),
            ],
        }
    }
}

fn charts(latest: &Report, points: &[Arc<TrendPoint>]) -> Vec<Chart> {
    let weeks = |figure: fn(&Summary) -> Figure| -> Vec<(Timestamp, Figure)> {
        let points = points.iter();
        points
            .map(|point| (point.at, figure(&point.summary)))
            .collect()
    };
    let median = weeks(|summary| summary.distances.median);
    let beyond = weeks(|summary| summary.distances.beyond[1].share);
    let mut charts = vec![
        Chart::of(&say("coverage-half"), Quantity::Kilometres, &median),
        Chart::of(&say("coverage-beyond"), Quantity::Share, &beyond),
    ];
    if latest.question.measure != Measure::NearestOpen {
        let measured = weeks(|summary| summary.figure);
        let chart = Chart::of(&Head::of(latest).title, latest.quantity, &measured);
        charts.insert(0, chart);
    }
    charts
}

fn row(quantity: Quantity, point: &TrendPoint) -> Row {
    let (summary, supply) = (&point.summary, &point.supply);
    Row {
        at: point.at.to_string(),
        day: words::day(point.at),
        said: Said::of(quantity, &summary.figure),
        median: words::amount(Quantity::Kilometres, summary.distances.median.value),
        without: words::amount(Quantity::Share, summary.distances.without.value),
        open: words::count(supply.open),
        stale: words::count(supply.stale),
        unknown: words::count(supply.unknown),
    }
}
