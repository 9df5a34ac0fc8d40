//! What a listing says, in names and lines.

use referral_core::catalog::{
    Attribute, Contact, CostOption, Credential, Effect, Field, Language, LanguageMode, Listing,
    Rule, Values, english_name,
};
use referral_core::text::{Name, Text};
use referral_core::vocabulary::{Code, entry};

use crate::operations::Problem;
use crate::web::result::capitalised;
use crate::{say, tell};

/// Everything that is stated, a name and its lines each, what has to be known first coming first.
pub(super) fn facts(listing: &Listing) -> Vec<(String, Vec<String>)> {
    let service = &listing.service;
    let text = |text: &Option<Text>| text.iter().map(ToString::to_string).collect::<Vec<_>>();
    let rules = service.eligibility.iter().map(rule);
    let eligible = text(&service.eligibility_description)
        .into_iter()
        .chain(rules);
    let languages = service.languages.iter().map(language);
    let languages = languages.chain(text(&service.interpretation_services));
    let costs = service.costs.iter().filter_map(cost);
    let papers = service
        .required_documents
        .iter()
        .map(|paper| paper.document.to_string());
    let credentials = service.credentials.iter().map(credential);
    let licensed = [&service.accreditations, &service.licenses];
    let licensed = licensed.into_iter().flatten().map(ToString::to_string);
    let at_places = listing.locations.iter().flat_map(|at| &at.contacts);
    let contacts = service.contacts.iter().chain(at_places).map(contact);
    let funding = service
        .funding
        .iter()
        .map(|funding| funding.source.to_string());
    let all: [(&str, Vec<String>); 10] = [
        ("fact-for", eligible.collect()),
        ("fact-apply", text(&service.application_process)),
        ("fact-bring", papers.collect()),
        ("fact-languages", languages.collect()),
        (
            "fact-cost",
            text(&service.fees_description)
                .into_iter()
                .chain(costs)
                .collect(),
        ),
        ("fact-wait", text(&service.wait_time)),
        (
            "fact-offers",
            service.attributes.iter().map(attribute).collect(),
        ),
        ("fact-credentials", credentials.chain(licensed).collect()),
        (
            "fact-contacts",
            contacts.filter(|line| !line.is_empty()).collect(),
        ),
        ("fact-funding", funding.collect()),
    ];
    let all = all.into_iter().map(|(key, lines)| (name(key), lines));
    all.filter(|(_, lines)| !lines.is_empty()).collect()
}

fn name(key: &str) -> String {
    match key {
        "fact-for" => say("fact-for"),
        "fact-apply" => say("fact-apply"),
        "fact-bring" => say("fact-bring"),
        "fact-languages" => say("fact-languages"),
        "fact-cost" => say("fact-cost"),
        "fact-wait" => say("fact-wait"),
        "fact-offers" => say("fact-offers"),
        "fact-credentials" => say("fact-credentials"),
        "fact-contacts" => say("fact-contacts"),
        _ => say("fact-funding"),
    }
}

/// What can be reported.
pub(super) fn problem(problem: Problem) -> String {
    match problem {
        Problem::WrongPhone => say("problem-wrong-phone"),
        Problem::WrongAddress => say("problem-wrong-address"),
        Problem::Moved => say("problem-moved"),
        Problem::ClosedForGood => say("problem-closed-for-good"),
        Problem::NotAsDescribed => say("problem-not-as-described"),
        Problem::RefusedWrongly => say("problem-refused-wrongly"),
        Problem::Other => say("problem-other"),
    }
}

/// "Takes: age 18 to 64", "Does not take: custody – detained. The provider may decide otherwise."
fn rule(rule: &Rule) -> String {
    let about = match &rule.field {
        Field::Age => say("rule-age"),
        Field::Nationality => say("rule-nationality"),
        Field::Immigration => say("rule-immigration"),
        Field::Custody => say("rule-custody"),
        Field::WorkPermit => say("rule-work-permit"),
        Field::Income => say("rule-income"),
        Field::MonthsSinceArrival => say("rule-months"),
        Field::Gender => say("rule-gender"),
        Field::Other(code) => meaning(code),
    };
    let values = match &rule.values {
        Values::Range {
            minimum: Some(low),
            maximum: Some(high),
        } => tell(
            "rule-between",
            &[("low", (*low).into()), ("high", (*high).into())],
        ),
        Values::Range {
            minimum: Some(low), ..
        } => tell("rule-from", &[("low", (*low).into())]),
        Values::Range {
            maximum: Some(high),
            ..
        } => tell("rule-to", &[("high", (*high).into())]),
        Values::Range { .. } => say("rule-any"),
        Values::AnyOf(values) => {
            let values: Vec<String> = values.iter().map(value).collect();
            values.join(", ")
        }
        Values::Words(words) => words.to_string(),
    };
    let said = [("about", about.into()), ("values", values.into())];
    let said = match rule.effect {
        Effect::Allow => tell("rule-allow", &said),
        Effect::Deny => tell("rule-deny", &said),
    };
    if rule.discretionary {
        format!("{said} {}", say("rule-discretionary"))
    } else {
        said
    }
}

