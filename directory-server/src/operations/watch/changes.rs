//! Changes after a place in the journal, as far as it is folded.

use std::sync::Arc;

use jiff::Timestamp;
use referral_journal::{FileStorage, JournalError, Reader};

use super::afresh::Afresh;
use super::entry::{Entry, FeedEntry};
use super::follower::{Portion, Reading};
use super::{Directory, WatchError};
use crate::ledger::Fact;

/// Where a reader stands in the journal.
#[derive(Debug)]
pub(super) struct Changes {
    /// Everything up to here was read.
    after: u64,
    received_at_us: i64,
    reader: Option<Reader<FileStorage>>,
    /// Records that the last fact makes to be looked at again: before anything else is read.
    afresh: Option<Afresh>,
}

impl Changes {
    pub(super) fn after(index: u64) -> Self {
        Self {
            after: index,
            received_at_us: i64::MIN,
            reader: None,
            afresh: None,
        }
    }

    /// Whether the journal still holds what follows.
    pub(super) fn are_kept(&mut self, directory: &Arc<Directory>) -> Result<bool, WatchError> {
        match directory.ledger.journal().read_from(self.after + 1) {
            Ok(reader) => {
                self.reader = Some(reader);
                Ok(true)
            }
            Err(JournalError::NoSuchRecord { .. } | JournalError::Dropped { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads what is there up to `upto`, the end of a batch, as far as it fits.
    pub(super) fn read(
        &mut self,
        upto: u64,
        reading: &mut Reading,
        portion: &mut Portion,
    ) -> Result<(), WatchError> {
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => reading
                .directory
                .ledger
                .journal()
                .read_from(self.after + 1)?,
        };
        while !portion.is_full() {
            if let Some(mut afresh) = self.afresh.take() {
                if reading.look_again(&mut afresh, portion)? {
                    self.afresh = Some(afresh);
                }
                continue;
            }
            if self.after >= upto {
                break;
            }
            let Some(record) = reader.next() else {
                break;
            };
            let record = record?;
            if record.received_at_us != self.received_at_us {
                // What became durable together has one time of receipt.
                reading.mark(self.after, false, portion);
                self.received_at_us = record.received_at_us;
            }
            let at = At {
                index: record.index,
                received_at: Timestamp::from_microsecond(record.received_at_us)
                    .unwrap_or(Timestamp::UNIX_EPOCH),
            };
            let fact = Fact::decode(record.kind, &record.bytes)?;
            self.afresh = reading.fact(fact, at, portion)?;
            self.after = record.index;
        }
        self.reader = Some(reader);
        portion.is_last = self.after >= upto && self.afresh.is_none();
        if portion.is_last {
            reading.mark(self.after, true, portion);
        }
        portion.flush();
        Ok(())
    }
}

/// Where a fact stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) index: u64,
    pub(super) received_at: Timestamp,
}

impl At {
    pub(super) fn entry(self, entry: Entry) -> FeedEntry {
        FeedEntry {
            index: self.index,
            received_at: self.received_at,
            beside: false,
            entry,
        }
    }
}
