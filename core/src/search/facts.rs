//! What matching knows of one service: a listing boiled down.

use crate::catalog::{Language, LanguageMode, LanguageTag, Listing, Location, Place, ServiceArea};
use crate::geo::{CountryCode, CountyFips, Point, StateCode};
use crate::id::{LocalId, RecordKey};
use crate::vocabulary::Code;

/// What matching knows of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The service.
    pub key: RecordKey,
    /// Its codes and the domains they belong to, sorted, each once.
    pub codes: Vec<Code>,
    /// Its languages, those of its locations and phone lines too, each tag and mode once.
    pub languages: Vec<(LanguageTag, LanguageMode)>,
    /// Where it is offered; at least one.
    pub offers: Vec<OfferFacts>,
}

/// What matching knows of one offer of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferFacts {
    /// The location; `None` for remote ones and where none is stated.
    pub location: Option<LocalId>,
    /// Where it is.
    pub site: Site,
    /// Where its clients live; empty: not stated.
    pub areas: Vec<ServiceArea>,
}

/// Where an offer is.
#[derive(Clone, Debug, PartialEq)]
pub enum Site {
    /// At a position.
    At {
        /// The position.
        point: Point,
        /// True when it stands for a ZIP, city or county.
        approximate: bool,
        /// The state, where it is in one.
        state: Option<StateCode>,
        /// The country.
        country: CountryCode,
    },
    /// Somewhere in a county, nothing finer may be known.
    County(CountyFips),
    /// At an address no map knows.
    Unplaced {
        /// The state, where one is stated.
        state: Option<StateCode>,
        /// The country.
        country: CountryCode,
    },
    /// Nowhere: by phone, video or message. Holds the organization's state, where it is known.
    Remote(Option<StateCode>),
    /// Not stated; holds the positions of the organization's locations.
    NotStated(Vec<Point>),
}

impl Facts {
    /// The facts of a listing. `organization_places` are where its organization is found: they stand
    /// in for a service that states neither a location nor that it is remote.
    #[must_use]
    pub fn of(listing: &Listing, organization_places: &[Place]) -> Self {
        let service = &listing.service;
        let mut codes: Vec<Code> = service.attributes.iter().map(|a| a.code.clone()).collect();
        codes.extend(
            service
                .credentials
                .iter()
                .map(|credential| credential.code.clone()),
        );
        let parents: Vec<Code> = codes.iter().filter_map(Code::parent).collect();
        codes.extend(parents);
        codes.sort();
        codes.dedup();
        Self {
            key: listing.key(),
            codes,
            languages: languages(listing),
            offers: offers(listing, organization_places),
        }
    }
}

fn languages(listing: &Listing) -> Vec<(LanguageTag, LanguageMode)> {
    let service = &listing.service;
    let at_locations = listing
        .locations
        .iter()
        .flat_map(|location| &location.languages);
    let on_phones = service.phones.iter().flat_map(|phone| &phone.languages);
    let all = service
        .languages
        .iter()
        .chain(at_locations)
        .chain(on_phones);
    let mut spoken: Vec<_> = all
        .map(|Language { tag, mode, .. }| (tag.clone(), *mode))
        .collect();
    spoken.sort();
    spoken.dedup();
    spoken
}

fn offers(listing: &Listing, organization_places: &[Place]) -> Vec<OfferFacts> {
    let service = &listing.service;
    let mut offers: Vec<OfferFacts> = service
        .offers
        .iter()
        .filter_map(|offer| {
            let location = listing
                .locations
                .iter()
                .find(|place| place.id == offer.location)?;
            let areas = if offer.areas.is_empty() {
                &service.areas
            } else {
                &offer.areas
            };
            Some(OfferFacts {
                location: Some(offer.location.clone()),
                site: Site::of(location),
                areas: areas.clone(),
            })
        })
        .collect();
    if service.remote {
        let state = organization_places.iter().find_map(state_of);
        offers.push(nowhere(Site::Remote(state), service.areas.clone()));
    } else if offers.is_empty() {
        let points = organization_places
            .iter()
            .filter_map(Place::point)
            .collect();
        offers.push(nowhere(Site::NotStated(points), service.areas.clone()));
    }
    offers
}

fn nowhere(site: Site, areas: Vec<ServiceArea>) -> OfferFacts {
    OfferFacts {
        location: None,
        site,
        areas,
    }
}

fn state_of(place: &Place) -> Option<StateCode> {
    place.address().and_then(|address| address.state)
}

impl Site {
    /// Where a location is, as far as matching may know.
    #[must_use]
    pub fn of(location: &Location) -> Self {
        match &location.place {
            Place::Exact { address, point } => Self::At {
                point: *point,
                approximate: false,
                state: address.state,
                country: address.country,
            },
            Place::Approximate { address, point, .. } => Self::At {
                point: *point,
                approximate: true,
                state: address.state,
                country: address.country,
            },
            Place::County(county) => Self::County(*county),
            Place::Unplaced(address) => Self::Unplaced {
                state: address.state,
                country: address.country,
            },
        }
    }

    /// The position, for offers that have one.
    #[must_use]
    pub fn point(&self) -> Option<Point> {
        if let Self::At { point, .. } = self {
            Some(*point)
        } else {
            None
        }
    }
}
