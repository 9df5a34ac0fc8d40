//! One reader of the feed: where it stands, and what it gets next.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, watch};

use super::changes::Changes;
use super::entry::FeedEntry;
use super::sent::Sent;
use super::snapshot::Snapshot;
use super::{Bookmark, Directory, FeedMessage, SnapshotReason, WatchError};

/// A message of entries is sent when it has about so many bytes.
const MESSAGE_BYTES: usize = 256 << 10;
/// Most messages of entries that are read at once.
const MESSAGES: usize = 4;
/// While a reader catches up it gets a bookmark after about so many entries.
const BOOKMARK_EVERY: usize = 1_000;

/// Follows the feed for one reader. It takes one of the few places there are until it is dropped.
#[derive(Debug)]
pub struct Follower {
    reading: Reading,
    changes: Changes,
    snapshot: Option<Snapshot>,
    folded: watch::Receiver<u64>,
    _place: OwnedSemaphorePermit,
}

/// What a reading needs and notes, whatever is read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) directory: Arc<Directory>,
    pub(super) sent: Sent,
    /// No bookmark before this index: changes up to it belong to the snapshot.
    hold_until: u64,
    marked: u64,
    since_mark: usize,
}

/// What there is next.
#[derive(Debug, Default)]
pub struct Portion {
    /// In order.
    pub messages: Vec<FeedMessage>,
    /// There is no more just now.
    pub is_last: bool,
    entries: Vec<FeedEntry>,
    bytes: usize,
}

impl Follower {
    pub(super) fn new(
        directory: Arc<Directory>,
        place: OwnedSemaphorePermit,
        since: Bookmark,
    ) -> Result<Self, WatchError> {
        let folded = directory.ledger.tail().folded();
        let mut follower = Self {
            changes: Changes::after(since.index),
            snapshot: None,
            folded,
            reading: Reading {
                sent: Sent::default(),
                hold_until: 0,
                marked: since.index,
                since_mark: 0,
                directory,
            },
            _place: place,
        };
        let own = follower.reading.directory.generation();
        let reason = if since.index == 0 {
            Some(SnapshotReason::Asked)
        } else if since.generation < own {
            Some(SnapshotReason::Generation)
        } else if follower.changes.are_kept(&follower.reading.directory)? {
            None
        } else {
            Some(SnapshotReason::TooOld)
        };
        if let Some(reason) = reason {
            let as_of = *follower.folded.borrow_and_update();
            follower.changes = Changes::after(as_of);
            let snapshot = Snapshot::new(&follower.reading.directory, as_of, reason)?;
            follower.snapshot = Some(snapshot);
        }
        Ok(follower)
    }

    /// What there is next: at most about 1 MiB. Reads the disk: not for an async thread.
    ///
    /// # Errors
    /// [`WatchError`] when the journal or the store cannot be read. The feed then ends.
    pub fn read(&mut self) -> Result<Portion, WatchError> {
        let mut portion = Portion::default();
        if let Some(snapshot) = &mut self.snapshot {
            if !snapshot.read(&mut self.reading, &mut portion)? {
                return Ok(portion);
            }
            self.snapshot = None;
            self.reading.hold_until = *self.folded.borrow();
            self.reading.marked = 0;
        }
        let upto = *self.folded.borrow_and_update();
        self.changes.read(upto, &mut self.reading, &mut portion)?;
        Ok(portion)
    }

    /// Returns when there is more than was read. Never, once the directory takes no more changes.
    pub async fn more(&mut self) {
        if self.folded.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Where the feed stands: what a reader gets when nothing happens.
    #[must_use]
    pub fn bookmark(&self) -> Bookmark {
        Bookmark {
            generation: self.reading.directory.generation(),
            index: self.reading.marked,
        }
    }
}

impl Reading {
    /// A bookmark at `index`, at the end of a batch, where one is due.
    pub(super) fn mark(&mut self, index: u64, is_end: bool, portion: &mut Portion) {
        let due = is_end || self.since_mark >= BOOKMARK_EVERY;
        if !due || index <= self.marked && self.marked > 0 || index < self.hold_until {
            return;
        }
        self.marked = index;
        self.since_mark = 0;
        portion.flush();
        portion.messages.push(FeedMessage::Bookmark(Bookmark {
            generation: self.directory.generation(),
            index,
        }));
    }

    /// Adds an entry.
    pub(super) fn add(&mut self, entry: FeedEntry, portion: &mut Portion) {
        self.since_mark += 1;
        portion.bytes += entry.bytes();
        portion.entries.push(entry);
        if portion.bytes >= MESSAGE_BYTES {
            portion.flush();
        }
    }
}

impl Portion {
    /// Whether enough was read at once.
    pub(super) fn is_full(&self) -> bool {
        self.messages.len() >= MESSAGES
    }

    /// Ends the message that is being filled.
    pub(super) fn flush(&mut self) {
        self.bytes = 0;
        if !self.entries.is_empty() {
            let entries = std::mem::take(&mut self.entries);
            self.messages.push(FeedMessage::Entries(entries));
        }
    }
}
