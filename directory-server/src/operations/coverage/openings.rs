//! When pools were open, from the history: what a wait for the first open provider is worked out from.
//!
//! Pools are those of the moment of the question; what was reported of them is followed over the four weeks before
//! it, or as far as the history goes back. A listing is taken to have been as it is at that moment.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{State, Ttl};
use referral_core::coverage::{Openings, Spell};
use referral_core::id::{AgencyId, LocalId};

use super::past::PoolKey;
use crate::history::{Capacity, Happened, HistoryError, Reader};

/// How far back it is looked.
const WINDOW: SignedDuration = SignedDuration::from_hours(28 * 24);
/// Less than this tells nothing.
const LEAST: SignedDuration = SignedDuration::from_hours(1);

/// When each of these pools was open before `to`; `None` where the history has not begun long enough before.
pub(super) fn of(
    pools: &[PoolKey],
    reader: &Reader,
    to: Timestamp,
) -> Result<Option<Openings>, HistoryError> {
    let from = to.saturating_sub(WINDOW).unwrap_or(to);
    let Some(from) = reader.began()?.map(|began| began.max(from)) else {
        return Ok(None);
    };
    if to.duration_since(from) < LEAST {
        return Ok(None);
    }
    let mut following = Following::of(pools, from);
    reader.happened(from, to, |at, happened| match happened {
        Happened::Reported((agency, service, location), capacity) => {
            following.reported((agency, service), location, *capacity, at);
        }
        Happened::Restored => following.restored(at),
    })?;
    Ok(Some(following.finish(from, to)))
}

/// What is believed of each pool, and since when.
struct Following<'a> {
    pools: &'a [PoolKey],
    of: HashMap<(&'a AgencyId, &'a LocalId), Vec<usize>>,
    now: Vec<(Timestamp, Option<Capacity>)>,
    spells: Vec<Vec<Spell>>,
}

impl<'a> Following<'a> {
    fn of(pools: &'a [PoolKey], from: Timestamp) -> Self {
        let mut of: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, pool) in pools.iter().enumerate() {
            of.entry((&pool.agency, &pool.service))
                .or_default()
                .push(at);
        }
        Self {
            pools,
            of,
            now: vec![(from, None); pools.len()],
            spells: vec![Vec::new(); pools.len()],
        }
    }

    /// A report about a whole service is about each of its pools, one about a location about the pool of that.
    fn reported(
        &mut self,
        service: (&AgencyId, &LocalId),
        location: Option<&LocalId>,
        capacity: Capacity,
        at: Timestamp,
    ) {
        for pool in self.of.get(&service).cloned().unwrap_or_default() {
            if location.is_none() || self.pools[pool].location.as_ref() == location {
                self.believe(pool, Some(capacity), at);
            }
        }
    }

    fn restored(&mut self, at: Timestamp) {
        for pool in 0..self.pools.len() {
            let before = self.now[pool].1.map(|capacity| Capacity {
                before_restore: true,
                ..capacity
            });
            self.believe(pool, before, at);
        }
    }

    fn believe(&mut self, pool: usize, capacity: Option<Capacity>, at: Timestamp) {
        let (since, before) = std::mem::replace(&mut self.now[pool], (at, capacity));
        let longest = self.pools[pool].longest;
        spells(
            before.as_ref(),
            longest,
            (since, at),
            &mut self.spells[pool],
        );
    }

    fn finish(mut self, from: Timestamp, to: Timestamp) -> Openings {
        for pool in 0..self.pools.len() {
            self.believe(pool, None, to);
        }
        Openings::new(from, to, self.spells)
    }
}

/// The spells of one report between two moments. What was never reported may have been open.
fn spells(
    capacity: Option<&Capacity>,
    longest: Ttl,
    (from, to): (Timestamp, Timestamp),
    into: &mut Vec<Spell>,
) {
    let Some(capacity) = capacity else {
        into.push(Spell {
            from,
            to,
            confirmed: false,
        });
        return;
    };
    let believed = capacity.ttl.min(longest).duration();
    let expires = capacity.observed_at.saturating_add(believed).ok();
    let mut moments: Vec<Timestamp> = [expires, capacity.changes_at]
        .into_iter()
        .flatten()
        .filter(|at| from < *at && *at < to)
        .chain([from, to])
        .collect();
    moments.sort_unstable();
    for pair in moments.windows(2) {
        // What expires is believed at that very moment, and not after it.
        let inside = pair[0].saturating_add(SignedDuration::from_nanos(1));
        let state = capacity.state_at(longest, inside.unwrap_or(pair[0]));
        let confirmed = state.takes_referrals();
        if confirmed || matches!(state, State::Stale | State::Unknown) {
            into.push(Spell {
                from: pair[0],
                to: pair[1],
                confirmed,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use referral_core::capacity::Stated;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + hour * 3_600).unwrap()
    }

    fn told(capacity: Option<Capacity>, from: i64, to: i64) -> Vec<(i64, i64, bool)> {
        let mut told = Vec::new();
        spells(
            capacity.as_ref(),
            Ttl::LONGEST,
            (at(from), at(to)),
            &mut told,
        );
        let hour = |time: Timestamp| (time.as_second() - at(0).as_second()) / 3_600;
        told.iter()
            .map(|spell| (hour(spell.from), hour(spell.to), spell.confirmed))
            .collect()
    }

    fn stated(stated: Stated) -> Capacity {
        Capacity {
            stated,
            available: None,
            observed_at: at(0),
            ttl: Ttl::clamped(24 * 3_600),
            changes_at: None,
            before_restore: false,
        }
    }

    #[test]
    fn what_is_open_is_confirmed_until_its_time_to_live_is_over() {
        let open = stated(Stated::Open);

        assert_eq!(told(Some(open), 1, 30), [(1, 24, true), (24, 30, false)]);
        assert_eq!(told(Some(open), 25, 30), [(25, 30, false)]);
        assert_eq!(told(None, 1, 3), [(1, 3, false)]);
    }

    #[test]
    fn what_is_closed_may_be_open_from_the_day_on_which_it_was_to_reopen() {
        let closed = Capacity {
            changes_at: Some(at(10)),
            ..stated(Stated::Closed)
        };

        assert_eq!(
            told(Some(closed), 1, 30),
            [(10, 24, false), (24, 30, false)]
        );
        assert_eq!(told(Some(stated(Stated::Closed)), 1, 30), []);
        assert_eq!(
            told(Some(stated(Stated::Waitlist)), 1, 30),
            [(24, 30, false)]
        );
    }
}
