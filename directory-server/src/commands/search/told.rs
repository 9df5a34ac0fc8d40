//! An answer in lines of text, for people.

use std::fmt::Write as _;

use jiff::Timestamp;
use referral_proto::{convert, v1};
use referral_runtime::paint::Tone;

use crate::operations::ago;

/// Fewer services open than this are few: what would help comes before the results.
const FEW: u32 = 5;

/// The answer to one search.
pub(super) fn answer(answer: &v1::SearchResponse, needs: &[String]) -> String {
    let notices: String = notices(answer).collect();
    found(answer) + &notices + &listed(answer, needs)
}

/// What to know about the directory itself, a line each.
fn notices(answer: &v1::SearchResponse) -> impl Iterator<Item = String> {
    let notices = answer.notices.iter();
    let note = Tone::Care.paint("note:");
    notices.map(move |notice| format!("{note} {}\n", notice.text))
}

/// What was found, and what would help.
fn listed(answer: &v1::SearchResponse, needs: &[String]) -> String {
    let mut text = String::new();
    let few = answer.open_size < FEW;
    if few {
        text.push_str(&near_misses(answer));
    }
    text.push_str(&results(answer));
    if !few {
        text.push_str(&near_misses(answer));
    }
    text.push_str(&facets(answer));
    if !answer.next_page_token.is_empty() {
        let again = needs.first().map(|_| ", with the rest as it was");
        let _infallible = writeln!(
            text,
            "\nMore: --page-token {}{}",
            answer.next_page_token,
            again.unwrap_or_default()
        );
    }
    text
}

/// The answers to several needs.
pub(super) fn bundle(bundle: &v1::SearchBundleResponse) -> String {
    let mut answers = bundle.answers.iter().filter_map(|one| one.answer.as_ref());
    let mut text: String = answers.next().into_iter().flat_map(notices).collect();
    if !bundle.organizations.is_empty() {
        text.push_str("Organizations that answer more than one need:\n");
        for organization in &bundle.organizations {
            let needs: Vec<&str> = organization
                .needs
                .iter()
                .filter_map(|at| bundle.answers.get(usize::try_from(*at).ok()?))
                .map(|answer| answer.need.first().map_or("", String::as_str))
                .collect();
            let _infallible = writeln!(text, "  {}: {}", organization.name, needs.join(" and "));
        }
        text.push('\n');
    }
    for (at, one) in bundle.answers.iter().enumerate() {
        let between = if at > 0 { "\n" } else { "" };
        let _infallible = write!(text, "{between}{}: ", one.need.join(","));
        if let Some(found) = &one.answer {
            text.push_str(&self::found(found));
            text.push_str(&listed(found, &one.need));
        }
    }
    text
}

fn found(answer: &v1::SearchResponse) -> String {
    let place = [
        ("near", &answer.near_label),
        ("serving", &answer.serves_label),
    ];
    let place: Vec<String> = place
        .into_iter()
        .filter(|(_, label)| !label.is_empty())
        .map(|(word, label)| format!(" {word} {label}"))
        .collect();
    let open = if answer.open_size == answer.total_size {
        String::new()
    } else {
        format!(", {} of them open now", answer.open_size)
    };
    format!("{} found{}{open}\n", answer.total_size, place.join(","))
}

fn results(answer: &v1::SearchResponse) -> String {
    let results = answer.results.iter().enumerate();
    let now = time(answer.as_of);
    results.map(|(at, one)| result(at + 1, one, now)).collect()
}

fn result(number: usize, result: &v1::SearchResult, now: Option<Timestamp>) -> String {
    let capacity = result.capacity.as_ref();
    let distance = result
        .distance_miles
        .map(|miles| format!("{miles:.1} mi  "))
        .unwrap_or_default();
    let phone = result
        .phones
        .first()
        .map(|phone| format!("  {phone}"))
        .unwrap_or_default();
    let name = Tone::Strong.paint(&result.name);
    let state = capacity.map(state).unwrap_or_default();
    let mut text = format!(
        "\n{number:>3}. {name} — {}\n     {state}\n     {distance}{}{phone}\n",
        result.organization,
        result
            .location
            .as_ref()
            .map_or("no address", |l| l.area.as_str()),
    );
    let reasons: Vec<&str> = result.reasons.iter().map(|r| r.text.as_str()).collect();
    if !reasons.is_empty() {
        let reasons = Tone::Faint.paint(&format!("why: {}", reasons.join("; ")));
        let _infallible = writeln!(text, "     {reasons}");
    }
    if let (Some(since), Some(now)) = (time(result.agency_silent_since), now) {
        let _infallible = writeln!(
            text,
            "     its agency has not been heard from since {since:.0}, {}",
            ago(since, now)
        );
    }
    text
}

/// What it says of its capacity, as good or bad as that is for somebody who looks for a place.
fn state(capacity: &v1::ResultCapacity) -> String {
    use v1::CapacityState as State;
    let tone = match capacity.state() {
        State::Open | State::Limited => Tone::Good,
        State::Assess | State::Waitlist | State::Window => Tone::Care,
        State::Paused | State::Closed => Tone::Bad,
        State::Stale | State::Unknown | State::Unspecified => Tone::Faint,
    };
    tone.paint(&capacity.text)
}

fn time(wire: Option<prost_types::Timestamp>) -> Option<Timestamp> {
    convert::time::from_wire(wire?).ok()
}

/// What would help, each with the option that changes the search to it.
fn near_misses(answer: &v1::SearchResponse) -> String {
    let mut text = String::new();
    for miss in &answer.near_misses {
        if text.is_empty() {
            let _infallible = writeln!(text, "\n{}", Tone::Strong.paint("What would help:"));
        }
        let option = miss.change.as_ref().map(option).unwrap_or_default();
        let note = if miss.note.is_empty() {
            String::new()
        } else {
            format!(" ({})", miss.note)
        };
        let _infallible = writeln!(text, "  {}: {}{note}  [{option}]", miss.text, miss.count);
    }
    text
}

/// The option that makes this change.
fn option(change: &v1::FieldChange) -> String {
    let v1::FieldChange { field, value } = change;
    let name = match field.as_str() {
        "radius_miles" => "radius-mi".to_owned(),
        "languages" => "language".to_owned(),
        field => field.trim_start_matches("circumstances.").replace('_', "-"),
    };
    let word = value.rsplit_once("AVAILABILITY_");
    match (value.as_str(), word) {
        ("", _) => format!("without --{name}"),
        ("true", _) => format!("--{name}"),
        (_, Some((_, word))) => format!("--{name} {}", word.to_lowercase()),
        (value, _) => format!("--{name} {value}"),
    }
}

/// What the services have in common, each value with what `--filter` takes.
fn facets(answer: &v1::SearchResponse) -> String {
    let mut text = String::new();
    for facet in &answer.facets {
        let name = match facet.name.as_str() {
            "need" => "What they offer",
            "language" => "Languages",
            "access" => "How to reach them",
            "fee" => "What they cost",
            "state" => "Who has room",
            "in_state" => "Where they are",
            other => other,
        };
        let name = Tone::Strong.paint(&format!("{name}:"));
        let _infallible = writeln!(text, "\n{name}");
        for v1::FacetValue {
            field,
            value,
            label,
            count,
        } in &facet.values
        {
            let _infallible = writeln!(text, "  {count:>6}  {label}  ({field}={value})");
        }
    }
    text
}
