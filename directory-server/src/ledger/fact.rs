//! One thing the directory has decided, as it stands in the journal.

use jiff::Timestamp;
use prost::Message;
use referral_core::capacity::{Order, Report};
use referral_core::federation::{Change, Epoch, Header, PublicKey, operation_hash};
use referral_core::id::{AgencyId, Hash, Kind, LocalId};
use referral_proto::convert::{self, Violations};
use referral_proto::v1;

use super::about::{self, About};
use super::stored;

/// One journal record of the directory.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The operator let an agency in.
    Invited(Invitation),
    /// An agency's node joined.
    Joined(Membership),
    /// A session began: (agency, session number, the node's boot value).
    Session(AgencyId, u64, [u8; 16]),
    /// An operation was accepted.
    Operation(Header, Box<Change>, SignedBytes),
    /// An operation was refused for good; its sequence number is used up.
    OperationRefused(Header, Refusal, SignedBytes),
    /// A capacity report was accepted.
    Capacity(AgencyId, Order, Box<Report>, SignedBytes),
    /// A capacity report was refused for good.
    CapacityRefused(AgencyId, Order, Refusal),
    /// Capacity reports were dropped that waited in vain for what they are about.
    CapacityDropped(AgencyId, Vec<Dropped>),
    /// A new epoch of an agency's log was granted: (agency, session it was granted in, epoch).
    Epoch(AgencyId, u64, Epoch),
    /// The operator lets so many more deletions of an agency through (R9).
    DeletionsAllowed(AgencyId, u64),
    /// The operator lets an agency publish again that was suspended (R8).
    Readmitted(AgencyId),
    /// Something was decided about an agency as a member.
    About(AgencyId, Box<About>),
}

/// An agency the operator let in, and the token its node may join with.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// The agency.
    pub agency: AgencyId,
    /// The name people know it by.
    pub name: String,
    /// SHA-256 of the join token's secret.
    pub token_hash: Hash,
    /// The token is worthless from then on.
    pub expires_at: Timestamp,
}

/// What makes a node the agency's: its keys, its certificate and the first epoch of its log.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// The agency.
    pub agency: AgencyId,
    /// Hash of the token it joined with.
    pub token_hash: Hash,
    /// The key that signs its listings.
    pub listing_key: PublicKey,
    /// SHA-256 of its TLS public key.
    pub tls_key_hash: Hash,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// The certificate is good until then.
    pub expires_at: Timestamp,
    /// The first epoch of its log.
    pub epoch: Epoch,
}

/// A capacity report that is held no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The service it is about.
    pub service: LocalId,
    /// The location, where it is about one.
    pub location: Option<LocalId>,
    /// Its place in its agency's stream.
    pub order: Order,
}

/// Why an operation or report was refused for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the record is, where that could be read.
    pub kind: Option<Kind>,
    /// Its id, where that could be read; the service's for a capacity report.
    pub id: Option<LocalId>,
    /// A stable name for the reason.
    pub code: String,
    /// The field at fault; empty: the whole.
    pub field: String,
    /// One plain sentence without the value.
    pub text: String,
}

/// The exact bytes an agency signed and its signature: stored and forwarded untouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBytes {
    /// The encoded operation.
    pub bytes: Vec<u8>,
    /// Ed25519, 64 bytes.
    pub signature: Vec<u8>,
}

/// A journal record whose checksum is right and whose meaning is not: written by a newer version.
#[derive(Debug, thiserror::Error)]
#[error(
    "journal record of kind {kind} cannot be read by this version ({what}); run the version that wrote it"
)]
pub struct UnreadableFact {
    kind: u8,
    what: &'static str,
}

impl Refusal {
    /// The refusal that says the first of several faults.
    #[must_use]
    pub fn of(kind: Option<Kind>, id: Option<LocalId>, violations: &Violations) -> Self {
        let first = violations.first();
        Self {
            kind,
            id,
            code: first.code.to_owned(),
            field: first.field.clone(),
            text: first.text.clone(),
        }
    }
}

