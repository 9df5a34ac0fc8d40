//! An address that was dropped, kept just long enough to look for it elsewhere.

use std::fmt;

use super::hides_address;
use super::street::{is_direction, is_house_number, is_street_type, words};
use crate::text::fold;

/// The parts of a dropped address that would give it away: its street, its ZIP+4, its coordinates.
#[derive(Clone, Default, PartialEq)]
pub struct Secret {
    streets: Vec<Street>,
    /// Names that stand where a street should, e.g. a building's.
    phrases: Vec<Vec<String>>,
    /// ZIP+4 codes, nine digits each.
    zip_plus4: Vec<String>,
    /// Latitude and longitude as written, cut to three decimals.
    coordinates: Option<(String, String)>,
}

/// A text made ready to be searched for secrets.
#[derive(Clone)]
pub struct Wording<'a> {
    text: &'a str,
    words: Vec<String>,
    /// Without blanks: in one spelling, and as it is.
    joined: [String; 2],
}

impl<'a> Wording<'a> {
    /// The wording of `text`.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let words = words(text);
        Self {
            joined: [words.concat(), fold(text).replace(' ', "")],
            words,
            text,
        }
    }
}

/// A text that may hold a secret is not shown either.
impl fmt::Debug for Wording<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wording(..)")
    }
}

/// One street with its house numbers, in one spelling.
#[derive(Clone, PartialEq)]
struct Street {
    numbers: Vec<String>,
    name: Vec<String>,
    kind: Option<String>,
}

impl Secret {
    /// The secret in an address.
    ///
    /// * `lines` — the address lines (`address_1`, `address_2`), in any state of repair.
    /// * `postal_code` — only a ZIP+4 is secret; a ZIP is not.
    /// * `town` — city and state: never secret.
    #[must_use]
    pub fn of_address(lines: &[&str], postal_code: Option<&str>, town: &[&str]) -> Self {
        let parts: Vec<Vec<String>> = lines
            .iter()
            .flat_map(|line| line.split([',', ';', '(', ')', '|', '\n', '\u{2013}', '\u{2014}']))
            .flat_map(|part| part.split(" - "))
            .map(address_words)
            .filter(|part| !part.is_empty())
            .collect();
        let streets: Vec<Street> = parts.iter().filter_map(|part| street(part)).collect();
        let phrases = if streets.is_empty() {
            let town: Vec<Vec<String>> = town.iter().map(|name| words(name)).collect();
            let tells = |part: &&Vec<String>| {
                !town.contains(part) && (part.len() > 1 || part.iter().any(|word| word.len() > 4))
            };
            parts.iter().filter(tells).cloned().collect()
        } else {
            Vec::new()
        };
        let zip_plus4 = lines
            .iter()
            .copied()
            .chain(postal_code)
            .flat_map(zip_plus4)
            .collect();
        Self {
            streets,
            phrases,
            zip_plus4,
            coordinates: None,
        }
    }

    /// The same secret with the coordinates of the place, as published.
    #[must_use]
    pub fn with_coordinates(mut self, latitude: &str, longitude: &str) -> Self {
        self.coordinates = three_decimals(latitude).zip(three_decimals(longitude));
        self
    }

    /// Adds what another address of the same place gives away.
    pub fn add(&mut self, other: Self) {
        self.streets.extend(other.streets);
        self.phrases.extend(other.phrases);
        self.zip_plus4.extend(other.zip_plus4);
        self.coordinates = self.coordinates.take().or(other.coordinates);
    }

    /// Whether both are secrets of one place: a house number and street, a ZIP+4 or coordinates to
    /// 100 metres in common.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        let same_house = |one: &Street, two: &Street| {
            one.name == two.name
                && one
                    .numbers
                    .iter()
                    .any(|number| two.numbers.contains(number))
        };
        let house = |one: &Street| other.streets.iter().any(|two| same_house(one, two));
        self.streets.iter().any(house)
            || self.phrases.iter().any(|part| other.phrases.contains(part))
            || self
                .zip_plus4
                .iter()
                .any(|zip| other.zip_plus4.contains(zip))
            || (self.coordinates.is_some() && self.coordinates == other.coordinates)
    }

    /// True when nothing is known that could be looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.streets.is_empty()
            && self.phrases.is_empty()
            && self.zip_plus4.is_empty()
            && self.coordinates.is_none()
    }

    /// Whether `text` gives the address away: its number and street, its street by name, its ZIP+4 or
    /// its coordinates, in any case, punctuation or abbreviation.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.is_worded(&Wording::of(text))
    }

    /// As [`Secret::is_in`], for a text that many secrets are looked for in.
    #[must_use]
    pub fn is_worded(&self, text: &Wording<'_>) -> bool {
        let Wording {
            words,
            joined,
            text,
        } = text;
        let street = |street: &Street| street.is_in(words, joined);
        let phrase = |phrase: &Vec<String>| has_run(words, phrase);
        let zip = |zip: &String| joined.iter().any(|text| text.contains(zip.as_str()));
        let coordinates = |(lat, lon): &(String, String)| {
            text.contains(lat.as_str()) && text.contains(lon.as_str())
        };
        self.streets.iter().any(street)
            || self.phrases.iter().any(phrase)
            || self.zip_plus4.iter().any(zip)
            || self.coordinates.as_ref().is_some_and(coordinates)
    }
}

