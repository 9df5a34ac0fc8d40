//! One address out of the address rows of a location.

use super::area::state;
use super::graph::{Graph, Ref};
use super::issue::{Cause, Ledger};
use super::reading::{Reading, word};
use super::{Entity, Row};
use crate::catalog::{Address, PhoneNumber};
use crate::geo::{CountryCode, StateCode, Zip};
use crate::places::Places;
use crate::text::Name;

/// The lines of an address that may give it away.
pub(super) const LINES: [&str; 4] = ["address_1", "address_2", "region", "city"];

/// The address rows of a location, the one to show first: physical, then of no stated type, then postal.
pub(super) fn rows<'a>(graph: &'a Graph, location: &Ref) -> Vec<&'a Row> {
    let mut rows: Vec<&Row> = graph.children(location, Entity::Address).collect();
    rows.sort_by_key(|row| rank(row));
    rows
}

fn rank(row: &Row) -> u8 {
    match word(row, "address_type").map(|kind| kind.to_lowercase()) {
        Some(kind) if kind == "physical" => 0,
        None => 1,
        Some(kind) if kind == "postal" => 3,
        Some(kind) if kind == "virtual" => 4,
        Some(_) => 2,
    }
}

/// Says that further physical addresses are not shown: a location has one.
pub(super) fn report_others(rows: &[&Row], ledger: &mut Ledger) {
    for row in rows.iter().skip(1).filter(|row| rank(row) < 3) {
        let cause = Cause::new(
            "address_extra",
            "left out: a location has one address; give the other place a location of its own",
        );
        ledger.repair(row, "row", cause);
    }
}

/// The address of one row.
pub(super) fn address(row: &Row, map: &dyn Places, ledger: &mut Ledger) -> Address {
    let mut reading = Reading::new(row, ledger);
    let stated = word(row, "state_province");
    let mut state = stated.as_deref().and_then(|text| state(text, map));
    let country = country(&mut reading, &mut state, map);
    if stated.is_some() && state.is_none() && country == CountryCode::US {
        reading.repair(
            "state_province",
            "state_unknown",
            "kept as words: no state or territory of this name or code is known",
        );
    }
    Address {
        address_1: street_line(&mut reading),
        address_2: reading.name("address_2"),
        city: reading.name("city"),
        region: reading.name("region"),
        state_province: reading.name("state_province"),
        postal_code: reading.name("postal_code"),
        country,
        state: state.filter(|_| country == CountryCode::US),
        zip: zip(&mut reading, country, map),
    }
}

fn street_line(reading: &mut Reading<'_>) -> Option<Name> {
    let line = reading.name("address_1")?;
    let is_phone = PhoneNumber::parse(line.as_str())
        .is_ok_and(|number| number.digits().len() >= 10 && no_letters(line.as_str()));
    if is_phone {
        reading.repair(
            "address_1",
            "address_is_phone",
            "left out: this is a telephone number",
        );
        return None;
    }
    Some(line)
}

fn no_letters(text: &str) -> bool {
    !text.chars().any(char::is_alphabetic)
}

/// The country; the territories are states of the United States here, whatever the file says.
fn country(
    reading: &mut Reading<'_>,
    state: &mut Option<StateCode>,
    map: &dyn Places,
) -> CountryCode {
    let Some(written) = reading.word("country") else {
        return CountryCode::US;
    };
    let territory = map
        .state_named(&written)
        .filter(|code| matches!(code.as_str(), "PR" | "GU" | "VI" | "AS" | "MP"));
    if let Some(territory) = territory {
        state.get_or_insert(territory);
        return CountryCode::US;
    }
    map.country_named(&written).unwrap_or_else(|| {
        reading.repair(
            "country",
            "country_unknown",
            "no country of this name or code is known: taken as the United States",
        );
        CountryCode::US
    })
}

fn zip(reading: &mut Reading<'_>, country: CountryCode, map: &dyn Places) -> Option<Zip> {
    let written = reading.word("postal_code")?;
    if country != CountryCode::US {
        return None;
    }
    let Ok(zip) = Zip::parse(&written) else {
        reading.repair(
            "postal_code",
            "zip_invalid",
            "kept as words: a ZIP code has five digits",
        );
        return None;
    };
    if written.len() < 5 {
        reading.repair(
            "postal_code",
            "zip_zero_restored",
            "the leading zero that a spreadsheet dropped was put back",
        );
    }
    if map.zip(zip).is_none_or(|place| place.approximate) {
        reading.repair(
            "postal_code",
            "zip_unknown",
            "the map knows no such ZIP code: the place was found by the rest of the address",
        );
    }
    Some(zip)
}