const INVITED: u8 = 1;
const JOINED: u8 = 2;
const SESSION: u8 = 3;
const OPERATION: u8 = 4;
const OPERATION_REFUSED: u8 = 5;
const CAPACITY: u8 = 6;
const CAPACITY_REFUSED: u8 = 7;
const EPOCH: u8 = 8;
const DELETIONS_ALLOWED: u8 = 9;
const READMITTED: u8 = 10;
const CAPACITY_DROPPED: u8 = 11;
const ABOUT: u8 = 32;

/// What a record takes at the most beside what an agency said: a signature, ids, its place and its share of a frame.
/// Unit: bytes.
const BESIDE: u64 = 256;

impl Fact {
    /// The fact as journal kind and bytes.
    #[must_use]
    pub fn encode(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Invited(invitation) => {
                (INVITED, stored::Invited::from(invitation).encode_to_vec())
            }
            Self::Joined(membership) => (JOINED, stored::Joined::from(membership).encode_to_vec()),
            Self::Session(agency, session, boot) => {
                let stored = stored::Session {
                    agency: agency.to_string(),
                    number: *session,
                    boot: boot.to_vec(),
                };
                (SESSION, stored.encode_to_vec())
            }
            Self::Operation(_, _, signed) => {
                (OPERATION, stored::Signed::from(signed).encode_to_vec())
            }
            Self::OperationRefused(_, refusal, signed) => {
                let stored = stored::Refused {
                    signed: Some(signed.into()),
                    ..stored::Refused::from(refusal)
                };
                (OPERATION_REFUSED, stored.encode_to_vec())
            }
            Self::Capacity(_, _, _, signed) => {
                (CAPACITY, stored::Signed::from(signed).encode_to_vec())
            }
            Self::CapacityRefused(agency, order, refusal) => {
                let stored = stored::Refused {
                    agency: agency.to_string(),
                    generation: order.epoch.generation,
                    number: order.epoch.number,
                    cseq: order.cseq,
                    ..stored::Refused::from(refusal)
                };
                (CAPACITY_REFUSED, stored.encode_to_vec())
            }
            Self::CapacityDropped(agency, dropped) => {
                let stored = stored::CapacityDropped::of(agency, dropped);
                (CAPACITY_DROPPED, stored.encode_to_vec())
            }
            Self::Epoch(agency, session, epoch) => {
                let stored = stored::Granted {
                    agency: agency.to_string(),
                    session: *session,
                    generation: epoch.generation,
                    number: epoch.number,
                };
                (EPOCH, stored.encode_to_vec())
            }
            Self::DeletionsAllowed(agency, more) => {
                let stored = stored::Operator::of(agency, *more);
                (DELETIONS_ALLOWED, stored.encode_to_vec())
            }
            Self::Readmitted(agency) => {
                (READMITTED, stored::Operator::of(agency, 0).encode_to_vec())
            }
            Self::About(agency, about) => (ABOUT, about::Stored::of(agency, about).encode_to_vec()),
        }
    }

    /// About what it takes in the journal, where an agency brought it about: nobody else's is bounded. Unit: bytes.
    /// It follows from the fact alone, so that it is the same when the journal is read again.
    pub(super) fn weight(&self) -> Option<(&AgencyId, u64)> {
        let length = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        let said = |refusal: &Refusal| refusal.text.len() + refusal.field.len();
        let (agency, bytes) = match self {
            Self::Operation(header, _, signed) => (&header.agency, signed.bytes.len()),
            Self::OperationRefused(header, refusal, signed) => {
                (&header.agency, signed.bytes.len() + said(refusal))
            }
            Self::Capacity(agency, _, _, signed) => (agency, signed.bytes.len()),
            Self::CapacityRefused(agency, _, refusal) => (agency, said(refusal)),
            Self::Session(agency, ..) | Self::Epoch(agency, ..) => (agency, 0),
            Self::Invited(_)
            | Self::Joined(_)
            | Self::CapacityDropped(..)
            | Self::DeletionsAllowed(..)
            | Self::Readmitted(_)
            | Self::About(..) => return None,
        };
        Some((agency, length(bytes).saturating_add(BESIDE)))
    }

    /// Reads a journal record.
    ///
    /// # Errors
    /// [`UnreadableFact`] for kinds and contents this version does not know.
    pub fn decode(kind: u8, bytes: &[u8]) -> Result<Self, UnreadableFact> {
        let unreadable = |what| UnreadableFact { kind, what };
        match kind {
            INVITED => stored::invitation(bytes)
                .ok_or(unreadable("invitation"))
                .map(Self::Invited),
            JOINED => stored::membership(bytes)
                .ok_or(unreadable("membership"))
                .map(Self::Joined),
            SESSION => stored::session(bytes).ok_or(unreadable("session")),
            OPERATION => read_operation(bytes).ok_or(unreadable("operation")),
            OPERATION_REFUSED => {
                read_operation_refused(bytes).ok_or(unreadable("refused operation"))
            }
            CAPACITY => read_capacity(bytes).ok_or(unreadable("capacity report")),
            CAPACITY_REFUSED => stored::capacity_refused(bytes).ok_or(unreadable("refused report")),
            CAPACITY_DROPPED => {
                stored::capacity_dropped(bytes).ok_or(unreadable("dropped reports"))
            }
            EPOCH => stored::granted(bytes).ok_or(unreadable("epoch")),
            DELETIONS_ALLOWED => stored::operator(bytes)
                .ok_or(unreadable("allowance"))
                .map(|(agency, more)| Self::DeletionsAllowed(agency, more)),
            READMITTED => stored::operator(bytes)
                .ok_or(unreadable("readmission"))
                .map(|(agency, _)| Self::Readmitted(agency)),
            ABOUT => about::Stored::read(bytes)
                .ok_or(unreadable("decision about an agency"))
                .map(|(agency, about)| Self::About(agency, Box::new(about))),
            _ => Err(unreadable("unknown kind")),
        }
    }
}

