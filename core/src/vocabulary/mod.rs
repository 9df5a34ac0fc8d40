//! The controlled vocabulary: what a service can be, on what terms, and how it is asked for.
//!
//! [`Code`] is one `class:code`, known or not: codes this version has never heard of survive untouched.
//! [`entry`] says what a known one means; [`find`] goes from words to codes. The list itself is
//! `vocabulary.tsv`, the words people use for it `words.tsv`, both embedded.

mod code;
mod words;

use std::collections::HashMap;
use std::sync::OnceLock;

pub use code::{Code, InvalidCode};
pub use words::{find, unsaid};

/// One entry of the controlled vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The code, e.g. `lc:bond`.
    pub code: Code,
    /// What it means, in one plain phrase.
    pub definition: &'static str,
}

/// Every entry, in the order of `vocabulary.tsv`.
#[must_use]
pub fn entries() -> &'static [Entry] {
    &vocabulary().entries
}

/// The entry of a code; `None` for codes this version does not know, and for publishers' own terms.
#[must_use]
pub fn entry(code: &Code) -> Option<&'static Entry> {
    let vocabulary = vocabulary();
    vocabulary
        .by_code
        .get(code)
        .map(|&at| &vocabulary.entries[at])
}

struct Vocabulary {
    entries: Vec<Entry>,
    by_code: HashMap<Code, usize>,
}

fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    VOCABULARY.get_or_init(|| {
        let entries: Vec<Entry> = include_str!("vocabulary.tsv")
            .lines()
            .skip(1)
            .filter_map(read_entry)
            .collect();
        let by_code = entries
            .iter()
            .enumerate()
            .map(|(at, entry)| (entry.code.clone(), at))
            .collect();
        Vocabulary { entries, by_code }
    })
}

fn read_entry(line: &'static str) -> Option<Entry> {
    let (class, rest) = line.split_once('\t')?;
    let (code, definition) = rest.split_once('\t')?;
    Some(Entry {
        code: Code::parse(&format!("{class}:{code}")).ok()?,
        definition,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_an_entry_of_its_own() {
        let lines = include_str!("vocabulary.tsv").lines().skip(1).count();

        assert_eq!(entries().len(), lines);
        assert_eq!(vocabulary().by_code.len(), lines);
    }

    #[test]
    fn a_code_leads_to_its_meaning() {
        let bond = Code::parse("lc:bond").unwrap();

        assert_eq!(
            entry(&bond).unwrap().definition,
            "release from custody on bond or parole"
        );
        assert_eq!(entry(&Code::parse("lc:unheard-of").unwrap()), None);
    }
}
