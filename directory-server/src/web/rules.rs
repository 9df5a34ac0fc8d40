//! Whom a service takes, in plain sentences: the same on its page, in the list of results and in the offline pack.
//!
//! Start at [`sentence`]. [`whom`] names the people a rule is about; what a rule says in the publisher's own words
//! stays as it is.

use referral_core::catalog::{Effect, Field, Rule, Values};
use referral_core::geo::CountryCode;
use referral_core::text::Name;
use referral_core::vocabulary::Code;
use referral_gazetteer::gazetteer;

use super::choices::{CUSTODIES, PERMITS, SITUATIONS};
use super::result::capitalised;
use crate::operations::{about, meaning};
use crate::{say, tell};

/// Codes of class `el` that name people.
const PEOPLE: [&str; 13] = [
    "el:uac", "el:fam", "el:one", "el:gen", "el:lgbtq", "el:dead", "el:prior", "el:crim",
    "el:order", "el:merit", "el:reg", "el:dv", "el:mob",
];

/// "People aged 18 to 64.", "Does not take: people in custody. The provider may decide otherwise."
pub(in crate::web) fn sentence(rule: &Rule) -> String {
    let said = match (rule.effect, &rule.values) {
        (Effect::Allow, Values::Words(_)) => ended(whom(rule)),
        (Effect::Allow, _) => ended(capitalised(&whom(rule))),
        (Effect::Deny, _) => ended(tell("rule-deny", &[("whom", whom(rule).into())])),
    };
    if rule.discretionary {
        format!("{said} {}", say("rule-discretionary"))
    } else {
        said
    }
}

/// "only for people aged 20 and younger": under what condition an area is served.
pub(in crate::web) fn condition(rule: &Rule) -> String {
    let whom = [("whom", whom(rule).into())];
    match rule.effect {
        Effect::Allow => tell("area-only-for", &whom),
        Effect::Deny => tell("area-not-for", &whom),
    }
}

/// The people whom the rule describes.
fn whom(rule: &Rule) -> String {
    match &rule.values {
        Values::Words(words) => named(&rule.field, words.to_string()),
        Values::Range { minimum, maximum } => of_range(&rule.field, *minimum, *maximum),
        Values::AnyOf(values) => of_values(&rule.field, values),
    }
}

/// The part of a text's key that names a field.
fn key(field: &Field) -> Option<&'static str> {
    match field {
        Field::Age => Some("age"),
        Field::Nationality => Some("nationality"),
        Field::Immigration => Some("immigration"),
        Field::Custody => Some("custody"),
        Field::WorkPermit => Some("permit"),
        Field::Income => Some("income"),
        Field::MonthsSinceArrival => Some("months"),
        Field::Gender => Some("gender"),
        Field::Other(_) => None,
    }
}

/// The values of a field that have words of their own: those that a search offers, and more that publishers write.
fn known(field: &Field) -> Vec<&'static str> {
    let (offered, more): (&[&str], &[&str]) = match field {
        Field::Custody => (&CUSTODIES, &["det-any", "det-fac", "det-rem", "any"]),
        Field::Immigration => (&SITUATIONS, &["any"]),
        Field::WorkPermit => (&PERMITS, &["any"]),
        Field::Gender => (&[], &["women", "men", "any"]),
        _ => (&[], &["any"]),
    };
    // The first that a search offers is that nothing is said.
    offered.iter().skip(1).chain(more).copied().collect()
}

fn is_number(field: &Field) -> bool {
    matches!(
        field,
        Field::Age | Field::Income | Field::MonthsSinceArrival
    )
}

/// "income: low".
fn named(field: &Field, words: String) -> String {
    let about = capitalised(&about(field));
    tell(
        "rule-about",
        &[("about", about.into()), ("words", words.into())],
    )
}

fn of_range(field: &Field, low: Option<u32>, high: Option<u32>) -> String {
    let bounds = [
        ("low", low.unwrap_or(0).into()),
        ("high", high.unwrap_or(0).into()),
    ];
    let shape = match (low, high) {
        (Some(low), Some(high)) if low == high => "exactly",
        (Some(_), Some(_)) => "between",
        (Some(_), None) => "from",
        (None, Some(_)) => "to",
        (None, None) => "any",
    };
    match key(field).filter(|_| is_number(field)) {
        Some(key) => tell(&format!("who-{key}-{shape}"), &bounds),
        None => named(field, tell(&format!("who-number-{shape}"), &bounds)),
    }
}