fn read_operation(bytes: &[u8]) -> Option<Fact> {
    let signed = SignedBytes::from(stored::Signed::decode(bytes).ok()?);
    let (header, change) = operation(&signed)?;
    Some(Fact::Operation(header, Box::new(change), signed))
}

/// The header and change of a signed operation that was accepted before.
#[must_use]
pub(crate) fn operation(signed: &SignedBytes) -> Option<(Header, Change)> {
    let wire = v1::Operation::decode(signed.bytes.as_slice()).ok()?;
    let header = convert::federation::header(&wire, &signed.bytes).ok()?;
    debug_assert_eq!(header.position.hash, operation_hash(&signed.bytes));
    Some((header, convert::federation::change(wire).ok()?))
}

fn read_operation_refused(bytes: &[u8]) -> Option<Fact> {
    let stored = stored::Refused::decode(bytes).ok()?;
    let signed = SignedBytes::from(stored.signed.clone()?);
    let wire = v1::Operation::decode(signed.bytes.as_slice()).ok()?;
    let header = convert::federation::header(&wire, &signed.bytes).ok()?;
    Some(Fact::OperationRefused(
        header,
        stored::refusal(stored),
        signed,
    ))
}

fn read_capacity(bytes: &[u8]) -> Option<Fact> {
    let signed = SignedBytes::from(stored::Signed::decode(bytes).ok()?);
    let (agency, order, report) = capacity(&signed)?;
    Some(Fact::Capacity(agency, order, Box::new(report), signed))
}

