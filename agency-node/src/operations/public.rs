//! What everybody is served of this agency, compared with what this node published.
//!
//! It was read without a certificate, as anybody reads it. Another version than the agency's is always a difference.
//! That something is not served is one only where nothing the node knows of explains it: what is for few, held back or
//! belongs to such a record is not for everybody.

use std::collections::{BTreeMap, BTreeSet};

use referral_core::catalog::{Record, Service, Tier};
use referral_core::federation::operation_hash;
use referral_core::id::{Hash, Kind, LocalId};
use referral_proto::v1;

use super::status::Rejection;
use super::verify::{altered, refusal};
use super::{HeldBack, Node};
use crate::catalog::{Listed, RecordName};
use crate::outbox::Outbox;
use crate::outbox::codec::Refusal;

/// What everybody is served, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Public {
    /// By record.
    pub served: BTreeMap<RecordName, Served>,
    /// Why it was not read to its end, in words; empty: it was.
    pub problem: String,
}

/// What everybody is served of one record.
#[derive(Clone, Debug, PartialEq)]
pub enum Served {
    /// The operation that this node believed to be there when it was asked.
    AsPublished,
    /// Another one.
    Otherwise(v1::Signed),
    /// Nothing.
    Nothing,
}

impl Served {
    /// What an answer says of a record that this node believes to stand at `ours`.
    #[must_use]
    pub fn read(answer: Option<v1::Signed>, ours: Hash) -> Self {
        match answer {
            Some(signed) if operation_hash(&signed.bytes) == ours => Self::AsPublished,
            Some(signed) => Self::Otherwise(signed),
            None => Self::Nothing,
        }
    }
}

impl Node {
    /// The operations by which the records stand that the directory has of this agency.
    #[must_use]
    pub fn published(&self) -> BTreeMap<RecordName, Hash> {
        let own = |(name, hash): (&RecordName, Hash)| (name.clone(), hash);
        self.read(|outbox| outbox.believed().map(own).collect())
    }

    /// Of these, those that are served otherwise than this node published them: it may be too early to say so.
    ///
    /// * `told` — the operations whose fate the node knew when it was asked.
    #[must_use]
    pub fn unlike(&self, served: &BTreeMap<RecordName, Served>, told: u64) -> Vec<RecordName> {
        let held = self.held_back().borrow().clone();
        let (_, unlike) = self.read(|outbox| unlike(outbox, held.as_ref(), served, told));
        let names = unlike.into_iter().map(|one| RecordName {
            kind: one.kind,
            id: one.id,
        });
        names.collect()
    }
}

/// How many records were compared, and those that are served otherwise than they were published.
pub(super) fn unlike(
    outbox: &Outbox,
    held: Option<&HeldBack>,
    served: &BTreeMap<RecordName, Served>,
    told: u64,
) -> (usize, Vec<Rejection>) {
    let believed: BTreeSet<&RecordName> = outbox.believed().map(|(name, _)| name).collect();
    let comparable = served.iter().filter(|(name, _)| {
        let last = outbox.catalog().get(name).and_then(Listed::last);
        believed.contains(name) && last.is_none_or(|last| last.seq <= told)
    });
    let (mut records, mut unlike) = (0, Vec::new());
    for (name, served) in comparable {
        records += usize::from(*served != Served::Nothing);
        if let Some(refusal) = difference(outbox, held, name, served) {
            unlike.push(Rejection {
                kind: name.kind,
                id: name.id.clone(),
                refusal,
            });
        }
    }
    (records, unlike)
}

fn difference(
    outbox: &Outbox,
    held: Option<&HeldBack>,
    name: &RecordName,
    served: &Served,
) -> Option<Refusal> {
    match served {
        Served::Otherwise(signed) => {
            let Refusal { field, text, .. } = altered(outbox, name, signed, "everybody is shown");
            Some(Refusal {
                field,
                ..refusal("public_altered", &text)
            })
        }
        Served::Nothing if is_for_everybody(outbox, held, name) => Some(refusal(
            "public_missing",
            "it is not shown to everybody, and nothing is known to keep it back",
        )),
        Served::AsPublished | Served::Nothing => None,
    }
}

/// Whether a service is known to be for everybody, with everything it refers to.
fn is_for_everybody(outbox: &Outbox, held: Option<&HeldBack>, name: &RecordName) -> bool {
    let is_held = held.is_none_or(|held| held.services.contains_key(&name.id));
    let Some(Record::Service(service)) = record(outbox, name).filter(|_| !is_held) else {
        return false;
    };
    is_public(&service)
        && beside(outbox, Kind::Organization, &service.organization).is_some()
        && service.offers.iter().all(|offer| {
            let location = beside(outbox, Kind::Location, &offer.location);
            matches!(location, Some(Record::Location(location)) if location.tier == Tier::Public)
        })
}

fn is_public(service: &Service) -> bool {
    service.tier == Tier::Public && service.tiers.restricted().next().is_none()
}

/// A record that the directory has exactly as it is here.
fn beside(outbox: &Outbox, kind: Kind, id: &LocalId) -> Option<Record> {
    let id = id.clone();
    let name = RecordName { kind, id };
    let listed = outbox.catalog().get(&name)?;
    let last = listed.last().map(|last| last.hash);
    let held = listed.accepted().filter(|held| held.live);
    let is_there = held.is_some_and(|held| last.is_none_or(|last| last == held.hash));
    record(outbox, &name).filter(|_| is_there)
}

fn record(outbox: &Outbox, name: &RecordName) -> Option<Record> {
    let wire = outbox.catalog().get(name)?.record()?;
    Record::try_from(wire).ok()
}
