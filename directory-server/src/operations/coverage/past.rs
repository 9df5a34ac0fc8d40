//! Supply as it was, from the history: what was listed then, what it said, and what was reported of it.
//!
//! A listing is joined and judged by the functions that judge it now, so that a report of a past moment is the report
//! that was made then. Most services are told not to match by their own record: what it refers to is read for the
//! others alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use referral_core::capacity::{Ttl, ttl_for};
use referral_core::catalog::{
    Listing, Location, Organization, Place, Provenance, Record, Service, Tier,
};
use referral_core::coverage::{Gathering, Places, Provider, Question, Report, Reported, Supply};
use referral_core::id::{AgencyId, Kind, LocalId, PublicId, RecordKey};
use referral_core::policy::Clearance;
use referral_core::search::{Facts, Request, day, judge_service};
use referral_core::text::{Name, Text};

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

/// The reports about one service.
#[derive(Default)]
struct Reports<'a> {
    whole: Option<&'a Capacity>,
    at: Vec<(&'a LocalId, &'a Capacity)>,
}

type Locations = BTreeMap<RecordKey, Location>;

impl Directory {
    pub(super) fn supply_of(
        &self,
        question: &Question,
        reader: &Reader,
        past: &Past,
    ) -> Result<Then, CoverageError> {
        let map = &self.coverage.counties;
        let mut gathering = Gathering::new(&question.filter, &question.languages, map);
        let services = matching(gathering.filter(), question, reader, past)?;
        let locations = locations(&services, reader, past)?;
        let organizations = organizations(&services, reader, past)?;
        let reports = reports(past);
        let (mut names, today) = (Names::default(), day(question.as_of));
        let mut keys = HashMap::new();
        for (agency, service) in services {
            let key = |kind, id: &LocalId| RecordKey {
                agency: agency.clone(),
                kind,
                id: id.clone(),
            };
            let Some(organization) =
                organizations.get(&key(Kind::Organization, &service.organization))
            else {
                continue;
            };
            let of = reports.get(&(&agency, &service.id));
            let listing = listing(agency.clone(), service.clone(), organization, &locations);
            // Reports are for all: what is for few is coarsened as it is in the index for all.
            let Some(listing) = listing.seen_by(Clearance::Public, self.map) else {
                continue;
            };
            let places = places(&listing, &locations);
            let facts = Facts::of(&listing, &places);
            let longest = longest(&listing.service);
            let service = listing.service.id.clone();
            gathering.service(&facts, today, |location| {
                of.and_then(|of| of.of(location, longest, question))
            });
            let provider = Provider {
                service: listing.service.name.clone(),
                organization: organization.name.clone(),
            };
            let offers = facts.offers.iter().map(|offer| offer.location.clone());
            let key = (longest, agency, service, offers.collect());
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

impl Reports<'_> {
    /// The report that counts for an offer: those about its location that a later one about the service ended are
    /// not in the history any more.
    fn of(
        &self,
        location: Option<&LocalId>,
        longest: Ttl,
        question: &Question,
    ) -> Option<Reported> {
        let own = location.and_then(|location| {
            let mut at = self.at.iter();
            at.find(|(at, _)| *at == location)
                .map(|(_, report)| *report)
        });
        let report = own.or(self.whole)?;
        let places = report.available.map_or(Places::Assumed, |(places, unit)| {
            Places::Counted(places, unit)
        });
        Some(Reported {
            own: own.is_some(),
            state: report.state_at(longest, question.as_of),
            places,
        })
    }
}

/// The public services that match as far as their own records tell: languages may be those of their locations.
fn matching(
    filter: &Request,
    question: &Question,
    reader: &Reader,
    past: &Past,
) -> Result<Vec<(AgencyId, Service)>, CoverageError> {
    let mut lenient = filter.clone();
    lenient.languages.clear();
    lenient.also.languages.clear();
    let (nobody, today) = (nobody(), day(question.as_of));
    let mut services = Vec::new();
    reader.said(
        past,
        |key| key.kind == Kind::Service,
        |key, _, record| {
            let Record::Service(service) = record else {
                return;
            };
            if service.tier != Tier::Public {
                return;
            }
            let agency = key.agency.clone();
            let listing = listing(agency, *service, &nobody, &Locations::new());
            if judge_service(&lenient, &Facts::of(&listing, &[]), today).passes() {
                services.push((listing.agency, listing.service));
            }
        },
    )?;
    Ok(services)
}

/// The locations that services are offered at, and those of organizations whose services state none.
fn locations(
    services: &[(AgencyId, Service)],
    reader: &Reader,
    past: &Past,
) -> Result<Locations, CoverageError> {
    let (mut offered, mut offices) = (HashSet::new(), HashSet::new());
    for (agency, service) in services {
        offered.extend(service.offers.iter().map(|offer| (agency, &offer.location)));
        if service.offers.is_empty() {
            offices.insert((agency, &service.organization));
        }
    }
    let mut locations = Locations::new();
    let wanted = |key: &RecordKey| {
        key.kind == Kind::Location
            && (!offices.is_empty() || offered.contains(&(&key.agency, &key.id)))
    };
    reader.said(past, wanted, |key, _, record| {
        let Record::Location(location) = record else {
            return;
        };
        let of = location.organization.as_ref();
        if offered.contains(&(&key.agency, &key.id))
            || of.is_some_and(|of| offices.contains(&(&key.agency, of)))
        {
            locations.insert(key.clone(), *location);
        }
    })?;
    Ok(locations)
}

fn organizations(
    services: &[(AgencyId, Service)],
    reader: &Reader,
    past: &Past,
) -> Result<HashMap<RecordKey, Organization>, CoverageError> {
    let wanted: HashSet<(&AgencyId, &LocalId)> = services
        .iter()
        .map(|(agency, service)| (agency, &service.organization))
        .collect();
    let mut organizations = HashMap::new();
    let is_wanted = |key: &RecordKey| {
        key.kind == Kind::Organization && wanted.contains(&(&key.agency, &key.id))
    };
    reader.said(past, is_wanted, |key, _, record| {
        if let Record::Organization(organization) = record {
            organizations.insert(key.clone(), *organization);
        }
    })?;
    Ok(organizations)
}

fn reports(past: &Past) -> HashMap<(&AgencyId, &LocalId), Reports<'_>> {
    let mut reports: HashMap<(&AgencyId, &LocalId), Reports<'_>> = HashMap::new();
    for (agency, service, location, capacity) in past.capacities() {
        let of = reports.entry((agency, service)).or_default();
        match location {
            None => of.whole = Some(capacity),
            Some(location) => of.at.push((location, capacity)),
        }
    }
    reports
}

/// As `Store::listing` joins it.
fn listing(
    agency: AgencyId,
    service: Service,
    organization: &Organization,
    locations: &Locations,
) -> Listing {
    let key = |id: &LocalId| RecordKey {
        agency: agency.clone(),
        kind: Kind::Location,
        id: id.clone(),
    };
    let offers = service.offers.iter();
    let locations = offers.filter_map(|offer| locations.get(&key(&offer.location)).cloned());
    Listing {
        locations: locations.collect(),
        organization: organization.clone(),
        agency,
        service,
    }
}

/// As `Store::organization_places` finds them.
fn places(listing: &Listing, locations: &Locations) -> Vec<Place> {
    if !listing.service.offers.is_empty() {
        return Vec::new();
    }
    let all = locations.iter();
    let of = all.filter(|(key, location)| {
        key.agency == listing.agency
            && location.tier == Tier::Public
            && location.organization.as_ref() == Some(&listing.service.organization)
    });
    of.map(|(_, location)| location.place.clone()).collect()
}

/// How long any report about a service is believed, whatever was known of it when the report came.
fn longest(service: &Service) -> Ttl {
    let codes = service.attributes.iter().map(|attribute| &attribute.code);
    ttl_for(codes, None)
}

/// What stands for an organization where it changes nothing.
#[expect(clippy::expect_used, reason = "a hyphen is an id, a text and a name")]
fn nobody() -> Organization {
    Organization {
        id: LocalId::parse("-").expect("an id"),
        source_id: Text::parse("-").expect("a text"),
        name: Name::parse("-").expect("a name"),
        alternate_name: None,
        description: None,
        email: None,
        website: None,
        legal_status: None,
        year_incorporated: None,
        parent_organization: None,
        phones: Vec::new(),
        contacts: Vec::new(),
        programs: Vec::new(),
        funding: Vec::new(),
        identifiers: Vec::new(),
        provenance: Provenance::default(),
    }
}
