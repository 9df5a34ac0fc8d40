//! A report about every county, with every kind of amount in it, for the tests of the pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;
use referral_core::catalog::LanguageTag;
use referral_core::coverage::{
    Amount, Beyond, CountyRow, DemandSource, Dependence, Distances, Equity, Figure, Here,
    LanguageRow, Measure, Nearest, Organization, People, Places, Provider, Quantity, Question,
    Report, Rurality, SearchLine, StateRow, Summary, SupplyShares,
};
use referral_core::geo::{CountyFips, Kilometres, StateCode};
use referral_core::id::PublicId;
use referral_core::search::{Need, Request};
use referral_core::tally::{Ending, Published, Topic, Week};
use referral_core::text::Name;
use referral_gazetteer::{County, gazetteer};

use crate::operations::TrendPoint;

/// The moment of the sample.
pub(in crate::web) const AS_OF: &str = "2026-11-22T14:17:00Z";

pub(in crate::web) fn name(text: &str) -> Name {
    Name::parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong}"))
}

/// Where the sample has its only providers: Baltimore, Miami, Los Angeles, Houston, Chicago, San Juan.
const CITIES: [u32; 6] = [24_510, 12_086, 6_037, 48_201, 17_031, 72_127];

/// A report on bond cases of people in custody. Distances are those to six cities; what is farther than 1,500 km has
/// none; Texas is withheld where more is measured than distance; three counties have nobody.
pub(in crate::web) fn report(measure: Measure) -> Report {
    let as_of: Timestamp = AS_OF.parse().unwrap_or_else(|wrong| panic!("{wrong}"));
    let filter = Request {
        need: Need::parse("lc:bond").ok(),
        ..Request::any()
    };
    let quantity = quantity(&measure);
    let question = Question::new(filter, name("Residents"), measure, as_of);
    let counties: Vec<CountyRow> = gazetteer()
        .counties()
        .iter()
        .filter(|county| county.population > 150)
        .map(|county| row(county, quantity))
        .collect();
    let mut states: Vec<StateCode> = counties
        .iter()
        .filter_map(|row| row.county.state())
        .collect();
    states.dedup();
    let states = states.into_iter().map(|state| StateRow {
        state,
        people: People::from(5_000_000),
        figure: figure(quantity, 88.0, 42),
        distances: distances(88.0),
    });
    let provider = |service: &str, organization: &str| Provider {
        service: name(service),
        organization: name(organization),
    };
    Report {
        demand: DemandSource {
            name: name("Residents"),
            date: date(2020, 7, 1),
            source: name("U.S. Census Bureau"),
            licence: name("public domain"),
        },
        quantity,
        method: "Great-circle distance (haversine; Sinnott 1984) to the nearest open provider."
            .to_owned(),
        states: states.collect(),
        counties,
        summary: summary(quantity),
        supply: SupplyShares {
            pools: 60,
            open: 31,
            assumed: 12,
            stale: 14,
            unknown: 5,
            area_not_stated: 3,
            remote: 4,
            ..SupplyShares::default()
        },
        searches_of: Week::parse("2026-W46").ok(),
        providers: BTreeMap::from([
            (
                PublicId::from_u128(1),
                provider("Bond clinic", "Chesapeake Legal Aid"),
            ),
            (
                PublicId::from_u128(2),
                provider("Detention project <b>", "Law & Justice \"South\""),
            ),
        ]),
        question,
    }
}

/// The sample in three weeks, ever farther.
pub(in crate::web) fn weeks() -> Vec<Arc<TrendPoint>> {
    let weeks = ["2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z", AS_OF].into_iter();
    let now = report(Measure::NearestOpen);
    weeks
        .zip([60.0, 75.0, 95.0])
        .map(|(at, miles)| {
            let mut summary = now.summary.clone();
            summary.figure = figure(Quantity::Kilometres, miles, 60);
            summary.distances = distances(miles);
            Arc::new(TrendPoint {
                at: at.parse().unwrap_or_else(|wrong| panic!("{wrong}")),
                summary,
                supply: now.supply,
                counties: Vec::new(),
            })
        })
        .collect()
}

fn summary(quantity: Quantity) -> Summary {
    Summary {
        people: People::from(333_600_000),
        figure: figure(quantity, 95.0, 60),
        distances: distances(95.0),
        equity: Equity {
            gini: Some(0.41),
            rural: figure(quantity, 160.0, 60),
            urban: figure(quantity, 40.0, 60),
            languages: vec![LanguageRow {
                language: LanguageTag::parse("ht").unwrap_or_else(|wrong| panic!("{wrong}")),
                within: figure(Quantity::Share, 0.2, 4),
            }],
        },
    }
}

