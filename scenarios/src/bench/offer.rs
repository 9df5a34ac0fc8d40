//! A service as flat rows, one an offer: what every peer is given.
//!
//! All that does not depend on the question is worked out here, once: codes after credentials, the state
//! of capacity at the moment of the bench, which parts of the map an offer is at home in and serves. That
//! is easier for the peers than what the engine has to do, which takes in live reports as they come.

use jiff::Timestamp;
use referral_core::capacity::{Held, State, effective};
use referral_core::catalog::{Area, Listing, Place};
use referral_core::geo::Point;
use referral_core::search::{Facts, OfferFacts, Site};
use referral_index::Document;

use super::tokens::{Token, Tokens, capacity};
use super::weights::Weights;

/// One offer of a service, or one office of an organization that does not say where the service is.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The service: the upper half of its public id, in the same order.
    pub service: i64,
    /// Its organization's place in the rotation.
    pub turn: i64,
    /// Where it is, when distance decides.
    pub point: Option<Point>,
    /// True when an area that holds the place is enough: for remote offers and addresses no map knows.
    pub far: bool,
    /// True when it is remote.
    pub remote: bool,
    /// True when it says whom it serves.
    pub stated: bool,
    /// What it serves.
    pub areas: Vec<Token>,
    /// How far around itself it serves, in kilometres.
    pub area_km: Option<f64>,
    /// What it is in, or assumed to serve.
    pub home: Vec<Token>,
    /// Codes it may act on.
    pub codes: Vec<Token>,
    /// Primary languages spoken.
    pub languages: Vec<Token>,
    /// State of capacity, which is a facet value too.
    pub capacity: Token,
    /// What that state counts.
    pub worth: f64,
    /// When it was reported, in seconds since 1970.
    pub observed_at: Option<i64>,
    /// How long the report is believed, in seconds.
    pub ttl: u32,
    /// Facet values but for the state of capacity.
    pub facets: Vec<Token>,
    /// Words of its names.
    pub names: String,
    /// All its words.
    pub words: String,
}

/// What rows are made with.
#[derive(Debug)]
pub struct Flattening {
    /// The numbers of names.
    pub tokens: Tokens,
    /// The weights in force.
    pub weights: Weights,
    /// The moment of the bench.
    pub now: Timestamp,
}

impl Flattening {
    /// The rows of a service.
    pub fn rows(&mut self, listing: &Listing, places: &[Place], reports: &[Held]) -> Vec<Offer> {
        let facts = Facts::of(listing, places);
        let document = Document::of(listing, &facts, places);
        let codes = facts.codes.iter();
        let codes: Vec<Token> = codes
            .map(|code| self.tokens.take(&format!("code {code}")))
            .collect();
        let languages = self.languages(&facts);
        let service = Offer {
            service: service_number(listing.key().public_id().as_u128()),
            turn: turn(listing),
            point: None,
            far: false,
            remote: false,
            stated: false,
            areas: Vec::new(),
            area_km: None,
            home: Vec::new(),
            facets: Vec::new(),
            codes,
            languages,
            capacity: capacity(State::Unknown),
            worth: 0.0,
            observed_at: None,
            ttl: 1,
            names: document.names,
            words: document.words,
        };
        let offers = facts.offers.iter();
        offers
            .flat_map(|offer| self.offer(&service, offer, reports))
            .collect()
    }

    fn offer(&mut self, service: &Offer, offer: &OfferFacts, reports: &[Held]) -> Vec<Offer> {
        let mut row = service.clone();
        self.set_capacity(&mut row, offer, reports);
        self.set_areas(&mut row, offer);
        match &offer.site {
            Site::At {
                point,
                state,
                country,
                ..
            } => {
                row.point = Some(*point);
                self.set_home(&mut row, state.map(|s| s.to_string()), country.as_str());
            }
            Site::County(county) => row.home = vec![self.tokens.take(&format!("in {county}"))],
            Site::Unplaced { state, country } => {
                row.far = true;
                self.set_home(&mut row, state.map(|s| s.to_string()), country.as_str());
            }
            Site::Remote(state) => {
                row.far = true;
                row.remote = true;
                if !row.stated {
                    let state = state.map_or_else(|| "US".to_owned(), |state| state.to_string());
                    row.home = vec![self.tokens.take(&format!("assumed {state}"))];
                }
            }
            Site::NotStated(points) => {
                row.far = row.stated;
                row.area_km = None;
                if !row.stated && !points.is_empty() {
                    let at = |point: &Point| Offer {
                        point: Some(*point),
                        ..row.clone()
                    };
                    return points.iter().map(at).collect();
                }
            }
        }
        if row.point.is_none() {
            row.area_km = None;
        }
        vec![row]
    }

    fn set_capacity(&self, row: &mut Offer, offer: &OfferFacts, reports: &[Held]) {
        let about = |location| {
            let of = |held: &&Held| held.report.said().location.as_ref() == location;
            reports.iter().find(of)
        };
        let own = offer.location.as_ref().and_then(|at| about(Some(at)));
        let held = effective(own, about(None));
        let state = held.map_or(State::Unknown, |held| held.state_at(self.now));
        row.capacity = capacity(state);
        let at = usize::try_from(row.capacity).unwrap_or_default();
        row.worth = self.weights.worth[at];
        row.observed_at = held.map(|held| held.observed_at.as_second());
        row.ttl = held.map_or(1, |held| held.ttl.seconds());
    }

    fn set_areas(&mut self, row: &mut Offer, offer: &OfferFacts) {
        row.stated = !offer.areas.is_empty();
        for area in &offer.areas {
            match area_name(&area.area) {
                Some(name) => row.areas.push(self.tokens.take(&name)),
                None => {
                    if let Area::Radius(radius) = area.area {
                        row.area_km = Some(row.area_km.unwrap_or(0.0).max(radius.get()));
                    }
                }
            }
        }
        row.areas.sort_unstable();
        row.areas.dedup();
    }

    fn set_home(&mut self, row: &mut Offer, state: Option<String>, country: &str) {
        let state = state.map(|state| self.tokens.take(&format!("in state {state}")));
        row.home = state.into_iter().collect();
        row.home
            .push(self.tokens.take(&format!("in country {country}")));
    }

    fn languages(&mut self, facts: &Facts) -> Vec<Token> {
        let spoken = facts.languages.iter();
        let mut spoken: Vec<Token> = spoken
            .map(|(tag, _)| self.tokens.take(&format!("language {}", tag.primary())))
            .collect();
        spoken.sort_unstable();
        spoken.dedup();
        spoken
    }
}

/// The name of an area that a list of numbers can hold; none for a radius, and for a court, which
/// no search for a place finds.
#[must_use]
pub fn area_name(area: &Area) -> Option<String> {
    match area {
        Area::Zip(zip) => Some(format!("zip {zip}")),
        Area::County(county) => Some(format!("county {county}")),
        Area::State(state) => Some(format!("state {state}")),
        Area::Country(country) => Some(format!("country {country}")),
        Area::Nation => Some("country US".to_owned()),
        Area::Radius(_) | Area::Court(_) => None,
    }
}

/// A service's number: the upper half of its public id, as a signed number in the same order.
#[must_use]
pub fn service_number(public_id: u128) -> i64 {
    let upper = u64::try_from(public_id >> 64).unwrap_or_default();
    (upper ^ (1 << 63)).cast_signed()
}

fn turn(_listing: &Listing) -> i64 {
    0
}
