//! All records of an import, in the order in which they may refer to each other.

use std::collections::BTreeSet;

use super::capacity;
use super::issue::{Cause, Ledger};
use super::location;
use super::organization::{organization, placeholder};
use super::service::Workshop;
use super::{Entity, Origin};
use crate::capacity::Draft;
use crate::catalog::{Location, Organization, Record, Service};
use crate::id::LocalId;

impl Workshop<'_, '_> {
    /// Organizations, then locations, then services, each with the row it comes from; and the capacity
    /// stated of the services.
    pub(super) fn records(&self, ledger: &mut Ledger) -> (Vec<(Record, Origin)>, Vec<Draft>) {
        let mut organizations = self.organizations(ledger);
        let (services, reports) = self.services(&mut organizations, ledger);
        let locations = self.locations(&organizations, ledger);
        let organizations = organizations.in_order;
        let organizations = organizations
            .into_iter()
            .map(|(one, origin)| (Record::Organization(Box::new(one)), origin));
        let locations = locations
            .into_iter()
            .map(|(one, origin)| (Record::Location(Box::new(one)), origin));
        let services = services
            .into_iter()
            .map(|(one, origin)| (Record::Service(Box::new(one)), origin));
        let records = organizations.chain(locations).chain(services);
        (records.collect(), reports)
    }

    fn organizations(&self, ledger: &mut Ledger) -> Organizations {
        let mut organizations = Organizations::default();
        for (name, row) in self.context.graph.objects(Entity::Organization) {
            if !self.context.is_published(name) {
                continue;
            }
            match organization(self.context, name, row, ledger) {
                Some(one) => organizations.add(one, &row.origin),
                None => ledger.refuse(row, "name", unnameable()),
            }
        }
        organizations
    }

    fn services(
        &self,
        organizations: &mut Organizations,
        ledger: &mut Ledger,
    ) -> (Vec<(Service, Origin)>, Vec<Draft>) {
        let (mut services, mut reports) = (Vec::new(), Vec::new());
        for (name, row) in self.context.graph.objects(Entity::Service) {
            if !self.context.is_published(name) {
                continue;
            }
            let owner = self.ties.organization_of.get(name);
            let owner = owner.map_or(row.text("organization_id"), |owner| Some(owner.id()));
            if owner.is_none() {
                ledger.repair(row, "organization_id", no_organization());
            }
            let refused = ledger.refused.len();
            let service = organizations
                .id_of(owner, &row.origin)
                .and_then(|owner| self.service(name, row, owner, ledger));
            match service {
                Some(service) => {
                    services.push((service, row.origin.clone()));
                    reports.extend(capacity::reports(self.context, name, row, ledger));
                }
                None if ledger.refused[refused..]
                    .iter()
                    .any(|issue| issue.entity == Entity::Service) => {}
                None => ledger.refuse(row, "name", unnameable()),
            }
        }
        (services, reports)
    }

    fn locations(
        &self,
        organizations: &Organizations,
        ledger: &mut Ledger,
    ) -> Vec<(Location, Origin)> {
        let mut locations = Vec::new();
        for (name, row) in self.context.graph.objects(Entity::Location) {
            let Some(site) = self
                .sites
                .get(name)
                .filter(|_| self.context.is_published(name))
            else {
                continue;
            };
            if site.is_virtual {
                ledger.repair(row, "location_type", is_virtual());
                continue;
            }
            let secluded = self.seclusion.locations.contains_key(name);
            let location = match (secluded, site.county) {
                (false, _) => location::open(self.context, name, row, site, ledger),
                (true, Some(county)) => location::secluded(self.context, name, row, county, ledger),
                (true, None) => None,
            };
            match location {
                Some(mut location) => {
                    location.organization =
                        location.organization.filter(|id| organizations.has(id));
                    locations.push((location, row.origin.clone()));
                }
                None => ledger.refuse(row, "id", unnameable()),
            }
        }
        locations
    }
}

/// Organizations in the order of the file, stand-ins last.
#[derive(Default)]
struct Organizations {
    in_order: Vec<(Organization, Origin)>,
    known: BTreeSet<LocalId>,
}

impl Organizations {
    fn add(&mut self, organization: Organization, origin: &Origin) {
        self.known.insert(organization.id.clone());
        self.in_order.push((organization, origin.clone()));
    }

    fn has(&self, id: &LocalId) -> bool {
        self.known.contains(id)
    }

    /// The local id of an organization; a stand-in is made for one that is in none of the files, in the
    /// name of the row that asks for it.
    fn id_of(&mut self, source_id: Option<&str>, origin: &Origin) -> Option<LocalId> {
        let stand_in = placeholder(source_id)?;
        let id = stand_in.id.clone();
        if !self.has(&id) {
            self.add(stand_in, origin);
        }
        Some(id)
    }
}

fn unnameable() -> Cause {
    Cause::new(
        "name_invalid",
        "refused: its id or name is empty, too long or holds characters that cannot be shown",
    )
}

fn no_organization() -> Cause {
    Cause::new(
        "organization_missing",
        "it names no organization, nor does its location: \"Organization not stated\" is shown",
    )
}

fn is_virtual() -> Cause {
    Cause::new(
        "location_virtual",
        "a virtual location is no place: its services are marked as remote",
    )
}
