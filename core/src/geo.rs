//! Points, distances and the parts of the map that have codes.
//!
//! [`Point`] is WGS 84 in degrees. Distances are kilometres in code and on the wire, miles for people.
//! [`Locality`] is a place somebody typed, once a gazetteer has understood it.

use std::fmt;

/// Mean Earth radius in kilometres (IUGG).
pub(crate) const EARTH_RADIUS_KM: f64 = 6_371.008_8;
/// Kilometres in one international statute mile.
const KM_PER_MILE: f64 = 1.609_344;

/// FIPS codes of the states, the District of Columbia and the territories, with their postal codes.
/// Source: Census Bureau, ANSI codes for states.
#[rustfmt::skip]
const STATES: [(u8, &[u8; 2]); 56] = [
    (1, b"AL"), (2, b"AK"), (4, b"AZ"), (5, b"AR"), (6, b"CA"), (8, b"CO"), (9, b"CT"), (10, b"DE"),
    (11, b"DC"), (12, b"FL"), (13, b"GA"), (15, b"HI"), (16, b"ID"), (17, b"IL"), (18, b"IN"),
    (19, b"IA"), (20, b"KS"), (21, b"KY"), (22, b"LA"), (23, b"ME"), (24, b"MD"), (25, b"MA"),
    (26, b"MI"), (27, b"MN"), (28, b"MS"), (29, b"MO"), (30, b"MT"), (31, b"NE"), (32, b"NV"),
    (33, b"NH"), (34, b"NJ"), (35, b"NM"), (36, b"NY"), (37, b"NC"), (38, b"ND"), (39, b"OH"),
    (40, b"OK"), (41, b"OR"), (42, b"PA"), (44, b"RI"), (45, b"SC"), (46, b"SD"), (47, b"TN"),
    (48, b"TX"), (49, b"UT"), (50, b"VT"), (51, b"VA"), (53, b"WA"), (54, b"WV"), (55, b"WI"),
    (56, b"WY"), (60, b"AS"), (66, b"GU"), (69, b"MP"), (72, b"PR"), (78, b"VI"),
];

/// A position on the Earth: WGS 84, degrees; latitude in -90..=90, longitude in -180..=180.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Point {
    lat: f64,
    lon: f64,
}

impl Point {
    /// A point from latitude and longitude in degrees.
    ///
    /// # Errors
    /// [`InvalidPoint`] when either is not finite or outside its range.
    pub fn new(lat: f64, lon: f64) -> Result<Self, InvalidPoint> {
        let inside = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        if inside {
            Ok(Self { lat, lon })
        } else {
            Err(InvalidPoint)
        }
    }

    /// Latitude, degrees north.
    #[must_use]
    pub fn lat(self) -> f64 {
        self.lat
    }

    /// Longitude, degrees east.
    #[must_use]
    pub fn lon(self) -> f64 {
        self.lon
    }

    /// Great-circle distance to `other` on a sphere (haversine; Sinnott 1984). Error against the
    /// ellipsoid is below 0.6 %.
    #[must_use]
    pub fn distance(self, other: Self) -> Kilometres {
        let half_dlat = (other.lat - self.lat).to_radians() / 2.0;
        let half_dlon = (other.lon - self.lon).to_radians() / 2.0;
        let across = self.lat.to_radians().cos() * other.lat.to_radians().cos();
        let a = half_dlat.sin().powi(2) + across * half_dlon.sin().powi(2);
        Kilometres(2.0 * EARTH_RADIUS_KM * a.sqrt().min(1.0).asin())
    }
}

/// Latitude or longitude is not a number or is outside its range. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("latitude must be between -90 and 90 and longitude between -180 and 180 degrees")]
pub struct InvalidPoint;

/// A distance in kilometres: finite, never negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Kilometres(f64);

impl Kilometres {
    /// A distance of `km` kilometres.
    ///
    /// # Errors
    /// [`InvalidDistance`] when negative or not finite.
    pub fn new(km: f64) -> Result<Self, InvalidDistance> {
        if km.is_finite() && km >= 0.0 {
            Ok(Self(km))
        } else {
            Err(InvalidDistance)
        }
    }

