//! The fixed texts of the pages, from the files in `texts/`, compiled in.

use std::sync::LazyLock;

use referral_runtime::texts::{Texts, Value};

const ENGLISH: &str = include_str!("../../texts/en.ftl");

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

    /// Beginnings of keys that are put together.
    const FAMILIES: &[&str] = &["state-", "free-", "span-", "kind-"];

    fn files(folder: &Path, found: &mut Vec<(String, String)>) {
        let entries = fs::read_dir(folder).unwrap();
        let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                files(&path, found);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.display().to_string(), text));
            }
        }
    }

    #[test]
    fn every_text_a_page_says_is_there_and_every_text_is_said() {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut pages = Vec::new();
        files(&home.join("templates"), &mut pages);
        files(&home.join("src/page"), &mut pages);
        let sources = pages.iter().map(|(name, text)| Source { name, text });
        let sources: Vec<Source<'_>> = sources.collect();

        let wrong = audit(&[("en", ENGLISH)], &sources, FAMILIES);

        assert_eq!(wrong, Vec::<String>::new());
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
}
