//! A question about coverage as it is typed, and how it becomes a [`Question`]. Every adapter makes one of these.

use std::fmt;

use jiff::Timestamp;

use crate::capacity::Unit;
use crate::catalog::LanguageTag;
use crate::coverage::{InvalidQuestion, Measure, Question, Ring, Rings};
use crate::geo::Kilometres;
use crate::places::Places;
use crate::search::{self, Refused};
use crate::text::Name;

/// The table of demand that is there without being loaded.
pub const RESIDENTS: &str = "Residents";

/// What is measured, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Measured {
    /// As [`Measure::NearestOpen`].
    #[default]
    NearestOpen,
    /// As [`Measure::CoverageAt`].
    CoverageAt,
    /// As [`Measure::KCoverage`].
    KCoverage,
    /// As [`Measure::Catchment`].
    Catchment,
    /// As [`Measure::PeoplePerPlace`].
    PeoplePerPlace,
    /// As [`Measure::DeadEnds`].
    DeadEnds,
    /// As [`Measure::TimeToFirstOpen`].
    TimeToFirstOpen,
}

/// A word that names no measure. The asker's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a measure is nearest_open, coverage_at, k_coverage, catchment, people_per_place, dead_ends or time_to_first_open"
)]
pub struct InvalidMeasure;

/// A question as typed. Empty texts and zeros mean "not stated".
#[derive(Clone, Default, PartialEq)]
pub struct Query {
    /// What counts as help: need, languages, circumstances, access, fee, facets. No place and no words.
    pub filter: search::Query,
    /// A table of demand, by name; empty: [`RESIDENTS`].
    pub demand: String,
    /// What is measured.
    pub measure: Measured,
    /// How far, in miles; zero: 60.
    pub within_miles: f64,
    /// How many organizations; zero: 2.
    pub organizations: u32,
    /// The rings of a catchment: miles and weight of each; empty: 10, 30 and 60 miles at 1, 0.68 and 0.22.
    pub rings: Vec<(f64, f64)>,
    /// What places are counted in, by name; empty: the unit most are counted in.
    pub unit: String,
    /// What an open provider without a count stands for; zero: 1.
    pub assumed_places: u32,
    /// Languages that are compared.
    pub languages: Vec<String>,
    /// The moment the report is of; `None`: now.
    pub as_of: Option<Timestamp>,
}

impl Measured {
    /// Every measure.
    pub const ALL: [Self; 7] = [
        Self::NearestOpen,
        Self::CoverageAt,
        Self::KCoverage,
        Self::Catchment,
        Self::PeoplePerPlace,
        Self::DeadEnds,
        Self::TimeToFirstOpen,
    ];

    /// Reads a measure by its name; a hyphen is as good as an underscore.
    ///
    /// # Errors
    /// [`InvalidMeasure`] for any other word.
    pub fn parse(text: &str) -> Result<Self, InvalidMeasure> {
        let asked = text.trim().replace('-', "_");
        let named = |measure: &Self| measure.as_str() == asked;
        Self::ALL.into_iter().find(named).ok_or(InvalidMeasure)
    }

    /// The measure's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NearestOpen => "nearest_open",
            Self::CoverageAt => "coverage_at",
            Self::KCoverage => "k_coverage",
            Self::Catchment => "catchment",
            Self::PeoplePerPlace => "people_per_place",
            Self::DeadEnds => "dead_ends",
            Self::TimeToFirstOpen => "time_to_first_open",
        }
    }

    /// The name of a measure.
    #[must_use]
    pub fn of(measure: &Measure) -> Self {
        match measure {
            Measure::NearestOpen => Self::NearestOpen,
            Measure::CoverageAt(_) => Self::CoverageAt,
            Measure::KCoverage { .. } => Self::KCoverage,
            Measure::Catchment(_) => Self::Catchment,
            Measure::PeoplePerPlace => Self::PeoplePerPlace,
            Measure::DeadEnds => Self::DeadEnds,
            Measure::TimeToFirstOpen => Self::TimeToFirstOpen,
        }
    }
}

impl Query {
    /// The question this query means at `now`.
    ///
    /// # Errors
    /// Every field at fault, each with its reason.
    pub fn understand(&self, map: &dyn Places, now: Timestamp) -> Result<Question, Vec<Refused>> {
        let mut wrong = Vec::new();
        let mut refuse = |field, code, why: &dyn fmt::Display| {
            wrong.push(Refused {
                field,
                code,
                text: why.to_string(),
                named: Vec::new(),
            });
        };
        let within = self.within();
        let measure = within.and_then(|within| Ok((self.measured(within)?, within)));
        if let Err(invalid) = &measure {
            refuse(field_of(*invalid), invalid.code(), invalid);
        }
        let demand = Name::parse(self.demand())
            .inspect_err(|invalid| refuse("demand", "demand_name", invalid))
            .ok();
        let unit = self.unit();
        if unit.is_err() {
            refuse(
                "unit",
                "unit_invalid",
                &"a unit is client, family, bed, seat, hour or case",
            );
        }
        let mut languages = Vec::new();
        for typed in self
            .languages
            .iter()
            .filter(|typed| !typed.trim().is_empty())
        {
            match LanguageTag::parse(typed) {
                Ok(tag) => languages.push(tag),
                Err(invalid) => refuse("compare_languages", "language_invalid", &invalid),
            }
        }
        if self.as_of.is_some_and(|at| at > now) {
            refuse(
                "as_of",
                "as_of_future",
                &"a report is of now or of the past",
            );
        }
        let filter = self.filter.understand(map);
        let filter = filter.map_err(|refused| wrong.extend(refused));
        let (Ok((measure, within)), Some(demand), Ok(unit), Ok(filter)) =
            (measure, demand, unit, filter)
        else {
            return Err(wrong);
        };
        let question = Question {
            within,
            unit,
            assumed_places: self.assumed_places.max(1),
            languages,
            ..Question::new(filter, demand, measure, self.as_of.unwrap_or(now))
        };
        match question.check() {
            Ok(question) if wrong.is_empty() => Ok(question),
            Ok(_) => Err(wrong),
            Err(invalid) => {
                wrong.push(Refused {
                    field: field_of(invalid),
                    code: invalid.code(),
                    text: invalid.to_string(),
                    named: Vec::new(),
                });
                Err(wrong)
            }
        }
    }

