//! Names that pose as other names: letters of another script, hidden characters, digits for letters.
//!
//! [`skeleton`] is what a name looks like: two names with one skeleton can be taken for each other. [`suspicion`] says
//! what is wrong with a name by itself. Whether two names are *the same* name is [`fold`]'s to say: a name is
//! no look-alike of itself written without its accents.
//!
//! Source: Unicode Technical Standard #39, sections 4 (confusables) and 5 (mixed scripts),
//! <https://www.unicode.org/reports/tr39/>.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

use crate::text::fold;

/// Scripts whose letters are often taken for Latin ones.
const LIKE_LATIN: [Script; 6] = [
    Script::Cyrillic,
    Script::Greek,
    Script::Armenian,
    Script::Cherokee,
    Script::Coptic,
    Script::Lisu,
];

/// What is wrong with a name by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// A word has letters of two scripts that are never written together.
    MixedScripts,
    /// A word of another script can be read as a Latin one, among Latin words.
    PosesAsLatin,
    /// Letters that are ornaments: mathematical, circled, full-width.
    Ornaments,
    /// Digits or signs in the place of letters.
    SignsForLetters,
}

impl Suspicion {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::MixedScripts => "name_mixed_scripts",
            Self::PosesAsLatin => "name_poses_as_latin",
            Self::Ornaments => "name_ornaments",
            Self::SignsForLetters => "name_signs_for_letters",
        }
    }
}

/// What a name looks like: the same for names that can be taken for each other.
#[must_use]
pub fn skeleton(name: &str) -> String {
    // Punctuation goes first: some letters are alike to it, and those count.
    let plain = name.nfkc();
    let plain = plain.filter(|c| c.is_alphanumeric() || is_combining_mark(*c) || is_sign(*c));
    let plain: String = plain.collect();
    let alike: String = unicode_security::confusable_detection::skeleton(&plain).collect();
    let lower: String = alike.nfkd().flat_map(char::to_lowercase).collect();
    // Lower case brings letters that are confusable anew, as I and l.
    let alike: String = unicode_security::confusable_detection::skeleton(&lower).collect();
    let letters = alike.nfkd().filter(|c| !is_combining_mark(*c));
    let letters = letters
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'i' | 'ı' | '1' | '|' | '!' | 'j' => 'l',
            '0' => 'o',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            letter => letter,
        });
    let letters: String = letters.collect();
    letters
        .replace("vv", "w")
        .replace("rn", "m")
        .replace("cl", "d")
}

/// Signs that are written for letters.
fn is_sign(letter: char) -> bool {
    matches!(letter, '|' | '!' | '$' | '@')
}

/// Whether `name` can be taken for `other` and is not the same name.
#[must_use]
pub fn poses_as(name: &str, other: &str) -> bool {
    skeleton(name) == skeleton(other) && fold(name) != fold(other)
}

/// What is wrong with a name by itself.
#[must_use]
pub fn suspicion(name: &str) -> Option<Suspicion> {
    if name.chars().any(is_ornament) {
        return Some(Suspicion::Ornaments);
    }
    let words =
        || name.split(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | '(' | ')' | ','));
    if words().any(mixes_scripts) {
        return Some(Suspicion::MixedScripts);
    }
    let has_latin_words = words().any(|word| word.chars().any(|c| c.script() == Script::Latin));
    if has_latin_words && words().any(poses_as_latin) {
        return Some(Suspicion::PosesAsLatin);
    }
    words()
        .any(signs_for_letters)
        .then_some(Suspicion::SignsForLetters)
}

/// Characters that are no part of any name: unassigned, for private use, or joiners where nothing is joined.
pub(crate) fn hides(name: &str) -> bool {
    let mut before: Option<Script> = None;
    for letter in name.chars() {
        let is_joiner = matches!(letter, '\u{200C}' | '\u{200D}');
        if is_joiner && !before.is_some_and(joins) {
            return true;
        }
        if letter.script() == Script::Unknown || is_filler(letter) {
            return true;
        }
        if !is_joiner && !is_combining_mark(letter) {
            before = Some(letter.script());
        }
    }
    false
}

/// Characters that show nothing and are called letters or marks.
fn is_filler(letter: char) -> bool {
    matches!(
        letter,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'
            ..='\u{180F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{2800}' | '\u{E0100}'
            ..='\u{E01EF}'
    )
}

