//! What services say of themselves, in words as varied as real ones.
//!
//! Sentences (`sentences.tsv`) have gaps that are filled with groups, days, languages, programs,
//! streets, cities and partners (`words.tsv` and the map), so that words are as unevenly common as in
//! real directories: a few in every description, most in few. Lengths are measured (Miami): median 353
//! characters, 90th percentile 748, longest 3,285.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use rand::RngExt;

use crate::invented::ServiceKind;
use crate::invented::dice::{Dice, chance, log_normal, pick, weighted};
use crate::invented::{location, names};

/// Median and 90th percentile of a description. Unit: characters.
const LENGTH: (f64, f64) = (353.0, 748.0);
/// The longest measured. Unit: characters.
const LONGEST: f64 = 3_285.0;
/// Services spoken in a language that say a sentence or two in it (assumption).
const IN_LANGUAGE: f64 = 0.2;

/// What a description is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) kind: ServiceKind,
    pub(super) title: &'a str,
    /// County and state, or a country.
    pub(super) place: &'a str,
    pub(super) city: &'a str,
    /// Languages it is given in, besides English.
    pub(super) spoken: &'a [&'a str],
}

/// A description of the subject.
pub(super) fn describe(subject: Subject<'_>, dice: &mut Dice) -> String {
    let length = log_normal(dice, LENGTH.0, LENGTH.1).min(LONGEST);
    let mut said = format!("{}.", subject.title);
    let sentences = sentences();
    let own = sentences.of(key(subject.kind));
    let any = sentences.of("any");
    let mut native = String::new();
    for tag in subject.spoken {
        let own = format!("{tag}-{}", key(subject.kind));
        let lists = [sentences.of(&own), sentences.of(tag)];
        if !lists[1].is_empty() && chance(dice, IN_LANGUAGE) {
            for list in lists.into_iter().filter(|list| !list.is_empty()) {
                native.push(' ');
                fill(pick(dice, list), subject, &mut native, dice);
            }
        }
    }
    let mut walks = [Walk::through(own, dice), Walk::through(any, dice)];
    for turn in 0.. {
        // Two of its kind, then one that fits every kind; from the start again when all are used.
        let sentence = walks[usize::from(turn % 3 == 2)].next();
        if characters(said.len() + native.len() + sentence.len() / 2) > length {
            break;
        }
        said.push(' ');
        fill(sentence, subject, &mut said, dice);
    }
    said + &native
}

/// An invented program's name, e.g. "Project Lantern".
pub(super) fn program(dice: &mut Dice) -> String {
    let words = words();
    let frame = pick(dice, words.of("frame"));
    frame.replace('*', pick(dice, words.of("thing")))
}

/// A walk through a list in an order of its own that comes by everything before anything again.
struct Walk<'a> {
    list: &'a [&'static str],
    at: usize,
    step: usize,
}

impl<'a> Walk<'a> {
    fn through(list: &'a [&'static str], dice: &mut Dice) -> Self {
        let mut step = dice.random_range(1..list.len().max(2));
        while common_divisor(step, list.len()) > 1 {
            step -= 1;
        }
        Self {
            list,
            at: dice.random_range(0..list.len().max(1)),
            step,
        }
    }

    fn next(&mut self) -> &'static str {
        self.at = (self.at + self.step) % self.list.len();
        self.list[self.at]
    }
}

/// Euclid's.
fn common_divisor(one: usize, other: usize) -> usize {
    if other == 0 {
        one
    } else {
        common_divisor(other, one % other)
    }
}

fn characters(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX))
}

/// Writes the sentence with its gaps filled.
fn fill(sentence: &str, subject: Subject<'_>, said: &mut String, dice: &mut Dice) {
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        let (gap, after) = after.split_once('}').unwrap_or((after, ""));
        match gap {
            "place" => said.push_str(subject.place),
            "city" => said.push_str(subject.city),
            "program" => said.push_str(&program(dice)),
            "partner" => said.push_str(&names::compound(dice)),
            "street" => said.push_str(&location::way(dice)),
            "number" => {
                let number = *weighted(dice, &[(0.7, 40), (0.3, 900)]);
                // Writing to a string cannot fail.
                let _ = write!(said, "{}", dice.random_range(2..number));
            }
            slot => said.push_str(pick(dice, words().of(slot))),
        }
        rest = after;
    }
    said.push_str(rest);
}

/// Lists by key.
#[derive(Debug)]
struct Lists(HashMap<&'static str, Vec<&'static str>>);

impl Lists {
    fn of(&self, key: &str) -> &[&'static str] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}

fn words() -> &'static Lists {
    static WORDS: OnceLock<Lists> = OnceLock::new();
    WORDS.get_or_init(|| {
        let lines = include_str!("words.tsv").lines().skip(1);
        let slots = lines.filter_map(|line| line.split_once('\t'));
        Lists(
            slots
                .map(|(slot, words)| (slot, words.split(';').collect()))
                .collect(),
        )
    })
}

/// Sentences of this module and those every synthetic network uses, by kind, "any" or language.
fn sentences() -> &'static Lists {
    static SENTENCES: OnceLock<Lists> = OnceLock::new();
    SENTENCES.get_or_init(|| {
        let tables = [
            include_str!("sentences.tsv"),
            include_str!("../invented/sentences.tsv"),
        ];
        let lines = tables.iter().flat_map(|table| table.lines().skip(1));
        let mut lists = Lists(HashMap::new());
        for (key, sentence) in lines.filter_map(|line| line.split_once('\t')) {
            lists.0.entry(key).or_default().push(sentence);
        }
        lists
    })
}

/// The kind's name in the tables.
pub(super) fn key(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::ImmigrationLegal => "immigration",
        ServiceKind::OtherLegal => "legal",
        ServiceKind::MentalHealth => "mental",
        ServiceKind::Housing => "housing",
        ServiceKind::Vocational => "work",
        ServiceKind::Health => "health",
        ServiceKind::BasicNeeds => "needs",
        ServiceKind::CaseManagement => "cases",
        ServiceKind::Reintegration => "return",
        ServiceKind::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invented::dice::seeded;

    #[test]
    fn every_gap_of_every_sentence_can_be_filled() {
        let mut dice = seeded(1);
        for sentence in sentences().0.values().flatten() {
            let subject = Subject {
                kind: ServiceKind::Other,
                title: "Title",
                place: "Frio County, TX",
                city: "Dilley",
                spoken: &[],
            };
            let mut said = String::new();
            fill(sentence, subject, &mut said, &mut dice);

            assert!(!said.contains(['{', '}']) && !said.is_empty(), "{sentence}");
        }
    }

    #[test]
    fn every_kind_has_sentences_and_its_name_is_the_tables() {
        for kind in ServiceKind::ALL {
            assert_eq!(ServiceKind::parse(key(kind)), Some(kind));
            assert!(sentences().of(key(kind)).len() > 5, "{kind:?}");
        }
    }
}
