//! Listings that were shown lately, as they were read: to decode one again costs as much as several searches.
//!
//! An entry counts for as long as nothing of its agency changed in the store. At most [`MOST`] are kept; those
//! not shown for longest go first, half of them at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use referral_core::id::{AgencyId, RecordKey};
use referral_core::places::Places;
use referral_core::policy::{Clearance, SeenListing};
use referral_core::search::Facts;

use super::{Store, StoreError};

/// Most listings kept: of 4 KiB each, 80 MiB.
const MOST: usize = 20_000;

/// A listing with what matching knows of it.
#[derive(Debug)]
pub struct Shown {
    /// The service with its organization and locations, as far as those may see them whom it is shown to.
    pub listing: Arc<SeenListing>,
    /// What matching knows of it.
    pub facts: Facts,
    /// When the directory received what the service's record says now.
    pub said_at: Timestamp,
}

/// What was shown lately.
#[derive(Debug)]
pub(super) struct Lately<T>(Mutex<Kept<T>>);

#[derive(Debug)]
struct Kept<T> {
    /// How often each agency's records changed since the start.
    changes: HashMap<AgencyId, u64>,
    newer: HashMap<RecordKey, Entry<T>>,
    older: HashMap<RecordKey, Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    changes: u64,
    shown: Arc<T>,
}

impl<T> Default for Lately<T> {
    fn default() -> Self {
        Self(Mutex::new(Kept {
            changes: HashMap::new(),
            newer: HashMap::new(),
            older: HashMap::new(),
        }))
    }
}

impl<T> Lately<T> {
    /// From now on what was read of this agency's records is old.
    pub(super) fn changed(&self, agency: &AgencyId) {
        *self.kept().changes.entry(agency.clone()).or_default() += 1;
    }

    /// What is known of a service, and how often its agency's records changed so far.
    fn of(&self, service: &RecordKey) -> (Option<Arc<T>>, u64) {
        let mut kept = self.kept();
        let changes = kept.changes.get(&service.agency).copied().unwrap_or(0);
        if let Some(entry) = kept.newer.get(service) {
            let current = entry.changes == changes;
            return (current.then(|| Arc::clone(&entry.shown)), changes);
        }
        let older = kept.older.remove(service);
        let Some(entry) = older.filter(|entry| entry.changes == changes) else {
            return (None, changes);
        };
        let shown = Arc::clone(&entry.shown);
        kept.keep(service.clone(), entry);
        (Some(shown), changes)
    }

    /// Keeps what was read after so many changes.
    fn keep(&self, service: RecordKey, changes: u64, shown: Arc<T>) {
        self.kept().keep(service, Entry { changes, shown });
    }

    fn kept(&self) -> MutexGuard<'_, Kept<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Kept<T> {
    fn keep(&mut self, service: RecordKey, entry: Entry<T>) {
        if self.newer.len() >= MOST / 2 {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(service, entry);
    }
}

impl Store {
    fn lately_shown_to(&self, clearance: Clearance) -> &Lately<Shown> {
        match clearance {
            Clearance::Public => &self.lately[0],
            Clearance::Member => &self.lately[1],
        }
    }

    /// A service as it is shown to people of this clearance; `None` when it is withdrawn or incomplete, or they
    /// may not know of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn shown(
        &self,
        service: &RecordKey,
        clearance: Clearance,
        map: &dyn Places,
    ) -> Result<Option<Arc<Shown>>, StoreError> {
        let lately = self.lately_shown_to(clearance);
        let (known, changes) = lately.of(service);
        if known.is_some() {
            return Ok(known);
        }
        let Some((listing, said_at)) = self.listing_said(service)? else {
            return Ok(None);
        };
        let Some(listing) = listing.seen_by(clearance, map) else {
            return Ok(None);
        };
        let facts = Facts::of(&listing, &self.organization_places(&listing)?);
        let listing = Arc::new(listing);
        let shown = Arc::new(Shown {
            listing,
            facts,
            said_at,
        });
        lately.keep(service.clone(), changes, Arc::clone(&shown));
        Ok(Some(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use referral_core::id::{Kind, LocalId};

    fn key(agency: &str, id: &str) -> RecordKey {
        RecordKey {
            agency: AgencyId::parse(agency).unwrap(),
            kind: Kind::Service,
            id: LocalId::parse(id).unwrap(),
        }
    }

    #[test]
    fn what_was_shown_is_known_until_its_agency_changes_something() {
        let lately = Lately::default();
        let service = key("harbor", "one");
        let (_, changes) = lately.of(&service);
        lately.keep(service.clone(), changes, Arc::new("first"));
        lately.changed(&AgencyId::parse("hope").unwrap());
        assert_eq!(lately.of(&service).0.as_deref(), Some(&"first"));

        lately.changed(&service.agency);

        assert_eq!(lately.of(&service).0, None);
    }

    #[test]
    fn what_changed_while_it_was_read_is_not_believed() {
        let lately = Lately::default();
        let service = key("harbor", "one");
        let (_, before) = lately.of(&service);
        lately.changed(&service.agency);

        lately.keep(service.clone(), before, Arc::new("half of it"));

        assert_eq!(lately.of(&service).0, None);
    }

    #[test]
    fn what_is_shown_again_and_again_stays_and_the_rest_goes() {
        let lately = Lately::default();
        let often = key("harbor", "often");
        lately.keep(often.clone(), 0, Arc::new(0));
        for number in 1..=MOST * 2 {
            lately.keep(key("harbor", &format!("s{number}")), 0, Arc::new(number));
            assert!(lately.of(&often).0.is_some());
        }

        assert!(lately.of(&key("harbor", "s1")).0.is_none());
        let kept = lately.kept();
        assert!(kept.newer.len() + kept.older.len() <= MOST);
    }
}
