//! Who publishes, and which services belong to which organization: all that is kept in memory.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use rand::RngExt;
use referral_core::geo::{CountyFips, StateCode};
use referral_core::id::AgencyId;
use referral_core::text::Name;

use crate::invented::dice::{Dice, chance};
use crate::invented::geography::{Follows, Geography};
use crate::invented::names;
use crate::invented::plan::Plan;
use crate::invented::words::name;

/// Publishers with at least this part of all services work in the whole nation, and in one state
/// (assumption); all others in one county.
const NATIONWIDE: f64 = 0.01;
/// See [`NATIONWIDE`].
const STATEWIDE: f64 = 0.001;
/// Organizations that two publishers list, and that three do (assumption).
const AT_TWO: f64 = 0.06;
/// See [`AT_TWO`].
const AT_THREE: f64 = 0.01;
/// Resettlement networks that publishers are members of.
const NETWORKS: usize = 9;

/// A publisher: who runs one node.
#[derive(Clone, Debug)]
pub(super) struct Publisher {
    pub(super) id: AgencyId,
    pub(super) network: Name,
    pub(super) home: CountyFips,
    pub(super) state: StateCode,
    pub(super) reach: Reach,
    /// Its first organization; the next publisher's first one is beyond its last.
    first: usize,
}

/// How far a publisher's organizations are from its home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    County,
    State,
    Nation,
}

/// Who publishes what.
#[derive(Debug)]
pub(super) struct Roster {
    publishers: Vec<Publisher>,
    /// The first service of each organization, and the number of services in all.
    starts: Vec<u32>,
    /// Organizations that are another publisher's too, and which one of that publisher's.
    copies: HashMap<u32, u32>,
}

impl Roster {
    /// Draws who publishes the services of `plan`.
    pub(super) fn new(plan: &Plan, geography: &Geography, dice: &mut Dice) -> Self {
        let organizations = plan.organizations(dice);
        let compounds = names::compounds(dice);
        let networks: Vec<Name> = (0..NETWORKS)
            .map(|number| name(&names::network(&compounds[number], number)))
            .collect();
        let mut starts = vec![0];
        let mut end = 0;
        let mut publishers = Vec::with_capacity(organizations.len());
        let total: u32 = organizations.iter().flatten().sum();
        for (sizes, compound) in organizations.into_iter().zip(&compounds[NETWORKS..]) {
            let home = geography.county(Follows::Immigrants, dice);
            let network = networks[dice.random_range(0..NETWORKS)].clone();
            let Some(state) = geography.state_of(home) else {
                continue;
            };
            publishers.push(Publisher {
                id: names::agency_id(compound, state),
                network,
                home,
                state,
                reach: Reach::of(sizes.iter().sum(), total),
                first: starts.len() - 1,
            });
            for size in sizes {
                end += size;
                starts.push(end);
            }
        }
        let mut roster = Self {
            publishers,
            starts,
            copies: HashMap::new(),
        };
        roster.copies = roster.copied(dice);
        roster
    }

    /// The number of services.
    pub(super) fn services(&self) -> u32 {
        self.starts.last().copied().unwrap_or_default()
    }

    /// The number of organizations.
    pub(super) fn organizations(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn publishers(&self) -> &[Publisher] {
        &self.publishers
    }

    /// The services of an organization.
    pub(super) fn services_of(&self, organization: u32) -> Range<u32> {
        let at = organization as usize;
        self.starts[at]..self.starts[at + 1]
    }

    /// The organization of a service.
    pub(super) fn organization_of(&self, service: u32) -> u32 {
        let after = self.starts.partition_point(|start| *start <= service);
        u32::try_from(after - 1).unwrap_or(u32::MAX)
    }

    /// The publisher of an organization.
    pub(super) fn publisher_of(&self, organization: u32) -> &Publisher {
        &self.publishers[self.publisher_row(organization)]
    }

    /// The organization this one is another record of: itself, where it is nobody else's.
    pub(super) fn origin_of(&self, organization: u32) -> u32 {
        let origin = self.copies.get(&organization);
        origin.copied().unwrap_or(organization)
    }

    fn publisher_row(&self, organization: u32) -> usize {
        let at = organization as usize;
        let after = self.publishers.partition_point(|one| one.first <= at);
        after - 1
    }

    /// Which organizations are records of an organization that another publisher has, too.
    fn copied(&self, dice: &mut Dice) -> HashMap<u32, u32> {
        let organizations = u32::try_from(self.organizations()).unwrap_or(u32::MAX);
        // Each organization at two publishers has one further record, each at three has two.
        let further = AT_TWO + 2.0 * AT_THREE;
        let mut copies: HashMap<u32, u32> = HashMap::new();
        let mut origins: HashSet<u32> = HashSet::new();
        // An origin with its only copy.
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for copy in 0..organizations {
            if origins.contains(&copy) || !chance(dice, further / (1.0 + further)) {
                continue;
            }
            let elsewhere = |other| self.publisher_row(copy) != self.publisher_row(other);
            if chance(dice, AT_THREE / further) && !pairs.is_empty() {
                let row = dice.random_range(0..pairs.len());
                let (origin, first) = pairs[row];
                if elsewhere(origin) && elsewhere(first) {
                    pairs.swap_remove(row);
                    copies.insert(copy, origin);
                }
                continue;
            }
            let origin = dice.random_range(0..organizations);
            let known = origins.contains(&origin) || copies.contains_key(&origin);
            if !known && elsewhere(origin) {
                copies.insert(copy, origin);
                origins.insert(origin);
                pairs.push((origin, copy));
            }
        }
        copies
    }
}

impl Reach {
    fn of(services: u32, total: u32) -> Self {
        let share = f64::from(services) / f64::from(total.max(1));
        if share >= NATIONWIDE {
            Self::Nation
        } else if share >= STATEWIDE {
            Self::State
        } else {
            Self::County
        }
    }
}
