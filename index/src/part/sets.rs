//! What many rows have in common, kept once and known by a number.
//!
//! Numbers are given out once and mean the same in every part for as long as the index is open. 0 always
//! means "none".

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use referral_core::catalog::{Area, Rule, ServiceArea};
use referral_core::id::{AgencyId, Hash};
use referral_core::vocabulary::{Code, entries};

use crate::chunks::Chunks;
use crate::part::row::{CODE_WORDS, LANGUAGE_WORDS};
use crate::part::sphere::Chord;

/// Languages that have a bit of their own; what comes later shares the last bit.
const LANGUAGES: usize = LANGUAGE_WORDS * 64 - 1;

/// What rows refer to. A clone is cheap and does not see what comes later.
#[derive(Clone, Debug)]
pub(crate) struct Sets {
    /// Rules of a service.
    pub(crate) rules: Chunks<Arc<[Rule]>>,
    /// Areas of an offer.
    pub(crate) areas: Chunks<Arc<Areas>>,
    /// Publishers' own terms, and codes this version does not know.
    pub(crate) codes: Chunks<Code>,
    /// Which of those are publishers' own terms.
    pub(crate) terms: Chunks<bool>,
    /// Sets of those.
    pub(crate) own: Chunks<Arc<[u32]>>,
    /// Publishers.
    pub(crate) agencies: Chunks<AgencyId>,
    /// Primary languages in the order of their bits.
    pub(crate) languages: Chunks<String>,
}

/// The areas of an offer.
#[derive(Debug)]
pub(crate) struct Areas {
    /// All of them, without their names.
    pub(crate) all: Vec<ServiceArea>,
    /// The radius of each, for circles.
    pub(crate) chords: Vec<Option<Chord>>,
    /// True when what they hold depends on where the offer is.
    pub(crate) around: bool,
}

/// Gives numbers out.
#[derive(Debug)]
pub(crate) struct Register {
    sets: Sets,
    rules: HashMap<Hash, u32>,
    areas: HashMap<Hash, u32>,
    codes: HashMap<Code, u32>,
    own: HashMap<Vec<u32>, u32>,
    agencies: HashMap<AgencyId, u32>,
    languages: HashMap<String, usize>,
}

impl Default for Register {
    fn default() -> Self {
        let mut sets = Sets {
            rules: Chunks::default(),
            areas: Chunks::default(),
            codes: Chunks::default(),
            terms: Chunks::default(),
            own: Chunks::default(),
            agencies: Chunks::default(),
            languages: Chunks::default(),
        };
        sets.rules.push(Arc::from([]));
        sets.areas.push(Arc::new(Areas::of(&[])));
        sets.own.push(Arc::from([]));
        Self {
            sets,
            rules: HashMap::new(),
            areas: HashMap::new(),
            codes: HashMap::new(),
            own: HashMap::new(),
            agencies: HashMap::new(),
            languages: HashMap::new(),
        }
    }
}

impl Register {
    /// Everything registered so far.
    pub(crate) fn sets(&self) -> &Sets {
        &self.sets
    }

    /// The number of a code that has no bit, if any service ever had it.
    pub(crate) fn known_code(&self, code: &Code) -> Option<u32> {
        self.codes.get(code).copied()
    }

    /// The number of a set of rules.
    pub(crate) fn rules(&mut self, rules: &[Rule]) -> u32 {
        if rules.is_empty() {
            return 0;
        }
        let key = hash_of(&rules);
        numbered(&mut self.rules, &mut self.sets.rules, key, || rules.into())
    }

    /// The number of a set of areas.
    pub(crate) fn areas(&mut self, areas: &[ServiceArea]) -> u32 {
        if areas.is_empty() {
            return 0;
        }
        let areas = Areas::of(areas);
        let key = hash_of(&areas.all);
        numbered(&mut self.areas, &mut self.sets.areas, key, || {
            Arc::new(areas)
        })
    }

    /// The number of a set of codes that have no bit.
    pub(crate) fn own(&mut self, codes: &[&Code]) -> u32 {
        if codes.is_empty() {
            return 0;
        }
        let numbers: Vec<u32> = codes.iter().map(|code| self.code(code)).collect();
        numbered(&mut self.own, &mut self.sets.own, numbers.clone(), || {
            numbers.into()
        })
    }

    /// The number of a publisher.
    pub(crate) fn agency(&mut self, agency: &AgencyId) -> u32 {
        let (of, all) = (&mut self.agencies, &mut self.sets.agencies);
        numbered(of, all, agency.clone(), || agency.clone())
    }

    /// The bit of a primary language; `None`: it shares the last one.
    pub(crate) fn language(&mut self, primary: &str) -> Option<usize> {
        if let Some(bit) = self.languages.get(primary) {
            return Some(*bit);
        }
        let bit = self.languages.len();
        if bit >= LANGUAGES {
            return None;
        }
        self.languages.insert(primary.to_owned(), bit);
        self.sets.languages.push(primary.to_owned());
        Some(bit)
    }

    fn code(&mut self, code: &Code) -> u32 {
        let (of, all) = (&mut self.codes, &mut self.sets.codes);
        let number = numbered(of, all, code.clone(), || code.clone());
        if self.sets.terms.len() < self.sets.codes.len() {
            self.sets.terms.push(code.is_own_term());
        }
        number
    }
}

/// The bit of a vocabulary code.
pub(crate) fn bit_of(code: &Code) -> Option<u32> {
    static BITS: OnceLock<HashMap<&'static str, u32>> = OnceLock::new();
    let bits = BITS.get_or_init(|| {
        let known = entries().iter().take(CODE_WORDS * 64);
        known.map(|entry| entry.code.as_str()).zip(0..).collect()
    });
    bits.get(code.as_str()).copied()
}

/// The bit that languages without one of their own share.
pub(crate) const OTHER_LANGUAGE: usize = LANGUAGES;

/// Two things with the same hash are the same: all of a rule or an area is in how it prints itself, and
/// keeping the print would take more room than the thing.
fn hash_of(thing: &impl Debug) -> Hash {
    Hash::of(&[format!("{thing:?}").as_bytes()])
}

fn numbered<K: Eq + std::hash::Hash, T: Clone>(
    numbers: &mut HashMap<K, u32>,
    all: &mut Chunks<T>,
    key: K,
    make: impl FnOnce() -> T,
) -> u32 {
    *numbers.entry(key).or_insert_with(|| {
        let number = u32::try_from(all.len()).unwrap_or(u32::MAX);
        all.push(make());
        number
    })
}

impl Areas {
    fn of(areas: &[ServiceArea]) -> Self {
        let nameless = |area: &ServiceArea| ServiceArea {
            name: None,
            ..area.clone()
        };
        let chord = |area: &ServiceArea| match area.area {
            Area::Radius(radius) => Some(Chord::of(radius)),
            _ => None,
        };
        Self {
            all: areas.iter().map(nameless).collect(),
            chords: areas.iter().map(chord).collect(),
            around: areas
                .iter()
                .any(|area| matches!(area.area, Area::Radius(_))),
        }
    }
}
