//! Understanding a place that somebody typed.
//!
//! The forms, tried in this order: a point `29.4,-98.5`; a ZIP, alone or at the end of an address; a
//! state (before a country of the same code) or country; a county with its kind; a city. `City, ST`
//! and `City ST` look inside the state only. A bare name that fits several places is refused with the
//! list of them, each of which resolves when typed.

use referral_core::geo::{CountryCode, CountyFips, Locality, LocalityKind, Point, StateCode, Zip};

use crate::city::{Confidence, Hit, Search};
use crate::country::Country;
use crate::gazetteer::Gazetteer;
use crate::name;
use crate::state::State;
use crate::zip::{Unlisted, ZipPlace};

/// Longest text worth reading: no place needs more. Unit: bytes.
const LONGEST: usize = 200;
/// Candidates a message shows; the error holds all of them.
const SHOWN: usize = 8;
/// A city at least this large makes a bare state name ambiguous (New York, Washington). Unit: people.
const RIVAL: u32 = 500_000;

/// Why a text named no one place. The typist's to fix; what was typed is never repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// There is nothing but blanks and signs.
    #[error(
        "a place is missing; write a ZIP such as 78017 or a city with its state such as Dilley, TX"
    )]
    Empty,
    /// More than 200 bytes.
    #[error("a place is named in at most 200 characters")]
    TooLong,
    /// Two numbers that are no latitude and longitude, or a point far from any country.
    #[error("a point is latitude, longitude in degrees on land, such as 29.4,-98.5")]
    NoSuchPoint,
    /// No ZIP begins with these digits.
    #[error("no ZIP code begins with these three digits; check it or write the city and state")]
    UnknownZip,
    /// The ZIP belongs to the state given here, not to the one it was written with.
    #[error("that ZIP code is in {0}, not in the state written with it; correct one of them")]
    ZipElsewhere(StateCode),
    /// The state has no city or county of that name, or several nearly so.
    #[error("no city or county of that name in {0}; check the spelling or write the ZIP code")]
    UnknownInState(StateCode),
    /// No place of that name at all.
    #[error(
        "no place of that name; write a ZIP such as 78017, a city with its state such as Dilley, TX, \
         a county with its state, a state or a country"
    )]
    Unknown,
    /// Several places fit: each as text that resolves, most residents first.
    #[error("several places fit; write one of: {}", shown(.0))]
    Ambiguous(Vec<String>),
}

impl Unresolved {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "place_empty",
            Self::TooLong => "place_too_long",
            Self::NoSuchPoint => "place_no_such_point",
            Self::UnknownZip => "place_unknown_zip",
            Self::ZipElsewhere(_) => "place_zip_elsewhere",
            Self::UnknownInState(_) => "place_unknown_in_state",
            Self::Unknown => "place_unknown",
            Self::Ambiguous(_) => "place_ambiguous",
        }
    }
}

fn shown(candidates: &[String]) -> String {
    let text = candidates
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("; ");
    match candidates.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{text}; and {more} more"),
        _ => text,
    }
}

