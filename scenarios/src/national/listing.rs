//! One service as it is listed: an offering, at a place, on terms, in its own words.

use jiff::tz::TimeZone;
use rand::RngExt;
use referral_core::catalog::{Area, Attribute, Credential, Listing, Place, Service, ServiceArea};
use referral_core::vocabulary::Code;

use super::house::{Builder, House, Sketch};
use super::prose::{self, Subject};
use super::seeds::{For, dice};
use super::{Published, capacity, dirt, eligibility};
use crate::invented::dice::{Dice, chance, pick, weighted};
use crate::invented::geography::Spot;
use crate::invented::offering::Setting;
use crate::invented::offices;
use crate::invented::service::{Ground, Task, place_in_words, service};
use crate::invented::terms::{COURT_CASES, later};
use crate::invented::words::{code, id, name, text};

/// Services around one office that name its ZIP and those near it, where the others name a radius
/// (assumption).
const BY_ZIP: f64 = 0.4;
/// Publishers with categories of their own, and their services that have any (assumption).
const OWN_TERMS: (f64, f64) = (0.35, 0.5);
/// Court cases listed with a partially accredited representative only, which must never match
/// (assumption), and with nobody named.
const WRONG_CREDENTIAL: f64 = 0.03;
/// See [`WRONG_CREDENTIAL`].
const NO_CREDENTIAL: f64 = 0.05;

const OWN_WORDS: [&str; 24] = [
    "Newcomer Welcome Desk",
    "Help Pay for Utilities",
    "Basic Needs",
    "Immigrant Integration",
    "Family Strengthening",
    "Crisis Response",
    "Community Safety Net",
    "Workforce Pathways",
    "Health Access",
    "Legal Assistance - Immigration",
    "Youth Development",
    "Older Adults",
    "Disability Services",
    "Education Support",
    "Housing Stability",
    "Food Security",
    "Transportation Help",
    "Victim Services",
    "Language Access",
    "Mutual Aid",
    "Faith-Based Help",
    "Veterans and Military",
    "Reentry",
    "Disaster Recovery",
];

