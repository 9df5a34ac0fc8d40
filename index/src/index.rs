//! The index as its callers see it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use referral_core::capacity::Held;
use referral_core::catalog::{Listing, Place, Tier};
use referral_core::id::{AgencyId, Kind, LocalId, PublicId, RecordKey};
use referral_core::search::{Facts, Request};

use crate::error::IndexError;
use crate::live::Live;
use crate::search::{Answer, answer};
use crate::table::{Row, Table};

/// Every public service, searchable. All methods may be called at the same time.
#[derive(Debug)]
pub struct Index {
    current: ArcSwap<Table>,
    staged: Mutex<HashMap<PublicId, Option<Arc<Row>>>>,
    live: Live,
}

impl Index {
    /// Opens the index in `dir`, making it where it is missing.
    ///
    /// Also returns the journal cursor of the last commit: [`Index::restore`] every listing, then go on
    /// from there. `None`: there was no index, or it was damaged or of another version, and it is empty
    /// now: [`Index::put`] every listing.
    ///
    /// # Errors
    /// [`IndexError::Storage`] when the disk refuses, [`IndexError::InUse`] when another process has it
    /// open. A broken index is no error.
    pub fn open(dir: &Path) -> Result<(Self, Option<u64>), IndexError> {
        std::fs::create_dir_all(dir).map_err(|source| IndexError::Storage {
            dir: dir.to_owned(),
            source,
        })?;
        let index = Self {
            current: ArcSwap::default(),
            staged: Mutex::default(),
            live: Live::default(),
        };
        Ok((index, None))
    }

    /// Makes a listing searchable with the next [`Index::commit`]; until then its previous version
    /// answers. A listing that is not public is removed instead, at once.
    ///
    /// `organization_places` are where its organization is found, as for [`Facts::of`].
    ///
    /// # Errors
    /// [`IndexError`] when there is no more room to keep what is not committed.
    pub fn put(&self, listing: &Listing, organization_places: &[Place]) -> Result<(), IndexError> {
        if listing.service.tier != Tier::Public {
            self.remove(&listing.key());
            return Ok(());
        }
        let row = self.row(listing, organization_places);
        locked(&self.staged).insert(row.id, Some(row));
        Ok(())
    }

    /// Brings a listing back whose words are in the index already: for the start, when
    /// [`Index::open`] returned a cursor.
    pub fn restore(&self, listing: &Listing, organization_places: &[Place]) {
        if listing.service.tier != Tier::Public {
            return;
        }
        let row = self.row(listing, organization_places);
        let mut table = Table::clone(&self.current.load());
        table.change(row.id, Some(row));
        self.current.store(Arc::new(table));
    }

    /// Hides a service from the very next search; the next [`Index::commit`] makes that durable.
    pub fn remove(&self, service: &RecordKey) {
        let id = service.public_id();
        let mut staged = locked(&self.staged);
        if let Some(row) = self.current.load().row(id) {
            row.hide();
        }
        staged.insert(id, None);
    }

    /// Takes a capacity report in. The very next search sees it, unless a newer one about the same
    /// service and location is there. Before its service is searchable it is kept and waits.
    pub fn report(&self, agency: &AgencyId, held: Held) {
        let key = service_key(agency, &held.report.said().service);
        self.live.report(key, held);
    }

    /// Makes everything put and removed so far searchable and durable, together with `cursor`, the
    /// place in the journal it is the result of.
    ///
    /// # Errors
    /// [`IndexError`] when it could not be written. Searches go on with what was committed before;
    /// commit again, nothing is forgotten.
    pub fn commit(&self, _cursor: u64) -> Result<(), IndexError> {
        let mut staged = locked(&self.staged);
        let mut table = Table::clone(&self.current.load());
        for (id, row) in staged.drain() {
            table.change(id, row);
        }
        self.current.store(Arc::new(table));
        Ok(())
    }

    /// The services that answer `request` at `now`, best first.
    ///
    /// # Errors
    /// [`IndexError`] when the text index cannot be read.
    pub fn search(&self, request: &Request, now: Timestamp) -> Result<Answer, IndexError> {
        let table = self.current.load();
        Ok(answer(request, table.rows().map(|row| (row, 1.0)), now))
    }

    /// The report that counts for a service at a location, or for the service as a whole.
    #[must_use]
    pub fn capacity_of(
        &self,
        agency: &AgencyId,
        service: &LocalId,
        location: Option<&LocalId>,
    ) -> Option<Held> {
        let held = self
            .live
            .effective(&service_key(agency, service), location)?;
        Some(Held::clone(&held))
    }

    fn row(&self, listing: &Listing, organization_places: &[Place]) -> Arc<Row> {
        let facts = Facts::of(listing, organization_places);
        let live = self.live.cell(&facts.key);
        Arc::new(Row::new(facts, live))
    }
}

fn service_key(agency: &AgencyId, service: &LocalId) -> RecordKey {
    RecordKey {
        agency: agency.clone(),
        kind: Kind::Service,
        id: service.clone(),
    }
}

/// What is behind a lock. A panic elsewhere leaves nothing half-done here: every change under these
/// locks is a single insert or swap.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
