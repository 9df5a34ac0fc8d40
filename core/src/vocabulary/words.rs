//! From the words people use to vocabulary codes: "lawyer", "abogado", "avoka", "green card".
//!
//! `words.tsv` is the list: a code, the language of the words (BCP 47), and the words. Nobody says which
//! language they type, so all of them are looked in. A notary is no lawyer here: who types `notario`,
//! which means one in much of the Americas, is led to help against bad representation.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Code, Entry, entries, entry};
use crate::text::fold;

/// Most entries that [`find`] gives.
const FOUND: usize = 12;
/// A word this long, without its last `s`, is the same word. Unit: letters.
const SINGULAR: usize = 4;

/// The entries that `words` may mean, the closest first: a whole phrase of `words.tsv` or of a
/// definition before entries whose definition merely contains every word. At most 12.
#[must_use]
pub fn find(words: &str) -> Vec<&'static Entry> {
    let asked = fold(words);
    if asked.is_empty() {
        return Vec::new();
    }
    let said = entries_that_say(&asked).filter_map(|at| entries().get(at));
    let mut found: Vec<&'static Entry> = listed(&asked).iter().filter_map(entry).collect();
    for entry in said {
        if !found.contains(&entry) {
            found.push(entry);
        }
    }
    found.truncate(FOUND);
    found
}

/// The codes that a phrase stands for by `words.tsv` alone, sorted. Those whose definition holds all of
/// its words are left out: whoever searches definitions finds them by the words.
///
/// * `phrase` — words as [`fold`] leaves them, one blank between.
#[must_use]
pub fn unsaid(phrase: &str) -> Vec<&'static Code> {
    let listed = listed(phrase);
    if listed.is_empty() {
        return Vec::new();
    }
    let said: Vec<&Code> = entries_that_say(phrase)
        .filter_map(|at| Some(&entries().get(at)?.code))
        .collect();
    listed.iter().filter(|code| !said.contains(code)).collect()
}

/// The codes of a phrase, also when it is listed in the singular and asked in the plural or the
/// reverse, as English, Spanish, French and Portuguese mostly form it.
fn listed(phrase: &str) -> &'static [Code] {
    let phrases = phrases();
    if let Some(codes) = phrases.get(phrase) {
        return codes;
    }
    let last = phrase.rsplit(' ').next().unwrap_or(phrase);
    let other = match last.strip_suffix('s') {
        Some(singular) if singular.chars().count() >= SINGULAR => {
            phrases.get(phrase.strip_suffix('s').unwrap_or(phrase))
        }
        None if last.chars().count() >= SINGULAR => phrases.get(format!("{phrase}s").as_str()),
        _ => None,
    };
    other.map_or(&[], Vec::as_slice)
}

/// The entries whose definition holds every word of `asked`, by their place in the list.
fn entries_that_say(asked: &str) -> impl Iterator<Item = usize> {
    let by_word = definitions();
    let with = |word: &str| by_word.get(word).map_or(&[][..], Vec::as_slice);
    let mut words = asked.split(' ').map(with);
    let first = words.next().unwrap_or_default();
    let rest: Vec<&[usize]> = if first.is_empty() {
        Vec::new()
    } else {
        words.collect()
    };
    let has_rest = move |at: &usize| rest.iter().all(|with| with.contains(at));
    first.iter().copied().filter(has_rest)
}

/// For each word the entries whose definition has it, in order.
fn definitions() -> &'static HashMap<String, Vec<usize>> {
    static DEFINITIONS: OnceLock<HashMap<String, Vec<usize>>> = OnceLock::new();
    DEFINITIONS.get_or_init(|| {
        let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, entry) in entries().iter().enumerate() {
            for word in fold(entry.definition).split(' ') {
                let with = by_word.entry(word.to_owned()).or_default();
                if with.last() != Some(&at) {
                    with.push(at);
                }
            }
        }
        by_word
    })
}

fn phrases() -> &'static HashMap<String, Vec<Code>> {
    static PHRASES: OnceLock<HashMap<String, Vec<Code>>> = OnceLock::new();
    PHRASES.get_or_init(|| {
        let mut phrases: HashMap<String, Vec<Code>> = HashMap::new();
        for (code, _, words) in lines() {
            for phrase in words.split(';') {
                let codes = phrases.entry(fold(phrase)).or_default();
                codes.push(code.clone());
                codes.sort();
                codes.dedup();
            }
        }
        phrases
    })
}

