//! Measures that look at time and at searches, and what follows from reports.

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::capacity::Ttl;
use crate::coverage::{
    Addition, Alert, Amount, Candidate, Lapsing, Openings, Silence, Spell, dead_ends_rising,
    gone_silent, lapsing, last_open_gone, place_next, what_if,
};
use crate::id::AgencyId;
use crate::search::Need;
use crate::tally::{Cell, Counts, Frozen, Published, Topic, Week};
use crate::vocabulary::Code;

/// Two counties of Maryland, 1 degree (111 km, 69 miles) apart, with 100 and 300 people.
const TWO: [Peopled; 2] = [
    (24_001, 60_000.0, 100.0, 30.0, -90.0),
    (24_003, 60_000.0, 300.0, 31.0, -90.0),
];

fn day(number: i64) -> Timestamp {
    let start: Timestamp = "2026-10-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(24 * number)
}

fn spell(from: i64, to: i64, confirmed: bool) -> Spell {
    Spell {
        from: day(from),
        to: day(to),
        confirmed,
    }
}

#[test]
fn whoever_asks_while_nobody_is_open_waits_until_somebody_is() {
    // Ten days. Pool 1 at the first county is open on days 4 to 6 and from day 9 on. Gaps of 4 and 3 days: 4 x 4 / 2 +
    // 3 x 3 / 2 = 12.5 days waited in 10: 1.25. With the stale days 0 to 2: gaps of 2 and 3: 2 + 4.5 = 6.5: 0.65.
    // Pool 2 at the second is open on day 0 alone: a gap of 9 days at the end, 40.5 in 10: 4.05, or more.
    let (demand, ground) = country(&TWO);
    let mut supply = Supply::new();
    let paused = Standing::NotOpen(crate::capacity::State::Paused);
    supply.add(
        pool(1, 1, Standing::Open, None),
        &[site(24_001, 30.0, -90.0, Areas::NOT_STATED)],
    );
    supply.add(
        pool(2, 2, paused, None),
        &[site(24_003, 31.0, -90.0, Areas::NOT_STATED)],
    );
    let spells = vec![
        vec![spell(4, 6, true), spell(9, 12, true), spell(-3, 2, false)],
        vec![spell(0, 1, true)],
    ];
    let openings = Openings::new(day(0), day(10), spells);
    let evidence = Evidence::new(&demand, &supply, &ground).with_openings(&openings);

    let report = report(&question(Measure::TimeToFirstOpen), &evidence);

    let [first, second] = [0, 1].map(|at: usize| report.counties[at].figure);
    assert_eq!(first.value, Amount::Number(1.25));
    assert_eq!(first.lower, Amount::Number(0.65));
    assert_eq!(first.upper, Amount::Number(1.25));
    assert_eq!(second.value, Amount::Number(4.05));
    assert_eq!(second.upper, Amount::None);
}

fn week(text: &str) -> Week {
    Week::parse(text).unwrap()
}

fn frozen(of: &str, topic: &str, counties: &[(u32, [u64; 6])]) -> Frozen {
    let cells: Vec<(Cell, Counts)> = counties
        .iter()
        .map(|(county, numbers)| {
            let cell = Cell {
                week: week(of),
                topic: Topic::parse(topic).unwrap(),
                county: Some(fips(*county)),
            };
            (cell, Counts::from_numbers(*numbers))
        })
        .collect();
    let cells = cells.iter().map(|(cell, counts)| (cell, counts));
    Frozen::of(week(of), cells, "2027-01-01T00:00:00Z".parse().unwrap()).unwrap()
}

#[test]
fn a_dead_end_rate_is_told_as_far_as_the_searches_are() {
    // 24001: 60 open, 20 + 20 dead: 40 of 100. 24003: 20 open, 30 dead for capacity and 1 to 10 for language: the rate
    // is withheld, between 31 / 51 and 40 / 60.
    let (demand, ground) = country(&TWO);
    let searches = frozen(
        "2026-W46",
        "lc:bond",
        &[
            (24_001, [60, 20, 20, 0, 0, 0]),
            (24_003, [20, 30, 0, 0, 4, 0]),
        ],
    );
    let supply = Supply::new();
    let evidence = Evidence::new(&demand, &supply, &ground).with_searches(&searches);
    let mut question = question(Measure::DeadEnds);
    question.filter.need = Some(Need::parse("dom:leg").unwrap());

    let report = report(&question, &evidence);

    let [first, second] = [0, 1].map(|at: usize| &report.counties[at]);
    assert_eq!(first.figure.value, Amount::Number(0.4));
    assert_eq!(first.figure.n, 100);
    assert_eq!(second.figure.value, Amount::Withheld);
    assert_eq!(second.figure.lower, Amount::Number(31.0 / 51.0));
    assert_eq!(second.figure.upper, Amount::Number(40.0 / 60.0));
    let counts: Vec<Published> = second.searches.iter().map(|line| line.count).collect();
    let (open, full) = (Published::Count(20), Published::Count(30));
    assert_eq!(counts, [open, full, Published::Few]);
    assert_eq!(report.searches_of, Some(week("2026-W46")));

    question.filter.need = Some(Need::parse("ho:es").unwrap());
    let other = super::report(&question, &evidence);
    assert_eq!(other.counties[0].figure.value, Amount::None);
    assert_eq!(other.counties[0].searches, []);
}

