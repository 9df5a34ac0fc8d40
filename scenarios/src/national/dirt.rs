//! What real directories have and tidy ones have not, as far as it survives an import.
//!
//! Rates are those of the sets named in the table of dirt, or marked as assumptions. What an importer
//! refuses (dangling ids, wrong headers) or puts right (swapped coordinates) cannot be here.

use rand::RngExt;
use referral_core::catalog::{
    Address, Basis, LanguageMode, Location, Organization, Place, Service,
};
use referral_core::geo::Zip;
use referral_core::text::Name;
use referral_gazetteer::gazetteer;

use crate::invented::dice::{Dice, chance, pick, weighted};
use crate::invented::terms;
use crate::invented::words::{name, text};

/// Addresses that must not be shown: only the county is known. Measured.
const PRIVATE: f64 = 0.013;
/// Coordinates outside the state, so that the ZIP's stand in. Measured, of those present.
const OUTSIDE: f64 = 0.039;
/// Unknown or missing ZIPs: the town stands in, or nothing. Measured 0.2 to 1.2 %, and 0.8 % without
/// street.
const WITHOUT_ZIP: f64 = 0.03;
/// Of those without a ZIP, those whose town no map knows (assumption).
const UNKNOWN_TOWN: f64 = 0.4;
/// ZIPs of the northeast that lost their leading zero (assumption).
const ZERO_LOST: f64 = 0.2;
/// Names with slips (assumption).
const ODD_NAME: f64 = 0.02;
/// Services to be listed only: they take no referrals. Measured.
const NO_REFERRALS: f64 = 0.006;
/// Services whose location is not stated (assumption).
const NOWHERE: f64 = 0.03;
/// Services whose area is not stated (assumption).
const NO_AREA: f64 = 0.05;

/// Slips in an organization's record.
pub(super) fn organization(organization: &mut Organization, dice: &mut Dice) {
    if chance(dice, ODD_NAME) {
        organization.name = odd(&organization.name, dice);
    }
}

/// Slips in the address and position of an office.
pub(super) fn office(office: &mut Location, dice: &mut Dice) {
    let Some(mut address) = office.place.address().cloned() else {
        return;
    };
    if chance(dice, PRIVATE) {
        hide(office, &address);
        return;
    }
    write_carelessly(&mut address, dice);
    office.place = match office.place.clone() {
        Place::Exact { .. } | Place::Approximate { .. } if chance(dice, WITHOUT_ZIP) => {
            without_zip(address, dice)
        }
        Place::Exact { point, .. } if !chance(dice, OUTSIDE) => Place::Exact { address, point },
        _ => at_zip(address),
    };
}

/// Slips in a service.
pub(super) fn service(service: &mut Service, dice: &mut Dice) {
    if chance(dice, ODD_NAME) {
        service.name = odd(&service.name, dice);
    }
    if chance(dice, NO_REFERRALS) {
        service.attributes.push(terms::plain("acc:noref"));
    }
    let hidden = |service: &Service| {
        let mut codes = service.attributes.iter().map(|one| one.code.as_str());
        codes.any(|code| matches!(code, "ho:conf" | "dom:rri"))
    };
    if chance(dice, NOWHERE) && !hidden(service) {
        service.offers.clear();
    }
    if chance(dice, NO_AREA) {
        service.areas.clear();
    } else if chance(dice, 0.01) {
        service
            .area_notes
            .push(text("Greater metro area and by arrangement"));
    }
    for language in &mut service.languages {
        match *weighted(dice, &[(0.97, 0), (0.01, 1), (0.01, 2), (0.01, 3)]) {
            1 => language.name = Some(name("Haitian Creole &amp; others")),
            2 => language.name = None,
            3 if language.tag.primary() != "en" => language.mode = LanguageMode::Documents,
            _ => {}
        }
    }
    if chance(dice, 0.01) {
        service.provenance.assured_date = None;
    }
    let codes = service.attributes.len();
    if chance(dice, 0.01) && codes > 1 {
        // The same category twice.
        let again = service.attributes[dice.random_range(0..codes)].clone();
        service.attributes.push(again);
    }
    if chance(dice, 0.04) {
        service.attributes.push(terms::plain("lang:iphone"));
    }
}

