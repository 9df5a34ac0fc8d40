//! A line over weeks with the band of its bounds, as SVG.

use std::fmt::Write;

use referral_core::coverage::{Amount, Figure, Quantity};

use super::words;

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
    /// A chart of `figures`, each with its day, oldest first.
    pub(super) fn of(name: &str, quantity: Quantity, figures: &[(String, Figure)]) -> Self {
        let top = top(figures);
        let place = Place {
            weeks: figures.len(),
            top,
        };
        let numbers = figures.iter().enumerate();
        let numbers = numbers.map(|(week, (_, figure))| (week, figure.value.number()));
        let (mut line, mut dots, mut gaps, mut drawn) =
            (String::new(), Vec::new(), Vec::new(), false);
        for (week, number) in numbers {
            let x = place.x(week);
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
            let number = top * f64::from(part) / f64::from(LINES);
            (
                format!("{:.1}", place.y(number)),
                words::number(quantity, number),
            )
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

struct Place {
    weeks: usize,
    top: f64,
}

impl Place {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a chart has a few hundred weeks at most"
    )]
    fn x(&self, week: usize) -> f64 {
        let last = self.weeks.saturating_sub(1).max(1);
        LEFT + (WIDTH - LEFT - RIGHT) * week as f64 / last as f64
    }

    fn y(&self, number: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (number / self.top).min(1.0)
    }
}

/// A round number above every number of the chart.
fn top(figures: &[(String, Figure)]) -> f64 {
    let numbers = figures.iter().flat_map(|(_, figure)| {
        let all = [figure.lower, figure.value, figure.upper];
        all.into_iter().filter_map(Amount::number)
    });
    let most = numbers.fold(0.0, f64::max);
    if most <= 0.0 {
        return 1.0;
    }
    let unit = 10_f64.powf(most.log10().floor());
    let steps = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0];
    let fitting = steps.into_iter().find(|step| step * unit >= most);
    fitting.unwrap_or(10.0) * unit
}

/// The area between the bounds. Where the upper bound is none, it reaches the top.
fn band(place: &Place, figures: &[(String, Figure)]) -> String {
    let mut band = String::new();
    let uppers = figures.iter().enumerate();
    for (week, (_, figure)) in uppers {
        let step = if week == 0 { 'M' } else { 'L' };
        let y = figure.upper.number().map_or(TOP, |upper| place.y(upper));
        put(&mut band, format_args!("{step}{:.1} {y:.1}", place.x(week)));
    }
    for (week, (_, figure)) in figures.iter().enumerate().rev() {
        let y = figure.lower.number().map_or(TOP, |lower| place.y(lower));
        put(&mut band, format_args!("L{:.1} {y:.1}", place.x(week)));
    }
    if !band.is_empty() {
        band.push('z');
    }
    band
}

fn days(place: &Place, figures: &[(String, Figure)]) -> Vec<(String, &'static str, String)> {
    let Some((first, rest)) = figures.split_first() else {
        return Vec::new();
    };
    let at =
        |week: usize, anchor, day: &str| (format!("{:.1}", place.x(week)), anchor, day.to_owned());
    let mut days = vec![at(0, "start", &first.0)];
    days.extend(
        rest.last()
            .map(|last| at(figures.len() - 1, "end", &last.0)),
    );
    days
}

fn label(name: &str, quantity: Quantity, figures: &[(String, Figure)]) -> String {
    let (Some((first, from)), Some((last, to))) = (figures.first(), figures.last()) else {
        return name.to_owned();
    };
    let from = words::amount(quantity, from.value);
    let to = words::amount(quantity, to.value);
    format!("{name}: {from} on {first}, {to} on {last}")
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(arguments);
    debug_assert!(written.is_ok(), "a string takes whatever is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(day: &str, value: Amount) -> (String, Figure) {
        (day.to_owned(), Figure::certain(value, 1))
    }

    #[test]
    fn a_week_with_none_breaks_the_line_and_is_marked() {
        let weeks = [
            week("1", Amount::Number(10.0)),
            week("2", Amount::None),
            week("3", Amount::Number(20.0)),
        ];

        let chart = Chart::of("Distance", Quantity::Kilometres, &weeks);

        assert_eq!((chart.dots.len(), chart.gaps.len()), (2, 1));
        assert_eq!(chart.line.matches('M').count(), 2);
        assert!(chart.label.contains("6.2 miles on 1"), "{}", chart.label);
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
            let found = top(&[week("1", Amount::Number(most))]);
            assert!((found - round).abs() < 1e-9, "{most}: {found}");
        }
    }
}
