//! Who may be handed what an agency signed: the decision of the change feed and of signed records.
//!
//! It is that of a search, twice: what is held is for its publisher's people alone ([`Settled::hold`], which the
//! index is made by), and of the rest somebody gets only what they see all of ([`Listing::handed_to`], which is
//! tested against what the index is made of). An organization or location is handed out with the first service
//! that is.
//!
//! [`Settled::hold`]: crate::ledger::Settled::hold
//! [`Listing::handed_to`]: referral_core::catalog::Listing::handed_to

use referral_core::catalog::{Record, Service};
use referral_core::id::{AgencyId, Kind, RecordKey};
use referral_core::policy::{Decision, Handed, Viewer, What, policy};

use super::Directory;
use crate::store::StoreError;

/// Whether what is held counts as held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// It does.
    Heeded,
    /// As if nothing were held.
    Passed,
}

impl Directory {
    /// How much of the record that stands at `key` may be handed to `who`. A withdrawn one is nothing.
    pub(super) fn handed(
        &self,
        who: &Viewer,
        key: &RecordKey,
        holds: Holds,
    ) -> Result<Handed, StoreError> {
        let stored = self.store.record(key)?;
        let Some(record) = stored.and_then(|stored| stored.record) else {
            return Ok(Handed::Nothing);
        };
        match record {
            Record::Service(service) => self.handed_service(who, &key.agency, *service, holds),
            Record::Organization(_) => self.handed_beside(who, key, holds),
            Record::Location(location) => {
                let what = What::Tier(location.tier, Some(&key.agency));
                if policy(who, what) == Decision::Allow {
                    self.handed_beside(who, key, holds)
                } else {
                    Ok(Handed::Nothing)
                }
            }
        }
    }

    /// What services refer to is for whom one of them is for.
    fn handed_beside(
        &self,
        who: &Viewer,
        key: &RecordKey,
        holds: Holds,
    ) -> Result<Handed, StoreError> {
        if policy(who, What::Held(&key.agency)) == Decision::Allow {
            return Ok(Handed::Whole);
        }
        if holds == Holds::Heeded && self.ledger.settled().is_banned(&key.agency) {
            return Ok(Handed::Nothing);
        }
        // One by one: an organization may have thousands of services, and mostly the first is for all.
        for service in self.store.each_referrer(key, Kind::Service) {
            if self.handed(who, &service?, holds)? == Handed::Whole {
                return Ok(Handed::Whole);
            }
        }
        Ok(Handed::Nothing)
    }

    /// The same of a version of a service, with everything it refers to as it is.
    pub(super) fn handed_service(
        &self,
        who: &Viewer,
        agency: &AgencyId,
        service: Service,
        holds: Holds,
    ) -> Result<Handed, StoreError> {
        let heeded = holds == Holds::Heeded && policy(who, What::Held(agency)) != Decision::Allow;
        if heeded && self.ledger.settled().hold(agency, &service).is_some() {
            return Ok(Handed::Nothing);
        }
        let listing = self.store.joined(agency, service)?;
        Ok(listing.map_or(Handed::Nothing, |listing| listing.handed_to(who, self.map)))
    }
}
