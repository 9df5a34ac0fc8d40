//! What changes, and what the changes fold to.

use std::collections::HashMap;

use jiff::Timestamp;
use referral_core::capacity::{Believed, State, Stated, Ttl, Unit};
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};

use super::HistoryError;
use super::reader::Reader;
use super::said::Said;
use super::versions::{Version, Versions};

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A record's listing.
    Listing(RecordKey),
    /// Capacity of an agency's service, and of one location of it where that is named.
    Capacity(AgencyId, LocalId, Option<LocalId>),
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The record was published, for the first time or anew, and said this.
    Published(Said),
    /// The record was withdrawn or deleted.
    Removed,
    /// Capacity was reported.
    Reported(Capacity),
}

/// Capacity as it was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// What was stated.
    pub stated: Stated,
    /// Places available of the main count and their unit, where a number was given.
    pub available: Option<(u32, Unit)>,
    /// When it was observed, in whole seconds.
    pub observed_at: Timestamp,
    /// How long it is believed.
    pub ttl: Ttl,
    /// When a paused, closed or window service was to change, if it said.
    pub changes_at: Option<Timestamp>,
    /// True when the directory was restored from a backup since.
    pub before_restore: bool,
}

/// How a listing came to be as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// When it appeared, as far as the month tells: at its beginning for what was there before.
    pub appeared_at: Timestamp,
    /// When it changed last.
    pub changed_at: Timestamp,
    /// What it said.
    pub version: Version,
}

/// What was listed and free at a time. Subjects have the numbers they have in their month.
#[derive(Clone, Debug, Default)]
pub struct Past {
    subjects: Vec<Folded>,
    /// Capacity subjects by service: a report about all of a service ends those about its locations.
    services: Vec<OfService>,
    numbers: HashMap<(AgencyId, LocalId), usize>,
    /// The generation of the directory; 0: none yet.
    pub(super) generation: u64,
    /// The file of versions that the month refers to.
    pub(super) log: u64,
}

#[derive(Clone, Debug)]
struct Folded {
    subject: Subject,
    listed: Option<Listed>,
    capacity: Option<Capacity>,
    service: usize,
}

#[derive(Clone, Debug, Default)]
struct OfService {
    at: Vec<usize>,
}

/// What a capacity report is about: agency, service, location.
pub type About<'a> = (&'a AgencyId, &'a LocalId, Option<&'a LocalId>);

/// Something that changed what capacity is believed.
#[derive(Clone, Copy, Debug)]
pub enum Happened<'a> {
    /// Capacity was reported.
    Reported(About<'a>, &'a Capacity),
    /// The directory was restored: what was reported before counts no more.
    Restored,
}

/// One change as it is in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    Published(Version),
    Removed,
    Reported(Capacity),
}

impl Capacity {
    /// The state at `now`, where a report about this service is believed for at most `longest`.
    #[must_use]
    pub fn state_at(&self, longest: Ttl, now: Timestamp) -> State {
        let until = self
            .observed_at
            .saturating_add(self.ttl.min(longest).duration());
        let expires = !matches!(self.stated, Stated::Closed | Stated::Unknown);
        let believed = Believed {
            stated: self.stated,
            changes_at: self.changes_at,
            expires_at: expires.then(|| until.unwrap_or(Timestamp::MAX)),
            before_restore: self.before_restore,
        };
        believed.state_at(now)
    }
}

impl Past {
    /// The records that were listed, in the order in which the month names them.
    pub fn listed(&self) -> impl Iterator<Item = (&RecordKey, &Listed)> {
        self.subjects.iter().filter_map(|folded| {
            let Subject::Listing(record) = &folded.subject else {
                return None;
            };
            Some((record, folded.listed.as_ref()?))
        })
    }

    /// The last report about each service and location that no later one about the whole service ended,
    /// whether still believed or not: agency, service, location, report. Order as above.
    pub fn capacities(
        &self,
    ) -> impl Iterator<Item = (&AgencyId, &LocalId, Option<&LocalId>, &Capacity)> {
        self.subjects.iter().filter_map(|folded| {
            let Subject::Capacity(agency, service, location) = &folded.subject else {
                return None;
            };
            Some((
                agency,
                service,
                location.as_ref(),
                folded.capacity.as_ref()?,
            ))
        })
    }

