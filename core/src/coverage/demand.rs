//! Demand: how many people need help where, by a table somebody made and put a date on.

use std::fmt;

use jiff::civil::Date;

use crate::geo::{CountyFips, Point, Zip};
use crate::text::Name;

use super::sphere::Vector;

/// People, or whatever a table counts in their stead (cases, arrivals). Finite, never negative; a share of a ZIP
/// need not be whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct People(f64);

/// What a table of demand is and where it comes from. Every report names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandSource {
    /// What it counts, e.g. "Residents"; the name it is asked for by.
    pub name: Name,
    /// The day it describes.
    pub date: Date,
    /// Who counted.
    pub source: Name,
    /// On what terms it may be used.
    pub licence: Name,
}

/// People in one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DemandPoint {
    /// The county they are counted in.
    pub county: CountyFips,
    /// Their ZIP, where the table is that fine.
    pub zip: Option<Zip>,
    /// Where distances to them are measured from.
    pub at: Point,
    /// How many.
    pub people: People,
}

/// A table of demand: its points are ordered by county and ZIP, each pair once, each with people.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    source: DemandSource,
    points: Vec<DemandPoint>,
    /// The points' positions: worked out once for all reports.
    vectors: Vec<Vector>,
    people: People,
}

/// Why demand was refused. Every variant is the fault of the table's maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDemand {
    /// Not a number of people.
    #[error("a weight is a number, zero or more")]
    Weight,
    /// Not one county's FIPS code or one ZIP.
    #[error("a row names a county by its five-digit FIPS code or a ZIP")]
    Place,
    /// A county or ZIP that no map knows.
    #[error("no such county or ZIP")]
    Unknown,
    /// Nobody in it.
    #[error("the table counts nobody")]
    Empty,
    /// The same county and ZIP twice.
    #[error("a county or ZIP is in the table twice")]
    Twice,
}

impl InvalidDemand {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Weight => "demand_weight",
            Self::Place => "demand_place",
            Self::Unknown => "demand_place_unknown",
            Self::Empty => "demand_empty",
            Self::Twice => "demand_twice",
        }
    }
}

impl People {
    /// Nobody.
    pub const NOBODY: Self = Self(0.0);

    /// So many people.
    ///
    /// # Errors
    /// [`InvalidDemand::Weight`] when negative or not finite.
    pub fn new(number: f64) -> Result<Self, InvalidDemand> {
        if number.is_finite() && number >= 0.0 {
            Ok(Self(number))
        } else {
            Err(InvalidDemand::Weight)
        }
    }

    /// How many.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl From<u32> for People {
    fn from(number: u32) -> Self {
        Self(f64::from(number))
    }
}

impl std::iter::Sum for People {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        // The sum of no floats is -0.
        Self(all.fold(0.0, |sum, people| sum + people.get()))
    }
}

impl fmt::Display for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Demand {
    /// A table. Points without people are left out; the others are put in order.
    ///
    /// # Errors
    /// [`InvalidDemand`] when nobody is left, or a county and ZIP is there twice.
    pub fn new(source: DemandSource, mut points: Vec<DemandPoint>) -> Result<Self, InvalidDemand> {
        points.retain(|point| point.people > People::NOBODY);
        points.sort_by_key(|point| (point.county, point.zip));
        let same =
            |pair: &[DemandPoint]| (pair[0].county, pair[0].zip) == (pair[1].county, pair[1].zip);
        if points.windows(2).any(same) {
            return Err(InvalidDemand::Twice);
        }
        if points.is_empty() {
            return Err(InvalidDemand::Empty);
        }
        let people = points.iter().map(|point| point.people).sum();
        let vectors = points.iter().map(|point| Vector::of(point.at));
        Ok(Self {
            vectors: vectors.collect(),
            source,
            points,
            people,
        })
    }

    /// What it is and where it comes from.
    #[must_use]
    pub fn source(&self) -> &DemandSource {
        &self.source
    }

    /// Its points, ordered by county and ZIP; at least one.
    #[must_use]
    pub fn points(&self) -> &[DemandPoint] {
        &self.points
    }

    /// Where its points are, in their order.
    pub(super) fn vectors(&self) -> &[Vector] {
        &self.vectors
    }

    /// Everybody in it.
    #[must_use]
    pub fn people(&self) -> People {
        self.people
    }
}
