//! Bringing the store up to a snapshot: it writes over what is older and leaves nothing out. Reports that the
//! snapshot does not hold are held no longer; a record never goes.

use jiff::Timestamp;
use referral_core::capacity::Held;
use referral_core::federation::{Change, Header};
use referral_core::id::AgencyId;

use super::{Store, StoreError, catalog, codec, keys};
use crate::ledger::SignedBytes;

/// Things written at once.
const CHUNK: usize = 250;

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
        let mut restoring = Restoring {
            store: self,
            changes: catalog::Changes::default(),
            batch: sled::Batch::default(),
            waiting: 0,
        };
        restoring.drop_reports()?;
        Ok(restoring)
    }
}

impl Restoring<'_> {
    /// Every report the store has goes: one that the snapshot does not hold was dropped.
    fn drop_reports(&mut self) -> Result<(), StoreError> {
        for key in self.store.tree.scan_prefix(keys::CAPACITY).keys() {
            self.batch.remove(key?);
            self.waits()?;
        }
        Ok(())
    }

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
        self.waits()
    }

    /// One more waits to be written.
    fn waits(&mut self) -> Result<(), StoreError> {
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
