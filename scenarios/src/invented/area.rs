//! Whom services serve, by where they live. The area is not the address.
//!
//! Shares are assumptions, checked against Florida's legal aid (130 services: 47 % one county, median 2,
//! 10 % the whole state): 20 % a radius, 40 % one county, 25 % 2 to 13 counties, 12 % a state, 3 % the
//! nation. Services that nobody comes to have no radius; theirs is the county's.

use rand::RngExt;
use referral_core::catalog::{Area, Effect, Field, Rule, ServiceArea, Values};
use referral_core::geo::{CountyFips, Kilometres, StateCode};
use referral_gazetteer::gazetteer;

use super::dice::{Dice, chance, one_of, weighted};
use super::offering::{Offering, Setting};
use super::words::name;

/// How far an area goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Radius,
    County,
    Counties,
    State,
    Nation,
}

const EXTENTS: [(f64, Extent); 5] = [
    (0.20, Extent::Radius),
    (0.40, Extent::County),
    (0.25, Extent::Counties),
    (0.12, Extent::State),
    (0.03, Extent::Nation),
];
/// Radii that publishers name, in miles.
const RADII_MILES: [f64; 4] = [5.0, 10.0, 15.0, 25.0];
/// Services of immigration court cases whose docket is an area of its own (assumption).
const WITH_COURT: f64 = 0.3;
/// Services for immigrants that take detained people of the whole state too (assumption).
const WITH_CONDITION: f64 = 0.1;

/// The areas of a service at home in the county.
pub(crate) fn served(
    offering: &Offering,
    county: CountyFips,
    state: Option<StateCode>,
    dice: &mut Dice,
) -> Vec<ServiceArea> {
    let mut areas: Vec<ServiceArea> = extent(offering, county, state, dice)
        .into_iter()
        .map(always)
        .collect();
    if offering.has("place:court") && chance(dice, WITH_COURT) {
        let court = gazetteer().county(county).map(|county| &county.name);
        let court = court.map(|county| format!("Immigration court nearest to {county}"));
        areas.extend(court.map(|court| always(Area::Court(name(&court)))));
    }
    if offering.kind.is_for_immigrants()
        && chance(dice, WITH_CONDITION)
        && let Some(state) = state
    {
        areas.push(for_detained(state));
    }
    areas
}

fn extent(
    offering: &Offering,
    county: CountyFips,
    state: Option<StateCode>,
    dice: &mut Dice,
) -> Vec<Area> {
    let comes = matches!(offering.setting, Setting::Office | Setting::Either);
    match (*weighted(dice, &EXTENTS), state) {
        (Extent::Radius, _) if comes => {
            let radius = Kilometres::from_miles(*one_of(dice, &RADII_MILES));
            radius.map(Area::Radius).into_iter().collect()
        }
        (Extent::Counties, _) => {
            let number = dice.random_range(2..=13);
            around(county, number)
                .into_iter()
                .map(Area::County)
                .collect()
        }
        (Extent::State, Some(state)) => vec![Area::State(state)],
        (Extent::Nation, _) => vec![Area::Nation],
        _ => vec![Area::County(county)],
    }
}

/// The county and those around it, nearest rings first, at most `number`.
pub(crate) fn around(county: CountyFips, number: usize) -> Vec<CountyFips> {
    let mut ring = vec![county];
    let mut next = 0;
    while ring.len() < number && next < ring.len() {
        let beside = gazetteer().neighbours(ring[next]);
        for county in beside {
            if !ring.contains(&county) && ring.len() < number {
                ring.push(county);
            }
        }
        next += 1;
    }
    ring
}

pub(crate) fn always(area: Area) -> ServiceArea {
    ServiceArea {
        area,
        condition: None,
        name: None,
    }
}

fn for_detained(state: StateCode) -> ServiceArea {
    ServiceArea {
        area: Area::State(state),
        condition: Some(Rule {
            field: Field::Custody,
            effect: Effect::Allow,
            values: Values::AnyOf(vec![name("cust:det-any")]),
            discretionary: false,
        }),
        name: Some(name("people in custody anywhere in the state")),
    }
}