fn quantity(measure: &Measure) -> Quantity {
    match measure {
        Measure::NearestOpen => Quantity::Kilometres,
        Measure::CoverageAt(_) | Measure::KCoverage { .. } | Measure::DeadEnds => Quantity::Share,
        Measure::Catchment(_) => Quantity::PlacesPerThousand,
        Measure::PeoplePerPlace => Quantity::PeoplePerPlace,
        Measure::TimeToFirstOpen => Quantity::Days,
    }
}

fn row(county: &County, quantity: Quantity) -> CountyRow {
    let far = CITIES
        .iter()
        .filter_map(|city| CountyFips::from_number(*city).and_then(|fips| gazetteer().county(fips)))
        .map(|city| city.label.distance(county.label).get())
        .fold(f64::INFINITY, f64::min);
    let value = match quantity {
        _ if far > 1_500.0 => Amount::None,
        Quantity::Share if county.state.as_str() == "TX" => Amount::Withheld,
        Quantity::Kilometres => Amount::Number(far),
        Quantity::Share => Amount::Number((-far / 300.0).exp()),
        _ => Amount::Number(far * 3.0),
    };
    let lower = value
        .number()
        .map_or(Amount::Number(400.0), |far| Amount::Number(far * 0.7));
    let here = far < 20.0;
    let service = PublicId::from_u128(if county.label.lat() > 35.0 { 1 } else { 2 });
    let nearest = Nearest {
        service,
        organization: Organization(1),
        places: Places::Assumed,
        people: People::from(county.population / 2),
        distance: Kilometres::new(far).unwrap_or_else(|wrong| panic!("{wrong}")),
    };
    let depends_on = Dependence {
        organization: Organization(1),
        service,
        people: People::from(county.population / 3),
    };
    CountyRow {
        county: county.fips,
        people: People::from(county.population),
        rurality: if county.population < 50_000 {
            Rurality::Rural
        } else {
            Rurality::Urban
        },
        figure: Figure {
            value,
            lower: if value == Amount::Withheld {
                value
            } else {
                lower
            },
            upper: value,
            n: u64::from(here),
        },
        without: People::from(if value == Amount::None {
            county.population
        } else {
            0
        }),
        here: Here {
            open: u32::from(here),
            stale: u32::from(here) * 2,
            unknown: 0,
            not_open: u32::from(here),
        },
        nearest: if value == Amount::None {
            Vec::new()
        } else {
            vec![nearest]
        },
        remote: 4,
        depends_on: (value != Amount::None).then_some(depends_on),
        searches: searches(),
    }
}

fn searches() -> Vec<SearchLine> {
    let line = |endings: &[Ending], count| SearchLine {
        topic: Topic::parse("lc:bond").unwrap_or_else(|| panic!("a topic")),
        endings: endings.to_vec(),
        count,
    };
    let [open, capacity, area, _, language, _] = Ending::ALL;
    vec![
        line(&[open], Published::Count(50)),
        line(&[capacity], Published::Count(11)),
        line(&[area, language], Published::Few),
    ]
}

fn figure(quantity: Quantity, miles: f64, n: u64) -> Figure {
    let number = match quantity {
        Quantity::Share => Amount::Number(miles / 200.0),
        _ => Amount::Number(miles * 1.609_344),
    };
    let lower = number
        .number()
        .map_or(number, |number| Amount::Number(number * 0.6));
    Figure {
        value: number,
        lower,
        upper: if quantity == Quantity::Share {
            number
        } else {
            Amount::None
        },
        n,
    }
}

fn distances(miles: f64) -> Distances {
    let beyond = |distance, share| Beyond {
        distance: Kilometres::from_miles(distance).unwrap_or_else(|wrong| panic!("{wrong}")),
        share: figure(Quantity::Share, share, 60),
    };
    Distances {
        median: figure(Quantity::Kilometres, miles, 60),
        p90: figure(Quantity::Kilometres, miles * 3.0, 60),
        beyond: [
            beyond(30.0, 150.0),
            beyond(60.0, 110.0),
            beyond(100.0, 70.0),
        ],
        without: figure(Quantity::Share, 4.0, 60),
    }
}
