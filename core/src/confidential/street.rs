//! The words of street addresses, and any street address in a text.

use crate::text::fold;

/// A text as words in one spelling: lower case, abbreviations written out, ordinals as numbers,
/// percent-encoding undone.
pub(super) fn words(text: &str) -> Vec<String> {
    fold(&percent_decoded(text))
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(|word| spelled(word).to_owned())
        .collect()
}

/// Whether `text` holds anything shaped like a street address: a house number and a street of 1 to 4
/// words, or the Spanish order of them. Durations and head counts are none.
#[must_use]
pub fn mentions_street(text: &str) -> bool {
    let words = words(text);
    (0..words.len()).any(|at| is_street_at(&words[at..]) || is_calle_at(&words[at..]))
        || fold(text).contains("corner of ")
}

fn is_street_at(words: &[String]) -> bool {
    let Some((number, rest)) = words.split_first() else {
        return false;
    };
    if !is_house_number(number) {
        return false;
    }
    for (at, word) in rest.iter().take(6).enumerate() {
        if at > 0 && is_street_type(word) {
            return true;
        }
        if is_never_in_a_street(word) {
            return false;
        }
    }
    false
}

/// `Calle Luna 123`, `Carretera 2 km 11`, `Avenida 5 de Mayo 20`, `Avenue B 100`.
fn is_calle_at(words: &[String]) -> bool {
    let Some((kind, rest)) = words.split_first() else {
        return false;
    };
    let leads = matches!(
        kind.as_str(),
        "calle" | "avenida" | "carretera" | "carr" | "camino" | "paseo" | "rue" | "urb"
    );
    leads && rest.iter().take(5).any(|word| is_house_number(word))
}

/// One to six digits with at most one letter after them.
pub(super) fn is_house_number(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let tail = &word.as_bytes()[digits..];
    (1..=6).contains(&digits) && tail.len() <= 1 && tail.iter().all(u8::is_ascii_alphabetic)
}

pub(super) fn is_street_type(word: &str) -> bool {
    matches!(
        word,
        "street"
            | "avenue"
            | "road"
            | "boulevard"
            | "lane"
            | "drive"
            | "court"
            | "place"
            | "terrace"
            | "circle"
            | "square"
            | "highway"
            | "parkway"
            | "turnpike"
            | "trail"
            | "alley"
            | "plaza"
            | "crossing"
            | "route"
            | "way"
            | "loop"
            | "run"
            | "row"
            | "path"
            | "pike"
            | "mews"
            | "walk"
            | "close"
            | "bend"
            | "cove"
            | "calle"
            | "avenida"
            | "carretera"
            | "camino"
            | "rue"
    )
}

pub(super) fn is_direction(word: &str) -> bool {
    matches!(
        word,
        "north" | "south" | "east" | "west" | "northeast" | "northwest" | "southeast" | "southwest"
    )
}

/// Words after a number that make it a count, a time or a sentence.
fn is_never_in_a_street(word: &str) -> bool {
    const WORDS: &str = " day days hour hours hr hrs minute minutes week weeks month months year years \
        yr yrs am pm percent people persons person men women children child adults adult families \
        family clients client beds bed units times step steps dollars of to a an the and or in on at \
        for from per with by is are was if be as that which must may who only age ages older under \
        over any not no your their this business calendar working ";
    WORDS.contains(&format!(" {word} "))
}

/// One spelling of a word of an address.
fn spelled(word: &str) -> &str {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if !digits.is_empty() && matches!(&word[digits.len()..], "st" | "nd" | "rd" | "th") {
        return digits;
    }
    SPELLINGS
        .iter()
        .find(|(written, _)| *written == word)
        .map_or(word, |(_, spelled)| spelled)
}

const SPELLINGS: &[(&str, &str)] = &[
    ("st", "street"),
    ("str", "street"),
    ("saint", "street"),
    ("ave", "avenue"),
    ("av", "avenue"),
    ("avda", "avenida"),
    ("rd", "road"),
    ("blvd", "boulevard"),
    ("boul", "boulevard"),
    ("ln", "lane"),
    ("dr", "drive"),
    ("doctor", "drive"),
    ("ct", "court"),
    ("pl", "place"),
    ("ter", "terrace"),
    ("terr", "terrace"),
    ("cir", "circle"),
    ("sq", "square"),
    ("hwy", "highway"),
    ("pkwy", "parkway"),
    ("pky", "parkway"),
    ("tpke", "turnpike"),
    ("trl", "trail"),
    ("aly", "alley"),
    ("plz", "plaza"),
    ("xing", "crossing"),
    ("rte", "route"),
    ("rt", "route"),
    ("wy", "way"),
    ("cv", "cove"),
    ("carr", "carretera"),
    ("mount", "mt"),
    ("fort", "ft"),
    ("n", "north"),
    ("s", "south"),
    ("e", "east"),
    ("w", "west"),
    ("ne", "northeast"),
    ("nw", "northwest"),
    ("se", "southeast"),
    ("sw", "southwest"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("first", "1"),
    ("second", "2"),
    ("third", "3"),
    ("fourth", "4"),
    ("fifth", "5"),
    ("sixth", "6"),
    ("seventh", "7"),
    ("eighth", "8"),
    ("ninth", "9"),
    ("tenth", "10"),
    ("eleventh", "11"),
    ("twelfth", "12"),
];

fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten();
        if let Some(byte) = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            decoded.push(byte);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn street_addresses_are_found_however_they_are_written() {
        for text in [
            "4417 Canarywood Lane",
            "come to 4417 CANARYWOOD LN.",
            "at 12-34 5th Ave",
            "One Main Street",
            "55 n. court st #100",
            "https://maps.example/?q=4417+Canarywood+Ln",
            "https://maps.example/4417%20Canarywood%20Lane",
            "1500 US Highway 1",
            "Calle Luna 123, San Juan",
            "100 Martin Luther King Jr Blvd",
            "(4417, Canarywood Rd.)",
            "123 ½ Elm Street",
        ] {
            assert!(mentions_street(text), "{text}");
        }
    }

    #[test]
    fn numbers_in_sentences_are_no_addresses() {
        for text in [
            "Open 24 hours a day",
            "within 30 days of a court date",
            "serves 12 women and their children on the street",
            "call 2 weeks before you move to a new place",
            "18 and older, no drive needed",
            "Street outreach",
            "",
        ] {
            assert!(!mentions_street(text), "{text}");
        }
    }
}
