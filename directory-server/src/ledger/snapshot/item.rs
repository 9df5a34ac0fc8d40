//! What a snapshot holds, as it is stored. Field numbers never change their meaning.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use prost::Message;
use referral_core::capacity::{Held, Ttl};
use referral_core::federation::{AgencyLog, Boot, Brake, Chain, Epoch, PublicKey, Spent};
use referral_core::id::{AgencyId, Hash, Kind, LocalId, RecordKey};

use crate::ledger::about::{Member, Pins, StoredMember};
use crate::ledger::fact::{self, Dropped, SignedBytes};
use crate::ledger::heads::{AgencyHead, Heads};
use crate::ledger::outstanding::Outstanding;
use crate::ledger::stored;

/// Where the journal was when the snapshot was made.
#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Header {
    /// The last journal record it holds.
    #[prost(uint64, tag = "1")]
    pub(super) index: u64,
    /// When that was received. Unit: microseconds since 1970-01-01T00:00:00Z.
    #[prost(int64, tag = "2")]
    pub(super) received_at_us: i64,
    /// The generation that record was written in.
    #[prost(uint64, tag = "3")]
    pub(super) generation: u64,
    /// CRC-32 of that record: a snapshot is of one journal.
    #[prost(uint32, tag = "4")]
    pub(super) checksum: u32,
}

/// The end of a snapshot that is whole.
#[derive(Clone, PartialEq, Message)]
pub(super) struct End {
    #[prost(uint64, tag = "1")]
    pub(super) frames: u64,
    #[prost(uint32, tag = "2")]
    pub(super) checksum: u32,
}

/// The tip of an agency.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Agency {
    #[prost(bytes = "vec", tag = "1")]
    invitation: Vec<u8>,
    #[prost(bytes = "vec", optional, tag = "2")]
    membership: Option<Vec<u8>>,
    #[prost(message, optional, tag = "3")]
    log: Option<Log>,
    /// When it deleted lately. Unit: microseconds since 1970-01-01T00:00:00Z.
    #[prost(int64, repeated, tag = "4")]
    deleted_at_us: Vec<i64>,
    #[prost(uint64, tag = "5")]
    deletions_allowed: u64,
    #[prost(bool, tag = "6")]
    suspended: bool,
    /// When its node was found to exist twice. Unit as above.
    #[prost(int64, repeated, tag = "7")]
    cloned_at_us: Vec<i64>,
    #[prost(message, repeated, tag = "8")]
    refused: Vec<Told>,
    #[prost(message, repeated, tag = "9")]
    outstanding_records: Vec<Name>,
    #[prost(string, repeated, tag = "10")]
    outstanding_reports: Vec<String>,
    /// Oldest first.
    #[prost(bytes = "vec", repeated, tag = "11")]
    earlier_keys: Vec<Vec<u8>>,
    /// Absent in snapshots from before there was one.
    #[prost(message, optional, tag = "12")]
    member: Option<StoredMember>,
    /// The codes of `outstanding_records`, in the same order; absent in older snapshots.
    #[prost(string, repeated, tag = "13")]
    outstanding_record_codes: Vec<String>,
    /// The codes of `outstanding_reports`.
    #[prost(string, repeated, tag = "14")]
    outstanding_report_codes: Vec<String>,
    /// What was written for it lately. Unit: bytes; nothing in older snapshots.
    #[prost(uint64, tag = "15")]
    spent: u64,
    /// As of then. Unit: microseconds since 1970-01-01T00:00:00Z.
    #[prost(int64, tag = "16")]
    spent_at_us: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Log {
    #[prost(uint64, tag = "1")]
    generation: u64,
    #[prost(uint64, tag = "2")]
    number: u64,
    #[prost(uint64, tag = "3")]
    applied: u64,
    #[prost(bytes = "vec", tag = "4")]
    head: Vec<u8>,
    #[prost(uint64, tag = "5")]
    session: u64,
    #[prost(uint64, tag = "6")]
    granted_in: u64,
    #[prost(uint64, tag = "7")]
    cseq: u64,
    /// Of 16 bytes each, one after another.
    #[prost(bytes = "vec", tag = "8")]
    boots: Vec<u8>,
    /// Hashes of 32 bytes, one after another.
    #[prost(bytes = "vec", tag = "9")]
    recent: Vec<u8>,
    /// A hash of 32 bytes; empty: none.
    #[prost(bytes = "vec", tag = "10")]
    last_report: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct Told {
    #[prost(uint64, tag = "1")]
    seq: u64,
    #[prost(uint64, tag = "2")]
    cseq: u64,
    #[prost(message, optional, tag = "3")]
    refusal: Option<stored::Refused>,
}

#[derive(Clone, PartialEq, Message)]
struct Name {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    id: String,
}

/// The operation a record stands at.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Record {
    #[prost(string, tag = "1")]
    agency: String,
    #[prost(string, tag = "2")]
    kind: String,
    #[prost(string, tag = "3")]
    id: String,
    #[prost(bytes = "vec", tag = "4")]
    bytes: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    signature: Vec<u8>,
    #[prost(int64, tag = "6")]
    received_at_us: i64,
}

