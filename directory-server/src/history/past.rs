//! What changes, and what the changes fold to.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use jiff::Timestamp;
use referral_core::capacity::{Believed, State, Stated, Ttl, Unit};
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};

use super::HistoryError;
use super::chunks::Chunks;
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

/// What was listed and free at a time. Subjects have the numbers they have in their month.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// What each number of the month stands for.
    subjects: Chunks<Place>,
    listings: Chunks<Listing>,
    pools: Chunks<Pool>,
    /// One pool of each service: a report about all of a service ends those about its locations.
    services: HashTable<u32>,
    seed: RandomState,
    /// The generation of the directory; 0: none yet.
    pub(super) generation: u64,
    /// The file of versions that the month refers to.
    pub(super) log: u64,
}

/// Where a subject is.
#[derive(Clone, Copy, Debug)]
enum Place {
    Listing(u32),
    Pool(u32),
}

#[derive(Clone, Debug)]
struct Listing {
    record: RecordKey,
    /// What it said last; `None`: not listed.
    said: Option<Version>,
}

#[derive(Clone, Debug)]
struct Pool {
    agency: AgencyId,
    service: LocalId,
    location: Option<LocalId>,
    capacity: Option<Capacity>,
    /// Another pool of the service. The last leads back to the first.
    next: u32,
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
    /// The records that were listed and what they said, in the order in which the month names them.
    pub fn listed(&self) -> impl Iterator<Item = (&RecordKey, Version)> {
        let listings = self.listings.iter();
        listings.filter_map(|listing| Some((&listing.record, listing.said?)))
    }

    /// The last report about each service and location that no later one about the whole service ended,
    /// whether still believed or not: agency, service, location, report. Order as above.
    pub fn capacities(
        &self,
    ) -> impl Iterator<Item = (&AgencyId, &LocalId, Option<&LocalId>, &Capacity)> {
        self.pools.iter().filter_map(|pool| {
            let capacity = pool.capacity.as_ref()?;
            Some((
                &pool.agency,
                &pool.service,
                pool.location.as_ref(),
                capacity,
            ))
        })
    }

