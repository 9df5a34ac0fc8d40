//! Making the operations and reports that come next: placed in the chain, encoded and signed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::{Chain, ListingKey, Purpose, operation_hash};
use referral_core::id::Hash;
use referral_proto::convert::time;
use referral_proto::v1;

use super::Outbox;
use super::codec::{Entry, Queued};
use crate::catalog::RecordName;

/// The most bytes one signed operation may have.
const SIGNED_BYTES: usize = 64 * 1024;

/// A record is too large to be published. The agency's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the record has {bytes} bytes and at most {SIGNED_BYTES} can be published: shorten its texts"
)]
pub struct TooLarge {
    /// Its length with its place in the log.
    pub bytes: usize,
}

/// Makes a set of entries that follow an outbox. Nothing is queued until a [`super::Ledger`] has it.
#[derive(Debug)]
pub struct Composer<'a> {
    outbox: &'a Outbox,
    key: &'a ListingKey,
    now: Timestamp,
    tip: Chain,
    cseq: u64,
    bases: BTreeMap<RecordName, Hash>,
    entries: Vec<Entry>,
}

impl<'a> Composer<'a> {
    /// Begins a set.
    #[must_use]
    pub fn new(outbox: &'a Outbox, key: &'a ListingKey, now: Timestamp) -> Self {
        Self {
            outbox,
            key,
            now,
            tip: outbox.tip(),
            cseq: outbox.reports().last(),
            bases: BTreeMap::new(),
            entries: Vec::new(),
        }
    }

    /// Adds an operation. Returns its sequence number.
    ///
    /// * `record` — the record as it shall be; `None` withdraws it.
    /// * `source` — the import it comes from; empty: none.
    ///
    /// # Errors
    /// [`TooLarge`]. The set is then as it was before.
    pub fn change(
        &mut self,
        name: &RecordName,
        record: Option<v1::Record>,
        source: &str,
    ) -> Result<u64, TooLarge> {
        let kind = match record {
            Some(_) => v1::OperationKind::Upsert,
            None => v1::OperationKind::Withdraw,
        };
        let operation = v1::Operation {
            agency_id: self.outbox.agency().to_string(),
            epoch: Some(self.tip.epoch.into()),
            seq: self.tip.applied + 1,
            prev_head: self.tip.head.as_bytes().to_vec(),
            base_hash: self
                .base(name)
                .map(|base| base.as_bytes().to_vec())
                .unwrap_or_default(),
            kind: kind.into(),
            record_kind: v1::RecordKind::from(name.kind).into(),
            local_id: name.id.to_string(),
            made_at: Some(time::to_wire(self.now)),
            record,
            ancestors: Vec::new(),
        };
        let bytes = operation.encode_to_vec();
        if bytes.len() > SIGNED_BYTES {
            return Err(TooLarge { bytes: bytes.len() });
        }
        let hash = operation_hash(&bytes);
        self.tip = self.tip.followed_by(hash);
        self.bases.insert(name.clone(), hash);
        let queued = Queued {
            source: source.to_owned(),
            ..self.sign(Purpose::Listing, bytes)
        };
        self.entries.push(Entry::Operation(queued));
        Ok(self.tip.applied)
    }

    /// Adds a capacity report. Returns its counter.
    ///
    /// * `said` — what an import said, as [`super::said`] has it; `None`: it comes from no import.
    pub fn report(&mut self, report: v1::CapacityReport, said: Option<Hash>) -> u64 {
        self.cseq += 1;
        let operation = v1::CapacityOperation {
            agency_id: self.outbox.agency().to_string(),
            epoch: Some(self.tip.epoch.into()),
            cseq: self.cseq,
            report: Some(report),
        };
        let queued = self.sign(Purpose::Capacity, operation.encode_to_vec());
        let said = said
            .map(|said| said.as_bytes().to_vec())
            .unwrap_or_default();
        self.entries.push(Entry::Report(Queued { said, ..queued }));
        self.cseq
    }

    /// The set.
    #[must_use]
    pub fn finish(self) -> Vec<Entry> {
        self.entries
    }

    fn base(&self, name: &RecordName) -> Option<Hash> {
        let here = self.bases.get(name).copied();
        here.or_else(|| self.outbox.catalog().get(name)?.base())
    }

    fn sign(&self, purpose: Purpose, bytes: Vec<u8>) -> Queued {
        let signature = self.key.sign(purpose, &bytes).as_bytes().to_vec();
        Queued {
            bytes,
            signature,
            ..Queued::default()
        }
    }
}
