//! The fixed texts of pages: one Fluent file a language, read once, said by key.
//!
//! Start at [`Compiled`], a file that is part of a program, and [`Texts::read`]. A page asks with [`Texts::say`], or
//! with [`Texts::tell`] where a text has places for values. [`audit`], [`fixed_words`], [`codes_of`] and
//! [`codes_given`] are for tests: they find keys that a file lacks, that nothing uses, places that differ between
//! languages, words that templates have of their own, and reasons without words. Nothing here formats numbers, dates
//! or distances.

mod audit;
mod codes;
mod compiled;
mod scan;

use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::{CharacterDirection, LanguageIdentifier};

pub use audit::{Source, audit};
pub use codes::{codes_given, codes_of};
pub use compiled::{Compiled, sources};
pub use fluent_bundle::FluentValue as Value;
pub use scan::fixed_words;

/// The fixed texts in one language.
pub struct Texts {
    language: LanguageIdentifier,
    bundle: FluentBundle<FluentResource>,
}

/// Texts that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTexts {
    /// The language has no such code.
    #[error("{0} is not the code of a language: write one like en, es or ht")]
    Language(String),
    /// The file is not Fluent.
    #[error("the texts in {language}: {reason}")]
    Unreadable {
        /// The code of the language.
        language: String,
        /// Where and what.
        reason: String,
    },
}

impl Texts {
    /// The texts of a file.
    ///
    /// * `language` — its code, as BCP 47 has it: `en`, `ar`.
    /// * `file` — what is in the file, in Fluent's syntax.
    ///
    /// # Errors
    /// [`InvalidTexts`].
    pub fn read(language: &str, file: &str) -> Result<Self, InvalidTexts> {
        let language: LanguageIdentifier = language
            .parse()
            .map_err(|_| InvalidTexts::Language(language.to_owned()))?;
        let unreadable = |reason: String| InvalidTexts::Unreadable {
            language: language.to_string(),
            reason,
        };
        let resource = FluentResource::try_new(file.to_owned())
            .map_err(|(_, faults)| unreadable(all(&faults)))?;
        let mut bundle = FluentBundle::new_concurrent(vec![language.clone()]);
        // Marks around values keep names in Latin letters in place within a text from right to left.
        bundle.set_use_isolating(is_right_to_left(&language));
        bundle
            .add_resource(resource)
            .map_err(|faults| unreadable(all(&faults)))?;
        Ok(Self { language, bundle })
    }

    /// The code of the language, for `lang`.
    #[must_use]
    pub fn language(&self) -> String {
        self.language.to_string()
    }

    /// The direction of writing, for `dir`: `ltr` or `rtl`.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        if is_right_to_left(&self.language) {
            "rtl"
        } else {
            "ltr"
        }
    }

    /// The text with this key.
    ///
    /// A key that the file lacks is said itself, and logged: [`audit`] finds it before anybody reads it.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text with this key and values in its places.
    ///
    /// * `values` — the name of a place and what stands there, such as `("count", 3.into())`.
    #[must_use]
    pub fn tell(&self, key: &str, values: &[(&'static str, Value<'_>)]) -> String {
        self.format(key, Some(&arguments(values)))
    }

    /// The text with this key and values in its places; `None`: there is none, or it has a place without a value.
    /// For keys and values that come from elsewhere, such as a newer program.
    #[must_use]
    pub fn find<'a>(&self, key: &str, values: &[(&'a str, Value<'a>)]) -> Option<String> {
        let (text, whole) = self.formatted(key, Some(&arguments(values)))?;
        whole.then_some(text)
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some((text, whole)) = self.formatted(key, args) else {
            tracing::error!(key, language = %self.language, "a fixed text is missing");
            return key.to_owned();
        };
        if !whole {
            tracing::error!(key, language = %self.language, "a fixed text lacks a value");
        }
        text
    }

    /// The text, and whether every place in it has a value.
    fn formatted(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<(String, bool)> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut faults = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut faults);
        Some((text.into_owned(), faults.is_empty()))
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Texts({})", self.language)
    }
}

fn is_right_to_left(language: &LanguageIdentifier) -> bool {
    language.character_direction() == CharacterDirection::RTL
}

fn all(faults: &[impl fmt::Display]) -> String {
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    faults.join("; ")
}

fn arguments<'a>(values: &[(&'a str, Value<'a>)]) -> FluentArgs<'a> {
    let each = values.iter();
    each.map(|(name, value)| (*name, value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "greeting = Welcome\nfound = { $count ->\n    [one] One service\n   *[other] { $count } services\n}\n";

    #[test]
    fn a_text_is_said_with_its_values_and_the_plural_of_its_language() {
        let texts = Texts::read("en", ENGLISH).unwrap();

        assert_eq!(texts.say("greeting"), "Welcome");
        assert_eq!(texts.tell("found", &[("count", 1.into())]), "One service");
        assert_eq!(texts.tell("found", &[("count", 3.into())]), "3 services");
    }

    #[test]
    fn a_key_that_is_missing_is_said_itself() {
        let texts = Texts::read("en", ENGLISH).unwrap();

        assert_eq!(texts.say("farewell"), "farewell");
    }

    #[test]
    fn a_text_is_found_when_it_is_there_and_has_all_its_values() {
        let texts = Texts::read("en", ENGLISH).unwrap();

        let found = texts.find("found", &[("count", 3.into())]);

        assert_eq!(found.as_deref(), Some("3 services"));
        assert_eq!(texts.find("found", &[]), None);
        assert_eq!(texts.find("farewell", &[]), None);
    }

    #[test]
    fn the_direction_of_writing_is_the_languages() {
        for (language, direction) in [("en", "ltr"), ("ht", "ltr"), ("es", "ltr"), ("ar", "rtl")] {
            let texts = Texts::read(language, ENGLISH).unwrap();
            assert_eq!(texts.direction(), direction, "{language}");
        }
    }

    #[test]
    fn what_is_no_language_or_no_fluent_is_refused() {
        assert_eq!(
            Texts::read("", ENGLISH).unwrap_err(),
            InvalidTexts::Language(String::new())
        );
        let unreadable = Texts::read("en", "greeting Welcome\n").unwrap_err();
        assert!(matches!(unreadable, InvalidTexts::Unreadable { .. }));
        let twice = Texts::read("en", "a = One\na = Two\n").unwrap_err();
        assert!(matches!(twice, InvalidTexts::Unreadable { .. }));
    }
}
