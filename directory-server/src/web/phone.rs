//! Telephone numbers as links that dial the right line (RFC 3966).
//!
//! A number becomes a link only where it is certain what to dial; any other is shown as published.

use referral_core::catalog::Phone;
use referral_core::text::Name;

use crate::tell;

/// The letters on the keys from 2 to 9.
const PAD: [&str; 8] = ["ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"];

/// A number as shown, and what dials it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The number as published, with its extension in words.
    pub(super) shown: String,
    /// A `tel:` address, where it is certain what to dial.
    pub(super) dial: Option<String>,
    /// What the line is for, in the publisher's words.
    pub(super) purpose: Option<String>,
}

/// The lines somebody answers, each once: no fax. `domestic`: numbers without a country code are of the
/// United States.
pub(super) fn lines<'a>(phones: impl IntoIterator<Item = &'a Phone>, domestic: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for phone in phones.into_iter().filter(|phone| !is_fax(phone)) {
        let line = line(phone, domestic);
        let known = |other: &Line| match (&other.dial, &line.dial) {
            (Some(a), Some(b)) => a == b,
            _ => other.shown == line.shown,
        };
        if !lines.iter().any(known) {
            lines.push(line);
        }
    }
    lines
}

fn line(phone: &Phone, domestic: bool) -> Line {
    let published = phone.number.as_str();
    let stated = phone.extension.as_ref().map(Name::as_str);
    let (number, written) = split_extension(published);
    let extension = stated.or(written);
    let shown = match stated {
        Some(extension) => tell(
            "phone-extension",
            &[
                ("number", published.into()),
                ("extension", extension.into()),
            ],
        ),
        None => published.to_owned(),
    };
    Line {
        shown,
        dial: dial(number, extension, domestic),
        purpose: phone.description.as_ref().map(ToString::to_string),
    }
}

fn is_fax(phone: &Phone) -> bool {
    phone
        .kind
        .as_ref()
        .is_some_and(|kind| kind.as_str().eq_ignore_ascii_case("fax"))
}

/// A number without the extension written behind it, and that extension: `410.555.1212 x12`.
fn split_extension(published: &str) -> (&str, Option<&str>) {
    let lower = published.to_ascii_lowercase();
    for mark in ["extension", "ext.", "ext", "x", "#"] {
        let Some(at) = lower.rfind(mark) else {
            continue;
        };
        let extension = published[at + mark.len()..].trim_matches([' ', '.', ':']);
        let before = published[..at].trim_end_matches([' ', ',', ';']);
        let has_number = before.bytes().filter(u8::is_ascii_digit).count() >= 7;
        if has_number && is_digits(extension) {
            return (before, Some(extension));
        }
    }
    (published, None)
}

/// The `tel:` address of a number; `None` where it is not one number, or not plainly a whole one.
fn dial(number: &str, extension: Option<&str>, domestic: bool) -> Option<String> {
    let keys: String = number.chars().filter_map(key).collect();
    let letters = number.chars().any(|c| c.is_ascii_alphabetic());
    let several = number.contains(['/', '&', ';', ',', '*', '#']) || has_word(number);
    if several {
        return None;
    }
    let global = if number.starts_with('+') {
        (7..=15).contains(&keys.len()).then(|| format!("+{keys}"))?
    } else if !domestic {
        return None;
    } else if let Some(national) = north_american(&keys, letters) {
        format!("+1{national}")
    } else if keys.len() == 3 && !letters {
        // 211, 911, 988: dialled as they are.
        keys
    } else {
        return None;
    };
    match extension {
        None => Some(format!("tel:{global}")),
        Some(extension) if is_digits(extension) => Some(format!("tel:{global};ext={extension}")),
        Some(_) => None,
    }
}