    /// The reports about a service that count: the location that each is about, or all of it, and what it said.
    pub fn reports_of<'a>(
        &'a self,
        agency: &AgencyId,
        service: &LocalId,
    ) -> impl Iterator<Item = (Option<&'a LocalId>, &'a Capacity)> + use<'a> {
        let own = (agency, service);
        let first = self.services.find(self.seed.hash_one(own), |known| {
            self.pools
                .get(*known)
                .is_some_and(|pool| pool.about() == own)
        });
        let first = first.and_then(|at| self.pools.get(*at));
        let round = std::iter::successors(first, move |pool| {
            let next = self.pools.get(pool.next)?;
            let is_round = first.is_some_and(|first| std::ptr::eq(first, next));
            (!is_round).then_some(next)
        });
        round.filter_map(|pool| Some((pool.location.as_ref(), pool.capacity.as_ref()?)))
    }

    /// Names the next subject.
    pub(super) fn name(&mut self, subject: Subject) {
        // No memory holds as many.
        let next = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let place = match subject {
            Subject::Listing(record) => {
                let place = Place::Listing(next(self.listings.len()));
                self.listings.push(Listing { record, said: None });
                place
            }
            Subject::Capacity(agency, service, location) => {
                let at = next(self.pools.len());
                self.pools.push(Pool {
                    agency,
                    service,
                    location,
                    capacity: None,
                    next: at,
                });
                self.join(at);
                Place::Pool(at)
            }
        };
        self.subjects.push(place);
    }

    /// Puts a pool among those of its service.
    fn join(&mut self, at: u32) {
        let Self {
            pools,
            services,
            seed,
            ..
        } = self;
        let hash = |pool: &Pool| seed.hash_one(pool.about());
        let Some(own) = pools.get(at) else {
            return;
        };
        let found = services.entry(
            hash(own),
            |known| {
                pools
                    .get(*known)
                    .is_some_and(|pool| pool.about() == own.about())
            },
            |known| pools.get(*known).map_or(0, hash),
        );
        let known = match found {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(alone) => {
                alone.insert(at);
                return;
            }
        };
        let next = pools.get_mut(known).map(|pool| &mut pool.next);
        let next = next.map(|next| std::mem::replace(next, at));
        if let (Some(pool), Some(next)) = (pools.get_mut(at), next) {
            pool.next = next;
        }
    }

    /// Takes a change in; false when the month named no such subject, or one of another kind.
    pub(super) fn take(&mut self, number: u64, change: Noted) -> bool {
        let number = u32::try_from(number).ok();
        let place = number.and_then(|number| self.subjects.get(number).copied());
        match (change, place) {
            (Noted::Published(version), Some(Place::Listing(at))) => self.say(at, Some(version)),
            (Noted::Removed, Some(Place::Listing(at))) => self.say(at, None),
            (Noted::Reported(capacity), Some(Place::Pool(at))) => self.report(at, capacity),
            _ => return false,
        }
        true
    }

    fn say(&mut self, at: u32, said: Option<Version>) {
        if let Some(listing) = self.listings.get_mut(at) {
            listing.said = said;
        }
    }

    fn report(&mut self, at: u32, capacity: Capacity) {
        let Some(pool) = self.pools.get_mut(at) else {
            return;
        };
        pool.capacity = Some(capacity);
        let (is_whole, mut next) = (pool.location.is_none(), pool.next);
        while is_whole && next != at {
            let Some(other) = self.pools.get_mut(next) else {
                return;
            };
            if other.location.is_some() {
                other.capacity = None;
            }
            next = other.next;
        }
    }

    /// The directory was restored or began anew: what was reported before counts no more.
    pub(super) fn begin_generation(&mut self, generation: u64) {
        if self.generation != 0 && self.generation < generation {
            let pools = self.pools.iter_mut();
            for capacity in pools.filter_map(|pool| pool.capacity.as_mut()) {
                capacity.before_restore = true;
            }
        }
        self.generation = generation;
    }

    /// Everything that stands, in an order that folds to the same: what is about a whole service comes before
    /// what is about its locations. Subjects are in order within each of the three: see [`super::frame`] on names.
    pub(super) fn standing(&self) -> impl Iterator<Item = (Subject, Noted)> {
        let mut listed: Vec<_> = self.listed().collect();
        listed.sort_unstable_by_key(|(record, _)| *record);
        let listed = listed.into_iter();
        let listed = listed.map(|(record, version)| {
            let subject = Subject::Listing(record.clone());
            (subject, Noted::Published(version))
        });
        let reported = |whole: bool| {
            let all = self.capacities();
            let of = all.filter(|(_, _, location, _)| location.is_none() == whole);
            let mut of: Vec<_> = of.collect();
            of.sort_unstable_by_key(|(agency, service, location, _)| {
                (*agency, *service, *location)
            });
            of.into_iter().map(|(agency, service, location, capacity)| {
                let subject = Subject::Capacity(agency.clone(), service.clone(), location.cloned());
                (subject, Noted::Reported(*capacity))
            })
        };
        listed.chain(reported(true)).chain(reported(false))
    }
}

impl Pool {
    fn about(&self) -> (&AgencyId, &LocalId) {
        (&self.agency, &self.service)
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
        let listings = self.listings.iter_mut();
        let listed = listings.filter_map(|listing| listing.said.as_mut());
        let mut listed: Vec<&mut Version> = listed.collect();
        listed.sort_unstable();
        let wanted: Vec<Version> = listed.iter().map(|version| **version).collect();
        let mut failed = Ok(());
        reader.versions(self.log, &wanted, |place, bytes| {
            match versions.push(bytes, wanted[place].hash) {
                Ok(moved) => *listed[place] = moved,
                Err(error) => failed = Err(error),
            }
        })?;
        failed?;
        self.log = versions.log;
        Ok(())
    }
}
