//! Five classes with real breaks, and what stands beside them.

use referral_core::coverage::{Amount, CountyRow, Measure, Quantity, Report};
use referral_core::geo::Kilometres;

use crate::web::coverage::words;
use crate::{say, tell};

/// Breaks of distances, in miles: what can be walked or driven, and the distances that the summary names.
const MILES: [f64; 4] = [10.0, 30.0, 60.0, 100.0];
/// Breaks of shares of people, from good to bad.
const REACHED: [f64; 4] = [0.95, 0.75, 0.5, 0.25];
/// Breaks of shares of searches that ended with nothing.
const FAILED: [f64; 4] = [0.1, 0.25, 0.5, 0.75];
/// Breaks of waits, in days.
const DAYS: [f64; 4] = [1.0, 7.0, 14.0, 30.0];

/// What a county is drawn as. The order is that of the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::web) enum Shade {
    /// A class, 1..=5: from where help is best to where it is worst.
    Class(u8),
    /// Nobody open is in reach.
    None,
    /// Not published.
    Withheld,
    /// Nobody lives there, as far as the table of demand knows.
    NoData,
}

/// One line of the legend.
#[derive(Debug, PartialEq)]
pub(in crate::web) struct Band {
    pub(in crate::web) shade: Shade,
    /// From where to where, in words.
    pub(in crate::web) text: String,
    /// How many counties, and people in them.
    pub(in crate::web) counties: String,
}

impl Band {
    fn of(shade: Shade, text: String, counties: usize, people: f64) -> Self {
        let number = words::count(counties as u64);
        let of_counties = [("count", counties.into()), ("number", number.into())];
        let counties = tell("coverage-counties", &of_counties);
        Self {
            shade,
            text,
            counties: match people {
                0.0 => counties,
                people => {
                    let people = words::people(people).into();
                    let both = [("counties", counties.into()), ("people", people)];
                    tell("coverage-counties-people", &both)
                }
            },
        }
    }
}

/// Breaks between five classes, ordered from good to bad.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web) struct Scale {
    breaks: Vec<f64>,
    quantity: Quantity,
    /// True when a smaller number is worse.
    downwards: bool,
}

impl Shade {
    /// Its class in the stylesheet.
    pub(in crate::web) fn class(self) -> &'static str {
        match self {
            Self::Class(1) => "q1",
            Self::Class(2) => "q2",
            Self::Class(3) => "q3",
            Self::Class(4) => "q4",
            Self::Class(_) => "q5",
            Self::None => "q-none",
            Self::Withheld => "q-withheld",
            Self::NoData => "q-nodata",
        }
    }

    /// The pattern that fills it, where a colour does not.
    pub(in crate::web) fn pattern(self) -> Option<&'static str> {
        match self {
            Self::None => Some("url(#pattern-none)"),
            Self::NoData => Some("url(#pattern-nodata)"),
            Self::Class(_) | Self::Withheld => None,
        }
    }
}

impl Scale {
    /// The scale for a report. Distances, shares and days have the same breaks in every report, so that maps can be
    /// compared; the others have a fifth of the counties in each class, with round breaks.
    pub(in crate::web) fn of(report: &Report) -> Self {
        let downwards =
            report.quantity.more_is_better() && report.question.measure != Measure::DeadEnds;
        let breaks = match report.quantity {
            Quantity::Kilometres => MILES
                .into_iter()
                .filter_map(|miles| Kilometres::from_miles(miles).ok())
                .map(Kilometres::get)
                .collect(),
            Quantity::Share if downwards => REACHED.to_vec(),
            Quantity::Share => FAILED.to_vec(),
            Quantity::Days => DAYS.to_vec(),
            Quantity::PlacesPerThousand | Quantity::PeoplePerPlace => {
                let mut breaks = fifths(&report.counties);
                if downwards {
                    breaks.reverse();
                }
                breaks
            }
        };
        Self {
            breaks,
            quantity: report.quantity,
            downwards,
        }
    }

    /// How an amount is drawn.
    pub(in crate::web) fn shade(&self, amount: Amount) -> Shade {
        match amount {
            Amount::None => Shade::None,
            Amount::Withheld => Shade::Withheld,
            Amount::Number(number) => {
                let worse = |edge: &&f64| {
                    if self.downwards {
                        number < **edge
                    } else {
                        number > **edge
                    }
                };
                let class = self.breaks.iter().take_while(worse).count();
                Shade::Class(u8::try_from(class + 1).unwrap_or(5))
            }
        }
    }

