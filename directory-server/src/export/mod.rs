//! A coverage report as a file: CSV with HXL tags, `GeoJSON`, JSON.
//!
//! Start at [`Form::write`]. All three say the same numbers, out of the same columns ([`columns`]), and carry what
//! they mean inside: what was asked, by which method, with whose demand, how much is in doubt, and what is left out
//! so that nobody is told apart ([`facts`]). A file is made of a [`Report`] and of the map's names and outlines,
//! of nothing else: the same report gives the same bytes.

mod about;
mod cell;
mod columns;
mod csv;
mod geojson;
mod json;
mod outcomes;
mod trend;

use referral_core::coverage::{CountyRow, Report};
use referral_core::geo::StateCode;

pub use about::{Fact, asked, facts, measure, title};
pub use cell::{guarded, unguarded};
pub use columns::{COLUMNS, Column, Value};
pub use outcomes::outcomes;
pub use trend::trend;

/// A form of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values (RFC 4180): what it means on top, then names, then HXL tags, then counties.
    Csv,
    /// `GeoJSON` (RFC 7946): a feature for each county.
    GeoJson,
    /// JSON: the whole report.
    Json,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::GeoJson, Self::Json];

    /// The form that a file's extension names.
    #[must_use]
    pub fn parse(extension: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|form| form.extension() == extension)
    }

    /// Its extension, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::GeoJson => "geojson",
            Self::Json => "json",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::GeoJson => "application/geo+json",
            Self::Json => "application/json",
        }
    }

    /// The report in this form: all counties, or those of one state.
    #[must_use]
    pub fn write(self, report: &Report, state: Option<StateCode>) -> String {
        match self {
            Self::Csv => csv::write(report, state),
            Self::GeoJson => geojson::write(report, state),
            Self::Json => json::write(report, state),
        }
    }
}

/// The rows of a state, or all.
fn rows(report: &Report, state: Option<StateCode>) -> impl Iterator<Item = &CountyRow> {
    let rows = report.counties.iter();
    rows.filter(move |row| state.is_none() || row.county.state() == state)
}

#[cfg(test)]
mod tests;
