//! What a code is called on pages, in reasons and on the command line: the vocabulary's definition without its notes
//! to publishers, spelled as readers in the United States spell.
//!
//! Start at [`meaning`], and [`valued`] for a code that says more by its value. The vocabulary itself stays as it is:
//! searches read it too.

use std::collections::HashMap;
use std::sync::LazyLock;

use referral_core::vocabulary::{Code, entries, entry};

use crate::{say, tell};

/// Ends of definitions that speak to publishers.
const NOTES: [&str; 11] = [
    " (value list)",
    " (value)",
    " (ISO 3166)",
    " (BCP-47 tag, ISO 639-3 where needed)",
    " (tier 2: at least 12)",
    " (set by timer)",
    ", yes or no",
    "; treat as dated and urgent",
    "; must never match a court case type",
    "; gives capacity",
    ": none, e-mail, ticket",
];
/// How a note begins that says what a value is.
const VALUE: &str = " (value: ";
/// Spellings of the vocabulary, and those of readers in the United States.
const SPELLINGS: [(&str, &str); 10] = [
    ("defence", "defense"),
    ("programme", "program"),
    ("licence", "license"),
    ("enrolment", "enrollment"),
    ("may enrol ", "may enroll "),
    ("recognised", "recognized"),
    ("organisation", "organization"),
    ("authorisation", "authorization"),
    ("naturalisation", "naturalization"),
    ("counselling", "counseling"),
];

/// What a code means; a publisher's own term as it is written.
pub(crate) fn meaning(code: &Code) -> String {
    match code.as_str() {
        "cust:rel" => say("code-released"),
        "el:arr" => say("about-months"),
        "el:dead" => say("about-deadline"),
        "el:stat" => say("about-immigration"),
        "place:dock" => say("code-docket"),
        of_vocabulary => match MEANINGS.get(of_vocabulary) {
            Some(meaning) => meaning.clone(),
            None => code.value().replace('-', " "),
        },
    }
}

/// What every code of the vocabulary means: each is said many times in every answer.
static MEANINGS: LazyLock<HashMap<&str, String>> = LazyLock::new(|| {
    let meanings = entries().iter();
    meanings
        .map(|entry| {
            let meaning = american(without_notes(entry.definition).0);
            (entry.code.as_str(), meaning)
        })
        .collect()
});

/// What a code means with its value: "planned length in months: 12", "released within the last 30 days".
pub(crate) fn valued(code: &Code, value: &str) -> String {
    let said = [("value", value.to_owned().into())];
    let number = value.trim().parse::<u32>().is_ok();
    match (code.as_str(), number) {
        ("cust:rel", true) => return tell("code-released-days", &said),
        ("el:arr", true) => return tell("code-arrived-months", &said),
        ("el:dead", true) => return tell("code-deadline-days", &said),
        _ => {}
    }
    let unit = entry(code).and_then(|entry| without_notes(entry.definition).1);
    let value = match unit {
        Some("months") if number => tell("code-months", &said),
        Some("percent of poverty line") if number => tell("code-percent", &said),
        _ => value.to_owned(),
    };
    format!("{}: {value}", meaning(code))
}

/// True where a code says nothing without its value.
pub(crate) fn needs_value(code: &Code) -> bool {
    entry(code).is_some_and(|entry| entry.definition.ends_with(" (value list)"))
}

/// A definition without its note, and what the note says a value is.
fn without_notes(definition: &str) -> (&str, Option<&str>) {
    if let Some((before, note)) = definition.split_once(VALUE) {
        return (before, Some(note.trim_end_matches(')')));
    }
    let mut notes = NOTES.iter();
    let said = notes.find_map(|note| definition.strip_suffix(note));
    (said.unwrap_or(definition), None)
}

fn american(words: &str) -> String {
    let mut words = words.to_owned();
    for (theirs, ours) in SPELLINGS {
        words = words.replace(theirs, ours);
    }
    words
}

#[cfg(test)]
mod tests {
    use referral_core::vocabulary::entries;

    use super::*;

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    #[test]
    fn no_code_is_called_by_a_note_to_publishers() {
        for entry in entries() {
            let said = meaning(&entry.code);
            for note in [
                "value",
                "ISO ",
                "BCP",
                "at least 12",
                "timer",
                "yes or no",
                " N ",
                "treat as",
                "must never",
                "capacity",
                ": none,",
            ] {
                let own = ["declined: no capacity"];
                let leaks = said.contains(note) && !own.contains(&said.as_str());
                assert!(!leaks, "{}: {said}", entry.code);
            }
        }
    }

    #[test]
    fn codes_are_spelled_as_in_the_united_states() {
        for entry in entries() {
            let said = meaning(&entry.code);
            for british in [
                "defence",
                "programme",
                "licence",
                "enrol ",
                "enrolment",
                "isation",
                "ognised",
                "counselling",
                "centre",
                "colour",
            ] {
                assert!(!said.contains(british), "{}: {said}", entry.code);
            }
        }
    }

    #[test]
    fn a_value_is_said_with_its_unit() {
        for (of, value, said) in [
            (
                "cust:rel",
                "30",
                "released from custody within the last 30 days",
            ),
            (
                "fee:inc",
                "250",
                "income ceiling applies: 250 % of the poverty line",
            ),
            ("rr:reint", "12", "reintegration follow-up: 12 months"),
            (
                "place:court",
                "Baltimore",
                "immigration courts served: Baltimore",
            ),
            ("ho:stay", "90", "longest stay in days: 90"),
            (
                "cm:indep",
                "yes",
                "independent of enforcement reporting: yes",
            ),
            ("x-aid:night-buses", "two", "night buses: two"),
        ] {
            assert_eq!(valued(&code(of), value), said);
        }
    }
}
