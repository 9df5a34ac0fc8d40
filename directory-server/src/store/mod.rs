//! What the directory knows, on disk: folded from the journal, rebuilt from it when damaged.
//!
//! [`Store::fold`] is the only write while the directory runs: one batch, atomic with the journal index it has reached. Everything
//! is in one sled tree under short key prefixes, every value with its own checksum; of records the tree has the places, and
//! files beside it the bytes ([`records`]). sled's flush is no
//! fsync, so nothing that must survive stands on this store alone: the journal does.

mod boot;
mod catalog;
mod codec;
mod keys;
mod open;
mod records;
mod restoring;
pub(crate) mod room;
mod shown;
mod signed;
mod values;

use std::collections::BTreeMap;
use std::io;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use referral_core::capacity::{Held, Ttl};
use referral_core::id::{AgencyId, RecordKey};

pub use codec::StoredRecord;
pub use open::{OpenedStore, StoreState};
pub(crate) use restoring::Restored;
pub use shown::Shown;
pub(crate) use signed::StoredReport;

use crate::ledger::{Applied, Decided, Fact};
use boot::Mark;
use records::Records;
use room::{Room, Space};
use shown::Lately;

/// The folded records of the directory.
#[derive(Debug)]
pub struct Store {
    tree: sled::Db,
    records: Records,
    folded: std::sync::RwLock<u64>,
    room: Room,
    failed: AtomicBool,
    /// To everybody, and to caseworkers.
    lately: [Lately<Shown>; 2],
    /// After the tree, which writes when it is dropped.
    mark: Mark,
}

/// Why the store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// sled said so, or the system of a file beside sled's.
    #[error(
        "the store in the data directory failed; if it stays so, delete its `store` folder: it is rebuilt from the journal"
    )]
    Sled(#[from] sled::Error),
    /// A value does not have the checksum it was written with.
    #[error(
        "the store holds a damaged {0}; delete its `store` folder: it is rebuilt from the journal"
    )]
    Damaged(&'static str),
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        Self::Sled(sled::Error::Io(error))
    }
}

impl StoreError {
    /// Whether the store itself is wrong, and the journal can make it right.
    pub(crate) fn is_damage(&self) -> bool {
        !matches!(self, Self::Sled(sled::Error::Io(_)))
    }
}

impl Store {
    /// The journal index folded so far.
    #[must_use]
    pub fn folded(&self) -> u64 {
        *self.folded.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Folds facts, in the order of the journal and in one step.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of them is in the store then, or all.
    pub(crate) fn fold(&self, together: &[&Applied]) -> Result<(), StoreError> {
        let Some(last) = together.last() else {
            return Ok(());
        };
        let mut batch = sled::Batch::default();
        let mut changes = catalog::Changes::default();
        for (received_at, Decided { fact, held }) in each_of(together) {
            match fact {
                Fact::Operation(header, change, signed) => {
                    changes.record(self, header, change, signed, received_at)?;
                }
                Fact::Capacity(agency, _, _, signed) => {
                    if let Some(held) = held {
                        let key = keys::capacity(agency, held.report.key());
                        batch.insert(key, codec::capacity(held, signed, received_at));
                    }
                }
                Fact::CapacityDropped(agency, dropped) => {
                    for one in dropped {
                        batch.remove(keys::capacity(
                            agency,
                            (&one.service, one.location.as_ref()),
                        ));
                    }
                }
                _ => {}
            }
        }
        let records = changes.into_batch(&mut batch);
        self.apply(&records, batch, Some(last.last_index))?;
        for (_, Decided { fact, .. }) in each_of(together) {
            if let Fact::Operation(header, ..) = fact {
                for lately in &self.lately {
                    lately.changed(&header.agency);
                }
            }
        }
        self.tidy()
    }

    /// What was written stands, whatever becomes of this.
    fn tidy(&self) -> Result<(), StoreError> {
        let tidied = self.records.tidy(&self.room);
        tidied.inspect_err(|_| self.failed.store(true, Ordering::Relaxed))
    }

    /// Writes records and a batch in one step, together with the journal index that is folded with them.
    fn apply(
        &self,
        records: &BTreeMap<String, Vec<u8>>,
        mut batch: sled::Batch,
        folded: Option<u64>,
    ) -> Result<(), StoreError> {
        if let Some(index) = folded {
            batch.insert(keys::FOLDED, codec::seal(&index.to_be_bytes()));
        }
        self.records
            .write(records, batch)
            .inspect_err(|_| self.failed.store(true, Ordering::Relaxed))?;
        if let Some(index) = folded {
            *self.folded.write().unwrap_or_else(PoisonError::into_inner) = index;
        }
        Ok(())
    }

    /// Shortens the reports of a service that are believed for longer than `longest`: those that came
    /// before the service did. Gives the shortened ones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn shorten_capacities(
        &self,
        service: &RecordKey,
        longest: Ttl,
    ) -> Result<Vec<Held>, StoreError> {
        let (mut shortened, mut batch) = (Vec::new(), sled::Batch::default());
        for entry in self.tree.scan_prefix(keys::capacities_of(service)) {
            let (key, value) = entry?;
            let damaged = StoreError::Damaged("capacity report");
            let (held, signed, received_at) = codec::reread_capacity(&value).ok_or(damaged)?;
            if held.ttl > longest {
                let held = Held {
                    ttl: longest,
                    ..held
                };
                batch.insert(key, codec::capacity(&held, &signed, received_at));
                shortened.push(held);
            }
        }
        if !shortened.is_empty() {
            self.apply(&BTreeMap::new(), batch, None)?;
        }
        Ok(shortened)
    }

