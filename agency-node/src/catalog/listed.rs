//! One record: what the agency wants published, and what the directory has of it.

use std::sync::Arc;

use prost::Message;
use referral_core::id::{Hash, Kind, LocalId};
use referral_proto::v1;

use super::RecordName;

/// One record as this node publishes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// The record as last queued, in its encoded wire form; `None`: withdrawn.
    pub payload: Option<Arc<[u8]>>,
    /// Its name, for people; empty where it has none.
    pub title: String,
    /// The import it came from last; `None`: it was not imported.
    pub source: Option<Arc<str>>,
    /// The last operation that was queued for it.
    last: Option<Made>,
    /// Operations whose fate the directory has not told yet, oldest first.
    undecided: Vec<Made>,
    /// The operation the directory holds, as far as it has told.
    accepted: Option<Hash>,
}

/// An operation that was queued for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its sequence number.
    pub seq: u64,
    /// The hash of its exact bytes.
    pub hash: Hash,
    /// The record's operation that it replaces.
    pub base: Option<Hash>,
}

impl Listed {
    /// The operation that the next one replaces; `None`: the directory has none.
    #[must_use]
    pub fn base(&self) -> Option<Hash> {
        let undecided = self.undecided.last().map(|made| made.hash);
        undecided.or(self.accepted)
    }

    /// The last operation that was queued for it.
    #[must_use]
    pub fn last(&self) -> Option<Made> {
        self.last
    }

    /// The record; `None`: withdrawn.
    #[must_use]
    pub fn record(&self) -> Option<v1::Record> {
        // The bytes were written by this program from the same message.
        v1::Record::decode(self.payload.as_deref()?).ok()
    }

    /// The records it refers to.
    #[must_use]
    pub fn references(&self) -> Vec<RecordName> {
        self.record()
            .map(|record| references(&record))
            .unwrap_or_default()
    }

    /// True while the directory has not told the fate of some operation.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        !self.undecided.is_empty()
    }

    /// Whether the wish has to be queued again now that the operation `refused` was: it is the last one,
    /// and it was based on something the directory does not hold.
    #[must_use]
    pub fn lost_its_base(&self, refused: u64) -> bool {
        let last = self
            .last
            .filter(|last| last.seq == refused && last.base != self.accepted);
        self.undecided.is_empty() && last.is_some()
    }

    /// True when it is withdrawn and the directory never had it: a refused withdrawal changes nothing.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.payload.is_none() && self.accepted.is_none() && self.undecided.is_empty()
    }

    pub(crate) fn queue(
        &mut self,
        made: Made,
        payload: Option<Arc<[u8]>>,
        title: String,
        source: Option<Arc<str>>,
    ) {
        self.last = Some(made);
        self.undecided.push(made);
        self.payload = payload;
        self.title = title;
        self.source = source;
    }

    /// The directory holds the operation with this sequence number. False when it was refused.
    pub(crate) fn accept(&mut self, seq: u64) -> bool {
        let Some(made) = self.take(seq) else {
            return false;
        };
        self.accepted = Some(made.hash);
        true
    }

    /// The directory refused the operation with this sequence number. False when that was decided.
    pub(crate) fn refuse(&mut self, seq: u64) -> bool {
        self.take(seq).is_some()
    }

    fn take(&mut self, seq: u64) -> Option<Made> {
        let at = self.undecided.iter().position(|made| made.seq == seq)?;
        Some(self.undecided.remove(at))
    }
}

/// The name of a record, for people; empty where it has none.
pub(crate) fn title(record: &v1::Record) -> &str {
    match &record.record {
        Some(v1::record::Record::Organization(organization)) => &organization.name,
        Some(v1::record::Record::Location(location)) => &location.name,
        Some(v1::record::Record::Service(service)) => &service.name,
        None => "",
    }
}

/// The records that a record refers to. Ids that are none are left out: the directory refuses them.
pub(crate) fn references(record: &v1::Record) -> Vec<RecordName> {
    let name = |kind, id: &str| LocalId::parse(id).ok().map(|id| RecordName { kind, id });
    match &record.record {
        Some(v1::record::Record::Location(location)) => {
            name(Kind::Organization, &location.organization_id)
                .into_iter()
                .collect()
        }
        Some(v1::record::Record::Service(service)) => {
            let at = service.offers.iter();
            let at = at.filter_map(|offer| name(Kind::Location, &offer.location_id));
            name(Kind::Organization, &service.organization_id)
                .into_iter()
                .chain(at)
                .collect()
        }
        _ => Vec::new(),
    }
}
