//! Five counties on one meridian, with every number worked out by hand.
//!
//! ```text
//! county  state  latitude  people  residents          distances in degrees of latitude
//! 12001   FL       30.0      100    40,000 (rural)    one degree = 111.195 km = 69.09 miles
//! 12003   FL       30.2      200    60,000            30 miles = 0.434, 60 = 0.868, 100 = 1.447
//! 24001   MD       30.5      300    60,000
//! 24003   MD       31.0      300    60,000
//! 24005   MD       34.0      100    30,000 (rural)
//!
//! pool  organization  at    standing  places      serves
//!  1         1        30.0  open      10          whoever is near
//!  2         2        30.5  open      not counted the state of Maryland; in Haitian Creole
//!  3         1        31.4  open      4           the county 24003, in which it is
//!  4         3        34.0  stale     6           whoever is near; in Haitian Creole
//!  5         4        30.2  unknown   not counted whoever is near
//!  6         5        none  open      not counted the state of Florida, by phone
//!  7         6        30.2  closed    0           whoever is near
//! ```

use super::*;
use crate::capacity::State;
use crate::catalog::LanguageTag;
use crate::coverage::{Amount, Area, Figure, Ring, Rings, Serving};
use crate::geo::StateCode;

const COUNTIES: [Peopled; 5] = [
    (12_001, 40_000.0, 100.0, 30.0, -90.0),
    (12_003, 60_000.0, 200.0, 30.2, -90.0),
    (24_001, 60_000.0, 300.0, 30.5, -90.0),
    (24_003, 60_000.0, 300.0, 31.0, -90.0),
    (24_005, 30_000.0, 100.0, 34.0, -90.0),
];

fn supply() -> Supply {
    let mut supply = Supply::new();
    let sure = |area| Serving {
        area,
        conditional: false,
    };
    let state = |code| sure(Area::State(StateCode::parse(code).unwrap()));
    let maryland = supply.areas(&[state("MD")]);
    let florida = supply.areas(&[state("FL")]);
    let one_county = supply.areas(&[sure(Area::County(fips(24_003)))]);
    let near = Areas::NOT_STATED;
    let creole = |pool| Pool {
        languages: 1,
        ..pool
    };
    let at = |county, lat, areas| [site(county, lat, -90.0, areas)];
    let closed = Standing::NotOpen(State::Closed);

    supply.add(
        pool(1, 1, Standing::Open, Some(10)),
        &at(12_001, 30.0, near),
    );
    supply.add(
        creole(pool(2, 2, Standing::Open, None)),
        &at(24_001, 30.5, maryland),
    );
    supply.add(
        pool(3, 1, Standing::Open, Some(4)),
        &at(24_003, 31.4, one_county),
    );
    supply.add(
        creole(pool(4, 3, Standing::Stale, Some(6))),
        &at(24_005, 34.0, near),
    );
    supply.add(pool(5, 4, Standing::Unknown, None), &at(12_003, 30.2, near));
    let by_phone = Reach {
        site: Site::Remote,
        areas: florida,
    };
    supply.add(pool(6, 5, Standing::Open, None), &[by_phone]);
    supply.add(pool(7, 6, closed, Some(0)), &at(12_003, 30.2, near));
    supply
}

fn toy(measure: Measure) -> Report {
    let (demand, ground) = country(&COUNTIES);
    let mut question = question(measure);
    question.languages = vec![LanguageTag::parse("ht").unwrap()];
    report(&question, &Evidence::new(&demand, &supply(), &ground))
}

/// A figure to six digits: value, lower, upper, n.
fn digits(figure: Figure) -> String {
    let digits = |amount| match amount {
        Amount::Number(number) => format!("{number:.6}"),
        other => format!("{other:?}"),
    };
    let Figure {
        value,
        lower,
        upper,
        n,
    } = figure;
    format!("{} {} {} n{n}", digits(value), digits(lower), digits(upper))
}

fn counties(report: &Report) -> Vec<String> {
    let rows = report.counties.iter();
    rows.map(|row| digits(row.figure)).collect()
}

