//! The three forms hold what the report says, in the shape their standards ask for.

mod office;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use referral_core::coverage::{
    Amount, Beyond, CountyRow, DemandSource, Dependence, Distances, Equity, Figure, Here, Measure,
    Nearest, Organization, People, Places, Provider, Quantity, Question, Report, Rurality,
    SearchLine, StateRow, Summary, SupplyShares,
};
use referral_core::geo::{CountyFips, Kilometres, Point, StateCode};
use referral_core::id::PublicId;
use referral_core::search::{Need, Request};
use referral_core::tally::{Ending, Published, Topic};
use referral_core::text::Name;
use serde_json::Value as Json;

use std::sync::Arc;

use super::*;
use crate::operations::TrendPoint;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn km(km: f64) -> Kilometres {
    Kilometres::new(km).unwrap()
}

fn figure(value: Amount, lower: Amount, upper: Amount) -> Figure {
    Figure {
        value,
        lower,
        upper,
        n: 3,
    }
}

fn number(number: f64) -> Figure {
    figure(
        Amount::Number(number),
        Amount::Number(number / 2.0),
        Amount::None,
    )
}

fn distances() -> Distances {
    let beyond = |miles| Beyond {
        distance: Kilometres::from_miles(miles).unwrap(),
        share: number(0.25),
    };
    Distances {
        median: number(40.5),
        p90: number(120.0),
        beyond: [beyond(30.0), beyond(60.0), beyond(100.0)],
        without: number(0.125),
    }
}

fn county(fips: u32, figure: Figure) -> CountyRow {
    CountyRow {
        county: CountyFips::from_number(fips).unwrap(),
        people: People::from(1_000),
        rurality: Rurality::Urban,
        figure,
        without: People::NOBODY,
        here: Here {
            open: 1,
            stale: 2,
            unknown: 3,
            not_open: 4,
        },
        nearest: vec![Nearest {
            service: PublicId::from_u128(7),
            organization: Organization(1),
            places: Places::Assumed,
            people: People::from(900),
            distance: km(12.5),
        }],
        remote: 5,
        depends_on: Some(Dependence {
            organization: Organization(1),
            service: PublicId::from_u128(7),
            people: People::from(800),
        }),
        searches: searches(),
    }
}

/// 50 found something, 11 nothing with room, a few nothing in their language or area.
fn searches() -> Vec<SearchLine> {
    let line = |endings: &[&str], count| SearchLine {
        topic: Topic::parse("lc:bond").unwrap(),
        endings: Ending::ALL
            .into_iter()
            .filter(|ending| endings.contains(&ending.code()))
            .collect(),
        count,
    };
    vec![
        line(&["open"], Published::Count(50)),
        line(&["capacity"], Published::Count(11)),
        line(&["area", "language"], Published::Few),
    ]
}

/// Three counties in two states: a number, none, withheld; a provider whose name begins like a formula.
fn report(provider: &str) -> Report {
    let filter = Request {
        need: Some(Need::parse("lc:bond").unwrap()),
        ..Request::any()
    };
    let as_of: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let question = Question::new(filter, name("Residents"), Measure::NearestOpen, as_of);
    let state = |code| StateRow {
        state: StateCode::parse(code).unwrap(),
        people: People::from(2_000),
        figure: number(40.0),
        distances: distances(),
    };
    let provider = Provider {
        service: name("Bond clinic"),
        organization: name(provider),
    };
    Report {
        question,
        demand: DemandSource {
            name: name("Residents"),
            date: date(2020, 7, 1),
            source: name("U.S. Census Bureau"),
            licence: name("public domain"),
        },
        quantity: Quantity::Kilometres,
        method: "Great-circle distance, \"haversine\"".to_owned(),
        counties: vec![
            county(24_510, number(40.25)),
            county(
                51_600,
                figure(Amount::None, Amount::Number(9.0), Amount::None),
            ),
            county(51_610, Figure::certain(Amount::Withheld, 0)),
        ],
        states: vec![state("MD"), state("VA")],
        summary: Summary {
            people: People::from(3_000),
            figure: number(40.0),
            distances: distances(),
            equity: Equity {
                gini: Some(0.4),
                rural: number(80.0),
                urban: number(20.0),
                languages: Vec::new(),
            },
        },
        supply: SupplyShares {
            pools: 12,
            open: 5,
            ..SupplyShares::default()
        },
        searches_of: None,
        providers: BTreeMap::from([(PublicId::from_u128(7), provider)]),
    }
}

