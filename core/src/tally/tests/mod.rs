//! What somebody who reads a published week can find out, and what not.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::geo::{CountyFips, StateCode};

const NOW: Timestamp = Timestamp::constant(1_795_300_000, 0);

fn week() -> Week {
    Week::parse("2026-W40").unwrap()
}

fn county(number: u32) -> Option<CountyFips> {
    CountyFips::from_number(number)
}

/// The counts of each county of one topic.
type Raw = BTreeMap<Option<CountyFips>, [u64; 6]>;

fn freeze(topic: &str, raw: &Raw) -> Frozen {
    let cells: Vec<(Cell, Counts)> = raw
        .iter()
        .map(|(county, numbers)| {
            let cell = Cell {
                week: week(),
                topic: Topic::parse(topic).unwrap(),
                county: *county,
            };
            (cell, Counts::from_numbers(*numbers))
        })
        .collect();
    let cells = cells.iter().map(|(cell, counts)| (cell, counts));
    Frozen::of(week(), cells, NOW).unwrap()
}

fn table(raw: &Raw) -> TopicTable {
    let frozen = freeze("lc:bond", raw);
    frozen.topics.into_values().next().unwrap_or_default()
}

#[test]
fn a_week_is_published_when_it_is_over_and_not_before() {
    let last = Week::parse("2026-W47").unwrap();
    let sunday: Timestamp = "2026-11-22T23:59:59Z".parse().unwrap();
    let monday: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();

    assert_eq!(Frozen::of(last, [], sunday), Err(NotOver(last)));
    assert!(Frozen::of(last, [], monday).is_ok());
}

#[test]
fn a_topic_that_could_mark_a_person_is_never_published() {
    let raw = Raw::from([(county(24_001), [500; 6])]);

    assert!(freeze("mh:sud", &raw).topics.is_empty());
    assert!(!freeze("lc:bond", &raw).topics.is_empty());
}

#[test]
fn small_causes_of_a_county_are_told_together() {
    // Capacity 6 and area 7: together 13, each still anything from 3 to 10.
    let table = table(&Raw::from([(county(24_001), [40, 6, 7, 0, 0, 0])]));

    let [open, capacity, area, none, ..] = table.cells[&county(24_001)];
    assert_eq!((open, none), (Published::Count(40), Published::Count(0)));
    assert_eq!((capacity, area), (Published::Few, Published::Few));
    assert_eq!(table.pools.len(), 1);
    assert_eq!(table.pools[0].count, 13);
    assert_eq!(table.pools[0].endings(), [Ending::ALL[1], Ending::ALL[2]]);
}

#[test]
fn small_cells_of_counties_are_told_for_the_rest_of_their_state() {
    let table = table(&Raw::from([
        (county(24_001), [0, 6, 0, 0, 0, 0]),
        (county(24_003), [0, 7, 0, 0, 0, 0]),
        (county(12_001), [0, 2, 0, 0, 0, 0]),
    ]));

    let maryland = StateCode::parse("MD").unwrap();
    assert_eq!(table.pools.len(), 1);
    assert_eq!(table.pools[0].place, PoolPlace::RestOfState(maryland));
    assert_eq!(table.pools[0].count, 13);
}

#[test]
fn a_sum_that_would_give_its_cells_away_is_not_told() {
    // Two cells of ten each sum up to 20, and nothing else does.
    let two_tens = Raw::from([(county(24_001), [0, 10, 10, 0, 0, 0])]);
    assert_eq!(table(&two_tens).pools, []);
    // Eleven cells of one each sum up to 11, and nothing else does.
    let counties = (0..11).map(|at| (county(24_001 + 2 * at), [0, 1, 0, 0, 0, 0]));
    assert_eq!(table(&counties.collect()).pools, []);
}

