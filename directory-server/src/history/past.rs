//! What changes, and what the changes fold to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};

/// Subjects in one frame of a month's beginning.
pub(super) const CHUNK: usize = 1_000;

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A record's listing.
    Listing(RecordKey),
    /// Capacity of an agency's service, and of one location of it where that is named.
    Capacity(AgencyId, LocalId, Option<LocalId>),
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The record was published, for the first time or anew.
    Published,
    /// The record was withdrawn or deleted.
    Removed,
    /// Capacity was reported.
    Reported(Capacity),
}

/// Capacity as it was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// The state, as a number of [`crate::history`]'s caller: at most 15.
    pub state: u8,
    /// Places available of the main count, where one was given.
    pub available: Option<u32>,
    /// When the report becomes stale, in whole seconds; `None`: never.
    pub expires_at: Option<Timestamp>,
}

/// How a listing came to be as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// When it appeared, as far as the month tells: at its beginning for what was there before.
    pub appeared_at: Timestamp,
    /// When it changed last.
    pub changed_at: Timestamp,
}

/// What was listed and free at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// The records that were listed.
    pub listed: BTreeMap<RecordKey, Listed>,
    /// The last report about each service and location, whether still believed or not.
    pub capacities: BTreeMap<(AgencyId, LocalId, Option<LocalId>), Capacity>,
}

impl Past {
    pub(super) fn take(&mut self, subject: &Subject, change: Change, at: Timestamp) {
        match (subject, change) {
            (Subject::Listing(record), Change::Published) => {
                let appeared = Listed {
                    appeared_at: at,
                    changed_at: at,
                };
                let listed = self.listed.entry(record.clone());
                listed.or_insert(appeared).changed_at = at;
            }
            (Subject::Listing(record), Change::Removed) => drop(self.listed.remove(record)),
            (Subject::Capacity(agency, service, location), Change::Reported(capacity)) => {
                let key = (agency.clone(), service.clone(), location.clone());
                self.capacities.insert(key, capacity);
            }
            _ => {}
        }
    }

    /// All of it as changes, a frame's worth at a time.
    pub(super) fn chunks(&self) -> impl Iterator<Item = Vec<(Subject, Change)>> {
        let listed = self.listed.keys().cloned();
        let listed = listed.map(|record| (Subject::Listing(record), Change::Published));
        let capacities = self.capacities.iter().map(|(key, capacity)| {
            let (agency, service, location) = key.clone();
            let subject = Subject::Capacity(agency, service, location);
            (subject, Change::Reported(*capacity))
        });
        let mut all = listed.chain(capacities).peekable();
        std::iter::from_fn(move || {
            all.peek()?;
            Some(all.by_ref().take(CHUNK).collect())
        })
    }
}

impl Subject {
    /// Its name in a file. Ids hold no `/`.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Listing(RecordKey { agency, kind, id }) => format!("{kind}/{agency}/{id}"),
            Self::Capacity(agency, service, None) => format!("c/{agency}/{service}"),
            Self::Capacity(agency, service, Some(at)) => format!("c/{agency}/{service}/{at}"),
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('/');
        let kind = parts.next()?;
        let agency = AgencyId::parse(parts.next()?).ok()?;
        let id = LocalId::parse(parts.next()?).ok()?;
        let more = parts.next();
        if kind == "c" {
            let location = match more {
                Some(location) => Some(LocalId::parse(location).ok()?),
                None => None,
            };
            return Some(Self::Capacity(agency, id, location));
        }
        let kind = Kind::parse(kind).ok()?;
        Some(Self::Listing(RecordKey { agency, kind, id }))
    }
}
