//! What the feed says of one fact of the journal.
//!
//! Everything is decided as of the moment it is read: a version that was for all when it came, and is not as
//! things stand, is not sent. What happened in between stands further on in the journal and is come to.

use referral_core::capacity::{Held, Order, Report, Ttl, ttl_for};
use referral_core::catalog::{Record, Tier};
use referral_core::federation::{Change, Header, Purpose};
use referral_core::id::{AgencyId, Hash, Kind, LocalId, RecordKey};
use referral_core::policy::{Handed, Viewer};

use super::super::handed::Holds;
use super::afresh::Afresh;
use super::changes::At;
use super::entry::{Entry, FeedEntry, Member};
use super::follower::{Portion, Reading};
use super::{Directory, WatchError};
use crate::ledger::{About, CLONED, Fact, SignedBytes, Standing, Turn, only, turn};
use crate::store::{StoredRecord, StoredReport};

fn proves_a_clone(about: &About) -> bool {
    matches!(about, About::Alarm(alarm) if alarm.code == CLONED)
}

/// What a record refers to.
pub(super) type References = Vec<(Kind, LocalId)>;

impl Reading {
    /// Says a fact; gives what is to be looked at again because of it.
    pub(super) fn fact(
        &mut self,
        fact: Fact,
        at: At,
        portion: &mut Portion,
    ) -> Result<Option<Afresh>, WatchError> {
        match fact {
            Fact::Joined(membership) => {
                self.member(&membership.agency, at, portion);
                Ok(None)
            }
            // The proof of a copied node may have ended its leave to list.
            Fact::About(agency, about) if proves_a_clone(&about) => {
                self.member(&agency, at, portion);
                Ok(None)
            }
            Fact::Operation(header, change, signed) => {
                self.operation(&header, *change, signed, at, portion)
            }
            Fact::Capacity(agency, order, report, signed) => {
                self.capacity(agency, order, *report, signed, at, portion)?;
                Ok(None)
            }
            decision => {
                let Some((agency, turn)) = turn(&decision) else {
                    // Nobody else's business.
                    return Ok(None);
                };
                if turn == Turn::Shows {
                    // Its standing may be another, and its name known again.
                    self.member(agency, at, portion);
                }
                Ok(Some(Afresh::decided(
                    &self.directory,
                    (agency, turn, only(&decision)),
                    at,
                )))
            }
        }
    }

    fn member(&mut self, agency: &AgencyId, at: At, portion: &mut Portion) {
        if let Some(entry) = self.directory.member(agency) {
            self.add(at.entry(entry), portion);
        }
    }

    fn operation(
        &mut self,
        header: &Header,
        change: Change,
        signed: SignedBytes,
        at: At,
        portion: &mut Portion,
    ) -> Result<Option<Afresh>, WatchError> {
        let key = RecordKey {
            agency: header.agency.clone(),
            kind: change.kind,
            id: change.id,
        };
        let was_there = change.base.is_some();
        let Some(record) = change.record else {
            // The withdrawal itself names the record, which may never have been for all.
            self.replaced(change.base, at, portion);
            return Ok(None);
        };
        let references = references(&record);
        if self.is_for_all_as(&key, record)? {
            if key.kind == Kind::Service {
                self.service(&key, references, Some(signed), at, portion)?;
            } else {
                self.listing(&key, signed, at, portion);
            }
        } else if was_there {
            // Where it is new nobody has it.
            self.sent.forget(header.position.hash);
            self.replaced(change.base, at, portion);
            self.hide_beside(&key.agency, references, at, portion)?;
        }
        Ok(was_there
            .then(|| Afresh::beside(&self.directory, &key, at))
            .flatten())
    }

    /// Whether a version of a record is for all, and the one that stands, too.
    fn is_for_all_as(&self, key: &RecordKey, record: Record) -> Result<bool, WatchError> {
        if !self.directory.is_for_all(key)? {
            return Ok(false);
        }
        Ok(match record {
            Record::Organization(_) => true,
            Record::Location(location) => location.tier == Tier::Public,
            Record::Service(service) => {
                let (directory, anybody) = (&self.directory, Viewer::anybody());
                let agency = &key.agency;
                directory.handed_service(&anybody, agency, *service, Holds::Heeded)?
                    == Handed::Whole
            }
        })
    }