impl Gazetteer {
    /// The place a person means by `text`: `"78017"`, `"78017-1234"`, `"Dilley, TX"`, `"Dilley TX"`,
    /// `"Baltimore County, MD"`, `"Maryland"`, `"MD"`, `"Puerto Rico"`, `"Honduras"`, `"HN"`,
    /// `"29.4,-98.5"`.
    ///
    /// Two letters that are a state's are the state's (`MD`, `GA`), not the country's.
    ///
    /// # Errors
    /// [`Unresolved`] when no place, or no single place, fits.
    pub fn resolve(&self, text: &str) -> Result<Locality, Unresolved> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(Unresolved::TooLong);
        }
        if let Some((lat, lon)) = numbers(text) {
            return self.resolve_point(Point::new(lat, lon).map_err(|_| Unresolved::NoSuchPoint)?);
        }
        if let Some((before, zip)) = trailing_zip(text) {
            return self.resolve_zip_of(zip, before);
        }
        if name::key(text).is_empty() {
            return Err(Unresolved::Empty);
        }
        if let Some(region) = self.region(text) {
            return region;
        }
        match text.rsplit_once(',') {
            Some((before, last)) => self.resolve_parts(before, last),
            None => self.resolve_words(text),
        }
    }

    /// The place of a ZIP. An unknown one stands at the middle of the ZIPs with the same three first
    /// digits, marked approximate, in no county; a military one has no point.
    ///
    /// # Errors
    /// [`Unresolved::UnknownZip`] when no ZIP begins with its three first digits.
    pub fn resolve_zip(&self, zip: Zip) -> Result<Locality, Unresolved> {
        if let Some(place) = self.zip(zip) {
            return Ok(self.zip_locality(place));
        }
        let unlisted = self.zips.unlisted(zip, &self.states);
        let bare = Locality {
            label: zip.to_string(),
            point: None,
            approximate: false,
            zip: Some(zip),
            counties: Vec::new(),
            state: None,
            country: CountryCode::US,
            kind: LocalityKind::Zip,
        };
        match unlisted {
            Unlisted::Military(post) => Ok(Locality {
                label: format!("{zip} (military mail, {post})"),
                ..bare
            }),
            Unlisted::Country(country) => {
                let named = self.country(country);
                Ok(Locality {
                    label: format!(
                        "{zip} ({})",
                        named.map_or(country.as_str(), |country| &country.name)
                    ),
                    point: named.map(|country| country.label),
                    approximate: true,
                    country,
                    ..bare
                })
            }
            Unlisted::Prefix(point, state) => Ok(Locality {
                label: format!("{zip} (unknown ZIP, about here in {state})"),
                point: Some(point),
                approximate: true,
                state: Some(state),
                ..bare
            }),
            Unlisted::Unassigned => Err(Unresolved::UnknownZip),
        }
    }

    /// A point as a place: its county, state and country.
    ///
    /// # Errors
    /// [`Unresolved::NoSuchPoint`] when it is farther than 700 km from any place.
    pub fn resolve_point(&self, point: Point) -> Result<Locality, Unresolved> {
        let land = self.country_of(point).ok_or(Unresolved::NoSuchPoint)?;
        let county = self.county_of(point).and_then(|fips| self.county(fips));
        let within = match county {
            Some(county) => format!("{}, {}", county.name, county.state),
            None => self
                .country(land)
                .map(|country| country.name.clone())
                .unwrap_or_default(),
        };
        Ok(Locality {
            label: format!("{}, {} ({within})", point.lat(), point.lon()),
            point: Some(point),
            approximate: false,
            zip: None,
            counties: county
                .map(|county| (county.fips, 1.0))
                .into_iter()
                .collect(),
            state: county.map(|county| county.state),
            country: land,
            kind: LocalityKind::Point,
        })
    }

    /// A county as a place, by its code or an alias of it.
    #[must_use]
    pub fn resolve_county(&self, fips: CountyFips) -> Option<Locality> {
        let county = self.county(fips)?;
        Some(Locality {
            label: format!("{}, {}", county.name, county.state),
            point: Some(county.label),
            approximate: false,
            zip: None,
            counties: self.counties_of_code(fips),
            state: Some(county.state),
            country: CountryCode::US,
            kind: LocalityKind::County,
        })
    }

    /// A state or country alone. None when the text is neither.
    fn region(&self, text: &str) -> Option<Result<Locality, Unresolved>> {
        let (state, country) = match (self.state_named(text), self.country_named(text)) {
            (None, None) => return None,
            (None, Some(country)) => return Some(Ok(country_locality(country, false))),
            (Some(state), country) => (state, country),
        };
        let mut rivals = vec![state.code.to_string()];
        if text.len() > 2 && name::key(text) == name::key(&state.name) {
            let abroad =
                country.filter(|country| self.state_named(country.code.as_str()).is_none());
            rivals.extend(abroad.map(|country| country.code.to_string()));
            let large = |row: &u16| self.names.population(*row) >= Some(RIVAL);
            let cities = self.rows_named(&name::key(text));
            rivals.extend(
                cities
                    .iter()
                    .filter(|row| large(row))
                    .map(|row| self.name_label(*row)),
            );
        }
        match rivals.len() {
            1 => Some(Ok(state_locality(state))),
            _ => Some(Err(Unresolved::Ambiguous(rivals))),
        }
    }

    /// `before, last`: a city or county and its state or country.
    fn resolve_parts(&self, before: &str, last: &str) -> Result<Locality, Unresolved> {
        let nearest = before
            .rsplit(',')
            .map(str::trim)
            .find(|part| !name::key(part).is_empty());
        let Some(place) = nearest else {
            return self.resolve(last);
        };
        if let Some(state) = self.state_named(last) {
            let found = self.in_state(place, state.code);
            let abroad = self.country_named(last).filter(|_| last.trim().len() > 2);
            return match (found, abroad) {
                (Err(Unresolved::UnknownInState(_)), Some(country)) => {
                    Ok(country_locality(country, true))
                }
                (found, _) => found,
            };
        }
        match self.country_named(last) {
            Some(country) if country.code == CountryCode::US => self.resolve(before),
            Some(country) => Ok(country_locality(country, true)),
            None if name::key(last).is_empty() => self.resolve(before),
            None => Err(Unresolved::Unknown),
        }
    }

    /// Words without a comma: a county or city of the whole country, else `City ST`.
    fn resolve_words(&self, text: &str) -> Result<Locality, Unresolved> {
        let candidates = self.candidates(text);
        match candidates.as_slice() {
            [] => {}
            [only] => return self.resolve(only),
            _ => return Err(Unresolved::Ambiguous(candidates)),
        }
        let splits = text
            .match_indices(char::is_whitespace)
            .map(|(at, _)| text.split_at(at));
        for (place, state) in splits {
            if let Some(state) = self.state_named(state) {
                return self.in_state(place, state.code);
            }
        }
        Err(Unresolved::Unknown)
    }

    /// Every county (with its kind) and city that has exactly this name, most residents first.
    fn candidates(&self, text: &str) -> Vec<String> {
        let mut found: Vec<(u32, String)> = Vec::new();
        for state in &self.states.rows {
            if let Some(county) = self.counties.fully_named(text, state.code) {
                found.push((
                    county.population,
                    format!("{}, {}", county.name, county.state),
                ));
            }
        }
        for row in self.rows_named(&name::key(text)) {
            let residents = self.names.population(row).unwrap_or(0);
            let label = self.name_label(row);
            if !found.iter().any(|(_, other)| *other == label) {
                found.push((residents, label));
            }
        }
        found.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        found.into_iter().map(|(_, label)| label).collect()
    }

    /// Name rows with exactly this key, one a state.
    fn rows_named(&self, key: &str) -> Vec<u16> {
        let states = (0_u8..).zip(&self.states.rows);
        states
            .filter_map(|(state, _)| Some(self.names.exact(key, state)?.row))
            .collect()
    }

    /// A city or county inside one state. A place's own name comes before a county's, a county's before
    /// a misspelling.
    fn in_state(&self, text: &str, state: StateCode) -> Result<Locality, Unresolved> {
        let unknown = Unresolved::UnknownInState(state);
        let Some(row) = self.states.row(state) else {
            return Err(unknown);
        };
        let key = name::key(text);
        let named = self.names.search(&key, row);
        if let Search::Found(
            hit @ Hit {
                confidence: Confidence::Exact,
                ..
            },
        ) = named
        {
            return self.city_locality(hit).ok_or(unknown);
        }
        if let Some(county) = self.counties.fully_named(text, state) {
            return self.resolve_county(county.fips).ok_or(unknown);
        }
        if let Search::Found(hit) = named
            && hit.confidence != Confidence::Misspelt
        {
            return self.city_locality(hit).ok_or(unknown);
        }
        if let Some(county) = self.counties.named(text, state) {
            return self.resolve_county(county.fips).ok_or(unknown);
        }
        match named {
            Search::Found(hit) => self.city_locality(hit).ok_or(unknown),
            Search::Several(rows) => Err(Unresolved::Ambiguous(
                rows.iter().map(|row| self.name_label(*row)).collect(),
            )),
            Search::Nothing => Err(unknown),
        }
    }

    /// A ZIP at the end of an address: the ZIP, provided the state written before it agrees.
    fn resolve_zip_of(&self, zip: Zip, before: &str) -> Result<Locality, Unresolved> {
        let found = self.resolve_zip(zip)?;
        let last = before.rsplit(',').next().unwrap_or(before);
        let words = last
            .rsplit(char::is_whitespace)
            .find(|word| !word.is_empty());
        let state = self.state_named(last).or_else(|| self.state_named(words?));
        match (found.state, state) {
            (Some(zips), Some(written)) if zips != written.code => {
                Err(Unresolved::ZipElsewhere(zips))
            }
            _ => Ok(found),
        }
    }

    fn zip_locality(&self, place: ZipPlace<'_>) -> Locality {
        let counties = self.counties_of_zip(place.zip);
        let county = counties.first().and_then(|(fips, _)| self.county(*fips));
        let within = place.city.or(county.map(|county| county.name.as_str()));
        let label = match within {
            Some(within) => format!("{} ({within}, {})", place.zip, place.state),
            None => format!("{} ({})", place.zip, place.state),
        };
        Locality {
            label,
            point: Some(place.point),
            approximate: false,
            zip: Some(place.zip),
            counties,
            state: Some(place.state),
            country: CountryCode::US,
            kind: LocalityKind::Zip,
        }
    }

    fn city_locality(&self, hit: Hit) -> Option<Locality> {
        let city = self.city_at(hit)?;
        Some(Locality {
            label: self.name_label(hit.row),
            point: Some(city.point),
            approximate: false,
            zip: None,
            counties: self.counties_of_city(hit.row),
            state: Some(city.state),
            country: CountryCode::US,
            kind: LocalityKind::City,
        })
    }

    fn name_label(&self, row: u16) -> String {
        let state = self.states.at(self.names.state(row));
        let state = state.map_or("", |state| state.code.as_str());
        format!("{}, {state}", self.names.name(row))
    }
}

