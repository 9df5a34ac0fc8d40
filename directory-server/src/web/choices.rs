//! What the form offers to choose from.

use std::ops::Range;

use referral_core::catalog::{LanguageTag, english_name};

use super::form::Form;
use crate::{say, tell};

/// Needs offered in the list; any other code can be typed into the address.
pub(super) const NEEDS: [&str; 24] = [
    "",
    "dom:leg",
    "lc:asy-aff",
    "lc:asy-def",
    "lc:bond",
    "lc:rem-def",
    "lc:ead-asy",
    "lc:tps",
    "dom:oleg",
    "dom:mhp",
    "dom:hou",
    "ho:es",
    "dom:voc",
    "dom:edu",
    "dom:med",
    "dom:fme",
    "dom:dir",
    "da:food",
    "dom:cas",
    "dom:ori",
    "dom:int",
    "dom:bor",
    "dom:rri",
    "dom:oth",
];

/// Languages offered in the list.
pub(super) const LANGUAGES: [&str; 14] = [
    "", "es", "ht", "ar", "prs", "ps", "fr", "pt", "ru", "uk", "zh", "pa", "mam", "sw",
];

/// How far around a place; the default is that of an unstated radius.
pub(super) const RADII: [&str; 4] = ["10", "25", "50", "100"];

/// How to reach a service.
pub(super) const WAYS: [&str; 3] = ["any", "in_person", "remote"];

/// The most it may cost.
pub(super) const FEES: [&str; 3] = ["", "free", "low_cost"];

/// Whether and how the client is held.
pub(super) const CUSTODIES: [&str; 6] = ["", "nondet", "det", "rel", "atd", "orr"];

/// Immigration situations.
pub(super) const SITUATIONS: [&str; 8] = [
    "",
    "asylum-seeker",
    "parolee",
    "asylee",
    "refugee",
    "special-visa",
    "trafficking-certified",
    "none",
];

/// Before or after work authorization.
pub(super) const PERMITS: [&str; 3] = ["", "before", "after"];

/// Which states of capacity.
pub(super) const AVAILABILITIES: [&str; 4] = ["open", "waitlist", "unconfirmed", "any"];

/// The page's fields in their order, by the names faults go by.
pub(super) const FIELDS: [&str; 16] = [
    "need",
    "near",
    "radius_miles",
    "text",
    "languages",
    "interpreter",
    "serves",
    "neighbours",
    "custody",
    "age",
    "immigration",
    "nationality",
    "work_permit",
    "fee",
    "access",
    "availability",
];

/// Where the two folds of the form are among [`FIELDS`].
pub(super) const WORDS: Range<usize> = 3..8;
pub(super) const SITUATION: Range<usize> = 8..15;

/// One choice of a list.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// The lists of the form, with what was chosen in each.
pub(super) struct Lists {
    pub(super) needs: Vec<Choice>,
    pub(super) languages: Vec<Choice>,
    pub(super) radii: Vec<Choice>,
    pub(super) availabilities: Vec<Choice>,
    pub(super) ways: Vec<Choice>,
    pub(super) fees: Vec<Choice>,
    pub(super) custodies: Vec<Choice>,
    pub(super) situations: Vec<Choice>,
    pub(super) permits: Vec<Choice>,
}

impl Lists {
    /// The lists for what was typed.
    pub(super) fn of(form: &Form) -> Self {
        let list = |offered: &[&str], field| choices(field, offered, form.value(field));
        let mut radii = list(&RADII, "radius");
        radii.sort_by_key(|choice| choice.value.parse::<u32>().unwrap_or(u32::MAX));
        Self {
            needs: list(&NEEDS, "need"),
            languages: list(&LANGUAGES, "language"),
            radii,
            availabilities: list(&AVAILABILITIES, "availability"),
            ways: list(&WAYS, "access"),
            fees: list(&FEES, "fee"),
            custodies: list(&CUSTODIES, "custody"),
            situations: list(&SITUATIONS, "immigration"),
            permits: list(&PERMITS, "work_permit"),
        }
    }
}

/// The choices of a field's list; one that was asked for and is not among them is kept.
pub(super) fn choices(field: &str, offered: &[&str], asked: &str) -> Vec<Choice> {
    let kept = (!offered.contains(&asked)).then(|| Choice {
        value: asked.to_owned(),
        label: match asked.parse::<u32>() {
            // A near miss may ask for any whole number of miles.
            Ok(_) if field == "radius" => label(field, asked),
            _ => asked.to_owned(),
        },
        chosen: true,
    });
    let offered = offered.iter().map(|value| Choice {
        value: (*value).to_owned(),
        label: label(field, value),
        chosen: *value == asked,
    });
    offered.chain(kept).collect()
}

/// What a value is called that a field's list offers.
pub(super) fn label(field: &str, value: &str) -> String {
    match (field, value) {
        ("radius", miles) => tell("choice-miles", &[("miles", miles.into())]),
        ("language", tag) if !tag.is_empty() => {
            let tag = LanguageTag::parse(tag).ok();
            let name = tag.as_ref().and_then(english_name);
            name.unwrap_or(value).to_owned()
        }
        (field, "") => say(&format!("choice-{}-any", key(field))),
        (field, value) => say(&format!("choice-{}-{}", key(field), key(value))),
    }
}

/// The code as part of a text's key.
fn key(code: &str) -> String {
    code.replace([':', '_'], "-")
}

#[cfg(test)]
mod tests {
    use referral_core::search::Need;
    use referral_core::vocabulary::{Code, entry};

    use super::*;

    #[test]
    fn every_need_offered_is_in_the_vocabulary() {
        for code in NEEDS.into_iter().skip(1) {
            let known = Code::parse(code).is_ok_and(|code| entry(&code).is_some());
            assert!(known, "{code}");
            assert!(Need::parse(code).is_ok(), "{code}");
        }
    }

    #[test]
    fn every_choice_is_called_by_a_name() {
        let lists: [(&str, &[&str]); 9] = [
            ("need", &NEEDS),
            ("language", &LANGUAGES),
            ("radius", &RADII),
            ("access", &WAYS),
            ("fee", &FEES),
            ("custody", &CUSTODIES),
            ("immigration", &SITUATIONS),
            ("work_permit", &PERMITS),
            ("availability", &AVAILABILITIES),
        ];
        for (field, offered) in lists {
            for choice in choices(field, offered, offered[0]) {
                let (value, label) = (&choice.value, &choice.label);
                let named = label != value && !label.starts_with("choice-");
                assert!(named, "{field} {value}: {label}");
            }
        }
    }

    #[test]
    fn a_choice_that_is_not_offered_is_kept() {
        let chosen: Vec<(String, String)> = choices("radius", &RADII, "60")
            .into_iter()
            .filter(|choice| choice.chosen)
            .map(|choice| (choice.value, choice.label))
            .collect();

        assert_eq!(chosen, [("60".to_owned(), "60 miles".to_owned())]);
    }
}
