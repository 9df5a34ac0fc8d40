//! What was reported of a service in the last weeks, from the history.
//!
//! Told only of services whose places are counted for everybody who sees them, and only since their listing last
//! changed: before that it may have been confidential.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{State, Ttl, Unit, ttl_for};
use referral_core::id::LocalId;
use tracing::error;

use super::{Directory, ServiceView};
use crate::history::{Capacity, Happened, HistoryError, Reader};
use crate::operations::CoverageError;

/// How far back. Unit: hours.
const HOURS: i64 = 30 * 24;
/// So long after a service was last shown open it may be said how a referral went. Unit: hours.
const ANSWERED: i64 = 7 * 24;
/// Files of the history up to this size are read for a page; longer ones when they are asked for. Unit: bytes.
const SHORT: u64 = 8 << 20;
/// Most reports of one pool that are told: the latest.
const REPORTS: usize = 200;
/// Most pools.
const POOLS: usize = 4;

/// What was reported of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastReports {
    /// By pool: what is said of the whole service first.
    Told {
        /// Since when.
        since: Timestamp,
        /// The pools.
        pools: Vec<PastPool>,
    },
    /// It takes long to read, and was not.
    Long,
}

/// What was reported of a whole service, or of one location of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastPool {
    /// The location; none: the whole service.
    pub location: Option<LocalId>,
    /// The reports, oldest first.
    pub reports: Vec<PastReport>,
}

/// One report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastReport {
    /// From when on it counted.
    pub from: Timestamp,
    /// Until when it was believed: it ran out then, or another came.
    pub until: Timestamp,
    /// The state it stated.
    pub state: State,
    /// Places that were free, and their unit, where a number was given.
    pub places: Option<(u32, Unit)>,
}

impl PastReports {
    /// Whether it was shown to take referrals at some time after `since`; `None`: that was not read.
    fn was_open(&self, since: Timestamp) -> Option<bool> {
        match self {
            Self::Long => None,
            Self::Told { pools, .. } => Some(was_open(pools, since)),
        }
    }
}

impl ServiceView {
    /// Whether it may be said how a referral went: the service is shown open, or was within the last 7 days, as far
    /// as its past is told. Where that was too long to read, it is looked at when somebody says it.
    #[must_use]
    pub fn is_asked_about(&self) -> bool {
        let past = self.past.as_ref();
        self.is_open() || past.is_some_and(|past| past.was_open(self.answered()) != Some(false))
    }

    /// Whether it is shown to take referrals now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let mut offers = self.offers.iter();
        offers.any(|offer| offer.state.takes_referrals())
    }

    /// Since when it must have been open. Before its listing last changed it may have been confidential.
    fn answered(&self) -> Timestamp {
        self.past_since(ANSWERED)
    }

    fn past_since(&self, hours: i64) -> Timestamp {
        let begin = self.as_of - SignedDuration::from_hours(hours);
        let changed = self.origins.iter().map(|origin| origin.published_at);
        changed.max().unwrap_or(self.as_of).clamp(begin, self.as_of)
    }
}

impl Directory {
    /// Whether a service was shown open within the last 7 days, from the history, however long that takes.
    ///
    /// # Errors
    /// [`CoverageError`].
    pub(in crate::operations) async fn was_open(
        &self,
        view: &ServiceView,
    ) -> Result<bool, CoverageError> {
        let reader = match self.ledger.history() {
            Some(reader) if !view.is_uncounted() => reader,
            _ => return Ok(false),
        };
        let since = view.answered();
        let wanted = Wanted::of(view, since);
        let pools = self.coverage.in_turn(move || Ok(wanted.read(&reader)?));
        Ok(was_open(&pools.await?, since))
    }

    /// What was reported of a service; none where it is not told.
    pub(super) async fn past_of(&self, view: &ServiceView, all: bool) -> Option<PastReports> {
        if view.is_uncounted() {
            return None;
        }
        let reader = self.ledger.history()?;
        let since = view.past_since(HOURS);
        let wanted = Wanted::of(view, since);
        let is_long = reader
            .size(since, view.as_of)
            .is_ok_and(|size| size > SHORT);
        if is_long && !all {
            return Some(PastReports::Long);
        }
        let told = self
            .coverage
            .in_turn(move || Ok(wanted.read(&reader)?))
            .await;
        match told {
            Ok(pools) => Some(PastReports::Told { since, pools }),
            Err(failed) => {
                error!(error.type = failed.code(), "the history of a service was not read: {failed}");
                None
            }
        }
    }
}

fn was_open(pools: &[PastPool], since: Timestamp) -> bool {
    let mut reports = pools.iter().flat_map(|pool| &pool.reports);
    reports.any(|report| report.state.takes_referrals() && report.until > since)
}

/// What is looked for.
struct Wanted {
    service: referral_core::id::RecordKey,
    longest: Ttl,
    since: Timestamp,
    until: Timestamp,
}

type Pools = BTreeMap<Option<LocalId>, Vec<PastReport>>;

impl Wanted {
    fn of(view: &ServiceView, since: Timestamp) -> Self {
        let codes = view.listing.service.attributes.iter();
        Self {
            service: view.key.clone(),
            longest: ttl_for(codes.map(|attribute| &attribute.code), None),
            since,
            until: view.as_of,
        }
    }

    fn read(&self, reader: &Reader) -> Result<Vec<PastPool>, HistoryError> {
        let mut pools = Pools::new();
        reader.happened(self.since, self.until, |at, happened| match happened {
            Happened::Reported((agency, service, location), capacity)
                if *agency == self.service.agency && *service == self.service.id =>
            {
                self.take(&mut pools, location, capacity, at);
            }
            Happened::Reported(..) => {}
            Happened::Restored => pools.values_mut().for_each(|reports| end(reports, at)),
        })?;
        let pools = pools.into_iter().take(POOLS);
        Ok(pools
            .map(|(location, mut reports)| {
                let before = reports.len().saturating_sub(REPORTS);
                reports.drain(..before);
                PastPool { location, reports }
            })
            .collect())
    }

    fn take(
        &self,
        pools: &mut Pools,
        location: Option<&LocalId>,
        capacity: &Capacity,
        at: Timestamp,
    ) {
        if location.is_none() {
            // A report about all of a service ends those about its locations.
            for reports in pools.values_mut() {
                end(reports, at);
            }
        }
        let ttl = capacity.ttl.min(self.longest).duration();
        let runs_out = capacity.observed_at.saturating_add(ttl);
        let reports = pools.entry(location.cloned()).or_default();
        end(reports, at);
        reports.push(PastReport {
            from: at,
            until: runs_out.unwrap_or(self.until).clamp(at, self.until.max(at)),
            state: State::from(capacity.stated),
            places: capacity.available,
        });
    }
}

/// The last report is believed no longer than to `at`.
fn end(reports: &mut [PastReport], at: Timestamp) {
    if let Some(last) = reports.last_mut() {
        last.until = last.until.min(at);
    }
}