fn of_values(field: &Field, values: &[Name]) -> String {
    if let Field::Other(code) = field {
        return of_code(code, values);
    }
    let (Some(key), known) = (key(field), known(field)) else {
        return named(field, or(values.iter().map(ToString::to_string)));
    };
    let bare = |value: &Name| {
        let value = value.as_str().trim().to_ascii_lowercase();
        value
            .strip_prefix("cust:")
            .map(str::to_owned)
            .unwrap_or(value)
    };
    let plain = |value: &Name| known.contains(&bare(value).as_str());
    let number = |value: &Name| is_number(field) && value.as_str().trim().parse::<u32>().is_ok();
    if values.iter().all(plain) {
        return or(values
            .iter()
            .map(|value| say(&format!("who-{key}-{}", bare(value)))));
    }
    if *field == Field::Nationality || values.iter().all(number) {
        let each = or(values.iter().map(country));
        return tell(&format!("who-{key}-of"), &[("values", each.into())]);
    }
    let each = values.iter().map(|value| {
        if plain(value) {
            say(&format!("who-{key}-{}", bare(value)))
        } else {
            value.to_string()
        }
    });
    named(field, or(each))
}

/// People named by a code: "people with convictions"; with its values where it has others than "yes".
fn of_code(code: &Code, values: &[Name]) -> String {
    let whom = if PEOPLE.contains(&code.as_str()) {
        say(&format!("who-{}", code.as_str().replace(':', "-")))
    } else {
        meaning(code)
    };
    if values
        .iter()
        .all(|value| value.as_str().eq_ignore_ascii_case("yes"))
    {
        return whom;
    }
    let each = or(values.iter().map(ToString::to_string));
    tell(
        "rule-about",
        &[("about", whom.into()), ("words", each.into())],
    )
}

/// A country by its name; anything else as it is written.
fn country(value: &Name) -> String {
    let code = CountryCode::parse(value.as_str()).ok();
    let known = code.and_then(|code| gazetteer().country(code));
    known.map_or_else(|| value.to_string(), |country| country.name.clone())
}

/// "a, b or c".
fn or(each: impl Iterator<Item = String>) -> String {
    let mut each: Vec<String> = each.collect();
    let last = each.pop().unwrap_or_default();
    if each.is_empty() {
        return last;
    }
    let before = each.join(", ");
    tell("or", &[("before", before.into()), ("last", last.into())])
}

fn ended(words: String) -> String {
    if words.ends_with(['.', '!', '?']) {
        words
    } else {
        words + "."
    }
}

#[cfg(test)]
mod tests {
    use referral_core::text::Text;

    use super::*;

    fn said(field: &Field, effect: Effect, values: Values) -> String {
        sentence(&Rule {
            field: field.clone(),
            effect,
            values,
            discretionary: false,
        })
    }

    fn range(minimum: Option<u32>, maximum: Option<u32>) -> Values {
        Values::Range { minimum, maximum }
    }

    fn any_of(values: &[&str]) -> Values {
        Values::AnyOf(
            values
                .iter()
                .map(|value| Name::parse(value).unwrap())
                .collect(),
        )
    }

