//! Languages: by tag, by name, and out of free text where it is certain.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::graph::{Graph, Ref};
use super::issue::{Cause, Ledger};
use super::reading::{Reading, says_nothing};
use super::{Entity, Row};
use crate::catalog::{Language, LanguageMode, LanguageTag};
use crate::text::{Name, Text, fold};

/// The languages of an object, each once.
pub(super) fn languages(graph: &Graph, of: &Ref, ledger: &mut Ledger) -> Vec<Language> {
    let (languages, unknown) = known_and_unknown(graph, of, ledger);
    for row in unknown {
        ledger.refuse(row, "name", not_known());
    }
    languages
}

/// The languages of a service, each once, and what its language rows say that names no language.
pub(super) fn of_service(
    graph: &Graph,
    of: &Ref,
    ledger: &mut Ledger,
) -> (Vec<Language>, Vec<String>) {
    let (languages, unknown) = known_and_unknown(graph, of, ledger);
    let words = unknown
        .into_iter()
        .filter_map(|row| Reading::new(row, ledger).word("name"))
        .collect();
    (languages, words)
}

fn known_and_unknown<'a>(
    graph: &'a Graph,
    of: &Ref,
    ledger: &mut Ledger,
) -> (Vec<Language>, Vec<&'a Row>) {
    let mut languages = Vec::new();
    let mut unknown = Vec::new();
    for row in graph.children(of, Entity::Language) {
        match language(&mut Reading::new(row, ledger)) {
            Some(language) if !languages.contains(&language) => languages.push(language),
            Some(_) => {}
            None => unknown.push(row),
        }
    }
    (languages, unknown)
}

/// What a free text such as "Spanish, ASL." names for certain, and what it says beyond that: the whole
/// text where anything in it is more than a list of languages.
pub(super) fn from_words(reading: &mut Reading<'_>, field: &str) -> (Vec<Language>, Option<Text>) {
    let Some(words) = reading.word(field).filter(|words| !says_nothing(words)) else {
        return (Vec::new(), None);
    };
    let mut certain: Vec<Language> = Vec::new();
    let mut understood = true;
    for part in parts(&words) {
        match tag_of_name(&part) {
            Some(tag) if certain.iter().all(|known| known.tag != tag) => certain.push(Language {
                name: Name::parse(&part).ok(),
                tag,
                mode: LanguageMode::Unstated,
                note: None,
            }),
            Some(_) => {}
            None => understood = false,
        }
    }
    if says_no(&words) {
        certain.clear();
        understood = false;
    }
    let rest = if understood {
        None
    } else {
        reading.text(field)
    };
    (certain, rest)
}

fn language(reading: &mut Reading<'_>) -> Option<Language> {
    let code = reading.word("code");
    let name = reading.word("name");
    let tag = code
        .as_deref()
        .and_then(tag_of)
        .or_else(|| name.as_deref().and_then(tag_of))
        .or_else(|| LanguageTag::parse(code.as_deref()?).ok())?;
    Some(Language {
        tag,
        mode: mode(reading),
        name: reading.name("name"),
        note: reading.text("note"),
    })
}

fn mode(reading: &mut Reading<'_>) -> LanguageMode {
    let Some(word) = reading.word("mode") else {
        return LanguageMode::Unstated;
    };
    match word.trim_start_matches("lang:") {
        "staff" => LanguageMode::Staff,
        "ionsite" => LanguageMode::InterpreterOnSite,
        "iphone" => LanguageMode::InterpreterByPhone,
        "docs" => LanguageMode::Documents,
        "chan" => LanguageMode::Channel,
        _ => {
            reading.repair(
                "mode",
                "language_mode_unknown",
                "left out: staff, ionsite, iphone, docs or chan",
            );
            LanguageMode::Unstated
        }
    }
}

/// The tag of a language's name, of its ISO 639-2 or 639-3 code, or of a listed tag.
fn tag_of(word: &str) -> Option<LanguageTag> {
    names().get(fold(word).as_str()).cloned()
}

/// The tag of a language's name alone: in free text "may" is no Malay.
fn tag_of_name(word: &str) -> Option<LanguageTag> {
    let folded = fold(word);
    let is_name = proper_names().contains(folded.as_str());
    is_name.then(|| tag_of(word)).flatten()
}

