//! Where a location is, as exactly as its row says, and its record.

use super::address;
use super::contact::{contacts, phones};
use super::context::Context;
use super::graph::Ref;
use super::issue::{Cause, Ledger};
use super::language::languages;
use super::reading::{Reading, word};
use super::schedule::schedules;
use super::{Entity, Row};
use crate::catalog::{Accessibility, Address, Basis, Location, Place, Provenance, Tier};
use crate::confidential::Secret;
use crate::geo::{CountryCode, CountyFips, Locality, Point};
use crate::id::LocalId;
use crate::places::{Located, Places, Slip};
use crate::text::{Name, Text};

/// What is known of a location's place before confidentiality is judged.
#[derive(Debug)]
pub(super) struct Site {
    /// The place as it would be shown.
    pub(super) place: Place,
    /// The county it lies in.
    pub(super) county: Option<CountyFips>,
    /// What must not be said should the place be confidential.
    pub(super) secret: Secret,
    /// A virtual location is no place: its services are remote.
    pub(super) is_virtual: bool,
}

impl Site {
    /// The place of a location.
    pub(super) fn of(context: &Context<'_>, name: &Ref, row: &Row, ledger: &mut Ledger) -> Self {
        let rows = address::rows(context.graph, name);
        address::report_others(&rows, ledger);
        let map = context.map;
        let address = match rows.first() {
            Some(first) => address::address(first, map, ledger),
            None => Address::of_country(CountryCode::US),
        };
        let county_name = rows.first().and_then(|row| word(row, "county"));
        let around = Around::of(&address, county_name.as_deref(), map);
        let point = coordinates(&mut Reading::new(row, ledger), &address, map);
        let county = match point {
            Some(point) => map.county_of(point),
            None => around.county,
        };
        let kind = word(row, "location_type").map(|kind| kind.to_lowercase());
        let names_place = address.city.is_some() || address.postal_code.is_some();
        if let (None, None, true, Some(row)) =
            (point, around.approximate, names_place, rows.first())
        {
            ledger.repair(row, "city", not_found());
        }
        Self {
            secret: secret(row, &rows),
            is_virtual: kind.as_deref() == Some("virtual") && point.is_none(),
            county,
            place: place(address, point, around),
        }
    }
}

fn not_found() -> Cause {
    Cause::new(
        "place_unknown",
        "the map finds no such ZIP, city or county: it is found by its service area alone",
    )
}

fn place(address: Address, point: Option<Point>, around: Around) -> Place {
    match (point, around.approximate) {
        (Some(point), _) => Place::Exact { address, point },
        (None, Some((point, basis))) => Place::Approximate {
            address,
            point,
            basis,
        },
        (None, None) => Place::Unplaced(address),
    }
}

/// What every address row and the coordinates give away together.
fn secret(location: &Row, rows: &[&Row]) -> Secret {
    let mut secret = Secret::default();
    for row in rows {
        let lines: Vec<&str> = ["address_1", "address_2"]
            .into_iter()
            .filter_map(|field| row.text(field))
            .collect();
        let town: Vec<&str> = ["city", "state_province", "region", "county"]
            .into_iter()
            .filter_map(|field| row.text(field))
            .collect();
        secret.add(Secret::of_address(&lines, row.text("postal_code"), &town));
    }
    match (location.text("latitude"), location.text("longitude")) {
        (Some(latitude), Some(longitude)) => secret.with_coordinates(latitude, longitude),
        _ => secret,
    }
}

/// The wider place an address lies in.
#[derive(Clone, Copy, Default)]
struct Around {
    approximate: Option<(Point, Basis)>,
    county: Option<CountyFips>,
}

impl Around {
    /// By ZIP, else city and state, else county, else country. A state alone, or the United States
    /// alone, is too wide to measure a distance to.
    fn of(address: &Address, county_name: Option<&str>, map: &dyn Places) -> Self {
        let by_zip = address.zip.and_then(|zip| map.zip(zip));
        let known_zip = by_zip.clone().filter(|place| !place.approximate);
        known_zip
            .map(|place| (place, Basis::Zip))
            .or_else(|| Some((city(address, map)?, Basis::City)))
            .or_else(|| Some((by_zip?, Basis::Zip)))
            .or_else(|| Some((county(address, county_name, map)?, Basis::County)))
            .or_else(|| Some((abroad(address, map)?, Basis::Country)))
            .map(|(place, basis)| Self {
                county: main_county(&place),
                approximate: place.point.map(|point| (point, basis)),
            })
            .unwrap_or_default()
    }
}

fn city(address: &Address, map: &dyn Places) -> Option<Locality> {
    map.city(address.city.as_ref()?.as_str(), address.state?)
}

fn county(address: &Address, name: Option<&str>, map: &dyn Places) -> Option<Locality> {
    let name = name.or(address.region.as_ref().map(Name::as_str))?;
    map.county(map.county_named(name, address.state?)?)
}

