//! One result as the page shows it.

use jiff::Timestamp;
use jiff::civil::Date;
use referral_core::catalog::{Address, Part, Place, Service, Tier, english_name};
use referral_core::id::{AgencyId, RecordKey};
use referral_core::policy::{Decision, SeenListing, Viewer, What, policy};
use referral_core::text::{Name, Text};

use super::moment::is_old;
use super::phone::{Line, lines};
use super::rules;
use super::service;
use super::state::StateLine;
use crate::operations::{Found, FoundPlace};
use crate::rpc::summary;
use crate::{say, tell};

/// Most telephone lines of one result.
const LINES: usize = 3;

/// Reasons that are something to ask rather than something that matched.
const CAUTIONS: [&str; 10] = [
    "unverified",
    "old",
    "often_turned_away",
    "area_not_stated",
    "location_not_stated",
    "remote_assumed",
    "credential_not_stated",
    "provider_decides",
    "not_stated",
    "ask",
];

/// One result as the page shows it.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) organization: String,
    /// Its page.
    pub(super) address: String,
    /// Its state.
    pub(super) line: StateLine,
    /// Who lists it.
    publisher: AgencyId,
    /// Whether it takes referrals now.
    takes_referrals: bool,
    /// Whether who looks is asked how a referral went.
    pub(super) asks_outcome: bool,
    pub(super) alert: Option<String>,
    pub(super) distance: Option<String>,
    pub(super) place: Option<String>,
    pub(super) other_places: usize,
    pub(super) summary: String,
    /// Whom it is for, how to apply and the like: a name and a text each.
    pub(super) facts: Vec<(String, String)>,
    pub(super) lines: Vec<Line>,
    pub(super) url: Option<String>,
    pub(super) reasons: Vec<String>,
    pub(super) cautions: Vec<String>,
    /// What is there and not shown to this visitor.
    pub(super) hidden: Option<String>,
    /// What a specialist may ask to see: where, and what.
    pub(super) asks: Vec<(String, String)>,
    /// When its agency was last heard from, and the same in words; only where it is silent.
    pub(super) silence: Option<(String, String)>,
    /// The day a person last checked the listing.
    pub(super) checked: Option<String>,
    /// True where that is more than a year ago.
    pub(super) checked_long_ago: bool,
    checked_on: Option<Date>,
}

impl Row {
    /// Asks this viewer how a referral went, where they may say it of this service.
    pub(super) fn seen_by(&mut self, viewer: &Viewer) {
        let may = policy(viewer, What::Outcome(&self.publisher)) == Decision::Allow;
        self.asks_outcome = self.takes_referrals && may;
    }

    /// The row as it is seen at `now`: what was checked long ago says so.
    pub(super) fn seen_at(self, now: Timestamp) -> Self {
        Self {
            checked_long_ago: self.checked_on.is_some_and(|day| is_old(day, now)),
            ..self
        }
    }
}

impl From<&Found> for Row {
    fn from(found: &Found) -> Self {
        let service = &found.listing.service;
        let organization = &found.listing.organization;
        let url = service.url.as_ref().or(organization.website.as_ref());
        let observed_at = found.held.as_ref().map(|held| held.observed_at);
        Self {
            name: service.name.to_string(),
            organization: organization.name.to_string(),
            address: service::address(&found.key),
            line: StateLine::of(
                found.watched(),
                found.state,
                &found.capacity,
                observed_at,
                found.place.as_ref().and_then(|place| place.time_zone),
            ),
            publisher: found.key.agency.clone(),
            takes_referrals: found.state.takes_referrals(),
            asks_outcome: false,
            alert: service.alert.as_ref().map(ToString::to_string),
            distance: distance(found),
            place: place(found),
            other_places: found.offers.saturating_sub(1),
            summary: short(service.description.as_ref()),
            facts: facts(found),
            lines: telephones(found),
            url: url.map(|url| url.as_str().to_owned()),
            hidden: hidden(&found.listing),
            asks: asks(&found.key, &found.listing),
            reasons: reasons(found),
            cautions: cautions(found),
            silence: found
                .silence
                .as_ref()
                .map(|silence| (silence.since.to_string(), silence.words.clone())),
            checked: service.provenance.assured_date.map(|day| day.to_string()),
            checked_long_ago: false,
            checked_on: service.provenance.assured_date,
        }
    }
}

/// Which parts are for others, so that nobody takes them for missing.
pub(super) fn hidden(listing: &SeenListing) -> Option<String> {
    let hidden = listing.hidden();
    let parts = |for_members: bool| {
        let parts = hidden.iter();
        let parts = parts.filter(move |(_, tier)| (*tier == Tier::Member) == for_members);
        let words: Vec<String> = parts.map(|(part, _)| words_of(*part)).collect();
        words.join(", ")
    };
    match (parts(true), parts(false)) {
        (members, few) if members.is_empty() && few.is_empty() => None,
        (members, few) if few.is_empty() => {
            Some(tell("hidden-members", &[("parts", members.into())]))
        }
        (members, few) if members.is_empty() => Some(tell("hidden-here", &[("parts", few.into())])),
        (members, few) => {
            let both = [("members", members.into()), ("few", few.into())];
            Some(tell("hidden-both", &both))
        }
    }
}

