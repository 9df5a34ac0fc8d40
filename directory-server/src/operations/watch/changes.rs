//! Changes after a place in the journal, as far as it is folded.

use std::sync::Arc;

use jiff::Timestamp;
use referral_core::capacity::{Held, Order, Report};
use referral_core::catalog::Record;
use referral_core::federation::{Change, Header, Purpose};
use referral_core::id::{AgencyId, Kind, RecordKey};
use referral_journal::{FileStorage, JournalError, Reader};

use super::entry::{Entry, FeedEntry, Member};
use super::follower::{Portion, Reading};
use super::{Directory, WatchError};
use crate::ledger::{Fact, SignedBytes, longest_ttl};
use crate::store::{StoredReport, is_for_all, is_place_for_few};

/// Where a reader stands in the journal.
#[derive(Debug)]
pub(super) struct Changes {
    /// Everything up to here was read.
    after: u64,
    received_at_us: i64,
    reader: Option<Reader<FileStorage>>,
}

impl Changes {
    pub(super) fn after(index: u64) -> Self {
        Self {
            after: index,
            received_at_us: i64::MIN,
            reader: None,
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
        while self.after < upto && !portion.is_full() {
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
            reading.fact(Fact::decode(record.kind, &record.bytes)?, at, portion)?;
            self.after = record.index;
        }
        self.reader = Some(reader);
        portion.is_last = self.after >= upto;
        if portion.is_last {
            reading.mark(self.after, true, portion);
        }
        portion.flush();
        Ok(())
    }
}

/// Where a fact stands.
#[derive(Clone, Copy, Debug)]
struct At {
    index: u64,
    received_at: Timestamp,
}

impl At {
    fn entry(self, entry: Entry) -> FeedEntry {
        FeedEntry {
            index: self.index,
            received_at: self.received_at,
            beside: false,
            entry,
        }
    }
}

impl Reading {
    fn fact(&mut self, fact: Fact, at: At, portion: &mut Portion) -> Result<(), WatchError> {
        match fact {
            Fact::Joined(membership) => {
                if let Some(entry) = self.directory.member(&membership.agency) {
                    self.add(at.entry(entry), portion);
                }
                Ok(())
            }
            Fact::Operation(header, change, signed) => {
                self.operation(&header, *change, signed, at, portion)
            }
            Fact::Capacity(agency, order, report, signed) => {
                self.capacity(agency, order, *report, signed, at, portion)
            }
            // Nobody else's business.
            _ => Ok(()),
        }
    }

    fn operation(
        &mut self,
        header: &Header,
        change: Change,
        signed: SignedBytes,
        at: At,
        portion: &mut Portion,
    ) -> Result<(), WatchError> {
        let key = RecordKey {
            agency: header.agency.clone(),
            kind: change.kind,
            id: change.id,
        };
        let Some(record) = change.record else {
            self.listing(&key, signed, at, portion);
            return Ok(());
        };
        if is_place_for_few(&record) {
            self.gone(&key, change.base.is_some(), header, at, portion);
            return Ok(());
        }
        if key.kind != Kind::Service {
            if self.directory.store.is_public(&key)? {
                self.listing(&key, signed, at, portion);
            }
            return Ok(());
        }
        if !is_for_all(&record) {
            self.gone(&key, change.base.is_some(), header, at, portion);
            return Ok(());
        }
        self.referred(&key, &record, at, portion)?;
        self.listing(&key, signed, at, portion);
        for report in self.directory.store.reports_of(&key)? {
            self.report(report, at.index, true, portion)?;
        }
        Ok(())
    }

    /// Says that a record is not for all; where it is new nobody has it.
    fn gone(
        &mut self,
        key: &RecordKey,
        is_known: bool,
        header: &Header,
        at: At,
        portion: &mut Portion,
    ) {
        if is_known {
            let since = (header.position.epoch, header.position.seq);
            let gone = Entry::Gone(key.agency.clone(), key.public_id(), since);
            self.add(at.entry(gone), portion);
        }
    }

    /// What a public service refers to, where it was not sent.
    fn referred(
        &mut self,
        service: &RecordKey,
        record: &Record,
        at: At,
        portion: &mut Portion,
    ) -> Result<(), WatchError> {
        for (kind, id) in record.references() {
            let key = RecordKey {
                agency: service.agency.clone(),
                kind,
                id: id.clone(),
            };
            let stored = self.directory.store.record(&key)?;
            let Some(stored) = stored.filter(|stored| stored.record.is_some()) else {
                continue;
            };
            // By now the service may be for a few, and this with it.
            if self.sent.has(&stored.signed) || !self.directory.store.is_public(&key)? {
                continue;
            }
            self.sent.note(&stored.signed);
            let directory = &self.directory;
            let listing_key = directory.key_of(&key.agency, Purpose::Listing, &stored.signed);
            if let Some(listing_key) = listing_key {
                let entry = FeedEntry {
                    index: at.index,
                    received_at: stored.received_at,
                    beside: true,
                    entry: Entry::Listing(key.agency, listing_key, stored.signed),
                };
                self.add(entry, portion);
            }
        }
        Ok(())
    }

    fn listing(&mut self, key: &RecordKey, signed: SignedBytes, at: At, portion: &mut Portion) {
        let directory = &self.directory;
        let Some(listing_key) = directory.key_of(&key.agency, Purpose::Listing, &signed) else {
            return;
        };
        if self.sent.note(&signed) {
            let listing = Entry::Listing(key.agency.clone(), listing_key, signed);
            self.add(at.entry(listing), portion);
        }
    }

    fn capacity(
        &mut self,
        agency: AgencyId,
        order: Order,
        report: Report,
        signed: SignedBytes,
        at: At,
        portion: &mut Portion,
    ) -> Result<(), WatchError> {
        let longest = longest_ttl(&self.directory.ledger.heads(), &agency, &report);
        let stored = StoredReport {
            agency,
            held: Held::receive(report, order, longest, at.received_at),
            received_at: at.received_at,
            signed,
        };
        self.report(stored, at.index, false, portion)
    }

    fn report(
        &mut self,
        report: StoredReport,
        index: u64,
        beside: bool,
        portion: &mut Portion,
    ) -> Result<(), WatchError> {
        let signed = report.signed.clone();
        if let Some(entry) = self.directory.public_report(report, index, beside)?
            && self.sent.note(&signed)
        {
            self.add(entry, portion);
        }
        Ok(())
    }
}

impl Directory {
    /// An agency that is a member, as the feed says it.
    pub(super) fn member(&self, agency: &AgencyId) -> Option<Entry> {
        let heads = self.ledger.heads();
        let head = heads.agency(agency)?;
        let membership = head.membership.as_ref()?;
        Some(Entry::Agency(Member {
            agency: agency.clone(),
            name: head.name.clone(),
            listing_key: membership.listing_key,
            earlier_keys: head.earlier_keys.clone(),
        }))
    }

    /// A report as the feed says it, where its service is for all.
    pub(super) fn public_report(
        &self,
        report: StoredReport,
        index: u64,
        beside: bool,
    ) -> Result<Option<FeedEntry>, WatchError> {
        let service = RecordKey {
            agency: report.agency.clone(),
            kind: Kind::Service,
            id: report.held.report.said().service.clone(),
        };
        if !self.store.is_public(&service)? {
            return Ok(None);
        }
        let listing_key = self.key_of(&report.agency, Purpose::Capacity, &report.signed);
        Ok(listing_key.map(|listing_key| FeedEntry {
            index,
            received_at: report.received_at,
            beside,
            entry: Entry::Capacity(report.agency, listing_key, report.signed, report.held.ttl),
        }))
    }
}
