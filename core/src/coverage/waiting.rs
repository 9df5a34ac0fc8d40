//! How long people wait until somebody near is open.

use std::rc::Rc;

use jiff::Timestamp;

use crate::coverage::{Amount, Ground, Quantity, Supply};
use crate::geo::Kilometres;

use super::column::Column;
use super::country::Country;
use super::measured::{PerPoint, Typical};
use super::sphere::Limit;
use super::ways::Ways;

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// A time at which a pool was open: from the beginning on, without the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// When it began.
    pub from: Timestamp,
    /// When it ended.
    pub to: Timestamp,
    /// True when it was confirmed in time; false when it was stale or unknown.
    pub confirmed: bool,
}

/// When each pool of a supply was open, between two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Openings {
    from: Timestamp,
    to: Timestamp,
    spells: Vec<Vec<Spell>>,
}

impl Openings {
    /// The spells of each pool, in the order of [`Supply::pools`], cut to the time between `from` and `to`.
    #[must_use]
    pub fn new(from: Timestamp, to: Timestamp, mut spells: Vec<Vec<Spell>>) -> Self {
        for spells in &mut spells {
            for spell in spells.iter_mut() {
                spell.from = spell.from.max(from);
                spell.to = spell.to.min(to);
            }
            spells.retain(|spell| spell.from < spell.to);
        }
        Self { from, to, spells }
    }

    /// The time that was looked at.
    #[must_use]
    pub fn between(&self) -> (Timestamp, Timestamp) {
        (self.from, self.to)
    }

    fn of(&self, pool: usize) -> &[Spell] {
        self.spells.get(pool).map_or(&[], Vec::as_slice)
    }
}

/// The wait at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Wait {
    /// On average. Unit: days.
    mean: f64,
    /// True when somebody open at the end: no wait was cut off.
    ended: bool,
}

/// Days until a provider within `limit` is open, for somebody who asks at a moment of the time looked at, each as likely
/// as any other: of every gap of `g` days without anybody open, `g * g / 2` days of waiting, divided by all days.
/// Waits that the end cuts off count as far as they are known, and have no upper bound. None: nobody was open.
///
/// Source: the restricted mean, Royston & Parmar 2013, <https://doi.org/10.1186/1471-2288-13-152>.
pub(super) fn time_to_first_open(
    openings: &Openings,
    limit: Kilometres,
    country: &Country<'_>,
    supply: &Supply,
    ground: &Ground,
) -> PerPoint {
    let known = |pool: usize| (!openings.of(pool).is_empty()).then_some(true);
    let (ways, _) = Ways::of_pools(supply, ground, known);
    let limit = Limit::of(limit);
    let (mut value, mut lower, mut upper) = (Vec::new(), Vec::new(), Vec::new());
    let mut behind = Vec::with_capacity(country.counties.len());
    for county in &country.counties {
        let local = ways.local(county.county);
        let mut all = Vec::new();
        for point in county.origins.clone() {
            let pools = local.within(&country.origin(point), &limit);
            let confirmed = openings.wait(&pools, true);
            value.push(days(confirmed));
            lower.push(days(openings.wait(&pools, false)));
            upper.push(days(confirmed.filter(|wait| wait.ended)));
            let sure = |pool: &u32| openings.of(*pool as usize).iter().any(|of| of.confirmed);
            all.extend(pools.into_iter().filter(sure));
        }
        behind.push(all);
    }
    PerPoint {
        quantity: Quantity::Days,
        typical: Typical::Median,
        value: Rc::new(Column::of(value)),
        lower: Rc::new(Column::of(lower)),
        upper: Rc::new(Column::of(upper)),
        behind,
        pools: supply.pools().len(),
    }
}

impl Openings {
    /// The wait where these pools are in reach; `None` when none of them was open.
    fn wait(&self, pools: &[u32], confirmed_only: bool) -> Option<Wait> {
        let spells = pools.iter().flat_map(|pool| self.of(*pool as usize));
        let mut open: Vec<(Timestamp, Timestamp)> = spells
            .filter(|spell| spell.confirmed || !confirmed_only)
            .map(|spell| (spell.from, spell.to))
            .collect();
        open.sort_unstable();
        if open.is_empty() {
            return None;
        }
        let (mut until, mut waited) = (self.from, 0.0);
        for (from, to) in open {
            waited += wait_in_gap(until, from);
            until = until.max(to);
        }
        waited += wait_in_gap(until, self.to);
        Some(Wait {
            mean: waited / days_between(self.from, self.to),
            ended: until >= self.to,
        })
    }
}

/// Days waited in a gap, by all who ask in it: on average half of it.
fn wait_in_gap(from: Timestamp, to: Timestamp) -> f64 {
    let gap = days_between(from, to).max(0.0);
    gap * gap / 2.0
}

fn days_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / DAY
}

fn days(wait: Option<Wait>) -> Amount {
    wait.map(|wait| wait.mean).into()
}
