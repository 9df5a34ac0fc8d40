//! A service as flat rows, one an offer: what every peer is given.
//!
//! All that does not depend on the question is worked out here, once: codes after credentials, the state
//! of capacity at the moment of the bench, which parts of the map an offer is at home in and serves. That
//! is easier for the peers than what the engine has to do, which takes in live reports as they come.

use jiff::Timestamp;
use referral_core::capacity::{Held, State, effective};
use referral_core::catalog::{Area, LanguageMode, Listing, Place};
use referral_core::geo::{CountryCode, Point, StateCode};
use referral_core::search::{
    Facts, Filter, Fit, OfferFacts, Site, Values, day, is_spoken, rotation, turn, values_of_offer,
    values_of_service,
};
use referral_index::Document;

use super::question::Known;
use super::tokens::{Token, capacity};
use super::weights::Weights;

/// One offer of a service, or one office of an organization that does not say where the service is.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// Those of them that its credentials certainly allow.
    pub sure: Vec<Token>,
    /// Codes that words can mean: those that have lapsed, too.
    pub meanings: Vec<Token>,
    /// Primary languages, spoken and by an interpreter on the phone.
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
    /// What becomes known of them.
    pub known: Known,
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
        let mut row = Offer {
            service: service_number(facts.key.public_id().as_u128()),
            turn: signed(rotation(seed(self.now), &facts.organization)),
            names: document.names,
            words: document.words,
            ..Offer::default()
        };
        self.known.dictionary.add(&row.words);
        for code in &facts.codes {
            row.meanings
                .push(self.known.tokens.take(&format!("code {code}")));
        }
        self.set_service(&mut row, &facts);
        let offers = facts.offers.iter();
        offers
            .flat_map(|offer| self.offer(&row, offer, reports))
            .collect()
    }

    fn set_service(&mut self, row: &mut Offer, facts: &Facts) {
        let today = day(self.now);
        for code in facts.codes_on(today) {
            let token = self.known.tokens.take(&format!("code {code}"));
            row.codes.push(token);
            if facts.qualifies(code, today) == Fit::Fits {
                row.sure.push(token);
            } else {
                self.known.doubtful.insert(token);
            }
        }
        for (tag, mode) in &facts.languages {
            let how = match mode {
                mode if is_spoken(*mode) => "language",
                LanguageMode::InterpreterByPhone => "by phone",
                _ => continue,
            };
            let name = format!("{how} {}", tag.primary());
            row.languages.push(self.known.tokens.take(&name));
        }
        if facts.any_language_by_phone {
            row.languages.push(self.known.tokens.take("by phone any"));
        }
        row.languages.sort_unstable();
        row.languages.dedup();
        let mut values = Values::new();
        values_of_service(facts, today, &mut values);
        self.add_facets(row, values);
    }

    fn offer(&mut self, service: &Offer, offer: &OfferFacts, reports: &[Held]) -> Vec<Offer> {
        let mut row = service.clone();
        self.set_capacity(&mut row, offer, reports);
        self.set_areas(&mut row, offer);
        row.point = offer.site.point();
        let (state, country) = region(&offer.site);
        match &offer.site {
            Site::At { .. } => self.set_home(&mut row, state, country),
            Site::County(fips) => {
                self.set_home(&mut row, state, country);
                row.home.push(self.known.tokens.take(&format!("in {fips}")));
            }
            Site::Unplaced { .. } => {
                row.far = true;
                if !row.stated {
                    self.set_home(&mut row, state, country);
                }
            }
            Site::Remote(state) => {
                row.far = true;
                row.remote = true;
                if !row.stated {
                    let reach = state.map_or_else(|| "US".to_owned(), |state| state.to_string());
                    let reach = self.known.tokens.take(&format!("assumed {reach}"));
                    row.home.push(reach);
                }
            }
            Site::NotStated(offices) => {
                row.far = row.stated;
                if !row.stated && !offices.is_empty() {
                    let at = |office: &Point| Offer {
                        point: Some(*office),
                        ..row.clone()
                    };
                    return offices.iter().map(at).collect();
                }
            }
        }
        vec![row]
    }

    fn set_capacity(&mut self, row: &mut Offer, offer: &OfferFacts, reports: &[Held]) {
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
        let mut values = Values::new();
        values_of_offer(offer, state, &mut values);
        // The state of capacity changes: it is counted from where it is kept.
        values.retain(|value| !matches!(value, Filter::State(_)));
        self.add_facets(row, values);
    }

    /// Areas as names; the greatest circle; and, for searches in a state or country, that there is a
    /// ZIP or circle in it.
    fn set_areas(&mut self, row: &mut Offer, offer: &OfferFacts) {
        row.stated = !offer.areas.is_empty();
        let mut patch = false;
        for area in &offer.areas {
            patch |= matches!(area.area, Area::Zip(_) | Area::Radius(_));
            if let Some(name) = area_name(&area.area) {
                row.areas.push(self.known.tokens.take(&name));
            }
            if let (Area::Radius(radius), Some(_)) = (&area.area, offer.site.point()) {
                row.area_km = Some(row.area_km.unwrap_or(0.0).max(radius.get()));
            }
        }
        if patch {
            let (state, country) = region(&offer.site);
            let state = state.map(|state| format!("part of state {state}"));
            let country = country.map(|country| format!("part of country {country}"));
            let names = state.into_iter().chain(country);
            row.areas
                .extend(names.map(|name| self.known.tokens.take(&name)));
        }
        row.areas.sort_unstable();
        row.areas.dedup();
    }

    fn set_home(
        &mut self,
        row: &mut Offer,
        state: Option<StateCode>,
        country: Option<CountryCode>,
    ) {
        let state = state.map(|state| format!("in state {state}"));
        let country = country.map(|country| format!("in country {country}"));
        let names = state.into_iter().chain(country);
        row.home
            .extend(names.map(|name| self.known.tokens.take(&name)));
    }

    fn add_facets(&mut self, row: &mut Offer, values: Values) {
        let values = values.into_iter();
        row.facets
            .extend(values.map(|value| self.known.tokens.take_value(value)));
    }
}

/// What turns equal results at `now` for everybody who names no number of their own: the day, as in
/// a directory.
#[must_use]
pub fn seed(now: Timestamp) -> u64 {
    turn(now.as_second().div_euclid(86_400).cast_unsigned(), 0)
}

/// State and country of a site, as searches in a region see them.
fn region(site: &Site) -> (Option<StateCode>, Option<CountryCode>) {
    let country = match site {
        Site::At { country, .. } | Site::Unplaced { country, .. } => Some(*country),
        Site::County(_) => Some(CountryCode::US),
        Site::Remote(_) | Site::NotStated(_) => None,
    };
    (site.state(), country)
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
    signed(u64::try_from(public_id >> 64).unwrap_or_default())
}

/// The signed number with the same place in the order: neither SQL nor Java has unsigned ones.
fn signed(number: u64) -> i64 {
    (number ^ (1 << 63)).cast_signed()
}
