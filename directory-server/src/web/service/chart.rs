//! What was reported of a service, as a small chart and a table with the same numbers.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use referral_core::capacity::{State, Unit};

use crate::operations::{PastPool, PastReport, PastReports, ServiceView, ago, state_name};
use crate::web::moment;
use crate::web::result::capitalised;
use crate::{say, tell};

/// The size of a chart, in its own units.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 150.0;
/// Room for the numbers at the left, and for the strip of states and the days below.
const LEFT: f64 = 36.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 46.0;
/// Where the strip of states is, and how high it is.
const STRIP: (f64, f64) = (HEIGHT - 40.0, 14.0);
/// How wide a state is drawn at least for its sign to be on it.
const SIGN: f64 = 12.0;
/// Most rows of a table: the latest.
const ROWS: usize = 30;

/// What was reported.
pub(super) struct Past {
    /// Since when it is told.
    pub(super) since: String,
    /// True where it takes long to read, and was not.
    pub(super) long: bool,
    pub(super) pools: Vec<Chart>,
}

/// One chart with its table.
pub(super) struct Chart {
    /// What it is about, where that is not the whole service.
    pub(super) title: Option<String>,
    /// What it says in words.
    pub(super) label: String,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Places that were free, as a path of steps; empty where none were counted.
    pub(super) line: String,
    /// States in their order.
    pub(super) strip: Vec<Span>,
    /// What the signs on the strip mean.
    pub(super) signs: String,
    pub(super) strip_y: f64,
    pub(super) strip_height: f64,
    /// The numbers at the left: y, number.
    pub(super) scale: Vec<(String, String)>,
    pub(super) left: f64,
    /// First and last day: x, anchor, words.
    pub(super) days: Vec<(f64, &'static str, String)>,
    pub(super) rows: Vec<Row>,
    /// How many rows are not in the table.
    pub(super) earlier: usize,
}

/// A state on the strip, told by colour, sign and title.
pub(super) struct Span {
    pub(super) class: &'static str,
    pub(super) x: String,
    pub(super) width: String,
    /// Where its sign is; none where it is too narrow for one.
    pub(super) middle: Option<String>,
    pub(super) sign: &'static str,
    /// The state and since when it was.
    pub(super) words: String,
}

/// One report.
pub(super) struct Row {
    pub(super) at: String,
    pub(super) day: String,
    pub(super) age: String,
    pub(super) state: String,
    pub(super) places: String,
}

impl Past {
    pub(super) fn of(past: &PastReports, view: &ServiceView) -> Self {
        match past {
            PastReports::Long => Self {
                since: String::new(),
                long: true,
                pools: Vec::new(),
            },
            PastReports::Told { since, pools } => Self {
                since: day(*since, &super::zone(view)),
                long: false,
                pools: pools
                    .iter()
                    .filter(|pool| !pool.reports.is_empty())
                    .map(|pool| Chart::of(pool, *since, view))
                    .collect(),
            },
        }
    }
}

impl Chart {
    fn of(pool: &PastPool, since: Timestamp, view: &ServiceView) -> Self {
        let (now, reports) = (view.as_of, &pool.reports);
        let most = reports
            .iter()
            .filter_map(|report| report.places)
            .map(|(free, _)| free);
        let most = most.max().unwrap_or(0).max(1);
        let place = Place {
            since: seconds(since),
            length: (seconds(now) - seconds(since)).max(1.0),
            most: f64::from(most),
        };
        let counted = reports.iter().any(|report| report.places.is_some());
        let scale =
            [0, most].map(|number| (format!("{:.1}", place.y(number) + 4.0), number.to_string()));
        let zone = zone(pool, view);
        let strip = reports.iter().map(|report| Span::of(report, &place, &zone));
        let rows = reports
            .iter()
            .rev()
            .take(ROWS)
            .map(|report| Row::of(report, now, &zone));
        Self {
            title: pool.location.as_ref().and_then(|id| {
                let mut places = view.offers.iter().filter_map(|offer| offer.place.as_ref());
                let at = places.find(|place| place.location.id == *id)?;
                crate::web::result::place_line(at)
            }),
            label: label(reports, since, &zone),
            signs: signs(reports),
            width: WIDTH,
            height: HEIGHT,
            line: if counted {
                line(&place, reports)
            } else {
                String::new()
            },
            strip: strip.collect(),
            strip_y: STRIP.0,
            strip_height: STRIP.1,
            scale: if counted { scale.to_vec() } else { Vec::new() },
            left: LEFT,
            days: vec![
                (LEFT, "start", day(since, &zone)),
                (WIDTH - 2.0, "end", say("chart-now")),
            ],
            rows: rows.collect(),
            earlier: reports.len().saturating_sub(ROWS),
        }
    }
}

impl Span {
    fn of(report: &PastReport, place: &Place, zone: &TimeZone) -> Self {
        let (from, until) = (place.x(report.from), place.x(report.until));
        let wide = (until - from).max(1.0);
        let state = capitalised(&state_name(report.state));
        Self {
            class: report.state.as_str(),
            x: format!("{from:.1}"),
            width: format!("{wide:.1}"),
            middle: (wide >= SIGN).then(|| format!("{:.1}", from + wide / 2.0)),
            sign: sign(report.state),
            words: format!("{state}, {}", moment::there(report.from, zone)),
        }
    }
}

impl Row {
    fn of(report: &PastReport, now: Timestamp, zone: &TimeZone) -> Self {
        Self {
            at: report.from.to_string(),
            day: day(report.from, zone),
            age: ago(report.from, now),
            state: capitalised(&state_name(report.state)),
            places: report
                .places
                .map_or_else(|| say("chart-not-counted"), places),
        }
    }
}

fn places((free, unit): (u32, Unit)) -> String {
    let unit = match (unit, free) {
        (unit, 1) => unit.as_str().to_owned(),
        (Unit::Family, _) => "families".to_owned(),
        (unit, _) => format!("{}s", unit.as_str()),
    };
    format!("{free} {unit}")
}

/// Where moments and numbers are on the chart.
struct Place {
    since: f64,
    length: f64,
    most: f64,
}

impl Place {
    fn x(&self, at: Timestamp) -> f64 {
        LEFT + (WIDTH - LEFT - 2.0) * ((seconds(at) - self.since) / self.length).clamp(0.0, 1.0)
    }