    /// A distance of `miles` international statute miles.
    ///
    /// # Errors
    /// [`InvalidDistance`] when negative or not finite.
    pub fn from_miles(miles: f64) -> Result<Self, InvalidDistance> {
        Self::new(miles * KM_PER_MILE)
    }

    /// The number of kilometres.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// The same distance in miles.
    #[must_use]
    pub fn miles(self) -> f64 {
        self.0 / KM_PER_MILE
    }
}

/// A distance is negative or not a number. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a distance must be zero or more")]
pub struct InvalidDistance;

/// A U.S. ZIP code: exactly five digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Zip([u8; 5]);

impl Zip {
    /// Reads a ZIP as people write it: `78017`, `78017-1234`, `1004` (its leading zero lost by a
    /// spreadsheet), with blanks around. The +4 is dropped.
    ///
    /// # Errors
    /// [`InvalidZip`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidZip> {
        let text = text.trim();
        let base = match text.split_once('-') {
            Some((base, plus4)) if is_digits(plus4, 4..=4) => base.trim(),
            Some(_) => return Err(InvalidZip),
            None if is_digits(text, 9..=9) => &text[..5],
            None => text,
        };
        if !is_digits(base, 3..=5) {
            return Err(InvalidZip);
        }
        let mut digits = [b'0'; 5];
        digits[5 - base.len()..].copy_from_slice(base.as_bytes());
        Ok(Self(digits))
    }

    /// The ZIP as a number, `0..=99_999`.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
            .iter()
            .fold(0, |n, digit| n * 10 + u32::from(digit - b'0'))
    }

    /// The ZIP with this number, when it is below 100,000.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::parse(&format!("{number:05}"))
            .ok()
            .filter(|_| number < 100_000)
    }
}

impl fmt::Display for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.number())
    }
}

/// Text that is no ZIP code. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a ZIP code has five digits")]
pub struct InvalidZip;

/// A U.S. county or county equivalent by its five-digit FIPS code, e.g. 24510 for Baltimore city.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CountyFips(u32);

impl CountyFips {
    /// Reads a five-digit FIPS code (four digits when a spreadsheet lost the leading zero).
    ///
    /// # Errors
    /// [`InvalidCounty`] for anything else. Whether such a county exists is the gazetteer's to say.
    pub fn parse(text: &str) -> Result<Self, InvalidCounty> {
        let text = text.trim();
        if !is_digits(text, 4..=5) {
            return Err(InvalidCounty);
        }
        text.parse()
            .ok()
            .and_then(Self::from_number)
            .ok_or(InvalidCounty)
    }

    /// The county with this number, when it can be one: `1_001..=78_999`.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        (1_001..=78_999).contains(&number).then_some(Self(number))
    }

    /// The code as a number.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The two-digit state FIPS code this county lies in.
    #[must_use]
    pub fn state_fips(self) -> u8 {
        u8::try_from(self.0 / 1_000).unwrap_or(0)
    }

    /// The state, district or territory it is in; `None` for a code no state has.
    #[must_use]
    pub fn state(self) -> Option<StateCode> {
        let fips = self.state_fips();
        let at = STATES
            .binary_search_by_key(&fips, |(state, _)| *state)
            .ok()?;
        Some(StateCode(*STATES[at].1))
    }
}

impl fmt::Display for CountyFips {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.0)
    }
}

/// Text that is no county FIPS code. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a county is named by its five-digit FIPS code")]
pub struct InvalidCounty;

/// A U.S. state, the District of Columbia or a territory by its two-letter postal code, upper case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateCode([u8; 2]);

/// A country by its ISO 3166-1 alpha-2 code, upper case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CountryCode([u8; 2]);

/// Text that is not a two-letter code. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a state or country is named by its two-letter code")]
pub struct InvalidRegion;

impl StateCode {
    /// Reads a two-letter code in either case, blanks around it dropped. Whether such a state exists
    /// is the gazetteer's to say.
    ///
    /// # Errors
    /// [`InvalidRegion`] for anything but two ASCII letters.
    pub fn parse(text: &str) -> Result<Self, InvalidRegion> {
        two_letters(text).map(Self)
    }

    /// The code, e.g. `"MD"`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }
}

impl StateCode {
    /// Its two-digit FIPS code; `None` when no state, district or territory has this code.
    #[must_use]
    pub fn fips(&self) -> Option<u8> {
        let known = STATES.iter().find(|(_, letters)| **letters == self.0);
        known.map(|(fips, _)| *fips)
    }
}