impl Street {
    fn is_in(&self, words: &[String], joined: &[String; 2]) -> bool {
        let numbered = |number: &String| {
            let run = format!("{number}{}", self.name.concat());
            let near = |at: usize| {
                let after = &words[at + 1..];
                let skipped = after.iter().take_while(|word| is_direction(word)).count();
                after.get(skipped) == self.name.first()
            };
            (0..words.len()).any(|at| words[at] == *number && near(at))
                || (run.len() >= 5 && joined.iter().any(|text| text.contains(&run)))
        };
        self.numbers.iter().any(numbered) || self.is_named_in(words)
    }

    /// The street alone, without its number: "behind Canarywood Lane".
    fn is_named_in(&self, words: &[String]) -> bool {
        let mut run = self.name.clone();
        match &self.kind {
            Some(kind) => run.push(kind.clone()),
            None if self.name.concat().len() < 4 => return false,
            None => {}
        }
        let mut turned = run.clone();
        turned.rotate_right(1);
        has_run(words, &run) || (self.kind.is_some() && has_run(words, &turned))
    }
}

/// Nothing of a secret is ever shown.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The words of one part of an address line, without flat numbers and without words that only say
/// that it is secret.
fn address_words(part: &str) -> Vec<String> {
    const UNITS: [&str; 14] = [
        "suite",
        "ste",
        "apt",
        "apartment",
        "unit",
        "floor",
        "fl",
        "room",
        "rm",
        "bldg",
        "building",
        "lot",
        "trailer",
        "dept",
    ];
    const SAY_NOTHING: [&str; 12] = [
        "address",
        "location",
        "call",
        "for",
        "na",
        "none",
        "various",
        "locations",
        "varies",
        "unknown",
        "withheld",
        "state",
    ];
    let mut kept: Vec<String> = Vec::new();
    for word in words(part) {
        if UNITS.contains(&word.as_str()) && !kept.is_empty() {
            break;
        }
        let mute = hides_address(&word)
            || SAY_NOTHING.contains(&word.as_str())
            || matches!(word.as_str(), "not" | "disclosed" | "published" | "private");
        if !mute {
            kept.push(word);
        }
    }
    if kept
        .first()
        .is_some_and(|word| UNITS.contains(&word.as_str()))
    {
        kept.clear();
    }
    if kept.iter().any(|word| word == "box") {
        kept.retain(|word| !matches!(word.as_str(), "p" | "o" | "po" | "post" | "office"));
    }
    kept
}

/// The street in a part of an address: numbers, then its name, then its type, in either order.
fn street(part: &[String]) -> Option<Street> {
    let start = part.iter().position(|word| is_house_number(word));
    let type_at = part.iter().rposition(|word| is_street_type(word));
    let start = match (start, type_at) {
        (Some(start), _) if start + 1 < part.len() => start,
        (_, Some(_)) => 0,
        _ => return None,
    };
    let count = part[start..]
        .iter()
        .take_while(|word| is_house_number(word))
        .count();
    let (mut numbers, mut rest) = (part[start..start + count].to_vec(), &part[start + count..]);
    let mut name = Vec::new();
    // "123 5th Ave": the last number is the street's name.
    let ends_with_type = rest.first().is_some_and(|word| is_street_type(word))
        && rest.iter().skip(1).all(|word| is_direction(word));
    if ends_with_type && let Some(last) = numbers.pop() {
        name.push(last);
    }
    while rest.len() > 1 && is_direction(&rest[0]) {
        rest = &rest[1..];
    }
    let kind_at = rest.iter().rposition(|word| is_street_type(word));
    let kind = kind_at.map(|at| rest[at].clone());
    let named = match kind_at {
        // "100 Avenue B", "Calle Luna 123": the name follows the type.
        Some(0) if name.is_empty() => &rest[1..],
        Some(at) => &rest[..at],
        None => rest,
    };
    name.extend(named.iter().filter(|word| !is_direction(word)).cloned());
    if name.is_empty() {
        name.extend(named.first().cloned());
    }
    // "Calle Luna 123": its number comes last.
    while numbers.is_empty() && name.len() > 1 && name.last().is_some_and(|w| is_house_number(w)) {
        numbers.extend(name.pop());
    }
    (!name.is_empty()).then_some(Street {
        numbers,
        name,
        kind,
    })
}

/// Nine digits of every `12345-6789` in `text`.
fn zip_plus4(text: &str) -> Vec<String> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let digits =
        |word: &str, count: usize| word.len() == count && word.bytes().all(|b| b.is_ascii_digit());
    let pairs = words
        .windows(2)
        .filter(|pair| digits(pair[0], 5) && digits(pair[1], 4))
        .map(<[&str]>::concat);
    let whole = words
        .iter()
        .filter(|word| digits(word, 9))
        .map(|word| (*word).to_owned());
    pairs.chain(whole).collect()
}

