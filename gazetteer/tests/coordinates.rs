//! Coordinates as feeds give them, and what is made of them.

use referral_core::geo::{Point, StateCode, Zip};
use referral_gazetteer::{Fault, Plausibility, gazetteer};

/// Baltimore's city hall.
const LAT: f64 = 39.2908;
const LON: f64 = -76.6107;

fn judged(lat: f64, lon: f64) -> Plausibility {
    gazetteer().plausible(lat, lon, Zip::parse("21202").ok(), None)
}

/// The repaired point lies at the city hall, to a metre.
fn repaired(found: Plausibility, fault: Fault) {
    let Plausibility::Repaired(point, why) = found else {
        panic!("{found:?} is no repair");
    };
    let hall = Point::new(LAT, LON).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(why, fault);
    assert!(point.distance(hall).get() < 0.001, "{point:?}");
}

#[test]
fn coordinates_near_their_zip_are_fine() {
    assert!(matches!(judged(LAT, LON), Plausibility::Fine(_)));
}

#[test]
fn exchanged_coordinates_are_put_right() {
    repaired(judged(LON, LAT), Fault::Swapped);
}

#[test]
fn a_lost_minus_sign_is_put_back() {
    repaired(judged(LAT, -LON), Fault::SignlessLongitude);
}

#[test]
fn metres_of_a_web_map_become_degrees() {
    let (x, y) = (-8_528_264.1, 4_763_225.9);
    let found = judged(y, x);

    let Plausibility::Repaired(point, Fault::WebMercator) = found else {
        panic!("{found:?} is no repair");
    };
    assert!(
        (point.lat() - LAT).abs() < 0.01 && (point.lon() - LON).abs() < 0.01,
        "{point:?}"
    );
    assert_eq!(judged(x, y), found, "metres in the other order");
}

#[test]
fn zero_is_no_place() {
    for (lat, lon) in [(0.0, 0.0), (LAT, 0.0), (0.0, LON)] {
        assert_eq!(judged(lat, lon), Plausibility::Refused(Fault::Zero));
    }
}

#[test]
fn what_is_not_a_number_is_refused() {
    assert_eq!(
        judged(f64::NAN, LON),
        Plausibility::Refused(Fault::NotANumber)
    );
    assert_eq!(
        judged(LAT, f64::INFINITY),
        Plausibility::Refused(Fault::NotANumber)
    );
}

#[test]
fn a_point_far_from_its_zip_is_refused_with_the_distance() {
    let Plausibility::Refused(Fault::FarFromZip(far)) = judged(25.7617, -80.1918) else {
        panic!("Miami passed for Baltimore");
    };

    assert!((far.get() - 1_540.0).abs() < 20.0, "{far:?}");
}

#[test]
fn the_state_decides_where_no_zip_is_known() {
    let maryland = StateCode::parse("MD").ok();
    let unknown = Zip::parse("21299")
        .ok()
        .filter(|zip| gazetteer().zip(*zip).is_none());
    let judged = |lat, lon| gazetteer().plausible(lat, lon, unknown, maryland);

    assert!(matches!(judged(LAT, LON), Plausibility::Fine(_)));
    repaired(judged(LAT, -LON), Fault::SignlessLongitude);
    assert!(matches!(
        judged(25.7617, -80.1918),
        Plausibility::Refused(Fault::FarFromState(_))
    ));
}

#[test]
fn with_nothing_else_known_only_the_impossible_is_touched() {
    let judged = |lat, lon| gazetteer().plausible(lat, lon, None, None);

    assert!(
        matches!(judged(14.08, -87.21), Plausibility::Fine(_)),
        "Tegucigalpa"
    );
    assert!(
        matches!(judged(LAT, -LON), Plausibility::Fine(_)),
        "a place in China"
    );
    repaired(judged(LON, LAT), Fault::Swapped);
    assert_eq!(
        judged(1_234.5, 6_789.0),
        Plausibility::Refused(Fault::OffEarth)
    );
}