/// A capacity report in force.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Capacity {
    #[prost(string, tag = "1")]
    agency: String,
    #[prost(string, tag = "2")]
    service: String,
    /// Empty: the whole service.
    #[prost(string, tag = "3")]
    location: String,
    #[prost(bytes = "vec", tag = "4")]
    bytes: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    signature: Vec<u8>,
    #[prost(int64, tag = "6")]
    received_at_us: i64,
    /// The time to live fixed at receipt. Unit: seconds.
    #[prost(uint32, tag = "7")]
    ttl_s: u32,
    /// It waits for what it is about.
    #[prost(bool, tag = "8")]
    early: bool,
}

/// The order of records: what others refer to comes first.
pub(super) type RecordOrder = (Kind, AgencyId, LocalId);
/// The order of reports: agency, service, location.
pub(super) type CapacityOrder = (String, String, String);

impl Header {
    /// That the snapshot stands for the journal up to this record.
    pub(super) fn of(record: &referral_journal::Record) -> Self {
        Self {
            index: record.index,
            received_at_us: record.received_at_us,
            generation: record.generation,
            checksum: crc32fast::hash(&record.bytes),
        }
    }
}

impl Agency {
    pub(super) fn of(head: &AgencyHead) -> Self {
        // Named one by one: a field that is added has to be thought of here. Records are counted anew.
        let AgencyHead {
            name: _in_the_invitation,
            invitation,
            membership,
            earlier_keys,
            log,
            records: _counted,
            services: _counted_too,
            bytes: _counted_as_well,
            brake,
            spent,
            member,
            clones,
            refused,
            outstanding,
        } = head;
        let Brake { recent, allowed } = brake;
        let Outstanding { records, reports } = &**outstanding;
        let membership = membership.as_ref().map(stored::Joined::from);
        let told = refused.iter().map(|(seq, cseq, refusal)| Told {
            seq: *seq,
            cseq: *cseq,
            refusal: Some(refusal.into()),
        });
        let names = records.keys().map(|(kind, id)| Name {
            kind: kind.to_string(),
            id: id.to_string(),
        });
        Self {
            invitation: stored::Invited::from(invitation).encode_to_vec(),
            membership: membership.map(|membership| membership.encode_to_vec()),
            log: log.as_ref().map(Log::of),
            deleted_at_us: recent.iter().map(|at| at.as_microsecond()).collect(),
            deletions_allowed: *allowed,
            suspended: member.cloned,
            cloned_at_us: clones.iter().map(|at| at.as_microsecond()).collect(),
            refused: told.collect(),
            outstanding_records: names.collect(),
            outstanding_reports: reports.keys().map(ToString::to_string).collect(),
            outstanding_record_codes: records.values().cloned().collect(),
            outstanding_report_codes: reports.values().cloned().collect(),
            earlier_keys: earlier_keys
                .iter()
                .map(|key| key.as_bytes().to_vec())
                .collect(),
            member: Some(StoredMember::of(member)),
            spent: spent.bytes,
            spent_at_us: spent.at.as_microsecond(),
        }
    }

