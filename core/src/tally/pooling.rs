//! Which small cells are told together.
//!
//! A small cell has 1 to 10 searches, and everybody knows which cells are small. A sum over some of them may be told
//! when it is 11 or more and leaves each of them open: given the sum, each could still be any of at least
//! [`SPREAD`] numbers. A cell is in one sum at most, so that sums and their differences tell nothing more.

use crate::geo::{CountyFips, StateCode};
use crate::tally::{Ending, Pool, PoolPlace};

use super::counts::FEWEST;

/// How many different numbers each cell of a sum can still be.
const SPREAD: u64 = 5;
/// The most in a small cell.
const MOST: u64 = FEWEST - 1;

/// One small cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Small {
    pub(super) county: Option<CountyFips>,
    pub(super) ending: Ending,
    pub(super) count: u64,
}

/// The sums that are told of the small cells of one topic. Narrow sums come first: the causes of one county, then each
/// ending over the rest of a state, then all causes over it, then the same over the rest of the country. What is
/// in no sum stays untold.
pub(super) fn pools(mut small: Vec<Small>) -> Vec<Pool> {
    small.sort_by_key(|cell| (cell.county, cell.ending));
    let mut told = Vec::new();
    let county = |cell: &Small| {
        let causes = cell.ending.is_dead_end();
        cell.county.filter(|_| causes).map(PoolPlace::County)
    };
    small = tell(small, &mut told, |cell| Some((county(cell)?, None)));
    let state = |cell: &Small| {
        let state: Option<StateCode> = cell.county.and_then(CountyFips::state);
        state.map(PoolPlace::RestOfState)
    };
    let causes = |cell: &Small| cell.ending.is_dead_end().then_some(());
    small = tell(small, &mut told, |cell| {
        Some((state(cell)?, Some(cell.ending)))
    });
    small = tell(small, &mut told, |cell| {
        causes(cell)?;
        Some((state(cell)?, None))
    });
    let rest = PoolPlace::RestOfCountry;
    small = tell(small, &mut told, |cell| Some((rest, Some(cell.ending))));
    tell(small, &mut told, |cell| causes(cell).map(|()| (rest, None)));
    told
}

/// Tells the sums of cells with the same key, where that is safe; the cells of the others are left.
fn tell(
    small: Vec<Small>,
    told: &mut Vec<Pool>,
    key: impl Fn(&Small) -> Option<(PoolPlace, Option<Ending>)>,
) -> Vec<Small> {
    let mut groups: std::collections::BTreeMap<_, Vec<Small>> = std::collections::BTreeMap::new();
    let mut left = Vec::new();
    for cell in small {
        match key(&cell) {
            Some(key) => groups.entry(key).or_default().push(cell),
            None => left.push(cell),
        }
    }
    for ((place, _), cells) in groups {
        if is_safe(&cells) {
            told.push(Pool::of(place, &cells));
        } else {
            left.extend(cells);
        }
    }
    left.sort_by_key(|cell| (cell.county, cell.ending));
    left
}

/// Whether the sum of these cells is 11 or more and leaves each of them at least [`SPREAD`] possible numbers: of `m`
/// cells that sum up to `s`, each is between `s - 10 (m - 1)` and `s - (m - 1)`, and between 1 and 10.
fn is_safe(cells: &[Small]) -> bool {
    let sum: u64 = cells.iter().map(|cell| cell.count).sum();
    let others = (cells.len() as u64).saturating_sub(1);
    let least = sum.saturating_sub(MOST * others).max(1);
    let most = sum.saturating_sub(others).min(MOST);
    sum >= FEWEST && most + 1 >= least + SPREAD
}
