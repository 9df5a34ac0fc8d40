//! The stored form of facts that no agency signed. Field numbers never change their meaning.

use jiff::Timestamp;
use prost::Message;
use referral_core::capacity::Order;
use referral_core::federation::{Epoch, PublicKey};
use referral_core::id::{AgencyId, Hash, Kind, LocalId};

use super::fact::{Dropped, Fact, Invitation, Membership, Refusal, SignedBytes};

#[derive(Clone, PartialEq, Message)]
pub(super) struct Invited {
    #[prost(string, tag = "1")]
    pub(super) agency: String,
    #[prost(string, tag = "2")]
    pub(super) name: String,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) token_hash: Vec<u8>,
    #[prost(int64, tag = "4")]
    pub(super) expires_at_us: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Joined {
    #[prost(string, tag = "1")]
    pub(super) agency: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) token_hash: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) listing_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) tls_key_hash: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    pub(super) certificate: Vec<u8>,
    #[prost(int64, tag = "6")]
    pub(super) expires_at_us: i64,
    #[prost(uint64, tag = "7")]
    pub(super) generation: u64,
    #[prost(uint64, tag = "8")]
    pub(super) number: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Session {
    #[prost(string, tag = "1")]
    pub(super) agency: String,
    #[prost(uint64, tag = "2")]
    pub(super) number: u64,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) boot: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Granted {
    #[prost(string, tag = "1")]
    pub(super) agency: String,
    #[prost(uint64, tag = "2")]
    pub(super) session: u64,
    #[prost(uint64, tag = "3")]
    pub(super) generation: u64,
    #[prost(uint64, tag = "4")]
    pub(super) number: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CapacityDropped {
    #[prost(string, tag = "1")]
    agency: String,
    #[prost(message, repeated, tag = "2")]
    reports: Vec<StoredDropped>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredDropped {
    #[prost(string, tag = "1")]
    service: String,
    /// Empty: the whole service.
    #[prost(string, tag = "2")]
    location: String,
    #[prost(uint64, tag = "3")]
    generation: u64,
    #[prost(uint64, tag = "4")]
    number: u64,
    #[prost(uint64, tag = "5")]
    cseq: u64,
}

impl CapacityDropped {
    pub(super) fn of(agency: &AgencyId, dropped: &[Dropped]) -> Self {
        let reports = dropped.iter().map(|one| StoredDropped {
            service: one.service.to_string(),
            location: one
                .location
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            generation: one.order.epoch.generation,
            number: one.order.epoch.number,
            cseq: one.order.cseq,
        });
        Self {
            agency: agency.to_string(),
            reports: reports.collect(),
        }
    }
}

impl StoredDropped {
    fn read(self) -> Option<Dropped> {
        let location = match self.location.as_str() {
            "" => None,
            id => Some(LocalId::parse(id).ok()?),
        };
        let epoch = Epoch {
            generation: self.generation,
            number: self.number,
        };
        Some(Dropped {
            service: LocalId::parse(&self.service).ok()?,
            location,
            order: Order {
                epoch,
                cseq: self.cseq,
            },
        })
    }
}

/// An act of the operator about an agency.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Operator {
    #[prost(string, tag = "1")]
    agency: String,
    #[prost(uint64, tag = "2")]
    number: u64,
}

impl Operator {
    pub(super) fn of(agency: &AgencyId, number: u64) -> Self {
        Self {
            agency: agency.to_string(),
            number,
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Signed {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) bytes: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) signature: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Refused {
    #[prost(message, optional, tag = "1")]
    pub(super) signed: Option<Signed>,
    #[prost(string, tag = "2")]
    pub(super) agency: String,
    #[prost(uint64, tag = "3")]
    pub(super) generation: u64,
    #[prost(uint64, tag = "4")]
    pub(super) number: u64,
    #[prost(uint64, tag = "5")]
    pub(super) cseq: u64,
    #[prost(string, tag = "6")]
    pub(super) record_kind: String,
    #[prost(string, tag = "7")]
    pub(super) local_id: String,
    #[prost(string, tag = "8")]
    pub(super) code: String,
    #[prost(string, tag = "9")]
    pub(super) field: String,
    #[prost(string, tag = "10")]
    pub(super) text: String,
}

impl From<&Invitation> for Invited {
    fn from(invitation: &Invitation) -> Self {
        Self {
            agency: invitation.agency.to_string(),
            name: invitation.name.clone(),
            token_hash: invitation.token_hash.as_bytes().to_vec(),
            expires_at_us: invitation.expires_at.as_microsecond(),
        }
    }
}

impl From<&Membership> for Joined {
    fn from(membership: &Membership) -> Self {
        Self {
            agency: membership.agency.to_string(),
            token_hash: membership.token_hash.as_bytes().to_vec(),
            listing_key: membership.listing_key.as_bytes().to_vec(),
            tls_key_hash: membership.tls_key_hash.as_bytes().to_vec(),
            certificate: membership.certificate.clone(),
            expires_at_us: membership.expires_at.as_microsecond(),
            generation: membership.epoch.generation,
            number: membership.epoch.number,
        }
    }
}

impl From<&SignedBytes> for Signed {
    fn from(signed: &SignedBytes) -> Self {
        Self {
            bytes: signed.bytes.clone(),
            signature: signed.signature.clone(),
        }
    }
}

impl From<Signed> for SignedBytes {
    fn from(stored: Signed) -> Self {
        Self {
            bytes: stored.bytes,
            signature: stored.signature,
        }
    }
}

impl From<&Refusal> for Refused {
    fn from(refusal: &Refusal) -> Self {
        Self {
            record_kind: refusal
                .kind
                .map(|kind| kind.to_string())
                .unwrap_or_default(),
            local_id: refusal
                .id
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            code: refusal.code.clone(),
            field: refusal.field.clone(),
            text: refusal.text.clone(),
            ..Self::default()
        }
    }
}

pub(super) fn refusal(stored: Refused) -> Refusal {
    Refusal {
        kind: Kind::parse(&stored.record_kind).ok(),
        id: LocalId::parse(&stored.local_id).ok(),
        code: stored.code,
        field: stored.field,
        text: stored.text,
    }
}

pub(super) fn invitation(bytes: &[u8]) -> Option<Invitation> {
    let stored = Invited::decode(bytes).ok()?;
    Some(Invitation {
        agency: AgencyId::parse(&stored.agency).ok()?,
        name: stored.name,
        token_hash: Hash::try_from(stored.token_hash.as_slice()).ok()?,
        expires_at: Timestamp::from_microsecond(stored.expires_at_us).ok()?,
    })
}

pub(super) fn membership(bytes: &[u8]) -> Option<Membership> {
    let stored = Joined::decode(bytes).ok()?;
    Some(Membership {
        agency: AgencyId::parse(&stored.agency).ok()?,
        token_hash: Hash::try_from(stored.token_hash.as_slice()).ok()?,
        listing_key: PublicKey::try_from(stored.listing_key.as_slice()).ok()?,
        tls_key_hash: Hash::try_from(stored.tls_key_hash.as_slice()).ok()?,
        certificate: stored.certificate,
        expires_at: Timestamp::from_microsecond(stored.expires_at_us).ok()?,
        epoch: Epoch {
            generation: stored.generation,
            number: stored.number,
        },
    })
}

pub(super) fn session(bytes: &[u8]) -> Option<Fact> {
    let stored = Session::decode(bytes).ok()?;
    let boot = stored.boot.try_into().ok()?;
    Some(Fact::Session(
        AgencyId::parse(&stored.agency).ok()?,
        stored.number,
        boot,
    ))
}

pub(super) fn capacity_refused(bytes: &[u8]) -> Option<Fact> {
    let stored = Refused::decode(bytes).ok()?;
    let agency = AgencyId::parse(&stored.agency).ok()?;
    let epoch = Epoch {
        generation: stored.generation,
        number: stored.number,
    };
    let order = Order {
        epoch,
        cseq: stored.cseq,
    };
    Some(Fact::CapacityRefused(agency, order, refusal(stored)))
}

pub(super) fn capacity_dropped(bytes: &[u8]) -> Option<Fact> {
    let stored = CapacityDropped::decode(bytes).ok()?;
    let agency = AgencyId::parse(&stored.agency).ok()?;
    let dropped = stored.reports.into_iter().map(StoredDropped::read);
    Some(Fact::CapacityDropped(
        agency,
        dropped.collect::<Option<_>>()?,
    ))
}

pub(super) fn granted(bytes: &[u8]) -> Option<Fact> {
    let stored = Granted::decode(bytes).ok()?;
    let epoch = Epoch {
        generation: stored.generation,
        number: stored.number,
    };
    let agency = AgencyId::parse(&stored.agency).ok()?;
    Some(Fact::Epoch(agency, stored.session, epoch))
}

pub(super) fn operator(bytes: &[u8]) -> Option<(AgencyId, u64)> {
    let stored = Operator::decode(bytes).ok()?;
    Some((AgencyId::parse(&stored.agency).ok()?, stored.number))
}