impl CountryCode {
    /// The United States of America, the country of an address that names none.
    pub const US: Self = Self(*b"US");

    /// Reads a two-letter code in either case, blanks around it dropped. Whether such a country
    /// exists is the gazetteer's to say.
    ///
    /// # Errors
    /// [`InvalidRegion`] for anything but two ASCII letters.
    pub fn parse(text: &str) -> Result<Self, InvalidRegion> {
        two_letters(text).map(Self)
    }

    /// The code, e.g. `"HN"`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }
}

impl fmt::Display for StateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for StateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place somebody named, as a gazetteer understood it. Each part is there when it is known; a
/// county or state searched for by name has no ZIP, a country abroad has no state.
#[derive(Clone, Debug, PartialEq)]
pub struct Locality {
    /// What to show people, e.g. `"78017 (Dilley, TX)"`.
    pub label: String,
    /// Where distances are measured from; `None` for places with no position (APO/FPO).
    pub point: Option<Point>,
    /// True when `point` stands for a wider area than was named (an unknown ZIP's prefix).
    pub approximate: bool,
    /// The ZIP, where one was named.
    pub zip: Option<Zip>,
    /// Counties the place lies in with the share of its people living in each (0..=1, largest
    /// first, summing to 1); for a state all of its counties. Empty for places abroad.
    pub counties: Vec<(CountyFips, f64)>,
    /// The state or territory.
    pub state: Option<StateCode>,
    /// The country.
    pub country: CountryCode,
    /// What kind of place was named: the finest part that is certain.
    pub kind: LocalityKind,
}

/// How finely a [`Locality`] was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LocalityKind {
    /// A position in degrees.
    Point,
    /// A ZIP code.
    Zip,
    /// A city, town or other populated place.
    City,
    /// A county.
    County,
    /// A state, district or territory.
    State,
    /// A country.
    Country,
}

fn is_digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn two_letters(text: &str) -> Result<[u8; 2], InvalidRegion> {
    match text.trim().as_bytes() {
        [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            Ok([a.to_ascii_uppercase(), b.to_ascii_uppercase()])
        }
        _ => Err(InvalidRegion),
    }
}

/// Both codes hold two ASCII letters by construction, so the fallback is never taken.
fn ascii(letters: &[u8; 2]) -> &str {
    std::str::from_utf8(letters).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_between_known_cities_is_within_half_a_percent() {
        let baltimore = Point::new(39.2904, -76.6122).unwrap();
        let miami = Point::new(25.7617, -80.1918).unwrap();

        let miles = baltimore.distance(miami).miles();

        assert!((miles - 956.0).abs() < 5.0, "{miles}");
    }

    #[test]
    fn a_zip_is_read_as_people_write_it() {
        for (text, zip) in [
            ("78017", "78017"),
            (" 21201-1234 ", "21201"),
            ("1004", "01004"),
            ("918", "00918"),
        ] {
            assert_eq!(Zip::parse(text).unwrap().to_string(), zip);
        }
        for text in ["", "78", "780171", "7801a", "78017-12", "ABC 1234"] {
            assert_eq!(Zip::parse(text), Err(InvalidZip), "{text}");
        }
    }

    #[test]
    fn a_county_lies_in_the_state_its_code_begins_with() {
        for (county, state) in [
            ("24510", Some("MD")),
            ("1001", Some("AL")),
            ("78010", Some("VI")),
            ("03001", None),
        ] {
            let county = CountyFips::parse(county).unwrap();
            let state = state.map(|s| StateCode::parse(s).unwrap());
            assert_eq!(county.state(), state);
            let fips = state.and_then(|state| state.fips());
            assert_eq!(fips, state.map(|_| county.state_fips()));
        }
        assert!(STATES.is_sorted_by_key(|(fips, _)| *fips));
    }

    #[test]
    fn a_point_outside_the_earth_is_refused() {
        for (lat, lon) in [
            (91.0, 0.0),
            (0.0, 181.0),
            (f64::NAN, 0.0),
            (0.0, f64::INFINITY),
        ] {
            assert_eq!(Point::new(lat, lon), Err(InvalidPoint));
        }
    }
}
