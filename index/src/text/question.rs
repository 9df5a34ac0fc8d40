//! What somebody typed, as words with their possible meanings. Nothing here knows tantivy.

use referral_core::text::fold;
use referral_core::vocabulary::{Code, unsaid};

use crate::document::{exact_name, exact_phone};

/// Most words in a row that are looked up as one phrase of the vocabulary.
const PHRASE: usize = 4;
/// Meanings are looked up among the first words only: more than anybody says of one need.
const MEANT: usize = 24;

/// Words that hold sentences together in English, Spanish, French, Portuguese and Haitian Creole. A
/// listing without them answers as well as one with them.
const FILLERS: [&str; 60] = [
    "a", "ak", "al", "an", "and", "are", "at", "aux", "avec", "com", "con", "da", "das", "de",
    "del", "des", "do", "dos", "du", "e", "el", "em", "en", "et", "for", "from", "i", "in", "is",
    "la", "las", "le", "les", "los", "mi", "my", "nan", "necesito", "need", "of", "on", "or", "os",
    "ou", "para", "por", "pou", "pour", "que", "si", "the", "to", "um", "uma", "un", "una", "une",
    "with", "y", "yon",
];

/// What a search asks of the words.
#[derive(Debug, PartialEq)]
pub struct Question {
    /// Every word, once, in order: all must be found. Fillers are left out where other words remain.
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
        let only_fillers = typed_words.iter().all(|word| is_filler(word));
        let mut words: Vec<Word> = Vec::with_capacity(typed_words.len());
        for (at, text) in typed_words.iter().enumerate() {
            if is_filler(text) && !only_fillers {
                continue;
            }
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

fn is_filler(word: &str) -> bool {
    FILLERS.binary_search(&word).is_ok()
}

/// For each word the codes of every phrase it is part of.
fn meanings(words: &[&str]) -> Vec<Vec<Code>> {
    let mut meanings = vec![Vec::new(); words.len()];
    let looked_up = &words[..words.len().min(MEANT)];
    for length in 1..=PHRASE {
        for (start, phrase) in looked_up.windows(length).enumerate() {
            // What a definition says itself is left out: it is among the words of every service with the code.
            for code in unsaid(&phrase.join(" ")) {
                for meaning in &mut meanings[start..start + length] {
                    meaning.push(code.clone());
                }
            }
        }
    }
    meanings
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
        assert_eq!(words, [("help", false), ("b", false), ("fo", true)]);
    }

    #[test]
    fn what_only_holds_a_sentence_together_is_not_asked_for() {
        let texts = |typed| {
            let words = Question::of(typed).words.into_iter();
            words.map(|word| word.text).collect::<Vec<_>>()
        };

        assert_eq!(
            texts("I need a shelter for battered women"),
            ["shelter", "battered", "women"]
        );
        assert_eq!(texts("clases de inglés"), ["clases", "ingles"]);
        assert_eq!(texts("to and from"), ["to", "and", "from"]);
        assert!(FILLERS.is_sorted());
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
        for typed in [
            "lawyer",
            "¿Abogado?",
            "avoka",
            "Avocate",
            "ADVOGADO",
            "محامي",
        ] {
            let question = Question::of(typed);
            let codes: Vec<&str> = question.words[0].codes.iter().map(Code::as_str).collect();
            assert_eq!(codes, ["dom:leg"], "{typed}");
        }
    }

    #[test]
    fn a_phrase_far_on_in_a_long_sentence_is_still_understood() {
        let question =
            Question::of("mother and two children just arrived and ask for a green card");

        assert_eq!(codes(&question, "card"), ["lc:aos"]);
    }

    #[test]
    fn no_sign_is_an_operator() {
        let plain = Question::of("legal clinic bond");
        for typed in [
            "\"legal clinic\" bond",
            "legal:clinic bond",
            "legal +clinic -bond",
            "(legal clinic) ^bond~",
            "legal* clinic? {bond}",
            "legal\\clinic\tbond",
            "\u{202e}legal\u{200f} clinic\0bond",
            "legal 🙂 clinic 👩‍⚖️ bond",
        ] {
            let words = |question: &Question| -> Vec<String> {
                question
                    .words
                    .iter()
                    .map(|word| word.text.clone())
                    .collect()
            };
            assert_eq!(words(&Question::of(typed)), words(&plain), "{typed:?}");
        }
    }

    #[test]
    fn signs_only_ask_for_nothing() {
        for typed in ["", "  ", "🙂🙂", "()[]\"", "؟", "\0", "\u{202e}\u{2066}"] {
            let question = Question::of(typed);
            assert!(
                question.words.is_empty() && question.exact.is_empty(),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_read_as_far_as_they_are() {
        let broken = String::from_utf8_lossy(b"bond \xff\xfe hearing \xc3");

        let question = Question::of(&broken);

        assert_eq!(question.words.len(), 2);
        assert_eq!(codes(&question, "hearing"), ["lc:bond"]);
    }

    #[test]
    fn a_text_of_any_length_is_read_once() {
        let question = Question::of(&"bond lawyer ".repeat(900));

        assert_eq!(question.words.len(), 2);
        let different: Vec<String> = (0..2_000).map(|at| format!("w{at}")).collect();
        assert_eq!(Question::of(&different.join(" ")).words.len(), 2_000);
    }

    #[test]
    fn a_number_is_asked_for_as_a_whole_too() {
        let question = Question::of("(410) 555-1212");

        assert_eq!(question.exact, ["name 410 555 1212", "phone 4105551212"]);
    }
}
