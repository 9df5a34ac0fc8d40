//! Supply as it was, from the history: what was listed then, what it said, and what was reported of it.
//!
//! A listing is joined and judged by the functions that judge it now, so that a report of a past moment is the report
//! that was made then. Most services are told not to match by their own record: what it refers to is read for the
//! others alone.

use std::collections::{BTreeMap, HashMap};

use referral_core::capacity::{Ttl, ttl_for};
use referral_core::catalog::Service;
use referral_core::coverage::{Gathering, Places, Provider, Question, Report, Reported, Supply};
use referral_core::id::{AgencyId, LocalId, PublicId};
use referral_core::policy::Clearance;
use referral_core::search::{Facts, day};

use super::joined::{Referred, matching};
use super::{CoverageError, Directory};
use crate::history::{Capacity, Past, Reader};

/// The names of what matched.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<PublicId, Provider>);

/// What was as of a moment.
#[derive(Debug)]
pub(super) struct Then {
    pub(super) supply: Supply,
    pub(super) names: Names,
    /// What each pool is about, in the order of the supply.
    pub(super) pools: Vec<PoolKey>,
}

/// What a pool is about.
#[derive(Clone, Debug)]
pub(super) struct PoolKey {
    pub(super) agency: AgencyId,
    pub(super) service: LocalId,
    /// The location whose own report it is; `None`: what is reported of the whole service.
    pub(super) location: Option<LocalId>,
    /// How long any report about the service is believed.
    pub(super) longest: Ttl,
}

/// The reports about one service: those about a location that a later one about the service ended are not in the
/// history any more.
struct Reports<'a> {
    of: Vec<(Option<&'a LocalId>, &'a Capacity)>,
    /// How long any of them is believed.
    longest: Ttl,
}

impl Directory {
    pub(super) fn supply_of(
        &self,
        question: &Question,
        reader: &Reader,
        past: &Past,
    ) -> Result<Then, CoverageError> {
        let map = &self.coverage.counties;
        let mut gathering = Gathering::new(&question.filter, &question.languages, map);
        let today = day(question.as_of);
        let services = matching(gathering.filter(), today, reader, past)?;
        let referred = Referred::by(&services, reader, past)?;
        let (mut names, mut keys) = (Names::default(), HashMap::new());
        for (agency, service) in services {
            let Some(organization) = referred.organization(&agency, &service) else {
                continue;
            };
            let reports = Reports::of(past, &agency, &service);
            let listing = referred.listing(agency, service, organization.clone());
            // Reports are for all: what is for few is coarsened as it is in the index for all.
            let Some(listing) = listing.seen_by(Clearance::Public, self.map) else {
                continue;
            };
            let facts = Facts::of(&listing, &referred.places(&listing));
            gathering.service(&facts, today, |location| reports.about(location, question));
            let provider = Provider {
                service: listing.service.name.clone(),
                organization: listing.organization.name.clone(),
            };
            let offers = facts.offers.iter().map(|offer| offer.location.clone());
            let (agency, service) = (listing.agency.clone(), listing.service.id.clone());
            let key = (reports.longest, agency, service, offers.collect());
            keys.insert(facts.key.public_id(), key);
            names.0.insert(facts.key.public_id(), provider);
        }
        let (supply, told) = gathering.finish_told();
        let pools = told.iter().filter_map(|(service, nth)| {
            let (longest, agency, service, offers): &(_, _, _, Vec<Option<LocalId>>) =
                keys.get(service)?;
            Some(PoolKey {
                agency: agency.clone(),
                service: service.clone(),
                location: nth
                    .checked_sub(1)
                    .and_then(|at| offers.get(at as usize)?.clone()),
                longest: *longest,
            })
        });
        Ok(Then {
            pools: pools.collect(),
            supply,
            names,
        })
    }
}

impl Names {
    /// The names of the services that a report names.
    pub(super) fn of(&self, report: &Report) -> BTreeMap<PublicId, Provider> {
        let services = report.services().into_iter();
        services
            .filter_map(|service| Some((service, self.0.get(&service)?.clone())))
            .collect()
    }
}

impl<'a> Reports<'a> {
    fn of(past: &'a Past, agency: &AgencyId, service: &Service) -> Self {
        Self {
            of: past.reports_of(agency, &service.id).collect(),
            longest: longest(service),
        }
    }

    /// The report that counts for an offer.
    fn about(&self, location: Option<&LocalId>, question: &Question) -> Option<Reported> {
        let of = |location| {
            let mut reports = self.of.iter();
            reports.find(|(of, _)| *of == location)
        };
        let own = location.and_then(|location| of(Some(location)));
        let (_, report) = own.or_else(|| of(None))?;
        let places = report.available.map_or(Places::Assumed, |(places, unit)| {
            Places::Counted(places, unit)
        });
        Some(Reported {
            own: own.is_some(),
            state: report.state_at(self.longest, question.as_of),
            places,
        })
    }
}

/// How long any report about a service is believed, whatever was known of it when the report came.
fn longest(service: &Service) -> Ttl {
    let codes = service.attributes.iter().map(|attribute| &attribute.code);
    ttl_for(codes, None)
}
