//! The fixed texts of the pages, from the files in `texts/`, compiled in.

use referral_runtime::texts::{Compiled, Value};

static ENGLISH: Compiled = Compiled::new("en", include_str!("../../texts/en.ftl"));

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
    use std::path::Path;

    use referral_runtime::texts::{Source, audit, fixed_words, sources};

    use super::*;

    /// Beginnings of keys that are put together.
    const FAMILIES: &[&str] = &["state-", "free-", "span-", "kind-"];

    fn found_in(folders: &[&str]) -> Vec<(String, String)> {
        sources(Path::new(env!("CARGO_MANIFEST_DIR")), folders).unwrap()
    }

    fn as_sources(files: &[(String, String)]) -> Vec<Source<'_>> {
        let sources = files.iter().map(|(name, text)| Source { name, text });
        sources.collect()
    }

    #[test]
    fn every_text_a_page_says_is_there_and_every_text_is_said() {
        let pages = found_in(&["templates", "src/page"]);

        let wrong = audit(&[ENGLISH.file()], &as_sources(&pages), FAMILIES);

        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn no_template_has_words_of_its_own() {
        let pages = found_in(&["templates"]);

        assert_eq!(fixed_words(&as_sources(&pages)), Vec::<String>::new());
    }
}
