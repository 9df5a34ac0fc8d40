//! The fixed texts of the pages, from the files in `texts/`, compiled in. What the command line and the services
//! say with the same words, they take from here too.

use referral_runtime::texts::{Compiled, Value};

static ENGLISH: Compiled = Compiled::new("en", include_str!("../texts/en.ftl"));

/// The English text with this key.
pub(crate) fn say(key: &str) -> String {
    ENGLISH.say(key)
}

/// The English text with this key and values in its places.
pub(crate) fn tell(key: &str, values: &[(&'static str, Value<'_>)]) -> String {
    ENGLISH.tell(key, values)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use referral_runtime::texts::{Source, audit, codes_given, codes_of, fixed_words, sources};

    use super::*;
    use crate::web::handout;

    /// Beginnings of keys that are put together.
    const FAMILIES: &[&str] = &[
        "operator-done-",
        "choice-",
        "alerts-",
        "amount-free-",
        "unit-",
        "wrong-",
        "who-",
    ];
    /// The same in the files of the hand-out.
    const HANDOUT_FAMILIES: &[&str] = &["need-", "language-", "month-", "day-", "state-"];
    /// What may be wrong with a search or a question: where the reasons are that go by their codes alone.
    const REASONS: [(&str, &str); 8] = [
        ("core/src/search/need.rs", "InvalidNeed"),
        ("core/src/search/circumstances.rs", "InvalidCircumstance"),
        ("core/src/search/filter.rs", "InvalidFilter"),
        ("core/src/search/request.rs", "InvalidRequest"),
        ("core/src/search/cursor.rs", "InvalidCursor"),
        ("core/src/coverage/question.rs", "InvalidQuestion"),
        ("core/src/places.rs", "UnknownPlace"),
        ("gazetteer/src/unresolved.rs", "Unresolved"),
    ];
    /// Where reasons are given with a code, and how.
    const GIVEN: [(&str, &str); 2] = [
        ("core/src/search/query.rs", "refuse("),
        ("core/src/coverage/query.rs", "refuse("),
    ];

    fn home() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    fn as_sources(files: &[(String, String)]) -> Vec<Source<'_>> {
        let sources = files.iter().map(|(name, text)| Source { name, text });
        sources.collect()
    }

    #[test]
    fn every_text_a_page_says_is_there_and_every_text_is_said() {
        let folders = ["templates", "src/web", "src/operations"];
        let pages = sources(home(), &folders).unwrap();

        let (handout, pages): (Vec<_>, Vec<_>) =
            as_sources(&pages).into_iter().partition(is_handout);

        let of_pages = audit(&[ENGLISH.file()], &pages, FAMILIES);
        let files = handout::languages::FILES.map(|(code, _, file)| (code, file));
        let of_handouts = audit(&files, &handout, HANDOUT_FAMILIES);

        assert_eq!(of_pages, Vec::<String>::new());
        assert_eq!(of_handouts, Vec::<String>::new());
    }

    #[test]
    fn no_template_has_words_of_its_own() {
        let pages = sources(home(), &["templates"]).unwrap();

        assert_eq!(fixed_words(&as_sources(&pages)), Vec::<String>::new());
    }

    #[test]
    fn every_reason_has_words_and_every_word_a_reason() {
        let file = |path: &str| fs::read_to_string(home().join("..").join(path)).unwrap();
        let mut codes: BTreeSet<String> = BTreeSet::new();
        let mut known = |of: &str, found: Vec<&str>| {
            assert!(!found.is_empty(), "no codes in {of}");
            codes.extend(found.into_iter().map(str::to_owned));
        };
        for (path, name) in REASONS {
            known(path, codes_of(&file(path), name));
        }
        for (path, call) in GIVEN {
            known(path, codes_given(&file(path), call, 1));
        }
        let pages = sources(home(), &["src/web"]).unwrap();
        for call in [
            "Wrong::of(",
            "self.refuse(",
            "form.refuse(",
            "checked.refuse(",
        ] {
            let given = pages
                .iter()
                .flat_map(|(_, text)| codes_given(text, call, 1));
            known(call, given.collect());
        }

        let wanted: BTreeSet<String> = codes
            .iter()
            .map(|code| format!("wrong-{}", code.replace('_', "-")))
            .collect();
        let lines = ENGLISH.file().1.lines();
        let keys = lines.filter_map(|line| line.split_once(" = "));
        let keys: BTreeSet<String> = keys
            .map(|(key, _)| key.to_owned())
            .filter(|key| key.starts_with("wrong-"))
            .collect();
        assert_eq!(wanted, keys);
    }

    /// The hand-out alone speaks other languages: the page that leads to it is in English.
    fn is_handout(source: &Source<'_>) -> bool {
        source.name.ends_with("templates/handout.html") || source.name.contains("src/web/handout/")
    }
}
