//! How values are written: a checksum, then protobuf around the exact bytes an agency signed.

use jiff::Timestamp;
use prost::Message;
use referral_core::capacity::{Held, Ttl};
use referral_core::catalog::Record;
use referral_core::federation::{Change, Epoch};
use referral_core::id::{AgencyId, Hash};

use crate::ledger::{SignedBytes, fact};

/// A record as it is in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRecord {
    /// The record; `None` once withdrawn.
    pub record: Option<Record>,
    /// The hash of the operation that made it so.
    pub hash: Hash,
    /// Its place in its agency's log: epoch and sequence number.
    pub version: (Epoch, u64),
    /// When the node made the change.
    pub made_at: Timestamp,
    /// When the directory received it.
    pub received_at: Timestamp,
    /// The exact bytes and signature.
    pub signed: SignedBytes,
}

#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(bytes = "vec", tag = "1")]
    bytes: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    signature: Vec<u8>,
    #[prost(int64, tag = "3")]
    received_at_us: i64,
    /// Capacity only: the time to live fixed at receipt, in seconds.
    #[prost(uint32, tag = "4")]
    ttl_s: u32,
}

/// `bytes` behind their CRC-32.
pub(super) fn seal(bytes: &[u8]) -> Vec<u8> {
    let mut sealed = crc32fast::hash(bytes).to_be_bytes().to_vec();
    sealed.extend_from_slice(bytes);
    sealed
}

/// The bytes behind a checksum that fits.
pub(super) fn open(sealed: &[u8]) -> Option<&[u8]> {
    let (checksum, bytes) = sealed.split_first_chunk()?;
    (u32::from_be_bytes(*checksum) == crc32fast::hash(bytes)).then_some(bytes)
}

pub(super) fn record(signed: &SignedBytes, received_at: Timestamp) -> Vec<u8> {
    value(signed, received_at, 0)
}

pub(super) fn read_record(sealed: &[u8]) -> Option<StoredRecord> {
    let (signed, value) = read_value(sealed)?;
    let (header, change) = fact::operation(&signed)?;
    let Change {
        made_at, record, ..
    } = change;
    let received_at = Timestamp::from_microsecond(value.received_at_us).ok()?;
    Some(StoredRecord {
        record,
        hash: header.position.hash,
        version: (header.position.epoch, header.position.seq),
        made_at,
        received_at,
        signed,
    })
}

pub(super) fn capacity(held: &Held, signed: &SignedBytes, received_at: Timestamp) -> Vec<u8> {
    value(signed, received_at, held.ttl.seconds())
}

pub(super) fn read_capacity(sealed: &[u8]) -> Option<(AgencyId, Held)> {
    let (signed, value) = read_value(sealed)?;
    let received_at = Timestamp::from_microsecond(value.received_at_us).ok()?;
    let (agency, order, report) = fact::capacity(&signed)?;
    Some((
        agency,
        Held::receive(report, order, Ttl::clamped(value.ttl_s), received_at),
    ))
}

/// A stored report with everything needed to store it again.
pub(super) fn reread_capacity(sealed: &[u8]) -> Option<(Held, SignedBytes, Timestamp)> {
    let (signed, value) = read_value(sealed)?;
    let received_at = Timestamp::from_microsecond(value.received_at_us).ok()?;
    let (_, held) = read_capacity(sealed)?;
    Some((held, signed, received_at))
}

fn value(signed: &SignedBytes, received_at: Timestamp, ttl_s: u32) -> Vec<u8> {
    let SignedBytes { bytes, signature } = signed.clone();
    let received_at_us = received_at.as_microsecond();
    seal(
        &Value {
            bytes,
            signature,
            received_at_us,
            ttl_s,
        }
        .encode_to_vec(),
    )
}

fn read_value(sealed: &[u8]) -> Option<(SignedBytes, Value)> {
    let mut value = Value::decode(open(sealed)?).ok()?;
    let bytes = std::mem::take(&mut value.bytes);
    let signature = std::mem::take(&mut value.signature);
    Some((SignedBytes { bytes, signature }, value))
}
