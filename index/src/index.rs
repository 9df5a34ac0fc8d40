//! The index as its callers see it, and how a commit becomes visible.
//!
//! A search reads one [`Generation`]: parts and words that belong together. [`Index::commit`] writes the
//! words, makes a small part of the rows, and shows both in one swap; small parts are made into greater ones
//! in the background while the old ones answer. What must be seen sooner does not wait for it: a removed
//! service is hidden in place, a report goes into the cells of its offers.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use referral_core::capacity::{Held, Order};
use referral_core::catalog::{LanguageTag, Listing, Place, Tier};
use referral_core::coverage::{Supply, Whereabouts};
use referral_core::feedback::Precision;
use referral_core::id::{AgencyId, Kind, LocalId, PublicId, RecordKey};
use referral_core::search::{Facts, Request};
use referral_core::vocabulary::Code;

use crate::document::Document;
use crate::error::IndexError;
use crate::folding;
use crate::generation::Generation;
use crate::kept::{self, Aside, Kept, Rows};
use crate::pairs;
use crate::part::{Encoded, bit_of};
use crate::search::{Answer, Around, Lookup, MayGoOn, answer, organizations};
use crate::slots::Slot;
use crate::staged::{Batch, Put};
use crate::state::State;
use crate::supply::supply;
use crate::text::{Ids, Snapshot, Store};

/// Most bytes of words that wait for a commit; with more, what waits is committed early.
const WAITING_BYTES: usize = 32 << 20;
/// Most services brought back that wait for the next search.
const RESTORED: usize = 65_536;

/// Every service that its readers may see, searchable.
///
/// What of a listing they may not see its caller leaves out. All methods may be called at the same time.
#[derive(Debug)]
pub struct Index {
    shared: Arc<Shared>,
    folding: Mutex<Option<JoinHandle<()>>>,
    /// Its readers may see listings up to this tier.
    tier: Tier,
}

