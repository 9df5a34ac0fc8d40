//! One service with everything that this viewer may see of it: listing, state, where each fact comes from, what was
//! reported before, what else its organization offers.
//!
//! Start at [`Directory::service`]. It reads what searches read, through the same clearance; a service that somebody may
//! not see and one that is not there are the same to them.

mod hours;
mod origin;
mod past;

use std::sync::Arc;

use jiff::Timestamp;
use referral_core::capacity::State;
use referral_core::catalog::{Part, Schedule};
use referral_core::id::{Kind, LocalId, PublicId, RecordKey};
use referral_core::policy::{Clearance, SeenListing, Viewer};

use super::search::{Asking, FoundPlace, SearchError, is_uncounted, old};
use super::stop::Stop;
use super::words::CapacityWords;
use super::{Directory, Silence};
use crate::store::{Shown, StoreError};

pub use hours::{Opening, opening};
pub use origin::{Origin, OriginOf};
pub use past::{PastPool, PastReport, PastReports};

/// Most other services of the organization that are named.
const OTHERS: usize = 20;
/// Most services of the organization that are looked at for them.
const LOOKED_AT: usize = 100;

/// A service, as far as its viewer may see it.
#[derive(Debug)]
pub struct ServiceView {
    /// Its full name.
    pub key: RecordKey,
    /// Its public id.
    pub id: PublicId,
    /// The service with its organization and locations.
    pub listing: Arc<SeenListing>,
    /// What its publisher is called.
    pub agency: String,
    /// Its state at each place where it is offered; one without a place where it states none.
    pub offers: Vec<OfferView>,
    /// Where each record that is shown comes from.
    pub origins: Vec<Origin>,
    /// What was reported before; none where it is only said whether there are places, and where the history cannot be
    /// read just now.
    pub past: Option<PastReports>,
    /// Other services of its organization that this viewer may see.
    pub others: Vec<OtherService>,
    /// True when the organization offers more than is named here.
    pub more_others: bool,
    /// What to beware of: its agency may not list here at present; nobody has said it again for long.
    pub cautions: Vec<String>,
    /// Since when its agency has not been heard from; none: it is in contact.
    pub silence: Option<Silence>,
    /// When all of this was true.
    pub as_of: Timestamp,
}

/// The state of a service at one place.
#[derive(Debug)]
pub struct OfferView {
    /// What pages name it by.
    pub watched: Watched,
    /// Where it is; none: remote, or not stated.
    pub place: Option<FoundPlace>,
    /// The state.
    pub state: State,
    /// State, places and age in a few words.
    pub capacity: CapacityWords,
    /// When the report was observed; none where there is none.
    pub observed_at: Option<Timestamp>,
    /// The hours that count here: those of the offer, else of the service, else of the place.
    pub schedules: Vec<Schedule>,
}

/// Another service of the same organization.
#[derive(Debug)]
pub struct OtherService {
    /// Its full name.
    pub key: RecordKey,
    /// Its name.
    pub name: String,
    /// Its best state and what to call it by.
    pub offer: OfferView,
}

/// What a page shows the state of: a service, at one location where that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Watched {
    /// The service.
    pub service: PublicId,
    /// The location.
    pub location: Option<PublicId>,
}

impl Watched {
    /// A service at a location of the same agency.
    pub(super) fn of(service: &RecordKey, location: Option<&LocalId>) -> Self {
        let location = location.map(|id| RecordKey {
            agency: service.agency.clone(),
            kind: Kind::Location,
            id: id.clone(),
        });
        Self {
            service: service.public_id(),
            location: location.map(|location| location.public_id()),
        }
    }

    /// Reads what [`Watched`] is written as: one public id, or two with a dot between.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (service, location) = match text.split_once('.') {
            None => (text, None),
            Some((service, location)) => (service, Some(location)),
        };
        Some(Self {
            service: PublicId::parse(service).ok()?,
            location: location.map(PublicId::parse).transpose().ok()?,
        })
    }
}

impl std::fmt::Display for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.service.fmt(f)?;
        match self.location {
            None => Ok(()),
            Some(location) => write!(f, ".{location}"),
        }
    }
}

impl Directory {
    /// A service as this viewer may see it, off the async threads; none: there is no such service, or they may not know
    /// of it.
    ///
    /// * `all_of_the_past` — reads the history however long that takes; else only where it is short.
    ///
    /// # Errors
    /// [`SearchError`]; [`SearchError::Busy`] when too many others ask.
    pub async fn service(
        self: &Arc<Self>,
        viewer: &Viewer,
        key: RecordKey,
        all_of_the_past: bool,
    ) -> Result<Option<ServiceView>, SearchError> {
        let (directory, viewer) = (Arc::clone(self), viewer.clone());
        let view = self.turns.take(move |stop: &Stop| {
            let asked = directory.asking(&viewer, stop)?;
            directory.view(&key, &asked)
        });
        let Some(mut view) = view.await? else {
            return Ok(None);
        };
        view.past = self.past_of(&view, all_of_the_past).await;
        Ok(Some(view))
    }