fn states(report: &Report) -> Vec<String> {
    let rows = report.states.iter();
    rows.map(|row| format!("{} {}", row.state, digits(row.figure)))
        .collect()
}

#[test]
fn the_nearest_open_provider_is_as_far_as_the_map_says() {
    // 12001: pool 1 next door. 12003: pool 1 at 0.2 degrees = 22.239016 km; pool 2 does not serve Florida; if pool
    // 5 were open, 0. 24001: pool 2 next door. 24003: pool 3 at 0.4 degrees = 44.478032 km, pool 2 is farther.
    // 24005: pool 3 does not serve it; pool 2 at 3.5 degrees = 389.182781 km; if pool 4 were open, 0.
    let report = toy(Measure::NearestOpen);

    assert_eq!(
        counties(&report),
        [
            "0.000000 0.000000 0.000000 n1",
            "22.239016 0.000000 22.239016 n1",
            "0.000000 0.000000 0.000000 n1",
            "44.478032 44.478032 44.478032 n1",
            "389.182781 0.000000 389.182781 n1",
        ]
    );
    // Florida: 100 at 0, 200 at 22.239016: half of 300 is reached with the second; nearest is pool 1 for both.
    // Maryland: 300 at 0, 300 at 44.478032, 100 at 389.182781: half of 700 is reached with the second. With all
    // that is in doubt, 400 at 0: half is reached at once. Pools 2 and 3.
    assert_eq!(
        states(&report),
        [
            "FL 22.239016 0.000000 22.239016 n1",
            "MD 44.478032 0.000000 44.478032 n2",
        ]
    );
}

#[test]
fn half_and_nine_in_ten_have_no_farther_than_the_summary_says() {
    // 400 people at 0, 200 at 22.239016, 300 at 44.478032, 100 at 389.182781: 500 of 1,000 are reached with the
    // second, 900 with the third. In doubt: 700 at 0 and 300 at 44.478032.
    // Beyond 30 miles (48.28 km), 60 and 100: the 100 people of 24005, and nobody if pool 4 were open.
    let distances = toy(Measure::NearestOpen).summary.distances;

    assert_eq!(digits(distances.median), "22.239016 0.000000 22.239016 n3");
    assert_eq!(digits(distances.p90), "44.478032 44.478032 44.478032 n3");
    for beyond in distances.beyond {
        assert_eq!(digits(beyond.share), "0.100000 0.000000 0.100000 n3");
    }
    assert_eq!(digits(distances.without), "0.000000 0.000000 0.000000 n3");
}

#[test]
fn coverage_is_the_share_of_people_within_the_distance() {
    // Within 20 miles (32.19 km): 12001 and 24001 at 0, 12003 at 22.24: 600 of 1,000. In doubt: 24005 too, 700.
    let report = toy(Measure::CoverageAt(miles(20.0)));

    assert_eq!(
        digits(report.summary.figure),
        "0.600000 0.600000 0.700000 n2"
    );
    let [_, _, _, far, last] = counties(&report).try_into().unwrap();
    assert_eq!(far, "0.000000 0.000000 0.000000 n0");
    assert_eq!(last, "0.000000 0.000000 1.000000 n0");
}

#[test]
fn two_organizations_within_reach_are_counted_by_organization() {
    // Within 60 miles (0.868 degrees). 12001 and 12003: organization 1 alone; organization 4 if pool 5 were open.
    // 24001: pool 2 (organization 2) and pool 1 (organization 1) at 0.5. 24003: pool 3 (1) and pool 2 (2) at 0.5.
    // 24005: nobody; organization 3 if pool 4 were open, which is one.
    let report = toy(Measure::KCoverage {
        organizations: 2,
        within: miles(60.0),
    });

    assert_eq!(
        counties(&report),
        [
            "0.000000 0.000000 1.000000 n1",
            "0.000000 0.000000 1.000000 n1",
            "1.000000 1.000000 1.000000 n2",
            "1.000000 1.000000 1.000000 n2",
            "0.000000 0.000000 0.000000 n0",
        ]
    );
    assert_eq!(
        digits(report.summary.figure),
        "0.600000 0.600000 0.900000 n3"
    );
}

