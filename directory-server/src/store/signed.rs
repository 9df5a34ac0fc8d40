//! What agencies signed, as it is stored: for the change feed and for whoever asks.

use jiff::Timestamp;
use referral_core::capacity::Held;
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
        let scan = self.records.scan(&keys::records(kind));
        scan.map(|entry| {
            let (key, value) = entry?;
            keys::read_record(&key)
                .zip(codec::read_record(&value))
                .ok_or(StoreError::Damaged("record"))
        })
    }

    /// The records of one kind of an agency, withdrawn ones too.
    pub(crate) fn keys_of(
        &self,
        agency: &AgencyId,
        kind: Kind,
    ) -> impl Iterator<Item = Result<RecordKey, StoreError>> + Send + use<> {
        let scan = self.tree.scan_prefix(keys::records_of(kind, agency));
        scan.map(|entry| keys::read_record(&entry?.0).ok_or(StoreError::Damaged("record")))
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
