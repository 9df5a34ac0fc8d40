//! What a search comes to: totals, the best, facets, and what would have helped.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use referral_core::id::PublicId;
use referral_core::search::{Circumstance, Order, Score};

use crate::live::Seen;
use crate::part::Ordinal;
use crate::search::counts::Counts;
use crate::search::place::Away;

/// One service found, by its best offer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// Its place among the others.
    pub(crate) order: Order,
    /// What it is worth.
    pub(crate) score: Score,
    /// The part it is in.
    pub(crate) part: u32,
    /// Its best offer.
    pub(crate) ordinal: Ordinal,
    /// The number of that offer among those of the service.
    pub(crate) nth: u16,
    /// What was read of the offer's capacity.
    pub(crate) seen: Seen,
    /// Its distance.
    pub(crate) away: Away,
    /// How many of its offers match.
    pub(crate) offers: u32,
}

/// One change of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gain {
    Waitlist,
    Unconfirmed,
    WidenTo(u16),
    Interpreter,
    AnyLanguage,
    Access,
    Neighbours,
    AnyFee,
    Without(Circumstance),
    /// The place of the term.
    WithoutTerm(usize),
}

/// What a search comes to so far.
pub(crate) struct Tally {
    pub(crate) total: usize,
    pub(crate) open: usize,
    /// Matches not shown on earlier pages.
    pub(crate) unshown: usize,
    room: usize,
    best: BinaryHeap<Reverse<ByOrder>>,
    pub(crate) counts: Option<Box<Counts>>,
    pub(crate) gains: Vec<(Gain, usize, Found)>,
    /// Organizations of the matches, where asked for.
    pub(crate) organizations: Option<Vec<u64>>,
}

/// Compares by the order of results.
struct ByOrder(Found);

impl Tally {
    pub(crate) fn new(room: usize, facets: bool, organizations: bool) -> Self {
        Self {
            total: 0,
            open: 0,
            unshown: 0,
            room,
            best: BinaryHeap::with_capacity(room + 1),
            counts: facets.then(|| Box::new(Counts::new())),
            gains: Vec::new(),
            organizations: organizations.then(Vec::new),
        }
    }

    /// The worst of the best, once there are as many as asked for: what does not come before it is not
    /// shown.
    pub(crate) fn worst(&self) -> Option<Order> {
        if self.room == 0 || self.best.len() < self.room {
            return None;
        }
        self.best.peek().map(|Reverse(worst)| worst.0.order)
    }

    /// True when nothing is to be shown.
    pub(crate) fn is_full(&self) -> bool {
        self.room == 0
    }

    /// Offers a match not shown before for the first places.
    pub(crate) fn add(&mut self, found: Found) {
        if self.room == 0 {
            return;
        }
        if self.best.len() < self.room {
            self.best.push(Reverse(ByOrder(found)));
        } else if let Some(mut worst) = self.best.peek_mut()
            && found.order > worst.0.0.order
        {
            *worst = Reverse(ByOrder(found));
        }
    }

    /// One more service that a change would let in.
    pub(crate) fn gain(&mut self, gain: Gain, found: Found) {
        match self.gains.iter_mut().find(|(known, ..)| *known == gain) {
            Some((_, count, best)) => {
                *count += 1;
                if found.order > best.order {
                    *best = found;
                }
            }
            None => self.gains.push((gain, 1, found)),
        }
    }

    /// The best, best first.
    pub(crate) fn into_best(self) -> Vec<Found> {
        let best = self.best.into_sorted_vec();
        best.into_iter().map(|Reverse(best)| best.0).collect()
    }
}

impl Found {
    /// Whether this offer of a service is better than another one of it; of equals the first is.
    pub(crate) fn is_better(&self, other: &Self) -> bool {
        (self.order, Reverse(self.nth)) > (other.order, Reverse(other.nth))
    }

    /// The service's public id.
    pub(crate) fn id(&self) -> PublicId {
        self.order.id.0
    }
}

impl PartialEq for ByOrder {
    fn eq(&self, other: &Self) -> bool {
        self.0.order == other.0.order
    }
}

impl Eq for ByOrder {}

impl PartialOrd for ByOrder {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByOrder {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.order.cmp(&other.0.order)
    }
}
