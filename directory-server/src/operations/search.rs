//! Search: one operation behind gRPC, the page and the command line.
//!
//! [`Directory::search`] blocks; [`Directory::find`] is its async form, which stops when nobody waits for
//! the answer any more. The index finds services; what a winner shows, and why it is there, is read from
//! its listing here. Nothing of what was asked is kept or logged by this module; that there was a search is counted.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use referral_core::capacity::{Held, State};
use referral_core::catalog::age::is_old;
use referral_core::catalog::{Listing, Location, Part, Place};
use referral_core::geo::{CountyFips, Kilometres};
use referral_core::id::{AgencyId, PublicId, RecordKey};
use referral_core::policy::{Clearance, Operation, SeenListing, Viewer};
use referral_core::search::{
    NearMiss, Query, Reason, Refused, Request, blocking_cause, cursor_after, day, matches, turn,
};
use referral_index::{Hit, IndexError};

use super::facet::{Facet, facets};
use super::help::{Best, Help, wait_band};
use super::stop::{Abandoned, Stop};
use super::words::CapacityWords;
use super::{Directory, Notice, WatchedOffer, words};
use crate::store::{Shown, StoreError};
use crate::tell;

/// How long the index may look for one answer. A longer search is one that finds too much.
pub(super) const LONGEST: Duration = Duration::from_millis(250);

/// With fewer of 10 referrals taken, a result says to call first.
const OFTEN: u8 = 6;

/// What the index found.
pub(super) type Looked = referral_index::Answer;

/// What a search found.
#[derive(Debug)]
pub struct Answer {
    /// Services that match, all of them.
    pub total: usize,
    /// Those of them that take referrals now.
    pub open: usize,
    /// How many were shown on the pages before.
    pub before: usize,
    /// The best not shown before, in order.
    pub results: Vec<Found>,
    /// What asks for the next page; none: this is the last.
    pub next: Option<String>,
    /// What the services that match have in common, where it was asked for.
    pub facets: Vec<Facet>,
    /// Single changes that would help, smallest first, where it was asked for.
    pub near_misses: Vec<Help>,
    /// How the place searched near was understood.
    pub near: Option<String>,
    /// How the place to be served was understood.
    pub serves: Option<String>,
    /// What to know about the directory itself.
    pub notices: Vec<Notice>,
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
    pub listing: Arc<SeenListing>,
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
    /// How many of its offers answer, 1 or more.
    pub offers: usize,
    /// Since when its agency has not been heard from; `None`: it is in contact.
    pub silence: Option<Silence>,
    /// Its worth in the order of results.
    pub score: f64,
}

/// An agency is not heard from. For information: no state and no rank depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// When it was last heard from.
    pub since: Timestamp,
    /// The same in words, with how long ago it is.
    pub words: String,
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

impl From<IndexError> for SearchError {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Cancelled => Self::Abandoned,
            IndexError::Deadline => Self::Late,
            error => Self::Index(error),
        }
    }
}

impl From<Abandoned> for SearchError {
    fn from(_: Abandoned) -> Self {
        Self::Abandoned
    }
}

/// A search that goes on: who waits for it, and how far they see.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'a> {
    pub(super) stop: &'a Stop,
    pub(super) viewer: &'a Viewer,
    pub(super) clearance: Clearance,
    /// Whether it is a search of its own, and counted as one.
    pub(super) counted: bool,
}

/// Whether it is only said that there are places, not how many.
pub(super) fn is_uncounted(listing: &SeenListing, place: Option<&FoundPlace>) -> bool {
    place.is_some_and(FoundPlace::confidential) || listing.hides(Part::Capacity)
}

impl Found {
    /// What pages name it by, with the place of its best offer.
    #[must_use]
    pub fn watched(&self) -> WatchedOffer {
        let location = self.place.as_ref().map(|place| &place.location.id);
        WatchedOffer::of(&self.key, location)
    }

    /// Whether it is only said that there are places, not how many.
    #[must_use]
    pub fn is_uncounted(&self) -> bool {
        is_uncounted(&self.listing, self.place.as_ref())
    }
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
    /// They may not search: their token is not good for it.
    #[error("this token is not good for searches: make one with the scope search")]
    Denied,
    /// The query: the asker's to fix.
    #[error("the search cannot be understood")]
    Refused(Vec<Refused>),
    /// The index failed.
    #[error("the search index failed")]
    Index(#[source] IndexError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many others search. The asker's to try again.
    #[error("too many searches at once: try again in a few seconds")]
    Busy,
    /// It took longer than anybody waits.
    #[error("the search took too long: narrow it, or try again in a few seconds")]
    Late,
    /// Nobody waits for the answer any more.
    #[error("the search was given up")]
    Abandoned,
    /// The thread that searched failed.
    #[error("the search failed")]
    Failed,
}

impl Directory {
    /// Answers a search. Blocks for as long as the index takes: not for an async thread.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn search(&self, viewer: &Viewer, query: &Query) -> Result<Answer, SearchError> {
        self.search_until(query, &self.asking(viewer, &Stop::default())?)
    }

