//! What reports say of small countries.

mod laws;
mod measures;
mod toy;

use jiff::Timestamp;

use crate::capacity::Unit;
use crate::coverage::{
    Areas, County, Demand, DemandPoint, DemandSource, Evidence, Ground, Measure, Organization,
    People, Places, Pool, Question, Reach, Report, Site, Standing, Supply, report,
};
use crate::geo::{CountyFips, Kilometres, Point};
use crate::id::PublicId;
use crate::search::Request;
use crate::text::Name;

fn fips(number: u32) -> CountyFips {
    CountyFips::from_number(number).unwrap()
}

fn point(lat: f64, lon: f64) -> Point {
    Point::new(lat, lon).unwrap()
}

fn people(number: f64) -> People {
    People::new(number).unwrap()
}

fn miles(number: f64) -> Kilometres {
    Kilometres::from_miles(number).unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// People of a county at a point: (county, residents, people in the table, latitude, longitude).
type Peopled = (u32, f64, f64, f64, f64);

fn country(counties: &[Peopled]) -> (Demand, Ground) {
    let source = DemandSource {
        name: name("People"),
        date: jiff::civil::date(2026, 11, 1),
        source: name("A test"),
        licence: name("CC0"),
    };
    let points = counties
        .iter()
        .map(|(county, _, number, lat, lon)| DemandPoint {
            county: fips(*county),
            zip: None,
            at: point(*lat, *lon),
            people: people(*number),
        });
    let ground = counties
        .iter()
        .map(|(county, residents, _, lat, lon)| County {
            fips: fips(*county),
            at: point(*lat, *lon),
            residents: people(*residents),
        });
    let demand = Demand::new(source, points.collect()).unwrap();
    (demand, Ground::new(ground.collect()))
}

fn question(measure: Measure) -> Question {
    let now = Timestamp::constant(1_795_300_000, 0);
    Question::new(Request::any(), name("People"), measure, now)
        .check()
        .unwrap()
}

fn pool(number: u64, organization: u64, standing: Standing, places: Option<u32>) -> Pool {
    Pool {
        service: PublicId::parse(&format!("{number:032x}")).unwrap(),
        organization: Organization(organization),
        places: places.map_or(Places::Assumed, |places| {
            Places::Counted(places, Unit::Client)
        }),
        standing,
        languages: 0,
    }
}

fn site(county: u32, lat: f64, lon: f64, areas: Areas) -> Reach {
    let site = Site::At {
        point: point(lat, lon),
        county: Some(fips(county)),
    };
    Reach { site, areas }
}

fn answer(measure: Measure, demand: &Demand, supply: &Supply, ground: &Ground) -> Report {
    report(&question(measure), &Evidence::new(demand, supply, ground))
}
