//! How often the gazetteer is right, against facts it was not made from: known places, and the
//! addresses of a real directory. Each bound is a figure that was measured and must not get worse.

use std::path::PathBuf;

use referral_core::geo::{CountyFips, Point, StateCode, Zip};
use referral_gazetteer::{Plausibility, gazetteer};

/// Twelve ZIPs on the mainland and the islands: ZIP, latitude and longitude, county.
const KNOWN: [(&str, f64, f64, &str); 12] = [
    ("10001", 40.75, -73.99, "36061"),
    ("90012", 34.06, -118.24, "06037"),
    ("78017", 28.67, -99.17, "48163"), // Dilley
    ("71342", 31.68, -92.13, "22059"), // Jena
    ("00918", 18.42, -66.06, "72127"), // San Juan
    ("96910", 13.47, 144.75, "66010"), // Hagatna
    ("85131", 32.75, -111.6, "04021"), // Eloy
    ("20530", 38.9, -77.02, "11001"),
    ("99501", 61.22, -149.88, "02020"),
    ("00802", 18.34, -64.92, "78030"),
    ("96799", -14.28, -170.7, "60050"), // Pago Pago
    ("96950", 15.18, 145.75, "69110"),  // Saipan
];

#[test]
fn twelve_known_zips_are_where_they_are() {
    for (code, lat, lon, county) in KNOWN {
        let zip = Zip::parse(code).unwrap();
        let place = gazetteer()
            .zip(zip)
            .unwrap_or_else(|| panic!("{code} is missing"));
        let off = place.point.distance(Point::new(lat, lon).unwrap()).get();
        let counties = gazetteer().counties_of_zip(zip);

        assert!(off < 15.0, "{code} is {off:.1} km off");
        assert_eq!(counties[0].0, CountyFips::parse(county).unwrap(), "{code}");
    }
}

#[test]
fn more_than_a_quarter_of_the_zips_lie_in_several_counties() {
    let counted = with_counted_counties();
    let several = counted
        .iter()
        .filter(|(_, counties)| counties.len() > 1)
        .count();

    let share = percent(several, counted.len());

    // Of the 32,976 counted, 14 are no longer ZIPs.
    assert_eq!(counted.len(), 32_962);
    assert!((share - 27.2).abs() < 0.1, "{share:.2} %");
}

#[test]
fn a_zips_point_is_in_the_county_most_of_its_people_live_in() {
    let counted = with_counted_counties();
    let agreeing = counted.iter().filter(|(point, counties)| {
        gazetteer().county_of(*point) == counties.first().map(|(county, _)| *county)
    });

    let share = percent(agreeing.count(), counted.len());

    assert!(share >= 96.7, "{share:.2} %");
}

#[test]
fn a_real_directorys_cities_are_found() {
    let Some(addresses) = addresses() else { return };
    let found = addresses.iter().filter(|address| {
        let state = StateCode::parse(&address.state).ok();
        state
            .and_then(|state| gazetteer().city(&address.city, state))
            .is_some()
    });

    let share = percent(found.count(), addresses.len());

    assert!(share >= 99.9, "{share:.2} %");
}

#[test]
fn a_real_directorys_zips_are_known() {
    let Some(addresses) = addresses() else { return };
    let zips: Vec<Zip> = addresses.iter().filter_map(|address| address.zip).collect();

    let known = zips
        .iter()
        .filter(|zip| gazetteer().zip(**zip).is_some())
        .count();

    assert_eq!(known, zips.len());
}

#[test]
fn a_real_directorys_points_lie_in_their_zips_counties() {
    let Some(addresses) = addresses() else { return };
    let placed: Vec<(Point, Vec<(CountyFips, f64)>)> = addresses
        .iter()
        .filter_map(|address| {
            let (lat, lon) = address.coordinates?;
            Some((
                Point::new(lat, lon).ok()?,
                gazetteer().counties_of_zip(address.zip?),
            ))
        })
        .collect();
    let county = |point: &Point| gazetteer().county_of(*point);
    let main = placed
        .iter()
        .filter(|(point, counties)| county(point) == Some(counties[0].0));
    let any = placed.iter().filter(|(point, counties)| {
        counties
            .iter()
            .any(|(fips, _)| county(point) == Some(*fips))
    });

    let (main, any) = (
        percent(main.count(), placed.len()),
        percent(any.count(), placed.len()),
    );

    assert!(
        placed.len() > 1_300,
        "only {} addresses have a point",
        placed.len()
    );
    assert!(main >= 97.3, "main county: {main:.2} %");
    assert!(any >= 99.8, "any county: {any:.2} %");
}

#[test]
fn a_real_directorys_points_are_believed() {
    let Some(addresses) = addresses() else { return };
    for address in &addresses {
        let Some((lat, lon)) = address.coordinates else {
            continue;
        };
        let judged = gazetteer().plausible(lat, lon, address.zip, None);
        assert!(matches!(judged, Plausibility::Fine(_)), "{judged:?}");
    }
}

