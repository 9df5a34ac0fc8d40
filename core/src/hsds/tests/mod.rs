//! The rules of conversion, each a claim, on a small map.

mod confidentiality;
mod places;
mod properties;
mod records;

use jiff::Timestamp;

use super::{Converted, Drafts, Entity, Origin, Row, RowIssue, convert};
use crate::catalog::{Location, Organization, Record, Service};
use crate::geo::{CountryCode, CountyFips, Locality, LocalityKind, Point, StateCode, Zip};
use crate::id::{AgencyId, LocalId};
use crate::places::{Located, Places, Slip, UnknownPlace};

/// Four ZIPs, two cities, three counties, two states and two countries.
pub(crate) struct SmallMap;

struct KnownZip {
    zip: &'static str,
    lat: f64,
    lon: f64,
    counties: &'static [(u32, f64)],
    state: &'static str,
}

const fn zip(
    zip: &'static str,
    lat: f64,
    lon: f64,
    counties: &'static [(u32, f64)],
    state: &'static str,
) -> KnownZip {
    KnownZip {
        zip,
        lat,
        lon,
        counties,
        state,
    }
}

const ZIPS: [KnownZip; 4] = [
    zip("21201", 39.2946, -76.6252, &[(24_510, 1.0)], "MD"),
    zip(
        "21209",
        39.3716,
        -76.6744,
        &[(24_510, 0.6), (24_005, 0.4)],
        "MD",
    ),
    zip("33301", 26.1216, -80.1288, &[(12_011, 1.0)], "FL"),
    zip("33157", 25.6066, -80.3426, &[(12_086, 1.0)], "FL"),
];

fn locality(label: &str, lat: f64, lon: f64, kind: LocalityKind) -> Locality {
    Locality {
        label: label.to_owned(),
        point: Point::new(lat, lon).ok(),
        approximate: false,
        zip: None,
        counties: Vec::new(),
        state: None,
        country: CountryCode::US,
        kind,
    }
}

fn fips(number: u32) -> CountyFips {
    CountyFips::from_number(number).unwrap()
}

impl Places for SmallMap {
    fn resolve(&self, text: &str) -> Result<Locality, UnknownPlace> {
        match text.to_lowercase().as_str() {
            "broward county" => Ok(self.county(fips(12_011)).unwrap()),
            "baltimore, md" => Ok(self
                .city("Baltimore", StateCode::parse("MD").unwrap())
                .unwrap()),
            "orange county" => Err(UnknownPlace::Several(Vec::new())),
            "honduras" => Ok(self.country(CountryCode::parse("HN").unwrap()).unwrap()),
            _ => Err(UnknownPlace::Unknown),
        }
    }

    fn zip(&self, zip: Zip) -> Option<Locality> {
        let known = ZIPS.iter().find(|known| known.zip == zip.to_string())?;
        let counties = known.counties.iter();
        Some(Locality {
            zip: Some(zip),
            counties: counties
                .map(|(county, weight)| (fips(*county), *weight))
                .collect(),
            state: StateCode::parse(known.state).ok(),
            ..locality("zip", known.lat, known.lon, LocalityKind::Zip)
        })
    }

    fn city(&self, name: &str, state: StateCode) -> Option<Locality> {
        let known = name == "Baltimore" && state.as_str() == "MD";
        known.then(|| Locality {
            counties: vec![(fips(24_510), 1.0)],
            state: Some(state),
            ..locality("Baltimore, MD", 39.29, -76.61, LocalityKind::City)
        })
    }

    fn county_named(&self, name: &str, state: StateCode) -> Option<CountyFips> {
        match (name.trim_end_matches(" County"), state.as_str()) {
            ("Broward", "FL") => Some(fips(12_011)),
            ("Baltimore", "MD") => Some(fips(24_005)),
            _ => None,
        }
    }

    fn county_of(&self, point: Point) -> Option<CountyFips> {
        (point.lat() > 38.0 && point.lat() < 40.0).then(|| fips(24_510))
    }

    fn county(&self, county: CountyFips) -> Option<Locality> {
        let known = [24_005, 24_510, 12_011, 12_086].contains(&county.number());
        known.then(|| Locality {
            counties: vec![(county, 1.0)],
            ..locality("county", 26.15, -80.45, LocalityKind::County)
        })
    }

    fn neighbours(&self, county: CountyFips) -> Vec<CountyFips> {
        match county.number() {
            24_005 => vec![fips(24_510)],
            24_510 => vec![fips(24_005)],
            _ => Vec::new(),
        }
    }

    fn state_named(&self, name: &str) -> Option<StateCode> {
        match name.trim().to_lowercase().as_str() {
            "md" | "maryland" => StateCode::parse("MD").ok(),
            "fl" | "florida" => StateCode::parse("FL").ok(),
            "pr" | "puerto rico" => StateCode::parse("PR").ok(),
            _ => None,
        }
    }

