//! The tip of one record.

use referral_core::capacity::{Ttl, ttl_for};
use referral_core::catalog::Record;
use referral_core::federation::{Ancestry, Change, Tip};
use referral_core::id::{AgencyId, Hash, RecordKey, RecordName};

/// The tip of one record: small, for there are millions.
#[derive(Clone, Debug)]
pub(in super::super) struct RecordHead {
    /// Its name at its agency.
    pub(in super::super) name: RecordName,
    /// Its current operation; a withdrawal too.
    pub(in super::super) hash: Hash,
    /// False once withdrawn.
    pub(in super::super) live: bool,
    /// How many live records refer to it.
    pub(in super::super) referrers: u32,
    /// How long capacity of this service is believed.
    pub(in super::super) ttl: Ttl,
    pub(super) references: Box<[u128]>,
    ancestors: Box<[Hash]>,
}

impl RecordHead {
    /// The tip after `change`, whose operation has this hash.
    pub(super) fn after(agency: &AgencyId, hash: Hash, change: &Change, referrers: u32) -> Self {
        Self {
            name: RecordName {
                kind: change.kind,
                id: change.id.clone(),
            },
            hash,
            live: change.record.is_some(),
            referrers,
            ttl: change.record.as_ref().map_or(Ttl::LONGEST, ttl_of),
            references: references(agency, change),
            ancestors: change.ancestors.iter().copied().collect(),
        }
    }

    /// What its agency's node is told of it.
    pub(super) fn tip(&self) -> Tip {
        Tip {
            hash: self.hash,
            live: self.live,
            ancestors: self.ancestors.iter().copied().collect::<Ancestry>(),
        }
    }
}

fn references(agency: &AgencyId, change: &Change) -> Box<[u128]> {
    let Some(record) = &change.record else {
        return Box::default();
    };
    let mut ids: Vec<u128> = record
        .references()
        .into_iter()
        .map(|(kind, id)| RecordKey {
            agency: agency.clone(),
            kind,
            id: id.clone(),
        })
        .map(|key| key.public_id().as_u128())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into()
}

fn ttl_of(record: &Record) -> Ttl {
    match record {
        Record::Service(service) => ttl_for(service.attributes.iter().map(|a| &a.code), None),
        _ => Ttl::LONGEST,
    }
}