    fn y(&self, free: u32) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * f64::from(free) / self.most
    }
}

fn seconds(at: Timestamp) -> f64 {
    at.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64()
}

/// Steps: each number from when it counted to when it did no more, then a gap or the next.
fn line(place: &Place, reports: &[PastReport]) -> String {
    let (mut path, mut last) = (String::new(), None);
    for report in reports {
        let Some((free, _)) = report.places.filter(|_| is_number(report.state)) else {
            continue;
        };
        let (y, from, until) = (place.y(free), place.x(report.from), place.x(report.until));
        let step = if last == Some(report.from) { 'L' } else { 'M' };
        let written = write!(path, "{step}{from:.1} {y:.1}H{until:.1}");
        debug_assert!(written.is_ok(), "a string takes whatever is written");
        last = Some(report.until);
    }
    path
}

/// Whether places of a report in this state are places somebody can have.
fn is_number(state: State) -> bool {
    matches!(
        state,
        State::Open | State::Limited | State::Assess | State::Waitlist
    )
}

/// "12 reports since 1 May 2026; places free from 0 to 8, 4 at the last".
fn label(reports: &[PastReport], since: Timestamp, zone: &TimeZone) -> String {
    let numbers = || {
        reports
            .iter()
            .filter_map(|report| report.places)
            .map(|(free, _)| free)
    };
    let told = [
        ("count", reports.len().into()),
        ("day", day(since, zone).into()),
    ];
    let said = tell("chart-label", &told);
    let (Some(low), Some(high), Some(now)) =
        (numbers().min(), numbers().max(), numbers().next_back())
    else {
        return said;
    };
    let numbers = [
        ("least", low.into()),
        ("most", high.into()),
        ("last", now.into()),
    ];
    format!("{said}; {}", tell("chart-numbers", &numbers))
}

/// "November 22, 2026", the day there.
fn day(at: Timestamp, zone: &TimeZone) -> String {
    let there = at.to_zoned(zone.clone());
    there.strftime("%B %-d, %Y").to_string()
}

/// The zone of the pool's place, else that of the service's first.
fn zone(pool: &PastPool, view: &ServiceView) -> TimeZone {
    let mut places = view.offers.iter().filter_map(|offer| offer.place.as_ref());
    let own = places.find(|place| Some(&place.location.id) == pool.location.as_ref());
    match own {
        Some(place) => moment::zone(place.time_zone),
        None => super::zone(view),
    }
}

/// The sign of a state, as beside the line that says it.
fn sign(state: State) -> &'static str {
    match state {
        State::Open => "✓",
        State::Limited => "!",
        State::Assess | State::Waitlist | State::Window => "…",
        State::Paused | State::Closed => "×",
        State::Stale | State::Unknown => "?",
    }
}

/// "✓ Open; … Waiting list": every sign that is on the strip.
fn signs(reports: &[PastReport]) -> String {
    let mut known: Vec<State> = Vec::new();
    for report in reports {
        if !known.contains(&report.state) {
            known.push(report.state);
        }
    }
    let each = known
        .into_iter()
        .map(|state| format!("{} {}", sign(state), capitalised(&state_name(state))));
    each.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn report(from: i64, until: i64, free: u32) -> PastReport {
        PastReport {
            from: at(from),
            until: at(until),
            state: State::Open,
            places: Some((free, Unit::Bed)),
        }
    }

    #[test]
    fn a_number_that_ran_out_leaves_a_gap() {
        let place = Place {
            since: 0.0,
            length: 100.0,
            most: 4.0,
        };
        let reports = [report(0, 10, 4), report(10, 20, 2), report(50, 100, 1)];

        let line = line(&place, &reports);

        assert_eq!(
            (line.matches('M').count(), line.matches('L').count()),
            (2, 1)
        );
    }

    #[test]
    fn the_label_says_what_the_chart_shows() {
        let reports = [report(0, 10, 4), report(10, 20, 0)];

        assert_eq!(
            label(&reports, at(0), &TimeZone::UTC),
            "2 reports since January 1, 1970; places free from 0 to 4, 0 at the last"
        );
    }

    #[test]
    fn days_are_those_of_the_place() {
        let chicago = moment::zone(Some("America/Chicago"));

        assert_eq!(day(at(0), &chicago), "December 31, 1969");
    }

    #[test]
    fn a_state_on_the_strip_is_told_by_its_sign_and_its_title() {
        let place = Place {
            since: 0.0,
            length: 100.0,
            most: 4.0,
        };
        let closed = PastReport {
            state: State::Closed,
            ..report(50, 100, 0)
        };

        let span = Span::of(&closed, &place, &TimeZone::UTC);

        assert_eq!((span.sign, span.middle.is_some()), ("×", true));
        assert!(
            span.words.ends_with(", January 1, 1970, 12:00 AM UTC"),
            "{}",
            span.words
        );
        assert!(signs(&[report(0, 50, 4), closed]).starts_with("✓ Open; × "));
    }
}