    /// A service that is for all, after what it refers to and before what is reported of it.
    ///
    /// * `changed` — the operation that stands at this index; none: it is shown beside what does.
    pub(super) fn service(
        &mut self,
        key: &RecordKey,
        references: References,
        changed: Option<SignedBytes>,
        at: At,
        portion: &mut Portion,
    ) -> Result<(), WatchError> {
        for (kind, id) in references {
            let key = RecordKey {
                agency: key.agency.clone(),
                kind,
                id,
            };
            self.referred(&key, at, portion)?;
        }
        if let Some(signed) = changed {
            self.listing(key, signed, at, portion);
        } else if let Some(stored) = self.directory.store.record(key)? {
            self.beside(key, stored, at, portion);
        }
        for report in self.directory.store.reports_of(key)? {
            self.report(report, at.index, true, portion)?;
        }
        Ok(())
    }

    /// What a service for all refers to, where it was not sent.
    fn referred(
        &mut self,
        key: &RecordKey,
        at: At,
        portion: &mut Portion,
    ) -> Result<(), WatchError> {
        let stored = self.directory.store.record(key)?;
        let Some(stored) = stored.filter(|stored| stored.record.is_some()) else {
            return Ok(());
        };
        // By now the service may be for a few, and this with it.
        if !self.sent.has(&stored.signed) && self.directory.is_for_all(key)? {
            self.beside(key, stored, at, portion);
        }
        Ok(())
    }

    fn beside(&mut self, key: &RecordKey, stored: StoredRecord, at: At, portion: &mut Portion) {
        let directory = &self.directory;
        let listing_key = directory.key_of(&key.agency, Purpose::Listing, &stored.signed);
        let Some(listing_key) = listing_key else {
            return;
        };
        if self.sent.note(&stored.signed) {
            let entry = FeedEntry {
                index: at.index,
                received_at: stored.received_at,
                beside: true,
                entry: Entry::Listing(key.agency.clone(), listing_key, stored.signed),
            };
            self.add(entry, portion);
        }
    }

    /// Says that the operation which another replaces counts no more: that other is not for all.
    fn replaced(&mut self, base: Option<Hash>, at: At, portion: &mut Portion) {
        if let Some(base) = base {
            self.gone(base, at, portion);
        }
    }

    /// Says that an operation is not for all any more; it may be sent again later. Whoever has it drops it, and
    /// to everybody else its hash says nothing.
    pub(super) fn gone(&mut self, operation: Hash, at: At, portion: &mut Portion) {
        self.sent.forget(operation);
        self.add(at.entry(Entry::Gone(operation)), portion);
    }

    /// What a service referred to that is for a few by now is for a few itself where no other is for all.
    fn hide_beside(
        &mut self,
        agency: &AgencyId,
        references: References,
        at: At,
        portion: &mut Portion,
    ) -> Result<(), WatchError> {
        for (kind, id) in references {
            let key = RecordKey {
                agency: agency.clone(),
                kind,
                id,
            };
            let stored = self.directory.store.record(&key)?;
            if let Some(stored) = stored.filter(|stored| self.sent.has(&stored.signed))
                && !self.directory.is_for_all(&key)?
            {
                self.gone(stored.hash, at, portion);
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
        let longest = self.directory.longest_ttl(&agency, &report)?;
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

pub(super) fn references(record: &Record) -> References {
    let references = record.references().into_iter();
    references.map(|(kind, id)| (kind, id.clone())).collect()
}

impl Directory {
    /// Whether the record that stands at `key` may be handed to everybody.
    pub(super) fn is_for_all(&self, key: &RecordKey) -> Result<bool, WatchError> {
        let handed = self.handed(&Viewer::anybody(), key, Holds::Heeded)?;
        Ok(handed == Handed::Whole)
    }

    /// The longest a report is believed, by its service as it stands and by its main unit.
    fn longest_ttl(&self, agency: &AgencyId, report: &Report) -> Result<Ttl, WatchError> {
        let service = RecordKey {
            agency: agency.clone(),
            kind: Kind::Service,
            id: report.said().service.clone(),
        };
        let unit = report.main_count().map(|count| count.unit);
        let stored = self.store.record(&service)?;
        Ok(match stored.and_then(|stored| stored.record) {
            Some(Record::Service(service)) => {
                ttl_for(service.attributes.iter().map(|one| &one.code), unit)
            }
            _ => ttl_for([], unit),
        })
    }

    /// An agency that is a member, as the feed says it.
    pub(super) fn member(&self, agency: &AgencyId) -> Option<Entry> {
        let known = self.ledger.settled().agency(agency)?;
        if known.member.standing == Standing::Banned {
            return None;
        }
        Some(Entry::Agency(Member {
            agency: agency.clone(),
            name: known.name.clone(),
            unverified: known.member.refuses().is_some(),
            listing_key: known.listing_key?,
            earlier_keys: known.earlier_keys.clone(),
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
        if !self.is_for_all(&service)? {
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
