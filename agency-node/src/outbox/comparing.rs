//! Entries that a comparison with the directory makes (R7), and a person's decisions about it.
//!
//! They stand in sets, like what is queued: `set` is the journal index of the set's first entry, and
//! `completes` is true on its last. Until that one is there, nothing of the set counts.

use prost::Message;
use referral_core::federation::{Ancestry, Epoch, Tip};
use referral_core::id::{Hash, LocalId, RecordName};
use referral_proto::v1;

use super::codec::kind_from_wire;

/// A new epoch: the log begins again, and every record that the set does not name stands at the directory
/// as it does here (R6).
#[derive(Clone, PartialEq, Message)]
pub struct Granted {
    /// The set's first entry.
    #[prost(uint64, tag = "1")]
    pub set: u64,
    /// True on the set's last entry.
    #[prost(bool, tag = "2")]
    pub completes: bool,
    /// The directory's generation.
    #[prost(uint64, tag = "3")]
    pub generation: u64,
    /// The number of the epoch within it.
    #[prost(uint64, tag = "4")]
    pub number: u64,
}

/// What the directory really holds of a record: the base of the next operation.
#[derive(Clone, PartialEq, Message)]
pub struct Found {
    /// The set's first entry.
    #[prost(uint64, tag = "1")]
    pub set: u64,
    /// True on the set's last entry.
    #[prost(bool, tag = "2")]
    pub completes: bool,
    /// What the record is: a `RecordKind`.
    #[prost(int32, tag = "3")]
    pub kind: i32,
    /// Its id.
    #[prost(string, tag = "4")]
    pub local_id: String,
    /// Hash of its operation, 32 bytes; empty: the directory holds none.
    #[prost(bytes = "vec", tag = "5")]
    pub hash: Vec<u8>,
    /// False when that removes it.
    #[prost(bool, tag = "6")]
    pub live: bool,
    /// Earlier operations its author knew.
    #[prost(bytes = "vec", repeated, tag = "7")]
    pub ancestors: Vec<Vec<u8>>,
}

/// An operation of the directory's that was taken over.
#[derive(Clone, PartialEq, Message)]
pub struct Adopted {
    /// The set's first entry.
    #[prost(uint64, tag = "1")]
    pub set: u64,
    /// True on the set's last entry.
    #[prost(bool, tag = "2")]
    pub completes: bool,
    /// Its exact bytes.
    #[prost(bytes = "vec", tag = "3")]
    pub bytes: Vec<u8>,
    /// The signature over them, 64 bytes.
    #[prost(bytes = "vec", tag = "4")]
    pub signature: Vec<u8>,
}

/// A version of this node's that neither knew nor was known to the directory's.
#[derive(Clone, PartialEq, Message)]
pub struct Conflicting {
    /// The set's first entry.
    #[prost(uint64, tag = "1")]
    pub set: u64,
    /// True on the set's last entry.
    #[prost(bool, tag = "2")]
    pub completes: bool,
    /// What the record is: a `RecordKind`.
    #[prost(int32, tag = "3")]
    pub kind: i32,
    /// Its id.
    #[prost(string, tag = "4")]
    pub local_id: String,
    /// The record as it was here, encoded; absent: withdrawn or deleted.
    #[prost(bytes = "vec", optional, tag = "5")]
    pub payload: Option<Vec<u8>>,
    /// True: deleted for good.
    #[prost(bool, tag = "6")]
    pub for_good: bool,
    /// Hash of this node's operation, 32 bytes.
    #[prost(bytes = "vec", tag = "7")]
    pub ours: Vec<u8>,
    /// Hash of the directory's operation, 32 bytes.
    #[prost(bytes = "vec", tag = "8")]
    pub theirs: Vec<u8>,
}

/// An operation of the directory's that is not taken over, because this node's key did not sign it.
#[derive(Clone, PartialEq, Message)]
pub struct Foreign {
    /// The set's first entry.
    #[prost(uint64, tag = "1")]
    pub set: u64,
    /// True on the set's last entry.
    #[prost(bool, tag = "2")]
    pub completes: bool,
    /// What the record is: a `RecordKind`.
    #[prost(int32, tag = "3")]
    pub kind: i32,
    /// Its id.
    #[prost(string, tag = "4")]
    pub local_id: String,
    /// Hash of the operation, 32 bytes.
    #[prost(bytes = "vec", tag = "5")]
    pub hash: Vec<u8>,
    /// False when it removes the record.
    #[prost(bool, tag = "6")]
    pub live: bool,
    /// Why it is not taken over: one plain sentence.
    #[prost(string, tag = "7")]
    pub why: String,
}

/// A conflict that was decided.
#[derive(Clone, PartialEq, Message)]
pub struct Resolved {
    /// The set's first entry.
    #[prost(uint64, tag = "1")]
    pub set: u64,
    /// True on the set's last entry.
    #[prost(bool, tag = "2")]
    pub completes: bool,
    /// The conflict's number.
    #[prost(uint64, tag = "3")]
    pub conflict: u64,
}

impl Granted {
    pub(super) fn new(epoch: Epoch) -> Self {
        Self {
            generation: epoch.generation,
            number: epoch.number,
            ..Self::default()
        }
    }

    pub(super) fn epoch(&self) -> Epoch {
        Epoch {
            generation: self.generation,
            number: self.number,
        }
    }
}

impl Found {
    pub(super) fn new(name: &RecordName, tip: Option<&Tip>) -> Self {
        let ancestors = tip.map(|tip| tip.ancestors.iter());
        Self {
            kind: v1::RecordKind::from(name.kind).into(),
            local_id: name.id.to_string(),
            hash: tip.map(|tip| bytes(tip.hash)).unwrap_or_default(),
            live: tip.is_some_and(|tip| tip.live),
            ancestors: ancestors
                .into_iter()
                .flatten()
                .copied()
                .map(bytes)
                .collect(),
            ..Self::default()
        }
    }

    /// The record and its tip; `None` when it cannot be read.
    pub(super) fn read(&self) -> Option<(RecordName, Option<Tip>)> {
        let name = name(self.kind, &self.local_id)?;
        if self.hash.is_empty() {
            return Some((name, None));
        }
        let ancestors = self.ancestors.iter().map(|one| hash(one));
        let tip = Tip {
            hash: hash(&self.hash)?,
            live: self.live,
            ancestors: ancestors.collect::<Option<Ancestry>>()?,
        };
        Some((name, Some(tip)))
    }
}

impl Foreign {
    pub(super) fn new(name: &RecordName, tip: &Tip, why: &str) -> Self {
        Self {
            kind: v1::RecordKind::from(name.kind).into(),
            local_id: name.id.to_string(),
            hash: bytes(tip.hash),
            live: tip.live,
            why: why.to_owned(),
            ..Self::default()
        }
    }
}

/// The record's name; `None` when it is none.
pub(crate) fn name(kind: i32, id: &str) -> Option<RecordName> {
    Some(RecordName {
        kind: kind_from_wire(kind)?,
        id: LocalId::parse(id).ok()?,
    })
}

/// The hash; `None` unless there are 32 bytes.
pub(super) fn hash(bytes: &[u8]) -> Option<Hash> {
    Hash::try_from(bytes).ok()
}

fn bytes(hash: Hash) -> Vec<u8> {
    hash.as_bytes().to_vec()
}
