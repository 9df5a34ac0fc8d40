//! A listing as far as somebody may see it.

use std::ops::Deref;

use super::{Clearance, Decision, Viewer, What, policy};
use crate::catalog::{
    Address, Area, Listing, Location, Part, Place, Service, ServiceArea, Tier, Tiers,
};
use crate::geo::{CountryCode, CountyFips};
use crate::places::Places;

/// A listing without what its viewers may not see.
///
/// It can only be made by [`Listing::seen_by`]. Below the tier of a location its place is the county, its
/// areas are whole counties, and nothing tells the way there: the same as for a confidential one.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenListing {
    listing: Listing,
    clearance: Clearance,
    hidden: Vec<(Part, Tier)>,
}

/// How much of what an agency signed somebody may be handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// All of it: they may see everything in it.
    Whole,
    /// None of it, though they may know that it exists: something in it is for others.
    InPart,
    /// None of it; they may not know that it exists.
    Nothing,
}

impl SeenListing {
    /// For whom it was made.
    #[must_use]
    pub fn clearance(&self) -> Clearance {
        self.clearance
    }

    /// Whether this part was taken out, or for [`Part::Capacity`] must not be counted.
    #[must_use]
    pub fn hides(&self, part: Part) -> bool {
        self.hidden.iter().any(|(hidden, _)| *hidden == part)
    }

    /// The parts taken out, and for whom they are.
    #[must_use]
    pub fn hidden(&self) -> &[(Part, Tier)] {
        &self.hidden
    }
}

impl Deref for SeenListing {
    type Target = Listing;

    fn deref(&self) -> &Listing {
        &self.listing
    }
}

impl Listing {
    /// The listing as far as `clearance` goes; `None`: they may not know that it exists.
    #[must_use]
    pub fn seen_by(self, clearance: Clearance, map: &dyn Places) -> Option<SeenListing> {
        if !clearance.sees(self.service.tier) {
            return None;
        }
        let mut listing = self;
        let tiers = std::mem::take(&mut listing.service.tiers);
        let hidden: Vec<(Part, Tier)> = tiers
            .restricted()
            .filter(|(_, tier)| !clearance.sees(*tier))
            .collect();
        for (part, _) in &hidden {
            listing.hide(*part);
        }
        listing.coarsen(|tier| clearance.sees(tier), map);
        listing.service.tiers =
            Tiers::of(tiers.restricted().filter(|(_, tier)| clearance.sees(*tier)));
        Some(SeenListing {
            listing,
            clearance,
            hidden,
        })
    }

    /// How much of what the agency signed of the service may be handed to `who`. Signed bytes cannot be cut:
    /// they see all that is in them, or do not get them.
    #[must_use]
    pub fn handed_to(&self, who: &Viewer, map: &dyn Places) -> Handed {
        let may = |tier| {
            let what = What::Tier(tier, Some(&self.agency));
            policy(who, what) == Decision::Allow
        };
        if !may(self.service.tier) {
            return Handed::Nothing;
        }
        if self.service.tiers.restricted().any(|(_, tier)| !may(tier)) {
            return Handed::InPart;
        }
        if self.locations.iter().all(|location| may(location.tier)) {
            return Handed::Whole;
        }
        // Areas and notes of the service tell of a place that they may not know.
        let mut coarse = self.clone();
        coarse.coarsen(may, map);
        if coarse.service == self.service {
            Handed::Whole
        } else {
            Handed::InPart
        }
    }

    /// Whether people of one clearance see another listing than people of another.
    #[must_use]
    pub fn is_seen_differently(&self) -> bool {
        let own = std::iter::once(self.service.tier);
        let parts = self.service.tiers.restricted().map(|(_, tier)| tier);
        let places = self.locations.iter().map(|location| location.tier);
        own.chain(parts)
            .chain(places)
            .any(|tier| tier == Tier::Member)
    }

