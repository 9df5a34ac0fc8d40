//! One county: what is there, what is nearest, on whom it depends, and how searches for it ended.

use askama::Template;
use referral_core::coverage::{CountyRow, Report, SearchLine};
use referral_core::geo::CountyFips;
use referral_core::id::PublicId;
use referral_gazetteer::gazetteer;

use super::ask::Ask;
use super::page::{Head, Tile, county_link, heading};
use super::words::{self, Said};

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
    distance: String,
    places: String,
    /// People it is the nearest for, where there are any.
    people: Option<String>,
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
                name: heading(report).to_owned(),
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
    let endings: Vec<&str> = line
        .endings
        .iter()
        .map(|ending| words::ending(*ending))
        .collect();
    let (topic, endings) = (words::topic(&line.topic), endings.join(" or "));
    (format!("{topic}: {endings}"), words::searches(line.count))
}

fn nearest(report: &Report, near: &referral_core::coverage::Nearest) -> Nearest {
    let (service, organization) = provider(report, near.service);
    Nearest {
        service,
        organization,
        distance: words::miles(near.distance),
        places: words::places(near.places),
        people: (near.people.get() > 0.0).then(|| words::people(near.people.get())),
    }
}

/// The names of a service and of its organization.
pub(super) fn provider(report: &Report, service: PublicId) -> (String, String) {
    report.providers.get(&service).map_or_else(
        || {
            (
                "A service".to_owned(),
                "an organization that is listed no more".to_owned(),
            )
        },
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
                || "nobody in the table of demand".to_owned(),
                |row| words::amount(report.quantity, row.figure.value),
            ),
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}
