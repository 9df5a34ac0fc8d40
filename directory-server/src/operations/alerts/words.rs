//! Alerts in words, and what makes two of them the same.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use referral_core::coverage::{Alert, Lapsing, People, Provider, Silence};
use referral_core::geo::{CountyFips, Kilometres, StateCode};
use referral_core::id::{AgencyId, PublicId};
use referral_core::tally::Topic;
use referral_core::vocabulary::Code;
use referral_gazetteer::gazetteer;

/// Counties that one alert names.
const NAMED: usize = 12;

/// An alert in words, before it is known since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) key: String,
    pub(super) code: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) size: u64,
}

/// One alert for each state in which counties have lost the last open provider of a need.
pub(super) fn gone(
    need: &Code,
    alerts: &[Alert],
    within: Kilometres,
    providers: &BTreeMap<PublicId, Provider>,
) -> Vec<Found> {
    let mut states: BTreeMap<StateCode, Vec<&Alert>> = BTreeMap::new();
    for alert in alerts {
        if let Alert::LastOpenGone { county, .. } = alert
            && let Some(state) = county.state()
        {
            states.entry(state).or_default().push(alert);
        }
    }
    let states = states.into_iter();
    states
        .map(|(state, alerts)| gone_in(need, state, &alerts, within, providers))
        .collect()
}

fn gone_in(
    need: &Code,
    state: StateCode,
    alerts: &[&Alert],
    within: Kilometres,
    providers: &BTreeMap<PublicId, Provider>,
) -> Found {
    let (mut names, mut people, mut lasts, mut doubtful) = (Vec::new(), 0.0, Vec::new(), false);
    for alert in alerts {
        if let Alert::LastOpenGone {
            county,
            people: of_county,
            last,
            unconfirmed,
            ..
        } = alert
        {
            names.push(county_name(*county));
            people += People::get(*of_county);
            lasts.extend(last.and_then(|last| providers.get(&last)));
            doubtful |= unconfirmed;
        }
    }
    let counties = match names.len() {
        1 => "1 county".to_owned(),
        number => format!("{number} counties"),
    };
    let miles = within.miles().round();
    let mut text = format!(
        "Nobody open is left within {miles} miles for {people:.0} people: {}.",
        listed(&names)
    );
    let mut lasts: Vec<String> = lasts
        .into_iter()
        .map(|last| format!("{} ({})", last.organization, last.service))
        .collect();
    lasts.sort();
    lasts.dedup();
    if !lasts.is_empty() {
        put(
            &mut text,
            format_args!(" Nearest before: {}.", listed(&lasts)),
        );
    }
    if doubtful {
        text.push_str(" Somebody may still be open whose report is out of date: call first.");
    }
    let state_name = gazetteer()
        .state(state)
        .map_or_else(|| state.to_string(), |s| s.name.clone());
    Found {
        key: format!("last_open_gone {need} {state}"),
        code: "last_open_gone",
        title: format!(
            "{}: last open provider gone for {counties} of {state_name}",
            meaning(need)
        ),
        text,
        size: names.len() as u64,
    }
}

/// Any alert but the last open provider's, and credentials': see [`gone`] and [`credential`].
pub(super) fn of(alert: &Alert, agencies: &BTreeMap<AgencyId, String>) -> Option<Found> {
    let name = |agency: &AgencyId| {
        let known = agencies.get(agency).cloned();
        known.unwrap_or_else(|| agency.to_string())
    };
    match alert {
        Alert::AgencySilent(silence) => Some(silent(silence, &name(&silence.agency))),
        Alert::Lapses {
            what: Lapsing::Grant { agency, category },
            on,
        } => Some(Found {
            key: format!("grant_lapses {agency} {category} {on}"),
            code: "grant_lapses",
            title: format!("{}: its grant for {category} services lapses on {on}", name(agency)),
            text: "After that day its services of this category are held back from searches. Two people have to look \
                   at the evidence again: `directory-server agency grant`."
                .to_owned(),
            size: 1,
        }),
        Alert::DeadEndsRising {
            topic,
            state,
            week,
            least,
            before,
        } => Some(Found {
            key: format!("dead_ends_rising {topic} {} {week}", place(*state)),
            code: "dead_ends_rising",
            title: format!("{}: more searches find nothing open, {}", of_topic(topic), place(*state)),
            text: format!(
                "In week {week} at least {:.0}% of the searches ended with nothing open; in the weeks before at most \
                 {:.0}%.",
                least * 100.0,
                before * 100.0
            ),
            size: 1,
        }),
        Alert::LastOpenGone { .. }
        | Alert::Lapses {
            what: Lapsing::Credential { .. },
            ..
        } => None,
    }
}