/// Scripts in which joiners change how words are written.
fn joins(script: Script) -> bool {
    use Script::{
        Arabic, Bengali, Devanagari, Gujarati, Gurmukhi, Kannada, Khmer, Malayalam, Mongolian,
        Myanmar, Oriya, Sinhala, Syriac, Tamil, Telugu, Thaana,
    };
    matches!(
        script,
        Arabic
            | Bengali
            | Devanagari
            | Gujarati
            | Gurmukhi
            | Kannada
            | Khmer
            | Malayalam
            | Mongolian
            | Myanmar
            | Oriya
            | Sinhala
            | Syriac
            | Tamil
            | Telugu
            | Thaana
    )
}

/// Letters that Unicode has only to look different.
fn is_ornament(letter: char) -> bool {
    matches!(
        letter,
        '\u{1D400}'..='\u{1D7FF}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}'
            | '\u{249C}'..='\u{24E9}' | '\u{1F110}'..='\u{1F189}' | '\u{2102}' | '\u{210A}'..='\u{2115}'
            | '\u{2119}'..='\u{211D}' | '\u{2124}' | '\u{2128}'..='\u{212D}' | '\u{212F}'..='\u{2134}'
            | '\u{2160}'..='\u{217F}'
    )
}

/// Whether a word has letters of several scripts, but for those that are written together: Japanese,
/// Korean, Chinese.
fn mixes_scripts(word: &str) -> bool {
    use Script::{Bopomofo, Common, Han, Hangul, Hiragana, Inherited, Katakana};
    let scripts = word.chars().map(|letter| letter.script());
    let mut scripts = scripts.filter(|script| !matches!(script, Common | Inherited));
    let Some(first) = scripts.next() else {
        return false;
    };
    let east = |script| matches!(script, Han | Hiragana | Katakana | Hangul | Bopomofo);
    scripts.any(|script| script != first && !(east(first) && east(script)))
}

/// Whether a word is of a script like Latin and every letter of it has a Latin double.
fn poses_as_latin(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some()
        && letters.all(|letter| {
            LIKE_LATIN.contains(&letter.script()) && {
                let mut alike = unicode_security::confusable_detection::skeleton(
                    letter.encode_utf8(&mut [0; 4]),
                )
                .collect::<Vec<_>>()
                .into_iter();
                alike.all(|c| c.is_ascii())
            }
        })
}

/// Whether a word has a digit or sign between Latin letters, where a letter would stand.
fn signs_for_letters(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let is_latin = |c: char| c.is_alphabetic() && c.script() == Script::Latin;
    (1..letters.len()).any(|at| match (letters[at - 1], &letters[at..]) {
        (before, [sign, after, rest @ ..]) if is_latin(before) && is_latin(*after) => match sign {
            '0' | '1' | '3' | '5' | '|' | '!' | '$' => true,
            // Before a capitalised word it is read "at".
            '@' => !(after.is_uppercase() && rest.first().is_some_and(|next| next.is_lowercase())),
            _ => false,
        },
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_can_be_taken_for_each_other_have_one_skeleton() {
        for (posing, name) in [
            ("Inmigración lnternacional", "Inmigración Internacional"),
            ("Наrbоr Ноusе", "Harbor House"),
            ("Harbor H0use", "Harbor House"),
            ("Cornmunity Law", "Community Law"),
            ("Catho1ic Charities", "Catholic Charities"),
        ] {
            assert!(poses_as(posing, name), "{posing}");
        }
    }

    #[test]
    fn a_name_is_no_look_alike_of_itself() {
        for (one, other) in [
            ("Harbor House", "HARBOR  HOUSE"),
            ("Asociación K'iche'", "Asociacion Kʼicheʼ"),
            ("Clínica Legal", "Clinica Legal"),
        ] {
            assert!(!poses_as(one, other), "{one}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_name_by_itself_is_said() {
        for (name, why) in [
            ("Hаrbor House", Suspicion::MixedScripts),
            ("РАСЕ Center", Suspicion::PosesAsLatin),
            ("𝐇arbor House", Suspicion::Ornaments),
            ("Cath0lic Charities", Suspicion::SignsForLetters),
            ("C@tholic Charities", Suspicion::SignsForLetters),
            ("C@THOLIC CHARITIES", Suspicion::SignsForLetters),
        ] {
            assert_eq!(suspicion(name), Some(why), "{name}");
        }
    }

    #[test]
    fn names_in_two_languages_are_no_suspicion() {
        for name in [
            "Refugee Center مركز اللاجئين",
            "Центр помощи беженцам (Refugee Help)",
            "難民支援 Japan Association",
            "Asosyasyon Ayisyen",
            "ትግርኛ ማዕከል",
            "211 Helpline",
            "H4H Houston",
            "JHCP@Westminster",
        ] {
            assert_eq!(suspicion(name), None, "{name}");
        }
    }
}
