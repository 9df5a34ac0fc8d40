//! The change feed: everything public that was accepted, as agencies signed it (R17).
//!
//! Start at [`Directory::watch`], which gives a [`Follower`]; [`Follower::read`] gives what there is next.
//! The feed is the journal, in its order, as far as it is folded: what is refused, sessions, invitations
//! and tokens are passed over. A service for a few is never sent, nor one that is held, nor is a record that
//! only such services refer to; when a service that anybody may see refers to a record that was not sent, the
//! record comes beside it. Who may see what is decided in `operations/handed.rs`. When a decision about an
//! agency changes that, its services come beside the decision, or are said to be gone.
//!
//! A snapshot is read from the store while that goes on changing: records that changed after it began are
//! left out of it and come as changes, and until all of those are sent there is no bookmark.

mod afresh;
mod changes;
mod entry;
mod follower;
mod saying;
mod sent;
mod snapshot;

use std::sync::Arc;

use referral_core::policy::{Operation, Viewer};
use referral_journal::JournalError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Directory;
use crate::ledger::UnreadableFact;
use crate::store::StoreError;

pub use entry::{Entry, FeedEntry, Member};
pub use follower::{Follower, Portion};

/// Most readers of the feed at once.
pub const MOST_WATCHERS: usize = 64;

/// A place in the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bookmark {
    /// The directory's generation; 0: none.
    pub generation: u64,
    /// The journal index up to which everything public was sent; 0: nothing.
    pub index: u64,
}

/// One message of the feed.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedMessage {
    /// A snapshot follows, as of this place.
    Snapshot(Bookmark, SnapshotReason),
    /// Entries, in order.
    Entries(Vec<FeedEntry>),
    /// Everything up to here was sent.
    Bookmark(Bookmark),
}

/// Why a snapshot is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotReason {
    /// There was no bookmark.
    Asked,
    /// The bookmark is of an earlier generation.
    Generation,
    /// What followed the bookmark is no longer in the journal.
    TooOld,
}

/// Why the feed is not sent.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The reader has seen a later generation.
    #[error(
        "the bookmark is of generation {seen} and this directory is in {own}: it is older than one \
         that was seen; ask its operator"
    )]
    GenerationAhead {
        /// Of the bookmark.
        seen: u64,
        /// The directory's.
        own: u64,
    },
    /// The reader has seen more of this generation than there is.
    #[error(
        "the bookmark is at {seen} and this directory ends at {last} in the same generation: it lost \
         what it had acknowledged; ask its operator"
    )]
    BookmarkAhead {
        /// Of the bookmark.
        seen: u64,
        /// The directory's last.
        last: u64,
    },
    /// Their token is not good for it.
    #[error("this token is not good for the change feed: make one with the scope feed")]
    Denied,
    /// Too many readers.
    #[error("too many readers follow this directory: try again later")]
    TooMany,
    /// The journal.
    #[error("the directory's journal failed: try again later")]
    Journal(#[from] JournalError),
    /// A journal record.
    #[error("the directory's journal failed: try again later")]
    Fact(#[from] UnreadableFact),
    /// The store.
    #[error("the directory's store failed: try again later")]
    Store(#[from] StoreError),
}

/// Places for readers.
#[derive(Debug)]
pub(super) struct Watchers(Arc<Semaphore>);

impl Default for Watchers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_WATCHERS)))
    }
}

impl Watchers {
    fn place(&self) -> Result<OwnedSemaphorePermit, WatchError> {
        let free = Arc::clone(&self.0).try_acquire_owned();
        free.map_err(|_| WatchError::TooMany)
    }
}

impl Directory {
    /// Follows what the directory accepts, from a bookmark on; from a snapshot on where `since` is none,
    /// of an earlier generation or too old.
    ///
    /// # Errors
    /// [`WatchError`] when there are too many readers, or the reader has seen more than there is.
    pub fn watch(
        self: &Arc<Self>,
        viewer: &Viewer,
        since: Bookmark,
    ) -> Result<Follower, WatchError> {
        if !viewer.may(Operation::ReadFeed) {
            return Err(WatchError::Denied);
        }
        let place = self.watchers.place()?;
        let own = self.generation();
        if since.generation > own {
            let seen = since.generation;
            return Err(WatchError::GenerationAhead { seen, own });
        }
        let last = self.ledger.journal().last_index();
        if since.generation == own && since.index > last {
            let seen = since.index;
            return Err(WatchError::BookmarkAhead { seen, last });
        }
        Follower::new(Arc::clone(self), place, since)
    }

    /// The index of the last durable journal record.
    #[must_use]
    pub fn journal_index(&self) -> u64 {
        self.ledger.journal().last_index()
    }

    /// Where the feed stands now.
    #[must_use]
    pub fn bookmark(&self) -> Bookmark {
        Bookmark {
            generation: self.generation(),
            index: *self.ledger.tail().folded().borrow(),
        }
    }
}
