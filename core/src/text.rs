//! Text as publishers write it, made safe to store and show; and text as people search it.
//!
//! [`Text`] and [`Name`] are the only strings of a listing. [`fold`] is the one definition of "the same
//! word": case, accents and punctuation do not count.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::lookalike;

/// Most bytes a text may have (one record is at most 64 KiB on the wire).
const TEXT_BYTES: usize = 60 * 1024;
/// Most characters a name may have.
const NAME_CHARS: usize = 300;
/// Most combining marks on one letter before text counts as defaced.
const MARKS_IN_A_ROW: usize = 8;

/// Free text of a listing: 1 byte to 60 KiB, trimmed, NFC, no control characters but line breaks and
/// tabs, none that reorder or hide text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(String);

/// A name: [`Text`] on one line, at most 300 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

/// Why a text was refused. Every variant is the sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but blanks.
    #[error("is empty")]
    Empty,
    /// Over the limit.
    #[error("is too long")]
    TooLong,
    /// NUL or another control character.
    #[error("contains a control character")]
    Control,
    /// Bidirectional overrides, tags or other characters that make text look like what it is not.
    #[error("contains a character that reorders or hides text")]
    Hidden,
    /// A name with a line break.
    #[error("must be on one line")]
    ManyLines,
    /// A pile of combining marks.
    #[error("has too many marks on one letter")]
    Defaced,
}

impl InvalidText {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "text_empty",
            Self::TooLong => "text_too_long",
            Self::Control => "text_control_character",
            Self::Hidden => "text_hidden_character",
            Self::ManyLines => "text_many_lines",
            Self::Defaced => "text_defaced",
        }
    }
}

