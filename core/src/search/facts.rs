//! What matching knows of one service: a listing boiled down.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::catalog::{
    Effect, Field, Language, LanguageMode, LanguageTag, Listing, Location, Place, Rule, Service,
    ServiceArea, Values,
};
use crate::geo::{CountryCode, CountyFips, Point, StateCode};
use crate::id::{Kind, LocalId, RecordKey};
use crate::search::{Fit, credential};
use crate::text::Name;
use crate::vocabulary::Code;

/// What matching knows of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The service.
    pub key: RecordKey,
    /// Its organization.
    pub organization: RecordKey,
    /// Its codes and the domains they belong to, sorted, each once; without those that its
    /// credentials never allow. Ask [`Facts::has`]: a credential may have lapsed.
    pub codes: Vec<Code>,
    /// Its credentials, each with the last day it is good for, where one is stated.
    pub credentials: Vec<(Code, Option<Date>)>,
    /// Whom it takes: its rules, and what its codes say where no rule does.
    pub rules: Vec<Rule>,
    /// Its languages, those of its locations and phone lines too, each tag and mode once.
    pub languages: Vec<(LanguageTag, LanguageMode)>,
    /// True when it has an interpreter by phone and does not say for which languages.
    pub any_language_by_phone: bool,
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
        let credentials: Vec<(Code, Option<Date>)> = service
            .credentials
            .iter()
            .map(|credential| (credential.code.clone(), credential.lapses))
            .collect();
        let codes = codes(service, &credentials);
        let languages = languages(listing);
        Self {
            key: listing.key(),
            organization: RecordKey {
                agency: listing.agency.clone(),
                kind: Kind::Organization,
                id: service.organization.clone(),
            },
            any_language_by_phone: any_language_by_phone(&codes, &languages),
            rules: rules(service, &codes),
            codes,
            credentials,
            languages,
            offers: offers(listing, organization_places),
        }
    }

    /// Whether the service has `code` and may act on it on the day `today`.
    #[must_use]
    pub fn has(&self, code: &Code, today: Date) -> bool {
        self.codes.binary_search(code).is_ok() && self.qualifies(code, today) != Fit::No
    }

    /// Its codes that it may act on, on the day `today`, sorted.
    pub fn codes_on(&self, today: Date) -> impl Iterator<Item = &Code> {
        let codes = self.codes.iter();
        codes.filter(move |code| self.qualifies(code, today) != Fit::No)
    }

    /// Whether its credentials allow `code`, whether or not it has it.
    #[must_use]
    pub fn qualifies(&self, code: &Code, today: Date) -> Fit {
        credential::qualifies(code, &self.credentials, today)
    }
}

/// Attributes, credentials and the domains of both, without codes that the credentials never allow.
fn codes(service: &Service, credentials: &[(Code, Option<Date>)]) -> Vec<Code> {
    let stated = service.attributes.iter().map(|attribute| &attribute.code);
    let mut codes: Vec<Code> = stated
        .chain(credentials.iter().map(|(code, _)| code))
        .cloned()
        .collect();
    let parents: Vec<Code> = codes.iter().filter_map(Code::parent).collect();
    codes.retain(|code| credential::may_ever_qualify(code, credentials));
    codes.extend(parents);
    codes.sort();
    codes.dedup();
    codes
}

fn any_language_by_phone(codes: &[Code], languages: &[(LanguageTag, LanguageMode)]) -> bool {
    let tagged =
        |(_, mode): &(LanguageTag, LanguageMode)| *mode == LanguageMode::InterpreterByPhone;
    codes.iter().any(|code| code.as_str() == "lang:iphone") && !languages.iter().any(tagged)
}

/// The rules as stated; where none is about custody or the work permit, what the codes say of it.
fn rules(service: &Service, codes: &[Code]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = service
        .eligibility
        .iter()
        .map(|rule| Rule {
            field: plain(&rule.field),
            ..rule.clone()
        })
        .collect();
    let silent = |rules: &[Rule], field| rules.iter().all(|rule| rule.field != field);
    let custody = codes.iter().filter(|code| code.class() == "cust");
    let custody: Vec<&str> = custody.map(Code::as_str).collect();
    if silent(&rules, Field::Custody) {
        rules.extend(allow(Field::Custody, &custody));
    }
    let says = |value: &str| codes.iter().any(|code| code.as_str() == value);
    let permit: &[&str] = match (says("vo:pre") || says("vo:any"), says("vo:post")) {
        (true, _) => &["any"],
        (false, true) => &["after"],
        (false, false) => &[],
    };
    if silent(&rules, Field::WorkPermit) {
        rules.extend(allow(Field::WorkPermit, permit));
    }
    rules
}

fn allow(field: Field, values: &[&str]) -> Option<Rule> {
    let values: Vec<Name> = values
        .iter()
        .filter_map(|value| Name::parse(value).ok())
        .collect();
    (!values.is_empty()).then_some(Rule {
        field,
        effect: Effect::Allow,
        values: Values::AnyOf(values),
        discretionary: false,
    })
}

fn plain_areas(areas: &[ServiceArea]) -> Vec<ServiceArea> {
    let mut areas = areas.to_vec();
    for rule in areas.iter_mut().filter_map(|area| area.condition.as_mut()) {
        rule.field = plain(&rule.field);
    }
    areas
}

/// A rule named by a vocabulary code is about the same thing as one named by its field.
fn plain(field: &Field) -> Field {
    let Field::Other(code) = field else {
        return field.clone();
    };
    match code.as_str() {
        "el:age" => Field::Age,
        "el:ctry" => Field::Nationality,
        "el:stat" => Field::Immigration,
        "el:inc" => Field::Income,
        "el:arr" => Field::MonthsSinceArrival,
        "el:gen" => Field::Gender,
        _ => field.clone(),
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
                areas: plain_areas(areas),
            })
        })
        .collect();
    if service.remote {
        let state = home(organization_places);
        offers.push(nowhere(Site::Remote(state), plain_areas(&service.areas)));
    } else if offers.is_empty() {
        let points = organization_places
            .iter()
            .filter_map(Place::point)
            .collect();
        offers.push(nowhere(
            Site::NotStated(points),
            plain_areas(&service.areas),
        ));
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

/// The state in which most of an organization's places are; of equals the first by its code. The order of
/// the places, and places stated twice, change nothing: stores and imports give them in orders of their own.
fn home(places: &[Place]) -> Option<StateCode> {
    let mut in_states: BTreeMap<StateCode, usize> = BTreeMap::new();
    for (at, place) in places.iter().enumerate() {
        if let Some(state) = state_of(place).filter(|_| !places[..at].contains(place)) {
            *in_states.entry(state).or_default() += 1;
        }
    }
    let mut in_states = in_states.into_iter();
    let first = in_states.next()?;
    let most = in_states.fold(
        first,
        |most, next| if next.1 > most.1 { next } else { most },
    );
    Some(most.0)
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

    /// The U.S. state it is in, where that may be known: that of the county for a place kept
    /// confidential, none for remote offers.
    #[must_use]
    pub fn state(&self) -> Option<StateCode> {
        match self {
            Self::At { state, .. } | Self::Unplaced { state, .. } => *state,
            Self::County(county) => county.state(),
            Self::Remote(_) | Self::NotStated(_) => None,
        }
    }
}
