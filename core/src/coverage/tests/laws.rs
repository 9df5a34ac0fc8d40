//! What holds for every country and every network.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::capacity::State;
use crate::coverage::{Amount, Area, Rings, Serving, nearest_distances};
use crate::geo::Zip;

/// A pool anywhere in the country: (organization, standing, places, ways in which it is reached).
type AnyPool = (u64, u8, Option<u32>, Vec<AnyReach>);
/// A site, what kind of area it serves, whether on a condition.
type AnyReach = (f64, f64, u8, bool);

/// Twelve counties in two states, four of them rural.
fn any_country() -> impl Strategy<Value = (Demand, Ground)> {
    let place = (29.0..33.0, -92.0..-88.0, 1.0..5_000.0);
    vec(place, 12).prop_map(|places| {
        let counties = places.iter().zip(0_u32..).map(|((lat, lon, number), at)| {
            let county = if at < 6 { 12_001 } else { 24_001 } + 2 * at;
            (
                county,
                f64::from(at) * 14_000.0,
                f64::round(*number),
                *lat,
                *lon,
            )
        });
        country(&counties.collect::<Vec<_>>())
    })
}

fn zip(number: u32) -> Zip {
    Zip::from_number(10_000 + number).unwrap()
}

/// The same counties with up to a dozen ZIPs each, near to the first one or not.
fn any_towns() -> impl Strategy<Value = (Demand, Ground)> {
    let town = (0_usize..12, -0.6..0.6, -0.6..0.6, 1.0..900.0);
    (any_country(), vec(town, 0..70)).prop_map(|((demand, ground), towns)| {
        let mut points: Vec<DemandPoint> = demand.points().to_vec();
        for (point, number) in points.iter_mut().zip(200..) {
            point.zip = Some(zip(number));
        }
        for ((county, north, east, number), of) in towns.into_iter().zip(0..) {
            let county = demand.points()[county];
            points.push(DemandPoint {
                zip: Some(zip(of)),
                at: point(county.at.lat() + north, county.at.lon() + east),
                people: people(f64::round(number)),
                ..county
            });
        }
        (
            Demand::new(demand.source().clone(), points).unwrap(),
            ground,
        )
    })
}

/// Half of these people have no more than this.
fn median(values: &[(Amount, f64)]) -> Amount {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = sorted.iter().map(|(_, people)| people).sum::<f64>() / 2.0;
    let mut reached = 0.0;
    let at = sorted.iter().find(|(_, people)| {
        reached += people;
        reached >= half
    });
    at.unwrap().0
}

fn any_reach() -> impl Strategy<Value = AnyReach> {
    (29.0..33.0, -92.0..-88.0, 0_u8..9, any::<bool>())
}

fn any_pool() -> impl Strategy<Value = AnyPool> {
    let places = proptest::option::of(1_u32..60);
    (0_u64..6, 0_u8..5, places, vec(any_reach(), 1..4))
}

fn any_network() -> impl Strategy<Value = Vec<AnyPool>> {
    vec(any_pool(), 0..40)
}

fn standing(of: u8) -> Standing {
    match of {
        0 | 1 => Standing::Open,
        2 => Standing::Stale,
        3 => Standing::Unknown,
        _ => Standing::NotOpen(State::Waitlist),
    }
}

fn area(kind: u8) -> Option<Area> {
    let state = |code| crate::geo::StateCode::parse(code).unwrap();
    match kind {
        0 => Some(Area::Nation),
        1 => Some(Area::State(state("FL"))),
        2 => Some(Area::State(state("MD"))),
        3 => Some(Area::County(fips(12_003))),
        4 => Some(Area::County(fips(24_017))),
        5 => Some(Area::Radius(Kilometres::new(80.0).unwrap())),
        6 => Some(Area::Zip(zip(1), fips(12_003))),
        _ => None,
    }
}

fn supply_of(network: &[AnyPool]) -> Supply {
    let mut supply = Supply::new();
    for ((organization, of, places, reaches), number) in network.iter().zip(1..) {
        let reaches = reaches.iter().map(|(lat, lon, kind, conditional)| {
            let serving = area(*kind).map(|area| Serving {
                area,
                conditional: *conditional,
            });
            let areas = supply.areas(serving.as_slice());
            // One in a few is at no place the map knows.
            if *lat > 32.7 {
                let site = Site::Unplaced;
                return Reach { site, areas };
            }
            site(12_001, *lat, *lon, areas)
        });
        let reaches: Vec<Reach> = reaches.collect();
        let pool = pool(number, *organization, standing(*of), *places);
        supply.add(pool, &reaches);
    }
    supply
}