fn abroad(address: &Address, map: &dyn Places) -> Option<Locality> {
    let is_abroad = address.country != CountryCode::US;
    is_abroad.then(|| map.country(address.country)).flatten()
}

fn main_county(place: &Locality) -> Option<CountyFips> {
    place.counties.first().map(|(county, _)| *county)
}

/// The published coordinates, where they mean a place.
fn coordinates(reading: &mut Reading<'_>, address: &Address, map: &dyn Places) -> Option<Point> {
    let (lat, lon) = match (reading.word("latitude"), reading.word("longitude")) {
        (Some(lat), Some(lon)) => (lat, lon),
        (None, None) => return None,
        (lat, _) => {
            let missing = if lat.is_none() {
                "latitude"
            } else {
                "longitude"
            };
            reading.repair(
                missing,
                "coordinates_incomplete",
                "left out: latitude and longitude belong together; the address was used",
            );
            return None;
        }
    };
    let read = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|degrees| degrees.is_finite())
    };
    let Some((lat, lon)) = read(&lat).zip(read(&lon)) else {
        reading.repair(
            "latitude",
            "coordinates_invalid",
            "left out: write coordinates in degrees, such as 39.2904 and -76.6122; the address was used",
        );
        return None;
    };
    match map.locate(lat, lon, address.zip, address.state) {
        Located::Fine(point) => Some(point),
        Located::Repaired(point, slip) => {
            reading.repair("latitude", slip.code(), repaired(slip));
            Some(point)
        }
        Located::Wrong(slip) => {
            reading.repair("latitude", slip.code(), wrong(slip));
            None
        }
    }
}

fn repaired(slip: Slip) -> &'static str {
    match slip {
        Slip::Swapped => "latitude and longitude were swapped and have been put right",
        Slip::Metres => "the coordinates were in metres and have been turned into degrees",
        Slip::Signless => "the longitude lacked its minus sign and has been put right",
        Slip::Zero | Slip::OutOfRange | Slip::Elsewhere => "the coordinates have been put right",
    }
}

fn wrong(slip: Slip) -> &'static str {
    match slip {
        Slip::Zero => "left out: both coordinates are zero; the address was used",
        Slip::OutOfRange => "left out: no such degrees; the address was used",
        Slip::Elsewhere => "left out: they lie far from the address, which was used",
        Slip::Swapped | Slip::Metres | Slip::Signless => {
            "left out: the coordinates are no position near the address, which was used"
        }
    }
}

/// The record of a location that is no secret.
pub(super) fn open(
    context: &Context<'_>,
    name: &Ref,
    row: &Row,
    site: &Site,
    ledger: &mut Ledger,
) -> Option<Location> {
    let mut location = bare(context, name, row, site.place.clone(), ledger)?;
    let graph = context.graph;
    location.contacts = contacts(graph, name, ledger);
    for row in graph.children(name, Entity::Accessibility) {
        let mut reading = Reading::new(row, ledger);
        let accessibility = Accessibility {
            description: reading.text("description"),
            details: reading.text("details"),
            url: reading.url("url"),
        };
        if !location.accessibility.contains(&accessibility) {
            location.accessibility.push(accessibility);
        }
    }
    let mut reading = Reading::new(row, ledger);
    location.name = reading.name("name");
    location.alternate_name = reading.name("alternate_name");
    location.description = reading.text("description");
    location.transportation = reading.text("transportation");
    location.url = reading.url("url");
    Some(location)
}

/// The record of a confidential location: its county, its telephones, languages and hours.
pub(super) fn secluded(
    context: &Context<'_>,
    name: &Ref,
    row: &Row,
    county: CountyFips,
    ledger: &mut Ledger,
) -> Option<Location> {
    bare(context, name, row, Place::County(county), ledger)
}

fn bare(
    context: &Context<'_>,
    name: &Ref,
    row: &Row,
    place: Place,
    ledger: &mut Ledger,
) -> Option<Location> {
    let graph = context.graph;
    let organization = graph
        .linked(row, "organization_id", Entity::Organization)
        .filter(|organization| context.is_published(organization))
        .map(|organization| LocalId::from_source(organization.id()));
    Some(Location {
        id: LocalId::from_source(name.id()),
        source_id: Text::parse(row.id()?).ok()?,
        organization,
        name: None,
        alternate_name: None,
        description: None,
        transportation: None,
        url: None,
        place,
        phones: phones(graph, name, ledger),
        languages: languages(graph, name, ledger),
        schedules: schedules(graph, name, ledger),
        tier: Tier::Public,
        accessibility: Vec::new(),
        contacts: Vec::new(),
        provenance: provenance(context, row, ledger),
    })
}

/// Where a record comes from, as its row says.
pub(super) fn provenance(context: &Context<'_>, row: &Row, ledger: &mut Ledger) -> Provenance {
    let mut reading = Reading::new(row, ledger);
    Provenance {
        source: context.source.clone(),
        assured_date: reading.date("assured_date"),
        last_modified: reading.timestamp("last_modified"),
    }
}
