//! Languages a provider works in, and how.

use std::fmt;

use crate::text::{Name, Text};

/// A language tag (BCP 47, RFC 5646) in its usual case, e.g. `es`, `ht`, `zh-Hant`, `mam`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LanguageTag(String);

/// Text that is no language tag. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language is named by its tag, such as es, ht or zh-Hant")]
pub struct InvalidLanguage;

impl LanguageTag {
    /// Reads a tag: a primary language of 2 or 3 letters, then subtags of 1 to 8 letters or digits.
    /// Whether the language exists is not checked: unknown tags survive.
    ///
    /// # Errors
    /// [`InvalidLanguage`] for any other shape, or over 35 characters.
    pub fn parse(text: &str) -> Result<Self, InvalidLanguage> {
        let text = text.trim().replace('_', "-");
        let mut parts = text.split('-');
        let primary = parts.next().unwrap_or_default();
        let letters =
            (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
        let subtag = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        if !letters || !parts.clone().all(subtag) || text.len() > 35 {
            return Err(InvalidLanguage);
        }
        let mut tag = primary.to_ascii_lowercase();
        for part in parts {
            tag.push('-');
            tag.push_str(&usual_case(part));
        }
        Ok(Self(tag))
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The primary language alone, e.g. `zh` of `zh-Hant`: how searches compare.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a language is available (vocabulary class `lang`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LanguageMode {
    /// The publisher names the language and not how.
    #[default]
    Unstated,
    /// Staff speak it (`lang:staff`).
    Staff,
    /// An interpreter on site (`lang:ionsite`).
    InterpreterOnSite,
    /// An interpreter by phone (`lang:iphone`).
    InterpreterByPhone,
    /// Translated documents (`lang:docs`).
    Documents,
    /// Answered on a given phone or message channel (`lang:chan`).
    Channel,
}

/// A language a service, location or phone line works in (HSDS language).
#[derive(Clone, Debug, PartialEq)]
pub struct Language {
    /// Which.
    pub tag: LanguageTag,
    /// How.
    pub mode: LanguageMode,
    /// The language's name as published.
    pub name: Option<Name>,
    /// A note, e.g. "by appointment".
    pub note: Option<Text>,
}

/// Scripts are written Xxxx, regions XX, the rest lower case (RFC 5646, section 2.1.1).
fn usual_case(part: &str) -> String {
    let lower = part.to_ascii_lowercase();
    let letters = part.bytes().all(|b| b.is_ascii_alphabetic());
    match part.len() {
        4 if letters => lower[..1].to_ascii_uppercase() + &lower[1..],
        2 if letters => lower.to_ascii_uppercase(),
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_kept_in_their_usual_case() {
        for (text, tag) in [
            ("ES", "es"),
            ("zh_hant", "zh-Hant"),
            ("pt-br", "pt-BR"),
            ("mam", "mam"),
        ] {
            assert_eq!(LanguageTag::parse(text).unwrap().as_str(), tag);
        }
        for wrong in ["", "e", "Spanish", "es-", "es-MX-toolongsubtag"] {
            assert_eq!(LanguageTag::parse(wrong), Err(InvalidLanguage), "{wrong}");
        }
    }
}