/// The agency, order and report of a signed capacity operation that was accepted before.
///
/// Its time of observation was judged when it was received and is not judged again: no clock may make
/// what is in the journal unreadable. `Held::receive` clamps it to the time of receipt.
#[must_use]
pub(crate) fn capacity(signed: &SignedBytes) -> Option<(AgencyId, Order, Report)> {
    let wire = v1::CapacityOperation::decode(signed.bytes.as_slice()).ok()?;
    let (agency, order) = convert::federation::capacity_header(&wire).ok()?;
    let report = convert::federation::said(wire, Timestamp::MAX).ok()?;
    Some((agency, order, report))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What precedes a record in the journal, and the frame of one that stands alone. Unit: bytes.
    const AROUND: usize = 13 + 36;

    fn agency() -> AgencyId {
        AgencyId::parse(&"a".repeat(40)).unwrap()
    }

    fn epoch() -> Epoch {
        Epoch {
            generation: 1_780_000_000,
            number: 1_000_000,
        }
    }

    /// With everything in it but a note of more than 100 letters.
    fn full_report() -> Fact {
        let counts = [v1::CapacityUnit::Bed, v1::CapacityUnit::Seat];
        let counts = counts.map(|unit| v1::CapacityCount {
            unit: unit.into(),
            available: Some(10_000),
            maximum: Some(10_000),
        });
        let report = v1::CapacityReport {
            service_id: "s".repeat(64),
            location_id: "l".repeat(64),
            state: v1::CapacityState::Open.into(),
            counts: counts.to_vec(),
            waitlist_count: Some(10_000),
            observed_at: Some(convert::time::to_wire(Timestamp::constant(
                1_780_000_000,
                1,
            ))),
            ttl_seconds: 86_400,
            source: v1::CapacitySource::Person.into(),
            note: "x".repeat(100),
            ..v1::CapacityReport::default()
        };
        let operation = v1::CapacityOperation {
            agency_id: agency().to_string(),
            epoch: Some(epoch().into()),
            cseq: u64::MAX / 2,
            report: Some(report),
            earlier: vec![u64::MAX; 8],
        };
        let signed = SignedBytes {
            bytes: operation.encode_to_vec(),
            signature: vec![1; 64],
        };
        let (agency, order, report) = capacity(&signed).unwrap();
        Fact::Capacity(agency, order, Box::new(report), signed)
    }

    #[test]
    fn a_full_report_takes_less_than_a_kibibyte() {
        let fact = full_report();

        let (_, bytes) = fact.weight().unwrap();

        assert!(bytes < 1 << 10, "{bytes}");
    }

    #[test]
    fn nothing_takes_more_in_the_journal_than_it_weighs() {
        let Fact::Capacity(_, order, _, signed) = full_report() else {
            unreachable!("it is one")
        };
        let refusal = Refusal {
            kind: Some(Kind::Organization),
            id: Some(LocalId::parse(&"i".repeat(64)).unwrap()),
            code: "reference_unknown".to_owned(),
            field: "service.phones[0].number".to_owned(),
            text: "t".repeat(400),
        };
        let operation = v1::Operation {
            agency_id: agency().to_string(),
            epoch: Some(epoch().into()),
            seq: 1,
            prev_head: vec![1; 32],
            ..v1::Operation::default()
        };
        let refused = SignedBytes {
            bytes: operation.encode_to_vec(),
            ..signed
        };
        let header = convert::federation::header(&operation, &refused.bytes).unwrap();
        let facts = [
            full_report(),
            Fact::OperationRefused(header, refusal.clone(), refused),
            Fact::CapacityRefused(agency(), order, refusal),
            Fact::Session(agency(), u64::MAX, [7; 16]),
            Fact::Epoch(agency(), u64::MAX, epoch()),
        ];

        for fact in facts {
            let (kind, bytes) = fact.encode();
            let (_, weight) = fact.weight().unwrap();
            let takes = u64::try_from(bytes.len() + AROUND).unwrap();
            assert!(takes <= weight, "kind {kind}: {takes} of {weight}");
        }
    }
}
