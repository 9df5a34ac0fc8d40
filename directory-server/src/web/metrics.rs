//! Metrics in Prometheus' text format, version 0.0.4.
//!
//! They are on the public listener: everything counted here is on the page of alerts too, or says how the directory
//! itself fares. No label holds anything that somebody typed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use referral_runtime::panics;

use crate::operations::{Alerts, Directory, Watching};

/// Kinds of alerts, so that those that stand out nowhere are 0.
const KINDS: [&str; 5] = [
    "last_open_gone",
    "agency_silent",
    "dead_ends_rising",
    "credential_lapses",
    "grant_lapses",
];

/// Answers `GET /metrics`.
pub(super) async fn text(State(directory): State<Arc<Directory>>) -> Response {
    let text = written(&directory.alerts(), directory.watching(), panics::count());
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

fn written(alerts: &Alerts, watching: &Watching, panics: u64) -> String {
    let mut text = String::new();
    let watched = of_alerts(alerts).into_iter().chain(of_watching(watching));
    for (name, kind, help, samples) in watched.chain([of_panics(panics)]) {
        put(
            &mut text,
            format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"),
        );
        for (labels, number) in samples {
            put(&mut text, format_args!("{name}{labels} {number}\n"));
        }
    }
    text
}

/// A metric: its name, type and help, and its samples, each with its labels.
type Family = (&'static str, &'static str, &'static str, Vec<(String, u64)>);

fn of_alerts(alerts: &Alerts) -> [Family; 4] {
    let mut kinds: BTreeMap<&str, (u64, u64)> = KINDS.map(|kind| (kind, (0, 0))).into();
    for alert in &alerts.standing {
        let (alerts, size) = kinds.entry(alert.code).or_default();
        *alerts += 1;
        *size += alert.size;
    }
    let of = |number: fn(&(u64, u64)) -> u64| {
        let kinds = kinds.iter();
        kinds
            .map(|(kind, of)| (format!("{{kind=\"{kind}\"}}"), number(of)))
            .collect::<Vec<_>>()
    };
    let looked = alerts.looked_at.map(|at| u64::try_from(at.as_second()));
    let looked = looked.and_then(Result::ok).unwrap_or(0);
    let missed = u64::try_from(alerts.missed.len()).unwrap_or(u64::MAX);
    let gauge = |name, help, samples| (name, "gauge", help, samples);
    [
        gauge(
            "referral_alerts",
            "Alerts that stand, by kind.",
            of(|of| of.0),
        ),
        gauge(
            "referral_alerts_size",
            "How many counties, agencies or credentials they are about.",
            of(|of| of.1),
        ),
        gauge(
            "referral_alerts_looked_timestamp_seconds",
            "When it was looked for alerts last; 0: not yet.",
            one(looked),
        ),
        gauge(
            "referral_alerts_missed",
            "Kinds and needs that could not be looked for.",
            one(missed),
        ),
    ]
}

fn of_watching(watching: &Watching) -> [Family; 3] {
    let counter =
        |name, help, count: &AtomicU64| (name, "counter", help, one(count.load(Ordering::Relaxed)));
    [
        counter(
            "referral_alert_looks_failed_total",
            "Looks that failed since the start.",
            &watching.looks_failed,
        ),
        counter(
            "referral_alert_digests_sent_total",
            "Digests sent by mail since the start.",
            &watching.digests_sent,
        ),
        counter(
            "referral_alert_digests_failed_total",
            "Digests that could not be sent since the start.",
            &watching.digests_failed,
        ),
    ]
}

fn of_panics(panics: u64) -> Family {
    let help = "Panics since the start: the log names each one's place in the program.";
    ("referral_panics_total", "counter", help, one(panics))
}

/// One sample without labels.
fn one(number: u64) -> Vec<(String, u64)> {
    vec![(String::new(), number)]
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(arguments);
    debug_assert!(written.is_ok(), "a string takes whatever is written");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::Standing;

    #[test]
    fn every_kind_is_counted_and_those_without_alerts_are_zero() {
        let at = "2026-11-22T14:00:00Z".parse().unwrap();
        let gone = Standing {
            key: "k".to_owned(),
            code: "last_open_gone",
            title: "t".to_owned(),
            text: "x".to_owned(),
            since: at,
            told: false,
            size: 24,
        };
        let alerts = Alerts {
            looked_at: Some(at),
            standing: vec![gone],
            missed: Vec::new(),
        };

        let text = written(&alerts, &Watching::default(), 2);

        for line in [
            "# TYPE referral_alerts gauge",
            "referral_alerts{kind=\"last_open_gone\"} 1",
            "referral_alerts_size{kind=\"last_open_gone\"} 24",
            "referral_alerts{kind=\"agency_silent\"} 0",
            "referral_alerts_looked_timestamp_seconds 1795356000",
            "referral_alert_digests_failed_total 0",
            "referral_panics_total 2",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
    }
}
