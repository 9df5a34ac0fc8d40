//! A synthetic national network: agencies, what they publish, and how full they are.
//!
//! Start at [`Network::new`] with a [`Plan`] and seeded [`Dice`]; [`Network::branches`] then makes what
//! one agency publishes, an organization at a time, so that a million services never sit in memory at
//! once. The same plan, seed and `now` give the same network, and each agency's branches are the same
//! whether or not another's were made before. [`next_report`] lets capacities change from there.
//!
//! Places are real (the gazetteer's); names, streets, telephones and addresses on the web are invented
//! and reach nobody. Figures are measured where a source is named beside them, all others are marked as
//! assumptions. Every record is one that `core` accepts.
//!
//! Unoptimised it makes 100,000 services in 11 s of one core, in 14 MiB, gazetteer included.
//!
//! It refuses to make mistakes: no wrong, withheld or repeated rows. Those belong into files that an
//! importer reads, and are to be put there when branches are written as files, never into branches. Nor
//! does it make organizations that appear at two publishers under different names.

mod agency;
mod branch;

pub use crate::invented::dice::{Dice, seeded};
pub use crate::invented::plan::Plan;
pub use crate::invented::reports::next_report;
pub use crate::invented::{ServiceKind, Situation};
pub use agency::Agency;
pub use branch::Branch;

use jiff::Timestamp;
use referral_gazetteer::gazetteer;

use crate::invented::geography::Geography;
use branch::Maker;

/// A network of agencies.
#[derive(Debug)]
pub struct Network {
    agencies: Vec<Agency>,
    geography: Geography,
    breadth: f64,
    now: Timestamp,
}

impl Network {
    /// Draws the roster of a network as it is at `now`. What agencies publish is made when asked for.
    #[must_use]
    pub fn new(plan: &Plan, now: Timestamp, dice: &mut Dice) -> Self {
        let geography = Geography::new(gazetteer(), plan.states, dice);
        Self {
            agencies: agency::roster(plan, &geography, dice),
            geography,
            breadth: plan.breadth,
            now,
        }
    }

    /// The agencies.
    #[must_use]
    pub fn agencies(&self) -> &[Agency] {
        &self.agencies
    }

    /// What an agency of this network publishes, one organization after another.
    pub fn branches<'a>(&'a self, agency: &'a Agency) -> impl Iterator<Item = Branch> + use<'a> {
        let maker = Maker {
            geography: &self.geography,
            agency,
            breadth: self.breadth,
            now: self.now,
        };
        let mut dice = seeded(agency.seed);
        (1..)
            .zip(&agency.organizations)
            .map(move |(number, services)| maker.branch(number, *services, &mut dice))
    }
}
