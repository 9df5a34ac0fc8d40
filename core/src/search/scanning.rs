//! Search done the plain way: every service judged, one after another. The reference that an index is
//! compared with, and small enough to be read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::feedback::Precision;
use crate::geo::Kilometres;
use crate::id::PublicId;
use crate::search::facets::Counts;
use crate::search::request::MOST_SHOWN;
use crate::search::{
    Candidate, Change, Facets, Facts, Fit, NearMiss, OfferFacts, Order, Request, Score, Standing,
    Values, Verdict, day, helps, judge_offer, judge_service, organization_hash, score, sort, turn,
    values_of_offer, values_of_service,
};

/// One service that the words of a search find, or any service where it has no words.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    /// The service.
    pub facts: &'a Facts,
    /// How well the words fit: more than 0; 1 where no words were asked.
    pub relevance: f64,
    /// What is held of the capacity of each offer, in the order of [`Facts::offers`]. Offers beyond
    /// its end have never been reported.
    pub capacity: &'a [Standing],
    /// How far its "open" can be relied on, where that is known.
    pub precision: Option<Precision>,
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// How many services match, shown before or not.
    pub total: usize,
    /// How many of them have a matching offer that takes referrals now.
    pub open: usize,
    /// The best not shown before, best first, at most [`Request::limit`].
    pub hits: Vec<ScanHit>,
    /// True when further services match and a next page may show them.
    pub more: bool,
    /// Facets, where asked for; otherwise empty.
    pub facets: Facets,
    /// Near misses, where asked for, smallest change first; otherwise empty.
    pub near_misses: Vec<NearMiss<ScanHit>>,
    /// Organizations of the services that match, by [`organization_hash`], sorted: what bundles are
    /// made of.
    pub organizations: Vec<u64>,
}

/// One service found, by its best offer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanHit {
    /// The service.
    pub id: PublicId,
    /// Its best offer: the place in [`Facts::offers`]; of equals the first.
    pub offer: usize,
    /// State of that offer's capacity and when it was confirmed.
    pub standing: Standing,
    /// Its distance from the place searched near; none where it may not be known.
    pub distance: Option<Kilometres>,
    /// What it is worth.
    pub score: Score,
    /// Its place among the others.
    pub order: Order,
}

/// Answers `request` by judging every one of `services`, each given once, at `now`.
#[must_use]
pub fn scan<'a>(
    request: &Request,
    services: impl IntoIterator<Item = Listed<'a>>,
    now: Timestamp,
) -> Scan {
    let mut tally = Tally::default();
    let search = Search {
        request,
        now,
        today: day(now),
    };
    for listed in services {
        tally.add(&search, &listed);
    }
    tally.finish(request)
}

/// A search at a time.
struct Search<'a> {
    request: &'a Request,
    now: Timestamp,
    today: Date,
}

/// What one service comes to.
#[derive(Default)]
struct Judged {
    best: Option<ScanHit>,
    open: bool,
    values: Values,
    helped: BTreeMap<Change, ScanHit>,
}

impl Search<'_> {
    fn judge(&self, listed: &Listed<'_>) -> Judged {
        let facts = listed.facts;
        let service = judge_service(self.request, facts, self.today);
        let mut judged = Judged::default();
        for (n, offer) in facts.offers.iter().enumerate() {
            let standing = listed.capacity.get(n).copied();
            let standing = standing.unwrap_or_else(|| Standing::of(None, self.now));
            let verdict = judge_offer(self.request, &service, offer, standing.state);
            let hit = |fit| self.hit(listed, n, standing, &verdict, fit);
            if verdict.passes() {
                judged.open |= standing.state.takes_referrals();
                values_of_offer(offer, standing.state, &mut judged.values);
                judged.best = Some(better(judged.best, hit(verdict.fit)));
            } else if self.request.near_misses {
                for (change, fit) in self.helps(facts, offer, standing, &verdict) {
                    let best = judged.helped.get(&change).copied();
                    judged.helped.insert(change, better(best, hit(fit)));
                }
            }
        }
        if judged.best.is_some() && self.request.facets {
            values_of_service(facts, self.today, &mut judged.values);
        }
        judged
    }

    fn helps(
        &self,
        facts: &Facts,
        offer: &OfferFacts,
        standing: Standing,
        verdict: &Verdict,
    ) -> Vec<(Change, Fit)> {
        helps(
            self.request,
            facts,
            offer,
            standing.state,
            verdict,
            self.today,
        )
    }

    fn hit(
        &self,
        listed: &Listed<'_>,
        offer: usize,
        standing: Standing,
        verdict: &Verdict,
        fit: Fit,
    ) -> ScanHit {
        let worth = Candidate {
            relevance: listed.relevance,
            placed: self.request.near.is_some(),
            distance: verdict.distance,
            assumed: verdict.assumed,
            state: standing.state,
            confirmed: standing.confirmed,
            fit,
            precision: listed.precision,
        };
        let score = score(&worth, self.now);
        let id = listed.facts.key.public_id();
        let organization = organization_hash(&listed.facts.organization);
        let covers = self.request.covers.count(organization);
        ScanHit {
            id,
            offer,
            standing,
            distance: verdict.distance,
            score,
            order: Order::of(covers, turn(self.request.seed, organization), score, id),
        }
    }
}