fn rings() -> Rings {
    let ring = |to, weight| Ring {
        to: miles(to),
        weight,
    };
    Rings::new(vec![ring(30.0, 1.0), ring(60.0, 0.5)]).unwrap()
}

#[test]
fn places_in_reach_are_shared_among_those_who_compete_for_them() {
    // Rings: up to 30 miles (0.434 degrees) 1, up to 60 (0.868) 0.5.
    // R1 = 10 / (100 x 1 + 200 x 1 + 300 x 0.5) = 10/450: 12001 at 0, 12003 at 0.2, 24001 at 0.5.
    // R2 =  1 / (300 x 1 + 300 x 0.5)           =  1/450: 24001 at 0, 24003 at 0.5.
    // R3 =  4 / (300 x 1)                       =  4/300: 24003 at 0.4.
    // In doubt: R4 = 6 / (100 x 1): 24005.
    //           R5 = 1 / (100 + 200 + 300 + 300 x 0.5) = 1/750: 12001 at 0.2, 12003 at 0, 24001 at 0.3, 24003 at 0.8.
    // A(12001) = R1 = 22.222222 for each 1,000; at most + R5 = 23.555556. A(12003): the same.
    // A(24001) = 0.5 R1 + R2 = 13.333333; at most + R5 = 14.666667.
    // A(24003) = 0.5 R2 + R3 = 14.444444; at most + 0.5 R5 = 15.111111.
    // A(24005): none; at most R4 = 60.
    let report = toy(Measure::Catchment(rings()));

    assert_eq!(
        counties(&report),
        [
            "22.222222 22.222222 23.555556 n1",
            "22.222222 22.222222 23.555556 n1",
            "13.333333 13.333333 14.666667 n2",
            "14.444444 14.444444 15.111111 n2",
            "None None 60.000000 n0",
        ]
    );
    // Conservation: 10 + 1 + 4 places for 1,000 people; at most 6 + 1 more.
    assert_eq!(
        digits(report.summary.figure),
        "15.000000 15.000000 22.000000 n3"
    );
    // Pool 6 answers by phone and is at no place: its 1 place is stranded.
    assert_eq!(report.supply.stranded_places, 1);
}

#[test]
fn equity_tells_who_has_less() {
    // Gini by trapezoids. From least to most: 24005 none (100 people), 24001 13.333333 (300), 24003 14.444444 (300),
    // 12001 and 12003 22.222222 (300). People x access, summed: 0, 4,000, 8,333.333, 15,000. 1 - sum of people x (sum
    // before + sum after) / (1,000 x 15,000) = 1 - (0 + 300 x 4,000 + 300 x 12,333.333 + 300 x 23,333.333) / 15,000,000
    // = 1 - 11,900,000 / 15,000,000 = 0.206667.
    // Rural (12001, 24005): (100 x 22.222222 + 0) / 200 = 11.111111; at most (2,355.5556 + 6,000) / 200 = 41.777778.
    // Urban: (200 x 22.222222 + 300 x 13.333333 + 300 x 14.444444) / 800 = 15.972222; at most (4,711.1111 + 4,400 +
    // 4,533.3333) / 800 = 17.055556.
    // Haitian Creole within 60 miles: pool 2 serves 24001 and 24003: 600 of 1,000; if pool 4 were open 24005 too.
    let equity = toy(Measure::Catchment(rings())).summary.equity;

    assert_eq!(format!("{:.6}", equity.gini.unwrap()), "0.206667");
    assert_eq!(digits(equity.rural), "11.111111 11.111111 41.777778 n1");
    assert_eq!(digits(equity.urban), "15.972222 15.972222 17.055556 n3");
    assert_eq!(
        digits(equity.languages[0].within),
        "0.600000 0.600000 0.700000 n1"
    );
}

