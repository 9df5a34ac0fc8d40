//! What somebody typed, as words with their possible meanings. Nothing here knows tantivy.

use referral_core::text::fold;
use referral_core::vocabulary::{Code, Entry, find};

use crate::document::{exact_name, exact_phone};

/// Most words in a row that are looked up as one phrase of the vocabulary.
const PHRASE: usize = 4;
/// Meanings are looked up among the first words only: each look-up reads the whole vocabulary.
const MEANT: usize = 8;

/// What a search asks of the words.
#[derive(Debug, PartialEq)]
pub struct Question {
    /// Every word, once, in order: all must be found.
    pub words: Vec<Word>,
    /// The whole as a name, and as a telephone number where it is one.
    pub exact: Vec<String>,
}

/// One word.
#[derive(Debug, PartialEq)]
pub struct Word {
    /// The word, folded.
    pub text: String,
    /// True for the last one typed: more letters may have been meant to follow.
    pub last: bool,
    /// What it means, alone or with its neighbours: a service with one of these codes has the word.
    pub codes: Vec<Code>,
}

impl Question {
    /// Reads what was typed; every character is just itself.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let folded = fold(typed);
        let typed_words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let mut meanings = meanings(&typed_words);
        let mut words: Vec<Word> = Vec::with_capacity(typed_words.len());
        for (at, text) in typed_words.iter().enumerate() {
            let codes = std::mem::take(&mut meanings[at]);
            match words.iter_mut().find(|word| word.text == *text) {
                Some(again) => again.codes.extend(codes),
                None => words.push(Word {
                    text: (*text).to_owned(),
                    last: at + 1 == typed_words.len(),
                    codes,
                }),
            }
        }
        for word in &mut words {
            word.codes.sort();
            word.codes.dedup();
        }
        let exact = exact_name(typed)
            .into_iter()
            .chain(exact_phone(typed.trim()));
        Self {
            words,
            exact: exact.collect(),
        }
    }
}

/// For each word the codes of every phrase it is part of.
fn meanings(words: &[&str]) -> Vec<Vec<Code>> {
    let mut meanings = vec![Vec::new(); words.len()];
    let looked_up = &words[..words.len().min(MEANT)];
    for length in 1..=PHRASE {
        for (start, phrase) in looked_up.windows(length).enumerate() {
            for code in codes_of(phrase) {
                for meaning in &mut meanings[start..start + length] {
                    meaning.push(code.clone());
                }
            }
        }
    }
    meanings
}

/// The codes a phrase stands for. Those whose definition holds the words anyway are left out: the
/// definition is among the words of every service that has the code.
fn codes_of(phrase: &[&str]) -> Vec<Code> {
    let says_so = |entry: &&'static Entry| {
        let definition = fold(entry.definition);
        let has = |word: &&str| definition.split(' ').any(|part| part == *word);
        phrase.iter().all(has)
    };
    let found = find(&phrase.join(" ")).into_iter();
    found
        .filter(|entry| !says_so(entry))
        .map(|entry| entry.code.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(question: &Question, word: &str) -> Vec<String> {
        let word = question.words.iter().find(|asked| asked.text == word);
        let codes = word.unwrap().codes.iter();
        codes.map(|code| code.as_str().to_owned()).collect()
    }

    #[test]
    fn every_word_is_asked_once_and_the_last_may_go_on() {
        let question = Question::of("Help for A and B, help fo");

        let words: Vec<(&str, bool)> = question
            .words
            .iter()
            .map(|word| (word.text.as_str(), word.last))
            .collect();
        assert_eq!(
            words,
            [
                ("help", false),
                ("for", false),
                ("a", false),
                ("and", false),
                ("b", false),
                ("fo", true)
            ]
        );
    }

    #[test]
    fn a_phrase_gives_its_meaning_to_each_of_its_words() {
        let question = Question::of("cheap Green Card");

        assert_eq!(codes(&question, "green"), ["lc:aos"]);
        assert_eq!(codes(&question, "card"), ["lc:aos"]);
        assert!(codes(&question, "cheap").is_empty());
    }

    #[test]
    fn another_language_means_the_same() {
        assert_eq!(codes(&Question::of("¿Abogado?"), "abogado"), ["dom:leg"]);
    }

    #[test]
    fn a_number_is_asked_for_as_a_whole_too() {
        let question = Question::of("(410) 555-1212");

        assert_eq!(question.exact, ["name 410 555 1212", "phone 4105551212"]);
    }
}
