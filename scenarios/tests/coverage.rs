//! Coverage on the real map: what the trees find is what a look at every site finds.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use directory_server::demand::{ground, residents};
use jiff::Timestamp;
use referral_core::capacity::State;
use referral_core::coverage::{
    Amount, Area, Areas, Demand, DemandPoint, Evidence, Gathering, Measure, Places, Question,
    Report, Reported, Rings, Site, Standing, Supply, report,
};
use referral_core::geo::{Kilometres, Point};
use referral_core::search::{Facts, Need, Request, day};
use referral_gazetteer::gazetteer;
use referral_scenarios::national::National;

/// Services of the network.
const SERVICES: u32 = 10_000;
/// One in so many points of the table by ZIP is looked at.
const ONE_IN: usize = 10;

fn filter() -> Request {
    Request {
        need: Some(Need::parse("dom:leg").unwrap()),
        ..Request::any()
    }
}

/// Immigration law in the synthetic network.
fn supply() -> (Supply, Timestamp) {
    let national = National::new(SERVICES, 1);
    let filter = filter();
    let mut gathering = Gathering::new(&filter, &[], gazetteer());
    let now = national.now();
    for one in national.services() {
        let facts = Facts::of(&one.listing, &one.places);
        gathering.service(&facts, day(now), |location| {
            let of = |of: Option<&_>| {
                let mut held = one.held.iter();
                held.find(|held| held.report.said().location.as_ref() == of)
            };
            let held = of(location).or_else(|| of(None))?;
            let count = held.report.main_count();
            let counted = count.and_then(|count| Some((count.available?, count.unit)));
            Some(Reported {
                own: held.report.said().location.is_some(),
                state: held.state_at(now),
                places: counted.map_or(Places::Assumed, |(places, unit)| {
                    Places::Counted(places, unit)
                }),
            })
        });
    }
    (gathering.finish(), now)
}

fn answer(measure: Measure, supply: &Supply, demand: &Demand, now: Timestamp) -> Report {
    let name = demand.source().name.clone();
    let question = Question::new(filter(), name, measure, now).check().unwrap();
    report(&question, &Evidence::new(demand, supply, ground()))
}

/// Residents with one point for each county.
fn by_county() -> Demand {
    let points = ground().counties().iter().map(|county| DemandPoint {
        county: county.fips,
        zip: None,
        at: county.at,
        people: county.residents,
    });
    Demand::new(residents().source().clone(), points.collect()).unwrap()
}

/// The distance to the nearest open site that serves somebody, found by looking at all of them.
fn plain_look(supply: &Supply, of: &DemandPoint) -> Option<f64> {
    let mut least: Option<f64> = None;
    for (at, pool) in supply.pools().iter().enumerate() {
        if pool.standing != Standing::Open {
            continue;
        }
        for reach in supply.reaches(at) {
            let Some(site) = position(reach.site) else {
                continue;
            };
            if serves(supply, reach.areas, site, of) {
                let distance = site.distance(of.at).get();
                least = Some(least.map_or(distance, |least| least.min(distance)));
            }
        }
    }
    least
}

fn position(site: Site) -> Option<Point> {
    match site {
        Site::At { point, .. } => Some(point),
        Site::County(county) => Some(ground().county(county)?.at),
        Site::Remote | Site::Unplaced => None,
    }
}

fn serves(supply: &Supply, areas: Areas, site: Point, of: &DemandPoint) -> bool {
    let servings = supply.servings(areas);
    servings.is_empty()
        || servings.iter().any(|serving| {
            let covers = match serving.area {
                Area::Nation => true,
                Area::State(state) => of.county.state() == Some(state),
                Area::County(county) => of.county == county,
                Area::Zip(zip, county) => {
                    of.county == county && of.zip.is_none_or(|own| own == zip)
                }
                Area::Radius(radius) => site.distance(of.at) <= radius,
            };
            covers && !serving.conditional
        })
}

#[test]
fn the_nearest_open_provider_of_every_county_is_what_a_plain_look_finds() {
    let (supply, now) = supply();
    let demand = by_county();
    let report = answer(Measure::NearestOpen, &supply, &demand, now);

    assert!(report.supply.open > 100, "{:?}", report.supply);
    assert_eq!(report.counties.len(), demand.points().len());
    for (row, of) in report.counties.iter().zip(demand.points()) {
        let found = row.figure.value;
        assert_eq!(found, plain_look(&supply, of).into(), "{}", row.county);
    }
}

#[test]
fn the_median_of_the_country_is_what_a_plain_look_finds() {
    let (supply, now) = supply();
    let points = residents();
    let some = points.points().iter().step_by(ONE_IN).copied();
    let demand = Demand::new(points.source().clone(), some.collect()).unwrap();

    let distances = answer(Measure::NearestOpen, &supply, &demand, now)
        .summary
        .distances;

    let mut plain: Vec<(f64, f64)> = demand
        .points()
        .iter()
        .map(|of| {
            let found = plain_look(&supply, of);
            (found.unwrap_or(f64::INFINITY), of.people.get())
        })
        .collect();
    plain.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = plain.iter().map(|(_, people)| people).sum();
    for (figure, share) in [(distances.median, 0.5), (distances.p90, 0.9)] {
        let mut reached = 0.0;
        let at = plain.iter().find(|(_, people)| {
            reached += people;
            reached >= share * all
        });
        assert_eq!(figure.value, Amount::Number(at.unwrap().0));
    }
    for beyond in distances.beyond {
        let farther = plain.iter().filter(|of| of.0 > beyond.distance.get());
        let share = farther.fold(0.0, |sum, (_, people)| sum + people) / all;
        let Amount::Number(told) = beyond.share.value else {
            panic!("a share is a number");
        };
        assert!((told - share).abs() < 1e-9, "{told} {share}");
    }
}

#[test]
fn a_catchment_of_the_whole_map_loses_no_place() {
    let (supply, now) = supply();
    let rings = Measure::Catchment(Rings::default());
    let report = answer(rings, &supply, &residents(), now);

    let rows = report.counties.iter();
    let shared: f64 = rows
        .map(|row| row.people.get() * row.figure.value.number().unwrap_or(0.0) / 1_000.0)
        .sum();
    let unit = report.supply.unit;
    let open = supply.pools().iter();
    let open = open.filter(|pool| pool.standing == Standing::of(State::Open));
    let places: u32 = open
        .map(|pool| match pool.places {
            Places::Counted(places, of) if Some(of) == unit => places,
            Places::Counted(..) | Places::Assumed => 1,
        })
        .sum();
    let stranded = u32::try_from(report.supply.stranded_places).unwrap();
    let expected = f64::from(places - stranded);
    assert!(
        (shared - expected).abs() < 1e-6 * expected,
        "{shared} {expected}"
    );
}

#[test]
fn the_same_network_gives_the_same_report_to_the_last_bit() {
    let (supply, now) = supply();
    let within = Kilometres::from_miles(60.0).unwrap();
    let one = answer(Measure::CoverageAt(within), &supply, &residents(), now);
    let (again, _) = self::supply();
    let two = answer(Measure::CoverageAt(within), &again, &residents(), now);

    assert_eq!(format!("{one:?}"), format!("{two:?}"));
}