/// The greater of two; of equals the first.
fn better(best: Option<ScanHit>, next: ScanHit) -> ScanHit {
    best.filter(|best| best.order >= next.order).unwrap_or(next)
}

/// What all services come to.
#[derive(Default)]
struct Tally {
    total: usize,
    open: usize,
    unshown: Vec<ScanHit>,
    counts: Counts,
    gains: BTreeMap<Change, (usize, ScanHit)>,
    organizations: Vec<u64>,
}

impl Tally {
    fn add(&mut self, search: &Search<'_>, listed: &Listed<'_>) {
        let judged = search.judge(listed);
        let matched = judged.best.is_some();
        if let Some(best) = judged.best {
            self.total += 1;
            self.open += usize::from(judged.open);
            let organization = organization_hash(&listed.facts.organization);
            self.organizations.push(organization);
            if search
                .request
                .shown
                .binary_search(&best.id.upper())
                .is_err()
            {
                self.unshown.push(best);
            }
            if search.request.facets {
                self.counts.add(judged.values);
            }
        }
        let mut widened = false;
        for (change, hit) in judged.helped {
            // The nearest of its offers beyond the radius comes first; one way in is enough.
            let again =
                matches!(change, Change::WidenTo(_)) && std::mem::replace(&mut widened, true);
            if !again && (!matched || change == Change::Unconfirmed) {
                self.gain(change, hit);
            }
        }
    }

    fn gain(&mut self, change: Change, hit: ScanHit) {
        let known = self.gains.get(&change);
        let count = known.map_or(1, |(count, _)| count + 1);
        let best = better(known.map(|(_, best)| *best), hit);
        self.gains.insert(change, (count, best));
    }

    fn finish(mut self, request: &Request) -> Scan {
        self.unshown.sort_by_key(|hit| std::cmp::Reverse(hit.order));
        let unshown = self.unshown.len();
        self.unshown.truncate(request.room());
        self.organizations.sort_unstable();
        self.organizations.dedup();
        Scan {
            total: self.total,
            open: self.open,
            more: unshown > self.unshown.len()
                && request.shown.len() + self.unshown.len() < MOST_SHOWN,
            near_misses: near_misses(self.gains, self.total, request),
            hits: self.unshown,
            facets: self.counts.facets(),
            organizations: self.organizations,
        }
    }
}

/// What was gained, as promises: the nearest widening only, and every count with what matches already.
fn near_misses(
    gains: BTreeMap<Change, (usize, ScanHit)>,
    total: usize,
    request: &Request,
) -> Vec<NearMiss<ScanHit>> {
    let mut near_misses: Vec<NearMiss<ScanHit>> = Vec::new();
    for (change, (gained, best)) in gains {
        let farther = matches!(change, Change::WidenTo(_))
            && near_misses
                .iter()
                .any(|miss| matches!(miss.change, Change::WidenTo(_)));
        if !farther {
            let kept = if change == Change::Unconfirmed {
                0
            } else {
                total
            };
            near_misses.push(NearMiss {
                change,
                count: kept + gained,
                best,
            });
        }
    }
    sort(&mut near_misses, request);
    near_misses
}
