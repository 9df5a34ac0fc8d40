//! Cities, towns and postal names inside a state, found by name as people write it.

use std::cmp::Reverse;
use std::sync::OnceLock;

use referral_core::geo::{Point, StateCode};

use crate::data::{Damaged, Sections};
use crate::name;
use crate::spelling;

/// Words the postal service adds to, or a directory leaves off, a name, as name keys.
const SUFFIXES: &[&str] = &[
    "cty", "twp", "hts", "ctr", "vly", "sta", "spgs", "vlg", "boro", "borough", "town",
];

/// A near name is in doubt when another one has this many times its residents: the larger place is the
/// likelier one.
const FAR_LARGER: u32 = 10;
/// Places below this size, and postal names, count as this large when they are compared. Unit: people.
const HAMLET: u32 = 500;

/// Those that a hurried hand leaves off.
const LEFT_OFF: &[&str] = &["cty", "twp"];

/// A city found by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct City<'a> {
    /// Its name as GeoNames or the postal service has it, which may differ from what was asked.
    pub name: &'a str,
    /// The state or territory it lies in.
    pub state: StateCode,
    /// Its position; for a postal name, the middle of its ZIPs.
    pub point: Point,
    /// How the name was found.
    pub confidence: Confidence,
    /// Residents; `None` for postal names, which are no places of their own.
    pub population: Option<u32>,
}

/// How surely a name was found, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// A place has this name.
    Exact,
    /// A postal city has this name.
    Postal,
    /// A place has this name but for a word like Township or City.
    Suffix,
    /// One name in the state differs in one or two letters, none in the first; no other does as little,
    /// and no far larger place is nearly as close.
    Misspelt,
}

/// A name of the table that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Row of the name table.
    pub(crate) row: u16,
    pub(crate) confidence: Confidence,
}

/// What a search inside one state came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// One name fits.
    Found(Hit),
    /// No name fits as asked; these differ in a letter or two and none is certain. Closest first, then
    /// most residents.
    Near(Vec<u16>),
    /// No name fits.
    Nothing,
}

/// Places (first, with their columns), then postal names.
#[derive(Debug)]
pub(crate) struct Names {
    states: Vec<u8>,
    text: String,
    ends: Vec<u32>,
    points: Vec<Point>,
    population: Vec<u32>,
    zones: Vec<u16>,
    index: OnceLock<Vec<Entry>>,
}

/// A name key, ready to search: ordered by state, key, places first, most residents first.
#[derive(Debug)]
struct Entry {
    state: u8,
    key: Box<str>,
    row: u16,
}