/// Parts that are shown after a recorded request, and where to ask.
pub(super) fn asks(service: &RecordKey, listing: &SeenListing) -> Vec<(String, String)> {
    let hidden = listing.hidden().iter();
    let asked = hidden.filter(|(_, tier)| *tier == Tier::Ask);
    asked
        .map(|(part, _)| {
            let (agency, service) = (&service.agency, &service.id);
            let part_name = part.as_str();
            let address = format!("/look?agency={agency}&service={service}&part={part_name}");
            (address, words_of(*part))
        })
        .collect()
}

/// A part in words.
pub(super) fn words_of(part: Part) -> String {
    match part {
        Part::Description => say("part-description"),
        Part::Phones => say("part-phones"),
        Part::Contacts => say("part-contacts"),
        Part::Web => say("part-web"),
        Part::Hours => say("part-hours"),
        Part::Intake => say("part-intake"),
        Part::Capacity => say("part-capacity"),
    }
}

fn reason(found: &Found, code: &str) -> Option<String> {
    let reason = found.reasons.iter().find(|(name, _)| *name == code);
    reason.map(|(_, text)| text.clone())
}

/// Why it is there; the line about its place says how far it is.
fn reasons(found: &Found) -> Vec<String> {
    let reasons = found.reasons.iter();
    reasons
        .filter(|(code, _)| !CAUTIONS.contains(code))
        .map(|(code, text)| match *code {
            "distance" => say("reason-near"),
            _ => text.clone(),
        })
        .collect()
}

/// What is not stated, and has to be asked.
fn cautions(found: &Found) -> Vec<String> {
    let reasons = found.reasons.iter();
    reasons
        .filter(|(code, _)| CAUTIONS.contains(code))
        .map(|(_, text)| capitalised(text))
        .collect()
}

/// How far it is. Close to a place that stands for a ZIP or city, tenths of a mile say nothing.
fn distance(found: &Found) -> Option<String> {
    let miles = found.distance?.miles();
    let text = reason(found, "distance")?;
    Some(if text.starts_with("about") && miles < 1.0 {
        say("distance-mile")
    } else {
        text
    })
}

fn place(found: &Found) -> Option<String> {
    place_line(found.place.as_ref()?)
}

/// Where a place is, in one line; a confidential one by its county.
pub(super) fn place_line(place: &FoundPlace) -> Option<String> {
    let line = match &place.location.place {
        Place::County(_) => tell(
            "place-confidential",
            &[("area", place.area.as_str().into())],
        ),
        at => at.address().map(address_line)?,
    };
    (!line.is_empty()).then_some(line)
}

/// Street, city, state with postal code.
pub(super) fn address_line(address: &Address) -> String {
    let region = [&address.state_province, &address.postal_code];
    let region: Vec<&str> = region.into_iter().flatten().map(Name::as_str).collect();
    let region = region.join(" ");
    let lines = [&address.address_1, &address.address_2, &address.city];
    let lines = lines.into_iter().flatten().map(Name::as_str);
    let lines: Vec<&str> = lines
        .chain(Some(region.as_str()).filter(|region| !region.is_empty()))
        .collect();
    lines.join(", ")
}

fn facts(found: &Found) -> Vec<(String, String)> {
    let service = &found.listing.service;
    let mut languages: Vec<String> = service
        .languages
        .iter()
        .map(|language| {
            english_name(&language.tag).map_or_else(|| language.tag.to_string(), str::to_owned)
        })
        .collect();
    languages.sort();
    languages.dedup();
    let facts = [
        (say("fact-for"), eligible(service)),
        (say("fact-languages"), languages.join(", ")),
        (
            say("fact-to-apply"),
            short(service.application_process.as_ref()),
        ),
        (say("fact-cost"), short(service.fees_description.as_ref())),
    ];
    facts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

/// Whom it takes, in the provider's words and by its rules.
fn eligible(service: &Service) -> String {
    let words = short(service.eligibility_description.as_ref());
    let rules = service.eligibility.iter().map(rules::sentence);
    let each = Some(words)
        .filter(|words| !words.is_empty())
        .into_iter()
        .chain(rules);
    each.collect::<Vec<_>>().join(" ")
}

/// Lines of the service, of the place and of the organization: the closest to the service first.
pub(super) fn telephones(found: &Found) -> Vec<Line> {
    let listing = &found.listing;
    let at_place = found.place.iter().flat_map(|place| &place.location.phones);
    let service = listing.service.phones.iter();
    let phones = service.chain(at_place).chain(&listing.organization.phones);
    let mut addresses = listing.locations.iter().filter_map(|at| at.place.address());
    let domestic = addresses.all(|address| address.country == referral_core::geo::CountryCode::US);
    let mut lines = lines(phones, domestic);
    lines.truncate(LINES);
    lines
}

fn short(text: Option<&Text>) -> String {
    text.map(|text| summary(text.as_str())).unwrap_or_default()
}

/// The words with their first letter large.
pub(super) fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
