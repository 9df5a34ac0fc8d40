//! Which locations are confidential, and which records would give them away.
//!
//! The rules are those of `docs/ARCHITECTURE.md`, "Records". Where they leave room, a record is kept
//! back until its publisher decides.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Entity;
use super::address;
use super::context::Context;
use super::graph::Ref;
use super::issue::{Cause, Ledger};
use super::location::Site;
use super::marks::{Privacy, privacy};
use super::offers::{Ties, offers};
use super::published_text::texts;
use super::reading::word;
use super::terms::Terms;
use crate::catalog::Tier;
use crate::confidential::{
    Ground, Secret, Wording, gives_shelter, hides_address, mentions_street, names_shelter,
    names_survivors, serves_survivors,
};

/// What was judged confidential.
#[derive(Debug, Default)]
pub(super) struct Seclusion {
    /// Locations shown by county alone, and why.
    pub(super) locations: BTreeMap<Ref, Ground>,
    /// Services whose areas widen to counties.
    pub(super) services: HashSet<Ref>,
}

/// The judge and what it looks at.
pub(super) struct Judge<'a, 'b> {
    pub(super) context: &'a mut Context<'b>,
    pub(super) ties: &'a Ties,
    pub(super) sites: &'a HashMap<Ref, Site>,
    pub(super) terms: &'a HashMap<Ref, Terms>,
    pub(super) ledger: &'a mut Ledger,
}