#[test]
fn without_searches_a_dead_end_rate_is_not_told() {
    let (demand, ground) = country(&TWO);
    let report = answer(Measure::DeadEnds, &demand, &Supply::new(), &ground);

    assert_eq!(report.summary.figure.value, Amount::Withheld);
    assert_eq!(report.searches_of, None);
}

#[test]
fn the_next_place_goes_where_most_people_have_nobody() {
    let (demand, ground) = country(&TWO);
    let supply = Supply::new();
    let evidence = Evidence::new(&demand, &supply, &ground);
    let candidates = Candidate::of_demand(&demand);

    let placed = place_next(&question(Measure::NearestOpen), &evidence, &candidates, 5);

    let counties: Vec<u32> = placed
        .iter()
        .map(|placed| placed.candidate.county.number())
        .collect();
    assert_eq!(counties, [24_003, 24_001]);
    assert_eq!(placed[0].gained, people(300.0));
    assert!((placed[0].covered - 0.75).abs() < 1e-12);
    assert!((placed[1].covered - 1.0).abs() < 1e-12);
}

#[test]
fn an_added_place_changes_the_counties_it_is_near_to() {
    let (demand, ground) = country(&TWO);
    let supply = Supply::new();
    let evidence = Evidence::new(&demand, &supply, &ground);
    let added = Addition {
        at: point(31.0, -90.0),
        county: Some(fips(24_003)),
        places: 6,
    };

    let change = what_if(&question(Measure::PeoplePerPlace), &evidence, &[added]);

    let [(before, after)] = change.counties().try_into().unwrap();
    assert_eq!(before.figure.value, Amount::None);
    assert_eq!(after.figure.value, Amount::Number(50.0));
    assert_eq!(after.county, fips(24_003));
    assert_eq!(after.nearest[0].service, Addition::service(1));
}

fn covered(standing: Standing) -> Report {
    let (demand, ground) = country(&TWO);
    let mut supply = Supply::new();
    supply.add(
        pool(1, 1, standing, None),
        &[site(24_001, 30.0, -90.0, Areas::NOT_STATED)],
    );
    answer(Measure::CoverageAt(miles(60.0)), &demand, &supply, &ground)
}

#[test]
fn the_last_open_provider_of_a_county_is_told_when_it_is_gone() {
    let bond = Code::parse("lc:bond").unwrap();
    let closed = Standing::NotOpen(crate::capacity::State::Closed);
    let gone = |now| last_open_gone(&bond, &covered(Standing::Open), &covered(now));

    let [
        Alert::LastOpenGone {
            county,
            unconfirmed,
            last,
            ..
        },
    ] = &gone(closed)[..]
    else {
        panic!("one county lost its last provider");
    };
    assert_eq!((*county, *unconfirmed), (fips(24_001), false));
    assert!(last.is_some());
    assert!(matches!(
        gone(Standing::Stale)[..],
        [Alert::LastOpenGone {
            unconfirmed: true,
            ..
        }]
    ));
    assert_eq!(gone(Standing::Open), []);
}

#[test]
fn an_agency_is_silent_after_twice_its_time_to_live() {
    let silence = Silence {
        agency: AgencyId::parse("harbor").unwrap(),
        last_heard: day(0),
        ttl: Ttl::clamped(86_400),
    };
    let told = |now| gone_silent(std::slice::from_ref(&silence), now).len();

    assert_eq!(told(day(2)), 0);
    assert_eq!(told(day(2) + SignedDuration::from_secs(1)), 1);
}