/// What searches and the thread that folds parts share with the index.
#[derive(Debug)]
struct Shared {
    current: ArcSwap<Generation>,
    /// How far each service's "open" can be relied on, where that is known.
    reliance: ArcSwap<HashMap<PublicId, Precision>>,
    /// Held for the whole of a commit.
    store: Mutex<Committing>,
    /// True when services were brought back that no generation has.
    restoring: AtomicBool,
    /// Never held while anything slow happens, the start aside; `current` is only replaced under it.
    state: Mutex<State>,
    /// Set when the index is dropped.
    ending: AtomicBool,
}

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
        Self::open_up_to(dir, Tier::Public)
    }

    /// As [`Index::open`], for readers who may see listings up to this tier.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open_up_to(dir: &Path, tier: Tier) -> Result<(Self, Option<u64>), IndexError> {
        let (store, cursor) = Store::open(dir)?;
        let ids = Ids::read(store.searcher()?, store.fields(), None);
        let ids = ids.map_err(|e| store.failed(e))?;
        let mut state = State::default();
        for id in ids.all() {
            state.staged.slots.take(id);
        }
        let text = Arc::new(ids.bound(&state.staged.slots));
        let generation = Generation::empty(state.register.sets().clone(), text);
        let index = Self {
            shared: Arc::new(Shared {
                current: ArcSwap::from_pointee(generation),
                reliance: ArcSwap::default(),
                store: Mutex::new(Committing { store, cursor }),
                restoring: AtomicBool::new(false),
                state: Mutex::new(state),
                ending: AtomicBool::new(false),
            }),
            folding: Mutex::new(None),
            tier,
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
        if listing.service.tier > self.tier {
            self.remove(&listing.key());
            return Ok(());
        }
        let facts = Facts::of(listing, organization_places);
        let document = Document::of(listing, &facts, organization_places);
        let waiting = {
            let mut state = locked(&self.shared.state);
            let row = Encoded::of(facts, &mut state.register);
            state.staged.put(Put { row, document });
            state.staged.bytes()
        };
        if waiting > WAITING_BYTES {
            let mut committing = locked(&self.shared.store);
            let cursor = committing.cursor;
            self.commit_to(&mut committing, cursor)?;
        }
        Ok(())
    }

    /// Brings a listing back whose words are in the index already: for the start, when
    /// [`Index::open`] returned a cursor. The next search sees it.
    pub fn restore(&self, listing: &Listing, organization_places: &[Place]) {
        if listing.service.tier > self.tier {
            return;
        }
        let facts = Facts::of(listing, organization_places);
        let mut state = locked(&self.shared.state);
        let row = Encoded::of(facts, &mut state.register);
        state.staged.restored.insert(row.id(), row);
        self.shared.restoring.store(true, Ordering::Release);
        if state.staged.restored.len() >= RESTORED {
            self.shared.settle(&mut state);
            drop(state);
            self.fold();
        }
    }

    /// Writes what is in memory of everything that can be found, for [`Index::bring_back`] at a later start; `None`:
    /// nothing is committed yet. It is as of the last commit or later, and stands aside until it is given its name.
    ///
    /// * `bond` — asked for the place in the journal it is as of; what the reader will see in [`Kept::bond`].
    ///   `None`: nothing is written.
    ///
    /// # Errors
    /// When the disk refuses. The index and the file of before stay as they are.
    pub fn keep(&self, bond: impl FnOnce(u64) -> Option<Vec<u8>>) -> io::Result<Option<Aside>> {
        let (generation, cursor, dir) = {
            let committing = locked(&self.shared.store);
            let Some(cursor) = committing.cursor else {
                return Ok(None);
            };
            self.shared.settle(&mut locked(&self.shared.state));
            let generation = self.shared.current.load_full();
            (generation, cursor, committing.store.dir().to_owned())
        };
        match bond(cursor) {
            Some(bond) => kept::write(&dir, &generation, cursor, &bond).map(Some),
            None => Ok(None),
        }
    }

    /// The file that [`Index::keep`] wrote, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, or its beginning is not as it was written.
    pub fn kept(&self) -> io::Result<Option<Kept>> {
        let dir = locked(&self.shared.store).store.dir().to_owned();
        Kept::open(&dir)
    }

    /// Brings services back from a file of rows, at the start and before anything else: all of those agencies that
    /// are as they were at [`Kept::cursor`]. The listings of the others, and of those it gives, have to be given to
    /// [`Index::restore`] or [`Index::put`].
    ///
    /// * `is_as_it_was` — nothing of what this agency lists, or of what decides who is shown it, changed since.
    ///
    /// # Errors
    /// When the file is not as it was written, or is not of these words. No service came back then.
    pub fn bring_back(
        &self,
        kept: Kept,
        is_as_it_was: &dyn Fn(&AgencyId) -> bool,
    ) -> io::Result<BTreeSet<AgencyId>> {
        let mut state = locked(&self.shared.state);
        let State {
            register, staged, ..
        } = &mut *state;
        let Rows { part, left_out } = kept.read(register, &staged.slots, is_as_it_was)?;
        if part.size() > 0 {
            let generation = Generation::clone(&self.shared.current.load());
            let next = state.with_part(generation, Arc::new(part));
            self.shared.current.store(Arc::new(next));
        }
        drop(state);
        self.fold();
        Ok(left_out)
    }

    /// Hides a service from the very next search; the next [`Index::commit`] makes that durable.
    pub fn remove(&self, service: &RecordKey) {
        let id = service.public_id();
        let mut state = locked(&self.shared.state);
        self.shared.settle(&mut state);
        if let Some(slot) = state.staged.slots.of(id) {
            self.shared.current.load().hide(slot);
        }
        state.staged.remove(id);
    }

    /// Takes a capacity report in. The very next search sees it, unless a newer one about the same
    /// service and location is there. Before its service is searchable it is kept and waits.
    pub fn report(&self, agency: &AgencyId, held: &Held) {
        let id = service_key(agency, &held.report.said().service).public_id();
        let mut state = locked(&self.shared.state);
        state.report(id, held, &self.shared.current.load());
    }

    /// Forgets the report about a service, or its offer at a location, unless one newer than `order` is there.
    pub fn drop_report(
        &self,
        agency: &AgencyId,
        (service, location): (&LocalId, Option<&LocalId>),
        order: Order,
    ) {
        let id = service_key(agency, service).public_id();
        let mut state = locked(&self.shared.state);
        state.drop_report(id, location, order, &self.shared.current.load());
    }

    /// Ranks by how far each service's "open" can be relied on, from the very next search on. Whoever holds these
    /// numbers sets them anew after [`Index::open`].
    pub fn rely_on(&self, precisions: Arc<HashMap<PublicId, Precision>>) {
        self.shared.reliance.store(precisions);
    }

    /// Makes everything put and removed so far searchable and durable, together with `cursor`, the
    /// place in the journal it is the result of.
    ///
    /// # Errors
    /// [`IndexError`] when it could not be written. Searches go on with what was committed before;
    /// commit again, nothing is forgotten.
    pub fn commit(&self, cursor: u64) -> Result<(), IndexError> {
        self.commit_to(&mut locked(&self.shared.store), Some(cursor))
    }

    /// Waits until nothing is made into one in the background any more: for measuring.
    pub fn wait_for_folding(&self) {
        while let Some(thread) = self.folding_thread() {
            // A thread that panicked has nothing left to do.
            let _ended = thread.join();
            self.fold();
        }
        self.shared.pair();
    }

    /// The services that answer `request` at `now`, best first.
    ///
    /// # Errors
    /// [`IndexError`] when the text index cannot be read.
    pub fn search(&self, request: &Request, now: Timestamp) -> Result<Answer, IndexError> {
        self.search_while(request, now, &|| Ok(()))
    }

    /// The same, for as long as `may_go_on` says so. It is asked every few thousand offers.
    ///
    /// # Errors
    /// [`IndexError::Deadline`] and [`IndexError::Cancelled`] when it was given up, otherwise as for
    /// [`Index::search`].
    pub fn search_while(
        &self,
        request: &Request,
        now: Timestamp,
        may_go_on: MayGoOn<'_>,
    ) -> Result<Answer, IndexError> {
        self.shared.reading(now, may_go_on, |generation, around| {
            answer(generation, request, around)
        })
    }

    /// The organizations of the services that answer `request` at `now`, by
    /// [`referral_core::search::organization_hash`], sorted, each once: what bundles are made of.
    ///
    /// # Errors
    /// As for [`Index::search_while`].
    pub fn organizations(
        &self,
        request: &Request,
        now: Timestamp,
        may_go_on: MayGoOn<'_>,
    ) -> Result<Vec<u64>, IndexError> {
        self.shared.reading(now, may_go_on, |generation, around| {
            organizations(generation, request, around)
        })
    }

    /// Everything that matches `filter` at `now`, wherever it is, for a report on coverage. Place, words,
    /// page and availability of the filter are not used.
    ///
    /// * `languages` — those that the report compares, at most 32.
    /// * `map` — always the same one: in which county a position lies is remembered.
    ///
    /// # Errors
    /// As for [`Index::search_while`].
    pub fn supply(
        &self,
        filter: &Request,
        languages: &[LanguageTag],
        map: &dyn Whereabouts,
        now: Timestamp,
        may_go_on: MayGoOn<'_>,
    ) -> Result<Supply, IndexError> {
        self.shared.reading(now, may_go_on, |generation, around| {
            supply(generation, filter, languages, map, around)
        })
    }

    /// The full name of a service that is in the index.
    #[must_use]
    pub fn key_of(&self, service: PublicId) -> Option<RecordKey> {
        let slot = locked(&self.shared.state).staged.slots.of(service)?;
        let generation = self.shared.current.load();
        let (at, number) = generation.home(slot)?;
        generation.views()[at].part.key(number, generation.sets())
    }

    /// The report that counts for a service at a location, or for the service as a whole.
    #[must_use]
    pub fn capacity_of(
        &self,
        agency: &AgencyId,
        service: &LocalId,
        location: Option<&LocalId>,
    ) -> Option<Held> {
        let id = service_key(agency, service).public_id();
        self.shared.reported(id, location)
    }

    fn commit_to(
        &self,
        committing: &mut Committing,
        cursor: Option<u64>,
    ) -> Result<(), IndexError> {
        let batch = locked(&self.shared.state).staged.take();
        let ids = match self.shared.write(&mut committing.store, &batch, cursor) {
            Ok(ids) => ids,
            Err(e) => {
                locked(&self.shared.state).staged.take_back(batch);
                return Err(e);
            }
        };
        committing.cursor = cursor;
        self.shared.show(batch, ids);
        self.fold();
        Ok(())
    }

    fn folding_thread(&self) -> Option<JoinHandle<()>> {
        locked(&self.folding).take()
    }

    /// Begins to make parts into one in the background, where that is due.
    fn fold(&self) {
        let mut folding = locked(&self.folding);
        if folding.as_ref().is_some_and(|thread| !thread.is_finished())
            || !self.shared.is_fold_due()
        {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new().name("index-fold".to_owned());
        // Without a thread it is tried again after the next commit.
        *folding = thread.spawn(move || shared.fold()).ok();
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::Relaxed);
        if let Some(thread) = self.folding_thread() {
            // A thread that panicked has nothing left to save.
            let _ended = thread.join();
        }
    }
}