    pub(super) fn view(
        &self,
        key: &RecordKey,
        asking: &Asking<'_>,
    ) -> Result<Option<ServiceView>, SearchError> {
        if key.kind != Kind::Service {
            return Ok(None);
        }
        // What they have seen today they may see again, also when they see nothing else any more.
        let clearance = self.searchable.clearance_of(asking.viewer.clearance());
        let within = |shown: &Arc<Shown>| self.may_show(asking.viewer, key, &shown.listing);
        let shown = self.findable(key, clearance)?.filter(within);
        let shown = match shown {
            None => self.findable(key, Clearance::Public)?,
            shown => shown,
        };
        let Some(shown) = shown else {
            return Ok(None);
        };
        let now = self.now();
        let listing = Arc::clone(&shown.listing);
        let offers = self.offers_of(key, &listing, now);
        let (others, more_others) = self.others_of(key, &listing, asking, now)?;
        let first = offers.first().and_then(|offer| offer.place.as_ref());
        Ok(Some(ServiceView {
            id: key.public_id(),
            agency: self.name_of(key),
            origins: self.origins_of(&listing)?,
            past: None,
            cautions: self
                .unverified(&key.agency)
                .into_iter()
                .chain(old(shown.said_at, now))
                .map(|(_, words)| words)
                .collect(),
            silence: self.silence(key, first, now),
            key: key.clone(),
            offers,
            others,
            more_others,
            listing,
            as_of: now,
        }))
    }

    /// A service that searches of this clearance can find: one that is held back is in no index, though it is stored.
    pub(super) fn findable(
        &self,
        key: &RecordKey,
        clearance: Clearance,
    ) -> Result<Option<Arc<Shown>>, StoreError> {
        let index = self.searchable.index_for(clearance);
        if index.key_of(key.public_id()).is_none() {
            return Ok(None);
        }
        self.store.shown(key, clearance, self.map)
    }

    /// The state of a service wherever it is offered.
    pub(super) fn offers_of(
        &self,
        key: &RecordKey,
        listing: &SeenListing,
        now: Timestamp,
    ) -> Vec<OfferView> {
        let offers = listing.service.offers.iter();
        let mut offers: Vec<OfferView> = offers
            .map(|offer| self.offer_view(key, listing, Some(&offer.location), now))
            .collect();
        if offers.is_empty() {
            offers.push(self.offer_view(key, listing, None, now));
        }
        offers
    }

    /// How a service stands at a place, or as a whole.
    pub(super) fn offer_view(
        &self,
        key: &RecordKey,
        listing: &SeenListing,
        location: Option<&LocalId>,
        now: Timestamp,
    ) -> OfferView {
        let index = self.searchable.index_for(listing.clearance());
        let held = index.capacity_of(&key.agency, &key.id, location);
        let at = location.and_then(|id| listing.locations.iter().find(|at| at.id == *id));
        let place = at.map(|at| self.place(at.clone()));
        let state = held
            .as_ref()
            .map_or(State::Unknown, |held| held.state_at(now));
        let zone = place.as_ref().and_then(|place| place.time_zone);
        let uncounted = is_uncounted(listing, place.as_ref());
        OfferView {
            watched: Watched::of(key, location),
            capacity: CapacityWords::of(state, held.as_ref(), uncounted, zone, now),
            observed_at: held.map(|held| held.observed_at),
            schedules: schedules(listing, location),
            state,
            place,
        }
    }

    /// Other services of the organization, those with room first; and whether there are more.
    fn others_of(
        &self,
        key: &RecordKey,
        listing: &SeenListing,
        asking: &Asking<'_>,
        now: Timestamp,
    ) -> Result<(Vec<OtherService>, bool), SearchError> {
        let organization = RecordKey {
            agency: key.agency.clone(),
            kind: Kind::Organization,
            id: listing.organization.id.clone(),
        };
        let all = self.store.referrers(&organization, Kind::Service)?;
        let mut others = Vec::new();
        for other in all.iter().filter(|other| *other != key).take(LOOKED_AT) {
            let shown = self.findable(other, asking.clearance)?;
            let Some(shown) = shown else { continue };
            let offers = self.offers_of(other, &shown.listing, now);
            let best = offers.into_iter().min_by_key(|offer| offer.state);
            others.extend(best.map(|offer| {
                let name = shown.listing.service.name.to_string();
                let key = other.clone();
                (OtherService { key, name, offer }, shown)
            }));
        }
        others.sort_by(|(a, _), (b, _)| (a.offer.state, &a.name).cmp(&(b.offer.state, &b.name)));
        let more = others.len() > OTHERS || all.len() > LOOKED_AT;
        others.truncate(OTHERS);
        // Only those that are named count.
        let within = |(other, shown): &(OtherService, Arc<Shown>)| {
            self.may_show(asking.viewer, &other.key, &shown.listing)
        };
        let others = others.into_iter().filter(within).map(|(other, _)| other);
        Ok((others.collect(), more))
    }

    fn name_of(&self, key: &RecordKey) -> String {
        let heads = self.ledger.heads();
        let head = heads.agency(&key.agency);
        head.map_or_else(|| key.agency.to_string(), |head| head.name.clone())
    }
}

/// The hours that count for an offer.
fn schedules(listing: &SeenListing, location: Option<&LocalId>) -> Vec<Schedule> {
    let service = &listing.service;
    let offer = service
        .offers
        .iter()
        .find(|offer| Some(&offer.location) == location);
    let at = listing.locations.iter().find(|at| Some(&at.id) == location);
    let own = offer.map(|offer| &offer.schedules);
    let of_place = at.map(|at| &at.schedules);
    let all = [own, Some(&service.schedules), of_place];
    let first = all
        .into_iter()
        .flatten()
        .find(|schedules| !schedules.is_empty());
    first.cloned().unwrap_or_default()
}

impl ServiceView {
    /// Whether it is only said, somewhere, that there are places, not how many.
    #[must_use]
    pub fn is_uncounted(&self) -> bool {
        let places = self.offers.iter().map(|offer| offer.place.as_ref());
        self.listing.hides(Part::Capacity) || places.flatten().any(FoundPlace::confidential)
    }
}
