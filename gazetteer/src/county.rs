//! Counties and county equivalents, and other codes that name the same ground.
//!
//! The counties are those of 2017 (with Connecticut's eight). Later and retired codes are aliases: see
//! [`crate::Gazetteer::counties_of_code`].

use std::collections::HashMap;

use referral_core::geo::{CountyFips, Point, StateCode};

use crate::data::{Damaged, Sections};
use crate::name;
use crate::spelling;
use crate::state::States;

/// Words that say what kind of county it is, as name keys; longest first.
const KINDS: &[&str] = &[
    "cty and borough",
    "census area",
    "municipality",
    "municipio",
    "county",
    "parish",
    "borough",
    "district",
    "island",
    "cty",
    "co",
];
/// Weights in the data file are whole parts of this.
pub(crate) const WHOLE: f64 = 255.0;

/// A county or what stands for one: parish, borough, municipio, independent city.
#[derive(Clone, Debug, PartialEq)]
pub struct County {
    /// Its FIPS code.
    pub fips: CountyFips,
    /// Its full name, e.g. `"Baltimore County"` or, for the city that is no part of it, `"Baltimore city"`.
    pub name: String,
    /// The state or territory it lies in.
    pub state: StateCode,
    /// Residents: Census estimate of 2020, for the islands the count of 2010.
    pub population: u32,
    /// Where to put its label: the inner point of its largest part farthest from the border.
    pub label: Point,
}

/// All counties, ordered by FIPS code. A row number here is how other tables name a county.
#[derive(Debug)]
pub(crate) struct Counties {
    pub(crate) rows: Vec<County>,
    /// Name key of each row.
    keys: Vec<String>,
    aliases: HashMap<CountyFips, Vec<(u16, u8)>>,
}

impl Counties {
    pub(crate) fn read(sections: &Sections, states: &States) -> Result<Self, Damaged> {
        let mut columns = sections.section("CNTY")?;
        let damaged = columns.damaged();
        let fips: Vec<u32> = columns.differences()?;
        let names = columns.strings()?;
        let population: Vec<u32> = columns.unsigned()?;
        let labels = columns.points(1e4)?;
        let mut rows = Vec::with_capacity(fips.len());
        for (((fips, name), population), label) in
            fips.into_iter().zip(names).zip(population).zip(labels)
        {
            let fips = CountyFips::from_number(fips).ok_or(damaged)?;
            let state = states.of_fips(fips.state_fips()).ok_or(damaged)?.code;
            let name = name.to_owned();
            rows.push(County {
                fips,
                name,
                state,
                population,
                label,
            });
        }
        let keys = rows.iter().map(|county| name::key(&county.name)).collect();
        let aliases = read_aliases(sections)?;
        Ok(Self {
            rows,
            keys,
            aliases,
        })
    }

    pub(crate) fn at(&self, row: u16) -> Option<&County> {
        self.rows.get(usize::from(row))
    }

    pub(crate) fn row(&self, fips: CountyFips) -> Option<u16> {
        let row = self
            .rows
            .binary_search_by_key(&fips, |county| county.fips)
            .ok()?;
        u16::try_from(row).ok()
    }

    /// The counties a code stands for, largest share first: itself, or an alias's parts.
    pub(crate) fn of_code(&self, fips: CountyFips) -> Vec<(CountyFips, f64)> {
        match self.row(fips) {
            Some(_) => vec![(fips, 1.0)],
            None => self.shares(self.aliases.get(&fips).map_or(&[], Vec::as_slice)),
        }
    }

    /// Rows and 255ths as codes and shares.
    pub(crate) fn shares(&self, parts: &[(u16, u8)]) -> Vec<(CountyFips, f64)> {
        let share = |(row, weight): &(u16, u8)| {
            self.at(*row)
                .map(|county| (county.fips, f64::from(*weight) / WHOLE))
        };
        parts.iter().filter_map(share).collect()
    }

    pub(crate) fn in_state(&self, state: StateCode) -> impl Iterator<Item = &County> {
        self.rows.iter().filter(move |county| county.state == state)
    }