/// The people whom a reach serves for certain, found the plain way.
fn serves(supply: &Supply, reach: &Reach, at: &DemandPoint, even_maybe: bool) -> bool {
    let point = match reach.site {
        Site::At { point, .. } => Some(point),
        // Nobody knows how far it is: it counts for what may be alone.
        Site::Unplaced if even_maybe && reach.areas != Areas::NOT_STATED => None,
        _ => return false,
    };
    let covers = |serving: &Serving| match serving.area {
        Area::Nation => true,
        Area::State(state) => at.county.state() == Some(state),
        Area::County(county) => at.county == county,
        Area::Radius(radius) => point.is_some_and(|point| point.distance(at.at) <= radius),
        Area::Zip(zip, county) => at.county == county && at.zip.is_none_or(|of| of == zip),
    };
    let servings = supply.servings(reach.areas);
    servings.is_empty()
        || servings
            .iter()
            .any(|serving| covers(serving) && (even_maybe || !serving.conditional))
}

/// The distances to all pools that serve a point, by organization, found the plain way.
fn distances(supply: &Supply, at: &DemandPoint, even_maybe: bool) -> Vec<(u64, f64)> {
    let mut all = Vec::new();
    for (number, pool) in supply.pools().iter().enumerate() {
        let counts = match pool.standing {
            Standing::Open => true,
            Standing::Stale | Standing::Unknown => even_maybe,
            Standing::NotOpen(_) => false,
        };
        for reach in supply.reaches(number).iter().filter(|_| counts) {
            if serves(supply, reach, at, even_maybe) {
                let distance = match reach.site {
                    Site::At { point, .. } => point.distance(at.at).get(),
                    _ => 0.0,
                };
                all.push((pool.organization.0, distance));
            }
        }
    }
    all
}

fn least(distances: &[(u64, f64)]) -> Amount {
    let all = distances.iter().map(|(_, distance)| *distance);
    all.reduce(f64::min).into()
}

fn at_least(less: Amount, more: Amount) -> bool {
    less.total_cmp(&more).is_le()
}

