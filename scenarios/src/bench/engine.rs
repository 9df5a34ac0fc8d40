//! The engine that is measured, in this process.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use referral_core::capacity::Held;
use referral_core::catalog::{Listing, Place};
use referral_core::id::AgencyId;
use referral_core::search::Request;
use referral_index::Index;

use super::answer::Answer;
use super::clock::{Cost, measured};
use super::offer::service_number;
use super::tokens::Tokens;

/// The index and what it cost to fill.
#[derive(Debug)]
pub struct Engine {
    index: Index,
    building: Cost,
}

impl Engine {
    /// An empty index in `dir`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn new(dir: &Path) -> anyhow::Result<Self> {
        let (index, _) = Index::open(dir)?;
        Ok(Self {
            index,
            building: Cost::default(),
        })
    }

    /// Takes a service in.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put(
        &mut self,
        listing: &Listing,
        places: &[Place],
        reports: &[Held],
    ) -> anyhow::Result<()> {
        let (put, cost) = measured(|| {
            for report in reports {
                self.index.report(&listing.agency, report.clone());
            }
            self.index.put(listing, places)
        });
        self.building += cost;
        Ok(put?)
    }

    /// Makes everything searchable; gives the time that all of it took.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(&mut self) -> anyhow::Result<Duration> {
        let (committed, cost) = measured(|| self.index.commit(1));
        committed?;
        self.building += cost;
        Ok(self.building.wall)
    }

    /// Answers a request.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(
        &self,
        request: &Request,
        _tokens: &Tokens,
        now: Timestamp,
    ) -> anyhow::Result<(Answer, Cost)> {
        let (found, cost) = measured(|| self.index.search(request, now));
        let found = found?;
        let hits = found.hits.iter().map(|hit| {
            let id = hit.key.public_id().as_u128();
            (service_number(id), hit.score.get())
        });
        let answer = Answer {
            total: u64::try_from(found.total).unwrap_or(u64::MAX),
            hits: hits.collect(),
            ..Answer::default()
        };
        Ok((answer, cost))
    }

    /// Takes a report in and searches once; gives the time until that search had its answer.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn report(
        &self,
        agency: &AgencyId,
        held: Held,
        look: &Request,
        now: Timestamp,
    ) -> anyhow::Result<Duration> {
        let (seen, cost) = measured(|| {
            self.index.report(agency, held);
            self.index.search(look, now)
        });
        seen?;
        Ok(cost.wall)
    }

    /// The index, for searches on several threads.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }
}
