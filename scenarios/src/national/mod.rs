//! The national network for measuring: 10,000 to 5,000,000 services, made one by one.
//!
//! Start at [`National::new`]; [`National::services`] makes all services in order and
//! [`National::part`] any part of them. Each service follows from the seed and its own number, so parts
//! may be made alone, in any order and on any thread, and are the same as within the whole. What is kept
//! in memory is the roster (8 bytes an organization) and the map.
//!
//! Unlike [`crate::network`], whose branches an agency publishes, these are services as a directory holds
//! them after their import: joined with their organizations and locations, with the reports it received
//! of them, and with the dirt that survives an import: places without coordinates or location, areas not
//! stated, lapsed and missing credentials, odd names, repeated rows, organizations that two or three
//! publishers list under names that differ.
//!
//! Sizes: 10,000 services stand for the immigrant-serving network, 1,000,000 for the national platform of
//! all human services; between them is a mixture. It refuses to make anything that `core` or the wire
//! would not accept.

mod capacity;
mod catalogue;
mod dirt;
mod eligibility;
mod house;
mod listing;
mod prose;
mod roster;
mod seeds;
mod workload;

use std::ops::Range;

use jiff::Timestamp;
use referral_core::capacity::Held;
use referral_core::catalog::{Listing, Place};
use referral_core::id::AgencyId;
use referral_gazetteer::gazetteer;

use crate::invented::ServiceKind;
use crate::invented::geography::Geography;
use crate::invented::plan::{EVERYWHERE, Plan};
use house::{Builder, House};
use roster::Roster;
use seeds::{For, dice};
pub use workload::{Class, Search, Workload};

/// The moment a network is of unless told otherwise: 2026-05-01, noon UTC.
const NOON: i64 = 1_777_636_800;

/// A national network: who publishes, and the map.
#[derive(Debug)]
pub struct National {
    roster: Roster,
    geography: Geography,
    seed: u64,
    breadth: f64,
    now: Timestamp,
}

/// One service as the directory knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Its number in the network, from 0.
    pub number: u32,
    /// What it is for.
    pub kind: ServiceKind,
    /// The service with its organization and its locations.
    pub listing: Listing,
    /// Where its organization is found, for a service that is offered at no location; otherwise empty,
    /// as the directory's store has it.
    pub places: Vec<Place>,
    /// The reports received of it, at most one for the whole and one for each location; empty where it
    /// never reported.
    pub held: Vec<Held>,
}

impl National {
    /// A network of so many services, as of 2026-05-01 at noon UTC.
    #[must_use]
    pub fn new(services: u32, seed: u64) -> Self {
        Self::at(
            services,
            seed,
            Timestamp::from_second(NOON).unwrap_or_default(),
        )
    }

    /// A network of so many services as of `now`: the same one, with every date as long before or after.
    #[must_use]
    pub fn at(services: u32, seed: u64, now: Timestamp) -> Self {
        let plan = Plan::services(services);
        let mut dice = dice(seed, For::Roster, 0);
        let geography = Geography::new(gazetteer(), EVERYWHERE, &mut dice);
        Self {
            roster: Roster::new(&plan, &geography, &mut dice),
            geography,
            seed,
            breadth: plan.breadth,
            now,
        }
    }

    /// How many services there are.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.roster.services()
    }

    /// The moment it is of: reports are as old, and credentials as lapsed, as they are then.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// How many organization records there are.
    #[must_use]
    pub fn organizations(&self) -> usize {
        self.roster.organizations()
    }

    /// The publishers' ids.
    pub fn publishers(&self) -> impl Iterator<Item = &AgencyId> {
        self.roster
            .publishers()
            .iter()
            .map(|publisher| &publisher.id)
    }

    /// Every service, in order of number.
    pub fn services(&self) -> impl Iterator<Item = Published> + use<'_> {
        self.part(0..self.size())
    }

    /// The services with these numbers, in order; numbers beyond the last have none.
    pub fn part(&self, numbers: Range<u32>) -> impl Iterator<Item = Published> + use<'_> {
        let builder = self.builder();
        let mut house: Option<House> = None;
        (numbers.start..numbers.end.min(self.size())).map(move |number| {
            let organization = self.roster.organization_of(number);
            let house = match house.take() {
                Some(known) if known.number == organization => house.insert(known),
                _ => house.insert(builder.house(organization)),
            };
            builder.published(house, self.roster.place_of(number, organization))
        })
    }

    /// The service with this number.
    #[must_use]
    pub fn service(&self, number: u32) -> Option<Published> {
        self.part(number..number.saturating_add(1)).next()
    }

    fn builder(&self) -> Builder<'_> {
        Builder {
            seed: self.seed,
            roster: &self.roster,
            geography: &self.geography,
            breadth: self.breadth,
            now: self.now,
        }
    }
}