/// Code, language and words of each line of the list.
fn lines() -> impl Iterator<Item = (Code, &'static str, &'static str)> {
    include_str!("words.tsv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let (code, rest) = line.split_once('\t')?;
            let (language, words) = rest.split_once('\t')?;
            Some((Code::parse(code).ok()?, language, words))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(words: &str, code: &str) -> bool {
        find(words).iter().any(|entry| entry.code.as_str() == code)
    }

    #[test]
    fn everyday_words_lead_to_codes() {
        for (words, code) in [
            ("lawyer", "dom:leg"),
            ("Abogado", "dom:leg"),
            ("green card", "lc:aos"),
            ("bond hearing", "lc:bond"),
            ("work permit", "lc:ead-asy"),
            ("shelter", "ho:es"),
            ("refugio", "ho:es"),
            ("food pantry", "da:food"),
            ("ESL", "dom:edu"),
            ("English class", "dom:edu"),
            ("therapist", "dom:mhp"),
        ] {
            assert!(means(words, code), "{words}: {:?}", find(words));
        }
    }

    #[test]
    fn the_same_need_is_found_in_six_languages() {
        for (code, asked) in [
            (
                "dom:leg",
                ["lawyer", "abogada", "avoka", "avocat", "advogado", "محامي"],
            ),
            (
                "lc:ead-asy",
                [
                    "work permit",
                    "permiso de trabajo",
                    "pèmi travay",
                    "permis de travail",
                    "permissão de trabalho",
                    "تصريح عمل",
                ],
            ),
            (
                "lc:asy-def",
                ["asylum", "asilo", "azil", "asile", "asilo", "لجوء"],
            ),
            (
                "dom:mhp",
                [
                    "mental health",
                    "salud mental",
                    "sante mantal",
                    "santé mentale",
                    "saúde mental",
                    "الصحة النفسية",
                ],
            ),
            (
                "da:food",
                ["food", "comida", "manje", "nourriture", "comida", "طعام"],
            ),
        ] {
            for words in asked {
                assert!(means(words, code), "{words} for {code}: {:?}", find(words));
            }
        }
    }

    #[test]
    fn a_notary_is_never_taken_for_a_lawyer() {
        for words in [
            "notario",
            "Notarios",
            "notario publico",
            "notary",
            "notaría",
            "notaire",
            "notè",
        ] {
            let legal = |entry: &&Entry| {
                entry.code.as_str() != "lc:ntr"
                    && ["dom", "lc", "rep"].contains(&entry.code.class())
            };
            assert!(!find(words).iter().any(legal), "{words}: {:?}", find(words));
        }
        assert!(means("notario", "lc:ntr"));
    }

    #[test]
    fn singular_and_plural_mean_the_same() {
        for (one, many) in [
            ("lawyer", "Lawyers"),
            ("abogado", "abogados"),
            ("support group", "support groups"),
            ("ride", "rides"),
        ] {
            assert_eq!(listed(&fold(one)), listed(&fold(many)), "{one}");
            assert!(!listed(&fold(one)).is_empty(), "{one}");
        }
        assert!(listed("tp").is_empty(), "TPS is no plural");
    }

    #[test]
    fn case_accents_and_signs_do_not_count() {
        for words in [
            "Permiso de Trabajo",
            "PERMISO DE TRABAJO!",
            "¿permiso de trabajo?",
        ] {
            assert!(means(words, "lc:ead-asy"), "{words}");
        }
        assert!(means("psicologo", "dom:mhp") && means("Psicólogo", "dom:mhp"));
        assert!(means("cours d’anglais", "dom:edu") && means("cours d'anglais", "dom:edu"));
    }

    #[test]
    fn what_a_definition_says_itself_is_left_out() {
        let codes = |phrase| -> Vec<&str> { unsaid(phrase).iter().map(|c| c.as_str()).collect() };

        assert_eq!(codes("green card"), ["lc:aos"]);
        assert!(
            !codes("shelter").contains(&"ho:es"),
            "emergency shelter says it"
        );
        assert!(means("shelter", "ho:es"));
    }

    #[test]
    fn every_line_of_the_word_list_is_whole() {
        let written = include_str!("words.tsv").lines().skip(1);
        assert_eq!(written.clone().count(), lines().count());
        for ((code, language, words), line) in lines().zip(written) {
            assert!(entry(&code).is_some(), "{line}");
            assert!(
                ["en", "es", "ht", "fr", "pt", "ar"].contains(&language),
                "{line}"
            );
            let mut phrases: Vec<String> = words.split(';').map(fold).collect();
            assert!(phrases.iter().all(|phrase| !phrase.is_empty()), "{line}");
            let count = phrases.len();
            phrases.sort();
            phrases.dedup();
            assert_eq!(phrases.len(), count, "a phrase twice: {line}");
        }
    }

    #[test]
    fn strange_words_mean_nothing() {
        for words in ["", "  ", "!!!", "🙂", "\u{202e}\u{200f}", "\0", "xyzzy"] {
            assert!(find(words).is_empty(), "{words:?}");
        }
        assert_eq!(find("\"lawyer\"):("), find("lawyer"));
        assert!(find(&"lawyer ".repeat(1_500)).is_empty());
    }
}
