//! The records this node publishes, and what the directory is known to hold of each.
//!
//! [`Catalog`] is folded from the node's own journal by [`crate::outbox::Outbox`]. A record's [`Listed`]
//! says what the agency wants published, and which operation the next one is based on: the last one
//! queued or, where that was refused, the last one accepted. Nothing here signs, sends or stores.

pub(crate) mod listed;
mod nearest;

use std::collections::BTreeMap;

use referral_core::id::{Kind, LocalId};

pub(crate) use listed::stored;
pub use listed::{Held, Kept, Listed, Made};
pub use nearest::nearest;
pub use referral_core::id::RecordName;

/// Every record this node ever published, withdrawn ones included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    records: BTreeMap<RecordName, Listed>,
}

impl Catalog {
    /// One record.
    #[must_use]
    pub fn get(&self, name: &RecordName) -> Option<&Listed> {
        self.records.get(name)
    }

    /// Every record, in order of reference.
    pub fn iter(&self) -> impl Iterator<Item = (&RecordName, &Listed)> {
        self.records.iter()
    }

    /// How many records there are, withdrawn and deleted ones too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// A record that is published or waits to be; `None` when it is unknown or withdrawn.
    #[must_use]
    pub fn wanted(&self, name: &RecordName) -> Option<&Listed> {
        self.get(name).filter(|listed| listed.payload.is_some())
    }

    /// How many records of a kind are published or wait to be.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        let of_kind = self.records.iter().filter(|(name, _)| name.kind == kind);
        of_kind
            .filter(|(_, listed)| listed.payload.is_some())
            .count()
    }

    /// The ids of services that people could have meant by `id`, best first, at most `most`.
    #[must_use]
    pub fn nearest(&self, kind: Kind, id: &str, most: usize) -> Vec<&LocalId> {
        let wanted = self
            .records
            .iter()
            .filter(|(_, listed)| listed.payload.is_some());
        let ids = wanted
            .filter(|(name, _)| name.kind == kind)
            .map(|(name, _)| &name.id);
        nearest(id, ids, most)
    }

    pub(crate) fn get_mut(&mut self, name: &RecordName) -> Option<&mut Listed> {
        self.records.get_mut(name)
    }

    /// Every record: a new epoch begins.
    pub(crate) fn begin_epoch(&mut self) {
        self.records.values_mut().for_each(Listed::begin_epoch);
    }

    pub(crate) fn entry(&mut self, name: RecordName) -> &mut Listed {
        self.records.entry(name).or_default()
    }
}