#[test]
fn the_dead_end_rate_is_as_sure_as_what_is_told() {
    let frozen = freeze(
        "lc:bond",
        &Raw::from([
            (county(24_001), [30, 60, 10, 0, 0, 0]),
            (county(24_003), [11, 6, 7, 0, 0, 0]),
        ]),
    );
    let rate = |only: u32| {
        let counties: Vec<CountyFips> = county(only).into_iter().collect();
        let told = frozen.told(|_| true, Within::Counties(&counties));
        told.dead_end_rate()
    };

    // 61 to 70 dead ends (one cell of 1 to 10) beside 30 open.
    assert_eq!(rate(24_001), Some((61.0 / 91.0, 70.0 / 100.0)));
    // 13 dead ends, told together, beside 11 open.
    assert_eq!(rate(24_003), Some((13.0 / 24.0, 13.0 / 24.0)));
    assert_eq!(rate(24_005), None);
}

/// A few counties of three states, most cells small or empty.
fn any_raw() -> impl Strategy<Value = Raw> {
    let count = prop_oneof![3 => Just(0_u64), 5 => 1_u64..11, 2 => 11_u64..60];
    let counts = proptest::array::uniform6(count);
    let places = [24_001, 24_003, 24_005, 12_001, 12_003, 10_001].map(county);
    vec(counts, 7).prop_map(move |rows| {
        let places = places.into_iter().chain([None]);
        places.zip(rows).collect()
    })
}

/// One published equation: the cells on its left side (by number), and what they sum up to.
type Equation = (Vec<f64>, f64);

/// Gauss and Jordan: brings equations into a form in which what is determined stands alone.
fn solve(mut equations: Vec<Equation>, cells: usize) -> Vec<Equation> {
    let mut done = 0;
    for cell in 0..cells {
        let Some(pivot) = (done..equations.len()).find(|at| equations[*at].0[cell].abs() > 1e-9)
        else {
            continue;
        };
        equations.swap(done, pivot);
        let by = equations[done].0[cell];
        let (left, right) = equations[done].clone();
        let pivot: Equation = (left.iter().map(|of| of / by).collect(), right / by);
        equations[done] = pivot.clone();
        for at in (0..equations.len()).filter(|at| *at != done) {
            let times = equations[at].0[cell];
            for (of, minus) in equations[at].0.iter_mut().zip(&pivot.0) {
                *of -= times * minus;
            }
            equations[at].1 -= times * pivot.1;
        }
        done += 1;
    }
    equations.truncate(done);
    equations
}

/// What somebody knows of each cell who reads a table: its bounds, tightened until nothing changes.
fn tighten(equations: &[Equation], bounds: &mut [(f64, f64)]) {
    loop {
        let mut changed = false;
        for (left, right) in equations {
            for cell in 0..bounds.len() {
                let times = left[cell];
                if times.abs() < 1e-9 {
                    continue;
                }
                let (mut low, mut high) = (*right, *right);
                for (other, of) in left.iter().enumerate().filter(|(other, _)| *other != cell) {
                    let (a, b) = (of * bounds[other].0, of * bounds[other].1);
                    low -= a.max(b);
                    high -= a.min(b);
                }
                let (a, b) = (low / times, high / times);
                let (low, high) = (a.min(b).max(bounds[cell].0), a.max(b).min(bounds[cell].1));
                if low > bounds[cell].0 + 1e-6 || high < bounds[cell].1 - 1e-6 {
                    bounds[cell] = (low, high);
                    changed = true;
                }
            }
        }
        if !changed {
            return;
        }
    }
}