    /// Every record is destructured or named here: a new field is thought of.
    fn hide(&mut self, part: Part) {
        let service = &mut self.service;
        match part {
            Part::Description => {
                service.description = None;
                service.alert = None;
                service.interpretation_services = None;
                service.accreditations = None;
                service.licenses = None;
                for offer in &mut service.offers {
                    offer.description = None;
                }
                for location in &mut self.locations {
                    location.description = None;
                }
            }
            Part::Phones => {
                service.phones.clear();
                for offer in &mut service.offers {
                    offer.phones.clear();
                }
                for location in &mut self.locations {
                    location.phones.clear();
                }
                for contact in contacts(service, &mut self.locations) {
                    contact.phones.clear();
                }
            }
            Part::Contacts => {
                service.contacts.clear();
                for location in &mut self.locations {
                    location.contacts.clear();
                }
            }
            Part::Web => {
                service.url = None;
                service.email = None;
                for location in &mut self.locations {
                    location.url = None;
                }
                for contact in contacts(service, &mut self.locations) {
                    contact.email = None;
                }
            }
            Part::Hours => {
                service.schedules.clear();
                for offer in &mut service.offers {
                    offer.schedules.clear();
                }
                for location in &mut self.locations {
                    location.schedules.clear();
                }
            }
            Part::Intake => {
                service.eligibility_description = None;
                service.application_process = None;
                service.fees_description = None;
                service.costs.clear();
                service.wait_time = None;
                service.required_documents.clear();
            }
            // What is free is no part of the listing: whoever shows it asks `hides`.
            Part::Capacity => {}
        }
    }

    fn coarsen(&mut self, sees: impl Fn(Tier) -> bool, map: &dyn Places) {
        let mut counties = Vec::new();
        for location in &mut self.locations {
            if !sees(location.tier) {
                let county = coarse(location, map);
                counties.push((location.id.clone(), county));
            }
        }
        let Some((_, first)) = counties.first() else {
            return;
        };
        let first = *first;
        let service = &mut self.service;
        widen(&mut service.areas, first, map);
        service.area_notes.clear();
        for offer in &mut service.offers {
            let found = counties.iter().find(|(id, _)| *id == offer.location);
            if let Some((_, county)) = found {
                widen(&mut offer.areas, *county, map);
                offer.description = None;
            }
        }
    }
}

/// Contacts of a service and of where it is offered.
fn contacts<'a>(
    service: &'a mut Service,
    locations: &'a mut [Location],
) -> impl Iterator<Item = &'a mut crate::catalog::Contact> {
    let at = locations.iter_mut().flat_map(|l| &mut l.contacts);
    service.contacts.iter_mut().chain(at)
}

/// Leaves of a location what may be known of a confidential one; gives its county, where the map knows it.
fn coarse(location: &mut Location, map: &dyn Places) -> Option<CountyFips> {
    let county = match &location.place {
        Place::Exact { point, .. } | Place::Approximate { point, .. } => map.county_of(*point),
        Place::County(county) => Some(*county),
        Place::Unplaced(_) => None,
    };
    let address = location.place.address();
    let nation = address.map_or(CountryCode::US, |address| address.country);
    location.place = county.map_or_else(
        || Place::Unplaced(Address::of_country(nation)),
        Place::County,
    );
    location.name = None;
    location.alternate_name = None;
    location.description = None;
    location.transportation = None;
    location.url = None;
    location.accessibility.clear();
    county
}

/// Widens areas to whole counties.
fn widen(areas: &mut Vec<ServiceArea>, site: Option<CountyFips>, map: &dyn Places) {
    let mut wide: Vec<ServiceArea> = Vec::new();
    for mut area in areas.drain(..) {
        let counties: Vec<CountyFips> = match &area.area {
            Area::Zip(zip) => {
                let place = map.zip(*zip);
                let counties = place.map(|place| place.counties).unwrap_or_default();
                counties.into_iter().map(|(county, _)| county).collect()
            }
            Area::Radius(_) => site.into_iter().collect(),
            _ => {
                area.name = None;
                wide.push(area);
                continue;
            }
        };
        wide.extend(counties.into_iter().map(|county| ServiceArea {
            area: Area::County(county),
            condition: area.condition.clone(),
            name: None,
        }));
    }
    for area in wide {
        if !areas.contains(&area) {
            areas.push(area);
        }
    }
}