    fn demand(&self) -> &str {
        match self.demand.trim() {
            "" => RESIDENTS,
            demand => demand,
        }
    }

    fn within(&self) -> Result<Kilometres, InvalidQuestion> {
        let miles = match self.within_miles {
            0.0 => 60.0,
            miles => miles,
        };
        Kilometres::from_miles(miles).map_err(|_| InvalidQuestion::Distance)
    }

    fn measured(&self, within: Kilometres) -> Result<Measure, InvalidQuestion> {
        Ok(match self.measure {
            Measured::NearestOpen => Measure::NearestOpen,
            Measured::CoverageAt => Measure::CoverageAt(within),
            Measured::KCoverage => Measure::KCoverage {
                organizations: match self.organizations {
                    0 => 2,
                    number => u8::try_from(number).map_err(|_| InvalidQuestion::Organizations)?,
                },
                within,
            },
            Measured::Catchment if self.rings.is_empty() => Measure::Catchment(Rings::default()),
            Measured::Catchment => {
                let rings = self.rings.iter().map(|(miles, weight)| {
                    let to = Kilometres::from_miles(*miles);
                    let to = to.map_err(|_| InvalidQuestion::Rings)?;
                    Ok(Ring {
                        to,
                        weight: *weight,
                    })
                });
                Measure::Catchment(Rings::new(rings.collect::<Result<_, _>>()?)?)
            }
            Measured::PeoplePerPlace => Measure::PeoplePerPlace,
            Measured::DeadEnds => Measure::DeadEnds,
            Measured::TimeToFirstOpen => Measure::TimeToFirstOpen,
        })
    }

    fn unit(&self) -> Result<Option<Unit>, ()> {
        let asked = self.unit.trim();
        if asked.is_empty() {
            return Ok(None);
        }
        let named = |unit: &Unit| unit.as_str().eq_ignore_ascii_case(asked);
        Unit::ALL.into_iter().find(named).map(Some).ok_or(())
    }
}

/// What is typed of a person's situation is told to nobody: the redacted form.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Query(..)")
    }
}

fn field_of(invalid: InvalidQuestion) -> &'static str {
    match invalid {
        InvalidQuestion::Place => "filter",
        InvalidQuestion::Distance => "within_miles",
        InvalidQuestion::Organizations => "organizations",
        InvalidQuestion::Rings => "rings",
        InvalidQuestion::Languages => "compare_languages",
        InvalidQuestion::AssumedPlaces => "assumed_places",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hsds::tests::SmallMap;

    const NOW: Timestamp = Timestamp::constant(1_795_300_000, 0);

    #[test]
    fn an_empty_query_asks_for_the_nearest_open_of_anything_for_residents_now() {
        let question = Query::default().understand(&SmallMap, NOW).unwrap();

        assert_eq!(question.measure, Measure::NearestOpen);
        assert_eq!(question.demand.as_str(), RESIDENTS);
        assert_eq!((question.as_of, question.assumed_places), (NOW, 1));
    }

    #[test]
    fn every_field_at_fault_is_named() {
        let query = Query {
            filter: search::Query {
                need: "no need".to_owned(),
                ..search::Query::default()
            },
            measure: Measured::Catchment,
            rings: vec![(30.0, 0.5), (10.0, 1.0)],
            unit: "sofa".to_owned(),
            languages: vec!["not a language".to_owned()],
            as_of: NOW.checked_add(jiff::SignedDuration::from_secs(1)).ok(),
            ..Query::default()
        };

        let refused = query.understand(&SmallMap, NOW).unwrap_err();

        let mut fields: Vec<_> = refused.iter().map(|refused| refused.field).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            ["as_of", "compare_languages", "need", "rings", "unit"]
        );
    }

    #[test]
    fn a_question_is_about_the_whole_map() {
        let query = Query {
            filter: search::Query {
                near: "Baltimore, MD".to_owned(),
                ..search::Query::default()
            },
            ..Query::default()
        };

        let refused = query.understand(&SmallMap, NOW).unwrap_err();

        assert_eq!((refused.len(), refused[0].code), (1, "coverage_place"));
    }

    #[test]
    fn a_measure_is_read_by_the_name_it_has() {
        for measure in Measured::ALL {
            assert_eq!(Measured::parse(measure.as_str()), Ok(measure));
        }
        assert_eq!(Measured::parse("k-coverage"), Ok(Measured::KCoverage));
        assert_eq!(Measured::parse("best"), Err(InvalidMeasure));
    }
}