    /// Names the next subject.
    pub(super) fn name(&mut self, subject: Subject) {
        let number = self.subjects.len();
        let mut of = usize::MAX;
        if let Subject::Capacity(agency, service, location) = &subject {
            let next = self.services.len();
            let key = (agency.clone(), service.clone());
            of = *self.numbers.entry(key).or_insert(next);
            if of == next {
                self.services.push(OfService::default());
            }
            if location.is_some() {
                self.services[of].at.push(number);
            }
        }
        self.subjects.push(Folded {
            subject,
            listed: None,
            capacity: None,
            service: of,
        });
    }

    /// Takes a change in; false when the month named no such subject, or one of another kind.
    pub(super) fn take(&mut self, number: u64, change: Noted, at: Timestamp) -> bool {
        let known = usize::try_from(number).ok();
        let Some(folded) = known.and_then(|number| self.subjects.get_mut(number)) else {
            return false;
        };
        match (change, &folded.subject) {
            (Noted::Published(version), Subject::Listing(_)) => {
                let appeared_at = folded.listed.map_or(at, |listed| listed.appeared_at);
                folded.listed = Some(Listed {
                    appeared_at,
                    changed_at: at,
                    version,
                });
            }
            (Noted::Removed, Subject::Listing(_)) => folded.listed = None,
            (Noted::Reported(capacity), Subject::Capacity(_, _, location)) => {
                folded.capacity = Some(capacity);
                if location.is_none() {
                    let of = folded.service;
                    for &at in &self.services[of].at {
                        self.subjects[at].capacity = None;
                    }
                }
            }
            _ => return false,
        }
        true
    }

    /// The directory was restored or began anew: what was reported before counts no more.
    pub(super) fn begin_generation(&mut self, generation: u64) {
        if self.generation != 0 && self.generation < generation {
            let capacities = self.subjects.iter_mut();
            for capacity in capacities.filter_map(|folded| folded.capacity.as_mut()) {
                capacity.before_restore = true;
            }
        }
        self.generation = generation;
    }

    /// Everything that stands, in an order that folds to the same: what is about a whole service comes before
    /// what is about its locations. Subjects are in order within each of the three: see [`super::frame`] on names.
    pub(super) fn standing(&self) -> impl Iterator<Item = (&Subject, Noted)> {
        let in_order = |mut some: Vec<_>| {
            some.sort_unstable_by_key(|(subject, _)| *subject);
            some
        };
        let listed = self.subjects.iter().filter_map(|folded| {
            let version = folded.listed?.version;
            Some((&folded.subject, Noted::Published(version)))
        });
        let reported = |whole: bool| {
            self.subjects.iter().filter_map(move |folded| {
                let is_whole = matches!(folded.subject, Subject::Capacity(_, _, None));
                let capacity = folded.capacity.filter(|_| is_whole == whole)?;
                Some((&folded.subject, Noted::Reported(capacity)))
            })
        };
        let whole = in_order(reported(true).collect());
        let at = in_order(reported(false).collect());
        in_order(listed.collect())
            .into_iter()
            .chain(whole)
            .chain(at)
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

impl Past {
    /// Copies what is listed into another file of versions, which it refers to from then on.
    pub(super) fn move_to(
        &mut self,
        reader: &Reader,
        versions: &mut Versions,
    ) -> Result<(), HistoryError> {
        let numbered = self.subjects.iter().enumerate();
        let numbered = numbered.filter_map(|(at, folded)| Some((folded.listed?.version, at)));
        let mut numbered: Vec<(Version, usize)> = numbered.collect();
        numbered.sort_unstable();
        let wanted: Vec<Version> = numbered.iter().map(|(version, _)| *version).collect();
        let mut failed = Ok(());
        reader.versions(self.log, &wanted, |place, bytes| {
            let (version, at) = numbered[place];
            match versions.push(bytes, version.hash) {
                Ok(moved) => {
                    if let Some(listed) = &mut self.subjects[at].listed {
                        listed.version = moved;
                    }
                }
                Err(error) => failed = Err(error),
            }
        })?;
        failed?;
        self.log = versions.log;
        Ok(())
    }
}
