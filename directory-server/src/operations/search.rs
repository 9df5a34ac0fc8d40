//! Search: one operation behind gRPC, the page and the command line.

use std::sync::Arc;

use jiff::Timestamp;
use referral_core::capacity::{Held, State};
use referral_core::catalog::{LanguageTag, Listing, Location, Place, english_name};
use referral_core::geo::{CountyFips, Kilometres};
use referral_core::id::{PublicId, RecordKey};
use referral_core::search::{Facts, Query, Reason, Refused, Request, day, matches};
use referral_index::{Hit, IndexError};

use super::words::CapacityWords;
use super::{Directory, words};
use crate::store::StoreError;

/// What a search found.
#[derive(Debug)]
pub struct Answer {
    /// Services that match, all of them.
    pub total: usize,
    /// The best of them, in order.
    pub results: Vec<Found>,
    /// How the place searched near was understood.
    pub near: Option<String>,
    /// How the place to be served was understood.
    pub serves: Option<String>,
    /// When the answer was true.
    pub as_of: Timestamp,
}

/// One service found, by its best offer.
#[derive(Debug)]
pub struct Found {
    /// The service's full name.
    pub key: RecordKey,
    /// Its public id.
    pub id: PublicId,
    /// The service with its organization and locations.
    pub listing: Listing,
    /// The state of the best offer.
    pub state: State,
    /// The report that state comes from.
    pub held: Option<Arc<Held>>,
    /// State, places and age in a few words.
    pub capacity: CapacityWords,
    /// Where the best offer is; none for remote ones and where none is stated.
    pub place: Option<FoundPlace>,
    /// Distance from the place searched near, where it may be known.
    pub distance: Option<Kilometres>,
    /// Why it is there: stable name and a few words.
    pub reasons: Vec<(&'static str, String)>,
    /// At how many places it is offered.
    pub offers: usize,
    /// Its worth in the order of results.
    pub score: f64,
}

/// Where an offer is, as far as may be known.
#[derive(Debug)]
pub struct FoundPlace {
    /// The location.
    pub location: Location,
    /// County, state or country, in words.
    pub area: String,
    /// The IANA time zone.
    pub time_zone: Option<&'static str>,
}

impl FoundPlace {
    /// True when only the county may be known.
    #[must_use]
    pub fn confidential(&self) -> bool {
        matches!(self.location.place, Place::County(_))
    }
}

/// Why a search has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The query: the asker's to fix.
    #[error("the search cannot be understood")]
    Refused(Vec<Refused>),
    /// The index failed.
    #[error("the search index failed")]
    Index(#[from] IndexError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Directory {
    /// Answers a search. Blocks for as long as the index takes: not for an async thread.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn search(&self, query: &Query) -> Result<Answer, SearchError> {
        let request = query.understand(self.map).map_err(SearchError::Refused)?;
        let now = self.clock.now();
        let found = self.index.search(&request, now)?;
        let mut results = Vec::with_capacity(found.hits.len());
        for hit in found.hits {
            // A service withdrawn since the index looked is no result any more.
            if let Some(listing) = self.store.listing(&hit.key)? {
                let reasons = self.reasons(&request, &hit, &listing, now)?;
                results.push(self.found(hit, listing, &reasons, now));
            }
        }
        Ok(Answer {
            total: found.total,
            results,
            near: request.near.map(|near| near.place.label),
            serves: request.serves.map(|place| place.label),
            as_of: now,
        })
    }

    /// Why an offer is there, told from its listing. Nothing when the listing has changed since the
    /// index looked.
    fn reasons(
        &self,
        request: &Request,
        hit: &Hit,
        listing: &Listing,
        now: Timestamp,
    ) -> Result<Vec<Reason>, StoreError> {
        let facts = Facts::of(listing, &self.store.organization_places(listing)?);
        let offer = facts.offers.get(hit.offer);
        let matched = offer.and_then(|offer| matches(request, &facts, offer, day(now)));
        let mut reasons = matched.map(|matched| matched.reasons).unwrap_or_default();
        if request.text.is_some() {
            reasons.push(Reason::Words);
        }
        Ok(reasons)
    }

    fn found(&self, hit: Hit, listing: Listing, reasons: &[Reason], now: Timestamp) -> Found {
        let at = hit.location.as_ref();
        let location = at
            .and_then(|id| listing.locations.iter().find(|l| l.id == *id))
            .cloned();
        let place = location.map(|location| self.place(location));
        let confidential = place.as_ref().is_some_and(FoundPlace::confidential);
        let zone = place.as_ref().and_then(|place| place.time_zone);
        let held = hit.held.as_deref();
        let county = |fips| self.county_name(fips);
        let language = |tag: &LanguageTag| {
            english_name(tag).map_or_else(|| tag.to_string(), ToOwned::to_owned)
        };
        let reasons = reasons
            .iter()
            .map(|reason| (reason.code(), reason.phrase(&county, &language)))
            .collect();
        Found {
            id: hit.key.public_id(),
            state: hit.state,
            capacity: CapacityWords::of(hit.state, held, confidential, zone, now),
            held: hit.held,
            place,
            distance: hit.distance,
            reasons,
            offers: hit.offers,
            score: hit.score.get(),
            key: hit.key,
            listing,
        }
    }

    fn place(&self, location: Location) -> FoundPlace {
        let area = match &location.place {
            Place::County(fips) => self.county_name(*fips),
            place => place.address().map(words::area).unwrap_or_default(),
        };
        let time_zone = location.place.point().and_then(self.zones);
        FoundPlace {
            location,
            area,
            time_zone,
        }
    }

    fn county_name(&self, fips: CountyFips) -> String {
        self.map
            .county(fips)
            .map_or_else(|| format!("county {fips}"), |county| county.label)
    }
}
