//! The snapshot a reader begins with: every public record and report as of one journal index.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use referral_core::federation::Purpose;
use referral_core::id::{AgencyId, Kind, RecordKey};

use super::entry::{Entry, FeedEntry};
use super::follower::{Portion, Reading};
use super::{Bookmark, Directory, FeedMessage, SnapshotReason, WatchError};
use crate::store::{StoreError, StoredRecord, StoredReport};

/// A snapshot that is being read.
pub(super) struct Snapshot {
    as_of: Bookmark,
    reason: Option<SnapshotReason>,
    /// When the record at that index was received: what was received later came after it.
    received_at: Timestamp,
    agencies: std::vec::IntoIter<AgencyId>,
    records: Box<dyn Iterator<Item = Result<(RecordKey, StoredRecord), StoreError>> + Send>,
    reports: Box<dyn Iterator<Item = Result<StoredReport, StoreError>> + Send>,
}

impl Snapshot {
    pub(super) fn new(
        directory: &Arc<Directory>,
        as_of: u64,
        reason: SnapshotReason,
    ) -> Result<Self, WatchError> {
        let store = &directory.store;
        let records = store
            .records_of(Kind::Organization)
            .chain(store.records_of(Kind::Location))
            .chain(store.records_of(Kind::Service));
        Ok(Self {
            as_of: Bookmark {
                generation: directory.generation(),
                index: as_of,
            },
            reason: Some(reason),
            received_at: received_at(directory, as_of)?,
            agencies: directory.ledger.tail().members_at(as_of).into_iter(),
            records: Box::new(records),
            reports: Box::new(store.reports()),
        })
    }

    /// Reads on; true when all of it was read.
    pub(super) fn read(
        &mut self,
        reading: &mut Reading,
        portion: &mut Portion,
    ) -> Result<bool, WatchError> {
        if let Some(reason) = self.reason.take() {
            let begin = FeedMessage::Snapshot(self.as_of, reason);
            portion.messages.push(begin);
        }
        while !portion.is_full() {
            let Some(next) = self.next(&reading.directory) else {
                portion.flush();
                return Ok(true);
            };
            if let Some(entry) = next? {
                if let Entry::Listing(_, _, signed) | Entry::Capacity(_, _, signed, _) =
                    &entry.entry
                {
                    reading.sent.note(signed);
                }
                reading.add(entry, portion);
            }
        }
        Ok(false)
    }

    /// The next thing in the store; `None` inside where it is not for the reader.
    fn next(&mut self, directory: &Directory) -> Option<Result<Option<FeedEntry>, WatchError>> {
        if let Some(agency) = self.agencies.next() {
            let entry = directory.member(&agency);
            return Some(Ok(entry.map(|entry| FeedEntry {
                index: 0,
                received_at: self.received_at,
                beside: false,
                entry,
            })));
        }
        if let Some(record) = self.records.next() {
            return Some(self.record(directory, record));
        }
        let report = self.reports.next()?;
        Some(self.report(directory, report))
    }

    fn record(
        &self,
        directory: &Directory,
        record: Result<(RecordKey, StoredRecord), StoreError>,
    ) -> Result<Option<FeedEntry>, WatchError> {
        let (key, stored) = record?;
        let is_live = stored.record.is_some();
        if !is_live || self.came_after(stored.received_at) || !directory.is_for_all(&key)? {
            return Ok(None);
        }
        let listing_key = directory.key_of(&key.agency, Purpose::Listing, &stored.signed);
        let Some(listing_key) = listing_key else {
            return Ok(None);
        };
        Ok(Some(FeedEntry {
            index: 0,
            received_at: stored.received_at,
            beside: false,
            entry: Entry::Listing(key.agency, listing_key, stored.signed),
        }))
    }

    fn report(
        &self,
        directory: &Directory,
        report: Result<StoredReport, StoreError>,
    ) -> Result<Option<FeedEntry>, WatchError> {
        let report = report?;
        if self.came_after(report.received_at) {
            return Ok(None);
        }
        directory.public_report(report, 0, false)
    }

    fn came_after(&self, received_at: Timestamp) -> bool {
        received_at.as_microsecond() > self.received_at.as_microsecond()
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({:?})", self.as_of)
    }
}

/// When the record at this index was received.
fn received_at(directory: &Directory, index: u64) -> Result<Timestamp, WatchError> {
    if index == 0 {
        return Ok(Timestamp::UNIX_EPOCH);
    }
    let record = directory.ledger.journal().read_from(index)?.next();
    let received_at = record.transpose()?.map(|record| record.received_at_us);
    let received_at = received_at.map(Timestamp::from_microsecond);
    Ok(received_at
        .and_then(Result::ok)
        .unwrap_or(Timestamp::UNIX_EPOCH))
}
