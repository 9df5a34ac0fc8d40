//! Records that are looked at again, because something was decided about their agency, or because what they
//! refer to changed: some come into the feed by that, and some are gone.

use std::fmt;
use std::sync::Arc;

use referral_core::catalog::{Record, Tier};
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use referral_core::policy::{Handed, Viewer};

use super::super::handed::Holds;
use super::changes::At;
use super::follower::{Portion, Reading};
use super::saying::references;
use super::{Directory, WatchError};
use crate::ledger::Turn;
use crate::store::StoreError;

/// Records that are to be looked at again. There may be very many: they are read as they are come to.
pub(super) struct Afresh {
    at: At,
    why: Why,
    records: Box<dyn Iterator<Item = Result<RecordKey, StoreError>> + Send>,
}

/// Why they are looked at again.
#[derive(Clone, Debug)]
enum Why {
    /// Something was decided about their agency.
    Decided(Turn),
    /// The name of their organization changed.
    Name,
    /// The location of this id changed, and may be for others than before.
    Place(LocalId),
}

impl Afresh {
    /// What a decision about an agency may show or hide.
    ///
    /// * `only` — of its services these alone; `None`: any.
    pub(super) fn decided(
        directory: &Directory,
        (agency, turn, only): (&AgencyId, Turn, Option<Vec<RecordKey>>),
        at: At,
    ) -> Self {
        let keys = |kind| directory.store.keys_of(agency, kind);
        let services: Box<dyn Iterator<Item = Result<RecordKey, StoreError>> + Send> = match only {
            Some(services) => Box::new(services.into_iter().map(Ok)),
            None => Box::new(keys(Kind::Service)),
        };
        Self {
            at,
            why: Why::Decided(turn),
            records: match turn {
                // What a service refers to comes with it.
                Turn::Shows => services,
                Turn::Hides => Box::new(
                    services
                        .chain(keys(Kind::Location))
                        .chain(keys(Kind::Organization)),
                ),
            },
        }
    }

    /// The services that a change of what they refer to may show or hide.
    pub(super) fn beside(directory: &Directory, changed: &RecordKey, at: At) -> Option<Self> {
        let why = match changed.kind {
            Kind::Service => return None,
            Kind::Location => Why::Place(changed.id.clone()),
            Kind::Organization => {
                let known = directory.ledger.settled().agency(&changed.agency);
                let named = known.is_some_and(|agency| agency.member.named);
                named.then_some(Why::Name)?
            }
        };
        let services = directory.store.each_referrer(changed, Kind::Service);
        Some(Self {
            at,
            why,
            records: Box::new(services),
        })
    }
}

impl Why {
    fn shows(&self) -> bool {
        !matches!(self, Self::Decided(Turn::Hides))
    }

    fn hides(&self) -> bool {
        !matches!(self, Self::Decided(Turn::Shows))
    }
}

impl fmt::Debug for Afresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Afresh({:?}, {:?})", self.at, self.why)
    }
}

impl Reading {
    /// Looks at some of them; true when there may be more.
    pub(super) fn look_again(
        &mut self,
        afresh: &mut Afresh,
        portion: &mut Portion,
    ) -> Result<bool, WatchError> {
        while !portion.is_full() {
            let Some(key) = afresh.records.next() else {
                return Ok(false);
            };
            self.look_at(&key?, afresh, portion)?;
        }
        Ok(true)
    }

    fn look_at(
        &mut self,
        key: &RecordKey,
        afresh: &Afresh,
        portion: &mut Portion,
    ) -> Result<(), WatchError> {
        let directory = Arc::clone(&self.directory);
        let Some(stored) = directory.store.record(key)? else {
            return Ok(());
        };
        let Some(record) = &stored.record else {
            return Ok(());
        };
        if directory.is_for_all(key)? {
            if afresh.why.shows() && directory.may_have_been_hidden(key, record, &afresh.why)? {
                self.service(key, references(record), None, afresh.at, portion)?;
            }
        } else if afresh.why.hides() && directory.may_have_been_shown(key)? {
            self.gone(stored.hash, afresh.at, portion);
        }
        Ok(())
    }
}

impl Directory {
    /// False where a location of any tier would not hide the service: then nothing changed for it.
    fn may_have_been_hidden(
        &self,
        key: &RecordKey,
        record: &Record,
        why: &Why,
    ) -> Result<bool, WatchError> {
        let (Why::Place(place), Record::Service(service)) = (why, record) else {
            return Ok(true);
        };
        let listing = self.store.joined(&key.agency, (**service).clone())?;
        Ok(listing.is_some_and(|mut listing| {
            let locations = listing.locations.iter_mut();
            let here = locations.filter(|location| location.id == *place);
            here.for_each(|location| location.tier = Tier::Seal);
            listing.handed_to(&Viewer::anybody(), self.map) != Handed::Whole
        }))
    }

    /// False where nobody may know that there is a record, held or not: the feed does not say either.
    fn may_have_been_shown(&self, key: &RecordKey) -> Result<bool, WatchError> {
        let handed = self.handed(&Viewer::anybody(), key, Holds::Passed)?;
        Ok(handed != Handed::Nothing)
    }
}