/// Places in order from few to many, none before all.
fn no_fewer(few: Amount, many: Amount) -> bool {
    few.number().unwrap_or(0.0) <= many.number().unwrap_or(0.0) * (1.0 + 1e-12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The trees find what a look at every pool finds.
    #[test]
    fn the_nearest_is_what_a_plain_look_finds((demand, ground) in any_country(), network in any_network()) {
        let supply = supply_of(&network);
        let report = answer(Measure::NearestOpen, &demand, &supply, &ground);
        for (row, at) in report.counties.iter().zip(demand.points()) {
            prop_assert_eq!(row.figure.value, least(&distances(&supply, at, false)));
            prop_assert_eq!(row.figure.lower, least(&distances(&supply, at, true)));
        }
    }

    /// Where a county has many points, each has what a plain look finds, and the county the median of them.
    #[test]
    fn many_points_of_a_county_find_what_a_plain_look_finds(
        (demand, ground) in any_towns(), network in any_network()
    ) {
        let supply = supply_of(&network);
        let report = answer(Measure::NearestOpen, &demand, &supply, &ground);
        let away = nearest_distances(&demand, &supply, &ground);
        let mut away = away.iter();
        for row in &report.counties {
            let (mut sure, mut best) = (Vec::new(), Vec::new());
            for at in demand.points().iter().filter(|at| at.county == row.county) {
                let away = away.next().unwrap();
                let plain = [false, true].map(|even_maybe| least(&distances(&supply, at, even_maybe)));
                prop_assert_eq!(plain, [away.open, away.at_best].map(|to| to.map(Kilometres::get).into()));
                sure.push((plain[0], at.people.get()));
                best.push((plain[1], at.people.get()));
            }
            prop_assert_eq!(row.figure.value, median(&sure));
            prop_assert_eq!(row.figure.lower, median(&best));
        }
    }

    /// People depend on an organization where a plain look finds no other one within the distance.
    #[test]
    fn people_depend_on_whom_a_plain_look_finds_alone(
        (demand, ground) in any_towns(), network in any_network()
    ) {
        let supply = supply_of(&network);
        let report = answer(Measure::NearestOpen, &demand, &supply, &ground);
        for row in &report.counties {
            let mut alone = std::collections::BTreeMap::new();
            for at in demand.points().iter().filter(|at| at.county == row.county) {
                let mut near = distances(&supply, at, false);
                near.retain(|(_, distance)| *distance <= report.question.within.get());
                if let Some((only, _)) = near.first().copied()
                    && near.iter().all(|(organization, _)| *organization == only)
                {
                    *alone.entry(only).or_insert(0.0) += at.people.get();
                }
            }
            let most = alone.values().copied().reduce(f64::max);
            prop_assert_eq!(row.depends_on.as_ref().map(|of| of.people.get()), most);
        }
    }

    /// Organizations are counted as a plain look counts them.
    #[test]
    fn organizations_are_what_a_plain_look_counts(
        (demand, ground) in any_country(), network in any_network(), organizations in 1_u8..4
    ) {
        let supply = supply_of(&network);
        let within = miles(60.0);
        let report = answer(Measure::KCoverage { organizations, within }, &demand, &supply, &ground);
        let enough = |at, even_maybe| {
            let mut near = distances(&supply, at, even_maybe);
            near.retain(|(_, distance)| *distance <= within.get());
            near.sort_by_key(|(organization, _)| *organization);
            near.dedup_by_key(|(organization, _)| *organization);
            Amount::Number(f64::from(u8::from(near.len() >= usize::from(organizations))))
        };
        for (row, at) in report.counties.iter().zip(demand.points()) {
            prop_assert_eq!(row.figure.value, enough(at, false));
            prop_assert_eq!(row.figure.upper, enough(at, true));
        }
    }

    /// No place is lost or counted twice: sum P_i A_i = sum S_j over pools with demand in reach.
    #[test]
    fn a_catchment_shares_all_places_in_reach((demand, ground) in any_country(), network in any_network()) {
        let supply = supply_of(&network);
        let report = answer(Measure::Catchment(Rings::default()), &demand, &supply, &ground);
        let shared: f64 = report.counties.iter()
            .map(|row| row.people.get() * row.figure.value.number().unwrap_or(0.0) / 1_000.0)
            .sum();
        let open: f64 = supply.pools().iter()
            .filter(|pool| pool.standing == Standing::Open)
            .map(|pool| match pool.places {
                Places::Counted(places, _) => f64::from(places),
                Places::Assumed => 1.0,
            })
            .sum();
        let stranded = u32::try_from(report.supply.stranded_places).unwrap();
        prop_assert!((shared + f64::from(stranded) - open).abs() < 1e-6, "{shared} {stranded} {open}");
    }

    /// One more open provider never makes anything worse, anywhere.
    #[test]
    fn more_supply_never_makes_coverage_worse(
        (demand, ground) in any_country(), mut network in any_network(), mut more in any_pool()
    ) {
        more.1 = 0;
        let before = supply_of(&network);
        network.push(more);
        let after = supply_of(&network);
        let measures = [
            Measure::NearestOpen,
            Measure::CoverageAt(miles(60.0)),
            Measure::KCoverage { organizations: 2, within: miles(60.0) },
            Measure::Catchment(Rings::default()),
            Measure::PeoplePerPlace,
        ];
        for measure in measures {
            let before = answer(measure.clone(), &demand, &before, &ground);
            let after = answer(measure, &demand, &after, &ground);
            for (old, new) in before.counties.iter().zip(&after.counties) {
                let (old, new) = (old.figure.value, new.figure.value);
                let no_worse = if before.quantity.more_is_better() {
                    no_fewer(old, new)
                } else {
                    at_least(new, old)
                };
                prop_assert!(no_worse, "{old:?} {new:?}");
            }
        }
    }

    /// Who is covered within a distance is covered within a longer one.
    #[test]
    fn a_longer_distance_never_covers_fewer(
        (demand, ground) in any_country(), network in any_network(), short in 1.0..150.0, more in 0.0..150.0
    ) {
        let supply = supply_of(&network);
        let covered = |distance| {
            let report = answer(Measure::CoverageAt(miles(distance)), &demand, &supply, &ground);
            report.summary.figure
        };
        let (near, far) = (covered(short), covered(short + more));
        prop_assert!(at_least(near.value, far.value));
        prop_assert!(at_least(near.upper, far.upper));
    }

    /// The value lies between its bounds, in counties, states and the country.
    #[test]
    fn a_value_lies_between_its_bounds((demand, ground) in any_country(), network in any_network()) {
        let supply = supply_of(&network);
        for measure in [
            Measure::NearestOpen,
            Measure::CoverageAt(miles(40.0)),
            Measure::Catchment(Rings::default()),
            Measure::PeoplePerPlace,
        ] {
            let report = answer(measure, &demand, &supply, &ground);
            let counties = report.counties.iter().map(|row| row.figure);
            let states = report.states.iter().map(|row| row.figure);
            let places = report.quantity.more_is_better();
            for figure in counties.chain(states).chain([report.summary.figure]) {
                let ordered = if places {
                    no_fewer(figure.lower, figure.value) && no_fewer(figure.value, figure.upper)
                } else {
                    at_least(figure.lower, figure.value) && at_least(figure.value, figure.upper)
                };
                prop_assert!(ordered, "{figure:?}");
            }
        }
    }

    /// The same evidence gives the same report.
    #[test]
    fn a_report_is_the_same_when_made_again((demand, ground) in any_country(), network in any_network()) {
        let make = || answer(Measure::Catchment(Rings::default()), &demand, &supply_of(&network), &ground);
        prop_assert_eq!(format!("{:?}", make()), format!("{:?}", make()));
    }
}
