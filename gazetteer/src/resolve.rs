//! Understanding a place that somebody typed.
//!
//! The forms, tried in this order: a point `29.4,-98.5`; a ZIP, alone or at the end of an address; a
//! state (before a country of the same code) or country; a county with its kind; a city. `City, ST`
//! and `City ST` look inside the state only. A bare name that fits several places is refused with the
//! list of them, each of which resolves when typed. Names in other languages and bynames
//! ([`crate::byname`]) are read as the English name. What no form fits may be a misspelling: see
//! [`crate::suggest`].

use referral_core::geo::{CountryCode, Locality, Point, StateCode, Zip};

use crate::byname;
use crate::city::{Confidence, Search};
use crate::county::County;
use crate::gazetteer::Gazetteer;
use crate::locality::{corrected, country_locality, military_locality, state_locality};
use crate::name;
use crate::state::State;
use crate::unresolved::Unresolved;

/// Longest text worth reading: no place needs more. Unit: bytes.
const LONGEST: usize = 200;
/// A city at least this large makes a bare state name ambiguous (New York, Washington). Unit: people.
const RIVAL: u32 = 500_000;

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
        match self.understand(text) {
            Err(Unresolved::Unknown) => Err(self.suggest(text)),
            answer => answer,
        }
    }

    /// As [`Gazetteer::resolve`], without looking for what may have been meant instead.
    pub(crate) fn understand(&self, text: &str) -> Result<Locality, Unresolved> {
        let text = text.trim();
        if let Some((lat, lon)) = numbers(text) {
            return self.resolve_point(Point::new(lat, lon).map_err(|_| Unresolved::NoSuchPoint)?);
        }
        if let Some((before, zip)) = trailing_zip(text) {
            return self.resolve_zip_of(zip, before);
        }
        let key = name::key(text);
        if key.is_empty() {
            let blank = !text.contains(char::is_alphanumeric);
            return Err(if blank {
                Unresolved::Empty
            } else {
                Unresolved::Unknown
            });
        }
        if let Some(post) = military_post(&key) {
            return Ok(military_locality(post));
        }
        if let Some(meant) = byname::english(&key) {
            return self.understand(meant);
        }
        if let Some(region) = self.region(text) {
            return region;
        }
        match text.rsplit_once(',') {
            Some((before, last)) => self.resolve_parts(before, last),
            None => self.resolve_words(text),
        }
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
            return self.understand(last);
        };
        if let Some(state) = self.state_meant(last) {
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
            Some(country) if country.code == CountryCode::US => self.understand(before),
            Some(country) => Ok(country_locality(country, true)),
            None if name::key(last).is_empty() => self.understand(before),
            None => Err(Unresolved::Unknown),
        }
    }

    /// Words without a comma: a county or city of the whole country, else `City ST`.
    fn resolve_words(&self, text: &str) -> Result<Locality, Unresolved> {
        let candidates = self.candidates(text);
        match candidates.as_slice() {
            [] => {}
            [only] => return self.understand(only),
            _ => return Err(Unresolved::Ambiguous(candidates)),
        }
        let splits = text
            .match_indices(char::is_whitespace)
            .map(|(at, _)| text.split_at(at));
        for (place, state) in splits {
            if let Some(state) = self.state_meant(state) {
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
    pub(crate) fn rows_named(&self, key: &str) -> Vec<u16> {
        let states = (0_u8..).zip(&self.states.rows);
        states
            .filter_map(|(state, _)| Some(self.names.exact(key, state)?.row))
            .collect()
    }

    /// A state by its name, in other languages too.
    fn state_meant(&self, text: &str) -> Option<&State> {
        let meant = byname::english(&name::key(text));
        self.state_named(meant.unwrap_or(text))
    }

    /// A city or county inside one state: a place of this very name, a county, a postal name, a county
    /// without its kind, then names that differ a little.
    pub(crate) fn in_state(&self, text: &str, state: StateCode) -> Result<Locality, Unresolved> {
        let unknown = Unresolved::UnknownInState(state);
        let Some(row) = self.states.row(state) else {
            return Err(unknown);
        };
        let text = byname::name_alone(&name::key(text)).unwrap_or(text);
        let named = self.names.search(&name::key(text), row);
        let city = |sure: Confidence| match named {
            Search::Found(hit) if hit.confidence == sure => self.city_locality(hit),
            _ => None,
        };
        let county = |county: Option<&County>| self.resolve_county(county?.fips);
        let respelt = |place: Locality| Locality {
            label: corrected(&place.label),
            ..place
        };
        city(Confidence::Exact)
            .or_else(|| county(self.counties.fully_named(text, state)))
            .or_else(|| city(Confidence::Postal))
            .or_else(|| county(self.counties.named(text, state)))
            .or_else(|| city(Confidence::Suffix))
            .or_else(|| county(self.counties.misspelt(text, state)).map(respelt))
            .or_else(|| city(Confidence::Misspelt))
            .ok_or_else(|| match &named {
                Search::Near(rows) => {
                    Unresolved::Misspelt(rows.iter().map(|row| self.name_label(*row)).collect())
                }
                _ => unknown,
            })
    }

    /// A ZIP at the end of an address: the ZIP, provided the state written before it agrees.
    fn resolve_zip_of(&self, zip: Zip, before: &str) -> Result<Locality, Unresolved> {
        let found = self.resolve_zip(zip)?;
        let last = before.rsplit(',').next().unwrap_or(before).trim();
        let city = self.zip(zip).and_then(|place| place.city);
        if city.is_some_and(|city| name::key(city) == name::key(last)) {
            return Ok(found); // "Washington 20001" names a city, not the state
        }
        let word = last.rsplit(char::is_whitespace).next().unwrap_or(last);
        let written = self.state_named(last).or_else(|| self.state_named(word));
        match (found.state, written) {
            (Some(state), Some(written)) if state != written.code => {
                Err(Unresolved::ZipElsewhere(state))
            }
            _ => Ok(found),
        }
    }
}

/// The military post office at the end of an address: `APO AE` is no place in the Emirates.
fn military_post(key: &str) -> Option<&'static str> {
    let (before, post) = key.rsplit_once(' ')?;
    let office = before.rsplit(' ').next().unwrap_or(before);
    let post = ["AA", "AE", "AP"]
        .into_iter()
        .find(|code| code.eq_ignore_ascii_case(post));
    post.filter(|_| matches!(office, "apo" | "fpo" | "dpo"))
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