/// The ten digits of a North American number; letters may run on beyond its end.
fn north_american(keys: &str, letters: bool) -> Option<&str> {
    let keys = match keys.strip_prefix('1') {
        Some(rest) if rest.len() >= 10 => rest,
        _ => keys,
    };
    let whole = keys.len() == 10 || (letters && (10..=14).contains(&keys.len()));
    let begins = |at: usize| keys.as_bytes().get(at).is_some_and(|digit| *digit >= b'2');
    (whole && begins(0) && begins(3)).then(|| &keys[..10])
}

/// The key of a telephone that bears a digit or letter.
fn key(letter: char) -> Option<char> {
    if letter.is_ascii_digit() {
        return Some(letter);
    }
    let upper = letter.to_ascii_uppercase();
    let row = PAD.iter().position(|letters| letters.contains(upper))?;
    char::from_digit(u32::try_from(row).ok()? + 2, 10)
}

/// True for "555-1212 or 555-1213": a word between digits that is no vanity number.
fn has_word(number: &str) -> bool {
    number
        .split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| {
            matches!(
                word.to_ascii_lowercase().as_str(),
                "or" | "and" | "to" | "x" | "ext"
            )
        })
}

fn is_digits(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use referral_core::catalog::PhoneNumber;

    use super::*;

    fn phone(number: &str, extension: Option<&str>, kind: Option<&str>) -> Phone {
        let name = |text| Name::parse(text).unwrap();
        Phone {
            number: PhoneNumber::parse(number).unwrap(),
            extension: extension.map(name),
            kind: kind.map(name),
            description: None,
            languages: Vec::new(),
        }
    }

    fn dialled(number: &str, extension: Option<&str>) -> Option<String> {
        line(&phone(number, extension, None), true).dial
    }

    #[test]
    fn a_link_dials_the_whole_number_and_then_the_extension() {
        for (number, extension, dials) in [
            ("(443) 910-2640", None, "tel:+14439102640"),
            ("1 410 555 1212", None, "tel:+14105551212"),
            ("(410) 555-1212", Some("12"), "tel:+14105551212;ext=12"),
            ("410.555.1212 x12", None, "tel:+14105551212;ext=12"),
            ("410-555-1212 ext. 7", None, "tel:+14105551212;ext=7"),
            ("410-555-1212, Ext 304", None, "tel:+14105551212;ext=304"),
            ("+44 1234 234567", None, "tel:+441234234567"),
            ("1-800-GOODDAY", None, "tel:+18004663329"),
            ("1-800-FLOWERSNOW", None, "tel:+18003569377"),
            ("911", None, "tel:911"),
        ] {
            assert_eq!(
                dialled(number, extension).as_deref(),
                Some(dials),
                "{number}"
            );
        }
    }

    #[test]
    fn what_is_not_plainly_one_number_is_no_link() {
        for number in [
            "410-555-1212 / 410-555-1213",
            "410-555-1212 or 1213",
            "555-1212",
            "01234 234567",
            "(010) 555-1212",
            "*67 410 555 1212",
        ] {
            assert_eq!(dialled(number, None), None, "{number}");
        }
        assert_eq!(dialled("410-555-1212", Some("ask for Ana")), None);
    }

    #[test]
    fn a_number_abroad_is_a_link_only_with_its_country_code() {
        let abroad = |number| line(&phone(number, None, None), false).dial;

        assert_eq!(abroad("55 5234 5678"), None);
        assert_eq!(
            abroad("+52 55 5234 5678").as_deref(),
            Some("tel:+525552345678")
        );
    }

    #[test]
    fn an_extension_is_shown_in_words() {
        let line = line(&phone("(410) 555-1212", Some("12"), None), true);

        assert_eq!(line.shown, "(410) 555-1212 extension 12");
    }

    #[test]
    fn nobody_is_sent_to_a_fax_or_twice_to_one_line() {
        let phones = [
            phone("410-555-1212", None, Some("voice")),
            phone("(410) 555 1212", None, None),
            phone("410-555-1299", None, Some("Fax")),
        ];

        let shown: Vec<String> = lines(&phones, true)
            .into_iter()
            .map(|line| line.shown)
            .collect();

        assert_eq!(shown, ["410-555-1212"]);
    }
}