#[test]
fn people_for_each_place_are_none_where_there_is_no_place() {
    // 12001: 100 / 10. 12003: none; 200 / 1 if pool 5 were open. 24001: 300 / 1. 24003: 300 / 4. 24005: none; 100 / 6
    // if pool 4 were open. Florida: 300 / 10; 300 / 11. Maryland: 700 / 5; 700 / 11. All: 1,000 / 15; 1,000 / 22.
    let report = toy(Measure::PeoplePerPlace);

    assert_eq!(
        counties(&report),
        [
            "10.000000 10.000000 10.000000 n1",
            "None 200.000000 None n0",
            "300.000000 300.000000 300.000000 n1",
            "75.000000 75.000000 75.000000 n1",
            "None 16.666667 None n0",
        ]
    );
    assert_eq!(
        states(&report),
        [
            "FL 30.000000 27.272727 30.000000 n1",
            "MD 140.000000 63.636364 140.000000 n2",
        ]
    );
    assert_eq!(
        digits(report.summary.figure),
        "66.666667 45.454545 66.666667 n3"
    );
}

#[test]
fn a_row_says_what_is_there_what_is_near_and_on_whom_it_depends() {
    let report = toy(Measure::NearestOpen);
    let row = |county| report.county(fips(county)).unwrap();

    // 12003 has an unknown and a closed pool, one line that answers by phone, and nobody near but organization 1.
    let second = row(12_003);
    assert_eq!((second.here.unknown, second.here.not_open), (1, 1));
    assert_eq!((second.here.open, second.remote), (0, 1));
    let depends = second.depends_on.unwrap();
    assert_eq!(depends.organization, Organization(1));
    assert_eq!(depends.people, people(200.0));
    // 24003 is 0.4 degrees from organization 1 and 0.5 from organization 2: it depends on neither.
    let fourth = row(24_003);
    let near: Vec<_> = fourth
        .nearest
        .iter()
        .map(|near| near.organization.0)
        .collect();
    assert_eq!(near, [1, 2]);
    assert_eq!(fourth.nearest[0].people, people(300.0));
    assert_eq!(fourth.nearest[1].people, People::NOBODY);
    assert_eq!(fourth.depends_on, None);
    // 24005 has nothing within 60 miles, so that nobody there depends on anybody.
    assert_eq!(row(24_005).depends_on, None);
    assert_eq!(row(24_005).here.stale, 1);
}

#[test]
fn what_matched_is_told_with_what_is_in_doubt() {
    let shares = toy(Measure::NearestOpen).supply;

    assert_eq!((shares.pools, shares.open), (7, 4));
    assert_eq!((shares.stale, shares.unknown), (1, 1));
    // Pools 2 and 6 are not counted; pool 1 alone is open and states no area; pool 6 is on no map.
    assert_eq!((shares.assumed, shares.area_not_stated), (2, 1));
    assert_eq!((shares.remote, shares.unplaced), (1, 0));
    assert_eq!(shares.unit, Some(Unit::Client));
}

#[test]
fn the_worst_come_first_and_none_before_every_number() {
    let report = toy(Measure::PeoplePerPlace);
    let worst: Vec<u32> = report
        .worst()
        .iter()
        .map(|row| row.county.number())
        .collect();
    // None: 12003 with 200 people before 24005 with 100; then 300, 75 and 10 people for a place.
    assert_eq!(worst, [12_003, 24_005, 24_001, 24_003, 12_001]);

    let report = toy(Measure::Catchment(rings()));
    let worst: Vec<u32> = report
        .worst()
        .iter()
        .map(|row| row.county.number())
        .collect();
    // None, then few places for many people first; of equals the one with more people.
    assert_eq!(worst, [24_005, 24_001, 24_003, 12_003, 12_001]);
}

#[test]
fn a_county_nobody_serves_has_none_and_is_not_at_zero_or_infinity() {
    let (demand, ground) = country(&COUNTIES[..1]);
    let report = answer(Measure::NearestOpen, &demand, &Supply::new(), &ground);

    let figure = report.counties[0].figure;
    assert_eq!(figure, Figure::certain(Amount::None, 0));
    assert_eq!(report.counties[0].without, people(100.0));
    assert_eq!(report.summary.distances.without.value, Amount::Number(1.0));
}
