//! A record of any kind, and a service joined with what it refers to.

use crate::catalog::{Location, Organization, Service};
use crate::id::{AgencyId, Kind, LocalId, RecordKey};

/// One published record.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An organization.
    Organization(Box<Organization>),
    /// A location.
    Location(Box<Location>),
    /// A service.
    Service(Box<Service>),
}

impl Record {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Organization(_) => Kind::Organization,
            Self::Location(_) => Kind::Location,
            Self::Service(_) => Kind::Service,
        }
    }

    /// Its id at the publisher.
    #[must_use]
    pub fn id(&self) -> &LocalId {
        match self {
            Self::Organization(organization) => &organization.id,
            Self::Location(location) => &location.id,
            Self::Service(service) => &service.id,
        }
    }

    /// The records it refers to; they must be published before it.
    #[must_use]
    pub fn references(&self) -> Vec<(Kind, &LocalId)> {
        match self {
            Self::Organization(_) => Vec::new(),
            Self::Location(location) => location
                .organization
                .iter()
                .map(|id| (Kind::Organization, id))
                .collect(),
            Self::Service(service) => {
                let at = service
                    .offers
                    .iter()
                    .map(|offer| (Kind::Location, &offer.location));
                std::iter::once((Kind::Organization, &service.organization))
                    .chain(at)
                    .collect()
            }
        }
    }
}

/// A service with its organization and locations: what search finds and pages show.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Who publishes it.
    pub agency: AgencyId,
    /// The service.
    pub service: Service,
    /// Its organization.
    pub organization: Organization,
    /// The locations of its offers, in the order of [`Service::offers`].
    pub locations: Vec<Location>,
}

impl Listing {
    /// The service's full name.
    #[must_use]
    pub fn key(&self) -> RecordKey {
        RecordKey {
            agency: self.agency.clone(),
            kind: Kind::Service,
            id: self.service.id.clone(),
        }
    }
}
