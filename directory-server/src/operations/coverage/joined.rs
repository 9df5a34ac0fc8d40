//! Services as they were, with what they referred to: read from the history and joined as the store joins them.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use memchr::memmem::Finder;
use referral_core::catalog::{
    Listing, Location, Organization, Place, Provenance, Record, Service, Tier,
};
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use referral_core::search::{Facts, Need, Request, judge_service};
use referral_core::text::{Name, Text};

use crate::history::{HistoryError, Past, Reader, Said};

/// What services refer to.
#[derive(Debug, Default)]
pub(super) struct Referred {
    locations: HashMap<RecordKey, Location>,
    organizations: HashMap<RecordKey, Organization>,
    /// Public places by organization, where one of its services states none; in the order of their ids.
    offices: HashMap<RecordKey, BTreeMap<LocalId, Place>>,
}

/// The public services that match as far as their own records tell: languages may be those of their locations.
///
/// # Errors
/// [`HistoryError`].
pub(super) fn matching(
    filter: &Request,
    today: Date,
    reader: &Reader,
    past: &Past,
) -> Result<Vec<(AgencyId, Service)>, HistoryError> {
    let mut lenient = filter.clone();
    lenient.languages.clear();
    lenient.also.languages.clear();
    let answers = Answers::to(lenient.need.as_ref());
    let nothing = Referred::default();
    let nobody = nobody();
    let mut services = Vec::new();
    reader.said(
        past,
        |key| key.kind == Kind::Service,
        |key, bytes| {
            if !answers.may(bytes) {
                return Some(());
            }
            let Record::Service(service) = Said::read(bytes)? else {
                return None;
            };
            if service.tier != Tier::Public {
                return Some(());
            }
            let listing = nothing.listing(key.agency.clone(), *service, nobody.clone());
            if judge_service(&lenient, &Facts::of(&listing, &[]), today).passes() {
                services.push((listing.agency, listing.service));
            }
            Some(())
        },
    )?;
    Ok(services)
}

impl Referred {
    /// What these services refer to: organizations, the locations they are offered at, and those of organizations
    /// whose services state none.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub(super) fn by(
        services: &[(AgencyId, Service)],
        reader: &Reader,
        past: &Past,
    ) -> Result<Self, HistoryError> {
        let (mut offered, mut organizations, mut without) =
            (HashSet::new(), HashSet::new(), HashSet::new());
        for (agency, service) in services {
            offered.extend(service.offers.iter().map(|offer| (agency, &offer.location)));
            organizations.insert((agency, &service.organization));
            if service.offers.is_empty() {
                without.insert((agency, &service.organization));
            }
        }
        let mut referred = Self::default();
        let wanted = |key: &RecordKey| match key.kind {
            Kind::Organization => organizations.contains(&(&key.agency, &key.id)),
            Kind::Location => !without.is_empty() || offered.contains(&(&key.agency, &key.id)),
            Kind::Service => false,
        };
        reader.said(past, wanted, |key, bytes| {
            match Said::read(bytes)? {
                Record::Organization(organization) => {
                    referred.organizations.insert(key.clone(), *organization);
                }
                Record::Location(location) => {
                    let of = location.organization.as_ref();
                    if of.is_some_and(|of| without.contains(&(&key.agency, of))) {
                        referred.office(&key.agency, &location);
                    }
                    if offered.contains(&(&key.agency, &key.id)) {
                        referred.locations.insert(key.clone(), *location);
                    }
                }
                Record::Service(_) => return None,
            }
            Some(())
        })?;
        Ok(referred)
    }

    fn office(&mut self, agency: &AgencyId, location: &Location) {
        if let (Tier::Public, Some(organization)) = (location.tier, &location.organization) {
            let of = key(agency, Kind::Organization, organization);
            let offices = self.offices.entry(of).or_default();
            offices.insert(location.id.clone(), location.place.clone());
        }
    }

    /// The organization of a service, where there was one.
    pub(super) fn organization(
        &self,
        agency: &AgencyId,
        service: &Service,
    ) -> Option<&Organization> {
        let organization = key(agency, Kind::Organization, &service.organization);
        self.organizations.get(&organization)
    }

    /// As `Store::listing` joins it.
    pub(super) fn listing(
        &self,
        agency: AgencyId,
        service: Service,
        organization: Organization,
    ) -> Listing {
        let offers = service.offers.iter();
        let locations = offers.filter_map(|offer| {
            let location = key(&agency, Kind::Location, &offer.location);
            self.locations.get(&location).cloned()
        });
        Listing {
            locations: locations.collect(),
            organization,
            agency,
            service,
        }
    }

    /// As `Store::organization_places` finds them.
    pub(super) fn places(&self, listing: &Listing) -> Vec<Place> {
        if !listing.service.offers.is_empty() {
            return Vec::new();
        }
        let of = key(
            &listing.agency,
            Kind::Organization,
            &listing.service.organization,
        );
        let offices = self.offices.get(&of).into_iter().flatten();
        offices.map(|(_, place)| place.clone()).collect()
    }
}

/// What answers a need has one of its codes in its bytes: most others need not be decoded.
struct Answers(Vec<Finder<'static>>);

impl Answers {
    fn to(need: Option<&Need>) -> Self {
        let beginnings = need.map(Need::beginnings).unwrap_or_default();
        let finders = beginnings.iter();
        Self(
            finders
                .map(|beginning| Finder::new(beginning).into_owned())
                .collect(),
        )
    }

    /// Whether what was said may answer it. Without a need everything may.
    fn may(&self, said: &[u8]) -> bool {
        self.0.is_empty()
            || self
                .0
                .iter()
                .any(|beginning| beginning.find(said).is_some())
    }
}

fn key(agency: &AgencyId, kind: Kind, id: &LocalId) -> RecordKey {
    RecordKey {
        agency: agency.clone(),
        kind,
        id: id.clone(),
    }
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