/// Reads CSV back (RFC 4180).
fn table(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(letters.next(), Some('\n'), "lines end with CR LF");
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            letter => cell.push(letter),
        }
    }
    assert!(
        !quoted && row.is_empty() && cell.is_empty(),
        "the last line ends"
    );
    rows
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_tags_stand_within_the_first_25_rows_right_below_the_names() {
    let rows = table(&Form::Csv.write(&report("Aid"), None));

    let tags = rows.iter().position(|row| row[0].starts_with('#')).unwrap();

    assert!(
        tags < 25,
        "HXL looks no further than row 25, the tags are in {tags}"
    );
    assert!(rows.iter().all(|row| row.len() == COLUMNS.len()));
    assert_eq!(rows[tags - 1], COLUMNS.map(|column| column.name));
    assert_eq!(rows[tags], COLUMNS.map(|column| column.tag));
    assert_eq!(rows.len() - tags - 1, 3);
}

#[test]
fn every_form_says_method_demand_date_and_what_is_left_out() {
    let report = report("Aid");
    for form in Form::ALL {
        let text = form.write(&report, None);
        for said in [
            "haversine",
            "U.S. Census Bureau",
            "public domain",
            "2020-07-01",
            "2026-11-22T12:00:00Z",
            "Counts of 1 to 10 are not published",
            "12 pools of places match",
            "release from custody on bond or parole",
        ] {
            assert!(text.contains(said), "{form:?} does not say {said}");
        }
    }
}

#[test]
fn all_forms_say_the_same_numbers() {
    let report = report("Aid");
    let rows = table(&Form::Csv.write(&report, None));
    let first = rows.iter().position(|row| row[0].starts_with('#')).unwrap() + 1;
    let places = json(&Form::GeoJson.write(&report, None));
    let whole = json(&Form::Json.write(&report, None));

    for (at, row) in rows[first..].iter().enumerate() {
        let feature = &places["features"][at]["properties"];
        assert_eq!(feature, &whole["counties"][at]);
        for (column, cell) in COLUMNS.iter().zip(row) {
            let said = match &feature[column.name] {
                Json::Null => String::new(),
                Json::String(text) => text.clone(),
                number => number.as_f64().unwrap().to_string(),
            };
            assert_eq!(unguarded(cell), said, "{}", column.name);
        }
    }
}

#[test]
fn none_and_withheld_are_never_zero() {
    let whole = json(&Form::Json.write(&report("Aid"), None));
    let of = |at: usize| {
        let row = &whole["counties"][at];
        (
            row["value"].clone(),
            row["value_is"].as_str().unwrap_or_default().to_owned(),
        )
    };

    assert_eq!(of(0), (40.25.into(), "number".to_owned()));
    assert_eq!(of(1), (Json::Null, "none".to_owned()));
    assert_eq!(of(2), (Json::Null, "withheld".to_owned()));
}

#[test]
fn counts_of_one_to_ten_searches_are_in_no_form() {
    let whole = json(&Form::Json.write(&report("Aid"), None));
    let row = &whole["counties"][0];

    assert_eq!(row["searches_open"], 50);
    assert_eq!(row["searches_dead_ends"], 11);
    assert_eq!(
        row["searches"],
        "lc:bond open 50; lc:bond capacity 11; lc:bond area or language <11"
    );
}

