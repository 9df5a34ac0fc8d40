//! The index as its callers see it, and how a commit becomes visible.
//!
//! A search reads one [`Generation`]: rows and words that belong together. [`Index::commit`] writes the
//! words, then shows rows and words in one swap. What must be seen sooner does not wait for it: a removed
//! row is hidden in place, a report goes into the row's own cell.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use referral_core::capacity::Held;
use referral_core::catalog::{Listing, Place, Tier};
use referral_core::id::{AgencyId, Kind, LocalId, PublicId, RecordKey};
use referral_core::search::{Facts, Request};

use crate::document::Document;
use crate::error::IndexError;
use crate::live::Live;
use crate::search::{Answer, answer};
use crate::slots::Slot;
use crate::staged::{Batch, Put, Staged};
use crate::table::{Row, Table};
use crate::text::{Ids, Snapshot, Store};

/// Most bytes of words that wait for a commit; with more, what waits is committed early.
const WAITING_BYTES: usize = 32 << 20;

/// Every public service, searchable. All methods may be called at the same time.
#[derive(Debug)]
pub struct Index {
    current: ArcSwap<Generation>,
    /// True when [`Staged::restored`] holds rows that no generation has.
    restoring: AtomicBool,
    /// Never held while anything slow happens; `current` is only replaced under it.
    staged: Mutex<Staged>,
    /// Held for the whole of a commit.
    store: Mutex<Committing>,
    live: Live,
}

/// What a search reads: rows and words of the same moment.
#[derive(Debug)]
struct Generation {
    table: Table,
    text: Arc<Snapshot>,
}

/// Services and their rows from now on; `None`: no more.
type Rows = Vec<(PublicId, Option<Arc<Row>>)>;

