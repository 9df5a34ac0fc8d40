//! What was typed, as a question.

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use referral_core::capacity::Unit;
use referral_core::coverage::Measured;
use referral_core::search::{Access, Fee};
use referral_proto::{convert, v1};
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::exit::{Exit, WithExit};

use crate::commands::search::Circumstances;
use crate::commands::search::asked::{FEES, Filter, WAYS, codes, filters, words};

/// A question about coverage.
#[derive(Debug, Args)]
pub(super) struct Question {
    /// The directory's public address
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080",
        env = "REFERRAL_DIRECTORY"
    )]
    pub(super) server: String,
    /// Vocabulary codes of one domain, separated by commas: any of the needs, all of the terms
    #[arg(
        long,
        value_name = "CODE[,CODE]",
        default_value = "",
        hide_default_value = true
    )]
    need: String,
    /// A language (BCP 47 tag, such as es or ht); repeat for any of several
    #[arg(long, value_name = "TAG")]
    language: Vec<String>,
    /// An interpreter by phone answers a language too
    #[arg(long)]
    interpreter: bool,
    /// How the service is reached [default: any]
    #[arg(long, value_name = "WAY", value_parser = words(WAYS, Access::parse))]
    access: Option<Access>,
    /// The most it may cost [default: anything]
    #[arg(long, value_name = "FEE", value_parser = words(FEES, Fee::parse))]
    fee: Option<Fee>,
    /// A value of a facet, as search --facets prints it; repeat for several, which all must hold
    #[arg(long, value_name = "FIELD=VALUE")]
    filter: Vec<Filter>,
    /// What is measured
    #[arg(long, value_name = "MEASURE", default_value = "nearest-open", value_parser = words(MEASURES, Measured::parse))]
    measure: Measured,
    /// How far is near, in miles [default: 60]
    #[arg(long, value_name = "N", value_parser = crate::commands::search::asked::miles, allow_negative_numbers = true)]
    within_mi: Option<f64>,
    /// For k-coverage: how many organizations, 1 to 10 [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10))]
    organizations: Option<u32>,
    /// For catchment: a ring, as miles and weight, from the inside out; repeat [default: 10=1 30=0.68 60=0.22]
    #[arg(long, value_name = "MILES=WEIGHT", value_parser = ring)]
    ring: Vec<v1::CoverageRing>,
    /// What places are counted in [default: what most are counted in]
    #[arg(long, value_name = "UNIT", value_parser = words(Unit::ALL.map(Unit::as_str), unit))]
    unit: Option<Unit>,
    /// How many places an open provider without a count stands for [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    assumed_places: Option<u32>,
    /// A language to compare (BCP 47 tag); repeat for several
    #[arg(long, value_name = "TAG")]
    compare_language: Vec<String>,
    /// A table of demand, as demand list prints it [default: Residents]
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    demand: String,
    /// The end of a day (UTC), or a moment such as 2026-09-30T12:00:00Z [default: now]
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    as_of: Option<Moment>,
    #[command(flatten)]
    circumstances: Circumstances,
}

/// Names of measures, as options are written.
const MEASURES: [&str; 7] = [
    "nearest-open",
    "coverage-at",
    "k-coverage",
    "catchment",
    "people-per-place",
    "dead-ends",
    "time-to-first-open",
];

/// A moment as typed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    /// The end of a day.
    Day(Date),
    /// A moment.
    At(Timestamp),
}

impl Question {
    pub(super) fn asked(&self) -> anyhow::Result<v1::CoverageQuestion> {
        let filter = v1::SearchRequest {
            need: if self.need.trim().is_empty() {
                Vec::new()
            } else {
                codes(&self.need)
            },
            languages: self.language.clone(),
            circumstances: self.circumstances.given(),
            access: self.access.map_or(0, |way| v1::Access::from(way).into()),
            fee: self.fee.map_or(0, |fee| v1::Fee::from(fee).into()),
            interpreter: self.interpreter,
            filters: filters(&self.filter).exit(Exit::Usage)?,
            ..v1::SearchRequest::default()
        };
        let as_of = match self.as_of {
            None => None,
            Some(Moment::At(at)) => Some(at),
            Some(Moment::Day(day)) => end(day, SystemClock::new().now())?,
        };
        Ok(v1::CoverageQuestion {
            filter: Some(filter),
            demand: self.demand.clone(),
            measure: v1::CoverageMeasure::from(self.measure).into(),
            within_miles: self.within_mi.unwrap_or(0.0),
            organizations: self.organizations.unwrap_or(0),
            rings: self.ring.clone(),
            unit: self
                .unit
                .map_or(0, |unit| v1::CapacityUnit::from(unit).into()),
            assumed_places: self.assumed_places.unwrap_or(0),
            compare_languages: self.compare_language.clone(),
            as_of: as_of.map(convert::time::to_wire),
        })
    }
}

/// The end of a day, UTC; of today and later it is now.
fn end(day: Date, now: Timestamp) -> anyhow::Result<Option<Timestamp>> {
    let next = day.checked_add(1.day()).context("--as-of")?;
    let end = next.to_zoned(TimeZone::UTC).context("--as-of")?.timestamp();
    Ok((end <= now).then_some(end))
}

fn moment(text: &str) -> Result<Moment, String> {
    let text = text.trim();
    let day = text.parse().map(Moment::Day);
    // A moment is a date too: the longer reading comes first.
    let at = text.parse().map(Moment::At);
    at.or(day)
        .map_err(|_| "write a day as 2026-09-30 or a moment as 2026-09-30T12:00:00Z".to_owned())
}

fn unit(text: &str) -> Result<Unit, NoUnit> {
    let mut all = Unit::ALL.into_iter();
    all.find(|unit| unit.as_str() == text).ok_or(NoUnit)
}

/// A word that names no unit.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a unit is client, family, bed, seat, hour or case")]
struct NoUnit;

fn ring(text: &str) -> Result<v1::CoverageRing, String> {
    let read = || {
        let (miles, weight) = text.split_once('=')?;
        Some(v1::CoverageRing {
            to_miles: miles.trim().parse().ok()?,
            weight: weight.trim().parse().ok()?,
        })
    };
    read().ok_or_else(|| "a ring is miles, then = and a weight over 0 up to 1: 30=0.68".to_owned())
}

/// A place and how many places are added there.
pub(super) fn addition(text: &str) -> Result<v1::CoverageAddition, String> {
    let read = || {
        let (place, places) = text.rsplit_once('=')?;
        Some(v1::CoverageAddition {
            place: place.trim().to_owned(),
            places: places.trim().parse().ok()?,
        })
    };
    read().ok_or_else(|| "write a place, then = and how many places: 78017=10".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_means_its_end_and_today_means_now() {
        let now: Timestamp = "2026-11-22T14:00:00Z".parse().unwrap();
        let asked = |text: &str| match moment(text).unwrap() {
            Moment::Day(day) => end(day, now).unwrap(),
            Moment::At(at) => Some(at),
        };

        assert_eq!(
            asked("2026-11-21"),
            Some("2026-11-22T00:00:00Z".parse().unwrap())
        );
        assert_eq!(asked("2026-11-22"), None);
        assert_eq!(
            asked("2026-11-21T08:00:00Z"),
            Some("2026-11-21T08:00:00Z".parse().unwrap())
        );
        assert!(moment("yesterday").is_err());
    }
}