/// A value by its meaning, where it is a code.
fn value(value: &Name) -> String {
    let code = Code::parse(value.as_str()).ok();
    let known = code.as_ref().and_then(entry);
    known.map_or_else(|| value.to_string(), |entry| entry.definition.to_owned())
}

fn meaning(code: &Code) -> String {
    entry(code).map_or_else(|| code.to_string(), |entry| entry.definition.to_owned())
}

fn attribute(attribute: &Attribute) -> String {
    let known = entry(&attribute.code).map(|entry| capitalised(entry.definition));
    let label = attribute.label.as_ref().map(ToString::to_string);
    let said = known
        .or(label)
        .unwrap_or_else(|| attribute.code.to_string());
    match &attribute.value {
        None => said,
        Some(value) => format!("{said}: {value}"),
    }
}

fn credential(credential: &Credential) -> String {
    let mut said = capitalised(&meaning(&credential.code));
    if let Some(value) = &credential.value {
        said = format!("{said}: {value}");
    }
    match credential.lapses {
        None => said,
        Some(day) => {
            let day = tell("credential-until", &[("day", day.to_string().into())]);
            format!("{said} ({day})")
        }
    }
}

/// "Spanish, staff speak it (mornings)".
fn language(language: &Language) -> String {
    let name = english_name(&language.tag).map_or_else(|| language.tag.to_string(), str::to_owned);
    let how = match language.mode {
        LanguageMode::Unstated => None,
        LanguageMode::Staff => Some(say("language-staff")),
        LanguageMode::InterpreterOnSite => Some(say("language-on-site")),
        LanguageMode::InterpreterByPhone => Some(say("language-by-phone")),
        LanguageMode::Documents => Some(say("language-documents")),
        LanguageMode::Channel => Some(say("language-channel")),
    };
    let note = language.note.as_ref().map(|note| format!(" ({note})"));
    let how = how.map(|how| format!(", {how}"));
    format!(
        "{name}{}{}",
        how.unwrap_or_default(),
        note.unwrap_or_default()
    )
}

/// "Adults: 25.00 USD".
fn cost(cost: &CostOption) -> Option<String> {
    let currency = cost.currency.as_ref().map(Name::as_str).unwrap_or_default();
    let amount = cost.amount_hundredths.map(|amount| {
        let amount = format!("{}.{:02} {currency}", amount / 100, amount % 100);
        amount.trim_end().to_owned()
    });
    let words = cost.amount_description.as_ref().map(ToString::to_string);
    let amount: Vec<String> = amount.into_iter().chain(words).collect();
    let option = cost.option.as_ref().map(ToString::to_string);
    let parts = option
        .into_iter()
        .chain((!amount.is_empty()).then(|| amount.join(", ")));
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(": "))
}

fn contact(contact: &Contact) -> String {
    let names = [&contact.name, &contact.title, &contact.department];
    let names = names.into_iter().flatten().map(ToString::to_string);
    let email = contact.email.iter().map(|email| email.as_str().to_owned());
    let phones = contact
        .phones
        .iter()
        .map(|phone| phone.number.as_str().to_owned());
    names
        .chain(email)
        .chain(phones)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(field: Field, effect: Effect, values: Values) -> String {
        rule(&Rule {
            field,
            effect,
            values,
            discretionary: false,
        })
    }

    #[test]
    fn rules_are_told_in_plain_words() {
        let range = |minimum, maximum| Values::Range { minimum, maximum };
        let detained = Values::AnyOf(vec![Name::parse("cust:det-any").unwrap()]);

        assert_eq!(
            of(Field::Age, Effect::Allow, range(Some(18), Some(64))),
            "Takes: age 18 to 64"
        );
        assert_eq!(
            of(Field::Age, Effect::Deny, range(None, Some(17))),
            "Does not take: age up to 17"
        );
        let custody = of(Field::Custody, Effect::Deny, detained);
        assert!(custody.starts_with("Does not take: custody "), "{custody}");
        assert!(!custody.contains("cust:"), "{custody}");
    }

    #[test]
    fn costs_are_told_with_their_amount() {
        let free = CostOption {
            option: Text::parse("Adults").ok(),
            amount_hundredths: Some(2_550),
            currency: Name::parse("USD").ok(),
            amount_description: None,
            valid_from: None,
            valid_to: None,
        };

        assert_eq!(cost(&free).as_deref(), Some("Adults: 25.50 USD"));
    }
}
