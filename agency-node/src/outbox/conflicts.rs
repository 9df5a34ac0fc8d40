//! What a comparison with the directory left for people: versions to choose from, and operations that
//! somebody else signed.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::{Ancestry, Tip};
use referral_core::id::Hash;
use referral_proto::v1;

use super::comparing::{self, Conflicting};
use super::fold::Inconsistent;
use crate::catalog::{Held, RecordName};

/// A version of a record that was here, while the directory held another: neither was made knowing the
/// other (R7). The directory's stays live until a person decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The record.
    pub name: RecordName,
    /// The record as it was here, in its encoded wire form; `None`: withdrawn or deleted.
    pub payload: Option<Arc<[u8]>>,
    /// True: deleted for good here.
    pub for_good: bool,
    /// This node's operation.
    pub ours: Hash,
    /// The directory's operation at that time.
    pub theirs: Hash,
    /// When it was found.
    pub found_at: Timestamp,
}

/// An operation that the directory holds and this node's key did not sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsigned {
    /// The operation.
    pub held: Held,
    /// Why it is not believed.
    pub why: String,
}

impl Unsigned {
    /// The operation as a tip. Nothing is known of what its author knew.
    pub(super) fn tip(&self) -> Tip {
        Tip {
            hash: self.held.hash,
            live: self.held.live,
            ancestors: Ancestry::default(),
        }
    }
}

/// Conflicts by their numbers: journal indexes, in the order in which they were found.
pub type Conflicts = BTreeMap<u64, Conflict>;

impl Conflict {
    /// The record as it was here; `None`: withdrawn or deleted.
    #[must_use]
    pub fn record(&self) -> Option<v1::Record> {
        // The bytes were written by this program from the same message.
        v1::Record::decode(self.payload.as_deref()?).ok()
    }

    pub(super) fn read(entry: Conflicting, found_at: Timestamp) -> Result<Self, Inconsistent> {
        let name = comparing::name(entry.kind, &entry.local_id);
        Ok(Self {
            name: name.ok_or(Inconsistent::Unreadable)?,
            payload: entry.payload.map(Into::into),
            for_good: entry.for_good,
            ours: comparing::hash(&entry.ours).ok_or(Inconsistent::Unreadable)?,
            theirs: comparing::hash(&entry.theirs).ok_or(Inconsistent::Unreadable)?,
            found_at,
        })
    }

    pub(super) fn write(&self) -> Conflicting {
        Conflicting {
            kind: v1::RecordKind::from(self.name.kind).into(),
            local_id: self.name.id.to_string(),
            payload: self.payload.as_deref().map(<[u8]>::to_vec),
            for_good: self.for_good,
            ours: self.ours.as_bytes().to_vec(),
            theirs: self.theirs.as_bytes().to_vec(),
            ..Conflicting::default()
        }
    }
}
