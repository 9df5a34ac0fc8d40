//! Who offers what where: services, their organizations and their locations.

use std::collections::HashMap;

use super::graph::{Graph, Ref};
use super::{Entity, Row};

/// One place a service is offered at, and the row that says so where it has one of its own.
#[derive(Clone, Debug)]
pub(super) struct OfferRow<'a> {
    pub(super) location: Ref,
    pub(super) row: Option<&'a Row>,
}

/// Services, locations and organizations by each other.
#[derive(Debug, Default)]
pub(super) struct Ties {
    /// The organization of each service that has one in the files.
    pub(super) organization_of: HashMap<Ref, Ref>,
    /// Services of an organization.
    pub(super) services_of: HashMap<Ref, Vec<Ref>>,
    /// Locations of an organization: its own, and those of its services.
    pub(super) locations_of: HashMap<Ref, Vec<Ref>>,
    /// Services offered at a location.
    pub(super) services_at: HashMap<Ref, Vec<Ref>>,
}

/// The locations of a service, each once, in the order of the file: rows that join the two, or the
/// location that the service's own row names.
pub(super) fn offers<'a>(graph: &'a Graph, service: &Ref, row: &Row) -> Vec<OfferRow<'a>> {
    let mut offers: Vec<OfferRow<'a>> = Vec::new();
    for row in graph.children(service, Entity::ServiceAtLocation) {
        if let Some(location) = graph.linked(row, "location_id", Entity::Location) {
            let known = offers.iter().any(|offer| offer.location == location);
            if !known {
                offers.push(OfferRow {
                    location,
                    row: Some(row),
                });
            }
        }
    }
    if let Some(location) = graph.linked(row, "location_id", Entity::Location)
        && offers.iter().all(|offer| offer.location != location)
    {
        offers.push(OfferRow {
            location,
            row: None,
        });
    }
    offers
}

impl Ties {
    /// The ties of all services and locations. A service that names no organization belongs to that of
    /// its first location which does.
    pub(super) fn of(graph: &Graph) -> Self {
        let mut ties = Self::default();
        for (location, row) in graph.objects(Entity::Location) {
            if let Some(organization) = graph.linked(row, "organization_id", Entity::Organization) {
                push(&mut ties.locations_of, organization, location);
            }
        }
        for (service, row) in graph.objects(Entity::Service) {
            let offers = offers(graph, service, row);
            let by_location = || {
                offers.iter().find_map(|offer| {
                    let location = graph.row(&offer.location)?;
                    graph.linked(location, "organization_id", Entity::Organization)
                })
            };
            let organization = match row.text("organization_id") {
                Some(_) => graph.linked(row, "organization_id", Entity::Organization),
                None => by_location(),
            };
            for offer in &offers {
                push(&mut ties.services_at, offer.location.clone(), service);
                if let Some(organization) = &organization {
                    push(
                        &mut ties.locations_of,
                        organization.clone(),
                        &offer.location,
                    );
                }
            }
            if let Some(organization) = organization {
                push(&mut ties.services_of, organization.clone(), service);
                ties.organization_of.insert(service.clone(), organization);
            }
        }
        for locations in ties.locations_of.values_mut() {
            locations.sort();
            locations.dedup();
        }
        ties
    }

    /// The services and locations of an organization.
    pub(super) fn parts_of(&self, organization: &Ref) -> impl Iterator<Item = &Ref> {
        let services = self.services_of.get(organization);
        let locations = self.locations_of.get(organization);
        services.into_iter().chain(locations).flatten()
    }

    /// The services offered at a location.
    pub(super) fn services_at(&self, location: &Ref) -> &[Ref] {
        self.services_at.get(location).map_or(&[], Vec::as_slice)
    }

    /// The organizations a location has to do with: its own and those of the services there.
    pub(super) fn organizations_at(&self, graph: &Graph, location: &Ref) -> Vec<Ref> {
        let own = graph
            .row(location)
            .and_then(|row| graph.linked(row, "organization_id", Entity::Organization));
        let of_services = self
            .services_at(location)
            .iter()
            .filter_map(|service| self.organization_of.get(service).cloned());
        let mut all: Vec<Ref> = own.into_iter().chain(of_services).collect();
        all.sort();
        all.dedup();
        all
    }
}

fn push(map: &mut HashMap<Ref, Vec<Ref>>, key: Ref, value: &Ref) {
    map.entry(key).or_default().push(value.clone());
}