    /// The county of that full name; of that name without its kind, a county before a city; or of that
    /// name but of another kind.
    pub(crate) fn named(&self, text: &str, state: StateCode) -> Option<&County> {
        let wanted = name::key(text);
        let bare = without_kind(&wanted);
        let rows = || self.keyed(state);
        let find = |fits: &dyn Fn(&str) -> bool| {
            rows().find_map(|(key, county)| fits(key).then_some(county))
        };
        self.fully_named(text, state)
            .or_else(|| find(&|key| without_kind(key) == wanted && !key.ends_with(" cty")))
            .or_else(|| find(&|key| without_kind(key) == wanted))
            .or_else(|| find(&|key| without_kind(key) == bare).filter(|_| !ends_as_city(text)))
    }

    /// The county whose full name, kind included, `text` is; `Co` stands for `County`.
    pub(crate) fn fully_named(&self, text: &str, state: StateCode) -> Option<&County> {
        let mut wanted = name::key(text);
        if wanted.ends_with(" co") {
            wanted.push_str("unty");
        }
        let mut rows = self.keyed(state);
        rows.find_map(|(key, county)| (key == wanted).then_some(county))
    }

    /// The only county, named with its kind, that differs in at most two letters, none the first.
    pub(crate) fn misspelt(&self, text: &str, state: StateCode) -> Option<&County> {
        let wanted = name::key(text);
        if without_kind(&wanted) == wanted {
            return None;
        }
        let near = |(key, county)| Some((spelling::distance(&wanted, key, 2)?, key, county));
        let mut close: Vec<(usize, &str, &County)> = self.keyed(state).filter_map(near).collect();
        close.sort_by_key(|(changes, ..)| *changes);
        let alike = |key: &str| key.as_bytes().first() == wanted.as_bytes().first();
        match close.as_slice() {
            [(_, key, only)] if alike(key) => Some(only),
            [(least, key, best), (next, ..), ..] if least < next && alike(key) => Some(best),
            _ => None,
        }
    }

    /// Counties of the whole country whose name, with or without its kind, begins like `key` and is at
    /// most `most` letters from it: how many, and whether that is without the kind.
    pub(crate) fn near_anywhere(&self, key: &str, most: usize) -> Vec<(usize, bool, &County)> {
        let first = key.as_bytes().first();
        let rows = self.keys.iter().zip(&self.rows);
        let alike = rows.filter(|(full, _)| full.as_bytes().first() == first);
        let near = alike.filter_map(|(full, county)| {
            let whole = spelling::distance(key, full, most);
            let bare = spelling::distance(key, without_kind(full), most);
            match (whole, bare) {
                (Some(whole), bare) if bare.is_none_or(|bare| whole <= bare) => {
                    Some((whole, false, county))
                }
                (_, bare) => Some((bare?, true, county)),
            }
        });
        near.collect()
    }

    fn keyed(&self, state: StateCode) -> impl Iterator<Item = (&str, &County)> {
        let rows = self.keys.iter().map(String::as_str).zip(&self.rows);
        rows.filter(move |(_, county)| county.state == state)
    }
}

/// Whether the last word is "City" in full: `cty` may be short for county.
fn ends_as_city(text: &str) -> bool {
    let last = text.split_whitespace().next_back();
    last.is_some_and(|word| word.eq_ignore_ascii_case("city"))
}

fn without_kind(key: &str) -> &str {
    let stem = |kind: &&str| key.strip_suffix(*kind)?.strip_suffix(' ');
    KINDS.iter().find_map(stem).unwrap_or(key)
}

fn read_aliases(sections: &Sections) -> Result<HashMap<CountyFips, Vec<(u16, u8)>>, Damaged> {
    let mut columns = sections.section("ALIA")?;
    let damaged = columns.damaged();
    let codes: Vec<u32> = columns.differences()?;
    let counts: Vec<usize> = columns.unsigned()?;
    let rows: Vec<u16> = columns.unsigned()?;
    let weights: Vec<u8> = columns.unsigned()?;
    let mut parts = rows.into_iter().zip(weights);
    let mut aliases = HashMap::new();
    for (code, count) in codes.into_iter().zip(counts) {
        let fips = CountyFips::from_number(code).ok_or(damaged)?;
        aliases.insert(fips, parts.by_ref().take(count).collect());
    }
    Ok(aliases)
}
