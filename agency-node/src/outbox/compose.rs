//! Making the operations and reports that come next: placed in the chain, encoded and signed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::{
    Ancestry, Chain, Earlier, Epoch, ListingKey, Purpose, Tip, Word, learn, operation_hash,
};
use referral_core::id::Hash;
use referral_proto::convert::limits::RECORD_BYTES;
use referral_proto::convert::{federation, time};
use referral_proto::v1;

use super::codec::{Entry, Queued, Sourced};
use super::comparing::{Adopted, Foreign, Found, Granted, Resolved};
use super::{Conflict, Current, Outbox, ReportKey, report_key};
use crate::catalog::{Listed, RecordName};

/// A record is too large to be published. The agency's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the record has {bytes} bytes and at most {RECORD_BYTES} can be published: shorten its texts"
)]
pub struct TooLarge {
    /// Its length.
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
    /// Records that this set speaks of.
    here: BTreeMap<RecordName, Known>,
    /// What this set says of capacity, or takes over.
    said: BTreeMap<ReportKey, Earlier>,
    entries: Vec<Entry>,
}

/// What the next operation of a record has to name.
#[derive(Clone, Debug, Default)]
struct Known {
    base: Option<Hash>,
    seen: Ancestry,
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
            here: BTreeMap::new(),
            said: BTreeMap::new(),
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
        let bytes = record.as_ref().map_or(0, Message::encoded_len);
        if bytes > RECORD_BYTES {
            return Err(TooLarge { bytes });
        }
        let kind = kind_of(record.as_ref(), false);
        Ok(self.operation(name, kind, record, source, None))
    }

    /// Adds the deletion of a record for good. Returns its sequence number.
    pub fn delete(&mut self, name: &RecordName) -> u64 {
        self.operation(name, v1::OperationKind::Delete, None, "", None)
    }

    /// Notes which import a record that is known belongs to from now on; nothing is published for that.
    pub fn comes_from(&mut self, name: &RecordName, source: &str) {
        self.entries.push(Entry::Sourced(Sourced {
            kind: v1::RecordKind::from(name.kind).into(),
            local_id: name.id.to_string(),
            source: source.to_owned(),
            ..Sourced::default()
        }));
    }

    /// Adds a capacity report. Returns its counter.
    ///
    /// * `said` — what an import said, as [`super::said`] has it; `None`: it comes from no import.
    pub fn report(&mut self, report: v1::CapacityReport, said: Option<Hash>) -> u64 {
        self.cseq += 1;
        let now = super::said(&report);
        let operation = v1::CapacityOperation {
            agency_id: self.outbox.agency().to_string(),
            epoch: Some(self.tip.epoch.into()),
            cseq: self.cseq,
            earlier: self.earlier(&report, now).as_slice().to_vec(),
            report: Some(report),
        };
        let queued = self.sign(Purpose::Capacity, operation.encode_to_vec());
        let said = said.map(federation::hash_bytes).unwrap_or_default();
        self.entries.push(Entry::Report(Queued { said, ..queued }));
        self.cseq
    }

    /// The set.
    #[must_use]
    pub fn finish(self) -> Vec<Entry> {
        self.entries
    }

    /// Begins a new epoch: what is added from now on is the beginning of its log.
    pub(super) fn granted(&mut self, epoch: Epoch) {
        self.tip = Chain::start(epoch);
        self.cseq = 0;
        self.entries.push(Entry::Granted(Granted::new(epoch)));
    }

    /// What the directory really holds of a record: the next operation is based on it.
    pub(super) fn found(&mut self, name: &RecordName, tip: Option<&Tip>) {
        self.entries.push(Entry::Found(Found::new(name, tip)));
        self.know(name, tip);
    }

    /// Takes the directory's operation of a record over.
    pub(super) fn adopt(&mut self, name: &RecordName, signed: &v1::Signed, tip: &Tip) {
        self.entries.push(Entry::Adopted(Adopted {
            bytes: signed.bytes.clone(),
            signature: signed.signature.clone(),
            ..Adopted::default()
        }));
        self.know(name, Some(tip));
    }

    /// Notes that the directory's operation of a record is not believed.
    pub(super) fn distrust(&mut self, name: &RecordName, tip: &Tip, why: &str) {
        let foreign = Foreign::new(name, tip, why);
        self.entries.push(Entry::Foreign(foreign));
    }

    /// Keeps a version for a person.
    pub(super) fn dispute(&mut self, conflict: &Conflict) {
        self.entries.push(Entry::Conflicting(conflict.write()));
    }

    /// Notes that a person has decided a conflict.
    pub(super) fn resolve(&mut self, conflict: u64) {
        self.entries.push(Entry::Resolved(Resolved {
            conflict,
            ..Resolved::default()
        }));
    }

    /// Says again what a record shall be. It fitted before, and its place in the log has room of its own.
    ///
    /// * `since` — when it was first queued; `None`: now.
    pub(super) fn again(&mut self, name: &RecordName, listed: &Listed, since: Option<Timestamp>) {
        let record = listed.record();
        let source = listed.source.as_deref().unwrap_or_default();
        let kind = kind_of(record.as_ref(), listed.for_good);
        self.operation(name, kind, record, source, since);
    }

    /// Says again what was wanted of a record before what is wanted now.
    pub(super) fn again_before(&mut self, name: &RecordName, record: Option<v1::Record>) {
        let kind = kind_of(record.as_ref(), false);
        self.operation(name, kind, record, "", None);
    }

    /// Says again what a record was here before the directory's version took its place.
    pub(super) fn choose(&mut self, conflict: &Conflict) {
        let record = conflict.record();
        let kind = kind_of(record.as_ref(), conflict.for_good);
        self.operation(&conflict.name, kind, record, "", None);
    }

    /// Signs a record of the directory's that an earlier key of this agency signed.
    pub(super) fn sign_again(&mut self, name: &RecordName, signed: &v1::Signed) {
        let operation = v1::Operation::decode(signed.bytes.as_slice());
        if let Ok(v1::Operation {
            record: Some(record),
            ..
        }) = operation
        {
            let kind = v1::OperationKind::Upsert;
            self.operation(name, kind, Some(record), "", None);
        }
    }

    /// Says again what was last reported, observed when it was observed (R11).
    ///
    /// * `waits` — it was not acknowledged before.
    pub(super) fn report_again(&mut self, current: &Current, waits: bool) {
        if let Some(report) = current.report() {
            self.report(report, current.imported);
            let since = waits.then_some(current.queued_at);
            self.wait_since(since);
        }
    }

    /// Takes over a report that the directory holds and that is not this node's current one.
    pub(super) fn take_report_over(&mut self, report: v1::CapacityReport, word: &Word) {
        if let Some(key) = report_key(&report) {
            self.said.entry(key).or_default().add_all(&word.earlier);
        }
        self.report(report, None);
    }

    /// What was said about the same thing before it is said `now`; that is remembered for the next.
    fn earlier(&mut self, report: &v1::CapacityReport, now: Hash) -> Earlier {
        let Some(key) = report_key(report) else {
            return Earlier::default();
        };
        let own = self.outbox.reports().get(&key).and_then(Current::word);
        let mut earlier = Earlier::default();
        if let Some(own) = own {
            earlier = own.earlier;
            if own.said != now {
                earlier.add(own.said);
            }
        }
        let here = self.said.entry(key).or_default();
        earlier.add_all(here);
        here.add(now);
        earlier.without(now)
    }

    fn operation(
        &mut self,
        name: &RecordName,
        kind: v1::OperationKind,
        record: Option<v1::Record>,
        source: &str,
        since: Option<Timestamp>,
    ) -> u64 {
        let known = self.known(name);
        let operation = v1::Operation {
            agency_id: self.outbox.agency().to_string(),
            epoch: Some(self.tip.epoch.into()),
            seq: self.tip.applied + 1,
            prev_head: federation::hash_bytes(self.tip.head),
            base_hash: known.base.map(federation::hash_bytes).unwrap_or_default(),
            kind: kind.into(),
            record_kind: v1::RecordKind::from(name.kind).into(),
            local_id: name.id.to_string(),
            made_at: Some(time::to_wire(self.now)),
            record,
            ancestors: federation::ancestry_bytes(&known.seen),
        };
        let bytes = operation.encode_to_vec();
        let hash = operation_hash(&bytes);
        self.tip = self.tip.followed_by(hash);
        let known = self.here.entry(name.clone()).or_insert(known);
        known.base = Some(hash);
        known.seen.add(hash);
        let queued = Queued {
            source: source.to_owned(),
            ..self.sign(Purpose::Listing, bytes)
        };
        self.entries.push(Entry::Operation(queued));
        self.wait_since(since);
        self.tip.applied
    }

    /// The last entry waits for longer than it is there.
    fn wait_since(&mut self, since: Option<Timestamp>) {
        if let Some(Entry::Operation(queued) | Entry::Report(queued)) = self.entries.last_mut() {
            queued.since_us = since.map_or(0, Timestamp::as_microsecond);
        }
    }

    fn known(&self, name: &RecordName) -> Known {
        let here = self.here.get(name).cloned();
        here.unwrap_or_else(|| {
            let listed = self.outbox.catalog().get(name);
            Known {
                base: listed.and_then(Listed::base),
                seen: listed
                    .map(|listed| listed.seen().clone())
                    .unwrap_or_default(),
            }
        })
    }

    fn know(&mut self, name: &RecordName, tip: Option<&Tip>) {
        let mut known = self.known(name);
        known.base = tip.map(|tip| tip.hash);
        if let Some(tip) = tip {
            learn(&mut known.seen, tip);
        }
        self.here.insert(name.clone(), known);
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

fn kind_of(record: Option<&v1::Record>, for_good: bool) -> v1::OperationKind {
    match (record, for_good) {
        (Some(_), _) => v1::OperationKind::Upsert,
        (None, false) => v1::OperationKind::Withdraw,
        (None, true) => v1::OperationKind::Delete,
    }
}