/// The parts of a list: `Spanish, French and ASL.` has three.
fn parts(words: &str) -> Vec<String> {
    let words = words.replace("A.S.L.", "ASL");
    words
        .split([',', ';', '&', '.', '/'])
        .flat_map(|part| part.split(" and "))
        .map(|part| part.trim().trim_start_matches("and ").to_owned())
        .filter(|part| !fold(part).is_empty())
        .collect()
}

fn says_no(words: &str) -> bool {
    const NO: [&str; 6] = ["no", "not", "none", "except", "without", "cannot"];
    fold(words).split(' ').any(|word| NO.contains(&word))
}

fn not_known() -> Cause {
    Cause::new(
        "language_unknown",
        "no language of this name or tag is known: give its tag, such as es or quc",
    )
}

fn names() -> &'static HashMap<String, LanguageTag> {
    static NAMES: OnceLock<HashMap<String, LanguageTag>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut by_name = HashMap::new();
        for line in include_str!("languages.tsv").lines().skip(1) {
            let Some((tag, names)) = line.split_once('\t') else {
                continue;
            };
            let Ok(parsed) = LanguageTag::parse(tag) else {
                continue;
            };
            for name in names.split(';').chain([tag]) {
                by_name.insert(fold(name), parsed.clone());
            }
        }
        by_name
    })
}

/// The names of the list, which are written with a capital; the rest are codes.
fn proper_names() -> &'static HashSet<String> {
    static PROPER: OnceLock<HashSet<String>> = OnceLock::new();
    PROPER.get_or_init(|| {
        let lines = include_str!("languages.tsv").lines().skip(1);
        lines
            .filter_map(|line| line.split_once('\t'))
            .flat_map(|(_, names)| names.split(';'))
            .filter(|name| name.starts_with(char::is_uppercase))
            .map(fold)
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hsds::Origin;

    fn understood(words: &str) -> (Vec<String>, Option<String>) {
        let origin = Origin {
            file: "services.csv".into(),
            row: "2".to_owned(),
        };
        let mut row = Row::new(Entity::Service, origin);
        row.set("languages", words);
        let mut ledger = Ledger::default();
        let (languages, rest) = from_words(&mut Reading::new(&row, &mut ledger), "languages");
        let tags = languages.iter().map(|l| l.tag.to_string()).collect();
        (tags, rest.map(|rest| rest.to_string()))
    }

    #[test]
    fn a_list_of_languages_is_understood() {
        for (words, tags) in [
            ("Spanish.", vec!["es"]),
            ("Spanish, ASL.", vec!["es", "ase"]),
            ("A.S.L.", vec!["ase"]),
            ("Spanish and Haitian Creole.", vec!["es", "ht"]),
            ("Russian, Yiddish and Hebrew", vec!["ru", "yi", "he"]),
            (
                "ASL, Spanish, Russian & French.",
                vec!["ase", "es", "ru", "fr"],
            ),
        ] {
            let tags = tags.into_iter().map(str::to_owned).collect();
            assert_eq!(understood(words), (tags, None), "{words}");
        }
    }

    #[test]
    fn what_is_not_certain_stays_as_words() {
        for (words, tags) in [
            ("Accommodations possible.", vec![]),
            ("Language Line.", vec![]),
            ("Limited Spanish.", vec![]),
            ("No Spanish, French", vec![]),
            ("Spanish. Accommodations possible.", vec!["es"]),
            ("Spanish, Language line.", vec!["es"]),
            ("Spanish, may/am", vec!["es"]),
        ] {
            let tags: Vec<String> = tags.into_iter().map(str::to_owned).collect();
            assert_eq!(understood(words), (tags, Some(words.to_owned())), "{words}");
        }
        assert_eq!(understood("None."), (vec![], None));
    }

    #[test]
    fn every_listed_language_has_a_tag_and_no_name_twice() {
        let mut seen = std::collections::HashSet::new();
        for line in include_str!("languages.tsv").lines().skip(1) {
            let (tag, list) = line.split_once('\t').unwrap();
            assert!(LanguageTag::parse(tag).is_ok(), "{tag}");
            for name in list.split(';') {
                assert!(seen.insert(fold(name)), "{name}");
            }
        }
    }
}