#[derive(Debug)]
struct Committing {
    store: Store,
    cursor: Option<u64>,
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
        let (store, cursor) = Store::open(dir)?;
        let ids = Ids::read(store.searcher()?, store.fields(), None);
        let ids = ids.map_err(|e| store.failed(e))?;
        let mut staged = Staged::default();
        for id in ids.all() {
            staged.slots.take(id);
        }
        let text = Arc::new(ids.bound(&staged.slots));
        let table = Table::default();
        let index = Self {
            current: ArcSwap::from_pointee(Generation { table, text }),
            restoring: AtomicBool::new(false),
            staged: Mutex::new(staged),
            store: Mutex::new(Committing { store, cursor }),
            live: Live::default(),
        };
        Ok((index, cursor))
    }

    /// Makes a listing searchable with the next [`Index::commit`]; until then its previous version
    /// answers. A listing that is not public is removed instead, at once.
    ///
    /// `organization_places` are where its organization is found, as for [`Facts::of`]. Where very much
    /// waits (32 MiB of words), it is committed early, with the cursor of the last commit.
    ///
    /// # Errors
    /// [`IndexError`] when that early commit fails; as for [`Index::commit`], nothing is forgotten.
    pub fn put(&self, listing: &Listing, organization_places: &[Place]) -> Result<(), IndexError> {
        if listing.service.tier != Tier::Public {
            self.remove(&listing.key());
            return Ok(());
        }
        let row = self.row(listing, organization_places);
        let document = Document::of(listing, &row.facts, organization_places);
        let waiting = {
            let mut staged = locked(&self.staged);
            staged.put(Put { row, document });
            staged.bytes()
        };
        if waiting > WAITING_BYTES {
            let mut committing = locked(&self.store);
            let cursor = committing.cursor;
            self.commit_to(&mut committing, cursor)?;
        }
        Ok(())
    }

    /// Brings a listing back whose words are in the index already: for the start, when
    /// [`Index::open`] returned a cursor. The next search sees it.
    pub fn restore(&self, listing: &Listing, organization_places: &[Place]) {
        if listing.service.tier != Tier::Public {
            return;
        }
        let row = self.row(listing, organization_places);
        let mut staged = locked(&self.staged);
        staged.restored.insert(row.id, row);
        self.restoring.store(true, Ordering::Release);
    }

    /// Hides a service from the very next search; the next [`Index::commit`] makes that durable.
    pub fn remove(&self, service: &RecordKey) {
        let id = service.public_id();
        let mut staged = locked(&self.staged);
        self.settle(&mut staged);
        if let Some(slot) = staged.slots.of(id)
            && let Some(row) = self.current.load().table.row(slot)
        {
            row.hide();
        }
        staged.remove(id);
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
    pub fn commit(&self, cursor: u64) -> Result<(), IndexError> {
        self.commit_to(&mut locked(&self.store), Some(cursor))
    }

    /// The services that answer `request` at `now`, best first.
    ///
    /// # Errors
    /// [`IndexError`] when the text index cannot be read.
    pub fn search(&self, request: &Request, now: Timestamp) -> Result<Answer, IndexError> {
        if self.restoring.load(Ordering::Acquire) {
            self.settle(&mut locked(&self.staged));
        }
        let generation = self.current.load_full();
        let table = &generation.table;
        let Some(text) = &request.text else {
            let candidates = table.candidates(request).map(|row| (row, 1.0));
            return Ok(answer(request, candidates, now));
        };
        let found = generation.text.find(text).map_err(IndexError::Text)?;
        let could = table.narrow(request);
        let could = |slot: Slot| {
            could
                .as_ref()
                .is_none_or(|all| all.binary_search(&slot).is_ok())
        };
        let found = found.into_iter().filter(|(slot, _)| could(*slot));
        let candidates = found.filter_map(|(slot, fit)| Some((table.row(slot)?, fit)));
        Ok(answer(request, candidates, now))
    }

    /// The report that counts for a service at a location, or for the service as a whole.
    #[must_use]
    pub fn capacity_of(
        &self,
        agency: &AgencyId,
        service: &LocalId,
        location: Option<&LocalId>,
    ) -> Option<Held> {
        let key = service_key(agency, service);
        let held = self.live.effective(&key, location)?;
        Some(Held::clone(&held))
    }

    fn row(&self, listing: &Listing, organization_places: &[Place]) -> Arc<Row> {
        let facts = Facts::of(listing, organization_places);
        let live = self.live.cell(&facts.key);
        Arc::new(Row::new(facts, live))
    }

    /// Shows the rows brought back since the start.
    fn settle(&self, staged: &mut Staged) {
        if staged.restored.is_empty() {
            return;
        }
        let restored = std::mem::take(&mut staged.restored).into_iter();
        let rows: Rows = restored.map(|(id, row)| (id, Some(row))).collect();
        let text = Arc::clone(&self.current.load().text);
        self.show(staged, rows, text);
        self.restoring.store(false, Ordering::Release);
    }

    fn commit_to(
        &self,
        committing: &mut Committing,
        cursor: Option<u64>,
    ) -> Result<(), IndexError> {
        let batch = locked(&self.staged).take();
        let ids = match self.write(&mut committing.store, &batch, cursor) {
            Ok(ids) => ids,
            Err(e) => {
                locked(&self.staged).take_back(batch);
                return Err(e);
            }
        };
        committing.cursor = cursor;
        let mut staged = locked(&self.staged);
        self.settle(&mut staged);
        let rows = batch.into_iter();
        let rows: Rows = rows.map(|(id, put)| (id, put.map(|put| put.row))).collect();
        for (id, row) in &rows {
            let Some(row) = row else {
                continue;
            };
            if staged.was_removed(*id) {
                row.hide();
            }
            staged.slots.take(*id);
        }
        let text = Arc::new(ids.bound(&staged.slots));
        self.show(&mut staged, rows, text);
        Ok(())
    }

    fn write(
        &self,
        store: &mut Store,
        batch: &Batch,
        cursor: Option<u64>,
    ) -> Result<Ids, IndexError> {
        let changes = batch.iter();
        let changes = changes.map(|(id, put)| (*id, put.as_ref().map(|put| &put.document)));
        store.write(changes, cursor)?;
        let earlier = Arc::clone(&self.current.load().text);
        let ids = Ids::read(store.searcher()?, store.fields(), Some(&earlier));
        ids.map_err(|e| store.failed(e))
    }

    /// Makes changed rows and the words that belong to them the current generation.
    fn show(&self, staged: &mut Staged, rows: Rows, text: Arc<Snapshot>) {
        let mut table = self.current.load().table.clone();
        // All slots are taken before any is freed: none may come twice.
        let (put, removed): (Rows, Rows) = rows.into_iter().partition(|(_, row)| row.is_some());
        let put = put
            .into_iter()
            .map(|(id, row)| (staged.slots.take(id), row));
        let mut changes: Vec<(Slot, Option<Arc<Row>>)> = put.collect();
        let freed = removed
            .into_iter()
            .filter_map(|(id, _)| staged.slots.free(id));
        changes.extend(freed.map(|slot| (slot, None)));
        table.change(changes);
        self.current.store(Arc::new(Generation { table, text }));
    }
}

fn service_key(agency: &AgencyId, service: &LocalId) -> RecordKey {
    RecordKey {
        agency: agency.clone(),
        kind: Kind::Service,
        id: service.clone(),
    }
}

/// What is behind a lock. A panic elsewhere is no reason to refuse every search after it: what is kept
/// under these locks is replaced in single steps.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
