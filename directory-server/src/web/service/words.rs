//! What a listing says, in names and lines.

use referral_core::catalog::{
    Area, Attribute, Contact, CostOption, Credential, Language, LanguageMode, Listing, ServiceArea,
    english_name,
};
use referral_core::text::{Name, Text};
use referral_core::vocabulary::entry;

use crate::operations::{Problem, meaning, needs_value, valued};
use crate::web::result::capitalised;
use crate::web::rules;
use crate::{say, tell};

/// Everything that is stated, a name and its lines each, what has to be known first coming first.
pub(super) fn facts(listing: &Listing) -> Vec<(String, Vec<String>)> {
    let service = &listing.service;
    let text = |text: &Option<Text>| text.iter().map(ToString::to_string).collect::<Vec<_>>();
    let rules = service.eligibility.iter().map(rules::sentence);
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
        ("fact-offers", {
            let attributes = service.attributes.iter();
            attributes
                .map(|each| attribute(each, &service.areas))
                .collect()
        }),
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

/// "Planned length in months: 12". A court or another value that is missing has to be asked for; courts may be said
/// by the area.
fn attribute(attribute: &Attribute, areas: &[ServiceArea]) -> String {
    let code = &attribute.code;
    let courts = || {
        let courts = areas.iter().filter_map(|area| match &area.area {
            Area::Court(court) => Some(court.to_string()),
            _ => None,
        });
        let courts: Vec<String> = courts.collect();
        (code.as_str() == "place:court" && !courts.is_empty()).then(|| courts.join(", "))
    };
    let value = attribute.value.as_ref().map(ToString::to_string);
    if let Some(value) = value.or_else(courts) {
        return capitalised(&valued(code, &value));
    }
    let known = entry(code).is_some();
    let label = attribute.label.as_ref().filter(|_| !known);
    let said = label.map_or_else(|| meaning(code), ToString::to_string);
    if needs_value(code) {
        return tell("code-ask-which", &[("what", capitalised(&said).into())]);
    }
    capitalised(&said)
}

fn credential(credential: &Credential) -> String {
    let said = match &credential.value {
        Some(value) => capitalised(&valued(&credential.code, value.as_str())),
        None => capitalised(&meaning(&credential.code)),
    };
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
    use referral_core::vocabulary::Code;

    use super::*;

    #[test]
    fn courts_are_told_by_their_names_and_never_with_a_note() {
        let court = |value: Option<&str>| Attribute {
            code: Code::parse("place:court").unwrap(),
            value: value.map(|value| Text::parse(value).unwrap()),
            label: None,
        };
        let area = ServiceArea {
            area: Area::Court(Name::parse("Hyattsville").unwrap()),
            condition: None,
            name: None,
        };

        let stated = attribute(&court(Some("Baltimore")), &[]);
        let missing = attribute(&court(None), &[]);
        let by_area = attribute(&court(None), &[area]);

        assert_eq!(stated, "Immigration courts served: Baltimore");
        assert_eq!(missing, "Immigration courts served: not stated, ask");
        assert_eq!(by_area, "Immigration courts served: Hyattsville");
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