impl Names {
    pub(crate) fn read(sections: &Sections) -> Result<Self, Damaged> {
        let mut columns = sections.section("NAME")?;
        let states = columns.differences()?;
        let (mut text, mut ends) = (String::new(), Vec::new());
        for name in columns.strings()? {
            text.push_str(name);
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        let points = columns.points(1e4)?;
        let population = columns.unsigned()?;
        let zones = columns.differences()?;
        Ok(Self {
            states,
            text,
            ends,
            points,
            population,
            zones,
            index: OnceLock::new(),
        })
    }

    /// The number of places, which come before the postal names.
    pub(crate) fn places(&self) -> usize {
        self.points.len()
    }

    pub(crate) fn name(&self, row: u16) -> &str {
        let end = |row: usize| self.ends.get(row).map_or(0, |end| *end as usize);
        let first = usize::from(row).checked_sub(1).map_or(0, end);
        self.text
            .get(first..end(usize::from(row)))
            .unwrap_or_default()
    }

    pub(crate) fn state(&self, row: u16) -> u8 {
        self.states
            .get(usize::from(row))
            .copied()
            .unwrap_or(u8::MAX)
    }

    /// The position of a place; none for a postal name.
    pub(crate) fn point(&self, row: u16) -> Option<Point> {
        self.points.get(usize::from(row)).copied()
    }

    /// Residents of a place; none for a postal name.
    pub(crate) fn population(&self, row: u16) -> Option<u32> {
        self.population.get(usize::from(row)).copied()
    }

    /// Positions and time zones of all places.
    pub(crate) fn zones(&self) -> impl Iterator<Item = (Point, u16)> {
        self.points.iter().copied().zip(self.zones.iter().copied())
    }

    /// Looks for `key` among the names of one state.
    pub(crate) fn search(&self, key: &str, state: u8) -> Search {
        if let Some(hit) = self
            .exact(key, state)
            .or_else(|| self.without_suffix(key, state))
        {
            return Search::Found(hit);
        }
        self.misspelt(key, state)
    }

    /// The place, else the postal name, with exactly this key.
    pub(crate) fn exact(&self, key: &str, state: u8) -> Option<Hit> {
        let index = self.index();
        let first = index.partition_point(|entry| (entry.state, &*entry.key) < (state, key));
        let entry = index
            .get(first)
            .filter(|entry| entry.state == state && &*entry.key == key)?;
        let place = usize::from(entry.row) < self.places();
        let confidence = if place {
            Confidence::Exact
        } else {
            Confidence::Postal
        };
        Some(Hit {
            row: entry.row,
            confidence,
        })
    }

    fn without_suffix(&self, key: &str, state: u8) -> Option<Hit> {
        let stem = SUFFIXES
            .iter()
            .find_map(|suffix| key.strip_suffix(suffix)?.strip_suffix(' '));
        let less = stem.and_then(|stem| self.exact(stem, state));
        let more = || {
            LEFT_OFF
                .iter()
                .find_map(|suffix| self.exact(&format!("{key} {suffix}"), state))
        };
        let hit = less.or_else(more)?;
        Some(Hit {
            confidence: Confidence::Suffix,
            ..hit
        })
    }

    /// The one name that must have been meant, or all that are a letter or two away.
    fn misspelt(&self, key: &str, state: u8) -> Search {
        let Some(most) = spelling::forgiven(key) else {
            return Search::Nothing;
        };
        let near = self.near(key, most, self.of_state(state));
        let Some(&(changes, row)) = near.first() else {
            return Search::Nothing;
        };
        let alone = near.get(1).is_none_or(|(next, _)| changes < *next);
        let residents = |row: u16| self.population(row).unwrap_or(0);
        let larger = residents(row).max(HAMLET).saturating_mul(FAR_LARGER);
        let rival = near.iter().any(|(_, other)| residents(*other) > larger);
        if alone && !rival && key.as_bytes().first() == name::key(self.name(row)).as_bytes().first()
        {
            return Search::Found(Hit {
                row,
                confidence: Confidence::Misspelt,
            });
        }
        Search::Near(near.into_iter().map(|(_, row)| row).collect())
    }

    /// Names at most `most` letters from `key` and how many, fewest first, then most residents. One row
    /// for each name of a state.
    fn near<'a>(
        &self,
        key: &str,
        most: usize,
        among: impl Iterator<Item = &'a Entry>,
    ) -> Vec<(usize, u16)> {
        let close = |entry: &'a Entry| Some((spelling::distance(key, &entry.key, most)?, entry));
        let mut near: Vec<(usize, &Entry)> = among.filter_map(close).collect();
        near.dedup_by(|(_, next), (_, one)| (next.state, &next.key) == (one.state, &one.key));
        near.sort_by_key(|(changes, entry)| (*changes, Reverse(self.population(entry.row))));
        near.into_iter()
            .map(|(changes, entry)| (changes, entry.row))
            .collect()
    }

    /// Names of the whole country that begin like `key` and are at most `most` letters from it, as
    /// [`Names::near`] gives them.
    pub(crate) fn near_anywhere(&self, key: &str, most: usize) -> Vec<(usize, u16)> {
        let first = key.as_bytes().first();
        let alike = |entry: &&Entry| entry.key.as_bytes().first() == first;
        self.near(key, most, self.index().iter().filter(alike))
    }

    fn of_state(&self, state: u8) -> impl Iterator<Item = &Entry> {
        let index = self.index();
        let first = index.partition_point(|entry| entry.state < state);
        let rest = index.get(first..).unwrap_or_default();
        rest.iter().take_while(move |entry| entry.state == state)
    }

    fn index(&self) -> &[Entry] {
        self.index.get_or_init(|| {
            let rows = (0_u16..).zip(&self.states);
            let entry = |(row, state): (u16, &u8)| Entry {
                state: *state,
                key: name::key(self.name(row)).into(),
                row,
            };
            let mut index: Vec<Entry> = rows.map(entry).collect();
            index.sort_by(|one, other| {
                let names = (one.state, &one.key).cmp(&(other.state, &other.key));
                names.then_with(|| self.population(other.row).cmp(&self.population(one.row)))
            });
            index
        })
    }
}
