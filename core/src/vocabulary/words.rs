//! From the words people use to vocabulary codes: "lawyer", "abogado", "green card", "bond hearing".

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Code, Entry, entries, entry};
use crate::text::fold;

/// The entries that `words` may mean, the closest first: a whole phrase of `words.tsv` or of a
/// definition before entries whose definition merely contains every word. At most 12.
#[must_use]
pub fn find(words: &str) -> Vec<&'static Entry> {
    let asked = fold(words);
    if asked.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<&'static Entry> = phrases()
        .get(asked.as_str())
        .into_iter()
        .flatten()
        .filter_map(entry)
        .collect();
    for (entry, definition) in entries().iter().zip(definitions()) {
        if found.len() < 12 && !found.contains(&entry) && contains_all(definition, &asked) {
            found.push(entry);
        }
    }
    found
}

fn contains_all(definition: &str, asked: &str) -> bool {
    let has = |word: &str| definition.split(' ').any(|part| part == word);
    asked.split(' ').all(has)
}

/// The definitions as people search them, in the order of the entries.
fn definitions() -> &'static [String] {
    static DEFINITIONS: OnceLock<Vec<String>> = OnceLock::new();
    DEFINITIONS.get_or_init(|| {
        entries()
            .iter()
            .map(|entry| fold(entry.definition))
            .collect()
    })
}

fn phrases() -> &'static HashMap<String, Vec<Code>> {
    static PHRASES: OnceLock<HashMap<String, Vec<Code>>> = OnceLock::new();
    PHRASES.get_or_init(|| {
        let mut phrases: HashMap<String, Vec<Code>> = HashMap::new();
        for line in include_str!("words.tsv").lines().skip(1) {
            let Some((code, words)) = line.split_once('\t') else {
                continue;
            };
            let Ok(code) = Code::parse(code) else {
                continue;
            };
            for phrase in words.split(';') {
                phrases.entry(fold(phrase)).or_default().push(code.clone());
            }
        }
        phrases
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_words_lead_to_codes() {
        for (words, code) in [
            ("lawyer", "dom:leg"),
            ("Abogado", "dom:leg"),
            ("green card", "lc:aos"),
            ("bond hearing", "lc:bond"),
            ("work permit", "lc:ead-asy"),
            ("shelter", "ho:es"),
        ] {
            let found = find(words);
            assert!(
                found.iter().any(|entry| entry.code.as_str() == code),
                "{words}: {found:?}"
            );
        }
    }

    #[test]
    fn every_code_of_the_word_list_is_in_the_vocabulary() {
        for line in include_str!("words.tsv").lines().skip(1) {
            let (code, words) = line.split_once('\t').unwrap();
            assert!(entry(&Code::parse(code).unwrap()).is_some(), "{code}");
            assert!(
                words.split(';').all(|phrase| !fold(phrase).is_empty()),
                "{code}"
            );
        }
    }
}
