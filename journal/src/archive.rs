//! What is durable in a journal, for any thread: read it, copy it, let go of its oldest part.
//!
//! An [`Archive`] never touches what is not durable yet, so it needs no lock that the writer takes. Letting
//! go is made of two durable steps: a marker that says where the journal begins from now on, then the
//! removal of what lies before it. A crash between leaves files that the next opening removes; a segment
//! from the marker on that is missing is damage, as ever.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::copy;
use crate::error::JournalError;
use crate::format::{first_name, segment_name};
use crate::reader::Reader;
use crate::segment::{self, failed};
use crate::storage::Storage;

/// The durable part of an open journal. A clone speaks of the same journal.
#[derive(Clone, Debug)]
pub struct Archive<S: Storage> {
    storage: S,
    span: Arc<Span>,
}

/// A copy of a journal, verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The index of its first record.
    pub first_index: u64,
    /// The index of its last record; one less than the first when it holds none.
    pub last_index: u64,
    /// Its length. Unit: bytes.
    pub bytes: u64,
}

/// Which records there are.
#[derive(Debug)]
pub(crate) struct Span {
    first: AtomicU64,
    committed: AtomicU64,
    /// Held while segments are copied or removed.
    busy: Mutex<()>,
}

impl<S: Storage> Archive<S> {
    pub(crate) fn new(storage: S, span: Arc<Span>) -> Self {
        Self { storage, span }
    }

    /// The index of the first record that is kept; 1 when none were dropped.
    #[must_use]
    pub fn first_index(&self) -> u64 {
        self.span.first()
    }

    /// The index of the last durable record; one less than the first when there is none.
    #[must_use]
    pub fn last_index(&self) -> u64 {
        self.span.committed()
    }

    /// Reads from record `index` on, as [`crate::Journal::read_from`] does.
    ///
    /// # Errors
    /// [`JournalError::Dropped`], [`JournalError::NoSuchRecord`].
    pub fn read_from(&self, index: u64) -> Result<Reader<S>, JournalError> {
        Reader::open(self.storage.clone(), Arc::clone(&self.span), index)
    }

    /// The first index of every segment, in order. [`Self::drop_before`] with any of these drops exactly
    /// what lies before it.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn segments(&self) -> Result<Vec<u64>, JournalError> {
        let first = self.first_index();
        let mut segments = segment::list(&self.storage)?;
        segments.retain(|segment| (first..=self.last_index()).contains(segment));
        Ok(segments)
    }

    /// Drops every segment whose records are all below `index`, except the last, and returns the index of
    /// the first record that is kept. Readers that have not come so far end with
    /// [`JournalError::Dropped`]. Waits for a copy that is being made.
    ///
    /// # Errors
    /// [`JournalError::Io`]. What is kept is whole all the same. The drop may have begun, and then the next
    /// call or the next opening finishes it.
    pub fn drop_before(&self, index: u64) -> Result<u64, JournalError> {
        let _alone = self.span.alone();
        let begin = self.segments()?.into_iter().rfind(|first| *first <= index);
        if let Some(begin) = begin.filter(|begin| *begin > self.first_index()) {
            failpoint!("journal.drop.pre_mark");
            mark_first(&self.storage, begin)?;
            self.storage.sync_directory().map_err(failed("sync", "*"))?;
            self.span.first.store(begin, Ordering::Release);
            failpoint!("journal.drop.marked");
        }
        finish_drop(&self.storage, self.first_index())?;
        Ok(self.first_index())
    }

    /// Copies the journal into `target`, which holds none, up to the end of the batch with record `up_to`,
    /// and verifies the copy by opening it. Sealed segments are the same byte for byte. The journal may
    /// grow meanwhile.
    ///
    /// A copy that was cut short does not open as a shorter journal: it is empty, or refused as damaged.
    ///
    /// # Errors
    /// [`JournalError::NotEmpty`] when `target` holds a journal, [`JournalError::NoSuchRecord`] and
    /// [`JournalError::Dropped`] for `up_to`, [`JournalError::Damaged`] when this journal or the copy does
    /// not verify, [`JournalError::Io`].
    pub fn copy_to<T: Storage>(&self, target: &T, up_to: u64) -> Result<Copied, JournalError> {
        let _alone = self.span.alone();
        let (first_index, last_index) = (self.first_index(), self.last_index());
        if up_to > last_index {
            let index = up_to;
            return Err(JournalError::NoSuchRecord { index, last_index });
        }
        self.span.check_kept(up_to + 1)?;
        copy::copy(&self.storage, target, (first_index, up_to))
    }
}

impl Span {
    pub(crate) fn new(first: u64, committed: u64) -> Self {
        Self {
            first: AtomicU64::new(first),
            committed: AtomicU64::new(committed),
            busy: Mutex::new(()),
        }
    }

    pub(crate) fn first(&self) -> u64 {
        self.first.load(Ordering::Acquire)
    }

    pub(crate) fn committed(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }

    pub(crate) fn commit(&self, index: u64) {
        self.committed.store(index, Ordering::Release);
    }

    pub(crate) fn check_kept(&self, index: u64) -> Result<(), JournalError> {
        let first = self.first();
        if index < first {
            return Err(JournalError::Dropped { index, first });
        }
        Ok(())
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that the journal begins with record `first`. Durable once the directory is synced.
pub(crate) fn mark_first<S: Storage>(storage: &S, first: u64) -> Result<(), JournalError> {
    let name = first_name(first);
    let marker = storage.create(&name);
    marker.map(drop).map_err(failed("create", &name))
}

/// Removes the segments and markers before `first`, the oldest first.
pub(crate) fn finish_drop<S: Storage>(storage: &S, first: u64) -> Result<(), JournalError> {
    let segments = segment::list(storage)?.into_iter().map(segment_name);
    let markers = segment::markers(storage)?.into_iter().map(first_name);
    // Names are ordered as their numbers are.
    let kept = segment_name(first);
    let mut old: Vec<String> = segments.filter(|name| *name < kept).collect();
    let kept = first_name(first);
    old.extend(markers.filter(|name| *name < kept));
    for name in &old {
        storage.remove(name).map_err(failed("remove", name))?;
    }
    if old.is_empty() {
        return Ok(());
    }
    storage.sync_directory().map_err(failed("sync", "*"))
}
