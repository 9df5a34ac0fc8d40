//! Names that pose as others are caught, every one of a corpus; real names in sixty languages are not.

use std::collections::HashMap;

use referral_core::lookalike::{poses_as, skeleton, suspicion};
use referral_core::text::{Name, fold};

/// How it poses, the name, what poses as it.
fn posing() -> Vec<(&'static str, &'static str, String)> {
    let lines = include_str!("data/confusables.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let rows = lines.filter_map(|line| {
        let (how, rest) = line.split_once('\t')?;
        let (name, posing) = rest.split_once('\t')?;
        Some((how, name, unescaped(posing)?))
    });
    rows.collect()
}

fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split("\\u{");
    let mut whole = parts.next()?.to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}')?;
        whole.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        whole.push_str(rest);
    }
    Some(whole)
}

fn real() -> Vec<&'static str> {
    let lines = include_str!("data/names.tsv").lines();
    let rows = lines.filter_map(|line| line.split_once('\t'));
    rows.map(|(_, name)| name).collect()
}

#[test]
fn every_name_of_the_corpus_is_refused_or_held() {
    let corpus = posing();
    assert!(corpus.len() >= 200, "{}", corpus.len());

    let missed: Vec<_> = corpus
        .iter()
        .filter(|(_, name, posing)| {
            let caught = match Name::parse(posing) {
                Err(_) => true,
                Ok(parsed) => {
                    suspicion(parsed.as_str()).is_some() || poses_as(parsed.as_str(), name)
                }
            };
            !caught
        })
        .collect();

    assert_eq!(missed, [] as [&(&str, &str, String); 0]);
}

#[test]
fn no_real_name_is_refused_or_suspected() {
    let names = real();
    assert!(names.len() >= 5_000, "{}", names.len());

    let hit: Vec<_> = names
        .iter()
        .filter(|name| {
            let parsed = Name::parse(name);
            !parsed.is_ok_and(|name| suspicion(name.as_str()).is_none())
        })
        .collect();

    assert_eq!(hit, [] as [&&str; 0]);
}

#[test]
fn no_two_real_names_of_one_language_are_taken_for_each_other() {
    let lines = include_str!("data/names.tsv").lines();
    let rows = lines.filter_map(|line| line.split_once('\t'));
    let mut seen: HashMap<(&str, String), &str> = HashMap::new();
    let mut hit = Vec::new();
    for (language, name) in rows {
        let other = seen.entry((language, skeleton(name))).or_insert(name);
        if fold(other) != fold(name) {
            hit.push((*other, name));
        }
    }

    assert_eq!(hit, []);
}
