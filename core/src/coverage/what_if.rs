//! What would change if places were added.

use crate::capacity::Unit;
use crate::coverage::{
    Areas, CountyRow, Evidence, Organization, Places, Pool, Question, Reach, Report, Site,
    Standing, Supply, report,
};
use crate::geo::{CountyFips, Point};
use crate::id::PublicId;

use super::pools::Counting;

/// Places that are not there yet: a provider of its own, open, who serves whoever is near.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Addition {
    /// Where.
    pub at: Point,
    /// The county that is in, where the map knows it.
    pub county: Option<CountyFips>,
    /// How many places, in the unit of the report.
    pub places: u32,
}

/// A report as it is, and as it would be.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// As it is.
    pub before: Report,
    /// With the additions.
    pub after: Report,
}

/// The answer to a question, with and without additions.
#[must_use]
pub fn what_if(question: &Question, evidence: &Evidence<'_>, additions: &[Addition]) -> Change {
    let unit = Counting::of(question, evidence.supply()).unit();
    let unit = unit.unwrap_or(Unit::Client);
    let mut supply: Supply = evidence.supply().clone();
    for (addition, number) in additions.iter().zip(1_u64..) {
        let pool = Pool {
            service: Addition::service(number),
            organization: Organization(u64::MAX - number),
            places: Places::Counted(addition.places, unit),
            standing: Standing::Open,
            languages: 0,
        };
        let site = Site::At {
            point: addition.at,
            county: addition.county,
        };
        let areas = Areas::NOT_STATED;
        supply.add(pool, &[Reach { site, areas }]);
    }
    // Both are counted in the same unit, whatever the additions would make the most common one.
    let question = Question {
        unit: Some(unit),
        ..question.clone()
    };
    Change {
        before: report(&question, evidence),
        after: report(&question, &evidence.with_supply(&supply)),
    }
}

impl Addition {
    /// What the `number`-th addition, from 1, is called in the rows of a report. No service has such an id:
    /// theirs are UUIDs of version 5, this one has no version.
    #[must_use]
    pub fn service(number: u64) -> PublicId {
        PublicId::parse(&format!("{number:032x}"))
            .unwrap_or_else(|_| unreachable!("32 hexadecimal digits are a UUID"))
    }
}

impl Change {
    /// The counties whose figures are different, before and after.
    #[must_use]
    pub fn counties(&self) -> Vec<(&CountyRow, &CountyRow)> {
        let rows = self.before.counties.iter().zip(&self.after.counties);
        rows.filter(|(before, after)| before.figure != after.figure)
            .collect()
    }
}
