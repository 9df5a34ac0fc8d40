//! What a snapshot holds, as it is stored. Field numbers never change their meaning.

use jiff::Timestamp;
use prost::Message;
use referral_core::capacity::{Held, Ttl};
use referral_core::federation::{Chain, Epoch};
use referral_core::id::{AgencyId, Hash, Kind, LocalId, RecordKey};

use crate::ledger::fact::{self, SignedBytes};
use crate::ledger::heads::AgencyHead;
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
}

/// The end of a snapshot that is whole.
#[derive(Clone, PartialEq, Message)]
pub(super) struct End {
    #[prost(uint64, tag = "1")]
    pub(super) frames: u64,
    #[prost(uint32, tag = "2")]
    pub(super) checksum: u32,
}

/// The tip of an agency's log.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Agency {
    #[prost(bytes = "vec", tag = "1")]
    invitation: Vec<u8>,
    #[prost(bytes = "vec", optional, tag = "2")]
    membership: Option<Vec<u8>>,
    #[prost(uint64, tag = "3")]
    session: u64,
    #[prost(message, optional, tag = "4")]
    chain: Option<StoredChain>,
    #[prost(uint64, tag = "5")]
    cseq: u64,
    /// Hashes of 32 bytes, one after another.
    #[prost(bytes = "vec", tag = "6")]
    recent: Vec<u8>,
    #[prost(message, repeated, tag = "7")]
    refused: Vec<Told>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredChain {
    #[prost(uint64, tag = "1")]
    generation: u64,
    #[prost(uint64, tag = "2")]
    number: u64,
    #[prost(uint64, tag = "3")]
    applied: u64,
    #[prost(bytes = "vec", tag = "4")]
    head: Vec<u8>,
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
}

/// The order of records: what others refer to comes first.
pub(super) type RecordOrder = (Kind, AgencyId, LocalId);
/// The order of reports: agency, service, location.
pub(super) type CapacityOrder = (String, String, String);

impl Agency {
    pub(super) fn of(head: &AgencyHead) -> Self {
        // Named one by one: a field that is added has to be thought of here. Records are counted anew.
        let AgencyHead {
            name: _in_the_invitation,
            invitation,
            membership,
            session,
            chain,
            cseq,
            records: _counted,
            recent,
            refused,
        } = head;
        let told = refused.iter().map(|(seq, cseq, refusal)| Told {
            seq: *seq,
            cseq: *cseq,
            refusal: Some(refusal.into()),
        });
        Self {
            invitation: stored::Invited::from(invitation).encode_to_vec(),
            membership: membership
                .as_ref()
                .map(|membership| stored::Joined::from(membership).encode_to_vec()),
            session: *session,
            chain: chain.map(|chain| StoredChain {
                generation: chain.epoch.generation,
                number: chain.epoch.number,
                applied: chain.applied,
                head: chain.head.as_bytes().to_vec(),
            }),
            cseq: *cseq,
            recent: recent.iter().flat_map(Hash::as_bytes).copied().collect(),
            refused: told.collect(),
        }
    }

    /// The tip; `None` when it is not readable.
    pub(super) fn read(self) -> Option<AgencyHead> {
        let invitation = stored::invitation(&self.invitation)?;
        let membership = match self.membership {
            Some(bytes) => Some(stored::membership(&bytes)?),
            None => None,
        };
        let chain = match self.chain {
            Some(chain) => Some(Chain {
                epoch: Epoch {
                    generation: chain.generation,
                    number: chain.number,
                },
                applied: chain.applied,
                head: Hash::try_from(chain.head.as_slice()).ok()?,
            }),
            None => None,
        };
        let recent = self.recent.chunks(32).map(Hash::try_from);
        let told = self.refused.into_iter().map(|told| {
            let refusal = stored::refusal(told.refusal?);
            Some((told.seq, told.cseq, refusal))
        });
        Some(AgencyHead {
            name: invitation.name.clone(),
            invitation,
            membership,
            session: self.session,
            chain,
            cseq: self.cseq,
            records: 0,
            recent: recent.collect::<Result<_, _>>().ok()?,
            refused: told.collect::<Option<_>>()?,
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
        }
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

    /// The report as it was held, its exact bytes, and when they were received.
    pub(super) fn held(self) -> Option<(AgencyId, Held, SignedBytes, Timestamp)> {
        let ttl = Ttl::clamped(self.ttl_s);
        let (signed, received_at) = signed(self.bytes, self.signature, self.received_at_us)?;
        let (agency, order, report) = fact::capacity(&signed)?;
        let held = Held::receive(report, order, ttl, received_at);
        Some((agency, held, signed, received_at))
    }
}

fn signed(bytes: Vec<u8>, signature: Vec<u8>, at_us: i64) -> Option<(SignedBytes, Timestamp)> {
    let received_at = Timestamp::from_microsecond(at_us).ok()?;
    Some((SignedBytes { bytes, signature }, received_at))
}
