//! What people ask for: needs, languages and words, with some misspellings.

use std::collections::HashMap;
use std::sync::OnceLock;

use rand::RngExt;
use referral_core::geo::{StateCode, Zip};
use referral_core::search::Need;
use referral_core::vocabulary::Code;

use crate::invented::ServiceKind;
use crate::invented::dice::{Dice, chance, pick, weighted};
use crate::invented::language::RARE;
use crate::invented::offering::Offering;
use crate::national::prose::{self, Subject};
use crate::national::{National, catalogue};

/// Needs that may be a whole domain where a detailed one would do (assumption).
const WHOLE_DOMAIN: f64 = 0.5;
/// Words with a letter wrong (assumption).
const MISSPELT: f64 = 0.08;

/// Languages of hearings in immigration court, fiscal year 2023, without English. Source: EOIR language
/// access plan, appendix G; the last entry is shared by 364 others.
const IN_COURT: [(f64, &str); 6] = [
    (74.7, "es"),
    (3.7, "pt"),
    (2.3, "ht"),
    (1.6, "zh"),
    (1.2, "pa"),
    (11.4, ""),
];
/// Some of those others (assumption: each as often).
const OTHERS: [&str; 12] = [
    "ru", "ar", "fr", "tr", "hi", "gu", "ne", "uz", "am", "so", "uk", "bn",
];

/// Words that nobody searches for.
const TELLS_NOTHING: [&str; 24] = [
    "about", "after", "another", "because", "before", "beside", "between", "both", "during",
    "each", "every", "from", "have", "into", "made", "near", "other", "that", "their", "them",
    "these", "they", "when", "with",
];

/// A need: one or two codes, sometimes narrowed by how or on what terms it is met.
pub(super) fn need(offering: &Offering, dice: &mut Dice) -> String {
    let needs = offering.codes.iter();
    let needs: Vec<&Code> = needs
        .filter(|code| code.is_need() && code.class() != "rep")
        .collect();
    let detailed = needs.iter().copied().filter(|code| code.class() != "dom");
    let detailed: Vec<&Code> = detailed.collect();
    let first = if detailed.is_empty() || chance(dice, WHOLE_DOMAIN) {
        pick(dice, &needs)
    } else {
        pick(dice, &detailed)
    };
    let mut asked = first.as_str().to_owned();
    // What a domain holds already adds nothing to it.
    let adds = |code: &&Code| {
        let kindred = code.class() == first.class();
        *code != first && (kindred || !code.is_need() || code.class() == "rep")
    };
    let others: Vec<&Code> = offering.codes.iter().filter(adds).collect();
    if !others.is_empty() && chance(dice, 0.3) {
        let narrowed = format!("{asked},{}", pick(dice, &others));
        // Two domains are two searches.
        if Need::parse(&narrowed).is_ok() {
            asked = narrowed;
        }
    }
    asked
}

/// A language that clients speak and English it is not.
pub(super) fn language(dice: &mut Dice) -> String {
    let tag = match *weighted(dice, &IN_COURT) {
        "" if chance(dice, 0.5) => pick(dice, &RARE).0,
        "" => pick(dice, &OTHERS),
        tag => tag,
    };
    tag.to_owned()
}

/// Words about what `offering` is: everyday ones, of its title, or of descriptions.
pub(super) fn words(offering: &Offering, dice: &mut Dice) -> String {
    let words = match *weighted(dice, &[(0.4, 0), (0.4, 1), (0.2, 2)]) {
        0 => pick(dice, everyday(prose::key(offering.kind))).to_owned(),
        1 => described(offering, dice),
        _ => some_words(offering.title, 2, dice),
    };
    if chance(dice, MISSPELT) {
        misspelt(&words, dice)
    } else {
        words
    }
}

/// One or two words that very many services have.
pub(super) fn common_words(dice: &mut Dice) -> String {
    let first = pick(dice, everyday("any"));
    let second = pick(dice, everyday("any"));
    if first == second || chance(dice, 0.5) {
        first.to_owned()
    } else {
        format!("{first} {second}")
    }
}

