//! A line over weeks with the band of its bounds, as SVG.

use std::fmt::Write;

use jiff::Timestamp;
use referral_core::coverage::{Amount, Figure, Quantity};
use referral_core::geo::Kilometres;

use super::words;
use crate::tell;

/// The size of a chart, in its own units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
/// Room for the numbers at the left, and at the other sides.
const LEFT: f64 = 96.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 36.0;
/// Lines across, above the base line.
const LINES: u32 = 4;

/// A chart, ready for its template.
pub(super) struct Chart {
    pub(super) name: String,
    /// What it says in words, for those who do not see it.
    pub(super) label: String,
    pub(super) width: f64,
    pub(super) height: f64,
    /// The area between the bounds; empty where there is no upper bound anywhere.
    pub(super) band: String,
    pub(super) line: String,
    /// The weeks that have a number: x, y.
    pub(super) dots: Vec<(String, String)>,
    /// The weeks that have none: x, and where the mark goes.
    pub(super) gaps: Vec<(String, String)>,
    /// Lines across with their numbers: y, words.
    pub(super) scale: Vec<(String, String)>,
    pub(super) left: f64,
    pub(super) right: f64,
    /// First and last day below: x, anchor, words.
    pub(super) days: Vec<(String, &'static str, String)>,
}

impl Chart {
    /// A chart of `figures`, each with its moment, oldest first.
    pub(super) fn of(name: &str, quantity: Quantity, figures: &[(Timestamp, Figure)]) -> Self {
        let place = Place::of(quantity, figures);
        let (mut line, mut dots, mut gaps, mut drawn) =
            (String::new(), Vec::new(), Vec::new(), false);
        for (at, figure) in figures {
            let x = place.x(*at);
            let number = figure.value.number();
            if let Some(number) = number {
                let y = place.y(number);
                let step = if drawn { 'L' } else { 'M' };
                put(&mut line, format_args!("{step}{x:.1} {y:.1}"));
                dots.push((format!("{x:.1}"), format!("{y:.1}")));
            } else {
                gaps.push((format!("{x:.1}"), format!("{:.1}", TOP + 12.0)));
            }
            drawn = number.is_some();
        }
        let across = (0..=LINES).map(|part| {
            let number = place.top * f64::from(part) / f64::from(LINES);
            let words = words::number(quantity, number);
            (format!("{:.1}", place.y(number)), words)
        });
        Self {
            name: name.to_owned(),
            label: label(name, quantity, figures),
            width: WIDTH,
            height: HEIGHT,
            band: band(&place, figures),
            line,
            dots,
            gaps,
            scale: across.collect(),
            left: LEFT,
            right: WIDTH - RIGHT,
            days: days(&place, figures),
        }
    }
}

/// Where moments and numbers are on the chart.
struct Place {
    first: f64,
    /// From the first to the last moment, in seconds; never zero.
    length: f64,
    /// The number at the top.
    top: f64,
}

impl Place {
    fn of(quantity: Quantity, figures: &[(Timestamp, Figure)]) -> Self {
        let first = figures.first().map_or(0.0, |(at, _)| seconds(*at));
        let last = figures.last().map_or(0.0, |(at, _)| seconds(*at));
        Self {
            first,
            length: (last - first).max(1.0),
            top: top(quantity, figures),
        }
    }

    fn x(&self, at: Timestamp) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (seconds(at) - self.first) / self.length
    }

    fn y(&self, number: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (number / self.top).min(1.0)
    }
}

fn seconds(at: Timestamp) -> f64 {
    at.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64()
}

/// A number above every number of the chart, round in the unit that people read.
fn top(quantity: Quantity, figures: &[(Timestamp, Figure)]) -> f64 {
    let numbers = figures.iter().flat_map(|(_, figure)| {
        let all = [figure.lower, figure.value, figure.upper];
        all.into_iter().filter_map(Amount::number)
    });
    let most = numbers.fold(0.0, f64::max);
    let mile = match quantity {
        Quantity::Kilometres => Kilometres::from_miles(1.0).map_or(1.0, Kilometres::get),
        _ => 1.0,
    };
    if most <= 0.0 {
        return mile;
    }
    let unit = 10_f64.powf((most / mile).log10().floor());
    let steps = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0];
    let fitting = steps.into_iter().find(|step| step * unit * mile >= most);
    fitting.unwrap_or(10.0) * unit * mile
}

