//! Answering a search: which of the candidates match, which of them are best.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use jiff::Timestamp;
use referral_core::capacity::{Held, State};
use referral_core::geo::Kilometres;
use referral_core::id::{LocalId, PublicId, RecordKey};
use referral_core::search::{
    Candidate, Match, OfferFacts, Reason, Request, Score, day, matches, score,
};

use crate::table::Row;

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How many services match, however many are shown.
    pub total: usize,
    /// The best of them, best first, at most [`Request::limit`].
    pub hits: Vec<Hit>,
}

/// One service that matches, shown by its best offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The service.
    pub key: RecordKey,
    /// The location of the offer; `None` for remote ones and where none is stated.
    pub location: Option<LocalId>,
    /// The state of its capacity at the time of the search.
    pub state: State,
    /// The report the state comes from; `None`: never reported.
    pub held: Option<Arc<Held>>,
    /// Distance from the place searched near; none where it may not be known or has no meaning.
    pub distance: Option<Kilometres>,
    /// Why it is there.
    pub reasons: Vec<Reason>,
    /// What put it in its place.
    pub score: Score,
    /// How many offers of the service match, 1 or more.
    pub offers: usize,
}

/// Puts the candidates that match in order. Each comes with how well the words fit it.
pub(crate) fn answer<'a>(
    request: &Request,
    candidates: impl Iterator<Item = (&'a Arc<Row>, f64)>,
    now: Timestamp,
) -> Answer {
    let most = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let mut total = 0;
    let mut best: BinaryHeap<Reverse<Found>> = BinaryHeap::new();
    for (row, relevance) in candidates {
        let Some(found) = judge(request, row, relevance, now) else {
            continue;
        };
        total += 1;
        if best.len() < most {
            best.push(Reverse(found));
        } else if let Some(mut worst) = best.peek_mut()
            && found > worst.0
        {
            *worst = Reverse(found);
        }
    }
    let best = best.into_sorted_vec();
    let hits = best.into_iter().map(|Reverse(found)| found.into_hit());
    Answer {
        total,
        hits: hits.collect(),
    }
}

/// A service that matches, by its best offer. Greater is better.
struct Found<'a> {
    score: Score,
    row: &'a Arc<Row>,
    offer: &'a OfferFacts,
    state: State,
    held: Option<Arc<Held>>,
    matched: Match,
    offers: usize,
}

fn judge<'a>(
    request: &Request,
    row: &'a Arc<Row>,
    relevance: f64,
    now: Timestamp,
) -> Option<Found<'a>> {
    if row.is_hidden() {
        return None;
    }
    let reports = row.live.read();
    let mut best: Option<Found<'a>> = None;
    let mut offers = 0;
    for offer in &row.facts.offers {
        let held = reports.effective(offer.location.as_ref());
        let state = held.map_or(State::Unknown, |held| held.state_at(now));
        if !request.availability.includes(state) {
            continue;
        }
        let Some(matched) = matches(request, &row.facts, offer, day(now)) else {
            continue;
        };
        offers += 1;
        let worth = Candidate {
            relevance,
            placed: request.near.is_some(),
            distance: matched.distance,
            assumed: matched.assumed,
            state,
            confirmed: held.map(|held| (held.observed_at, held.ttl)),
            fit: matched.fit,
        };
        let score = score(&worth, now);
        let better = best.as_ref().is_none_or(|best| {
            (score, state.takes_referrals()) > (best.score, best.state.takes_referrals())
        });
        if better {
            best = Some(Found {
                score,
                row,
                offer,
                state,
                held: held.cloned(),
                matched,
                offers,
            });
        }
    }
    let mut best = best?;
    best.offers = offers;
    if request.text.is_some() {
        best.matched.reasons.push(Reason::Words);
    }
    Some(best)
}

impl Found<'_> {
    fn rank(&self) -> (Score, Reverse<PublicId>) {
        (self.score, Reverse(self.row.id))
    }

    fn into_hit(self) -> Hit {
        Hit {
            key: self.row.facts.key.clone(),
            location: self.offer.location.clone(),
            state: self.state,
            held: self.held,
            distance: self.matched.distance,
            reasons: self.matched.reasons,
            score: self.score,
            offers: self.offers,
        }
    }
}

impl PartialEq for Found<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Found<'_> {}

impl PartialOrd for Found<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Found<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}