    /// The tip; `None` when it is not readable.
    pub(super) fn read(self) -> Option<AgencyHead> {
        let invitation = stored::invitation(&self.invitation)?;
        let membership = match self.membership {
            Some(bytes) => Some(stored::membership(&bytes)?),
            None => None,
        };
        let log = match self.log {
            Some(log) => Some(log.read()?),
            None => None,
        };
        let told = self.refused.into_iter().map(|told| {
            let refusal = stored::refusal(told.refusal?);
            Some((told.seq, told.cseq, refusal))
        });
        let names = self.outstanding_records.into_iter();
        let records = names.zip(or_unknown(self.outstanding_record_codes));
        let records = records.map(|(name, code)| {
            let kind = Kind::parse(&name.kind).ok()?;
            Some(((kind, LocalId::parse(&name.id).ok()?), code))
        });
        let reports = self.outstanding_reports.iter();
        let reports = reports.zip(or_unknown(self.outstanding_report_codes));
        let reports = reports.map(|(service, code)| Some((LocalId::parse(service).ok()?, code)));
        let member = if let Some(member) = self.member {
            member.read()?
        } else {
            let joined = membership.as_ref();
            Member {
                pins: joined.map_or_else(Pins::default, |m| Pins::joined(&m.certificate)),
                ..Member::default()
            }
        };
        let keys = self.earlier_keys.iter();
        let keys = keys.map(|key| PublicKey::try_from(key.as_slice()));
        Some(AgencyHead {
            name: invitation.name.clone(),
            invitation,
            membership,
            earlier_keys: keys.collect::<Result<_, _>>().ok()?,
            log,
            records: 0,
            services: 0,
            bytes: 0,
            brake: Brake {
                recent: times(&self.deleted_at_us)?,
                allowed: self.deletions_allowed,
            },
            spent: Spent {
                bytes: self.spent,
                at: Timestamp::from_microsecond(self.spent_at_us).ok()?,
            },
            member: Member {
                cloned: self.suspended,
                ..member
            },
            clones: times(&self.cloned_at_us)?,
            refused: told.collect::<Option<_>>()?,
            outstanding: Arc::new(Outstanding {
                records: records.collect::<Option<_>>()?,
                reports: reports.collect::<Option<_>>()?,
            }),
        })
    }
}

/// Codes as far as a snapshot has them, then empty ones for ever.
fn or_unknown(codes: Vec<String>) -> impl Iterator<Item = String> {
    codes.into_iter().chain(std::iter::repeat_with(String::new))
}

impl Log {
    fn of(log: &AgencyLog) -> Self {
        let AgencyLog {
            chain,
            session,
            granted_in,
            cseq,
            last_report,
            boots,
            recent,
        } = log;
        Self {
            generation: chain.epoch.generation,
            number: chain.epoch.number,
            applied: chain.applied,
            head: chain.head.as_bytes().to_vec(),
            session: *session,
            granted_in: *granted_in,
            cseq: *cseq,
            boots: boots.iter().flatten().copied().collect(),
            recent: recent.iter().flat_map(Hash::as_bytes).copied().collect(),
            last_report: last_report.map_or_else(Vec::new, |hash| hash.as_bytes().to_vec()),
        }
    }

    fn read(self) -> Option<AgencyLog> {
        let epoch = Epoch {
            generation: self.generation,
            number: self.number,
        };
        let boots = self.boots.chunks(16).map(Boot::try_from);
        let recent = self.recent.chunks(32).map(Hash::try_from);
        Some(AgencyLog {
            chain: Chain {
                epoch,
                applied: self.applied,
                head: Hash::try_from(self.head.as_slice()).ok()?,
            },
            session: self.session,
            granted_in: self.granted_in,
            cseq: self.cseq,
            last_report: Hash::try_from(self.last_report.as_slice()).ok(),
            boots: boots.collect::<Result<_, _>>().ok()?,
            recent: recent.collect::<Result<_, _>>().ok()?,
        })
    }
}