    /// The room where the store is.
    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    /// Every capacity report in force, with the agency that said it.
    pub fn capacities(&self) -> impl Iterator<Item = Result<(AgencyId, Held), StoreError>> {
        self.tree.scan_prefix(keys::CAPACITY).map(|entry| {
            let (_, value) = entry?;
            codec::read_capacity(&value).ok_or(StoreError::Damaged("capacity report"))
        })
    }
}

/// Facts in order, each with the time when it was received.
fn each_of<'a>(together: &'a [&Applied]) -> impl Iterator<Item = (Timestamp, &'a Decided)> {
    let each = together
        .iter()
        .map(|applied| (applied.received_at, &applied.decided));
    each.flat_map(|(at, decided)| decided.iter().map(move |one| (at, one)))
}

impl Store {
    /// The capacity reports in force of an agency.
    pub(crate) fn capacities_of(
        &self,
        agency: &AgencyId,
    ) -> impl Iterator<Item = Result<Held, StoreError>> {
        let scan = self.tree.scan_prefix(keys::capacities_by(agency));
        scan.map(|entry| {
            let read = codec::read_capacity(&entry?.1);
            let damaged = StoreError::Damaged("capacity report");
            read.map(|(_, held)| held).ok_or(damaged)
        })
    }

    /// The agencies that have capacity reports in force.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn reporters(&self) -> Result<Vec<AgencyId>, StoreError> {
        let of =
            |key: &[u8]| keys::read_capacity(key).ok_or(StoreError::Damaged("capacity report"));
        self.agencies_under(keys::CAPACITY, of, keys::after_capacities_by)
    }

    /// The agencies that have anything under a prefix, from one to the next.
    fn agencies_under(
        &self,
        all: &[u8],
        of: impl Fn(&[u8]) -> Result<AgencyId, StoreError>,
        after: impl Fn(&AgencyId) -> String,
    ) -> Result<Vec<AgencyId>, StoreError> {
        let mut agencies = Vec::new();
        let mut next = self.tree.scan_prefix(all).next();
        while let Some(entry) = next {
            let agency = of(&entry?.0)?;
            let after = after(&agency);
            agencies.push(agency);
            next = self.tree.range(after..).next().filter(|entry| {
                let entry = entry.as_ref();
                entry.map_or(true, |(key, _)| key.starts_with(all))
            });
        }
        Ok(agencies)
    }
}

impl Drop for Store {
    /// sled writes what it still holds when it is dropped. After a write of its own that failed it can
    /// wait for ever to do so: then, and where there is no room, it is left as it is and the journal is
    /// folded again at the next start.
    fn drop(&mut self) {
        if self.failed.load(Ordering::Relaxed) || self.room.space() == Space::None {
            std::mem::forget(self.tree.clone());
            self.mark.spoil();
        } else if self.tree.flush().is_err() {
            self.mark.spoil();
        }
    }
}
