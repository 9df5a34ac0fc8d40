//! All a report is made from.

use super::{Demand, Ground, Supply};

/// All a report is made from, as of one moment.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    demand: &'a Demand,
    supply: &'a Supply,
    ground: &'a Ground,
}

impl<'a> Evidence<'a> {
    /// Who needs help, what matches the question, and where the counties are.
    #[must_use]
    pub fn new(demand: &'a Demand, supply: &'a Supply, ground: &'a Ground) -> Self {
        Self {
            demand,
            supply,
            ground,
        }
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
