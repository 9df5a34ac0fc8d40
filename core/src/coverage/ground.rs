//! The counties a report is about: where each one is, and how many people live there.

use crate::geo::{CountyFips, Point};

use super::People;

/// A county with fewer residents than this is called rural.
const RURAL_BELOW: f64 = 50_000.0;

/// What a report needs to know of a county.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct County {
    /// Which one.
    pub fips: CountyFips,
    /// A point that stands for it.
    pub at: Point,
    /// Its residents: what makes it rural, whatever demand is reported on.
    pub residents: People,
}

/// The counties of the map, each once, ordered by code. Made once from a gazetteer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ground(Vec<County>);

/// Whether a county is rural.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rurality {
    /// Fewer than 50,000 residents: too few for the urban core that the Office of Management and Budget asks of
    /// a metropolitan area. A stand-in for its list of areas, which no table at hand holds: a small county
    /// beside a big city is called rural here.
    Rural,
    /// 50,000 and more.
    Urban,
}

impl Ground {
    /// The counties in order; of those with the same code the first.
    #[must_use]
    pub fn new(mut counties: Vec<County>) -> Self {
        counties.sort_by_key(|county| county.fips);
        counties.dedup_by_key(|county| county.fips);
        Self(counties)
    }

    /// The counties, ordered by code.
    #[must_use]
    pub fn counties(&self) -> &[County] {
        &self.0
    }

    /// The county with this code.
    #[must_use]
    pub fn county(&self, fips: CountyFips) -> Option<&County> {
        let at = self.0.binary_search_by_key(&fips, |county| county.fips);
        at.ok().map(|at| &self.0[at])
    }
}

impl County {
    /// Whether it is rural.
    #[must_use]
    pub fn rurality(&self) -> Rurality {
        Rurality::of(self.residents)
    }
}

impl Rurality {
    /// What a county with so many residents is called.
    #[must_use]
    pub fn of(residents: People) -> Self {
        if residents.get() < RURAL_BELOW {
            Self::Rural
        } else {
            Self::Urban
        }
    }

    /// A stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rural => "rural",
            Self::Urban => "urban",
        }
    }
}
