//! The map as it is drawn: every county is there, in its place, and no bigger than it may be.

use std::collections::BTreeSet;

use referral_core::geo::StateCode;
use referral_gazetteer::{Shape, Sheet, gazetteer};

fn state(code: &str) -> Sheet {
    let code = StateCode::parse(code).unwrap_or_else(|wrong| panic!("{wrong}"));
    Sheet::state(code).unwrap_or_else(|| panic!("{code} has no sheet"))
}

/// Every corner of a path, read back from its steps.
fn corners(path: &str) -> Vec<Vec<[i32; 2]>> {
    let rings = path.split('M').skip(1);
    let rings = rings.map(|ring| {
        let spaced = ring.trim_end_matches('z').replace('-', " -");
        let (first, steps) = spaced.split_once('l').unwrap_or((&spaced, ""));
        let numbers = |text: &str| -> Vec<i32> {
            let numbers = text.split_whitespace();
            numbers.filter_map(|number| number.parse().ok()).collect()
        };
        let first = numbers(first);
        let mut at = [first[0], first[1]];
        let mut ring = vec![at];
        for step in numbers(steps).chunks(2) {
            at = [at[0] + step[0], at[1] + step[1]];
            ring.push(at);
        }
        ring
    });
    rings.collect()
}

fn is_inside(sheet: &Sheet, shape: &Shape) -> bool {
    let (width, height) = (i64::from(sheet.width), i64::from(sheet.height));
    let mut corners = corners(&shape.path).into_iter().flatten();
    corners.all(|[x, y]| (0..=width).contains(&x.into()) && (0..=height).contains(&y.into()))
}

#[test]
fn every_county_is_drawn_inside_the_national_sheet() {
    let sheet = Sheet::national();

    let drawn: Vec<_> = sheet.shapes.iter().map(|shape| shape.county).collect();
    let all: Vec<_> = gazetteer().counties().iter().map(|c| c.fips).collect();

    assert_eq!(drawn, all);
    for shape in &sheet.shapes {
        assert!(!shape.path.is_empty(), "{}", shape.county);
        assert!(is_inside(sheet, shape), "{}: {}", shape.county, shape.path);
    }
}

#[test]
fn every_state_has_a_sheet_of_all_its_counties() {
    let states: BTreeSet<StateCode> = gazetteer().counties().iter().map(|c| c.state).collect();
    assert_eq!(states.len(), 56);
    for code in states {
        let sheet = Sheet::state(code).unwrap();
        assert_eq!(
            sheet.shapes.len(),
            gazetteer().counties_in(code).count(),
            "{code}"
        );
        for shape in &sheet.shapes {
            assert!(is_inside(&sheet, shape), "{code}, {}", shape.county);
        }
    }
}

#[test]
fn a_code_of_no_state_has_no_sheet() {
    assert_eq!(Sheet::state(StateCode::parse("ZZ").unwrap()), None);
}

#[test]
fn the_same_sheet_comes_out_every_time() {
    assert_eq!(state("MD"), state("MD"));
}

#[test]
fn the_national_shapes_stay_small() {
    let sheet = Sheet::national();

    let paths: usize = sheet.shapes.iter().map(|shape| shape.path.len()).sum();

    assert!(paths < 160_000, "{paths} bytes of counties");
    assert!(
        sheet.state_lines.len() < 40_000,
        "{}",
        sheet.state_lines.len()
    );
}

#[test]
fn counties_that_border_each_other_share_corners() {
    let sheet = state("MD");
    let of = |county: u32| -> BTreeSet<[i32; 2]> {
        let shape = sheet
            .shapes
            .iter()
            .find(|shape| shape.county.number() == county);
        corners(&shape.unwrap().path)
            .into_iter()
            .flatten()
            .collect()
    };

    // Montgomery and Frederick border each other; Garrett and Worcester are the two ends of the state.
    assert!(of(24_031).intersection(&of(24_021)).count() >= 2);
    assert_eq!(of(24_023).intersection(&of(24_047)).count(), 0);
}

#[test]
fn west_is_left_and_north_is_up() {
    let sheet = Sheet::national();
    let first = |county: u32| {
        let shape = sheet
            .shapes
            .iter()
            .find(|shape| shape.county.number() == county);
        corners(&shape.unwrap().path)[0][0]
    };
    let (seattle, miami, brownsville) = (first(53_033), first(12_086), first(48_061));

    assert!(seattle[0] < brownsville[0] && brownsville[0] < miami[0]);
    assert!(seattle[1] < miami[1] && seattle[1] < brownsville[1]);
}