fn state_locality(state: &State) -> Locality {
    Locality {
        label: state.name.clone(),
        point: Some(state.label),
        approximate: false,
        zip: None,
        counties: Vec::new(),
        state: Some(state.code),
        country: CountryCode::US,
        kind: LocalityKind::State,
    }
}

/// `wider` when a place inside the country was named, which is as fine as the gazetteer knows abroad.
fn country_locality(country: &Country, wider: bool) -> Locality {
    Locality {
        label: country.name.clone(),
        point: Some(country.label),
        approximate: wider,
        zip: None,
        counties: Vec::new(),
        state: None,
        country: country.code,
        kind: LocalityKind::Country,
    }
}

/// Two numbers with a comma between.
fn numbers(text: &str) -> Option<(f64, f64)> {
    let (lat, lon) = text.split_once(',')?;
    Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?))
}

/// A ZIP that ends the text, and what stands before it. Fewer than five digits are a ZIP (its leading
/// zeros lost) only when nothing stands before them.
fn trailing_zip(text: &str) -> Option<(&str, Zip)> {
    let start = text.rfind([' ', ',', '\t']).map_or(0, |at| at + 1);
    let (before, last) = text.split_at_checked(start)?;
    let whole = last.len() >= 5 || before.is_empty();
    let zip = Zip::parse(last).ok().filter(|_| whole)?;
    Some((before.trim_end_matches([' ', ',', '\t']), zip))
}
