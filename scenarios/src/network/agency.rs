//! The roster: who publishes, for which network, from where, and how much.

use rand::RngExt;
use referral_core::geo::{CountyFips, StateCode};
use referral_core::id::AgencyId;
use referral_core::text::Name;

use crate::invented::ServiceKind;
use crate::invented::dice::Dice;
use crate::invented::geography::{Follows, Geography};
use crate::invented::language::RARE;
use crate::invented::names;
use crate::invented::plan::Plan;
use crate::invented::words::name;

/// Publishers of more services work in a whole state, and in the whole nation (assumption).
const STATEWIDE: u32 = 200;
/// See [`STATEWIDE`].
const NATIONWIDE: u32 = 2_000;

/// A publisher: who runs one node.
#[derive(Clone, Debug)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// The name people know it by.
    pub name: Name,
    /// The network it is a member of.
    pub network: Name,
    /// Whether it is its network's national office, with an interpreters' line for everyone.
    pub national: bool,
    /// The county it is at home in.
    pub home: CountyFips,
    /// That county's state.
    pub state: StateCode,
    /// The number of services of each of its organizations.
    pub(super) organizations: Vec<u32>,
    /// What most of its first organization's services are for.
    pub(super) known_for: ServiceKind,
    pub(super) reach: Reach,
    pub(super) compound: String,
    pub(super) seed: u64,
    number: usize,
}

/// How far an agency's organizations are from its home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    County,
    State,
    Nation,
}

impl Agency {
    /// How many services it publishes.
    #[must_use]
    pub fn services(&self) -> u32 {
        self.organizations.iter().sum()
    }

    /// The rare languages of its interpreters' line; the national offices share them out, so that a
    /// network with all of them has each language.
    pub(super) fn interprets(&self) -> Option<&'static [(&'static str, &'static str)]> {
        if !self.national {
            return None;
        }
        let from = self.number.min(RARE.len() - 2);
        Some(&RARE[from..from + 2])
    }
}

/// The agencies of a network.
pub(super) fn roster(plan: &Plan, geography: &Geography, dice: &mut Dice) -> Vec<Agency> {
    let mut compounds = names::compounds(dice);
    let of_agencies = compounds.split_off(plan.networks);
    let networks: Vec<Name> = (0..)
        .zip(&compounds)
        .map(|(number, compound)| name(&names::network(compound, number)))
        .collect();
    let states: Vec<StateCode> = geography.states().collect();
    let mut agencies = Vec::with_capacity(plan.agencies());
    for (number, organizations) in plan.organizations(dice).into_iter().enumerate() {
        // The first ones have a state each, so that every state has one.
        let home = match states.get(number) {
            Some(state) => geography.county_in(*state, Follows::Immigrants, dice),
            None => geography.county(Follows::Immigrants, dice),
        };
        let Some(state) = geography.state_of(home) else {
            continue;
        };
        let national = plan.has_national_offices() && number < plan.networks;
        let (network, compound) = if national {
            (number, &compounds[number])
        } else {
            let network = dice.random_range(0..plan.networks);
            (network, &of_agencies[number % of_agencies.len()])
        };
        let known_for = ServiceKind::draw(dice, plan.breadth);
        let called = if national {
            format!("{} National Office", networks[network])
        } else {
            names::organization(compound, known_for, dice)
        };
        let reach = if national {
            Reach::Nation
        } else {
            Reach::of(organizations.iter().sum())
        };
        agencies.push(Agency {
            id: names::agency_id(compound, state),
            name: name(&called),
            network: networks[network].clone(),
            national,
            home,
            state,
            organizations,
            known_for,
            reach,
            compound: compound.clone(),
            seed: dice.random(),
            number,
        });
    }
    agencies
}

impl Reach {
    fn of(services: u32) -> Self {
        match services {
            NATIONWIDE.. => Self::Nation,
            STATEWIDE.. => Self::State,
            _ => Self::County,
        }
    }
}