#[test]
fn dead_ends_rise_when_the_least_is_above_all_that_was_before() {
    // Before: 30 of 100 and 30 of 100. Now: 40 of 100 is 10 points more; 39 of 100 is not.
    let before = ["2026-W44", "2026-W45"]
        .map(|week| frozen(week, "lc:bond", &[(24_001, [70, 30, 0, 0, 0, 0])]));
    let rising = |open, dead| {
        let now = frozen("2026-W46", "lc:bond", &[(24_001, [open, dead, 0, 0, 0, 0])]);
        dead_ends_rising(&now, &before).len()
    };

    // Once for the country, once for Maryland.
    assert_eq!(rising(60, 40), 2);
    assert_eq!(rising(61, 39), 0);
    // Too few searches to tell.
    assert_eq!(rising(11, 17), 0);
}

#[test]
fn what_lapses_within_a_month_is_told_soonest_first() {
    let today = date(2026, 11, 22);
    let grant = |agency| Lapsing::Grant(AgencyId::parse(agency).unwrap());
    let all = [
        (grant("later"), date(2026, 12, 22)),
        (grant("sooner"), date(2026, 11, 22)),
        (grant("too-late"), date(2026, 11, 21)),
        (grant("far"), date(2026, 12, 23)),
    ];

    let told = lapsing(&all, today);

    let days: Vec<_> = told
        .iter()
        .map(|alert| match alert {
            Alert::Lapses { on, .. } => *on,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(days, [date(2026, 11, 22), date(2026, 12, 22)]);
}

mod laws {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn any_country() -> impl Strategy<Value = Vec<(f64, f64, f64)>> {
        vec((30.0..34.0, -92.0..-88.0, 1.0..1_000.0), 2..9)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        /// Greedy placement reaches at least 1 - 1/e of the best choice of two or three places.
        #[test]
        fn greedy_placement_is_not_far_from_the_best(places in any_country(), most in 2_usize..4) {
            let counties: Vec<Peopled> = places.iter().zip(0_u32..)
                .map(|((lat, lon, number), at)| (24_001 + 2 * at, 1.0, *number, *lat, *lon))
                .collect();
            let (demand, ground) = country(&counties);
            let supply = Supply::new();
            let evidence = Evidence::new(&demand, &supply, &ground);
            let candidates = Candidate::of_demand(&demand);
            let within = question(Measure::NearestOpen).within;

            let placed = place_next(&question(Measure::NearestOpen), &evidence, &candidates, most);
            let gained: f64 = placed.iter().map(|placed| placed.gained.get()).sum();

            let covers = |chosen: u32| demand.points().iter()
                .filter(|of| candidates.iter().enumerate().any(|(at, candidate)| {
                    chosen >> at & 1 == 1 && candidate.at.distance(of.at) <= within
                }))
                .map(|of| of.people.get())
                .sum::<f64>();
            let choices = (0_u32..1 << candidates.len())
                .filter(|chosen| usize::try_from(chosen.count_ones()).unwrap() <= most);
            let best = choices.map(covers).fold(0.0, f64::max);
            let share = 1.0 - (-1.0_f64).exp();
            prop_assert!(gained >= share * best - 1e-6, "{gained} of {best}");
            prop_assert!(gained <= best + 1e-6);
            // Each place gains no more than the one before it.
            prop_assert!(placed.windows(2).all(|pair| pair[0].gained >= pair[1].gained));
        }

        /// A wait is never longer when somebody else is open too.
        #[test]
        fn more_openings_never_make_a_wait_longer(
            spells in vec((0_i64..40, 1_i64..10), 1..6), more in (0_i64..40, 1_i64..10)
        ) {
            let (demand, ground) = country(&TWO);
            let mut supply = Supply::new();
            for number in 1..3 {
                let place = site(24_001, 30.0, -90.0, Areas::NOT_STATED);
                supply.add(pool(number, number, Standing::Open, None), &[place]);
            }
            let wait = |more: Vec<Spell>| {
                let own = spells.iter().map(|(from, long)| spell(*from, from + long, true));
                let openings = Openings::new(day(0), day(30), vec![own.collect(), more]);
                let evidence = Evidence::new(&demand, &supply, &ground).with_openings(&openings);
                report(&question(Measure::TimeToFirstOpen), &evidence).counties[0].figure.value
            };
            let (from, long) = more;
            let (alone, both) = (wait(vec![]), wait(vec![spell(from, from + long, true)]));
            prop_assert!(both.total_cmp(&alone).is_le(), "{both:?} {alone:?}");
        }
    }
}