impl<'a> Judge<'a, '_> {
    /// Judges every location and service; what has to be kept back is added to the context.
    pub(super) fn judge(mut self) -> Seclusion {
        let mut seclusion = Seclusion::default();
        self.find_confidential(&mut seclusion);
        self.spread_to_same_address(&mut seclusion);
        self.withhold_undecided(&seclusion);
        self.withhold_giveaways(&seclusion);
        self.withhold_streets(&seclusion);
        self.report(&seclusion);
        seclusion
    }

    fn find_confidential(&mut self, seclusion: &mut Seclusion) {
        let graph = self.context.graph;
        for (service, row) in graph.objects(Entity::Service) {
            let offers = offers(graph, service, row);
            let mut ground = self.service_ground(service, &[]);
            for offer in &offers {
                let here = self.service_ground(service, &[&offer.location]);
                ground = ground.or(here);
                let joint = offer.row.filter(|row| privacy(row) == Privacy::Private);
                let here = here.or(joint.map(|_| Ground::Flag));
                if let Some(ground) = here {
                    seclusion.seclude(&offer.location, ground);
                }
            }
            if ground.is_some() {
                seclusion.services.insert(service.clone());
            }
        }
        for (location, _) in graph.objects(Entity::Location) {
            if let Some(ground) = self.location_ground(location) {
                seclusion.seclude(location, ground);
            }
        }
    }

    /// Why a service is confidential wherever it is offered, or at `at`.
    fn service_ground(&self, service: &Ref, at: &[&Ref]) -> Option<Ground> {
        let row = self.context.graph.row(service)?;
        let terms = self.terms.get(service)?;
        if privacy(row) == Privacy::Private {
            return Some(Ground::Flag);
        }
        if terms.tier.is_some_and(|tier| tier > Tier::Public) {
            return Some(Ground::Attribute);
        }
        if terms.any(|code| code.as_str() == "ho:conf") {
            return Some(Ground::ShelterCode);
        }
        let organization = self.ties.organization_of.get(service);
        let named = std::iter::once(service)
            .chain(organization)
            .chain(at.iter().copied());
        let words = self.headline(named);
        let survivors = names_survivors(&words) || terms.any(serves_survivors);
        let shelter = names_shelter(&words) || terms.any(gives_shelter);
        (survivors && shelter).then_some(Ground::SurvivorShelter)
    }

    fn location_ground(&self, location: &Ref) -> Option<Ground> {
        let graph = self.context.graph;
        let organizations = self.ties.organizations_at(graph, location);
        let addresses = address::rows(graph, location);
        let rows = graph.row(location).into_iter();
        let owners = organizations.iter().filter_map(|name| graph.row(name));
        let mut rows = rows.chain(addresses.iter().copied()).chain(owners);
        if rows.any(|row| privacy(row) == Privacy::Private) {
            return Some(Ground::Flag);
        }
        let tiers = organizations
            .iter()
            .chain([location])
            .filter_map(|name| self.terms.get(name)?.tier);
        if tiers.max().is_some_and(|tier| tier > Tier::Public) {
            return Some(Ground::Attribute);
        }
        let terms = self.terms.get(location);
        if terms.is_some_and(|terms| terms.any(|code| code.as_str() == "ho:conf")) {
            return Some(Ground::ShelterCode);
        }
        let hidden = addresses.iter().any(|row| {
            address::LINES
                .iter()
                .chain(&["postal_code", "attention", "state_province"])
                .any(|field| row.text(field).is_some_and(hides_address))
        });
        if hidden {
            return Some(Ground::AddressWords);
        }
        let own = graph.row(location)?;
        let organization = graph.linked(own, "organization_id", Entity::Organization);
        let words = self.headline([location].into_iter().chain(&organization));
        let named = names_survivors(&words) && names_shelter(&words);
        named.then_some(Ground::SurvivorShelter)
    }

    /// Names, other names and categories.
    fn headline<'r>(&self, objects: impl Iterator<Item = &'r Ref>) -> String {
        let mut words = String::new();
        for object in objects {
            if let Some(row) = self.context.graph.row(object) {
                for field in ["name", "alternate_name"] {
                    words.push_str(&word(row, field).unwrap_or_default());
                    words.push_str(" . ");
                }
            }
            if let Some(terms) = self.terms.get(object) {
                words.push_str(&terms.words);
            }
        }
        words
    }

    /// Other locations of the same organizations at the address of a confidential one.
    fn spread_to_same_address(&self, seclusion: &mut Seclusion) {
        let mut to_visit: Vec<Ref> = seclusion.locations.keys().cloned().collect();
        while let Some(location) = to_visit.pop() {
            let Some(site) = self.sites.get(&location) else {
                continue;
            };
            for organization in self.ties.organizations_at(self.context.graph, &location) {
                let others = self.ties.locations_of.get(&organization);
                for other in others.into_iter().flatten() {
                    let same = self
                        .sites
                        .get(other)
                        .is_some_and(|other| other.secret.is_same_place(&site.secret));
                    if same && !seclusion.locations.contains_key(other) {
                        seclusion.seclude(other, Ground::SameAddress);
                        to_visit.push(other.clone());
                    }
                }
            }
        }
        for location in seclusion.locations.keys() {
            let here = self.ties.services_at(location);
            seclusion.services.extend(here.iter().cloned());
        }
    }

    /// Domestic violence and shelter in the description only: the publisher has to decide.
    fn withhold_undecided(&mut self, seclusion: &Seclusion) {
        let graph = self.context.graph;
        for entity in [Entity::Service, Entity::Location] {
            for (object, row) in graph.objects(entity) {
                let judged =
                    seclusion.services.contains(object) || seclusion.locations.contains_key(object);
                let public = privacy(row) == Privacy::Public
                    || self.terms.get(object).and_then(|terms| terms.tier) == Some(Tier::Public);
                if !judged && !public && self.describes_survivor_shelter(object) {
                    self.withhold(object, "description", undecided());
                }
            }
        }
        for (location, _) in graph.objects(Entity::Location) {
            let here = self.ties.services_at(location);
            let all_kept_back = !here.is_empty()
                && here.iter().all(|service| {
                    !seclusion.services.contains(service)
                        && self.describes_survivor_shelter(service)
                        && self.context.withheld.contains(service)
                });
            if all_kept_back && !seclusion.locations.contains_key(location) {
                self.withhold(location, "row", only_place_of_undecided());
            }
        }
    }

    fn describes_survivor_shelter(&self, object: &Ref) -> bool {
        let Some(row) = self.context.graph.row(object) else {
            return false;
        };
        let mut words = self.headline([object].into_iter());
        for field in ["description", "eligibility_description", "eligibility"] {
            words.push_str(&word(row, field).unwrap_or_default());
            words.push_str(" . ");
        }
        names_survivors(&words) && names_shelter(&words)
    }

    /// Records in which a dropped address stands: those of the location, of the services there, and of
    /// their organizations with all they offer.
    fn withhold_giveaways(&mut self, seclusion: &Seclusion) {
        let graph = self.context.graph;
        for (object, secrets) in self.secrets_near(seclusion) {
            let secluded = seclusion.locations.contains_key(&object);
            let texts = texts(graph, &object, secluded);
            let hit = texts.iter().find(|text| {
                let words = Wording::of(&text.text);
                secrets.iter().any(|secret| secret.is_worded(&words))
            });
            if let Some(hit) = hit {
                self.withhold_giveaway(&object, &hit.field);
            }
        }
    }

    /// What must not stand in which record.
    fn secrets_near(&self, seclusion: &Seclusion) -> BTreeMap<Ref, Vec<&'a Secret>> {
        let mut near: BTreeMap<Ref, Vec<&Secret>> = BTreeMap::new();
        let sites = self.sites;
        for location in seclusion.locations.keys() {
            let Some(site) = sites.get(location).filter(|site| !site.secret.is_empty()) else {
                continue;
            };
            let organizations = self.ties.organizations_at(self.context.graph, location);
            let parts = organizations.iter().flat_map(|one| self.ties.parts_of(one));
            let mut scope: Vec<&Ref> = parts.chain(&organizations).collect();
            scope.extend(self.ties.services_at(location));
            scope.push(location);
            scope.sort();
            scope.dedup();
            for object in scope {
                near.entry(object.clone()).or_default().push(&site.secret);
            }
        }
        near
    }

    fn withhold_giveaway(&mut self, object: &Ref, field: &str) {
        self.withhold(object, field, giveaway());
        if object.entity == Entity::Organization {
            for part in self.ties.parts_of(object) {
                self.withhold(part, "organization_id", super::organization_withheld());
            }
        }
    }

    /// Any street at all in the texts of a confidential service or location.
    fn withhold_streets(&mut self, seclusion: &Seclusion) {
        let graph = self.context.graph;
        let objects = seclusion.services.iter().chain(seclusion.locations.keys());
        let mut objects: Vec<&Ref> = objects.collect();
        objects.sort();
        for object in objects {
            let texts = texts(graph, object, object.entity == Entity::Location);
            let street = texts.iter().find(|text| mentions_street(&text.text));
            if let Some(hit) = street {
                self.withhold(object, &hit.field, street_in_text());
            }
        }
    }

    /// Names every confidential location: shown by its county, or kept back where none is known.
    fn report(&mut self, seclusion: &Seclusion) {
        let graph = self.context.graph;
        for (location, ground) in &seclusion.locations {
            let Some(row) = graph.row(location) else {
                continue;
            };
            if self.context.withheld.contains(location) {
                continue;
            }
            if self
                .sites
                .get(location)
                .is_some_and(|site| site.county.is_some())
            {
                self.ledger
                    .repair(row, "address", Cause::new(ground.code(), ground.reason()));
            } else {
                self.withhold(location, "address", county_unknown());
            }
        }
    }

    fn withhold(&mut self, object: &Ref, field: &str, cause: Cause) {
        if let Some(row) = self.context.graph.row(object)
            && self.context.withheld.insert(object.clone())
        {
            self.ledger.withhold(row, field, cause);
        }
    }
}

impl Seclusion {
    fn seclude(&mut self, location: &Ref, ground: Ground) {
        self.locations.entry(location.clone()).or_insert(ground);
    }
}

fn undecided() -> Cause {
    Cause::new(
        "survivor_shelter_undecided",
        "the text speaks of domestic violence and shelter: kept back until you say with a column \
         \"confidential\" whether its address is (yes or no)",
    )
}

fn only_place_of_undecided() -> Cause {
    Cause::new(
        "survivor_shelter_undecided",
        "every service here is kept back until you say whether its address is confidential",
    )
}

fn giveaway() -> Cause {
    Cause::new(
        "confidential_address_in_text",
        "kept back: the address of a confidential location stands in this text; remove it there",
    )
}

fn street_in_text() -> Cause {
    Cause::new(
        "street_in_confidential_text",
        "kept back: a confidential listing has what looks like a street address in this text; \
         remove it there",
    )
}

fn county_unknown() -> Cause {
    Cause::new(
        "confidential_county_unknown",
        "kept back: a confidential location is shown by its county, and its county is not known; \
         give its ZIP or its city and state",
    )
}
