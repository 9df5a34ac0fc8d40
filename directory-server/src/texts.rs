//! The fixed texts of the pages, from the files in `texts/`, compiled in. What the command line and the services
//! say with the same words, they take from here too.

use std::sync::LazyLock;

use referral_runtime::texts::{Texts, Value};

const ENGLISH: &str = include_str!("../texts/en.ftl");

static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    #[expect(
        clippy::expect_used,
        reason = "the file is compiled in, and a test reads it"
    )]
    Texts::read("en", ENGLISH).expect("the English texts")
});

/// The English text with this key.
pub(crate) fn say(key: &str) -> String {
    TEXTS.say(key)
}

/// The English text with this key and values in its places.
pub(crate) fn tell(key: &str, values: &[(&'static str, Value<'_>)]) -> String {
    TEXTS.tell(key, values)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use referral_runtime::texts::{Source, audit, fixed_words};

    use super::*;
    use crate::web::handout;

    /// Beginnings of keys that are put together.
    const FAMILIES: &[&str] = &[
        "operator-done-",
        "choice-",
        "alerts-",
        "amount-free-",
        "unit-",
    ];
    /// The same in the files of the hand-out.
    const HANDOUT_FAMILIES: &[&str] = &["need-", "language-", "month-", "day-", "state-"];

    fn files(folder: &Path, found: &mut Vec<(String, String)>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                files(&path, found);
            } else {
                found.push((
                    path.display().to_string(),
                    fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }

    #[test]
    fn every_text_a_page_says_is_there_and_every_text_is_said() {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut pages = Vec::new();
        files(&home.join("templates"), &mut pages);
        files(&home.join("src/web"), &mut pages);
        files(&home.join("src/operations"), &mut pages);
        let sources: Vec<Source<'_>> = pages
            .iter()
            .map(|(name, text)| Source { name, text })
            .collect();

        let (handout, pages): (Vec<_>, Vec<_>) =
            sources.into_iter().partition(|source| is_handout(source));

        let of_pages = audit(&[("en", ENGLISH)], &pages, FAMILIES);
        let files = handout::languages::FILES.map(|(code, _, file)| (code, file));
        let of_handouts = audit(&files, &handout, HANDOUT_FAMILIES);

        assert_eq!(of_pages, Vec::<String>::new());
        assert_eq!(of_handouts, Vec::<String>::new());
    }

    #[test]
    fn no_template_has_words_of_its_own() {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut pages = Vec::new();
        files(&home.join("templates"), &mut pages);
        let sources = pages.iter().map(|(name, text)| Source { name, text });
        let sources: Vec<Source<'_>> = sources.collect();

        assert_eq!(fixed_words(&sources), Vec::<String>::new());
    }

    /// The hand-out alone speaks other languages: the page that leads to it is in English.
    fn is_handout(source: &Source<'_>) -> bool {
        source.name.ends_with("templates/handout.html") || source.name.contains("src/web/handout/")
    }
}
