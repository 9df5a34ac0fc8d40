//! How coverage changed, week by week: the same question of the end of every week.

use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use referral_core::coverage::{
    DemandSource, Figure, Quantity, Query, Question, Summary, SupplyShares,
};
use referral_core::geo::CountyFips;
use referral_core::policy::Viewer;

use super::kept::Key;
use super::{Asked, CoverageError, Directory};
use crate::history::{Past, Reader};

/// Most weeks of a trend: five years.
const MOST_WEEKS: u32 = 260;

/// How coverage changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// What was asked.
    pub question: Question,
    /// The table of demand it was answered with.
    pub demand: DemandSource,
    /// What the figures count.
    pub quantity: Quantity,
    /// The ends of weeks (the first moment of a Monday, UTC), then the question's own moment. Oldest first.
    pub points: Vec<Arc<TrendPoint>>,
}

/// Coverage at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendPoint {
    /// When.
    pub at: Timestamp,
    /// The whole country.
    pub summary: Summary,
    /// What matched then.
    pub supply: SupplyShares,
    /// The figure of each county, ordered by code.
    pub counties: Vec<(CountyFips, Figure)>,
}

impl TrendPoint {
    /// The figure of a county.
    #[must_use]
    pub fn county(&self, county: CountyFips) -> Option<&Figure> {
        let at = self
            .counties
            .binary_search_by_key(&county, |(fips, _)| *fips);
        at.ok().map(|at| &self.counties[at].1)
    }
}

impl Directory {
    /// How the answer to a question changed over so many weeks, 1 to 260, off the async threads.
    ///
    /// # Errors
    /// [`CoverageError`].
    pub async fn coverage_trend(
        self: &Arc<Self>,
        viewer: &Viewer,
        query: &Query,
        weeks: u32,
    ) -> Result<Trend, CoverageError> {
        let asked = self.asked(viewer, query)?;
        let directory = Arc::clone(self);
        let work = move || directory.trend(&asked, weeks.clamp(1, MOST_WEEKS));
        self.coverage.turn.take(work).await
    }

    fn trend(&self, asked: &Asked, weeks: u32) -> Result<Trend, CoverageError> {
        let last = self.covered(asked)?;
        let times = ends(asked.question.as_of, weeks);
        let point = |at: &Timestamp| {
            let key = Key::of(&asked.at(*at).question, false);
            self.coverage.points.get(&key, None)
        };
        let mut points: Vec<Option<Arc<TrendPoint>>> = times.iter().map(point).collect();
        let missing: Vec<usize> = (0..times.len())
            .filter(|at| points[*at].is_none())
            .collect();
        if !missing.is_empty() {
            let reader = self.ledger.history().ok_or(CoverageError::NoHistory)?;
            let moments: Vec<Timestamp> = missing.iter().map(|at| times[*at]).collect();
            let mut failed = Ok(());
            reader.each(&moments, |at, past| {
                if failed.is_ok() {
                    match self.point(&asked.at(moments[at]), &reader, past) {
                        Ok(point) => points[missing[at]] = Some(point),
                        Err(error) => failed = Err(error),
                    }
                }
                Ok(())
            })?;
            failed?;
        }
        let mut points: Vec<Arc<TrendPoint>> = points.into_iter().flatten().collect();
        points.push(Arc::new(TrendPoint {
            at: last.question.as_of,
            summary: last.summary.clone(),
            supply: last.supply,
            counties: last
                .counties
                .iter()
                .map(|row| (row.county, row.figure))
                .collect(),
        }));
        Ok(Trend {
            question: last.question.clone(),
            demand: last.demand.clone(),
            quantity: last.quantity,
            points,
        })
    }

    fn point(
        &self,
        asked: &Asked,
        reader: &Reader,
        past: &Past,
    ) -> Result<Arc<TrendPoint>, CoverageError> {
        let made = self.gathered_of(asked, reader, past)?.report(asked);
        let counties = made.counties.iter().map(|row| (row.county, row.figure));
        let point = Arc::new(TrendPoint {
            at: asked.question.as_of,
            counties: counties.collect(),
            summary: made.summary,
            supply: made.supply,
        });
        let key = Key::of(&asked.question, false);
        self.coverage.points.keep(key, None, Arc::clone(&point));
        Ok(point)
    }
}

/// The ends of so many weeks before `now`, oldest first.
fn ends(now: Timestamp, weeks: u32) -> Vec<Timestamp> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let since_monday = i64::from(today.weekday().since(Weekday::Monday));
    let monday = today.saturating_sub(since_monday.days());
    let end = |week: u32| {
        let day: Date = monday.checked_sub((7 * i64::from(week)).days()).ok()?;
        let midnight = day.to_zoned(TimeZone::UTC).ok()?;
        Some(midnight.timestamp())
    };
    let mut ends: Vec<Timestamp> = (0..weeks)
        .filter_map(end)
        .filter(|end| *end < now)
        .collect();
    ends.reverse();
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_end_with_the_first_moment_of_a_monday() {
        let now: Timestamp = "2026-11-22T14:00:00Z".parse().unwrap();

        let told: Vec<String> = ends(now, 3).iter().map(ToString::to_string).collect();

        assert_eq!(
            told,
            [
                "2026-11-02T00:00:00Z",
                "2026-11-09T00:00:00Z",
                "2026-11-16T00:00:00Z"
            ]
        );
    }
}
