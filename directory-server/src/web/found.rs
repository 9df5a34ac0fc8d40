//! What was found, as the page shows it: results, what would help, what they have in common.

use std::collections::BTreeSet;

use referral_core::catalog::Place;
use referral_core::geo::Kilometres;

use super::form::Form;
use super::handout::languages::{self, Written};
use super::moment;
use super::places_map::{Link, PlacesMap, Spot};
use super::result::{Row, capitalised};
use super::still::{Still, pack, still};
use crate::operations::{Answer, Facet, FoundPlace, Help, field_of};
use crate::{say, tell};

/// Fewer services open than this are few: what would help comes before the results.
const FEW: usize = 5;
/// Most values of one facet on the page.
const VALUES: usize = 12;

/// What was found, as the page shows it.
pub(super) struct Shown {
    pub(super) total: usize,
    pub(super) count: String,
    /// What to know about the directory itself.
    pub(super) notices: Vec<String>,
    pub(super) part: String,
    pub(super) near: Option<String>,
    pub(super) serves: Option<String>,
    /// True when nothing or little is open: what would help comes first.
    pub(super) few: bool,
    pub(super) help: Vec<HelpButton>,
    pub(super) chosen: Vec<Button>,
    /// The number of the first result, from 1.
    pub(super) first: usize,
    pub(super) results: Vec<Row>,
    /// Where they are.
    pub(super) map: Option<PlacesMap>,
    /// The numbers of results whose place is known by its county alone.
    pub(super) shaded: String,
    pub(super) facets: Vec<FacetList>,
    /// True on every page but the first.
    pub(super) later: bool,
    /// What asks for the next page.
    pub(super) next: Option<String>,
    pub(super) link: Option<String>,
    /// What every button sends again: names and values.
    pub(super) kept: Vec<(&'static str, String)>,
    /// The languages of the hand-out.
    pub(super) written: Vec<Written>,
    /// What can be tried where no single change would help.
    pub(super) still: Vec<Still>,
    /// Where everything open in the area can be taken along.
    pub(super) pack: Option<String>,
    /// When the answer was true, for paper.
    pub(super) as_of: String,
}

/// A button that changes the search in one way.
pub(super) struct HelpButton {
    /// The field it sets, and its value.
    pub(super) name: &'static str,
    pub(super) value: String,
    /// What it gives: "Within 112 miles: 2".
    pub(super) text: String,
    /// The best it adds.
    pub(super) best: String,
}

/// A button with one value.
pub(super) struct Button {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) count: usize,
}

/// One facet.
pub(super) struct FacetList {
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) values: Vec<Button>,
    /// Values behind a fold.
    pub(super) more: Vec<Button>,
}

impl Shown {
    /// What was found by the search of `form`.
    pub(super) fn of(form: &Form, answer: &Answer) -> Self {
        let chosen = form.chosen.iter().map(|chosen| Button {
            value: chosen.to_string(),
            label: capitalised(&chosen.label()),
            count: answer.total,
        });
        Self {
            total: answer.total,
            count: count(answer),
            notices: answer.notices.iter().map(|n| n.text.clone()).collect(),
            part: part(answer),
            near: answer.near.clone(),
            serves: answer.serves.clone(),
            few: answer.open < FEW,
            help: answer
                .near_misses
                .iter()
                .map(|help| button(form, help))
                .collect(),
            chosen: chosen.collect(),
            first: answer.before + 1,
            results: rows(answer),
            map: map(answer),
            shaded: shaded(answer),
            facets: facets(form, answer),
            later: answer.before > 0,
            next: answer.next.clone(),
            link: form.link(),
            kept: form.kept(),
            written: languages::offered(form.value("language")),
            still: if answer.open < FEW && answer.near_misses.is_empty() {
                still(form, form.value("need"))
            } else {
                Vec::new()
            },
            pack: pack(form),
            as_of: as_of(answer),
        }
    }
}

/// The results as rows.
pub(super) fn rows(answer: &Answer) -> Vec<Row> {
    let rows = answer.results.iter().map(Row::from);
    rows.map(|row| row.seen_at(answer.as_of)).collect()
}

/// When the answer was true, in the time of its first place.
pub(super) fn as_of(answer: &Answer) -> String {
    let first = answer.results.iter().find_map(|found| found.place.as_ref());
    let zone = moment::zone(first.and_then(|place| place.time_zone));
    moment::there(answer.as_of, &zone)
}