    /// A field, its values, and whom they describe.
    type Case = (Field, Values, &'static str);

    fn numbers() -> Vec<Case> {
        let shapes = [
            (Some(18), Some(64)),
            (Some(18), None),
            (None, Some(17)),
            (Some(18), Some(18)),
            (None, None),
        ];
        let said = [
            (
                Field::Age,
                [
                    "people aged 18 to 64",
                    "people aged 18 and older",
                    "people aged 17 and younger",
                    "people aged 18",
                    "people of any age",
                ],
            ),
            (
                Field::Income,
                [
                    "people with an income of 18 to 64 % of the poverty line",
                    "people with an income of 18 % of the poverty line or more",
                    "people with an income of up to 17 % of the poverty line",
                    "people with an income of 18 % of the poverty line",
                    "people with any income",
                ],
            ),
            (
                Field::MonthsSinceArrival,
                [
                    "people who arrived 18 to 64 months ago",
                    "people who arrived 18 months ago or earlier",
                    "people who arrived in the last 17 months",
                    "people who arrived 18 months ago",
                    "people whenever they arrived",
                ],
            ),
        ];
        let all = said.into_iter().flat_map(|(field, said)| {
            let each = shapes.into_iter().zip(said);
            each.map(move |((low, high), said)| (field.clone(), range(low, high), said))
        });
        all.collect()
    }

    fn lists() -> Vec<Case> {
        let all: [(Field, &[&str], &str); 18] = [
            (Field::Age, &["18", "19", "20"], "people aged 18, 19 or 20"),
            (
                Field::Income,
                &["100"],
                "people with an income of 100 % of the poverty line",
            ),
            (
                Field::MonthsSinceArrival,
                &["3", "4"],
                "people who arrived 3 or 4 months ago",
            ),
            (Field::Nationality, &["HN"], "people from Honduras"),
            (
                Field::Nationality,
                &["HN", "GT", "CU"],
                "people from Honduras, Guatemala or Cuba",
            ),
            (Field::Nationality, &["any"], "people of any nationality"),
            (
                Field::Immigration,
                &["asylum-seeker"],
                "people who ask, or will ask, for asylum",
            ),
            (
                Field::Immigration,
                &["parolee", "asylee"],
                "people admitted on parole or people granted asylum",
            ),
            (
                Field::Immigration,
                &["none"],
                "people without an immigration status",
            ),
            (
                Field::Custody,
                &["cust:nondet"],
                "people who are not in custody",
            ),
            (Field::Custody, &["nondet"], "people who are not in custody"),
            (
                Field::Custody,
                &["cust:det-any"],
                "people in custody anywhere in the service area",
            ),
            (
                Field::Custody,
                &["cust:det-rem", "orr"],
                "people in custody served by phone or video or children in federal shelter or foster care",
            ),
            (
                Field::WorkPermit,
                &["before"],
                "people who have no work permit yet",
            ),
            (
                Field::WorkPermit,
                &["after"],
                "people who have a work permit",
            ),
            (
                Field::WorkPermit,
                &["any"],
                "people with or without a work permit",
            ),
            (Field::Gender, &["women"], "women"),
            (Field::Custody, &["any"], "people in custody or not"),
        ];
        all.map(|(field, values, said)| (field, any_of(values), said))
            .into()
    }

    fn codes() -> Vec<Case> {
        let all: [(&str, &[&str], &str); 4] = [
            ("el:crim", &["yes"], "people with convictions"),
            ("el:uac", &["yes"], "unaccompanied children"),
            (
                "el:reg",
                &["A-number"],
                "people who have a registration or a document: A-number",
            ),
            ("x-aid:night-workers", &["yes"], "night workers"),
        ];
        let code = |code: &str| Field::Other(Code::parse(code).unwrap());
        all.map(|(of, values, said)| (code(of), any_of(values), said))
            .into()
    }

    #[test]
    fn every_field_is_told_in_plain_words_whether_it_lets_in_or_keeps_out() {
        for (field, values, whom) in [numbers(), lists(), codes()].concat() {
            let allowed = said(&field, Effect::Allow, values.clone());
            let denied = said(&field, Effect::Deny, values);

            assert_eq!(allowed, format!("{}.", capitalised(whom)));
            assert_eq!(denied, format!("Does not take: {whom}."));
        }
    }

    #[test]
    fn values_that_no_program_knows_are_named_as_they_are_written() {
        for (field, values, words) in [
            (Field::Age, any_of(&["adults"]), "Age: adults."),
            (Field::Custody, any_of(&["night"]), "Custody: night."),
            (Field::Custody, range(Some(1), None), "Custody: 1 or more."),
            (Field::Gender, any_of(&["girls"]), "Gender: girls."),
            (Field::Income, any_of(&["low"]), "Household income: low."),
            (
                Field::Immigration,
                Values::Words(Text::parse("Ask the desk.").unwrap()),
                "Immigration situation: Ask the desk.",
            ),
        ] {
            assert_eq!(said(&field, Effect::Allow, values), words);
        }
    }

    #[test]
    fn one_month_is_a_month() {
        let months = |low, high| said(&Field::MonthsSinceArrival, Effect::Allow, range(low, high));

        assert_eq!(
            months(None, Some(1)),
            "People who arrived in the last month."
        );
        assert_eq!(
            months(Some(1), None),
            "People who arrived a month ago or earlier."
        );
    }

    #[test]
    fn what_the_provider_may_decide_is_a_sentence_of_its_own() {
        let rule = Rule {
            field: Field::Income,
            effect: Effect::Allow,
            values: range(None, Some(250)),
            discretionary: true,
        };

        assert_eq!(
            sentence(&rule),
            "People with an income of up to 250 % of the poverty line. The provider may decide otherwise."
        );
    }

    #[test]
    fn every_value_and_every_shape_has_its_words() {
        let fields = [
            Field::Age,
            Field::Nationality,
            Field::Immigration,
            Field::Custody,
            Field::WorkPermit,
            Field::Income,
            Field::MonthsSinceArrival,
            Field::Gender,
        ];
        for field in fields {
            let each = known(&field).into_iter().map(|value| any_of(&[value]));
            let shapes = [
                (None, None),
                (Some(1), None),
                (None, Some(1)),
                (Some(1), Some(2)),
                (Some(2), Some(2)),
            ];
            for values in each.chain(shapes.map(|(low, high)| range(low, high))) {
                let said = said(&field, Effect::Allow, values);
                assert!(!said.to_lowercase().contains("who-"), "{said}");
            }
        }
        for code in PEOPLE {
            let said = said(
                &Field::Other(Code::parse(code).unwrap()),
                Effect::Allow,
                any_of(&["yes"]),
            );
            assert!(!said.to_lowercase().contains("who-"), "{said}");
        }
    }
}
