//! What the task force asks.

use jiff::Timestamp;

use crate::capacity::Unit;
use crate::catalog::LanguageTag;
use crate::geo::Kilometres;
use crate::search::Request;
use crate::text::Name;

/// Most languages compared in one report.
const LANGUAGES: usize = 32;
/// Most rings of a catchment.
const RINGS: usize = 8;
/// The farthest a ring, a distance or a dependence reaches.
const FARTHEST_KM: f64 = 500.0;
/// Most organizations asked for at once.
const ORGANIZATIONS: u8 = 10;

/// What is measured in each county.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// How far the nearest open provider is: the population-weighted median within the county.
    NearestOpen,
    /// The share of people with an open provider within this distance.
    CoverageAt(Kilometres),
    /// The share of people with open providers of so many different organizations within a distance.
    KCoverage {
        /// How many organizations, 1..=10; two find single points of failure.
        organizations: u8,
        /// Within which distance.
        within: Kilometres,
    },
    /// Open places in reach for each 1,000 people who compete for them (two-step floating catchment).
    Catchment(Rings),
    /// People for each open place that is in the county.
    PeoplePerPlace,
    /// The share of searches that ended with nothing open, of those published.
    DeadEnds,
    /// How many days somebody who asks on a day of the window waits until a provider within
    /// [`Question::within`] is open.
    TimeToFirstOpen,
}

/// One ring of a catchment: from the end of the ring before to `to`, places count `weight`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ring {
    /// Where it ends.
    pub to: Kilometres,
    /// How much a place there counts: more than 0, at most 1.
    pub weight: f64,
}

/// The rings of a catchment, from the inside out: ever farther, never heavier. Distances on a ring's edge are
/// inside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rings(Vec<Ring>);

/// One question about coverage.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// What counts as help: need, languages, circumstances, access, fee, facets. Its place, words, page and
    /// availability are not used: [`Question::check`] refuses a place and words.
    pub filter: Request,
    /// The table of demand, by its name.
    pub demand: Name,
    /// What is measured.
    pub measure: Measure,
    /// The moment of the report: capacity and listings as they were known then.
    pub as_of: Timestamp,
    /// What counts as near where the measure has no distance of its own: dependence on one organization, languages
    /// and time to first open. 60 miles unless asked otherwise.
    pub within: Kilometres,
    /// What places are counted in: units are never added up together. An open pool counted in another unit counts
    /// as one without a count. `None`: the unit most open pools are counted in.
    pub unit: Option<Unit>,
    /// How many places an open pool without a count stands for. 1 unless asked otherwise.
    pub assumed_places: u32,
    /// The languages that are compared, at most 32.
    pub languages: Vec<LanguageTag>,
}

/// Why a question was refused. Every variant is the asker's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuestion {
    /// The filter names a place or words.
    #[error("coverage is asked for the whole map: leave out place and words")]
    Place,
    /// A distance of zero or beyond the farthest.
    #[error("a distance is more than 0 and at most 310 miles (500 km)")]
    Distance,
    /// A number of organizations out of range.
    #[error("ask for 1 to 10 organizations")]
    Organizations,
    /// Rings that do not go outwards, get heavier, or are too many.
    #[error(
        "a catchment has 1 to 8 rings, each farther and no heavier than the one before, weights over 0 up to 1"
    )]
    Rings,
    /// Too many languages.
    #[error("a report compares at most 32 languages")]
    Languages,
    /// No places for an open provider.
    #[error("an open provider without a count stands for at least one place")]
    AssumedPlaces,
}

impl InvalidQuestion {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Place => "coverage_place",
            Self::Distance => "coverage_distance",
            Self::Organizations => "coverage_organizations",
            Self::Rings => "coverage_rings",
            Self::Languages => "coverage_languages",
            Self::AssumedPlaces => "coverage_assumed_places",
        }
    }
}

impl Rings {
    /// Rings from the inside out.
    ///
    /// # Errors
    /// [`InvalidQuestion::Rings`] unless there are 1 to 8, each farther and no heavier than the one before, with
    /// weights over 0 and up to 1, the last within 500 km.
    pub fn new(rings: Vec<Ring>) -> Result<Self, InvalidQuestion> {
        let outwards = rings
            .windows(2)
            .all(|pair| pair[0].to < pair[1].to && pair[0].weight >= pair[1].weight);
        let fits = |ring: &Ring| ring.weight > 0.0 && ring.weight <= 1.0 && in_range(ring.to);
        if (1..=RINGS).contains(&rings.len()) && outwards && rings.iter().all(fits) {
            Ok(Self(rings))
        } else {
            Err(InvalidQuestion::Rings)
        }
    }

    /// The rings, from the inside out; at least one.
    #[must_use]
    pub fn as_slice(&self) -> &[Ring] {
        &self.0
    }

    /// How much a place at this distance counts; zero beyond the last ring.
    #[must_use]
    pub fn weight(&self, distance: Kilometres) -> f64 {
        let ring = self.0.iter().find(|ring| distance <= ring.to);
        ring.map_or(0.0, |ring| ring.weight)
    }
}

impl Default for Rings {
    /// 10, 30 and 60 miles at 1.0, 0.68 and 0.22: the weights of Luo & Qi 2009 (their slower decay), for the
    /// distances people travel to a lawyer.
    fn default() -> Self {
        let ring = |miles, weight| {
            let to = Kilometres::from_miles(miles);
            let to = to.unwrap_or_else(|_| unreachable!("a distance in miles"));
            Ring { to, weight }
        };
        Self(vec![ring(10.0, 1.0), ring(30.0, 0.68), ring(60.0, 0.22)])
    }
}

impl Question {
    /// A question about everything that matches `filter`, with the usual distance of 60 miles.
    #[must_use]
    pub fn new(filter: Request, demand: Name, measure: Measure, as_of: Timestamp) -> Self {
        let within = Kilometres::from_miles(60.0);
        Self {
            filter,
            demand,
            measure,
            as_of,
            within: within.unwrap_or_else(|_| unreachable!("60 miles is a distance")),
            unit: None,
            assumed_places: 1,
            languages: Vec::new(),
        }
    }

    /// The same question, once its parts fit together.
    ///
    /// # Errors
    /// [`InvalidQuestion`] for a place or words in the filter, and for a number out of range.
    pub fn check(self) -> Result<Self, InvalidQuestion> {
        let filter = &self.filter;
        if filter.near.is_some() || filter.serves.is_some() || filter.text.is_some() {
            return Err(InvalidQuestion::Place);
        }
        if self.languages.len() > LANGUAGES {
            return Err(InvalidQuestion::Languages);
        }
        if self.assumed_places == 0 {
            return Err(InvalidQuestion::AssumedPlaces);
        }
        let within = match &self.measure {
            Measure::CoverageAt(within) => *within,
            Measure::KCoverage {
                organizations,
                within,
            } => {
                if !(1..=ORGANIZATIONS).contains(organizations) {
                    return Err(InvalidQuestion::Organizations);
                }
                *within
            }
            _ => self.within,
        };
        if in_range(within) && in_range(self.within) {
            Ok(self)
        } else {
            Err(InvalidQuestion::Distance)
        }
    }
}

fn in_range(distance: Kilometres) -> bool {
    distance.get() > 0.0 && distance.get() <= FARTHEST_KM
}