/// `39.290422` as `39.290`; `None` where fewer decimals are given, for they say little.
fn three_decimals(coordinate: &str) -> Option<String> {
    let coordinate = coordinate.trim().trim_start_matches(['-', '+']);
    let (_, decimals) = coordinate.split_once('.')?;
    let cut = coordinate.len() - decimals.len().checked_sub(3)?;
    coordinate.get(..cut).map(str::to_owned)
}

fn has_run(words: &[String], run: &[String]) -> bool {
    !run.is_empty() && words.windows(run.len()).any(|window| window == run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secret(line: &str) -> Secret {
        Secret::of_address(&[line], Some("21209-9941"), &["Baltimore", "MD"])
            .with_coordinates("39.290422", "-76.612189")
    }

    #[test]
    fn a_dropped_street_is_found_in_any_spelling() {
        let canary = secret("4417 N. Canarywood Ln., Apt 3");
        for text in [
            "We are at 4417 North Canarywood Lane.",
            "4417 canarywood",
            "4417-CANARYWOOD-LANE",
            "4417N Canarywood is close; or 4417Canarywood",
            "turn into Canarywood Lane",
            "Canarywood Ln 4417",
            "ZIP 21209-9941",
            "21209 9941",
            "212099941",
            "https://maps.example/@39.2904,-76.6121,17z",
            "https://maps.example/?q=4417%20N%20Canarywood",
            "4 4 1 7 C a n a r y w o o d",
            "mail 4417canarywood@example.org",
        ] {
            assert!(canary.is_in(text), "{text}");
        }
        for text in [
            "Canarywood Park",
            "4417 people",
            "21209",
            "Baltimore, MD",
            "",
        ] {
            assert!(!canary.is_in(text), "{text}");
        }
    }

    #[test]
    fn streets_of_every_shape_are_found_again() {
        for (line, text) in [
            ("123 5th Avenue", "123 Fifth Ave"),
            ("123 5th Avenue", "on 5th Ave."),
            ("One Elm Street", "1 Elm St"),
            ("12-34 Elm St", "34 elm"),
            ("123 Avenue B", "123 Ave. B"),
            ("Calle Luna 123", "en la calle luna"),
            ("Confidential - 88 Alder Way", "88 Alder Way"),
            ("88 Alder Way (undisclosed)", "on Alder Way"),
            ("St. Agnes House, 55 Court Sq", "55 Court Square"),
            ("Hope House", "Hope House"),
            ("700 Broadway", "700 E. Broadway"),
            ("P.O. Box 808", "PO Box 808"),
            ("88 St. Paul St", "88 Saint Paul Street"),
        ] {
            let secret = Secret::of_address(&[line], None, &["Baltimore", "MD"]);
            assert!(secret.is_in(text), "{line} in {text}");
        }
    }

    #[test]
    fn an_address_that_holds_nothing_is_found_nowhere() {
        for line in [
            "Confidential",
            "Confidential Address",
            "Undisclosed location",
            "Baltimore",
            "",
        ] {
            let secret = Secret::of_address(&[line], Some("21236"), &["Baltimore", "MD"]);
            assert!(secret.is_empty(), "{line}");
            assert!(
                !secret.is_in("A confidential shelter in Baltimore"),
                "{line}"
            );
        }
    }

    #[test]
    fn two_spellings_of_one_house_are_the_same_place() {
        let of = |line: &str| Secret::of_address(&[line], None, &[]);
        let canary = of("4417 N Canarywood Ln");

        assert!(canary.is_same_place(&of("4417 Canarywood Lane, Apt 2")));
        assert!(!canary.is_same_place(&of("4419 Canarywood Lane")));
        assert!(secret("Confidential").is_same_place(&secret("")));
        assert!(!of("").is_same_place(&of("")));
    }

    proptest! {
        /// However a street is cut up, capitalised and surrounded, it is found where it stands.
        #[test]
        fn a_street_is_found_wherever_it_stands(
            number in 1_u32..99_999,
            name in "[A-Z][a-z]{3,10}( [A-Z][a-z]{2,8})?",
            kinds in prop::sample::select(vec![
                ("Street", "ST"), ("Ave.", "avenue"), ("Blvd", "Boulevard"), ("", ""), ("Ln", "lane"),
            ]),
            direction in prop::sample::select(vec!["", "N. ", "southwest "]),
            around in prop::sample::select(vec![("at ", "."), ("(", ")"), ("q=", "&z=1"), ("", "")]),
            comma in prop::sample::select(vec![" ", ", ", "-", "  "]),
        ) {
            let secret = Secret::of_address(
                &[&format!("{number} {direction}{name} {}", kinds.0)], None, &["Baltimore", "MD"],
            );
            let written = format!("{number}{comma}{} {}", name.to_uppercase(), kinds.1);
            let text = [around.0, &written, around.1].concat();
            prop_assert!(secret.is_in(&text), "{}", text);
        }
    }

    #[test]
    fn a_secret_never_shows_itself() {
        assert_eq!(format!("{:?}", secret("4417 Canarywood Ln")), "Secret(..)");
    }
}
