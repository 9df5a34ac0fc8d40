//! Whether coordinates in a feed can be true, and which slip of the pen they show when not.
//!
//! Each fault was seen in real directories: latitude and longitude exchanged, metres of a web map
//! instead of degrees, zero for "unknown", a longitude without its minus sign, and points of another
//! town. A repair is made only when exactly one fits what else is known of the place.

use referral_core::geo::{Kilometres, Point, StateCode, Zip};

use crate::gazetteer::Gazetteer;

/// A point farther than this from its ZIP's point, or its state's border, is wrong. Unit: km.
const FAR_KM: f64 = 100.0;
/// Radius of the sphere of the web map projection (EPSG:3857). Unit: metres.
const MERCATOR_RADIUS_M: f64 = 6_378_137.0;
/// South of this nobody runs a service: a latitude here is a longitude. Unit: degrees.
const ANTARCTICA: f64 = -60.0;

/// The judgement on a pair of coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plausibility {
    /// They fit, or nothing speaks against them.
    Fine(Point),
    /// They were written wrongly in a way that leaves one possible point: this one.
    Repaired(Point, Fault),
    /// They are wrong and the true point cannot be known: drop them, keep ZIP and city.
    Refused(Fault),
}

/// What is wrong with a pair of coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Not a number, or infinite.
    NotANumber,
    /// Latitude or longitude is zero, which stands for "unknown".
    Zero,
    /// Latitude and longitude are exchanged.
    Swapped,
    /// Metres of the web map projection (EPSG:3857) instead of degrees.
    WebMercator,
    /// A western longitude without its minus sign.
    SignlessLongitude,
    /// Outside the range of degrees, and no known slip explains it.
    OffEarth,
    /// Farther than 100 km from the point of its ZIP: how far.
    FarFromZip(Kilometres),
    /// Farther than 100 km from its state.
    FarFromState(StateCode),
}

impl Fault {
    /// A stable name for this kind of fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotANumber => "coordinates_not_a_number",
            Self::Zero => "coordinates_zero",
            Self::Swapped => "coordinates_swapped",
            Self::WebMercator => "coordinates_web_mercator",
            Self::SignlessLongitude => "coordinates_signless_longitude",
            Self::OffEarth => "coordinates_off_earth",
            Self::FarFromZip(_) => "coordinates_far_from_zip",
            Self::FarFromState(_) => "coordinates_far_from_state",
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotANumber => f.write_str("a coordinate is not a number"),
            Self::Zero => f.write_str("a coordinate is zero"),
            Self::Swapped => f.write_str("latitude and longitude are exchanged"),
            Self::WebMercator => f.write_str("coordinates are metres of a web map, not degrees"),
            Self::SignlessLongitude => f.write_str("the longitude lacks its minus sign"),
            Self::OffEarth => f.write_str("coordinates are outside the range of degrees"),
            Self::FarFromZip(far) => {
                write!(f, "the point is {:.0} km from its ZIP code", far.get())
            }
            Self::FarFromState(state) => write!(f, "the point is far outside {state}"),
        }
    }
}

/// What the place is known by beside its coordinates.
#[derive(Clone, Copy)]
enum Known {
    /// The point of its ZIP.
    Zip(Point),
    State(StateCode),
    Nothing,
}

impl Gazetteer {
    /// Judges coordinates as a feed gives them.
    ///
    /// * `lat`, `lon`: the raw numbers, meant as degrees.
    /// * `zip`, `state`: of the same address; a ZIP the gazetteer holds decides alone.
    ///
    /// With neither, only what cannot be on inhabited land is repaired or refused.
    #[must_use]
    pub fn plausible(
        &self,
        lat: f64,
        lon: f64,
        zip: Option<Zip>,
        state: Option<StateCode>,
    ) -> Plausibility {
        if !(lat.is_finite() && lon.is_finite()) {
            return Plausibility::Refused(Fault::NotANumber);
        }
        if lat == 0.0 || lon == 0.0 {
            return Plausibility::Refused(Fault::Zero);
        }
        let known = self.known(zip, state);
        let given = Point::new(lat, lon);
        match given {
            Ok(point) if self.stands(point, known) => return Plausibility::Fine(point),
            _ => {}
        }
        let mut repairs = repairs(lat, lon)
            .into_iter()
            .filter(|(point, _)| self.fits(*point, known));
        match (repairs.next(), repairs.next()) {
            (Some((point, fault)), None) => Plausibility::Repaired(point, fault),
            _ => Plausibility::Refused(fault_of(given.ok(), known)),
        }
    }

    fn known(&self, zip: Option<Zip>, state: Option<StateCode>) -> Known {
        let zip = zip
            .and_then(|zip| self.zip(zip))
            .map(|place| Known::Zip(place.point));
        let state = || {
            state
                .filter(|state| self.state(*state).is_some())
                .map(Known::State)
        };
        zip.or_else(state).unwrap_or(Known::Nothing)
    }

    /// Whether a point may stand as given: with nothing known, anywhere people live.
    fn stands(&self, point: Point, known: Known) -> bool {
        match known {
            Known::Nothing => point.lat() > ANTARCTICA,
            known => self.fits(point, known),
        }
    }

    /// Whether a point agrees with what is known; with nothing known, whether it is in the U.S.
    fn fits(&self, point: Point, known: Known) -> bool {
        match known {
            Known::Zip(zip) => point.distance(zip).get() <= FAR_KM,
            Known::State(state) => self.near_state(point, state),
            Known::Nothing => self.county_row(point).is_some(),
        }
    }

    fn near_state(&self, point: Point, state: StateCode) -> bool {
        let inside = self.county_of(point).and_then(|fips| self.county(fips));
        inside.is_some_and(|county| county.state == state)
            || self.counties_in(state).any(|county| {
                let row = self.counties.row(county.fips);
                row.is_some_and(|row| self.outlines.distance_km(row, point) <= FAR_KM)
            })
    }
}

/// Every point the pair could mean if one slip of the pen explains it.
fn repairs(lat: f64, lon: f64) -> Vec<(Point, Fault)> {
    let mercator = lat.abs() > 90.0 || lon.abs() > 180.0;
    let candidates = if mercator {
        vec![
            (unprojected(lon, lat), Fault::WebMercator),
            (unprojected(lat, lon), Fault::WebMercator),
        ]
    } else {
        Vec::new()
    };
    let slips = [
        (Point::new(lon, lat), Fault::Swapped),
        (Point::new(lat, -lon), Fault::SignlessLongitude),
    ];
    let signless = lon > 0.0;
    let possible = slips
        .into_iter()
        .filter(|(_, fault)| signless || *fault == Fault::Swapped);
    let all = candidates.into_iter().chain(possible);
    all.filter_map(|(point, fault)| Some((point.ok()?, fault)))
        .collect()
}

/// Web map metres as degrees: the inverse of spherical Mercator, Snyder 1987 (USGS Professional Paper
/// 1395), equations 7-4 and 7-5.
fn unprojected(x: f64, y: f64) -> Result<Point, referral_core::geo::InvalidPoint> {
    let lat = 90.0 - 2.0 * (-y / MERCATOR_RADIUS_M).exp().atan().to_degrees();
    let lon = (x / MERCATOR_RADIUS_M).to_degrees();
    Point::new(lat, lon)
}

fn fault_of(given: Option<Point>, known: Known) -> Fault {
    match (given, known) {
        (None, _) | (_, Known::Nothing) => Fault::OffEarth,
        (Some(point), Known::Zip(zip)) => Fault::FarFromZip(point.distance(zip)),
        (_, Known::State(state)) => Fault::FarFromState(state),
    }
}
