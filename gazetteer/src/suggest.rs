//! What may have been meant by a text that names no place.
//!
//! Nothing here understands a place: it only lists names that are a letter or two away, for the asker to
//! choose from. Each of them resolves when typed. Why: docs/decisions/0008-misspelt-places.md.

use std::cmp::Reverse;

use crate::gazetteer::Gazetteer;
use crate::locality::CORRECTED;
use crate::name;
use crate::spelling;
use crate::unresolved::Unresolved;

/// Most names that are listed.
const MOST: usize = 8;

/// A name that may have been meant, the likelier first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    /// Letters changed.
    changes: usize,
    /// True when its kind was left out: who means a county mostly says so.
    bare_county: bool,
    residents: Reverse<u32>,
    /// Text that resolves to it.
    name: String,
}

impl Candidate {
    fn new(changes: usize, residents: u32, name: String) -> Self {
        Self {
            changes,
            bare_county: false,
            residents: Reverse(residents),
            name,
        }
    }
}

impl Gazetteer {
    /// Names near `text`, which no form fits: places, counties, states and countries of the whole world, or
    /// a place in a state whose name is misspelt.
    pub(crate) fn suggest(&self, text: &str) -> Unresolved {
        let mut near = self.near_names(text);
        near.extend(self.in_misspelt_state(text));
        near.sort();
        let mut names: Vec<String> = Vec::new();
        for Candidate { name, .. } in near {
            if names.len() < MOST && !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            Unresolved::Unknown
        } else {
            Unresolved::Misspelt(names)
        }
    }

    /// Places, counties, states and countries that the whole text nearly names.
    fn near_names(&self, text: &str) -> Vec<Candidate> {
        let key = name::key(text);
        let Some(most) = spelling::forgiven(&key) else {
            return Vec::new();
        };
        let places = self.names.near_anywhere(&key, most).into_iter();
        let places = places.map(|(changes, row)| {
            let residents = self.names.population(row).unwrap_or(0);
            Candidate::new(changes, residents, self.name_label(row))
        });
        let counties = self.counties.near_anywhere(&key, most).into_iter();
        let counties = counties.map(|(changes, bare, county)| {
            let label = format!("{}, {}", county.name, county.state);
            Candidate {
                bare_county: bare,
                ..Candidate::new(changes, county.population, label)
            }
        });
        let lands = self.countries.rows.iter().filter_map(|country| {
            let changes = near(&key, &country.name, most)?;
            let name = self.certain(&country.name, country.code.as_str());
            Some(Candidate::new(changes, u32::MAX, name))
        });
        let states = self.states.rows.iter().filter_map(|state| {
            let changes = near(&key, &state.name, most)?;
            let name = self.certain(&state.name, state.code.as_str());
            Some(Candidate::new(changes, u32::MAX, name))
        });
        places.chain(counties).chain(lands).chain(states).collect()
    }

    /// A place, well spelt, and after it a state that nearly is one.
    fn in_misspelt_state(&self, text: &str) -> Vec<Candidate> {
        let splits = text
            .match_indices([',', ' '])
            .map(|(at, _)| text.split_at(at));
        let mut found = Vec::new();
        for (place, state) in splits {
            let key = name::key(state);
            let Some(most) = spelling::forgiven(&key).filter(|_| !name::key(place).is_empty())
            else {
                continue;
            };
            for state in &self.states.rows {
                let changes = near(&key, &state.name, most);
                let place = changes.and_then(|_| self.in_state(place, state.code).ok());
                found.extend(changes.zip(place).map(|(changes, place)| {
                    let label = place.label.trim_end_matches(CORRECTED).to_owned();
                    Candidate::new(changes, u32::MAX, label)
                }));
            }
        }
        found
    }

    /// The name, where it means one place alone, else the code.
    fn certain(&self, name: &str, code: &str) -> String {
        let name = Some(name).filter(|name| self.understand(name).is_ok());
        name.unwrap_or(code).to_owned()
    }
}

/// How many letters `key` is from a name that begins as it does.
fn near(key: &str, name: &str, most: usize) -> Option<usize> {
    let name = name::key(name);
    let alike = name.as_bytes().first() == key.as_bytes().first();
    spelling::distance(key, &name, most).filter(|_| alike)
}
