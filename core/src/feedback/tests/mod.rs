//! The laws of figures and tables.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::geo::StateCode;
use crate::id::AgencyId;
use crate::tally::{Topic, Week};

/// What every organization says in every week.
type Weeks = Vec<Vec<[u32; 4]>>;

fn weeks(organizations: std::ops::Range<usize>) -> impl Strategy<Value = Weeks> {
    let outcomes = [0..40_u32, 0..40, 0..40, 0..40];
    vec(vec(outcomes, organizations), 1..20)
}

fn figure(weeks: &Weeks) -> Option<Figure> {
    let closed = weeks.iter().map(|said| {
        let said = said.iter().copied().map(Outcomes::from_numbers);
        Closed::of(said)
    });
    Figure::of((0..).zip(closed))
}

/// So many organizations say the same in the week that ended last.
fn said(organizations: usize, numbers: [u32; 4]) -> Weeks {
    vec![vec![numbers; organizations]]
}

proptest! {
    /// However often its people report, and for however long.
    #[test]
    fn two_organizations_alone_never_make_a_figure(weeks in weeks(0..3)) {
        prop_assert_eq!(figure(&weeks), None);
    }

    #[test]
    fn a_figure_is_bounded_and_stands_on_eleven_reports_or_more(weeks in weeks(0..30)) {
        if let Some(figure) = figure(&weeks) {
            prop_assert!(figure.precision.hundredths() <= 100 && figure.tenths <= 10);
            prop_assert!(figure.about >= 15 && figure.about % 5 == 0);
            let reports: u32 = weeks.iter().take(13).flatten()
                .map(|numbers| Outcomes::from_numbers(*numbers).about_open()).sum();
            prop_assert!(reports >= 11);
            prop_assert!((reports..reports + 5).contains(&figure.about));
        }
    }

    #[test]
    fn a_figure_lies_between_what_is_expected_and_what_was_said(
        organizations in 12..200_usize, numbers in [0..40_u32, 0..40, 0..40, 0..40],
    ) {
        let about = Outcomes::from_numbers(numbers).about_open();
        prop_assume!(about > 0);
        let told = f64::from(numbers[0]) / f64::from(about);
        let figure = figure(&said(organizations, numbers)).unwrap();
        let share = figure.precision.share();
        prop_assert!(share >= told.min(0.8) - 0.006 && share <= told.max(0.8) + 0.006, "{share} {told}");
    }

    #[test]
    fn one_more_taken_never_lowers_it_and_one_more_turned_away_never_raises_it(
        mut weeks in weeks(13..30), week in 0..20_usize, who in 0..13_usize, away in prop_oneof![Just(1), Just(3)],
    ) {
        let Some(before) = figure(&weeks) else { return Ok(()) };
        let week = week % weeks.len();
        // A first report is a vote more, and counts as its own vote says.
        prop_assume!(Outcomes::from_numbers(weeks[week][who]).about_open() > 0);
        weeks[week][who][0] += 1;
        prop_assert!(figure(&weeks).unwrap().precision >= before.precision);
        weeks[week][who][0] -= 1;
        weeks[week][who][away] += 1;
        prop_assert!(figure(&weeks).unwrap().precision <= before.precision);
    }

    /// Not eligible says nothing of whether a service was open.
    #[test]
    fn not_eligible_moves_nothing(mut weeks in weeks(0..30), more in 0..40_u32) {
        let before = figure(&weeks);
        for numbers in weeks.iter_mut().flatten() {
            numbers[2] += more;
        }
        prop_assert_eq!(figure(&weeks), before);
    }

    /// More of the same of one organization is one vote still.
    #[test]
    fn reporting_more_often_weighs_no_more(weeks in weeks(0..30), times in 2..50_u32) {
        let mut often = weeks.clone();
        for numbers in often.iter_mut().filter_map(|said| said.first_mut()) {
            *numbers = numbers.map(|number| number * times);
        }
        let precision = |weeks| figure(weeks).map(|figure| figure.precision);
        prop_assert_eq!(precision(&often), precision(&weeks));
    }

    #[test]
    fn whatever_a_table_tells_is_of_three_organizations_and_agencies_and_eleven(
        counts in vec((0..6_u8, 0..6_u8, 0..2_u8, [0..30_u32, 0..9, 0..3, 0..60]), 0..40),
    ) {
        let said: Vec<Said> = counts.iter().map(|(by, of, state, numbers)| Said {
            place: place(*state),
            by: [*by; 16],
            of: agency(*of),
            outcomes: Outcomes::from_numbers(*numbers),
        }).collect();
        let table = Table::of(Week::parse("2026-W47").unwrap(), &said);
        for (place, cell) in &table.cells {
            for (outcome, told) in Outcome::ALL.into_iter().zip(cell) {
                let Some(told) = *told else { continue };
                let (mut by, mut of) = (BTreeMap::new(), BTreeMap::new());
                for one in said.iter().filter(|one| one.place == *place) {
                    let count = u64::from(one.outcomes.of(outcome));
                    *by.entry(one.by).or_insert(0) += count;
                    *of.entry(one.of.clone()).or_insert(0) += count;
                }
                prop_assert_eq!(by.values().sum::<u64>(), told);
                prop_assert!(told >= 11);
                for counts in [by.into_values().collect::<Vec<u64>>(), of.into_values().collect()] {
                    prop_assert!(counts.iter().filter(|count| **count > 0).count() >= 3);
                    prop_assert!(counts.iter().all(|count| count * 10 <= told * 8));
                }
            }
        }
    }
}

fn place(state: u8) -> Place {
    let states = ["TX", "FL"];
    Place {
        topic: Topic::parse("dom:leg").unwrap(),
        state: StateCode::parse(states[usize::from(state)]).ok(),
    }
}

fn agency(number: u8) -> AgencyId {
    AgencyId::parse(&format!("agency-{number}")).unwrap()
}

/// 20 votes, half of them accepted: (10 + 8) / (20 + 10) = 0.6.
#[test]
fn the_formula_worked_out_by_hand() {
    let figure = figure(&said(20, [1, 1, 9, 0])).unwrap();

    assert_eq!(figure.precision.hundredths(), 60);
    assert_eq!((figure.tenths, figure.about), (5, 40));
}

/// 24 votes of 4 weeks ago weigh as 12: (0 + 8) / (12 + 10) = 0.36.
#[test]
fn votes_of_four_weeks_ago_weigh_half() {
    let mut weeks = vec![Vec::new(); 4];
    weeks.extend(said(24, [0, 1, 0, 1]));

    assert_eq!(figure(&weeks).unwrap().precision.hundredths(), 36);
}

#[test]
fn below_twelve_votes_and_after_thirteen_weeks_nothing_is_known() {
    assert_eq!(figure(&said(11, [9, 0, 0, 0])), None);
    assert!(figure(&said(12, [9, 0, 0, 0])).is_some());

    let mut weeks = vec![Vec::new(); 13];
    weeks.extend(said(10_000, [1, 0, 0, 0]));
    assert_eq!(figure(&weeks), None);
}

#[test]
fn one_organization_has_less_than_half_of_any_figure() {
    let most: f64 = (0..KEPT)
        .map(|age| (-f64::from(age) / f64::from(HALF_LIFE)).exp2())
        .sum();

    assert!(2.0 * most < LEAST_VOTES, "{most}");
}

#[test]
fn an_outcome_has_the_name_it_is_read_by() {
    for outcome in Outcome::ALL {
        assert_eq!(Outcome::parse(outcome.as_str()), Some(outcome));
    }
    assert_eq!(Outcome::parse("declined"), None);
}
