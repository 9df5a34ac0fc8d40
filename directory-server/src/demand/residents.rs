//! The residents of the map, and its counties.
//!
//! Residents of a county are put where they live: at its ZIPs, in proportion to the people that the Census counted of
//! each ZIP in the county. A county without such ZIPs is one point.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::date;
use referral_core::coverage::{
    County, Demand, DemandPoint, DemandSource, Ground, People, RESIDENTS,
};
use referral_core::geo::{CountyFips, Point, Zip};
use referral_core::text::Name;
use referral_gazetteer::gazetteer;

/// Where the residents of each county live: ZIP, its point, how many.
type Homes = BTreeMap<CountyFips, Vec<(Zip, Point, f64)>>;

/// The residents of every county: the table that is there without being loaded.
#[must_use]
pub fn residents() -> Arc<Demand> {
    static TABLE: OnceLock<Arc<Demand>> = OnceLock::new();
    Arc::clone(TABLE.get_or_init(|| {
        let demand = Demand::new(source(), points());
        Arc::new(demand.unwrap_or_else(|_| unreachable!("the map has residents")))
    }))
}

/// The counties of the map.
#[must_use]
pub fn ground() -> &'static Ground {
    static GROUND: OnceLock<Ground> = OnceLock::new();
    GROUND.get_or_init(|| {
        let counties = gazetteer().counties().iter().map(|county| County {
            fips: county.fips,
            at: county.label,
            residents: county.population.into(),
        });
        Ground::new(counties.collect())
    })
}

fn points() -> Vec<DemandPoint> {
    let homes = homes();
    let mut points = Vec::new();
    for county in gazetteer().counties() {
        let of = homes.get(&county.fips).map_or(&[][..], |homes| homes);
        let counted: f64 = of.iter().map(|(_, _, here)| here).sum();
        let population = f64::from(county.population);
        let mut point = |zip, at, number| {
            points.extend(People::new(number).ok().map(|people| DemandPoint {
                county: county.fips,
                zip,
                at,
                people,
            }));
        };
        if counted > 0.0 {
            for (zip, at, here) in of {
                point(Some(*zip), *at, population * here / counted);
            }
        } else {
            point(None, county.label, population);
        }
    }
    points
}

fn homes() -> Homes {
    let mut homes = Homes::new();
    for place in gazetteer().zips().filter(|place| place.population > 0) {
        for (county, share) in gazetteer().counties_of_zip(place.zip) {
            let here = f64::from(place.population) * share;
            if here > 0.0 {
                let of = homes.entry(county).or_default();
                of.push((place.zip, place.point, here));
            }
        }
    }
    homes
}

fn source() -> DemandSource {
    let name = |text| Name::parse(text).unwrap_or_else(|_| unreachable!("a name"));
    DemandSource {
        name: name(RESIDENTS),
        date: date(2020, 7, 1),
        source: name("U.S. Census Bureau, county population estimates 2020 (islands: census 2010)"),
        licence: name("public domain"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_county_of_the_map_has_its_residents() {
        let residents = residents();
        let mut people: BTreeMap<CountyFips, f64> = BTreeMap::new();
        for point in residents.points() {
            *people.entry(point.county).or_default() += point.people.get();
        }

        for county in gazetteer().counties() {
            let here = people.get(&county.fips).copied().unwrap_or(0.0);
            assert!(
                (here - f64::from(county.population)).abs() < 0.01,
                "{}: {here}",
                county.fips
            );
        }
    }
}