impl Builder<'_> {
    /// The service at `place` in its organization, from 0, with what is known of it.
    pub(super) fn published(&self, house: &House, place: usize) -> Published {
        let sketch = house.sketches[place];
        let start = self.roster.services_of(house.number).start;
        let number = start + u32::try_from(place).unwrap_or(u32::MAX);
        let agency = self.roster.publisher_of(house.number).id.clone();
        let mut shared = dice(self.seed, For::Content, sketch.identity);
        let ground = self.ground(house, sketch, &mut shared);
        let mut service = self.service(house, place, sketch, ground, &mut shared);
        self.own_terms(&mut service, house.number, &mut shared);
        let mut own = dice(self.seed, For::Own, number);
        dirt::service(&mut service, &mut own);
        let held = capacity::held(&service, number, sketch.offering, self.now, &mut own);
        let at = |offer: &referral_core::catalog::Offer| {
            let mut locations = house.locations.iter();
            locations
                .find(|location| location.id == offer.location)
                .cloned()
        };
        let places: Vec<Place> = if service.offers.is_empty() {
            let locations = house.locations.iter();
            locations.map(|location| location.place.clone()).collect()
        } else {
            Vec::new()
        };
        Published {
            number,
            kind: sketch.offering.kind,
            listing: Listing {
                agency,
                locations: service.offers.iter().filter_map(at).collect(),
                organization: house.organization.clone(),
                service,
            },
            places,
            held,
        }
    }

    /// Where the service is given.
    fn ground(&self, house: &House, sketch: Sketch, dice: &mut Dice) -> Ground {
        let ending = |end: &str| {
            let mut locations = house.locations.iter();
            let found = locations.find(|location| location.id.as_str().ends_with(end));
            found
                .map(|location| location.id.clone())
                .into_iter()
                .collect()
        };
        let offices = match sketch.offering.setting {
            Setting::Remote => Vec::new(),
            Setting::Office | Setting::Either => offices::given_at(&house.locations, dice),
            Setting::Confidential => ending("-shelter"),
            Setting::Abroad => {
                let country = sketch.origin.map(|origin| origin.country().to_string());
                ending(&format!("-partner-{}", country.unwrap_or_default()))
            }
        };
        Ground {
            offices,
            county: house.home,
            state: self.geography.state_of(house.home),
            origin: sketch.origin,
        }
    }

    fn service(
        &self,
        house: &House,
        place: usize,
        sketch: Sketch,
        ground: Ground,
        dice: &mut Dice,
    ) -> Service {
        let (state, origin) = (ground.state, sketch.origin);
        let spot = self.geography.spot(house.home, dice);
        let local = u32::try_from(place + 1).unwrap_or(u32::MAX);
        let task = Task {
            organization: &house.organization,
            compound: &house.compound,
            number: local,
            offering: sketch.offering,
            now: self.now,
        };
        let region = place_in_words(&ground);
        let mut made = service(task, ground, |_, _| None, dice);
        made.id = id(&format!("{}-s{local}", house.organization.id));
        made.source_id = text(made.id.as_str());
        made.name = name(&title(sketch.offering.title, spot, dice));
        describe(&mut made, sketch, &region, spot, dice);
        if origin.is_none() {
            self.narrow(&mut made.areas, house, dice);
            let immigrants = sketch.offering.kind.is_for_immigrants();
            eligibility::add(&mut made, immigrants, state, dice);
        }
        self.credentials(&mut made, dice);
        made
    }

    /// Some areas around an office are its ZIP and others of the county.
    fn narrow(&self, areas: &mut Vec<ServiceArea>, house: &House, dice: &mut Dice) {
        let around = areas
            .iter()
            .position(|one| matches!(one.area, Area::Radius(_)));
        let Some(around) = around.filter(|_| chance(dice, BY_ZIP)) else {
            return;
        };
        areas.remove(around);
        let mut own = house
            .locations
            .iter()
            .filter_map(|location| location.place.address().and_then(|address| address.zip));
        let own = own.next();
        let near = (0..dice.random_range(0..6)).map(|_| self.geography.spot(house.home, dice).zip);
        let mut zips: Vec<_> = own.into_iter().chain(near.collect::<Vec<_>>()).collect();
        zips.sort_unstable();
        zips.dedup();
        areas.extend(zips.into_iter().map(|zip| ServiceArea {
            area: Area::Zip(zip),
            condition: None,
            name: None,
        }));
        if areas.is_empty() {
            areas.push(ServiceArea {
                area: Area::County(house.home),
                condition: None,
                name: None,
            });
        }
    }

    /// A publisher's own categories, kept beside the vocabulary's.
    fn own_terms(&self, service: &mut Service, house: u32, dice: &mut Dice) {
        let publisher = self.roster.publisher_of(house);
        let mut its = super::seeds::dice(self.seed, For::Roster, publisher.home.number());
        if !chance(&mut its, OWN_TERMS.0) || !chance(dice, OWN_TERMS.1) {
            return;
        }
        for _ in 0..dice.random_range(1..=3) {
            let words = pick(dice, &OWN_WORDS);
            let own = Code::own(&publisher.id, words);
            service.attributes.extend(own.map(|code| Attribute {
                code,
                value: None,
                label: Some(name(words)),
            }));
        }
    }

    /// Credentials that are missing or do not allow what is listed, and some that lapsed.
    fn credentials(&self, service: &mut Service, dice: &mut Dice) {
        let court = |attribute: &Attribute| COURT_CASES.contains(&attribute.code.as_str());
        if !service.attributes.iter().any(court) {
            return;
        }
        let today = self.now.to_zoned(TimeZone::UTC).date();
        let of = |which: &str, lapses| Credential {
            code: code(which),
            lapses,
            value: None,
        };
        match weighted(
            dice,
            &[
                (1.0 - WRONG_CREDENTIAL - NO_CREDENTIAL - 0.02, 0),
                (WRONG_CREDENTIAL, 1),
                (NO_CREDENTIAL, 2),
                (0.02, 3),
            ],
        ) {
            1 => {
                let lapses = Some(later(today, dice.random_range(10..900)));
                service.credentials = vec![of("cred:rep-p", lapses), of("cred:ro", None)];
            }
            2 => service.credentials.clear(),
            3 => {
                let lapsed = Some(later(today, -dice.random_range(1..400)));
                service.credentials = vec![of("cred:atty", lapsed)];
            }
            _ => {}
        }
    }
}

/// Says what the service is, in its own words.
fn describe(service: &mut Service, sketch: Sketch, place: &str, spot: Spot, dice: &mut Dice) {
    let spoken = service
        .languages
        .iter()
        .map(|language| language.tag.primary());
    let spoken: Vec<&str> = spoken.filter(|tag| *tag != "en").collect();
    let city = sketch.origin.map_or(spot.city, |origin| origin.city);
    let subject = Subject {
        kind: sketch.offering.kind,
        title: sketch.offering.title,
        place,
        city,
        spoken: &spoken,
    };
    let described = prose::describe(subject, dice);
    let program = chance(dice, 0.25).then(|| name(&prose::program(dice)));
    service.description = Some(text(&described));
    service.alternate_name = program;
}

/// The offering's title as one provider words it.
fn title(offering: &str, spot: Spot, dice: &mut Dice) -> String {
    match *weighted(dice, &[(0.55, 0), (0.2, 1), (0.1, 2), (0.1, 3), (0.05, 4)]) {
        1 => format!("{offering} - {}", spot.city),
        2 => format!("{}: {offering}", prose::program(dice)),
        3 => {
            let when = pick(
                dice,
                &[
                    "evenings",
                    "weekends",
                    "walk-in",
                    "by appointment",
                    "online",
                ],
            );
            format!("{offering} ({when})")
        }
        4 => format!("{} {offering}", spot.city),
        _ => offering.to_owned(),
    }
}