impl Text {
    /// Reads free text; blanks around it are dropped and line ends become `\n`.
    ///
    /// # Errors
    /// [`InvalidText`] when nothing is left, when it is too long, or when it holds a character that
    /// has no place in a listing.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let trimmed = text.trim();
        let text = if trimmed.contains('\r') {
            composed(&trimmed.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            composed(trimmed)
        };
        check(&text)?;
        if text.len() > TEXT_BYTES {
            Err(InvalidText::TooLong)
        } else {
            Ok(Self(text))
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Name {
    /// Reads a name; blanks around it are dropped.
    ///
    /// # Errors
    /// [`InvalidText`] as for [`Text::parse`], and when it has several lines or over 300 characters.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = composed(text.trim());
        check(&text)?;
        if !text.is_ascii() && lookalike::hides(&text) {
            return Err(InvalidText::Hidden);
        }
        if text.contains(['\n', '\r', '\t']) {
            Err(InvalidText::ManyLines)
        } else if text.chars().count() > NAME_CHARS {
            Err(InvalidText::TooLong)
        } else {
            Ok(Self(text))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The words of `text` as people search them: lower case, accents dropped, runs of anything that is
/// no letter or digit as one blank.
#[must_use]
pub fn fold(text: &str) -> String {
    // Most text is plain: its letters have no accents to take apart.
    if text.is_ascii() {
        return words_of(text, text.chars().map(|c| c.to_ascii_lowercase()));
    }
    let letters = text.nfkd().filter(|c| !is_combining_mark(*c));
    words_of(text, letters.flat_map(char::to_lowercase))
}

fn words_of(text: &str, letters: impl Iterator<Item = char>) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in letters {
        if is_apostrophe(letter) {
            continue;
        }
        if letter.is_alphanumeric() {
            folded.push(letter);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The text in NFC, without breaks between words; plain text is so already.
fn composed(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    without_word_breaks(text).nfc().collect()
}

/// Without the zero-width spaces that Khmer, Lao, Burmese and Thai writers put between words, where a line may
/// break: nothing is lost, and elsewhere they hide something.
fn without_word_breaks(text: &str) -> impl Iterator<Item = char> {
    let unspaced = |letter: Option<char>| {
        letter.is_some_and(|letter| {
            matches!(letter, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}')
        })
    };
    let mut before = None;
    let mut letters = text.chars().peekable();
    std::iter::from_fn(move || {
        loop {
            let letter = letters.next()?;
            let breaks = letter == '\u{200B}' && unspaced(before);
            if !breaks || !unspaced(letters.peek().copied()) {
                before = Some(letter);
                return Some(letter);
            }
        }
    })
}

/// Apostrophes in all their forms, the letters among them too: K'iche' is one word however typed.
fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '‘' | '’' | 'ʼ' | 'ʻ' | '`' | '´')
}

fn check(text: &str) -> Result<(), InvalidText> {
    if text.is_empty() {
        return Err(InvalidText::Empty);
    }
    if text.is_ascii() {
        let control = |byte: u8| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\r' | b'\t');
        let controls = text.bytes().any(control);
        return if controls {
            Err(InvalidText::Control)
        } else {
            Ok(())
        };
    }
    let mut marks = 0;
    for letter in text.chars() {
        if letter.is_control() && !matches!(letter, '\n' | '\r' | '\t') {
            return Err(InvalidText::Control);
        }
        if is_hidden(letter) {
            return Err(InvalidText::Hidden);
        }
        marks = if is_combining_mark(letter) {
            marks + 1
        } else {
            0
        };
        if marks > MARKS_IN_A_ROW {
            return Err(InvalidText::Defaced);
        }
    }
    Ok(())
}

/// Bidirectional controls, invisible operators and tag characters. Zero-width joiners stay: Persian
/// and many Indic scripts need them.
fn is_hidden(letter: char) -> bool {
    matches!(letter,
        '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_between_khmer_words_are_left_out() {
        let name = Name::parse("កោះ\u{200B}ឃ្លី").unwrap();

        assert_eq!(name.as_str(), "កោះឃ្លី");
        assert_eq!(Name::parse("ឃ\u{200B}b"), Err(InvalidText::Hidden));
    }

    #[test]
    fn text_that_hides_or_reorders_is_refused() {
        for (text, why) in [
            ("", InvalidText::Empty),
            ("a\0b", InvalidText::Control),
            ("abc\u{202E}def", InvalidText::Hidden),
            ("a\u{200B}b", InvalidText::Hidden),
        ] {
            assert_eq!(Text::parse(text), Err(why));
        }
        assert_eq!(Name::parse("two\nlines"), Err(InvalidText::ManyLines));
        assert_eq!(Name::parse(&"x".repeat(301)), Err(InvalidText::TooLong));
        assert_eq!(
            Text::parse(&format!("a{}", "\u{301}".repeat(12))),
            Err(InvalidText::Defaced)
        );
    }

    #[test]
    fn names_of_many_scripts_are_names() {
        for name in [
            "Asociación K'iche'",
            "مركز اللاجئين",
            "ትግርኛ ማዕከል",
            "می‌خواهم",
            "難民支援",
        ] {
            assert!(Name::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn case_accents_and_punctuation_do_not_count() {
        assert_eq!(fold("  Asilo, ¿Dónde?  "), "asilo donde");
        assert_eq!(
            fold("St. Mary's (Women's) Shelter"),
            "st marys womens shelter"
        );
        assert_eq!(fold("Kʼicheʼ"), fold("K'iche'"));
        assert_eq!(fold("!!!"), "");
    }

    #[test]
    fn words_of_any_script_are_kept_and_their_marks_do_not_count() {
        assert_eq!(fold("مُحَامٍ، لجوء؟"), "محام لجوء");
        assert_eq!(fold("\u{202e}أبوجا\u{200f}"), fold("ابوجا"));
        assert_eq!(fold("Àvoka  AYITI"), "avoka ayiti");
        assert_eq!(fold("難民・支援"), "難民 支援");
        assert_eq!(fold("ＥＳＬ ①"), "esl 1");
        assert_eq!(fold("İstanbul"), "istanbul");
    }

    #[test]
    fn a_query_language_is_only_signs() {
        for typed in [
            "bond \"hearing\"",
            "bond:hearing",
            "[bond} hearing~*",
            "bond\0hearing",
            "bond 🙂 hearing",
            "(bond)\r\n+hearing^",
        ] {
            assert_eq!(fold(typed), "bond hearing", "{typed:?}");
        }
        assert_eq!(fold("field:("), "field");
    }

    proptest::proptest! {
        /// Plain text is read without looking at what other scripts need, and as if that had been looked at.
        #[test]
        fn plain_text_is_read_as_any_other(text in "[\\x00-\\x7f]{0,80}") {
            let letters = text.nfkd().filter(|c| !is_combining_mark(*c));
            proptest::prop_assert_eq!(fold(&text), words_of(&text, letters.flat_map(char::to_lowercase)));
            let whole: String = without_word_breaks(&text).nfc().collect();
            proptest::prop_assert_eq!(composed(&text), whole);
            proptest::prop_assert!(!lookalike::hides(&text));
            let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
            proptest::prop_assert_eq!(check(&text) == Err(InvalidText::Control), text.chars().any(strange));
        }

        /// What is folded is only words with single blanks between, and folding it again changes
        /// nothing, so that text and query meet.
        #[test]
        fn folded_text_stays_as_it_is(text in "\\PC{0,80}|[\\x00-\\x7f]{0,80}|[\u{600}-\u{6ff} ]{0,80}") {
            let folded = fold(&text);
            let sound = |c: char| c.is_alphanumeric() || c == ' ';
            proptest::prop_assert!(folded.chars().all(sound), "{:?}", folded);
            proptest::prop_assert!(!folded.contains("  ") && folded.trim() == folded);
            proptest::prop_assert_eq!(fold(&folded), folded);
        }
    }
}
