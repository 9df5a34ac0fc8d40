//! Where the people live whom a service takes.

use super::graph::{Graph, Ref};
use super::issue::{Cause, Ledger};
use super::reading::Reading;
use super::{Entity, Row};
use crate::catalog::{Area, ServiceArea};
use crate::geo::{CountryCode, CountyFips, Kilometres, LocalityKind, StateCode, Zip};
use crate::places::Places;
use crate::text::{Name, Text, fold};

/// The areas of a service or offer: those the map knows, and the words of the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Areas {
    pub(super) known: Vec<ServiceArea>,
    pub(super) notes: Vec<Text>,
}

impl Areas {
    /// The areas that hang on `of`.
    pub(super) fn of(graph: &Graph, of: &Ref, map: &dyn Places, ledger: &mut Ledger) -> Self {
        let mut areas = Self::default();
        for row in graph.children(of, Entity::ServiceArea) {
            areas.take(row, map, ledger);
        }
        areas
    }

    fn take(&mut self, row: &Row, map: &dyn Places, ledger: &mut Ledger) {
        let mut reading = Reading::new(row, ledger);
        let name = reading
            .word("name")
            .filter(|name| name.chars().count() <= 300)
            .and_then(|name| Name::parse(&name).ok());
        let stated = stated(&mut reading);
        let area = match &stated {
            Some((kind, extent)) => stated_area(kind, extent, map),
            None => named_area(&mut reading, map),
        };
        if let Some(area) = area {
            let area = ServiceArea {
                area,
                condition: None,
                name,
            };
            if !self.known.contains(&area) {
                self.known.push(area);
            }
            return;
        }
        if stated.is_some() {
            reading.repair("extent", "area_unknown", unknown().reason);
        }
        let words = [
            reading.text("name"),
            reading.text("description"),
            extent_words(&mut reading),
        ];
        for note in words.into_iter().flatten() {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    /// Widens every area to whole counties, and drops words that might say more.
    pub(super) fn widen(&mut self, site: Option<CountyFips>, map: &dyn Places) {
        let mut wide: Vec<ServiceArea> = Vec::new();
        for area in self.known.drain(..) {
            let counties = match area.area {
                Area::Zip(zip) => counties_of(zip, map),
                Area::Radius(_) => site.into_iter().collect(),
                _ => {
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
            if !self.known.contains(&area) {
                self.known.push(area);
            }
        }
        self.notes.clear();
    }
}

/// The kind and extent of an area that says what it is: `county`, `zip` and so on. The geometries of
/// HSDS are not read.
fn stated(reading: &mut Reading<'_>) -> Option<(String, String)> {
    let kind = reading.word("extent_type")?.to_lowercase();
    let extent = reading.word("extent").unwrap_or_default();
    let known = matches!(
        kind.as_str(),
        "zip" | "county" | "state" | "country" | "nation" | "radius_mi" | "radius_km" | "court"
    );
    known.then_some((kind, extent))
}

fn stated_area(kind: &str, extent: &str, map: &dyn Places) -> Option<Area> {
    match kind {
        "nation" => Some(Area::Nation),
        "zip" => known_zip(extent, map).map(Area::Zip),
        "county" => county(extent, map).map(Area::County),
        "state" => map.state_named(extent).map(Area::State),
        "country" => map.country_named(extent).map(country_or_nation),
        "radius_mi" => radius(Kilometres::from_miles, extent),
        "radius_km" => radius(Kilometres::new, extent),
        _ => Name::parse(extent).ok().map(Area::Court),
    }
}

/// A county by its FIPS code, or as "Name, ST".
fn county(extent: &str, map: &dyn Places) -> Option<CountyFips> {
    if let Ok(fips) = CountyFips::parse(extent) {
        return map.county(fips).map(|_| fips);
    }
    let (name, state) = extent.rsplit_once(',')?;
    let state = map.state_named(state.trim())?;
    map.county_named(name.trim(), state)
}

/// An area by its name alone, taken only where the whole name is one place that can be an area.
fn named_area(reading: &mut Reading<'_>, map: &dyn Places) -> Option<Area> {
    let name = reading.word("name").filter(|name| name.len() <= 60)?;
    let folded = fold(&name);
    if matches!(
        folded.as_str(),
        "nationwide" | "national" | "united states" | "usa" | "us" | "all states"
    ) {
        return Some(Area::Nation);
    }
    if name.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return known_zip(&name, map).map(Area::Zip);
    }
    let name = folded
        .strip_prefix("statewide ")
        .or_else(|| folded.strip_prefix("state of "))
        .map_or(name.clone(), str::to_owned);
    if let Some(state) = map.state_named(&name) {
        return Some(Area::State(state));
    }
    let place = map.resolve(&name).ok()?;
    match place.kind {
        LocalityKind::Zip => place.zip.map(Area::Zip),
        LocalityKind::County => place
            .counties
            .first()
            .map(|(county, _)| Area::County(*county)),
        LocalityKind::State => place.state.map(Area::State),
        LocalityKind::Country => Some(country_or_nation(place.country)),
        LocalityKind::Point | LocalityKind::City => None,
    }
}

/// The counties of a ZIP; used where a ZIP alone would say too much.
pub(super) fn counties_of(zip: Zip, map: &dyn Places) -> Vec<CountyFips> {
    let counties = map.zip(zip).map(|place| place.counties).unwrap_or_default();
    counties
        .into_iter()
        .filter(|(_, weight)| *weight > 0.0)
        .map(|(county, _)| county)
        .collect()
}

fn known_zip(text: &str, map: &dyn Places) -> Option<Zip> {
    let zip = Zip::parse(text).ok()?;
    map.zip(zip).filter(|place| !place.approximate).map(|_| zip)
}

fn radius<E>(unit: fn(f64) -> Result<Kilometres, E>, extent: &str) -> Option<Area> {
    let number: f64 = extent.parse().ok()?;
    unit(number).ok().map(Area::Radius)
}

fn country_or_nation(country: CountryCode) -> Area {
    if country == CountryCode::US {
        Area::Nation
    } else {
        Area::Country(country)
    }
}

/// The extent in words, unless it is a geometry.
fn extent_words(reading: &mut Reading<'_>) -> Option<Text> {
    let kind = reading
        .word("extent_type")
        .unwrap_or_default()
        .to_lowercase();
    let geometry = matches!(kind.as_str(), "geojson" | "topojson" | "kml");
    if geometry {
        None
    } else {
        reading.text("extent")
    }
}

fn unknown() -> Cause {
    Cause::new(
        "area_unknown",
        "the map knows no such area: it is kept as words and matches no place",
    )
}

/// The state whose code or name this is; for addresses.
pub(super) fn state(text: &str, map: &dyn Places) -> Option<StateCode> {
    map.state_named(text.trim().trim_end_matches('.'))
}
