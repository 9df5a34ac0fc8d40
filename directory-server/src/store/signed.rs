//! What agencies signed, as it is stored: for the change feed and for whoever asks.

use jiff::Timestamp;
use referral_core::capacity::Held;
use referral_core::catalog::{Record, Tier};
use referral_core::id::{AgencyId, Kind, RecordKey};

use super::{Store, StoreError, StoredRecord, codec, keys};
use crate::ledger::SignedBytes;

/// A capacity report as it is in the store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredReport {
    pub(crate) agency: AgencyId,
    pub(crate) held: Held,
    pub(crate) received_at: Timestamp,
    pub(crate) signed: SignedBytes,
}

impl Store {
    /// Every record of one kind, withdrawn ones too, each as it is when it is come to.
    pub(crate) fn records_of(
        &self,
        kind: Kind,
    ) -> impl Iterator<Item = Result<(RecordKey, StoredRecord), StoreError>> + Send + use<> {
        let scan = self.tree.scan_prefix(keys::records(kind));
        scan.map(|entry| {
            let (key, value) = entry?;
            keys::read_record(&key)
                .zip(codec::read_record(&value))
                .ok_or(StoreError::Damaged("record"))
        })
    }

    /// Every capacity report in force, each as it is when it is come to.
    pub(crate) fn reports(
        &self,
    ) -> impl Iterator<Item = Result<StoredReport, StoreError>> + Send + use<> {
        self.tree.scan_prefix(keys::CAPACITY).map(report)
    }

    /// The capacity reports in force of one agency, each as it is when it is come to.
    pub(crate) fn reports_by(
        &self,
        agency: &AgencyId,
    ) -> impl Iterator<Item = Result<StoredReport, StoreError>> + Send + use<> {
        self.tree
            .scan_prefix(keys::capacities_by(agency))
            .map(report)
    }

    /// The capacity reports in force about a service.
    pub(crate) fn reports_of(&self, service: &RecordKey) -> Result<Vec<StoredReport>, StoreError> {
        let scan = self.tree.scan_prefix(keys::capacities_of(service));
        scan.map(report).collect()
    }

    /// Who may see where a location is; for other records [`Tier::Public`].
    fn tier_of_place(&self, key: &RecordKey) -> Result<Tier, StoreError> {
        if key.kind != Kind::Location {
            return Ok(Tier::Public);
        }
        let stored = self.record(key)?.and_then(|stored| stored.record);
        Ok(match stored {
            Some(Record::Location(location)) => location.tier,
            _ => Tier::Public,
        })
    }

    /// Whether everybody may see what this record says now: a public service, or what one refers to. A
    /// location that only a service for a few refers to is for a few.
    pub(crate) fn is_public(&self, key: &RecordKey) -> Result<bool, StoreError> {
        if key.kind == Kind::Service {
            let stored = self.record(key)?.and_then(|stored| stored.record);
            return Ok(stored.is_some_and(|record| is_for_all(&record)));
        }
        if self.tier_of_place(key)? > Tier::Public {
            return Ok(false);
        }
        // One by one: an organization may have thousands of services, and mostly the first is public.
        for entry in self
            .tree
            .scan_prefix(keys::referrers_of_kind(key, Kind::Service))
        {
            let damaged = StoreError::Damaged("reference");
            let service = keys::read_referrer(&entry?.0).ok_or(damaged)?;
            if self.is_public(&service)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a record is a service that anybody may see, all of it: what an agency signed is sent whole or
/// not at all.
pub(crate) fn is_for_all(record: &Record) -> bool {
    matches!(record, Record::Service(service) if service.tier == Tier::Public && service.tiers.is_empty())
}

/// Whether a record is a location whose place is not for all.
pub(crate) fn is_place_for_few(record: &Record) -> bool {
    matches!(record, Record::Location(location) if location.tier > Tier::Public)
}

fn report(entry: sled::Result<(sled::IVec, sled::IVec)>) -> Result<StoredReport, StoreError> {
    let (_, value) = entry?;
    let damaged = StoreError::Damaged("capacity report");
    let (agency, _) = codec::read_capacity(&value).ok_or(damaged)?;
    let damaged = StoreError::Damaged("capacity report");
    let (held, signed, received_at) = codec::reread_capacity(&value).ok_or(damaged)?;
    Ok(StoredReport {
        agency,
        held,
        received_at,
        signed,
    })
}
