//! One place on the sheet: how to reach it first, then what to know.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use referral_core::capacity::State;
use referral_core::catalog::{Place, Schedule};
use referral_core::text::Text;
use referral_runtime::texts::Texts;

use super::words::{self, Words};
use crate::operations::Found;
use crate::rpc::summary;
use crate::web::phone::Line;
use crate::web::result::{address_line, telephones};

/// Most telephone lines.
const PHONES: usize = 2;
/// Most papers to bring.
const PAPERS: usize = 4;
/// Characters of a printed line, about.
const WIDTH: usize = 72;

/// One place.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) organization: Option<String>,
    pub(super) lines: Vec<Line>,
    /// Where no telephone is published: the page on the web.
    pub(super) web: Option<String>,
    pub(super) state: &'static str,
    pub(super) state_words: String,
    pub(super) distance: Option<String>,
    pub(super) address: Option<Words>,
    pub(super) hours: Vec<Words>,
    pub(super) languages: Option<String>,
    pub(super) start: Option<String>,
    pub(super) bring: Option<String>,
    pub(super) cost: Option<Words>,
}

impl Entry {
    /// A place as the sheet shows it at `now`.
    pub(super) fn of(found: &Found, now: Timestamp, texts: &Texts) -> Self {
        let service = &found.listing.service;
        let organization = &found.listing.organization;
        let mut lines = telephones(found);
        lines.truncate(PHONES);
        let url = service.url.as_ref().or(organization.website.as_ref());
        let web = url.map(|url| url.as_str().to_owned());
        let zone = zone(found);
        let papers = service.required_documents.iter().take(PAPERS);
        let papers: Vec<&str> = papers.map(|paper| paper.document.as_str()).collect();
        Self {
            name: service.name.to_string(),
            organization: (service.name != organization.name)
                .then(|| organization.name.to_string()),
            web: web.filter(|_| lines.is_empty()),
            lines,
            state: found.state.as_str(),
            state_words: state(found, &zone, now, texts),
            distance: distance(found, texts),
            address: address(found, texts),
            hours: words::hours(schedules(found), day(now, &zone), texts),
            languages: words::languages(&service.languages, texts),
            start: short(service.application_process.as_ref()),
            bring: (!papers.is_empty()).then(|| summary(&papers.join(", "))),
            cost: cost(found, texts),
        }
    }

    /// How many lines it takes on paper, about: what does not fit on the sheet of its need is left to the
    /// newest list.
    pub(super) fn height(&self) -> usize {
        let tall = |text: &str| text.chars().count().div_ceil(WIDTH);
        let optional = [
            self.organization.as_deref(),
            self.languages.as_deref(),
            self.start.as_deref(),
            self.bring.as_deref(),
            self.address.as_ref().map(|words| words.text.as_str()),
            self.cost.as_ref().map(|words| words.text.as_str()),
        ];
        let optional: usize = optional.into_iter().flatten().map(tall).sum();
        let hours: usize = self.hours.iter().map(|words| tall(&words.text)).sum();
        // Names and numbers are larger; the state and the space between places are a line each.
        2 * tall(&self.name) + 2 * self.lines.len().max(1) + optional + hours + 2
    }
}

fn state(found: &Found, zone: &TimeZone, now: Timestamp, texts: &Texts) -> String {
    let at = found.held.as_ref().map_or(now, |held| held.observed_at);
    let on = words::date(day(at, zone), texts);
    let known = !matches!(found.state, State::Stale | State::Unknown);
    let key = format!("state-{}", found.state.as_str());
    if known {
        texts.tell(&key, &[("date", on.into())])
    } else {
        texts.say(&key)
    }
}

/// The zone of the place; elsewhere that of the capital.
pub(super) fn zone(found: &Found) -> TimeZone {
    let name = found.place.as_ref().and_then(|place| place.time_zone);
    TimeZone::get(name.unwrap_or("America/New_York")).unwrap_or(TimeZone::UTC)
}

/// The day of `at` in a zone.
pub(super) fn day(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

fn distance(found: &Found, texts: &Texts) -> Option<String> {
    let miles = found.distance?.miles().round().max(1.0);
    Some(texts.tell("distance", &[("miles", miles.into())]))
}

fn address(found: &Found, texts: &Texts) -> Option<Words> {
    let place = found.place.as_ref()?;
    match &place.location.place {
        Place::County(_) => {
            let area = place.area.clone();
            Some(Words::own(
                texts.tell("address-hidden", &[("area", area.into())]),
            ))
        }
        at => {
            let line = at.address().map(address_line)?;
            (!line.is_empty()).then(|| Words::published(line))
        }
    }
}

/// The hours closest to the offer: of the service there, of the service, of the place.
fn schedules(found: &Found) -> &[Schedule] {
    let at = found.place.as_ref().map(|place| &place.location);
    let service = &found.listing.service;
    let offer = service.offers.iter();
    let mut offer = offer.filter(|offer| at.is_some_and(|at| at.id == offer.location));
    let of_offer = offer.next().map(|offer| offer.schedules.as_slice());
    let of_place = at.map(|at| at.schedules.as_slice());
    let all = [of_offer, Some(service.schedules.as_slice()), of_place];
    let mut stated = all.into_iter().flatten().filter(|hours| !hours.is_empty());
    stated.next().unwrap_or_default()
}

fn cost(found: &Found, texts: &Texts) -> Option<Words> {
    let service = &found.listing.service;
    let mut codes = service.attributes.iter().map(|of| of.code.as_str());
    if codes.any(|code| code == "fee:free") {
        return Some(Words::own(texts.say("free")));
    }
    short(service.fees_description.as_ref()).map(Words::published)
}

fn short(text: Option<&Text>) -> Option<String> {
    text.map(|text| summary(text.as_str()))
        .filter(|text| !text.is_empty())
}