#[test]
fn a_part_holds_one_state_alone() {
    let report = report("Aid");
    let virginia = StateCode::parse("VA").ok();

    let whole = json(&Form::Json.write(&report, virginia));

    assert_eq!(whole["counties"].as_array().map(Vec::len), Some(2));
    assert_eq!(whole["states"].as_array().map(Vec::len), Some(1));
    assert_eq!(whole["about"]["area"], "Virginia");
}

#[test]
fn geojson_is_as_rfc_7946_asks() {
    let places = json(&Form::GeoJson.write(&report("Aid"), None));

    assert_eq!(places["type"], "FeatureCollection");
    for feature in places["features"].as_array().unwrap() {
        assert_eq!(feature["type"], "Feature");
        let geometry = &feature["geometry"];
        if geometry["type"] == "Point" {
            assert_eq!(feature["id"], "51610", "only Falls Church has no outline");
            continue;
        }
        assert_eq!(geometry["type"], "MultiPolygon");
        for polygon in geometry["coordinates"].as_array().unwrap() {
            for (at, ring) in polygon.as_array().unwrap().iter().enumerate() {
                let corners: Vec<Point> = ring
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|at| Point::new(at[1].as_f64().unwrap(), at[0].as_f64().unwrap()).unwrap())
                    .collect();
                assert!(corners.len() >= 4, "a ring has four positions or more");
                assert_eq!(corners.first(), corners.last(), "a ring is closed");
                let left = geojson::area(&corners) > 0.0;
                assert_eq!(
                    left,
                    at == 0,
                    "outer rings counter-clockwise, holes clockwise"
                );
            }
        }
    }
}

#[test]
fn no_cell_of_the_csv_begins_a_formula() {
    for provider in [
        "=HYPERLINK(\"x\")",
        "+1 Aid",
        "-Aid",
        "@Aid",
        "＝1",
        "'=1",
        "Aid, \"Inc\"",
    ] {
        let rows = table(&Form::Csv.write(&report(provider), None));
        let at = COLUMNS
            .iter()
            .position(|c| c.name == "nearest_organization")
            .unwrap();
        let cell = &rows.last().unwrap()[at];

        assert_eq!(unguarded(cell), provider, "it is read back as it was");
        for cell in rows.iter().flatten() {
            let first = cell.chars().next().unwrap_or('a');
            assert!(!"=+-@\t\r\0＝＋－＠".contains(first), "{cell}");
        }
    }
}

#[test]
fn a_trend_has_a_row_for_each_moment() {
    let latest = report("Aid");
    let point = |at: &str| {
        Arc::new(TrendPoint {
            at: at.parse().unwrap(),
            summary: latest.summary.clone(),
            supply: latest.supply,
            counties: Vec::new(),
        })
    };
    let points = [point("2026-11-16T00:00:00Z"), point("2026-11-22T12:00:00Z")];

    let rows = table(&trend(Form::Csv, &latest, &points).unwrap());
    let whole = json(&trend(Form::Json, &latest, &points).unwrap());

    let dates: Vec<&str> = rows
        .iter()
        .rev()
        .take(2)
        .map(|row| row[0].as_str())
        .collect();
    assert_eq!(dates, ["2026-11-22T12:00:00Z", "2026-11-16T00:00:00Z"]);
    assert_eq!(whole["trend"][0]["median_km"], 40.5);
    assert_eq!(trend(Form::GeoJson, &latest, &points), None);
}

proptest! {
    /// Whatever somebody calls itself comes back as it was from CSV and JSON.
    #[test]
    fn names_come_back(text in "\\PC{1,20}") {
        prop_assume!(Name::parse(&text).is_ok());
        let provider = name(&text).to_string();
        let report = report(&text);

        let rows = table(&Form::Csv.write(&report, None));
        let whole = json(&Form::Json.write(&report, None));

        let at = COLUMNS.iter().position(|c| c.name == "nearest_organization").unwrap();
        prop_assert_eq!(unguarded(&rows.last().unwrap()[at]), &provider);
        prop_assert_eq!(&whole["counties"][0]["nearest_organization"], &provider);
    }
}
