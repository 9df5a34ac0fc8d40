//! Operations of an agency's log: where they stand, and what they say.
//!
//! Reading goes in two steps. [`header`] and [`capacity_header`] read where an operation stands; one
//! without a place is [`Malformed`] and ends the session. [`change`] and [`said`] read what it says;
//! [`Violations`] there reject the one operation, durably, and the session goes on. Signatures are
//! checked by `referral_core::federation::verify` over the exact bytes, before either.

use jiff::Timestamp;
use referral_core::capacity::{Order, Report};
use referral_core::catalog::Record;
use referral_core::federation::{
    Ancestry, Chain, Change, Earlier, Epoch, Header, Position, operation_hash,
};
use referral_core::id::{AgencyId, Hash, Kind};

use super::reading::{Fault, FromWire, Reading};
use super::text::ToText;
use super::{Violations, capacity, limits, time};
use crate::v1;

/// Why an operation has no place in any log. The sending program's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Over [`limits::SIGNED_BYTES`].
    #[error("an operation has at most 68 KiB")]
    TooLarge,
    /// No agency id.
    #[error("an operation names the agency that signs it")]
    Agency,
    /// No epoch, or epoch 0.
    #[error("an operation names its epoch, from 1")]
    Epoch,
    /// A sequence number or counter of zero, or the greatest there is.
    #[error("operations and reports are counted from 1")]
    Sequence,
    /// Not a 32-byte hash.
    #[error("a hash has 32 bytes")]
    Hash,
    /// More than [`Ancestry::MOST`].
    #[error("an operation names at most 64 earlier ones")]
    Ancestors,
}

impl Malformed {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "operation_too_large",
            Self::Agency => "operation_agency",
            Self::Epoch => "operation_epoch",
            Self::Sequence => "operation_sequence",
            Self::Hash => "operation_hash",
            Self::Ancestors => "operation_ancestors",
        }
    }
}

/// Where an operation stands. `bytes` are the exact bytes it was decoded from: their hash is part of
/// its place.
///
/// # Errors
/// [`Malformed`] when it names no agency, no epoch, no sequence number or no head before it.
pub fn header(wire: &v1::Operation, bytes: &[u8]) -> Result<Header, Malformed> {
    if bytes.len() > limits::SIGNED_BYTES {
        return Err(Malformed::TooLarge);
    }
    Ok(Header {
        agency: agency(&wire.agency_id)?,
        position: Position {
            epoch: epoch(wire.epoch)?,
            seq: sequence(wire.seq)?,
            prev_head: hash(&wire.prev_head)?,
            hash: operation_hash(bytes),
        },
    })
}

/// Where a capacity operation stands: who signed it, and its place in that agency's stream.
///
/// # Errors
/// [`Malformed`] when it names no agency, no epoch or no counter.
pub fn capacity_header(wire: &v1::CapacityOperation) -> Result<(AgencyId, Order), Malformed> {
    let order = Order {
        epoch: epoch(wire.epoch)?,
        cseq: sequence(wire.cseq)?,
    };
    Ok((agency(&wire.agency_id)?, order))
}

/// What an operation says. Paths of the record's faults are counted from the record, e.g.
/// `service.phones[0].number`.
///
/// # Errors
/// [`Violations`] when it cannot be read, when an upsert has no record or a withdrawal has one, and
/// when the record is not the one the operation names.
pub fn change(wire: v1::Operation) -> Result<Change, Violations> {
    Reading::of(|at| {
        let does = at.number::<v1::OperationKind>("kind", wire.kind);
        let kind = at.number::<v1::RecordKind>("record_kind", wire.record_kind);
        let kind = kind.and_then(|kind| at.keep("record_kind", Kind::try_from(kind)));
        let id = at.required("local_id", &wire.local_id);
        let base = (!wire.base_hash.is_empty()).then(|| hash(&wire.base_hash));
        let base = base.and_then(|base| at.keep("base_hash", base));
        let made_at = at.given("made_at", wire.made_at);
        let made_at = made_at.and_then(|instant| at.keep("made_at", time::from_wire(instant)));
        let ancestors = ancestry(&wire.ancestors);
        let ancestors = at.keep("ancestors", ancestors);
        let does = does?;
        let record = record(does, wire.record, at);
        let change = Change {
            kind: kind?,
            id: id?,
            base,
            made_at: made_at?,
            record,
            for_good: does == v1::OperationKind::Delete,
            ancestors: ancestors?,
        };
        same_record(&change, at);
        Some(change)
    })
}

/// What a capacity operation says, checked at `now` as by [`capacity::report`].
///
/// # Errors
/// [`Violations`] when it holds no report or one that is refused, or remembers too many before it.
pub fn said(wire: v1::CapacityOperation, now: Timestamp) -> Result<Report, Violations> {
    if wire.earlier.len() > Earlier::MOST {
        let text = "at most 8 earlier reports are named";
        return Err(Violations::one("earlier", "too_many", text));
    }
    match wire.report {
        Some(report) => capacity::report(report, now),
        None => Err(Violations::one("report", "missing", "this must be given")),
    }
}