    /// Whether they may search, and how far they see.
    pub(super) fn asking<'a>(
        &self,
        viewer: &'a Viewer,
        stop: &'a Stop,
    ) -> Result<Asking<'a>, SearchError> {
        if !viewer.may(Operation::Search) {
            return Err(SearchError::Denied);
        }
        Ok(Asking {
            stop,
            viewer,
            clearance: self.clearance_today(viewer),
            counted: true,
        })
    }

    pub(super) fn search_until(
        &self,
        query: &Query,
        asking: &Asking<'_>,
    ) -> Result<Answer, SearchError> {
        let now = self.now();
        let request = self.understand(query, now)?;
        let looked = self.look(&request, asking, now)?;
        self.count(&request, &looked, asking, now)?;
        self.answer(&request, looked, asking, now)
    }

    /// Counts a search and, where nothing is open, what stood in its way: asked for or not.
    pub(super) fn count(
        &self,
        request: &Request,
        looked: &Looked,
        asking: &Asking<'_>,
        now: Timestamp,
    ) -> Result<(), SearchError> {
        if !asking.counted {
            return Ok(());
        }
        let blocked =
            |looked: &Looked| blocking_cause(looked.total, looked.open, &looked.near_misses);
        let cause = if looked.total > 0 || request.near_misses || !request.shown.is_empty() {
            blocked(looked)
        } else {
            let why = Request {
                near_misses: true,
                facets: false,
                ..request.clone()
            };
            blocked(&self.look(&why, asking, now)?)
        };
        self.tally.count(request, looked.open, cause, now);
        Ok(())
    }

    /// The request that a query means at `now`. A first page turns equal results by day and asker.
    fn understand(&self, query: &Query, now: Timestamp) -> Result<Request, SearchError> {
        let mut request = query.understand(self.map).map_err(SearchError::Refused)?;
        if request.shown.is_empty() {
            request.seed = seed(query, now);
        }
        Ok(request)
    }

    /// What the index finds, for as long as somebody waits, and [`LONGEST`] at most.
    pub(super) fn look(
        &self,
        request: &Request,
        asking: &Asking<'_>,
        now: Timestamp,
    ) -> Result<Looked, SearchError> {
        let may_go_on = asking.stop.within(LONGEST, self.clock.as_ref());
        let index = self.searchable.index_for(asking.clearance);
        Ok(index.search_while(request, now, &may_go_on)?)
    }

    /// What the index found, as people are told it.
    pub(super) fn answer(
        &self,
        request: &Request,
        looked: Looked,
        asking: &Asking<'_>,
        now: Timestamp,
    ) -> Result<Answer, SearchError> {
        let shown = looked.hits.iter().map(|hit| hit.key.public_id());
        let next = looked.more.then(|| cursor_after(request, shown));
        let mut results = Vec::with_capacity(looked.hits.len());
        for hit in looked.hits {
            asking.stop.check()?;
            // A service withdrawn or changed since the index looked is no result any more.
            results.extend(self.found(request, hit, asking, now)?);
        }
        let mut near_misses = Vec::with_capacity(looked.near_misses.len());
        for miss in looked.near_misses {
            asking.stop.check()?;
            near_misses.extend(self.help(miss, asking, now)?);
        }
        Ok(Answer {
            total: looked.total,
            open: looked.open,
            before: request.shown.len(),
            results,
            next,
            facets: facets(looked.facets),
            near_misses,
            near: request.near.as_ref().map(|near| near.place.label.clone()),
            serves: request.serves.as_ref().map(|place| place.label.clone()),
            notices: self.notices_for(asking.viewer, now),
            as_of: now,
        })
    }

    /// A listing as far as the asker sees it today.
    fn shown_to(
        &self,
        asking: &Asking<'_>,
        key: &RecordKey,
    ) -> Result<Option<Arc<Shown>>, SearchError> {
        let shown = self.store.shown(key, asking.clearance, self.map)?;
        Ok(shown.filter(|shown| self.may_show(asking.viewer, key, &shown.listing)))
    }

    fn found(
        &self,
        request: &Request,
        hit: Hit,
        asking: &Asking<'_>,
        now: Timestamp,
    ) -> Result<Option<Found>, SearchError> {
        let Some(shown) = self.shown_to(asking, &hit.key)? else {
            return Ok(None);
        };
        let Shown { listing, facts, .. } = shown.as_ref();
        let mut offers = facts.offers.iter();
        let offer = offers.find(|offer| offer.location == hit.location);
        let matched = offer.and_then(|offer| matches(request, facts, offer, day(now)));
        let Some(matched) = matched else {
            return Ok(None);
        };
        let worded = request.text.is_some().then_some(Reason::Words);
        let reasons = matched.reasons.into_iter().chain(worded);
        let reasons = reasons.map(|reason| (reason.code(), self.phrase(&reason)));
        let reasons = reasons.chain(self.reliability(&hit));
        let reasons = reasons.chain(self.unverified(&hit.key.agency));
        let reasons = reasons.chain(old(shown.said_at, now));
        let place = self.place_of(&hit, listing);
        Ok(Some(Found {
            id: hit.key.public_id(),
            state: hit.state,
            capacity: Self::capacity_words(&hit, listing, place.as_ref(), now),
            silence: self.silence(&hit.key, place.as_ref(), now),
            place,
            distance: hit.distance,
            reasons: reasons.collect(),
            offers: hit.offers,
            score: hit.score.get(),
            held: hit.held,
            key: hit.key,
            listing: Arc::clone(listing),
        }))
    }

    /// A caution about what an agency listed that may not publish any more.
    pub(super) fn unverified(&self, agency: &AgencyId) -> Option<(&'static str, String)> {
        self.ledger.settled().agency(agency)?.member.refuses()?;
        let text = "unverified: the agency that lists this may not list here at present";
        Some(("unverified", text.to_owned()))
    }

    /// How often referrals to it were taken, where it says that it takes them and that may be told.
    fn reliability(&self, hit: &Hit) -> Option<(&'static str, String)> {
        let figure = self.outcome_figure(&hit.key);
        let figure = figure.filter(|_| hit.state.takes_referrals())?;
        let tenths = [("tenths", u64::from(figure.tenths).into())];
        Some(if figure.tenths < OFTEN {
            ("often_turned_away", tell("reason-turned-away", &tenths))
        } else {
            ("referrals_taken", tell("reason-referrals-taken", &tenths))
        })
    }

    fn help(
        &self,
        miss: NearMiss<Hit>,
        asking: &Asking<'_>,
        now: Timestamp,
    ) -> Result<Option<Help>, SearchError> {
        let NearMiss {
            change,
            count,
            best,
        } = miss;
        let Some(shown) = self.shown_to(asking, &best.key)? else {
            return Ok(None);
        };
        let listing = shown.listing.as_ref();
        let place = self.place_of(&best, listing);
        let best = Best {
            id: best.key.public_id(),
            name: listing.service.name.to_string(),
            organization: listing.organization.name.to_string(),
            state: best.state,
            wait_band: wait_band(best.state, best.held.as_deref()),
            capacity: Self::capacity_words(&best, listing, place.as_ref(), now),
            distance: best.distance,
        };
        Ok(Some(Help::of(change, count, best)))
    }

    fn capacity_words(
        hit: &Hit,
        listing: &SeenListing,
        place: Option<&FoundPlace>,
        now: Timestamp,
    ) -> CapacityWords {
        let confidential = is_uncounted(listing, place);
        let zone = place.and_then(|place| place.time_zone);
        CapacityWords::of(hit.state, hit.held.as_deref(), confidential, zone, now)
    }

    pub(super) fn silence(
        &self,
        service: &RecordKey,
        place: Option<&FoundPlace>,
        now: Timestamp,
    ) -> Option<Silence> {
        let since = self.sessions.silent_since(&service.agency, now)?;
        let zone = place.and_then(|place| place.time_zone);
        let words = words::since(since, zone, now);
        Some(Silence { since, words })
    }

    fn phrase(&self, reason: &Reason) -> String {
        let county = |fips| self.county_name(fips);
        super::reason::phrase(reason, &county)
    }

    fn place_of(&self, hit: &Hit, listing: &Listing) -> Option<FoundPlace> {
        let at = hit.location.as_ref()?;
        let location = listing.locations.iter().find(|l| l.id == *at)?;
        Some(self.place(location.clone()))
    }

    pub(super) fn place(&self, location: Location) -> FoundPlace {
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

/// A caution about what its publisher has not said again for half a year (R13).
pub(super) fn old(said_at: Timestamp, now: Timestamp) -> Option<(&'static str, String)> {
    if !is_old(said_at, now) {
        return None;
    }
    let day = said_at.to_zoned(TimeZone::UTC).strftime("%B %-d, %Y");
    let since = [("day", day.to_string().into())];
    Some(("old", tell("reason-old", &since)))
}

/// What turns equal results on the day of `now` for one asker.
pub(super) fn seed(query: &Query, now: Timestamp) -> u64 {
    let day = now.as_second().div_euclid(86_400).cast_unsigned();
    turn(day, query.seed)
}
