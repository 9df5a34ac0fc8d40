//! What the form offers to choose from.

use std::ops::Range;

use super::form::Form;

/// Needs offered in the list; any other code can be typed into the address.
pub(super) const NEEDS: [(&str, &str); 24] = [
    ("", "Any help"),
    ("dom:leg", "Immigration lawyer or legal help"),
    ("lc:asy-aff", "– asylum, no court case"),
    ("lc:asy-def", "– asylum in immigration court"),
    ("lc:bond", "– bond or release from detention"),
    ("lc:rem-def", "– defence against removal"),
    ("lc:ead-asy", "– work permit, asylum pending"),
    ("lc:tps", "– temporary protected status"),
    ("dom:oleg", "Other legal help (eviction, family, benefits)"),
    ("dom:mhp", "Mental health and psychosocial support"),
    ("dom:hou", "Housing and shelter"),
    ("ho:es", "– emergency shelter"),
    ("dom:voc", "Work and training"),
    ("dom:edu", "School and English classes"),
    ("dom:med", "Medical care"),
    ("dom:fme", "Forensic evaluation for a claim"),
    ("dom:dir", "Food, cash, clothing, transport"),
    ("da:food", "– food"),
    ("dom:cas", "Case management"),
    ("dom:ori", "Orientation"),
    ("dom:int", "Interpretation and translation"),
    ("dom:bor", "Border or release shelter"),
    ("dom:rri", "Safe return and reintegration"),
    ("dom:oth", "Other"),
];

/// Languages offered in the list.
pub(super) const LANGUAGES: [(&str, &str); 14] = [
    ("", "Any language"),
    ("es", "Spanish"),
    ("ht", "Haitian Creole"),
    ("ar", "Arabic"),
    ("prs", "Dari"),
    ("ps", "Pashto"),
    ("fr", "French"),
    ("pt", "Portuguese"),
    ("ru", "Russian"),
    ("uk", "Ukrainian"),
    ("zh", "Chinese"),
    ("pa", "Punjabi"),
    ("mam", "Mam"),
    ("sw", "Swahili"),
];

/// How far around a place; the default is that of an unstated radius.
pub(super) const RADII: [(&str, &str); 4] = [
    ("10", "10 miles"),
    ("25", "25 miles"),
    ("50", "50 miles"),
    ("100", "100 miles"),
];

/// How to reach a service.
pub(super) const WAYS: [(&str, &str); 3] = [
    ("any", "In person or remote"),
    ("in_person", "In person"),
    ("remote", "By phone, video or message"),
];

/// The most it may cost.
pub(super) const FEES: [(&str, &str); 3] = [
    ("", "Any"),
    ("free", "Free"),
    ("low_cost", "Free or low cost"),
];

/// Whether and how the client is held.
pub(super) const CUSTODIES: [(&str, &str); 6] = [
    ("", "Not stated"),
    ("nondet", "Not in custody"),
    ("det", "In custody"),
    ("rel", "Released lately"),
    ("atd", "Reports or wears a monitor instead of custody"),
    ("orr", "Child in federal shelter or foster care"),
];

/// Immigration situations.
pub(super) const SITUATIONS: [(&str, &str); 8] = [
    ("", "Not stated"),
    ("asylum-seeker", "Asks, or will ask, for asylum"),
    ("parolee", "Admitted on parole"),
    ("asylee", "Granted asylum"),
    ("refugee", "Admitted as a refugee"),
    ("special-visa", "Special immigrant visa"),
    ("trafficking-certified", "Certified survivor of trafficking"),
    ("none", "No immigration status"),
];

/// Before or after work authorization.
pub(super) const PERMITS: [(&str, &str); 3] = [
    ("", "Not stated"),
    ("before", "Has none yet"),
    ("after", "Has one"),
];

/// Which states of capacity.
pub(super) const AVAILABILITIES: [(&str, &str); 4] = [
    ("open", "Open now"),
    ("waitlist", "Open or with a waiting list"),
    ("unconfirmed", "Not confirmed: call first"),
    ("any", "All"),
];

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
        let list = |offered: &[(&str, &str)], field| choices(offered, form.value(field));
        let mut radii = list(&RADII, "radius");
        for choice in &mut radii {
            // A near miss may ask for any whole number of miles.
            if choice.value.bytes().all(|digit| digit.is_ascii_digit()) {
                choice.label = format!("{} miles", choice.value);
            }
        }
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

/// The choices of a list; one that was asked for and is not among them is kept.
pub(super) fn choices(offered: &[(&str, &str)], asked: &str) -> Vec<Choice> {
    let known = offered.iter().any(|(value, _)| *value == asked);
    let kept = (!known).then_some((asked, asked));
    let all = offered.iter().copied().chain(kept);
    all.map(|(value, label)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: value == asked,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use referral_core::catalog::{LanguageTag, english_name};
    use referral_core::search::Need;
    use referral_core::vocabulary::{Code, entry};

    use super::*;

    #[test]
    fn every_need_offered_is_in_the_vocabulary() {
        for (code, label) in NEEDS.into_iter().skip(1) {
            let known = Code::parse(code).is_ok_and(|code| entry(&code).is_some());
            assert!(known, "{label}");
            assert!(Need::parse(code).is_ok(), "{label}");
        }
    }

    #[test]
    fn every_language_offered_is_called_by_its_name() {
        for (tag, name) in LANGUAGES.into_iter().skip(1) {
            assert_eq!(english_name(&LanguageTag::parse(tag).unwrap()), Some(name));
        }
    }

    #[test]
    fn a_choice_that_is_not_offered_is_kept() {
        let chosen: Vec<String> = choices(&RADII, "60")
            .into_iter()
            .filter(|choice| choice.chosen)
            .map(|choice| choice.value)
            .collect();

        assert_eq!(chosen, ["60"]);
    }
}
