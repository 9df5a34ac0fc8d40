//! From counties and ZIPs to points on the map.
//!
//! People of a county are put where its residents live: at its ZIPs, in proportion to their residents in the county, by
//! the shares that the Census counted. A county without such ZIPs is one point. People of a ZIP are put
//! at the ZIP's point, divided among its counties by the same shares.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};

use jiff::civil::date;
use referral_core::coverage::{County, Demand, DemandPoint, DemandSource, Ground, People};
use referral_core::geo::{CountyFips, Point, Zip};
use referral_core::text::Name;
use referral_gazetteer::gazetteer;

use super::rows::{At, BadRow, Row};

/// Where the residents of each county live: ZIP, its point, how many.
type Homes = BTreeMap<CountyFips, Vec<(Zip, Point, f64)>>;

/// Puts rows on the map.
#[derive(Debug)]
pub struct Spread {
    homes: &'static Homes,
}

impl Default for Spread {
    fn default() -> Self {
        static HOMES: OnceLock<Homes> = OnceLock::new();
        Self {
            homes: HOMES.get_or_init(homes),
        }
    }
}

impl Spread {
    /// The points of rows, and rows that name no place of the map or one that was named before.
    #[must_use]
    pub fn points(&self, rows: Vec<Row>) -> (Vec<DemandPoint>, Vec<BadRow>) {
        let (mut bad, mut seen) = (Vec::new(), HashSet::new());
        let mut people: BTreeMap<(CountyFips, Option<Zip>), (Point, f64)> = BTreeMap::new();
        for Row {
            line,
            at,
            people: number,
        } in rows
        {
            if !seen.insert(at) {
                let why = "this place is in the table already";
                bad.push(BadRow { line, why });
                continue;
            }
            let points = self.of(at, number.get());
            if points.is_empty() {
                let why = match at {
                    At::County(_) => "no county of the map has this code",
                    At::Zip(_) => "no ZIP of the map has this number",
                };
                bad.push(BadRow { line, why });
            }
            for (county, zip, point, number) in points {
                people.entry((county, zip)).or_insert((point, 0.0)).1 += number;
            }
        }
        let points = people
            .into_iter()
            .filter_map(|((county, zip), (at, number))| {
                Some(DemandPoint {
                    county,
                    zip,
                    at,
                    people: People::new(number).ok()?,
                })
            });
        (points.collect(), bad)
    }

    fn of(&self, at: At, number: f64) -> Vec<(CountyFips, Option<Zip>, Point, f64)> {
        match at {
            At::Zip(zip) => {
                let Some(place) = gazetteer().zip(zip) else {
                    return Vec::new();
                };
                let counties = gazetteer().counties_of_zip(zip).into_iter();
                counties
                    .map(|(county, share)| (county, Some(zip), place.point, number * share))
                    .collect()
            }
            // A retired code, or a planning region, stands for parts of several counties.
            At::County(code) => {
                let counties = gazetteer().counties_of_code(code).into_iter();
                counties
                    .flat_map(|(county, share)| self.of_county(county, number * share))
                    .collect()
            }
        }
    }

    fn of_county(
        &self,
        county: CountyFips,
        number: f64,
    ) -> Vec<(CountyFips, Option<Zip>, Point, f64)> {
        let homes = self.homes.get(&county).map_or(&[][..], |homes| homes);
        let residents: f64 = homes.iter().map(|(_, _, residents)| residents).sum();
        if residents > 0.0 {
            let each = homes.iter();
            return each
                .map(|(zip, at, here)| (county, Some(*zip), *at, number * here / residents))
                .collect();
        }
        let known = gazetteer().county(county);
        known
            .map(|known| (county, None, known.label, number))
            .into_iter()
            .collect()
    }
}

fn homes() -> Homes {
    let mut homes = Homes::new();
    for place in gazetteer().zips().filter(|place| place.population > 0) {
        for (county, share) in gazetteer().counties_of_zip(place.zip) {
            let residents = f64::from(place.population) * share;
            if residents > 0.0 {
                let of = homes.entry(county).or_default();
                of.push((place.zip, place.point, residents));
            }
        }
    }
    homes
}

/// The residents of every county: the table that is there without being loaded.
#[must_use]
pub fn residents() -> Arc<Demand> {
    static RESIDENTS: OnceLock<Arc<Demand>> = OnceLock::new();
    Arc::clone(RESIDENTS.get_or_init(|| {
        let rows = gazetteer().counties().iter().map(|county| Row {
            line: 0,
            at: At::County(county.fips),
            people: county.population.into(),
        });
        let (points, _) = Spread::default().points(rows.collect());
        let demand = Demand::new(source_of_residents(), points);
        Arc::new(demand.unwrap_or_else(|_| unreachable!("the map has residents")))
    }))
}

fn source_of_residents() -> DemandSource {
    let name = |text| Name::parse(text).unwrap_or_else(|_| unreachable!("a name"));
    DemandSource {
        name: name("Residents"),
        date: date(2020, 7, 1),
        source: name("U.S. Census Bureau, county population estimates 2020 (islands: census 2010)"),
        licence: name("public domain"),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: At, number: f64) -> Row {
        Row {
            line: 2,
            at,
            people: People::new(number).unwrap(),
        }
    }

    fn county(fips: u32) -> At {
        At::County(CountyFips::from_number(fips).unwrap())
    }

    #[test]
    fn nobody_is_lost_or_made_when_a_county_is_spread_over_its_zips() {
        for fips in [24_510, 24_005, 12_086, 48_301, 72_127, 9_110] {
            let (points, bad) = Spread::default().points(vec![row(county(fips), 1_000.0)]);

            let all: f64 = points.iter().map(|point| point.people.get()).sum();
            assert!((all - 1_000.0).abs() < 1e-6, "{fips}: {all}");
            assert!(bad.is_empty());
        }
    }

    #[test]
    fn places_that_are_not_on_the_map_or_twice_in_the_table_are_named() {
        let zip = At::Zip(Zip::parse("00000").unwrap());
        let rows = vec![row(county(24_999), 1.0), row(zip, 1.0)];
        let (points, bad) = Spread::default().points(rows);
        assert_eq!((points.len(), bad.len()), (0, 2));

        let twice = vec![row(county(24_510), 1.0), row(county(24_510), 1.0)];
        assert_eq!(Spread::default().points(twice).1.len(), 1);
    }

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
