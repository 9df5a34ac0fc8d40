//! A small directory with the rules of the real one, in memory.

use std::collections::BTreeMap;

use agency_node::catalog::RecordName;
use agency_node::outbox::codec::{Acknowledged, Refusal, kind_from_wire};
use agency_node::outbox::{Fetched, ReportKey, Theirs, read_word, report_key};
use prost::Message;
use referral_core::federation::{Chain, Epoch, Standing, Tip, operation_hash};
use referral_core::id::{Hash, Kind, LocalId};
use referral_proto::{convert, v1};

use super::EPOCH;

/// The other side.
#[derive(Clone)]
pub(crate) struct Directory {
    pub(super) generation: u64,
    pub(super) chain: Chain,
    pub(super) capacity_applied: u64,
    capacity_hash: Option<Hash>,
    /// The current operation and content of each record.
    pub(crate) records: BTreeMap<RecordName, (Hash, Option<v1::Record>)>,
    signed: BTreeMap<RecordName, v1::Signed>,
    pub(crate) capacity: BTreeMap<ReportKey, v1::CapacityReport>,
    standing: BTreeMap<ReportKey, v1::Signed>,
    refusals: BTreeMap<u64, Refusal>,
}

impl Directory {
    pub(super) fn new() -> Self {
        Self {
            generation: EPOCH.generation,
            chain: Chain::start(EPOCH),
            capacity_applied: 0,
            capacity_hash: None,
            records: BTreeMap::new(),
            signed: BTreeMap::new(),
            capacity: BTreeMap::new(),
            standing: BTreeMap::new(),
            refusals: BTreeMap::new(),
        }
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            capacity_hash: self.capacity_hash,
            generation: self.generation,
            epoch: self.chain.epoch,
            applied: self.chain.applied,
            head: self.chain.head,
            capacity_applied: self.capacity_applied,
            records: self.records.len() as u64,
        }
    }

    pub(super) fn grant(&mut self) -> Epoch {
        let epoch = Epoch {
            generation: self.generation,
            number: self.chain.epoch.number + 1,
        };
        self.chain = Chain::start(epoch);
        (self.capacity_applied, self.capacity_hash) = (0, None);
        self.refusals.clear();
        epoch
    }

    pub(super) fn all(&self) -> Theirs {
        let tips = self.signed.iter().map(|(name, signed)| {
            let operation = v1::Operation::decode(signed.bytes.as_slice()).unwrap();
            let tip = Tip {
                hash: operation_hash(&signed.bytes),
                live: operation.record.is_some(),
                ancestors: convert::federation::ancestry(&operation.ancestors).unwrap(),
            };
            (name.clone(), tip)
        });
        let fetched = self.signed.iter();
        let fetched = fetched.map(|(name, signed)| (name.clone(), Fetched::Ours(signed.clone())));
        let reports = self.standing.iter().map(|(key, signed)| {
            let (operation, word) = read_word(signed).unwrap();
            (key.clone(), (operation.report.unwrap(), word))
        });
        Theirs {
            tips: tips.collect(),
            fetched: fetched.collect(),
            reports: reports.collect(),
        }
    }

    pub(super) fn take(&mut self, signed: &v1::Signed) {
        let operation = v1::Operation::decode(signed.bytes.as_slice()).unwrap();
        assert_eq!(
            operation.seq,
            self.chain.applied + 1,
            "operations come without gaps"
        );
        assert_eq!(
            operation.prev_head,
            self.chain.head.as_bytes(),
            "of one history"
        );
        let kind = kind_from_wire(operation.record_kind).unwrap();
        let name = RecordName {
            kind,
            id: LocalId::parse(&operation.local_id).unwrap(),
        };
        let hash = operation_hash(&signed.bytes);
        let seq = operation.seq;
        self.chain = self.chain.followed_by(hash);
        match self.judge(&name, &operation) {
            Ok(()) => {
                self.signed.insert(name.clone(), signed.clone());
                self.records.insert(name, (hash, operation.record));
            }
            Err(code) => {
                let refusal = Refusal {
                    seq,
                    code: code.to_owned(),
                    ..Refusal::default()
                };
                self.refusals.insert(seq, refusal);
            }
        }
    }

    fn judge(&self, name: &RecordName, operation: &v1::Operation) -> Result<(), &'static str> {
        let current = self
            .records
            .get(name)
            .map(|(hash, _)| hash.as_bytes().to_vec());
        if current.unwrap_or_default() != operation.base_hash {
            return Err("base_mismatch");
        }
        let Some(record) = &operation.record else {
            let mut live = self
                .records
                .values()
                .filter_map(|(_, record)| record.as_ref());
            let referenced = live.any(|record| references(record).contains(name));
            return if referenced {
                Err("still_referenced")
            } else {
                Ok(())
            };
        };
        if is_bad(record) {
            return Err("bad");
        }
        let live = |name: &RecordName| self.records.get(name).is_some_and(|(_, r)| r.is_some());
        if references(record).iter().all(live) {
            Ok(())
        } else {
            Err("reference_unknown")
        }
    }

    pub(super) fn take_report(&mut self, cseq: u64, signed: &v1::Signed) {
        let operation = v1::CapacityOperation::decode(signed.bytes.as_slice()).unwrap();
        assert!(cseq > self.capacity_applied && operation.cseq == cseq);
        self.capacity_applied = cseq;
        self.capacity_hash = Some(operation_hash(&signed.bytes));
        let report = operation.report.unwrap();
        let key = report_key(&report).unwrap();
        self.standing.insert(key.clone(), signed.clone());
        self.capacity.insert(key, report);
    }

    pub(super) fn acknowledge(&self) -> Acknowledged {
        Acknowledged {
            applied: self.chain.applied,
            capacity_applied: self.capacity_applied,
            refusals: self.refusals.values().cloned().collect(),
        }
    }
}

fn references(record: &v1::Record) -> Vec<RecordName> {
    let name = |kind, id: &str| RecordName {
        kind,
        id: LocalId::parse(id).unwrap(),
    };
    match record.record.as_ref().unwrap() {
        v1::record::Record::Organization(_) => vec![],
        v1::record::Record::Location(location) => {
            vec![name(Kind::Organization, &location.organization_id)]
        }
        v1::record::Record::Service(service) => vec![
            name(Kind::Organization, &service.organization_id),
            name(Kind::Location, &service.offers[0].location_id),
        ],
    }
}

fn is_bad(record: &v1::Record) -> bool {
    let name = match record.record.as_ref().unwrap() {
        v1::record::Record::Organization(organization) => &organization.name,
        v1::record::Record::Location(location) => &location.name,
        v1::record::Record::Service(service) => &service.name,
    };
    name == "bad"
}