/// Only the county stays.
fn hide(office: &mut Location, address: &Address) {
    let counties = address.zip.map(|zip| gazetteer().counties_of_zip(zip));
    let Some((county, _)) = counties.and_then(|counties| counties.first().copied()) else {
        return;
    };
    office.place = Place::County(county);
    office.name = None;
    office.transportation = None;
    office.url = None;
    office.accessibility.clear();
}

/// The address as people type it; what it says stays the same.
fn write_carelessly(address: &mut Address, dice: &mut Dice) {
    if chance(dice, 0.03) {
        let state = address.state.and_then(|state| gazetteer().state(state));
        address.state_province = state
            .map(|state| name(&state.name))
            .or_else(|| address.state_province.take());
    }
    if let Some(zip) = address.zip {
        address.postal_code = Some(name(&postal_code(zip, dice)));
    }
    match (
        *weighted(dice, &[(0.9, 0), (0.06, 1), (0.03, 2), (0.01, 3)]),
        &address.city,
    ) {
        (1, Some(city)) => address.city = Some(name(&city.as_str().to_uppercase())),
        (2, Some(city)) => address.city = Some(name(&city.as_str().to_lowercase())),
        (3, _) => {
            let phone = format!("(800) 555-0{}", dice.random_range(100..200_u16));
            address.address_2 = Some(name(&phone));
        }
        _ => {}
    }
    if chance(dice, 0.02) {
        let post_box = format!("P.O. Box {}", dice.random_range(10..9_999_u16));
        address.address_1 = Some(name(&post_box));
    }
}

fn postal_code(zip: Zip, dice: &mut Dice) -> String {
    let five = zip.to_string();
    match five.strip_prefix('0') {
        Some(rest) if chance(dice, ZERO_LOST) => rest.to_owned(),
        _ if chance(dice, 0.1) => format!("{five}-{}", dice.random_range(1_000..9_999_u16)),
        _ => five,
    }
}

fn at_zip(address: Address) -> Place {
    match address.zip.and_then(|zip| gazetteer().zip(zip)) {
        Some(zip) => Place::Approximate {
            address,
            point: zip.point,
            basis: Basis::Zip,
        },
        None => Place::Unplaced(address),
    }
}

/// The town's position, or the county's; none where the town is written so that no map knows it.
fn without_zip(address: Address, dice: &mut Dice) -> Place {
    let zip = address.zip;
    let mut address = Address {
        zip: None,
        postal_code: None,
        ..address
    };
    if chance(dice, UNKNOWN_TOWN) {
        address.city = Some(name(pick(
            dice,
            &["Various", "(call for address)", "n/a", "metro"],
        )));
        return Place::Unplaced(address);
    }
    let town = address.city.as_ref().zip(address.state);
    let town = town.and_then(|(city, state)| gazetteer().city(city.as_str(), state));
    let town = town.map(|city| (city.point, Basis::City));
    let county = || {
        let (county, _) = *gazetteer().counties_of_zip(zip?).first()?;
        let county = gazetteer().resolve_county(county)?;
        Some((county.point?, Basis::County))
    };
    match town.or_else(county) {
        Some((point, basis)) => Place::Approximate {
            address,
            point,
            basis,
        },
        None => Place::Unplaced(address),
    }
}

/// A name with what hurried hands and old systems leave in it.
fn odd(called: &Name, dice: &mut Dice) -> Name {
    let called = called.as_str();
    name(&match pick(dice, &[0, 1, 2, 3, 4, 5, 6, 7]) {
        0 => called.to_uppercase(),
        1 => format!("{called} &amp; more"),
        2 => format!("*** {called} *** CALL FIRST!!!"),
        3 => format!("{called} (formerly Children&#39;s Aid)"),
        4 => format!("{called} - DO NOT USE - see 2019 record"),
        5 => format!("{called} / خدمات للاجئين"),
        6 => format!("\"{called}\" 🍎"),
        _ => called.replace(' ', "  "),
    })
}