    fn country_named(&self, name: &str) -> Option<CountryCode> {
        match name.to_lowercase().as_str() {
            "us" | "usa" => Some(CountryCode::US),
            "hn" | "honduras" => CountryCode::parse("HN").ok(),
            _ => None,
        }
    }

    fn country(&self, country: CountryCode) -> Option<Locality> {
        (country.as_str() == "HN").then(|| Locality {
            country,
            ..locality("Honduras", 14.8, -86.6, LocalityKind::Country)
        })
    }

    fn locate(&self, lat: f64, lon: f64, zip: Option<Zip>, _: Option<StateCode>) -> Located {
        if lat == 0.0 && lon == 0.0 {
            return Located::Wrong(Slip::Zero);
        }
        if let Ok(turned) = Point::new(lon, lat)
            && lat < -60.0
        {
            return Located::Repaired(turned, Slip::Swapped);
        }
        let Ok(point) = Point::new(lat, lon) else {
            return Located::Wrong(Slip::OutOfRange);
        };
        let near = zip
            .and_then(|zip| self.zip(zip)?.point)
            .is_none_or(|zip| zip.distance(point).get() < 100.0);
        if near {
            Located::Fine(point)
        } else {
            Located::Wrong(Slip::Elsewhere)
        }
    }
}

/// Rows of a made-up file, in order; the row number is its place in the list, from 1.
#[derive(Default)]
struct File(Vec<Row>);

impl File {
    fn with(mut self, entity: Entity, fields: &[(&str, &str)]) -> Self {
        let origin = Origin {
            file: "feed".into(),
            row: (self.0.len() + 1).to_string(),
        };
        let mut row = Row::new(entity, origin);
        for (field, value) in fields {
            row.set(*field, *value);
        }
        self.0.push(row);
        self
    }

    /// An organization `o`, a location `l` in Baltimore, and a service `s` offered there.
    fn usual() -> Self {
        Self::default()
            .with(
                Entity::Organization,
                &[("id", "o"), ("name", "Harbor Help")],
            )
            .with(
                Entity::Location,
                &[
                    ("id", "l"),
                    ("organization_id", "o"),
                    ("name", "Main office"),
                ],
            )
            .with(
                Entity::Address,
                &[
                    ("location_id", "l"),
                    ("address_1", "4417 Canarywood Lane"),
                    ("city", "Baltimore"),
                    ("state_province", "MD"),
                    ("postal_code", "21209-9941"),
                    ("country", "US"),
                ],
            )
            .with(
                Entity::Service,
                &[("id", "s"), ("organization_id", "o"), ("name", "Intake")],
            )
            .with(
                Entity::ServiceAtLocation,
                &[("id", "sl"), ("service_id", "s"), ("location_id", "l")],
            )
    }

    /// Sets a field of the row of this kind, in place of what it said.
    fn set(mut self, entity: Entity, field: &str, value: &str) -> Self {
        let row = self.0.iter_mut().find(|row| row.entity == entity).unwrap();
        let mut changed = Row::new(row.entity, row.origin.clone());
        changed.set(field.to_owned(), value);
        for (name, old) in row.fields() {
            if name != field {
                changed.set(name.to_owned(), old);
            }
        }
        *row = changed;
        self
    }

    fn converted(self) -> Converted {
        let mut drafts = Drafts::new("feed");
        for row in self.0 {
            drafts.push(row);
        }
        let agency = AgencyId::parse("harbor").unwrap();
        convert(drafts, &agency, &SmallMap, now())
    }
}

fn now() -> Timestamp {
    "2026-03-04T12:00:00Z".parse().unwrap()
}

fn services(converted: &Converted) -> Vec<&Service> {
    let records = converted.records.iter();
    records
        .filter_map(|record| match record {
            Record::Service(one) => Some(&**one),
            _ => None,
        })
        .collect()
}

fn locations(converted: &Converted) -> Vec<&Location> {
    let records = converted.records.iter();
    records
        .filter_map(|record| match record {
            Record::Location(one) => Some(&**one),
            _ => None,
        })
        .collect()
}

fn organizations(converted: &Converted) -> Vec<&Organization> {
    let records = converted.records.iter();
    records
        .filter_map(|record| match record {
            Record::Organization(one) => Some(&**one),
            _ => None,
        })
        .collect()
}

/// What and why, for each issue.
fn said(issues: &[RowIssue]) -> Vec<(Entity, &str, &str)> {
    issues
        .iter()
        .map(|issue| (issue.entity, issue.field.as_str(), issue.code))
        .collect()
}
