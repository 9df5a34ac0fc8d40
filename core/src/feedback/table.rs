//! What the task force gets of a week that is over: how referrals ended, by kind of need and state.
//!
//! Each service is in one cell, by the first of its domains and its state: cells do not overlap, so no difference
//! of two tells of a third. A number is told where at least three organizations said it, of services of at least three
//! agencies, none of either with more than 80 % of it, and it is 11 or more. There are no sums beside them.

use std::collections::BTreeMap;

use crate::geo::StateCode;
use crate::id::AgencyId;
use crate::search::Facts;
use crate::tally::{Topic, Week, told_of_agencies};
use crate::vocabulary::Code;

use super::{Outcome, Outcomes};

/// Where a service is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The first of its domains.
    pub topic: Topic,
    /// The first state that one of its offers is in; `None`: none is stated.
    pub state: Option<StateCode>,
}

/// What one organization's people said of one service in a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where the service is counted.
    pub place: Place,
    /// Whose people said it: nothing but a number that tells organizations of this week apart.
    pub by: [u8; 16],
    /// The agency whose service it is.
    pub of: AgencyId,
    /// What they said.
    pub outcomes: Outcomes,
}

/// How referrals ended in a week, as far as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The week.
    pub week: Week,
    /// Cells in which anything is told: numbers in the order of [`Outcome::ALL`], `None` where one is not.
    pub cells: BTreeMap<Place, [Option<u64>; 4]>,
}

impl Place {
    /// Where a service is counted; `None`: nowhere, it has no domain, or serves people for what could mark
    /// them.
    #[must_use]
    pub fn of(facts: &Facts) -> Option<Self> {
        let marks = |code: &Code| Topic::Need(code.clone()).is_sensitive();
        if facts.codes.iter().any(marks) {
            return None;
        }
        let mut codes = facts.codes.iter();
        let domain = codes.find(|code| code.class() == "dom")?;
        let mut states = facts.offers.iter().filter_map(|offer| offer.site.state());
        Some(Self {
            topic: Topic::Need(domain.clone()),
            state: states.next(),
        })
    }
}

impl Table {
    /// The table of a week that is over.
    #[must_use]
    pub fn of(week: Week, said: &[Said]) -> Self {
        let mut by_place: BTreeMap<&Place, Vec<&Said>> = BTreeMap::new();
        for one in said {
            by_place.entry(&one.place).or_default().push(one);
        }
        let cells = by_place.into_iter().map(|(place, said)| {
            let cell = Outcome::ALL.map(|outcome| told(outcome, &said));
            (place.clone(), cell)
        });
        let told = cells.filter(|(_, cell)| cell.iter().any(Option::is_some));
        Self {
            week,
            cells: told.collect(),
        }
    }
}

/// One number, where both who said it and of whom allow it.
fn told(outcome: Outcome, said: &[&Said]) -> Option<u64> {
    let (mut by, mut of) = (BTreeMap::new(), BTreeMap::new());
    for one in said {
        let count = u64::from(one.outcomes.of(outcome));
        *by.entry(&one.by).or_insert(0) += count;
        *of.entry(&one.of).or_insert(0) += count;
    }
    let by: Vec<u64> = by.into_values().collect();
    let of: Vec<u64> = of.into_values().collect();
    told_of_agencies(&by).filter(|_| told_of_agencies(&of).is_some())
}