impl Shared {
    fn reading<T>(
        &self,
        now: Timestamp,
        may_go_on: MayGoOn<'_>,
        read: impl FnOnce(&Generation, &Around<'_>) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        if self.restoring.load(Ordering::Acquire) {
            self.settle(&mut locked(&self.state));
        }
        let generation = self.current.load_full();
        let around = Around {
            look: &|code: &Code| self.look(code),
            reported: &|id, location| self.reported(PublicId::from_u128(id), location),
            reliance: &self.reliance.load_full(),
            may_go_on,
            now,
        };
        read(&generation, &around)
    }

    /// How rows know a code.
    fn look(&self, code: &Code) -> Lookup {
        if let Some(bit) = bit_of(code) {
            return Lookup::Bit(bit);
        }
        let known = locked(&self.state).register.known_code(code);
        known.map_or(Lookup::Unknown, Lookup::Own)
    }

    fn reported(&self, service: PublicId, location: Option<&LocalId>) -> Option<Held> {
        let state = locked(&self.state);
        state.live.effective(service, location.map(LocalId::as_str))
    }

    /// Shows the services brought back since the start.
    fn settle(&self, state: &mut State) {
        if state.staged.restored.is_empty() {
            return;
        }
        let restored = std::mem::take(&mut state.staged.restored).into_values();
        let mut rows: Vec<Encoded> = restored.collect();
        let slots: Vec<Slot> = state.slots_for(&mut rows);
        let generation = Generation::clone(&self.current.load()).without(slots);
        self.current.store(Arc::new(state.with(generation, rows)));
        self.restoring.store(false, Ordering::Release);
    }

