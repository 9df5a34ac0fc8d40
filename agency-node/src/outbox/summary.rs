//! All that the journal says, in one set of entries, so that what was written before them may go.
//!
//! [`parts`] makes the set of an [`Outbox`], [`read`] makes the outbox of the set. Where a journal begins with such a set,
//! everything after it is folded into what that says; elsewhere it says nothing that is not known.
//! Field numbers never change their meaning. Why so: docs/decisions/0026-a-journal-that-does-not-grow.md.

use std::collections::BTreeSet;

use prost::{Message, Oneof};
use referral_core::federation::{Chain, Epoch, PublicKey, operation_hash};
use referral_core::id::{AgencyId, Hash, LocalId};
use referral_proto::v1;

use super::codec::{Entry, Notice, Refusal};
use super::comparing::{self, Conflicting};
use super::refused::Refused;
use super::reports::{Current, Reports};
use super::{Conflict, Inconsistent, Outbox, ReportKey, Unsigned, Waiting};
use crate::catalog::stored::{Moment, StoredHeld, StoredListed, read as read_one};
use crate::catalog::{Catalog, RecordName};

/// A hash of a report with its counter. Unit: bytes.
const RECENT: usize = 40;

/// One part of what the journal says.
#[derive(Clone, PartialEq, Message)]
pub struct Stands {
    /// The set's first entry.
    #[prost(uint64, tag = "1")]
    pub set: u64,
    /// True on the set's last entry.
    #[prost(bool, tag = "2")]
    pub completes: bool,
    #[prost(oneof = "Part", tags = "3, 4, 5, 6, 7")]
    part: Option<Part>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Part {
    #[prost(message, tag = "3")]
    Log(Log),
    #[prost(message, boxed, tag = "4")]
    Record(Box<Record>),
    #[prost(message, tag = "5")]
    Report(Report),
    #[prost(message, tag = "6")]
    Pending(Pending),
    #[prost(message, tag = "7")]
    Conflict(StoredConflict),
}

/// The log as a whole: the first part.
#[derive(Clone, PartialEq, Message)]
struct Log {
    #[prost(string, tag = "1")]
    agency: String,
    #[prost(uint64, tag = "2")]
    generation: u64,
    #[prost(uint64, tag = "3")]
    epoch: u64,
    /// Operations that the directory has applied or refused, and the head after them.
    #[prost(uint64, tag = "4")]
    settled: u64,
    #[prost(bytes = "vec", tag = "5")]
    head: Vec<u8>,
    #[prost(uint64, tag = "6")]
    generation_seen: u64,
    #[prost(message, optional, tag = "7")]
    last_heard: Option<Moment>,
    #[prost(bool, tag = "8")]
    compared: bool,
    #[prost(bytes = "vec", repeated, tag = "9")]
    former_keys: Vec<Vec<u8>>,
    #[prost(uint64, optional, tag = "10")]
    signed_again_at: Option<u64>,
    #[prost(uint64, tag = "11")]
    last_report: u64,
    #[prost(uint64, tag = "12")]
    settled_report: u64,
    /// Counter and hash of the last reports, 8 and 32 bytes each.
    #[prost(bytes = "vec", tag = "13")]
    recent: Vec<u8>,
    #[prost(message, repeated, tag = "14")]
    notices: Vec<Notice>,
}

#[derive(Clone, PartialEq, Message)]
struct Name {
    #[prost(int32, tag = "1")]
    kind: i32,
    #[prost(string, tag = "2")]
    local_id: String,
}

/// One record, and what is to be said of it.
#[derive(Clone, PartialEq, Message)]
struct Record {
    #[prost(message, optional, tag = "1")]
    name: Option<Name>,
    #[prost(message, optional, tag = "2")]
    listed: Option<StoredListed>,
    #[prost(message, optional, tag = "3")]
    refused: Option<Refusal>,
    /// Refused records that refer to it; absent: it is not waited for.
    #[prost(message, repeated, tag = "4")]
    referring: Vec<Name>,
    #[prost(message, optional, tag = "5")]
    unsigned: Option<StoredHeld>,
    #[prost(string, tag = "6")]
    why_unsigned: String,
    #[prost(bool, tag = "7")]
    stranded: bool,
}

/// The report about one thing.
#[derive(Clone, PartialEq, Message)]
struct Report {
    #[prost(string, tag = "1")]
    service: String,
    #[prost(string, tag = "2")]
    location: String,
    #[prost(message, optional, tag = "3")]
    current: Option<StoredCurrent>,
    #[prost(message, optional, tag = "4")]
    refused: Option<Refusal>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredCurrent {
    #[prost(uint64, tag = "1")]
    cseq: u64,
    #[prost(message, optional, tag = "2")]
    queued_at: Option<Moment>,
    #[prost(bytes = "vec", tag = "3")]
    imported: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    bytes: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    signature: Vec<u8>,
    #[prost(bool, tag = "6")]
    waits: bool,
}

/// An operation whose fate is not known, in the order of the log.
#[derive(Clone, PartialEq, Message)]
struct Pending {
    #[prost(message, optional, tag = "1")]
    name: Option<Name>,
    /// Absent: the directory has it, and did not tell its fate.
    #[prost(message, optional, tag = "2")]
    waits: Option<StoredWaiting>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredWaiting {
    #[prost(bytes = "vec", tag = "1")]
    bytes: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    signature: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    queued_at: Option<Moment>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredConflict {
    #[prost(uint64, tag = "1")]
    number: u64,
    #[prost(message, optional, tag = "2")]
    found_at: Option<Moment>,
    #[prost(message, optional, tag = "3")]
    conflicting: Option<Conflicting>,
}

/// The set of entries that says what an outbox holds.
pub(super) fn parts(outbox: &Outbox) -> impl Iterator<Item = Entry> {
    let log = std::iter::once_with(|| Part::Log(Log::of(outbox)));
    let records = names(outbox).into_iter();
    let records = records.map(|name| Part::Record(Box::new(Record::of(outbox, name))));
    let reports = report_keys(outbox).into_iter();
    let reports = reports.map(|key| Part::Report(Report::of(outbox, key)));
    let untold = outbox.untold.iter().map(|record| (record, None));
    let waiting = outbox.waiting.iter().map(|one| (&one.record, Some(one)));
    let pending = untold
        .chain(waiting)
        .map(|(name, waits)| Part::Pending(Pending::of(name, waits)));
    let conflicts = outbox.conflicts.iter();
    let conflicts = conflicts.map(|(number, one)| Part::Conflict(StoredConflict::of(*number, one)));
    let all = log.chain(records).chain(reports).chain(pending);
    all.chain(conflicts).map(|part| {
        Entry::Stands(Box::new(Stands {
            part: Some(part),
            ..Stands::default()
        }))
    })
}

/// The outbox that a set of entries says.
///
/// * `entries` — from the set's first one on; no further one is taken than its last.
///
/// * `wrong` — how that they are no such set is told.
///
/// # Errors
/// Of the entries, or what `wrong` makes of it.
pub(super) fn read<E>(
    agency: &AgencyId,
    mut entries: impl Iterator<Item = Result<(u64, Entry), E>>,
    wrong: impl Fn(Inconsistent) -> E,
) -> Result<Outbox, E> {
    let unreadable = || wrong(Inconsistent::Unreadable);
    let mut outbox = None;
    while let Some((index, entry)) = entries.next().transpose()? {
        let Entry::Stands(stands) = entry else {
            return Err(wrong(Inconsistent::Set));
        };
        let Stands {
            set,
            completes,
            part: Some(part),
        } = *stands
        else {
            return Err(unreadable());
        };
        match (part, &mut outbox) {
            (Part::Log(log), None) if set == index => {
                let read = log.read(agency).ok_or_else(unreadable)?;
                outbox = Some((set, read));
            }
            (part, Some((begun, outbox))) if set == *begun => {
                outbox.take(part).ok_or_else(unreadable)?;
            }
            _ => return Err(wrong(Inconsistent::Set)),
        }
        if let Some((_, outbox)) = outbox.take_if(|_| completes) {
            return Ok(outbox);
        }
    }
    Err(wrong(Inconsistent::Set))
}

/// Every record that anything is known of.
fn names(outbox: &Outbox) -> BTreeSet<&RecordName> {
    let listed = outbox.catalog.iter().map(|(name, _)| name);
    let refused = outbox.refused.operations.keys();
    let refused = refused.chain(outbox.refused.referring.keys());
    let others = outbox.unsigned.keys().chain(&outbox.stranded);
    listed.chain(refused).chain(others).collect()
}

fn report_keys(outbox: &Outbox) -> BTreeSet<&ReportKey> {
    let refused = outbox.refused.reports.keys();
    outbox.reports.current.keys().chain(refused).collect()
}

impl Log {
    fn of(outbox: &Outbox) -> Self {
        let Chain {
            epoch,
            applied,
            head,
        } = outbox.settled;
        let recent = outbox.reports.recent.iter();
        let recent = recent.flat_map(|(cseq, hash)| {
            let hash = hash.as_bytes().iter().copied();
            cseq.to_le_bytes().into_iter().chain(hash)
        });
        let keys = outbox.former_keys.iter();
        Self {
            agency: outbox.agency.to_string(),
            generation: epoch.generation,
            epoch: epoch.number,
            settled: applied,
            head: head.as_bytes().to_vec(),
            generation_seen: outbox.generation_seen,
            last_heard: outbox.last_heard.map(Moment::of),
            compared: outbox.compared,
            former_keys: keys.map(|key| key.as_bytes().to_vec()).collect(),
            signed_again_at: outbox.signed_again_at,
            last_report: outbox.reports.last,
            settled_report: outbox.reports.settled,
            recent: recent.collect(),
            notices: outbox.notices.iter().cloned().collect(),
        }
    }

    /// The outbox without records, reports and what waits; `None` when it cannot be read.
    fn read(self, agency: &AgencyId) -> Option<Outbox> {
        if self.agency != agency.as_str() {
            return None;
        }
        let epoch = Epoch {
            generation: self.generation,
            number: self.epoch,
        };
        let settled = Chain {
            epoch,
            applied: self.settled,
            head: hash(&self.head)?,
        };
        let keys = self.former_keys.iter();
        let keys = keys.map(|key| PublicKey::try_from(key.as_slice()).ok());
        let recent = self.recent.chunks(RECENT).map(|one| {
            let (cseq, rest) = one.split_first_chunk()?;
            Some((u64::from_le_bytes(*cseq), hash(rest)?))
        });
        Some(Outbox {
            tip: settled,
            settled,
            notices: self.notices.into(),
            generation_seen: self.generation_seen,
            last_heard: read_one(self.last_heard, Moment::read)?,
            compared: self.compared,
            former_keys: keys.collect::<Option<_>>()?,
            signed_again_at: self.signed_again_at,
            reports: Reports {
                last: self.last_report,
                settled: self.settled_report,
                recent: recent.collect::<Option<_>>()?,
                ..Reports::default()
            },
            catalog: Catalog::default(),
            refused: Refused::default(),
            ..Outbox::new(agency.clone(), epoch)
        })
    }
}

impl Outbox {
    /// Takes what one part says; `None` when that cannot be read.
    fn take(&mut self, part: Part) -> Option<()> {
        match part {
            Part::Log(_) => None,
            Part::Record(record) => self.take_record(*record),
            Part::Report(report) => self.take_report(report),
            Part::Pending(pending) => self.take_pending(pending),
            Part::Conflict(conflict) => {
                let found_at = conflict.found_at?.read()?;
                let read = Conflict::read(conflict.conflicting?, found_at).ok()?;
                self.conflicts.insert(conflict.number, read);
                Some(())
            }
        }
    }

    fn take_record(&mut self, record: Record) -> Option<()> {
        let name = record.name?.read()?;
        if let Some(listed) = record.listed {
            *self.catalog.entry(name.clone()) = listed.read()?;
        }
        if let Some(refusal) = record.refused {
            self.refused.operations.insert(name.clone(), refusal);
        }
        let referring = record.referring.into_iter().map(Name::read);
        let referring: BTreeSet<_> = referring.collect::<Option<_>>()?;
        if !referring.is_empty() {
            self.refused.referring.insert(name.clone(), referring);
        }
        if let Some(held) = record.unsigned {
            let unsigned = Unsigned {
                held: held.read()?,
                why: record.why_unsigned,
            };
            self.unsigned.insert(name.clone(), unsigned);
        }
        if record.stranded {
            self.stranded.insert(name);
        }
        Some(())
    }

    fn take_report(&mut self, report: Report) -> Option<()> {
        let location = Some(report.location).filter(|id| !id.is_empty());
        let key = ReportKey {
            service: LocalId::parse(&report.service).ok()?,
            location: read_one(location, |id| LocalId::parse(&id).ok())?,
        };
        if let Some(refusal) = report.refused {
            self.refused.reports.insert(key.clone(), refusal);
        }
        if let Some(current) = report.current {
            let imported = Some(current.imported).filter(|hash| !hash.is_empty());
            if current.waits {
                self.reports.waiting.insert(current.cseq, key.clone());
            }
            let read = Current {
                cseq: current.cseq,
                queued_at: current.queued_at?.read()?,
                imported: read_one(imported, |said| hash(&said))?,
                signed: v1::Signed {
                    bytes: current.bytes,
                    signature: current.signature,
                },
            };
            self.reports.current.insert(key, read);
        }
        Some(())
    }

    fn take_pending(&mut self, pending: Pending) -> Option<()> {
        let record = pending.name?.read()?;
        let Some(waits) = pending.waits else {
            self.untold.push_back(record);
            return Some(());
        };
        self.tip = self.tip.followed_by(operation_hash(&waits.bytes));
        self.waiting.push_back(Waiting {
            record,
            signed: v1::Signed {
                bytes: waits.bytes,
                signature: waits.signature,
            },
            head_after: self.tip.head,
            queued_at: waits.queued_at?.read()?,
        });
        Some(())
    }
}

impl Name {
    fn of(name: &RecordName) -> Self {
        Self {
            kind: v1::RecordKind::from(name.kind).into(),
            local_id: name.id.to_string(),
        }
    }

    fn read(self) -> Option<RecordName> {
        comparing::name(self.kind, &self.local_id)
    }
}

impl Record {
    fn of(outbox: &Outbox, name: &RecordName) -> Self {
        let unsigned = outbox.unsigned.get(name);
        let referring = outbox.refused.referring.get(name);
        Self {
            name: Some(Name::of(name)),
            listed: outbox.catalog.get(name).map(StoredListed::of),
            refused: outbox.refused.operations.get(name).cloned(),
            referring: referring.into_iter().flatten().map(Name::of).collect(),
            unsigned: unsigned.map(|one| StoredHeld::of(one.held)),
            why_unsigned: unsigned.map(|one| one.why.clone()).unwrap_or_default(),
            stranded: outbox.stranded.contains(name),
        }
    }
}

impl Report {
    fn of(outbox: &Outbox, key: &ReportKey) -> Self {
        let current = outbox.reports.current.get(key);
        let location = key.location.as_ref().map(ToString::to_string);
        Self {
            service: key.service.to_string(),
            location: location.unwrap_or_default(),
            current: current.map(|current| StoredCurrent {
                cseq: current.cseq,
                queued_at: Some(Moment::of(current.queued_at)),
                imported: current.imported.map(bytes).unwrap_or_default(),
                bytes: current.signed.bytes.clone(),
                signature: current.signed.signature.clone(),
                waits: outbox.reports.waiting.get(&current.cseq) == Some(key),
            }),
            refused: outbox.refused.reports.get(key).cloned(),
        }
    }
}

impl Pending {
    fn of(name: &RecordName, waits: Option<&Waiting>) -> Self {
        Self {
            name: Some(Name::of(name)),
            waits: waits.map(|one| StoredWaiting {
                bytes: one.signed.bytes.clone(),
                signature: one.signed.signature.clone(),
                queued_at: Some(Moment::of(one.queued_at)),
            }),
        }
    }
}

impl StoredConflict {
    fn of(number: u64, conflict: &Conflict) -> Self {
        Self {
            number,
            found_at: Some(Moment::of(conflict.found_at)),
            conflicting: Some(conflict.write()),
        }
    }
}

fn hash(bytes: &[u8]) -> Option<Hash> {
    Hash::try_from(bytes).ok()
}

fn bytes(hash: Hash) -> Vec<u8> {
    hash.as_bytes().to_vec()
}
