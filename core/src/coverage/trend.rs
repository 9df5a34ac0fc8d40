//! The same question, asked of one week after the other.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::coverage::{Figure, Quantity, Report};
use crate::geo::CountyFips;

/// A figure over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// What the numbers count.
    pub quantity: Quantity,
    /// From the earliest to the latest.
    pub points: Vec<TrendPoint>,
}

/// A figure at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendPoint {
    /// The moment.
    pub as_of: Timestamp,
    /// The figure; `None`: the county was not in the report.
    pub figure: Option<Figure>,
    /// The share of matching pools not confirmed in time then; `None`: nothing matched.
    pub stale_share: Option<f64>,
    /// The share of matching pools of which nobody knew then; `None`: nothing matched.
    pub unknown_share: Option<f64>,
}

impl Trend {
    /// The series of a county, or of the whole country, out of reports of the same question. `None`: no reports, or they
    /// count different things.
    #[must_use]
    pub fn of(reports: &[Report], county: Option<CountyFips>) -> Option<Self> {
        let quantity = reports.first()?.quantity;
        if reports.iter().any(|report| report.quantity != quantity) {
            return None;
        }
        let points = reports.iter().map(|report| TrendPoint {
            as_of: report.question.as_of,
            figure: match county {
                Some(county) => report.county(county).map(|row| row.figure),
                None => Some(report.summary.figure),
            },
            stale_share: report.supply.stale_share(),
            unknown_share: report.supply.unknown_share(),
        });
        let mut points: Vec<TrendPoint> = points.collect();
        points.sort_by_key(|point| point.as_of);
        Some(Self { quantity, points })
    }
}

/// The moments of a weekly series that ends with `as_of`: the last `weeks` Mondays at midnight UTC before it, then itself.
#[must_use]
pub fn mondays_before(as_of: Timestamp, weeks: u16) -> Vec<Timestamp> {
    let day = as_of.to_zoned(TimeZone::UTC).date();
    let since = day.weekday().since(Weekday::Monday);
    let monday = day.checked_sub(Span::new().days(since));
    let midnight = monday.and_then(|day| day.to_zoned(TimeZone::UTC));
    let Ok(midnight) = midnight.map(|midnight| midnight.timestamp()) else {
        return vec![as_of];
    };
    let before = (0..weeks).rev().filter_map(|week| {
        let hours = Span::new().hours(i64::from(week) * 7 * 24);
        midnight.checked_sub(hours).ok()
    });
    before.chain((as_of > midnight).then_some(as_of)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_series_has_a_moment_for_each_monday_and_ends_with_its_own() {
        let moments = mondays_before(at("2026-11-22T12:00:00Z"), 2);

        let mondays = ["2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z"].map(at);
        assert_eq!(moments[..2], mondays);
        assert_eq!(moments[2..], [at("2026-11-22T12:00:00Z")]);
        let monday = at("2026-11-16T00:00:00Z");
        assert_eq!(mondays_before(monday, 1), [monday]);
    }
}
