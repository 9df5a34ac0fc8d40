//! What if there were more places somewhere: the same question before and after.

use askama::Template;
use jiff::Timestamp;
use referral_core::coverage::{Amount, CountyRow, Measure, Placed, Report};
use referral_core::geo::{Kilometres, Locality, Point};
use referral_core::places::Places;
use referral_gazetteer::gazetteer;

use super::ask::Ask;
use super::page::{Head, Tile, county_link, heading, labelled, legend, tiles};
use super::words::{self, Said};
use crate::operations::{Addition, WhatIf};
use crate::web::map::{Band, Map, Scale};
use crate::web::wrong::Wrong;
use crate::{say, tell};

/// Most places that can be added.
const MOST: u32 = 100_000;
/// Counties in the list of what changes.
const SHOWN: usize = 20;

/// `coverage_what_if.html`.
#[derive(Template)]
#[template(path = "coverage_what_if.html")]
pub(super) struct Page {
    head: Head,
    ask: Ask,
    back: String,
    kept: Vec<(&'static str, String)>,
    wrong: Vec<Wrong>,
    next: Vec<Next>,
    within: String,
    found: Option<Found>,
}

/// Where a provider would help most people who have none.
struct Next {
    href: String,
    name: String,
    gained: String,
    covered: String,
}

struct Found {
    places: String,
    near: String,
    /// Each figure before and after.
    figures: Vec<Change>,
    heading: String,
    counties: Vec<County>,
    changed: usize,
    changed_said: String,
    people: String,
    area: String,
    map: Map,
    legend: Vec<Band>,
}

struct Change {
    name: String,
    before: Said,
    after: Said,
}

struct County {
    href: String,
    name: String,
    people: String,
    before: String,
    after: String,
}

/// What is to be added, understood.
pub(super) struct Wish {
    pub(super) addition: Addition,
    place: Locality,
}

impl Wish {
    /// Reads what is to be added; `None`: nothing was typed yet.
    ///
    /// # Errors
    /// Every field at fault, each with its reason.
    pub(super) fn read(ask: &Ask) -> Result<Option<Self>, Vec<Wrong>> {
        let (near, places) = (ask.value("near"), ask.value("places"));
        if places.is_empty() {
            return Ok(None);
        }
        let mut wrong = Vec::new();
        let place = place(near).map_err(|why| wrong.push(why)).ok();
        let number = places
            .parse()
            .ok()
            .filter(|number| (1..=MOST).contains(number));
        if number.is_none() {
            wrong.push(Wrong::of("places", "places_invalid"));
        }
        match (place, number) {
            (Some((place, at)), Some(places)) => {
                let addition = Addition { at, places };
                Ok(Some(Self { addition, place }))
            }
            _ => Err(wrong),
        }
    }
}

fn place(near: &str) -> Result<(Locality, Point), Wrong> {
    if near.is_empty() {
        return Err(Wrong::of("near", "place_missing"));
    }
    let place = Places::resolve(gazetteer(), near);
    let place = place.map_err(|unknown| Wrong::naming("near", unknown.code(), unknown.named()))?;
    if let Some(at) = place.point.filter(|_| place.state.is_some()) {
        return Ok((place, at));
    }
    Err(Wrong::of("near", "place_too_wide"))
}

impl Page {
    /// The form alone, or with what is wrong in it.
    pub(super) fn empty(ask: Ask, report: &Report, wrong: Vec<Wrong>, placed: &[Placed]) -> Self {
        let at = report.question.as_of;
        let placed = placed.iter();
        Self {
            next: placed.map(|placed| next(&ask, at, placed)).collect(),
            within: words::miles(near(report)),
            head: Head::of(report),
            back: ask.link("/coverage", at, &[]),
            kept: ask.kept(at),
            ask,
            wrong,
            found: None,
        }
    }

