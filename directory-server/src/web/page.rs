//! The search page: the form with its choices, and what was found.

use askama::Template;
use referral_core::search::Refused;

use super::form::{Form, PAGE_RESULTS};
use super::result::{Row, capitalised};
use crate::operations::Answer;

/// Needs offered in the list; any other code can be typed into the address.
const NEEDS: [(&str, &str); 24] = [
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
const LANGUAGES: [(&str, &str); 14] = [
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
const RADII: [(&str, &str); 4] = [
    ("10", "10 miles"),
    ("25", "25 miles"),
    ("50", "50 miles"),
    ("100", "100 miles"),
];

/// Which states of capacity.
const AVAILABILITIES: [(&str, &str); 4] = [
    ("open", "Open now"),
    ("waitlist", "Open or with a waiting list"),
    ("unconfirmed", "Not confirmed: call first"),
    ("any", "All"),
];

/// The page's fields in their order, by the names faults go by.
const FIELDS: [&str; 7] = [
    "need",
    "near",
    "radius_miles",
    "text",
    "languages",
    "serves",
    "availability",
];

/// `search.html`.
#[derive(Template)]
#[template(path = "search.html")]
pub(super) struct Page {
    form: Form,
    needs: Vec<Choice>,
    languages: Vec<Choice>,
    radii: Vec<Choice>,
    availabilities: Vec<Choice>,
    wrong: Vec<Refused>,
    answer: Option<Shown>,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// What was found, as the page shows it.
struct Shown {
    total: usize,
    count: String,
    near: Option<String>,
    serves: Option<String>,
    results: Vec<Row>,
    /// How many match in any state, where none does in the states asked for.
    in_any_state: usize,
    previous: Option<usize>,
    next: Option<usize>,
    link: Option<String>,
}

impl Page {
    /// The form alone.
    pub(super) fn empty(form: Form) -> Self {
        Self::of(form, Vec::new(), None)
    }

    /// The form with what is wrong in it.
    pub(super) fn wrong(form: Form, wrong: Vec<Refused>) -> Self {
        let place = |field| FIELDS.iter().position(|known| *known == field);
        let mut wrong: Vec<Refused> = wrong
            .into_iter()
            .map(|fault| Refused {
                field: place(fault.field).map_or("", |_| fault.field),
                text: capitalised(&fault.text),
                ..fault
            })
            .collect();
        wrong.sort_by_key(|fault| place(fault.field));
        Self::of(form, wrong, None)
    }

    /// The form and what was found. `in_any_state`: how many there are when any state will do.
    pub(super) fn found(form: Form, answer: &Answer, in_any_state: usize) -> Self {
        let results: Vec<Row> = answer
            .results
            .iter()
            .skip(form.from)
            .take(PAGE_RESULTS)
            .map(Row::from)
            .collect();
        let shown = Shown {
            total: answer.total,
            count: count(answer.total, form.from, results.len()),
            near: answer.near.clone(),
            serves: answer.serves.clone(),
            in_any_state,
            previous: form.previous_page(),
            next: form.next_page(answer.total),
            link: (!form.need.is_empty() || !form.near.is_empty()).then(|| form.link()),
            results,
        };
        Self::of(form, Vec::new(), Some(shown))
    }

    fn of(mut form: Form, wrong: Vec<Refused>, answer: Option<Shown>) -> Self {
        if form.radius.is_empty() {
            "25".clone_into(&mut form.radius);
        }
        if form.availability.is_empty() {
            "open".clone_into(&mut form.availability);
        }
        Self {
            needs: choices(&NEEDS, &form.need),
            languages: choices(&LANGUAGES, &form.language),
            radii: choices(&RADII, &form.radius),
            availabilities: choices(&AVAILABILITIES, &form.availability),
            form,
            wrong,
            answer,
        }
    }

    /// What is wrong with a field, for the line beside it.
    fn fault(&self, field: &str) -> Option<&str> {
        let mut wrong = self.wrong.iter();
        let fault = wrong.find(|wrong| wrong.field == field);
        fault.map(|wrong| wrong.text.as_str())
    }

    /// True when a field of the fold is used or at fault.
    fn details_open(&self) -> bool {
        let Form {
            text,
            serves,
            language,
            ..
        } = &self.form;
        let used = [text, serves, language]
            .iter()
            .any(|typed| !typed.is_empty());
        used || ["text", "languages", "serves"]
            .iter()
            .any(|field| self.fault(field).is_some())
    }
}

/// "1 service", "54 services, 21 to 40 shown".
fn count(total: usize, before: usize, shown: usize) -> String {
    match total {
        0 => "Nothing found".to_owned(),
        1 => "1 service found".to_owned(),
        _ if shown == total || shown == 0 => format!("{total} services found"),
        _ => format!(
            "{total} services found, {} to {} shown",
            before + 1,
            before + shown
        ),
    }
}

/// The choices of a list; one that was asked for and is not among them is kept.
fn choices(offered: &[(&str, &str)], asked: &str) -> Vec<Choice> {
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