#[test]
fn time_zones_are_right_where_states_are_split() {
    for (place, zone) in [
        ("El Paso, TX", "America/Denver"),
        ("Dilley, TX", "America/Chicago"),
        ("Pensacola, FL", "America/Chicago"),
        ("Miami, FL", "America/New_York"),
        ("Gary, IN", "America/Chicago"),
        ("Indianapolis, IN", "America/Indiana/Indianapolis"),
        ("Louisville, KY", "America/Kentucky/Louisville"),
        ("Paducah, KY", "America/Chicago"),
        ("Knoxville, TN", "America/New_York"),
        ("Nashville, TN", "America/Chicago"),
        ("Boise, ID", "America/Boise"),
        ("Coeur d'Alene, ID", "America/Los_Angeles"),
        ("Ontario, OR", "America/Boise"),
        ("Portland, OR", "America/Los_Angeles"),
        ("Rapid City, SD", "America/Denver"),
        ("Sioux Falls, SD", "America/Chicago"),
        ("Scottsbluff, NE", "America/Denver"),
        ("Goodland, KS", "America/Denver"),
        ("Dodge City, KS", "America/Chicago"),
        ("Menominee, MI", "America/Menominee"),
        ("Detroit, MI", "America/Detroit"),
        ("Window Rock, AZ", "America/Denver"),
        ("Phoenix, AZ", "America/Phoenix"),
        ("San Juan, PR", "America/Puerto_Rico"),
        ("96910", "Pacific/Guam"),
        ("99501", "America/Anchorage"),
    ] {
        assert_eq!(zone_of(place), zone, "{place}");
    }
}

#[test]
fn time_zones_are_right_abroad() {
    for (place, zone) in [
        ("14.08,-87.21", "America/Tegucigalpa"),
        ("14.63,-90.51", "America/Guatemala"),
        ("32.51,-117.04", "America/Tijuana"),
        ("31.69,-106.42", "America/Ciudad_Juarez"),
        ("-4.32,15.31", "Africa/Kinshasa"),
        ("-11.66,27.48", "Africa/Lubumbashi"),
        ("-3.12,-60.02", "America/Manaus"),
        ("-23.55,-46.63", "America/Sao_Paulo"),
        ("34.53,69.17", "Asia/Kabul"),
        ("50.45,30.52", "Europe/Kyiv"),
        ("18.54,-72.34", "America/Port-au-Prince"),
        ("18.49,-69.93", "America/Santo_Domingo"),
    ] {
        assert_eq!(zone_of(place), zone, "{place}");
    }
}

#[test]
fn the_open_sea_has_no_time_zone() {
    assert_eq!(gazetteer().time_zone(Point::new(0.0, 0.0).unwrap()), None);
}

fn zone_of(text: &str) -> &'static str {
    let place = gazetteer()
        .resolve(text)
        .unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
    place
        .point
        .and_then(|point| gazetteer().time_zone(point))
        .unwrap_or("none")
}

/// The ZIPs whose people the Census counted by county: point and counties. The others have residents
/// zero and the county of their point.
fn with_counted_counties() -> Vec<(Point, Vec<(CountyFips, f64)>)> {
    let places = gazetteer();
    let counted = places
        .zips()
        .filter(|place| places.counted_by_county(place.zip));
    counted
        .map(|place| (place.point, places.counties_of_zip(place.zip)))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn percent(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64 * 100.0
}

/// One address of the real directory.
struct Address {
    city: String,
    state: String,
    zip: Option<Zip>,
    coordinates: Option<(f64, f64)>,
}

/// The addresses of `baltimore-community` with the coordinates of their locations.
fn addresses() -> Option<Vec<Address>> {
    let data = std::env::var_os("REFERRAL_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let data = data.join("baltimore-community");
    if !data.is_dir() {
        eprintln!(
            "SKIPPED: no real data in {}; set REFERRAL_DATA",
            data.display()
        );
        return None;
    }
    let coordinates: std::collections::HashMap<String, (f64, f64)> =
        rows(&data.join("locations.csv"))
            .into_iter()
            .filter_map(|row| {
                Some((
                    row[0].to_owned(),
                    (row[8].parse().ok()?, row[9].parse().ok()?),
                ))
            })
            .collect();
    let address = |row: csv::StringRecord| Address {
        city: row[4].to_owned(),
        state: row[5].to_owned(),
        zip: Zip::parse(&row[6]).ok(),
        coordinates: coordinates.get(&row[1]).copied(),
    };
    Some(
        rows(&data.join("addresses.csv"))
            .into_iter()
            .map(address)
            .collect(),
    )
}

fn rows(path: &std::path::Path) -> Vec<csv::StringRecord> {
    let file =
        csv::Reader::from_path(path).unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
    let rows: Result<Vec<_>, _> = file.into_records().collect();
    rows.unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()))
}
