//! The engine that is measured, in this process.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use jiff::Timestamp;
use referral_core::capacity::{Availability, Held};
use referral_core::catalog::{Listing, Place};
use referral_core::geo::{CountryCode, Kilometres, Locality, LocalityKind};
use referral_core::search::{Near, Request};
use referral_index::Index;

use super::answer::{Answer, Counted};
use super::clock::{Cost, measured, memory_of};
use super::offer::service_number;
use super::peer::{Asked, Peer, Update, share};

/// The index and what it cost to fill.
#[derive(Debug)]
pub struct Engine {
    index: Index,
    building: Cost,
    now: Timestamp,
    memory: u64,
}

impl Engine {
    /// An empty index in `dir`, asked at `now`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn new(dir: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let (index, _) = Index::open(dir)?;
        Ok(Self {
            index,
            building: Cost::default(),
            now,
            memory: memory_of(std::process::id())?,
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
                self.index.report(&listing.agency, report);
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
        self.memory = memory_of(std::process::id())?.saturating_sub(self.memory);
        Ok(self.building.wall)
    }

    /// How many services at the place of an update are in the state that it brings. Counted, for more
    /// services may be at one place than a search shows.
    fn as_reported(&self, update: &Update) -> anyhow::Result<usize> {
        let around = Locality {
            label: String::new(),
            point: Some(update.point),
            approximate: false,
            zip: None,
            counties: Vec::new(),
            state: None,
            country: CountryCode::US,
            kind: LocalityKind::Point,
        };
        let mut request = Request {
            near: Some(Near {
                place: around,
                radius: Kilometres::new(0.1)?,
            }),
            availability: Availability::Any,
            ..Request::any()
        };
        request.also.state = Some(update.held.state_at(self.now));
        Ok(self.index.search(&request, self.now)?.total)
    }
}

impl Peer for Engine {
    fn search(&mut self, asked: &Asked) -> anyhow::Result<(Answer, Cost)> {
        let (found, cost) = measured(|| self.index.search(&asked.request, self.now));
        let found = found?;
        let hits = found.hits.iter().map(|hit| {
            let id = hit.key.public_id().as_u128();
            (service_number(id), hit.score.get())
        });
        let answer = Answer {
            total: u64::try_from(found.total).unwrap_or(u64::MAX),
            hits: hits.collect(),
            facets: Counted::Shown(found.facets),
        };
        Ok((answer, cost))
    }

    fn all(&mut self, asked: &[Asked], threads: usize) -> anyhow::Result<Duration> {
        let (index, now) = (&self.index, self.now);
        share(asked, vec![(); threads], |(), asked| {
            index.search(&asked.request, now)?;
            Ok(())
        })
    }

    fn report(&mut self, update: &Update) -> anyhow::Result<Option<Duration>> {
        let before = self.as_reported(update)?;
        let ((), cost) = measured(|| self.index.report(&update.agency, &update.held));
        ensure!(
            self.as_reported(update)? == before + 1,
            "the engine does not show the report"
        );
        Ok(Some(cost.wall))
    }

    fn memory(&self) -> u64 {
        self.memory
    }
}
