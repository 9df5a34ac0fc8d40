//! Judging every service, one after another: what `core` says the answer is. Words aside.

use jiff::Timestamp;
use referral_core::capacity::effective;
use referral_core::search::{Facts, Listed, Request, Standing, scan};

use super::answer::{Answer, Counted};
use super::offer::service_number;
use crate::national::Published;

/// What is known of every service; empty where nobody asks for it.
#[derive(Debug)]
pub(super) struct Reference {
    services: Vec<(Facts, Vec<Standing>)>,
    now: Timestamp,
}

impl Reference {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            services: Vec::new(),
            now,
        }
    }

    pub(super) fn put(&mut self, one: &Published) {
        let facts = Facts::of(&one.listing, &one.places);
        let about = |location| {
            let mut held = one.held.iter();
            held.find(|held| held.report.said().location.as_ref() == location)
        };
        let standing = facts.offers.iter().map(|offer| {
            let own = offer.location.as_ref().and_then(|at| about(Some(at)));
            Standing::of(effective(own, about(None)), self.now)
        });
        let standing = standing.collect();
        self.services.push((facts, standing));
    }

    /// The answer to a request without words; none where nothing was put.
    pub(super) fn search(&self, request: &Request) -> Option<Answer> {
        if self.services.is_empty() {
            return None;
        }
        let listed = self.services.iter().map(|(facts, capacity)| Listed {
            facts,
            relevance: 1.0,
            capacity,
            precision: None,
        });
        let found = scan(request, listed, self.now);
        let hits = found.hits.iter().map(|hit| {
            let id = service_number(hit.id.as_u128());
            (id, hit.score.get())
        });
        Some(Answer {
            total: u64::try_from(found.total).unwrap_or(u64::MAX),
            hits: hits.collect(),
            facets: Counted::Shown(found.facets),
        })
    }
}