/// Words as services of the kind describe themselves with.
fn described(offering: &Offering, dice: &mut Dice) -> String {
    let subject = Subject {
        kind: offering.kind,
        title: offering.title,
        place: "the county",
        city: "the city",
        spoken: &["es"],
    };
    some_words(&prose::describe(subject, dice), 3, dice)
}

/// What somebody knows of one service.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The name of its organization or program, or its telephone number, as they are written.
    pub(super) words: String,
    /// Where it is, if it is somewhere.
    pub(super) home: Option<(Zip, StateCode)>,
}

/// One service as somebody knows it who has heard of it.
pub(super) fn known(national: &National, dice: &mut Dice) -> Option<Known> {
    let number = dice.random_range(0..national.size().max(1));
    let one = national.service(number)?;
    let mut addresses = one.listing.locations.iter();
    let home = addresses.find_map(|location| {
        let address = location.place.address()?;
        Some((address.zip?, address.state?))
    });
    let service = &one.listing.service;
    let program = service.alternate_name.as_ref();
    let phone = service.phones.first().map(|phone| phone.number.as_str());
    let drawn = *weighted(dice, &[(0.5, 0), (0.35, 1), (0.15, 2)]);
    let words = match (drawn, program, phone) {
        (1, Some(program), _) => program.as_str(),
        (2, _, Some(phone)) => phone,
        _ => one.listing.organization.name.as_str(),
    };
    Some(Known {
        words: words.to_owned(),
        home,
    })
}

/// One to `most` neighbouring words of four letters or more.
fn some_words(text: &str, most: usize, dice: &mut Dice) -> String {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    let tells = |word: &&str| word.chars().count() > 3 && !TELLS_NOTHING.contains(word);
    let words: Vec<&str> = words.filter(tells).collect();
    if words.is_empty() {
        return text.to_owned();
    }
    let number = dice.random_range(1..=most.min(words.len()));
    let first = dice.random_range(0..=words.len() - number);
    words[first..first + number].join(" ").to_lowercase()
}

/// The words with one letter of a long one left out, doubled or exchanged with the next.
fn misspelt(words: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = words.chars().collect();
    let at = letters.len() / 2;
    let inside = letters.get(at).is_some_and(|letter| letter.is_alphabetic());
    if letters.len() < 6 || !inside {
        return words.to_owned();
    }
    match pick(dice, &[0, 1, 2]) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        _ => letters.swap(at, at - 1),
    }
    letters.into_iter().collect()
}

/// What everyday words there are for a kind, or for everything ("any").
fn everyday(key: &str) -> &'static [&'static str] {
    static EVERYDAY: OnceLock<HashMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    let everyday = EVERYDAY.get_or_init(|| {
        let lines = include_str!("everyday.tsv").lines().skip(1);
        let rows = lines.filter_map(|line| line.split_once('\t'));
        rows.map(|(kind, phrases)| (kind, phrases.split(';').collect()))
            .collect()
    });
    everyday.get(key).map_or(&["help"], Vec::as_slice)
}

/// What somebody needs: mostly what immigrant-serving networks offer, at national scale also what
/// everybody needs (assumption).
pub(super) fn offering(breadth: f64, dice: &mut Dice) -> &'static Offering {
    let kind = ServiceKind::draw(dice, breadth * 0.6);
    catalogue::draw(kind, breadth * 0.6, dice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_everyday_words_for_every_kind() {
        for kind in ServiceKind::ALL {
            assert!(everyday(prose::key(kind)).len() > 4, "{kind:?}");
        }
        assert!(everyday("any").len() > 30);
    }

    #[test]
    fn a_misspelling_changes_one_place_of_a_long_word() {
        let mut dice = crate::invented::dice::seeded(1);
        for _ in 0..50 {
            let typed = misspelt("deportation", &mut dice);

            assert_ne!(typed, "deportation");
            assert!((10..=12).contains(&typed.len()), "{typed}");
        }
        assert_eq!(misspelt("food", &mut dice), "food");
    }
}
