//! Counties on the map: who holds a point, who borders whom, what to draw.

use referral_core::geo::{CountyFips, Point};
use referral_gazetteer::gazetteer;

fn point(lat: f64, lon: f64) -> Point {
    Point::new(lat, lon).unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn county_at(lat: f64, lon: f64) -> Option<u32> {
    gazetteer()
        .county_of(point(lat, lon))
        .map(CountyFips::number)
}

#[test]
fn every_county_with_an_outline_holds_its_own_label() {
    for county in gazetteer().counties() {
        let holder = gazetteer().county_of(county.label);
        let drawn = !gazetteer().polygon(county.fips).is_empty();
        assert_eq!(holder == Some(county.fips), drawn, "{}", county.name);
    }
}

#[test]
fn only_falls_church_is_too_small_for_an_outline() {
    let counties = gazetteer().counties().iter();
    let flat = counties.filter(|county| gazetteer().polygon(county.fips).is_empty());

    let names: Vec<&str> = flat.map(|county| county.name.as_str()).collect();

    assert_eq!(names, ["Falls Church city"]);
}

#[test]
fn neighbours_are_neighbours_of_each_other() {
    let places = gazetteer();
    let mut pairs = 0;
    for county in places.counties() {
        for neighbour in places.neighbours(county.fips) {
            assert!(
                places.neighbours(neighbour).contains(&county.fips),
                "{}",
                county.name
            );
            assert_ne!(neighbour, county.fips);
            pairs += 1;
        }
    }

    assert_eq!(pairs / 2, 8_944);
}

#[test]
fn baltimore_city_borders_two_counties() {
    let city = CountyFips::from_number(24_510).unwrap();

    let neighbours: Vec<u32> = gazetteer()
        .neighbours(city)
        .into_iter()
        .map(CountyFips::number)
        .collect();

    assert_eq!(neighbours, [24_003, 24_005]);
}

#[test]
fn a_city_inside_a_county_is_a_hole_in_it() {
    let fairfax = CountyFips::from_number(51_059).unwrap();

    let rings = gazetteer().polygon(fairfax).iter().map(Vec::len).max();

    assert_eq!(rings, Some(2));
    assert_eq!(
        county_at(38.853, -77.299),
        Some(51_600),
        "the city of Fairfax"
    );
}

#[test]
fn rings_are_closed_shapes_around_their_county() {
    for county in gazetteer().counties() {
        for ring in gazetteer().polygon(county.fips).iter().flatten() {
            assert!(ring.len() >= 3, "{}", county.name);
            assert_ne!(
                ring.first(),
                ring.last(),
                "{} repeats a corner",
                county.name
            );
        }
    }
}

#[test]
fn the_steps_of_a_ring_walk_its_corners() {
    let borders: Vec<Vec<Point>> = gazetteer().borders().collect();
    for county in gazetteer().counties() {
        let walked: Vec<Vec<Point>> = gazetteer()
            .rings(county.fips)
            .into_iter()
            .map(|steps| {
                let mut corners: Vec<Point> = Vec::new();
                for step in steps {
                    corners.pop();
                    let border = usize::try_from(if *step < 0 { !*step } else { *step }).unwrap();
                    let mut border = borders[border].clone();
                    if *step < 0 {
                        border.reverse();
                    }
                    corners.extend(border);
                }
                assert_eq!(
                    corners.pop().as_ref(),
                    corners.first(),
                    "{} is open",
                    county.name
                );
                corners
            })
            .filter(|ring| ring.len() >= 3)
            .collect();

        let drawn: Vec<Vec<Point>> = gazetteer()
            .polygon(county.fips)
            .into_iter()
            .flatten()
            .collect();

        assert_eq!(walked, drawn, "{}", county.name);
    }
}

#[test]
fn a_point_just_off_the_coast_belongs_to_the_nearest_county() {
    assert_eq!(
        county_at(25.77, -80.08),
        Some(12_086),
        "5 km off Miami Beach"
    );
    assert_eq!(county_at(25.77, -79.6), None, "50 km off Miami Beach");
}

#[test]
fn points_abroad_are_in_no_county() {
    for (lat, lon) in [
        (14.08, -87.21),
        (32.52, -117.03), // Tijuana, 2 km from San Diego County
        (31.69, -106.42), // Ciudad Juarez
        (42.31, -83.03),  // Windsor, Ontario
        (45.5, -73.57),
        (0.0, 0.0),
        (-90.0, 0.0),
    ] {
        assert_eq!(county_at(lat, lon), None, "{lat}, {lon}");
    }
}

#[test]
fn the_date_line_does_not_split_the_aleutians() {
    assert_eq!(
        county_at(52.93, 172.9),
        Some(2_016),
        "Attu, west of 180 degrees"
    );
    assert_eq!(county_at(51.88, -176.65), Some(2_016), "Adak, east of it");
}

#[test]
fn the_country_of_a_point_is_known_at_borders() {
    for (lat, lon, country) in [
        (31.76, -106.49, "US"), // El Paso
        (31.69, -106.42, "MX"), // Ciudad Juarez
        (14.08, -87.21, "HN"),
        (18.47, -66.11, "US"), // San Juan
        (45.5, -73.57, "CA"),
    ] {
        let found = gazetteer()
            .country_of(point(lat, lon))
            .map(|code| code.to_string());
        assert_eq!(found.as_deref(), Some(country), "{lat}, {lon}");
    }
}
