//! How many offices an organization has, where they are, and at which of them a service is given.

use rand::RngExt;
use referral_core::catalog::Location;
use referral_core::geo::CountyFips;
use referral_core::id::LocalId;

use super::area;
use super::dice::{Dice, chance, weighted};
use super::geography::{Follows, Geography};
use super::location::{self, Owner};

/// How many offices organizations have (assumption).
const OFFICES: [(f64, usize); 4] = [(0.74, 1), (0.18, 2), (0.06, 3), (0.02, 4)];
/// Services given at two offices where there are two: 0.95 to 1.3 locations a service, measured.
const AT_TWO: f64 = 0.6;

/// How many offices an organization has.
pub(crate) fn number(dice: &mut Dice) -> usize {
    *weighted(dice, &OFFICES)
}

/// So many offices, the first one in the county `home`, the others where `further` says.
pub(crate) fn offices(
    owner: Owner<'_>,
    number: usize,
    home: CountyFips,
    geography: &Geography,
    further: impl Fn(&mut Dice) -> CountyFips,
    dice: &mut Dice,
) -> Vec<Location> {
    let office = |number| {
        let county = match number {
            1 => home,
            _ => further(dice),
        };
        location::office(owner, number, geography.spot(county, dice), dice)
    };
    (1..=number).map(office).collect()
}

/// The county of a further office: the same, one beside it, or elsewhere in the state (assumption).
pub(crate) fn further(geography: &Geography, home: CountyFips, dice: &mut Dice) -> CountyFips {
    let beside: Vec<CountyFips> = area::around(home, 8)
        .into_iter()
        .filter(|county| geography.holds(*county))
        .collect();
    let state = geography.state_of(home);
    match (*weighted(dice, &[(0.5, 0), (0.3, 1), (0.2, 2)]), state) {
        (1, _) if !beside.is_empty() => beside[dice.random_range(0..beside.len())],
        (2, Some(state)) => geography.county_in(state, Follows::Immigrants, dice),
        _ => home,
    }
}

/// One of the offices among `locations`, or two: where a service is given.
pub(crate) fn given_at(locations: &[Location], dice: &mut Dice) -> Vec<LocalId> {
    let offices: Vec<LocalId> = locations
        .iter()
        .filter(|location| location.id.as_str().contains("-office-"))
        .map(|location| location.id.clone())
        .collect();
    let first = dice.random_range(0..offices.len().max(1));
    let number = if chance(dice, AT_TWO) { 2 } else { 1 };
    let around = offices.iter().cycle().skip(first);
    around.take(number.min(offices.len())).cloned().collect()
}
