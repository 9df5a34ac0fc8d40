//! One county: what is there, what is nearest, on whom it depends, and how searches for it ended.

use askama::Template;
use referral_core::coverage::{CountyRow, Report, SearchLine};
use referral_core::geo::CountyFips;
use referral_core::id::PublicId;
use referral_gazetteer::gazetteer;

use super::ask::Ask;
use super::page::{Head, Tile, county_link, heading};
use super::words::{self, Said};
use crate::{say, tell};

/// `coverage_county.html`.
#[derive(Template)]
#[template(path = "coverage_county.html")]
pub(super) struct Page {
    head: Head,
    name: String,
    state: String,
    /// The report this belongs to.
    back: String,
    what_if: String,
    /// `None`: nobody lives there, as far as the table of demand knows.
    found: Option<Found>,
    neighbours: Vec<Neighbour>,
}

struct Found {
    tile: Tile,
    people: String,
    rural: bool,
    /// People who reach nobody, where there are any.
    without: Option<String>,
    open: u32,
    stale: u32,
    unknown: u32,
    not_open: u32,
    remote: u32,
    nearest: Vec<Nearest>,
    depends: Option<Depends>,
    within: String,
    searches: Vec<(String, String)>,
    week: Option<String>,
}

struct Nearest {
    service: String,
    organization: String,
    /// How far it is, how many places are free, and for how many people it is the nearest.
    line: String,
}

struct Depends {
    organization: String,
    service: String,
    people: String,
    share: String,
}

struct Neighbour {
    href: String,
    name: String,
    value: String,
}

impl Page {
    /// The county's page; `None` where the map has no such county.
    pub(super) fn of(ask: &Ask, report: &Report, county: CountyFips) -> Option<Self> {
        let known = gazetteer().county(county)?;
        let at = report.question.as_of;
        let near = format!("{}, {}", known.name, known.state);
        Some(Self {
            head: Head::of(report),
            name: words::county(county),
            state: words::state(known.state),
            back: ask.link("/coverage", at, &[("state", known.state.as_str())]),
            what_if: ask.link("/coverage/what-if", at, &[("near", &near)]),
            found: report.county(county).map(|row| Found::of(report, row)),
            neighbours: neighbours(ask, report, county),
        })
    }
}

impl Found {
    fn of(report: &Report, row: &CountyRow) -> Self {
        let people = row.people.get();
        let without = row.without.get();
        Self {
            tile: Tile {
                name: heading(report),
                said: Said::of(report.quantity, &row.figure),
            },
            people: words::people(people),
            rural: row.rurality == referral_core::coverage::Rurality::Rural,
            without: (without > 0.0).then(|| words::people(without)),
            open: row.here.open,
            stale: row.here.stale,
            unknown: row.here.unknown,
            not_open: row.here.not_open,
            remote: row.remote,
            nearest: row
                .nearest
                .iter()
                .map(|near| nearest(report, near))
                .collect(),
            depends: row.depends_on.as_ref().map(|depends| {
                let (service, organization) = provider(report, depends.service);
                Depends {
                    organization,
                    service,
                    people: words::people(depends.people.get()),
                    share: words::share(depends.people.get() / people.max(f64::MIN_POSITIVE)),
                }
            }),
            within: words::miles(report.question.within),
            searches: row.searches.iter().map(searches).collect(),
            week: report.searches_of.map(|week| week.to_string()),
        }
    }
}

/// What was searched for and how it ended, and how many did.
fn searches(line: &SearchLine) -> (String, String) {
    let endings: Vec<String> = line
        .endings
        .iter()
        .map(|ending| words::ending(*ending))
        .collect();
    let or = |first: String, second: String| {
        tell(
            "county-or",
            &[("first", first.into()), ("second", second.into())],
        )
    };
    let endings = endings.into_iter().reduce(or).unwrap_or_default();
    let topic = words::topic(&line.topic);
    let said = [("topic", topic.into()), ("endings", endings.into())];
    (tell("county-topic", &said), words::searches(line.count))
}

fn nearest(report: &Report, near: &referral_core::coverage::Nearest) -> Nearest {
    let (service, organization) = provider(report, near.service);
    let distance = words::miles(near.distance);
    let mut said = vec![
        ("distance", distance.into()),
        ("places", words::places(near.places).into()),
    ];
    let people = near.people.get();
    let line = if people > 0.0 {
        said.push(("people", words::people(people).into()));
        tell("county-near-people", &said)
    } else {
        tell("county-near", &said)
    };
    Nearest {
        service,
        organization,
        line,
    }
}

/// The names of a service and of its organization.
pub(super) fn provider(report: &Report, service: PublicId) -> (String, String) {
    report.providers.get(&service).map_or_else(
        || (say("county-some-service"), say("county-listed-no-more")),
        |known| (known.service.to_string(), known.organization.to_string()),
    )
}

fn neighbours(ask: &Ask, report: &Report, county: CountyFips) -> Vec<Neighbour> {
    let all = gazetteer().neighbours(county).into_iter();
    let mut all: Vec<Neighbour> = all
        .map(|county| Neighbour {
            href: county_link(ask, report, county),
            name: words::county(county),
            value: report.county(county).map_or_else(
                || say("county-nobody-in-table"),
                |row| words::amount(report.quantity, row.figure.value),
            ),
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}