/// All that is published, as equations and bounds of cells: the cells that are told, the pools, and every sum over a
/// county, a state and the country that can be worked out.
fn read(table: &TopicTable, raw: &Raw) -> (Vec<Equation>, Vec<(f64, f64)>, Vec<u64>) {
    let keys: Vec<_> = raw
        .keys()
        .flat_map(|county| Ending::ALL.map(|ending| (*county, ending)))
        .collect();
    let mut bounds = Vec::new();
    let mut truth = Vec::new();
    for (county, ending) in &keys {
        let counts = table.cells.get(county);
        let told = counts.map_or(Published::Count(0), |counts| counts[ending.place()]);
        bounds.push(match told {
            #[expect(clippy::cast_precision_loss, reason = "small")]
            Published::Count(count) => (count as f64, count as f64),
            Published::Few => (1.0, 10.0),
        });
        truth.push(raw[county][ending.place()]);
    }
    let equations = table.pools.iter().map(|pool| {
        let held =
            |key: &(Option<CountyFips>, Ending)| f64::from(u8::from(pool.cells.contains(key)));
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let count = pool.count as f64;
        (keys.iter().map(held).collect(), count)
    });
    (equations.collect(), bounds, truth)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Somebody who solves all equations and tightens all bounds recovers not one small cell.
    #[test]
    fn no_small_cell_can_be_worked_out(raw in any_raw()) {
        let table = table(&raw);
        let (equations, mut bounds, truth) = read(&table, &raw);
        let solved = solve(equations, truth.len());
        tighten(&solved, &mut bounds);
        for (count, (low, high)) in truth.iter().zip(&bounds) {
            if (1..=10).contains(count) {
                prop_assert!(high - low >= 4.0 - 1e-6, "a cell is between {low} and {high}");
            }
        }
    }

    /// No published number, and no difference of two of them that counts searches, is 1 to 10.
    #[test]
    fn no_difference_of_published_numbers_is_a_small_count(raw in any_raw()) {
        let table = table(&raw);
        let mut seen: Vec<(Option<CountyFips>, Ending)> = Vec::new();
        for pool in &table.pools {
            prop_assert!(pool.count >= 11);
            for cell in &pool.cells {
                // Each cell is in one number only, so that no number is a part of another.
                prop_assert!(!seen.contains(cell));
                prop_assert_eq!(table.cells[&cell.0][cell.1.place()], Published::Few);
                seen.push(*cell);
            }
        }
        for count in table.cells.values().flatten() {
            prop_assert!(!matches!(count, Published::Count(1..=10)));
        }
    }

    /// What is told never contradicts what was counted.
    #[test]
    fn what_is_told_holds_what_was_counted(raw in any_raw()) {
        let frozen = freeze("lc:bond", &raw);
        let state = |code: &str| raw.keys().copied().flatten()
            .filter(|of| of.state() == StateCode::parse(code).ok())
            .collect::<Vec<_>>();
        let one = |number| CountyFips::from_number(number).into_iter().collect::<Vec<_>>();
        let some = [one(24_001), one(12_003), state("MD"), state("FL")];
        let some = some.iter().map(|counties| Within::Counties(counties));
        for within in some.chain([Within::Everywhere]) {
            let told = frozen.told(|_| true, within);
            let counted = raw.iter().filter(|(of, _)| match within {
                Within::Everywhere => true,
                Within::Counties(counties) => of.is_some_and(|of| counties.contains(&of)),
            });
            let (open, dead) = counted.fold((0, 0), |(open, dead), (_, counts)| {
                (open + counts[0], dead + counts[1..].iter().sum::<u64>())
            });
            prop_assert!((told.open_least..=told.open_most).contains(&open));
            prop_assert!((told.dead_least..=told.dead_most).contains(&dead));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Even who knows how the table is made, and tries every week that makes this very table, is left with several
    /// numbers for every small cell.
    #[test]
    fn who_knows_the_rules_recovers_nothing_either(
        small in proptest::array::uniform4(1_u64..11),
        at in proptest::array::uniform4((0_usize..4, 0_usize..3)),
    ) {
        let places = [24_001, 24_003, 12_001, 10_001].map(county);
        let week_of = |counts: [u64; 4]| {
            let mut raw = Raw::new();
            for (count, (place, ending)) in counts.into_iter().zip(at) {
                raw.entry(places[place]).or_insert([20, 0, 0, 0, 0, 0])[ending + 1] = count;
            }
            raw
        };
        let published = table(&week_of(small));
        let mut possible = [0_u16; 4];
        for number in 0..10_000_u64 {
            let digit = |tens: u32| number / 10_u64.pow(tens) % 10 + 1;
            let counts = [digit(0), digit(1), digit(2), digit(3)];
            if table(&week_of(counts)) == published {
                for (seen, count) in possible.iter_mut().zip(counts) {
                    *seen |= 1 << count;
                }
            }
        }
        for seen in possible {
            prop_assert!(seen.count_ones() >= 2, "one number is left");
        }
    }
}
