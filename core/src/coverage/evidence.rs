//! All a report is made from.

use super::{Demand, Ground, Openings, Supply};
use crate::tally::Frozen;

/// All a report is made from, as of one moment.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    demand: &'a Demand,
    supply: &'a Supply,
    ground: &'a Ground,
    searches: Option<&'a Frozen>,
    openings: Option<&'a Openings>,
}

impl<'a> Evidence<'a> {
    /// Who needs help, what matches the question, and where the counties are.
    #[must_use]
    pub fn new(demand: &'a Demand, supply: &'a Supply, ground: &'a Ground) -> Self {
        Self {
            demand,
            supply,
            ground,
            searches: None,
            openings: None,
        }
    }

    /// With a published week of searches: rows tell how those for the county ended.
    #[must_use]
    pub fn with_searches(self, searches: &'a Frozen) -> Self {
        Self {
            searches: Some(searches),
            ..self
        }
    }

    /// With the times at which the pools of the supply were open.
    #[must_use]
    pub fn with_openings(self, openings: &'a Openings) -> Self {
        Self {
            openings: Some(openings),
            ..self
        }
    }

    /// The same with other supply.
    #[must_use]
    pub fn with_supply(self, supply: &'a Supply) -> Self {
        Self { supply, ..self }
    }

    /// A published week of searches, where one was given.
    #[must_use]
    pub fn searches(&self) -> Option<&'a Frozen> {
        self.searches
    }

    /// When the pools were open, where it was given.
    #[must_use]
    pub fn openings(&self) -> Option<&'a Openings> {
        self.openings
    }

    /// Who needs help, where.
    #[must_use]
    pub fn demand(&self) -> &'a Demand {
        self.demand
    }

    /// What matches the question.
    #[must_use]
    pub fn supply(&self) -> &'a Supply {
        self.supply
    }

    /// The counties.
    #[must_use]
    pub fn ground(&self) -> &'a Ground {
        self.ground
    }
}
