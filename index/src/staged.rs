//! What was put and removed since the last commit, and which slot every service has.

use std::collections::HashMap;

use referral_core::id::PublicId;

use crate::document::Document;
use crate::part::Encoded;
use crate::slots::Slots;

/// What the next commit brings, and what the last one left.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    changes: HashMap<PublicId, Change>,
    bytes: usize,
    /// Rows brought back at the start that no search has seen yet.
    pub(crate) restored: HashMap<PublicId, Encoded>,
    /// The slots of all services that can be found.
    pub(crate) slots: Slots,
}

/// What becomes of one service.
#[derive(Debug)]
struct Change {
    next: Option<Put>,
    /// It was removed at least once: no earlier version may be shown any more.
    removed: bool,
}

/// A service as it will be searchable.
#[derive(Debug)]
pub(crate) struct Put {
    /// What matching knows of it.
    pub(crate) row: Encoded,
    /// Its words.
    pub(crate) document: Document,
}

/// What one commit brings; `None` removes.
pub(crate) type Batch = HashMap<PublicId, Option<Put>>;

impl Staged {
    /// The next version of a service.
    pub(crate) fn put(&mut self, put: Put) {
        self.bytes += put.document.size();
        let id = put.row.id();
        let removed = self.was_removed(id);
        let next = Some(put);
        self.changes.insert(id, Change { next, removed });
    }

    /// A service is no more.
    pub(crate) fn remove(&mut self, id: PublicId) {
        let removed = Change {
            next: None,
            removed: true,
        };
        self.changes.insert(id, removed);
    }

    /// Whether a service was removed since the last [`Staged::take`].
    pub(crate) fn was_removed(&self, id: PublicId) -> bool {
        self.changes.get(&id).is_some_and(|change| change.removed)
    }

    /// About how many bytes of words wait, at most.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Everything that waits.
    pub(crate) fn take(&mut self) -> Batch {
        self.bytes = 0;
        let changes = std::mem::take(&mut self.changes).into_iter();
        changes.map(|(id, change)| (id, change.next)).collect()
    }

    /// Takes back what could not be committed; what came since is newer and stays.
    pub(crate) fn take_back(&mut self, batch: Batch) {
        for (id, next) in batch {
            if self.changes.contains_key(&id) {
                continue;
            }
            match next {
                Some(put) => self.put(put),
                None => self.remove(id),
            }
        }
    }
}