    /// Makes a batch that was written the current generation.
    fn show(&self, batch: Batch, ids: Ids) {
        let (mut rows, mut removed) = (Vec::new(), Vec::new());
        for (id, put) in batch {
            match put {
                Some(put) => rows.push(put.row),
                None => removed.push(id),
            }
        }
        let (slots, sets) = {
            let mut state = locked(&self.state);
            self.settle(&mut state);
            (state.slots_for(&mut rows), state.register.sets().clone())
        };
        let part = (!rows.is_empty()).then(|| Arc::new(State::part(rows, &sets)));
        let mut state = locked(&self.state);
        let freed = removed.into_iter();
        let freed: Vec<Slot> = freed.filter_map(|id| state.staged.slots.free(id)).collect();
        let text = Arc::new(ids.bound(&state.staged.slots));
        let current = Generation::clone(&self.current.load());
        let next = current
            .without(slots.into_iter().chain(freed))
            .with_text(text);
        let next = match part {
            Some(part) => state.with_part(next, part),
            None => next,
        };
        self.current.store(Arc::new(next));
    }

    /// Writes a batch; gives the services of the segments there are then.
    fn write(
        &self,
        store: &mut Store,
        batch: &Batch,
        cursor: Option<u64>,
    ) -> Result<Ids, IndexError> {
        let changes = batch.iter();
        let changes = changes.map(|(id, put)| (*id, put.as_ref().map(|put| &put.document)));
        store.write(changes, cursor)?;
        self.committed(store)
    }

    fn committed(&self, store: &Store) -> Result<Ids, IndexError> {
        let earlier: Arc<Snapshot> = Arc::clone(self.current.load().text());
        let ids = Ids::read(store.searcher()?, store.fields(), Some(&earlier));
        ids.map_err(|e| store.failed(e))
    }

    fn is_fold_due(&self) -> bool {
        let current = self.current.load();
        folding::due(current.views()).is_some()
            || folding::together(current.text().sizes()).is_some()
            || pairs::are_due(&current)
    }

    /// Makes parts into one, and segments, for as long as any are due.
    fn fold(&self) {
        while !self.ending.load(Ordering::Relaxed) {
            let parts = self.fold_parts();
            // A disk that refuses is told to whoever commits next.
            let segments = self.fold_segments().unwrap_or(false);
            if !parts && !segments {
                self.pair();
                return;
            }
        }
    }

    /// Puts great segments and parts beside each other.
    fn pair(&self) {
        let pairs = pairs::missing(&self.current.load_full());
        let _changing = locked(&self.state);
        let current = Generation::clone(&self.current.load());
        self.current.store(Arc::new(current.with_pairs(pairs)));
    }

    /// Makes parts into one; false when none are due.
    fn fold_parts(&self) -> bool {
        let (due, sets) = {
            let mut state = locked(&self.state);
            let current = self.current.load();
            let Some(due) = folding::due(current.views()) else {
                return false;
            };
            state.begin_fold();
            let views = current.views().iter();
            let views = views.filter(|view| due.contains(&view.id)).cloned();
            (views.collect::<Vec<_>>(), state.register.sets().clone())
        };
        let part = Arc::new(folding::folded(&due, &sets));
        let mut state = locked(&self.state);
        let current = Generation::clone(&self.current.load());
        let from: Vec<_> = due.iter().map(|view| view.id).collect();
        let next = state.end_fold(current, &from, part);
        self.current.store(Arc::new(next));
        true
    }

    /// Makes segments into one; false when none are due. Commits go on meanwhile.
    fn fold_segments(&self) -> Result<bool, IndexError> {
        let Some(due) = folding::together(self.current.load().text().sizes()) else {
            return Ok(false);
        };
        let merged = locked(&self.store).store.merge(&due)?;
        merged().map_err(IndexError::Text)?;
        let committing = locked(&self.store);
        let ids = self.committed(&committing.store)?;
        let state = locked(&self.state);
        let text = Arc::new(ids.bound(&state.staged.slots));
        let current = Generation::clone(&self.current.load());
        self.current.store(Arc::new(current.with_text(text)));
        Ok(true)
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
