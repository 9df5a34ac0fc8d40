//! Bringing the store up to a snapshot: it writes over what is older and leaves nothing out. Reports that the
//! snapshot does not hold are held no longer; a record never goes.

use jiff::Timestamp;
use referral_core::capacity::Held;
use referral_core::federation::{Change, Header};
use referral_core::id::AgencyId;

use super::{Store, StoreError, catalog, codec, keys};
use crate::ledger::SignedBytes;

/// Things written at once.
const CHUNK: usize = 1_000;

/// One thing from a snapshot, with its exact bytes and when they were received.
#[derive(Debug)]
pub(crate) enum Restored {
    /// The operation a record stands at.
    Record(Header, Change, SignedBytes, Timestamp),
    /// A capacity report in force.
    Capacity(AgencyId, Box<Held>, SignedBytes, Timestamp),
}

/// A store that is being brought up to a snapshot. Until [`Restoring::finish`] it says that it has folded
/// no more than before, so that a start that is cut short begins again.
#[derive(Debug)]
pub(crate) struct Restoring<'a> {
    store: &'a Store,
    changes: catalog::Changes,
    batch: sled::Batch,
    waiting: usize,
}

impl Store {
    /// Begins to take a snapshot in.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn restoring(&self) -> Result<Restoring<'_>, StoreError> {
        Ok(Restoring {
            store: self,
            changes: catalog::Changes::default(),
            batch: without_reports(self)?,
            waiting: 0,
        })
    }
}

/// Every report the store has: one that the snapshot does not hold was dropped.
fn without_reports(store: &Store) -> Result<sled::Batch, StoreError> {
    let mut batch = sled::Batch::default();
    for key in store.tree.scan_prefix(keys::CAPACITY).keys() {
        batch.remove(key?);
    }
    Ok(batch)
}

impl Restoring<'_> {
    /// Takes one thing in.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn take(&mut self, restored: Restored) -> Result<(), StoreError> {
        match restored {
            Restored::Record(header, change, signed, received_at) => {
                self.changes
                    .record(self.store, &header, &change, &signed, received_at)?;
            }
            Restored::Capacity(agency, held, signed, received_at) => {
                let key = keys::capacity(&agency, held.report.key());
                self.batch
                    .insert(key, codec::capacity(&held, &signed, received_at));
            }
        }
        self.waiting += 1;
        if self.waiting >= CHUNK {
            self.write(None)?;
        }
        Ok(())
    }

    /// Everything of the snapshot of journal record `index` was taken in.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn finish(mut self, index: u64) -> Result<(), StoreError> {
        self.write(Some(index))
    }

    fn write(&mut self, folded: Option<u64>) -> Result<(), StoreError> {
        let mut batch = std::mem::take(&mut self.batch);
        let records = std::mem::take(&mut self.changes).into_batch(&mut batch);
        self.waiting = 0;
        self.store.apply(&records, batch, folded)?;
        self.store.tidy()
    }
}