    /// The form, and what would change.
    pub(super) fn found(ask: Ask, wish: &Wish, what_if: &WhatIf) -> Self {
        let found = Found::of(&ask, wish, what_if);
        Self {
            found: Some(found),
            ..Self::empty(ask, &what_if.before, Vec::new(), &[])
        }
    }

    /// What is wrong with a field, for the line beside it.
    fn fault(&self, field: &str) -> Option<&str> {
        let mut wrong = self.wrong.iter();
        let fault = wrong.find(|wrong| wrong.field == field);
        fault.map(|wrong| wrong.text.as_str())
    }
}

/// What counts as near: the distance of the measure, else that of the question.
fn near(report: &Report) -> Kilometres {
    match &report.question.measure {
        Measure::CoverageAt(within) | Measure::KCoverage { within, .. } => *within,
        _ => report.question.within,
    }
}

fn next(ask: &Ask, at: Timestamp, placed: &Placed) -> Next {
    let name = words::county(placed.candidate.county);
    let wish = [("near", name.as_str()), ("places", "10")];
    Next {
        href: ask.link("/coverage/what-if", at, &wish) + "#change",
        gained: words::people(placed.gained.get()),
        covered: words::share(placed.covered),
        name,
    }
}

impl Found {
    fn of(ask: &Ask, wish: &Wish, WhatIf { before, after }: &WhatIf) -> Self {
        let state = wish.place.state;
        let scale = Scale::of(before);
        let label = |row: &CountyRow| Said::of(after.quantity, &row.figure).line();
        let link = |county| {
            let name = words::county_name(county);
            let said = after.county(county).map_or_else(String::new, label);
            (county_link(ask, before, county), labelled(name, said))
        };
        let map = state.and_then(|state| Map::state(after, &scale, state, link));
        let national =
            || Map::national(after, &scale, |state| (String::new(), words::state(state)));
        let mut changed = changed(before, after);
        let people: f64 = changed.iter().map(|(row, _)| row.people.get()).sum();
        let number = changed.len();
        changed.truncate(SHOWN);
        Self {
            places: tell(
                "what-if-added",
                &[
                    ("count", wish.addition.places.into()),
                    ("places", words::count(wish.addition.places.into()).into()),
                ],
            ),
            near: wish.place.label.clone(),
            figures: figures(before, after),
            heading: heading(before),
            counties: changed
                .into_iter()
                .map(|(row, then)| County {
                    href: county_link(ask, before, row.county),
                    name: words::county(row.county),
                    people: words::people(row.people.get()),
                    before: Said::of(before.quantity, &row.figure).line(),
                    after: Said::of(after.quantity, &then.figure).line(),
                })
                .collect(),
            changed: number,
            changed_said: words::count(number as u64),
            people: words::people(people),
            area: state.map_or_else(|| say("coverage-nation"), words::state),
            map: map.unwrap_or_else(national),
            legend: legend(after, &scale, state),
        }
    }
}

/// The figures of the country, before and after.
fn figures(before: &Report, after: &Report) -> Vec<Change> {
    let tiles = tiles(before, None).into_iter().zip(tiles(after, None));
    tiles
        .map(|(before, after): (Tile, Tile)| Change {
            name: before.name,
            before: before.said,
            after: after.said,
        })
        .collect()
}

/// The counties whose value changes, those with most people first.
fn changed<'a>(before: &'a Report, after: &'a Report) -> Vec<(&'a CountyRow, &'a CountyRow)> {
    let pairs = before
        .counties
        .iter()
        .filter_map(|row| Some((row, after.county(row.county)?)));
    let differs = |one: Amount, other: Amount| one != other;
    let mut changed: Vec<_> = pairs
        .filter(|(row, then)| differs(row.figure.value, then.figure.value))
        .collect();
    changed.sort_by(|(a, _), (b, _)| {
        let people = b.people.get().total_cmp(&a.people.get());
        people.then(a.county.cmp(&b.county))
    });
    changed
}