    /// The legend: every class, and what else is on the map, of `rows` and of counties without a row.
    pub(in crate::web) fn legend<'a>(
        &self,
        rows: impl Iterator<Item = &'a CountyRow>,
        without_row: usize,
    ) -> Vec<Band> {
        let rows: Vec<(Shade, f64)> = rows
            .map(|row| (self.shade(row.figure.value), row.people.get()))
            .collect();
        let classes = (1..=self.breaks.len() + 1).filter_map(|class| u8::try_from(class).ok());
        let shades = classes
            .map(Shade::Class)
            .chain([Shade::None, Shade::Withheld]);
        let bands = shades.filter_map(|shade| {
            let of = || rows.iter().filter(|(other, _)| *other == shade);
            let people = of().map(|(_, people)| people).sum();
            let is_class = matches!(shade, Shade::Class(_));
            let band = Band::of(shade, self.text(shade), of().count(), people);
            (is_class || of().count() > 0).then_some(band)
        });
        let nobody = say("coverage-class-nobody");
        let nobody = Band::of(Shade::NoData, nobody, without_row, 0.0);
        bands.chain((without_row > 0).then_some(nobody)).collect()
    }

    fn text(&self, shade: Shade) -> String {
        let class = match shade {
            Shade::Class(class) => usize::from(class),
            Shade::None => return say("coverage-class-none"),
            Shade::Withheld => return say("coverage-class-withheld"),
            Shade::NoData => return String::new(),
        };
        let edge = |at: usize| {
            self.breaks
                .get(at)
                .map(|edge| words::number(self.quantity, *edge))
        };
        let before = class.checked_sub(2).and_then(edge);
        match (before, edge(class - 1)) {
            (None, Some(after)) if self.downwards => {
                tell("coverage-class-from", &[("edge", after.into())])
            }
            (None, Some(after)) => tell("coverage-class-to", &[("edge", after.into())]),
            (Some(before), Some(after)) if self.downwards => words::range(&after, &before),
            (Some(before), Some(after)) => words::range(&before, &after),
            (Some(before), None) if self.downwards => {
                tell("coverage-class-less", &[("edge", before.into())])
            }
            (Some(before), None) => tell("coverage-class-more", &[("edge", before.into())]),
            (None, None) => say("coverage-class-any"),
        }
    }
}

/// Up to four breaks with about a fifth of the numbers between them, rounded to two digits, ascending.
fn fifths(rows: &[CountyRow]) -> Vec<f64> {
    let numbers = rows.iter().filter_map(|row| row.figure.value.number());
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    let at = |fifth: usize| numbers.get(numbers.len() * fifth / 5).copied();
    let mut breaks: Vec<f64> = (1..5).filter_map(at).map(two_digits).collect();
    breaks.dedup();
    breaks
}

/// The number rounded to two significant digits.
fn two_digits(number: f64) -> f64 {
    format!("{number:.1e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::coverage::samples;

    #[test]
    fn a_break_belongs_to_the_better_class() {
        let report = samples::report(Measure::NearestOpen);
        let scale = Scale::of(&report);
        let miles = |miles| {
            let km = Kilometres::from_miles(miles).unwrap().get();
            scale.shade(Amount::Number(km))
        };

        assert_eq!(miles(0.0), Shade::Class(1));
        assert_eq!(miles(10.0), Shade::Class(1));
        assert_eq!(miles(10.1), Shade::Class(2));
        assert_eq!(miles(60.0), Shade::Class(3));
        assert_eq!(miles(2_000.0), Shade::Class(5));
        assert_eq!(scale.shade(Amount::None), Shade::None);
    }

    #[test]
    fn a_small_share_of_people_reached_is_worst_and_a_small_share_of_dead_ends_best() {
        let reached = Measure::CoverageAt(Kilometres::new(50.0).unwrap());
        let reached = Scale::of(&samples::report(reached));
        let failed = Scale::of(&samples::report(Measure::DeadEnds));

        assert_eq!(reached.shade(Amount::Number(0.01)), Shade::Class(5));
        assert_eq!(reached.shade(Amount::Number(0.95)), Shade::Class(1));
        assert_eq!(failed.shade(Amount::Number(0.01)), Shade::Class(1));
    }

    #[test]
    fn the_legend_names_every_class_and_what_has_none() {
        let report = samples::report(Measure::NearestOpen);
        let scale = Scale::of(&report);

        let legend = scale.legend(report.counties.iter(), 3);

        let texts: Vec<&str> = legend.iter().map(|band| band.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Up to 10 miles",
                "10 to 30 miles",
                "30 to 60 miles",
                "60 to 100 miles",
                "More than 100 miles",
                "None: nobody open is in reach",
                "Nobody in the table of demand",
            ]
        );
        assert_eq!(legend.last().unwrap().counties, "3 counties");
    }

    #[test]
    fn breaks_are_round_and_ascend() {
        let report = samples::report(Measure::PeoplePerPlace);

        let breaks = Scale::of(&report).breaks;

        assert_eq!(breaks.len(), 4);
        assert!(breaks.is_sorted(), "{breaks:?}");
        for number in [0.42, 1.0, 7.3, 120.0, 4_500.0] {
            assert!((two_digits(number) - number).abs() < 1e-12, "{number}");
        }
        assert!((two_digits(1_234.0) - 1_200.0).abs() < 1e-9);
        assert!((two_digits(0.012_34) - 0.012).abs() < 1e-12);
    }
}