/// The area between the bounds. Where the upper bound is none, it reaches the top.
fn band(place: &Place, figures: &[(Timestamp, Figure)]) -> String {
    let mut band = String::new();
    let y = |amount: Amount| amount.number().map_or(TOP, |number| place.y(number));
    for (at, figure) in figures {
        let step = if band.is_empty() { 'M' } else { 'L' };
        put(
            &mut band,
            format_args!("{step}{:.1} {:.1}", place.x(*at), y(figure.upper)),
        );
    }
    for (at, figure) in figures.iter().rev() {
        put(
            &mut band,
            format_args!("L{:.1} {:.1}", place.x(*at), y(figure.lower)),
        );
    }
    if !band.is_empty() {
        band.push('z');
    }
    band
}

fn days(place: &Place, figures: &[(Timestamp, Figure)]) -> Vec<(String, &'static str, String)> {
    let Some(((first, _), rest)) = figures.split_first() else {
        return Vec::new();
    };
    let at = |at: Timestamp, anchor| (format!("{:.1}", place.x(at)), anchor, words::day(at));
    let mut days = vec![at(*first, "start")];
    days.extend(rest.last().map(|(last, _)| at(*last, "end")));
    days
}

fn label(name: &str, quantity: Quantity, figures: &[(Timestamp, Figure)]) -> String {
    let (Some((first, from)), Some((last, to))) = (figures.first(), figures.last()) else {
        return name.to_owned();
    };
    let said = |at: &Timestamp, figure: &Figure| {
        let value = words::amount(quantity, figure.value);
        let day = words::day(*at);
        tell("trend-on", &[("value", value.into()), ("day", day.into())])
    };
    let values = [
        ("name", name.into()),
        ("first", said(first, from).into()),
        ("last", said(last, to).into()),
    ];
    tell("trend-from-to", &values)
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(arguments);
    debug_assert!(written.is_ok(), "a string takes whatever is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(number: i64, value: Amount) -> (Timestamp, Figure) {
        let at = Timestamp::from_second(number * 604_800).unwrap();
        (at, Figure::certain(value, 1))
    }

    #[test]
    fn a_week_with_none_breaks_the_line_and_is_marked() {
        let weeks = [
            week(1, Amount::Number(10.0)),
            week(2, Amount::None),
            week(3, Amount::Number(20.0)),
        ];

        let chart = Chart::of("Distance", Quantity::Kilometres, &weeks);

        assert_eq!((chart.dots.len(), chart.gaps.len()), (2, 1));
        assert_eq!(chart.line.matches('M').count(), 2);
        let label = "Distance: 6.2 miles on 8 January 1970, 12 miles on 22 January 1970";
        assert_eq!(chart.label, label);
    }

    #[test]
    fn a_chart_of_nothing_is_empty() {
        let chart = Chart::of("Distance", Quantity::Kilometres, &[]);

        assert!(chart.line.is_empty() && chart.band.is_empty() && chart.days.is_empty());
    }

    #[test]
    fn the_top_is_round_and_above_every_number() {
        for (most, round) in [
            (0.0, 1.0),
            (0.62, 0.8),
            (37.0, 40.0),
            (99.0, 100.0),
            (101.0, 200.0),
        ] {
            let found = top(Quantity::Days, &[week(1, Amount::Number(most))]);
            assert!((found - round).abs() < 1e-9, "{most}: {found}");
        }
        let miles = top(Quantity::Kilometres, &[week(1, Amount::Number(150.0))]);
        assert!((miles / 1.609_344 - 100.0).abs() < 1e-9, "{miles}");
    }
}
