//! What the rules judge: coverage now and before, when agencies were heard, what lapses.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::Ttl;
use referral_core::catalog::Tier;
use referral_core::coverage::{
    Alert, Lapsing, Measured, Query, Report, Silence, dead_ends_rising, gone_silent, lapsing,
    last_open_gone,
};
use referral_core::id::AgencyId;
use referral_core::policy::{Clearance, Viewer};
use referral_core::search;
use referral_core::tally::Frozen;
use referral_core::vocabulary::Code;

use super::words::{self, Found};
use super::{AlertsError, Directory, Watched};
use crate::operations::CoverageError;

/// Weeks that the week published last is compared with.
const BEFORE: usize = 4;
/// A week that ended longer ago is no news. Unit: days.
const LATELY: i32 = 14;

impl Directory {
    /// Needs and states whose last open provider is gone, and the needs that could not be looked at.
    pub(super) async fn gone(
        self: &Arc<Self>,
        watched: &Watched,
        now: Timestamp,
    ) -> (Vec<Found>, Vec<String>) {
        let against = SignedDuration::try_from(watched.against).unwrap_or(SignedDuration::MAX);
        let then = now.saturating_sub(against).unwrap_or(Timestamp::MIN);
        let (mut found, mut missed) = (Vec::new(), Vec::new());
        for need in &watched.needs {
            match self.now_and_then(need, watched, then).await {
                Ok((before, now)) => {
                    let gone = last_open_gone(need, &before, &now);
                    found.extend(words::gone(need, &gone, watched.within, &before.providers));
                }
                Err(error) => missed.push(format!("last open provider of {need}: {error}")),
            }
        }
        (found, missed)
    }

    async fn now_and_then(
        self: &Arc<Self>,
        need: &Code,
        watched: &Watched,
        then: Timestamp,
    ) -> Result<(Arc<Report>, Arc<Report>), CoverageError> {
        let now = Query {
            filter: search::Query {
                need: need.to_string(),
                ..search::Query::default()
            },
            measure: Measured::CoverageAt,
            within_miles: watched.within.miles(),
            ..Query::default()
        };
        let before = Query {
            as_of: Some(then),
            ..now.clone()
        };
        let viewer = Viewer::at_the_machine();
        let now = self.coverage(&viewer, &now).await?;
        Ok((self.coverage(&viewer, &before).await?, now))
    }

    /// Silent agencies, rising dead ends, and what lapses. Blocks.
    pub(super) fn rest(&self, now: Timestamp) -> Result<Vec<Found>, AlertsError> {
        let silent = gone_silent(&self.heard_with_ttl()?, now);
        let today = now.to_zoned(TimeZone::UTC).date();
        let soon = lapsing(&self.lapses()?, today);
        let names = self.agency_names();
        let rising = self.rising(now);
        let mut found: Vec<Found> = silent
            .iter()
            .chain(&rising)
            .chain(&soon)
            .filter_map(|alert| words::of(alert, &names))
            .collect();
        self.name_services(&soon, &mut found)?;
        Ok(found)
    }

    /// Topics whose dead ends rise in the week published last, against the weeks before it.
    fn rising(&self, now: Timestamp) -> Vec<Alert> {
        let weeks = self.published_searches();
        let Some((last, before)) = weeks.split_last() else {
            return Vec::new();
        };
        if last.week.days_since(now) > LATELY {
            return Vec::new();
        }
        let before = before.iter().rev().take(BEFORE);
        let before: Vec<Frozen> = before.map(|week| Frozen::clone(week)).collect();
        dead_ends_rising(last, &before)
    }

    /// Every agency that was heard from, with the shortest time to live among its reports. One without a report
    /// owes none.
    fn heard_with_ttl(&self) -> Result<Vec<Silence>, AlertsError> {
        let mut shortest: BTreeMap<AgencyId, Ttl> = BTreeMap::new();
        for capacity in self.store.capacities() {
            let (agency, held) = capacity?;
            let ttl = shortest.entry(agency).or_insert(held.ttl);
            *ttl = held.ttl.min(*ttl);
        }
        let heard = self.sessions.all_heard().into_iter();
        let heard = heard.filter_map(|(agency, last_heard)| {
            let ttl = *shortest.get(&agency)?;
            Some(Silence {
                agency,
                last_heard,
                ttl,
            })
        });
        Ok(heard.collect())
    }

    /// Credentials of public services and grants of agencies, with their last days.
    fn lapses(&self) -> Result<Vec<(Lapsing, jiff::civil::Date)>, AlertsError> {
        let mut all = Vec::new();
        for service in self.store.services() {
            let (key, service) = service?;
            if service.tier != Tier::Public {
                continue;
            }
            let id = key.public_id();
            all.extend(service.credentials.iter().filter_map(|credential| {
                let what = Lapsing::Credential {
                    service: id,
                    code: credential.code.clone(),
                };
                Some((what, credential.lapses?))
            }));
        }
        let heads = self.ledger.heads();
        for (agency, head) in heads.agencies() {
            let granted = head.member.grants.granted.iter();
            all.extend(granted.map(|(category, grant)| {
                let what = Lapsing::Grant {
                    agency: agency.clone(),
                    category: *category,
                };
                let until = grant.proposal.expires_at.to_zoned(TimeZone::UTC);
                (what, until.date())
            }));
        }
        Ok(all)
    }

    fn agency_names(&self) -> BTreeMap<AgencyId, String> {
        let heads = self.ledger.heads();
        let names = heads.agencies();
        names
            .map(|(agency, head)| (agency.clone(), head.name.clone()))
            .collect()
    }

    /// Puts the names of services into what was found about their credentials.
    fn name_services(&self, soon: &[Alert], found: &mut Vec<Found>) -> Result<(), AlertsError> {
        for alert in soon {
            let Alert::Lapses {
                what: Lapsing::Credential { service, code },
                on,
            } = alert
            else {
                continue;
            };
            let index = self.searchable.index_for(Clearance::Public);
            let Some(key) = index.key_of(*service) else {
                continue;
            };
            if let Some(shown) = self.store.shown(&key, Clearance::Public, self.map)? {
                let listing = &shown.listing;
                let names = (
                    listing.service.name.as_str(),
                    listing.organization.name.as_str(),
                );
                found.push(words::credential(*service, code, *on, names));
            }
        }
        Ok(())
    }
}