/// A credential of a service is about to lapse. `names`: of the service and its organization.
pub(super) fn credential(service: PublicId, code: &Code, on: Date, names: (&str, &str)) -> Found {
    let (service_name, organization) = names;
    Found {
        key: format!("credential_lapses {service} {code} {on}"),
        code: "credential_lapses",
        title: format!(
            "{organization}: {} lapses on {on}",
            meaning(code).to_lowercase()
        ),
        text: format!(
            "From the day after, {service_name} is not found any more by who needs it. The agency renews it in its \
             listing."
        ),
        size: 1,
    }
}

fn silent(silence: &Silence, name: &str) -> Found {
    let since = silence.last_heard.to_zoned(TimeZone::UTC);
    let hours = silence.ttl.duration().as_hours() * 2;
    Found {
        key: format!("agency_silent {} {}", silence.agency, silence.last_heard),
        code: "agency_silent",
        title: format!(
            "{name} has not been heard from since {}",
            since.strftime("%-d %B, %H:%M UTC")
        ),
        text: format!(
            "That is more than {hours} hours, twice the time its shortest report is believed. Its capacities go \
             stale: call the agency."
        ),
        size: 1,
    }
}

fn of_topic(topic: &Topic) -> String {
    match topic {
        Topic::Need(code) => meaning(code),
        Topic::Other => "Other help".to_owned(),
        Topic::Any => "Any help".to_owned(),
    }
}

fn place(state: Option<StateCode>) -> String {
    let Some(code) = state else {
        return "in the whole country".to_owned();
    };
    let state = gazetteer().state(code);
    state.map_or_else(
        || format!("in {code}"),
        |state| format!("in {}", state.name),
    )
}

/// What a code means, with its first letter large.
fn meaning(code: &Code) -> String {
    let words = super::super::called::meaning(code);
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

fn county_name(county: CountyFips) -> String {
    let known = gazetteer().county(county);
    known.map_or_else(|| county.to_string(), |county| county.name.clone())
}

/// The first few, and how many more there are.
fn listed(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if let Some(more) = names.len().checked_sub(NAMED).filter(|more| *more > 0) {
        put(&mut text, format_args!(" and {more} more"));
    }
    text
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(arguments);
    debug_assert!(written.is_ok(), "a string takes whatever is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn county_alert(fips: u32) -> Alert {
        Alert::LastOpenGone {
            need: Code::parse("lc:bond").unwrap(),
            county: CountyFips::from_number(fips).unwrap(),
            people: People::from(1_000),
            last: None,
            unconfirmed: false,
        }
    }

    #[test]
    fn counties_of_a_state_are_one_alert() {
        let need = Code::parse("lc:bond").unwrap();
        let alerts = [24_510, 24_005, 51_600].map(county_alert);
        let within = Kilometres::from_miles(60.0).unwrap();

        let found = gone(&need, &alerts, within, &BTreeMap::new());

        let told: Vec<(&str, u64)> = found.iter().map(|f| (f.key.as_str(), f.size)).collect();
        assert_eq!(
            told,
            [
                ("last_open_gone lc:bond MD", 2),
                ("last_open_gone lc:bond VA", 1)
            ]
        );
        assert_eq!(
            found[0].title,
            "Release from custody on bond or parole: last open provider gone for 2 counties of Maryland"
        );
        assert_eq!(
            found[0].text,
            "Nobody open is left within 60 miles for 2000 people: Baltimore city, Baltimore County."
        );
    }

    #[test]
    fn a_long_list_names_the_first_and_counts_the_rest() {
        let names: Vec<String> = (0..15).map(|n| format!("County {n}")).collect();

        assert!(listed(&names).ends_with("County 11 and 3 more"));
    }
}
