//! `GeoJSON` (RFC 7946) for maps: WGS 84, outer rings counter-clockwise, rings closed, nothing across the date line.

use std::fmt::Write;

use referral_core::coverage::Report;
use referral_core::geo::{CountyFips, Point, StateCode};
use referral_gazetteer::gazetteer;
use serde_json::{Map, Value as Json};

use super::about::facts;
use super::columns::{COLUMNS, values};
use super::{json, rows};

/// Decimals of a degree: 11 m, far finer than the outlines.
const DECIMALS: usize = 4;

pub(super) fn write(report: &Report, state: Option<StateCode>) -> String {
    let mut text = String::from("{\"type\":\"FeatureCollection\",\"about\":");
    let facts = facts(report, state).into_iter();
    let facts: Map<String, Json> = facts
        .map(|fact| (fact.name.to_owned(), fact.text.into()))
        .collect();
    put(&mut text, format_args!("{}", Json::Object(facts)));
    text.push_str(",\"features\":[");
    for (number, row) in rows(report, state).enumerate() {
        if number > 0 {
            text.push(',');
        }
        let values = COLUMNS.iter().zip(values(report, row));
        let properties: Map<String, Json> = values
            .map(|(column, value)| (column.name.to_owned(), json::value(value)))
            .collect();
        let (fips, properties) = (row.county, Json::Object(properties));
        put(
            &mut text,
            format_args!(
                "\n{{\"type\":\"Feature\",\"id\":\"{fips}\",\"properties\":{properties},\"geometry\":"
            ),
        );
        geometry(&mut text, row.county);
        text.push('}');
    }
    text.push_str("\n]}\n");
    text
}

/// A county without an outline at this scale (Falls Church city) is a point.
fn geometry(text: &mut String, county: CountyFips) {
    let polygons = gazetteer().polygon(county);
    if !polygons.is_empty() {
        text.push_str("{\"type\":\"MultiPolygon\",\"coordinates\":");
        list(text, &polygons, |text, polygon| {
            let mut outer = true;
            list(text, polygon, |text, corners| {
                ring(text, corners, outer);
                outer = false;
            });
        });
        text.push('}');
    } else if let Some(county) = gazetteer().county(county) {
        text.push_str("{\"type\":\"Point\",\"coordinates\":");
        position(text, county.label);
        text.push('}');
    } else {
        text.push_str("null");
    }
}

/// A closed ring: the outer one counter-clockwise, a hole clockwise.
fn ring(text: &mut String, corners: &[Point], outer: bool) {
    let turns_left = area(corners) > 0.0;
    let mut corners = corners.to_vec();
    if turns_left != outer {
        corners.reverse();
    }
    corners.extend(corners.first().copied());
    list(text, &corners, |text, corner| position(text, *corner));
}

/// Twice the area of a ring in square degrees; positive when counter-clockwise.
pub(super) fn area(corners: &[Point]) -> f64 {
    let next = corners.iter().cycle().skip(1);
    let crossed = corners
        .iter()
        .zip(next)
        .map(|(a, b)| a.lon() * b.lat() - b.lon() * a.lat());
    crossed.sum()
}

fn position(text: &mut String, point: Point) {
    let (lon, lat) = (point.lon(), point.lat());
    put(text, format_args!("[{lon:.DECIMALS$},{lat:.DECIMALS$}]"));
}

fn list<T>(text: &mut String, items: &[T], mut write: impl FnMut(&mut String, &T)) {
    text.push('[');
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        write(text, item);
    }
    text.push(']');
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(arguments);
    debug_assert!(written.is_ok(), "a string takes whatever is written");
}