/// The operation that makes `change` the next of `agency`'s log, which stands at `after`. Its exact
/// bytes are what `encode_to_vec` gives: encode once, then sign, store and send those.
#[must_use]
pub fn operation(agency: &AgencyId, after: &Chain, change: &Change) -> v1::Operation {
    let does = match (&change.record, change.for_good) {
        (Some(_), _) => v1::OperationKind::Upsert,
        (None, false) => v1::OperationKind::Withdraw,
        (None, true) => v1::OperationKind::Delete,
    };
    v1::Operation {
        agency_id: agency.to_text(),
        epoch: Some(after.epoch.into()),
        seq: after.applied + 1,
        prev_head: hash_bytes(after.head),
        base_hash: change.base.map(hash_bytes).unwrap_or_default(),
        kind: does.into(),
        record_kind: v1::RecordKind::from(change.kind).into(),
        ancestors: ancestry_bytes(&change.ancestors),
        local_id: change.id.to_text(),
        made_at: Some(time::to_wire(change.made_at)),
        record: change.record.as_ref().map(v1::Record::from),
    }
}

/// The capacity operation that says `report`, knowing what was said `earlier`, at this place of `agency`'s
/// stream. Its exact bytes are
/// what `encode_to_vec` gives: encode once, then sign, store and send those.
#[must_use]
pub fn capacity_operation(
    agency: &AgencyId,
    order: Order,
    report: &Report,
    earlier: &Earlier,
) -> v1::CapacityOperation {
    v1::CapacityOperation {
        agency_id: agency.to_text(),
        epoch: Some(order.epoch.into()),
        cseq: order.cseq,
        report: Some(report.into()),
        earlier: earlier.as_slice().to_vec(),
    }
}

impl From<Epoch> for v1::Epoch {
    fn from(epoch: Epoch) -> Self {
        Self {
            generation: epoch.generation,
            number: epoch.number,
        }
    }
}

/// The epoch that `wire` names.
///
/// # Errors
/// [`Malformed::Epoch`] when it is absent or its number is 0.
pub fn epoch(wire: Option<v1::Epoch>) -> Result<Epoch, Malformed> {
    match wire {
        Some(v1::Epoch { generation, number }) if number > 0 => Ok(Epoch { generation, number }),
        _ => Err(Malformed::Epoch),
    }
}

/// The hash that these bytes are.
///
/// # Errors
/// [`Malformed::Hash`] unless there are 32 of them.
pub fn hash(bytes: &[u8]) -> Result<Hash, Malformed> {
    Hash::try_from(bytes).map_err(|_| Malformed::Hash)
}

/// Hashes of earlier operations of a record, oldest first.
///
/// # Errors
/// [`Malformed::Hash`] for one that has not 32 bytes, [`Malformed::Ancestors`] for more than 64.
pub fn ancestry(hashes: &[Vec<u8>]) -> Result<Ancestry, Malformed> {
    if hashes.len() > Ancestry::MOST {
        return Err(Malformed::Ancestors);
    }
    hashes.iter().map(|bytes| hash(bytes)).collect()
}

/// An ancestry as it travels.
#[must_use]
pub fn ancestry_bytes(ancestry: &Ancestry) -> Vec<Vec<u8>> {
    ancestry.iter().map(|hash| hash_bytes(*hash)).collect()
}

/// A hash as it travels.
#[must_use]
pub fn hash_bytes(hash: Hash) -> Vec<u8> {
    hash.as_bytes().to_vec()
}

fn agency(id: &str) -> Result<AgencyId, Malformed> {
    AgencyId::parse(id).map_err(|_| Malformed::Agency)
}

/// The greatest number is refused too: nothing could ever follow it.
fn sequence(number: u64) -> Result<u64, Malformed> {
    if (1..u64::MAX).contains(&number) {
        Ok(number)
    } else {
        Err(Malformed::Sequence)
    }
}

fn record(does: v1::OperationKind, wire: Option<v1::Record>, at: &mut Reading) -> Option<Record> {
    match (does, wire) {
        (v1::OperationKind::Upsert, Some(wire)) => Record::from_wire(wire, at),
        (v1::OperationKind::Upsert, None) => {
            let text = "an upsert carries the record";
            at.refuse("record", Fault::new("record_missing", text));
            None
        }
        (v1::OperationKind::Withdraw | v1::OperationKind::Delete, None) => None,
        (v1::OperationKind::Withdraw | v1::OperationKind::Delete, Some(_)) => {
            let text = "a withdrawal or deletion carries no record";
            at.refuse("record", Fault::new("record_unexpected", text));
            None
        }
        (v1::OperationKind::Unspecified, _) => {
            let text = "say what the operation does: upsert, withdraw or delete";
            at.refuse("kind", Fault::new("unspecified", text));
            None
        }
    }
}

fn same_record(change: &Change, at: &mut Reading) {
    let Some(record) = &change.record else {
        return;
    };
    if record.kind() != change.kind {
        let text = "the record is of another kind than the operation says";
        at.refuse("record_kind", Fault::new("record_kind_mismatch", text));
    }
    if *record.id() != change.id {
        let text = "the record has another id than the operation says";
        at.refuse("local_id", Fault::new("local_id_mismatch", text));
    }
}

impl From<Malformed> for Fault {
    fn from(why: Malformed) -> Self {
        Self::new(why.code(), why)
    }
}