impl Record {
    pub(super) fn of(key: &RecordKey, signed: &SignedBytes, received_at: Timestamp) -> Self {
        let SignedBytes { bytes, signature } = signed.clone();
        Self {
            agency: key.agency.to_string(),
            kind: key.kind.to_string(),
            id: key.id.to_string(),
            bytes,
            signature,
            received_at_us: received_at.as_microsecond(),
        }
    }

    pub(super) fn order(&self) -> Option<RecordOrder> {
        let kind = Kind::parse(&self.kind).ok()?;
        let agency = AgencyId::parse(&self.agency).ok()?;
        Some((kind, agency, LocalId::parse(&self.id).ok()?))
    }

    /// The exact bytes, and when they were received.
    pub(super) fn signed(self) -> Option<(SignedBytes, Timestamp)> {
        signed(self.bytes, self.signature, self.received_at_us)
    }
}

impl Capacity {
    pub(super) fn of(
        agency: &AgencyId,
        held: &Held,
        signed: &SignedBytes,
        received_at: Timestamp,
    ) -> Self {
        let (service, location) = held.report.key();
        let SignedBytes { bytes, signature } = signed.clone();
        Self {
            agency: agency.to_string(),
            service: service.to_string(),
            location: location.map(ToString::to_string).unwrap_or_default(),
            bytes,
            signature,
            received_at_us: received_at.as_microsecond(),
            ttl_s: held.ttl.seconds(),
            early: false,
        }
    }

    /// The place of the report that was dropped.
    pub(super) fn named(agency: &AgencyId, dropped: &Dropped) -> CapacityOrder {
        let location = dropped.location.as_ref();
        (
            agency.to_string(),
            dropped.service.to_string(),
            location.map(ToString::to_string).unwrap_or_default(),
        )
    }

    pub(super) fn order(&self) -> CapacityOrder {
        let Self {
            agency,
            service,
            location,
            ..
        } = self;
        (agency.clone(), service.clone(), location.clone())
    }

    /// The same, as these heads know it.
    pub(super) fn known_to(self, heads: &Heads) -> Self {
        let early = self.subject().is_some_and(|(agency, service, location)| {
            heads.is_early(&agency, (&service, location.as_ref()))
        });
        Self { early, ..self }
    }

    /// Whether it waited when the snapshot was made. One of before it was noted did if its service is unknown.
    pub(super) fn was_early(&self, records: &Heads) -> bool {
        self.early
            || self
                .subject()
                .is_some_and(|(agency, service, _)| !records.is_offered(&agency, (&service, None)))
    }

    fn subject(&self) -> Option<(AgencyId, LocalId, Option<LocalId>)> {
        let location = match self.location.as_str() {
            "" => None,
            id => Some(LocalId::parse(id).ok()?),
        };
        let service = LocalId::parse(&self.service).ok()?;
        Some((AgencyId::parse(&self.agency).ok()?, service, location))
    }

    /// The report as it was held, its exact bytes, and when they were received.
    pub(super) fn held(self) -> Option<(AgencyId, Held, SignedBytes, Timestamp)> {
        let ttl = Ttl::clamped(self.ttl_s);
        let (signed, received_at) = signed(self.bytes, self.signature, self.received_at_us)?;
        let (agency, order, report) = fact::capacity(&signed)?;
        let held = Held::receive(report, order, ttl, received_at);
        Some((agency, held, signed, received_at))
    }
}

fn times(microseconds: &[i64]) -> Option<VecDeque<Timestamp>> {
    let times = microseconds.iter();
    let times = times.map(|at| Timestamp::from_microsecond(*at).ok());
    times.collect()
}

fn signed(bytes: Vec<u8>, signature: Vec<u8>, at_us: i64) -> Option<(SignedBytes, Timestamp)> {
    let received_at = Timestamp::from_microsecond(at_us).ok()?;
    Some((SignedBytes { bytes, signature }, received_at))
}
