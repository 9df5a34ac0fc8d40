//! Offices: real ZIPs and cities, invented streets. And the two kinds of place that have none: a
//! confidential shelter, of which only the county exists, and a partner's city abroad.

use rand::RngExt;
use referral_core::catalog::{Accessibility, Address, Basis, Location, Place, Provenance, Tier};
use referral_core::geo::{CountryCode, CountyFips, Point};
use referral_core::id::LocalId;
use referral_core::text::Name;
use referral_gazetteer::gazetteer;

use super::contact;
use super::dice::{Dice, chance, one_of};
use super::geography::Spot;
use super::nationality::Origin;
use super::schedule;
use super::words::{id, name, text};

/// Locations whose street is not stated. Measured.
const WITHOUT_STREET: f64 = 0.008;
/// Locations without coordinates of their own. Measured 9 to 45 %.
const WITHOUT_POINT: f64 = 0.2;
/// How far from its ZIP's middle an office lies at most, in degrees north or east: below a kilometre.
const OFF_CENTRE: f64 = 0.008;

const STREETS: [&str; 24] = [
    "Quillan",
    "Osprin",
    "Larchen",
    "Elver",
    "Tarnel",
    "Merlow",
    "Cressin",
    "Ravel",
    "Norrin",
    "Sorrin",
    "Dunlin",
    "Fenwin",
    "Harrowgate",
    "Lanternside",
    "Millrace",
    "Old Ferry",
    "Saltmarsh",
    "Tollhouse",
    "Weighbridge",
    "Ropewalk",
    "Coppice",
    "Lockkeeper",
    "Ferrymans",
    "Chandlers",
];
const WAYS: [&str; 6] = ["Street", "Avenue", "Road", "Boulevard", "Lane", "Drive"];

/// Whose locations are made, and from what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    pub(crate) organization: &'a LocalId,
    /// The first word of the organization's name.
    pub(crate) compound: &'a str,
    pub(crate) provenance: &'a Provenance,
}

/// An office at the spot, the organization's `number`th.
pub(crate) fn office(owner: Owner<'_>, number: usize, spot: Spot, dice: &mut Dice) -> Location {
    let address = address(spot, dice);
    let place = match (chance(dice, WITHOUT_POINT), near(spot.point, dice)) {
        (false, Some(point)) => Place::Exact { address, point },
        _ => Place::Approximate {
            address,
            point: spot.point,
            basis: Basis::Zip,
        },
    };
    let called = match number {
        1 => format!("{} main office", owner.compound),
        _ => format!("{} office in {}", owner.compound, spot.city),
    };
    let phone = contact::phone(Some(spot.state), "front desk", dice);
    let transit = format!(
        "Bus stop {} Street, two minutes on foot",
        one_of(dice, &STREETS)
    );
    let step_free = chance(dice, 0.5).then(|| Accessibility {
        description: Some(text("step-free entrance")),
        details: None,
        url: None,
    });
    Location {
        name: Some(name(&called)),
        transportation: chance(dice, 0.4).then(|| text(&transit)),
        url: contact::web(owner.compound, &format!("offices/{number}")),
        phones: vec![phone],
        schedules: schedule::hours(dice),
        accessibility: step_free.into_iter().collect(),
        ..bare(owner, &format!("office-{number}"), place)
    }
}

/// A confidential shelter: its county and a telephone, nothing that leads there.
pub(crate) fn shelter(owner: Owner<'_>, county: CountyFips, dice: &mut Dice) -> Location {
    let state = gazetteer().county(county).map(|county| county.state);
    Location {
        phones: vec![contact::phone(state, "intake line, day and night", dice)],
        ..bare(owner, "shelter", Place::County(county))
    }
}

/// A partner's office in a city abroad, placed at its country's label.
pub(crate) fn partner(owner: Owner<'_>, origin: Origin) -> Location {
    let country = origin.country();
    let address = Address {
        city: Some(name(origin.city)),
        ..Address::of_country(country)
    };
    let label = gazetteer().country(country).map(|country| country.label);
    let place = match label {
        Some(point) => Place::Approximate {
            address,
            point,
            basis: Basis::Country,
        },
        None => Place::Unplaced(address),
    };
    let called = format!("{} partner in {}", owner.compound, origin.city);
    Location {
        name: Some(name(&called)),
        ..bare(owner, &format!("partner-{}", country.as_str()), place)
    }
}

fn bare(owner: Owner<'_>, which: &str, place: Place) -> Location {
    let local = format!("{}-{which}", owner.organization);
    Location {
        id: id(&local),
        source_id: text(&local),
        organization: Some(owner.organization.clone()),
        name: None,
        alternate_name: None,
        description: None,
        transportation: None,
        url: None,
        place,
        phones: Vec::new(),
        languages: Vec::new(),
        schedules: Vec::new(),
        tier: Tier::Public,
        accessibility: Vec::new(),
        contacts: Vec::new(),
        provenance: owner.provenance.clone(),
    }
}

fn address(spot: Spot, dice: &mut Dice) -> Address {
    Address {
        address_1: (!chance(dice, WITHOUT_STREET)).then(|| street(dice)),
        address_2: chance(dice, 0.3)
            .then(|| name(&format!("Suite {}", dice.random_range(2..40) * 10))),
        city: Some(name(spot.city)),
        region: None,
        state_province: Some(name(spot.state.as_str())),
        postal_code: Some(name(&spot.zip.to_string())),
        country: CountryCode::US,
        state: Some(spot.state),
        zip: Some(spot.zip),
    }
}

fn street(dice: &mut Dice) -> Name {
    let number = dice.random_range(10..9_900_u16);
    name(&format!("{number} {}", way(dice)))
}

/// A street's name, e.g. "Ropewalk Lane".
pub(crate) fn way(dice: &mut Dice) -> String {
    format!("{} {}", one_of(dice, &STREETS), one_of(dice, &WAYS))
}

fn near(middle: Point, dice: &mut Dice) -> Option<Point> {
    let mut off = || dice.random_range(-OFF_CENTRE..OFF_CENTRE);
    let (lat, lon) = (middle.lat() + off(), middle.lon() + off());
    // Six decimals, as geocoders write them: 0.1 m.
    let written = |degrees: f64| (degrees * 1e6).round() / 1e6;
    Point::new(written(lat), written(lon)).ok()
}