/// The places of the results, with their numbers; a confidential one as its county.
fn map(answer: &Answer) -> Option<PlacesMap> {
    let numbered = || (answer.before + 1..).zip(&answer.results);
    let places = numbered().filter_map(|(number, found)| {
        let place = found.place.as_ref()?;
        Some((number, found, &place.location.place))
    });
    let (mut spots, mut counties) = (Vec::new(), BTreeSet::new());
    for (number, found, place) in places {
        if let Place::County(county) = place {
            counties.insert(*county);
        }
        let Some(point) = place.point() else { continue };
        let name = found.listing.service.name.as_str();
        let said = [("number", number.into()), ("name", name.into())];
        spots.push(Spot {
            point,
            pin: Some(Link {
                number,
                href: format!("#result-{number}"),
                label: tell("map-pin", &said),
            }),
        });
    }
    PlacesMap::of(say("map-label"), &counties, spots)
}

/// The numbers of the results whose place is known by its county alone.
fn shaded(answer: &Answer) -> String {
    let numbered = (answer.before + 1..).zip(&answer.results);
    let shaded = numbered.filter(|(_, found)| {
        let place = found.place.as_ref();
        place.is_some_and(FoundPlace::confidential)
    });
    let numbers: Vec<String> = shaded.map(|(number, _)| number.to_string()).collect();
    numbers.join(", ")
}

/// "1 service found", "54 services found".
fn count(answer: &Answer) -> String {
    tell("answer-count", &[("total", answer.total.into())])
}

/// How many of them are open, where not all are, and which of them are shown, where not all are.
fn part(answer: &Answer) -> String {
    let (total, shown) = (answer.total, answer.results.len());
    let open = match answer.open {
        open if open == total => String::new(),
        open => tell("answer-open", &[("open", open.into())]),
    };
    if shown == 0 || shown == total {
        return open;
    }
    let (first, last) = (answer.before + 1, answer.before + shown);
    let shown = [("first", first.into()), ("last", last.into())];
    open + &tell("answer-shown", &shown)
}

fn button(form: &Form, help: &Help) -> HelpButton {
    let (name, value) = form.change(&help.change);
    HelpButton {
        name,
        value,
        text: help.line(),
        best: best(help),
    }
}

/// "Best of them: Asylum clinic, Chesapeake Legal Aid – open, 108 miles away".
fn best(help: &Help) -> String {
    let best = &help.best;
    let state = if best.capacity.call_first {
        say("best-not-known")
    } else {
        best.capacity.state.clone()
    };
    let mut said = vec![
        ("name", best.name.as_str().into()),
        ("organization", best.organization.as_str().into()),
        ("state", state.into()),
    ];
    match best.distance.map(Kilometres::miles) {
        None => tell("best", &said),
        Some(miles) if miles < 1.5 => tell("best-mile", &said),
        Some(miles) => {
            said.push(("miles", format!("{miles:.0}").into()));
            tell("best-miles", &said)
        }
    }
}

/// The facets, without values that were chosen already or that every result has.
fn facets(form: &Form, answer: &Answer) -> Vec<FacetList> {
    let shown = answer
        .facets
        .iter()
        .map(|facet| facet_list(form, facet, answer.total));
    shown.filter(|facet| !facet.values.is_empty()).collect()
}

fn facet_list(form: &Form, facet: &Facet, total: usize) -> FacetList {
    let mut values: Vec<Button> = facet
        .values
        .iter()
        .filter(|value| value.count < total)
        .map(|value| Button {
            value: format!("{}={}", field_of(&value.filter), value.filter),
            label: capitalised(&value.label),
            count: value.count,
        })
        .filter(|value| {
            form.chosen
                .iter()
                .all(|chosen| chosen.to_string() != value.value)
        })
        .collect();
    let more = values.split_off(values.len().min(VALUES));
    FacetList {
        name: facet.name,
        title: title(facet.name),
        values,
        more,
    }
}

fn title(facet: &str) -> String {
    match facet {
        "need" => say("facet-need"),
        "language" => say("facet-language"),
        "access" => say("facet-access"),
        "fee" => say("facet-fee"),
        "state" => say("facet-state"),
        _ => say("facet-place"),
    }
}
