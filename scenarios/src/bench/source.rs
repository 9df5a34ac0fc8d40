//! Where the services of a bench come from.

use jiff::Timestamp;
use referral_core::capacity::{Held, Order, Report, Ttl, ttl_for};
use referral_core::catalog::{Listing, Place};
use referral_core::federation::Epoch;
use referral_core::geo::{Kilometres, Locality, LocalityKind, Zip};
use referral_core::places::Places;
use referral_core::search::{Near, Need, QueryText, Request};
use referral_gazetteer::gazetteer;

use crate::network::{Network, Plan, seeded};

/// A service with the places of its organization and what is reported of it.
pub type Published = (Listing, Vec<Place>, Vec<Held>);

/// Every service of a network of so many, one after another.
///
/// # Errors
/// The first that `each` gives.
pub fn services(
    size: u32,
    seed: u64,
    now: Timestamp,
    each: &mut dyn FnMut(Published) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let network = Network::new(&Plan::services(size), now, &mut seeded(seed));
    for agency in network.agencies() {
        for branch in network.branches(agency) {
            let all: Vec<Place> = branch.locations.iter().map(|l| l.place.clone()).collect();
            for service in branch.services {
                let locations = service.offers.iter().filter_map(|offer| {
                    branch
                        .locations
                        .iter()
                        .find(|l| l.id == offer.location)
                        .cloned()
                });
                let reports = branch.reports.iter().filter(|r| r.service == service.id);
                let codes: Vec<_> = service.attributes.iter().map(|a| a.code.clone()).collect();
                let mut held = Vec::new();
                for (cseq, draft) in (1..).zip(reports) {
                    let report = Report::parse(draft.clone(), now)?;
                    let epoch = Epoch {
                        generation: 1,
                        number: 1,
                    };
                    let unit = report.main_count().map(|count| count.unit);
                    let longest: Ttl = ttl_for(&codes, unit);
                    held.push(Held::receive(report, Order { epoch, cseq }, longest, now));
                }
                let places = if service.offers.is_empty() {
                    all.clone()
                } else {
                    Vec::new()
                };
                let listing = Listing {
                    agency: agency.id.clone(),
                    organization: branch.organization.clone(),
                    locations: locations.collect(),
                    service,
                };
                each((listing, places, held))?;
            }
        }
    }
    Ok(())
}

/// One search of a workload.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The kind of search.
    pub class: &'static str,
    /// The search.
    pub request: Request,
}

/// Searches as caseworkers make them.
///
/// # Errors
/// When a code or word of the tables is none.
pub fn workload(number: usize, seed: u64) -> anyhow::Result<Vec<Asked>> {
    use rand::RngExt;
    let mut dice = seeded(seed);
    let zips: Vec<Zip> = gazetteer().zips().map(|zip| zip.zip).collect();
    let needs = [
        "lc:asy-aff",
        "lc:bond",
        "dom:leg",
        "ho:es",
        "dom:hou",
        "dom:mhp",
        "rep:ws,lc:sij",
        "dom:foo",
    ];
    let texts = [
        "asylum",
        "bond hearing",
        "family shelter",
        "green card",
        "abogado",
        "clinic",
        "trauma counseling",
    ];
    let languages = ["es", "ht", "ar", "fr", "ti"];
    let radii = [10.0, 10.0, 25.0, 25.0, 25.0, 50.0, 50.0, 100.0];
    let states = ["TX", "CA", "NY", "MD", "FL"];
    let mut asked = Vec::new();
    while asked.len() < number {
        let zip = zips[dice.random_range(0..zips.len())];
        let Some(place) = Places::zip(gazetteer(), zip) else {
            continue;
        };
        let any = Request {
            availability: referral_core::capacity::Availability::Any,
            ..Request::any()
        };
        let near = |place: &Locality, radius: f64| -> anyhow::Result<Option<Near>> {
            Ok(Some(Near {
                place: place.clone(),
                radius: Kilometres::from_miles(radius)?,
            }))
        };
        let radius = radii[dice.random_range(0..radii.len())];
        let need = Some(Need::parse(needs[dice.random_range(0..needs.len())])?);
        let text = QueryText::parse(texts[dice.random_range(0..texts.len())])?;
        let language = vec![referral_core::catalog::LanguageTag::parse(
            languages[dice.random_range(0..languages.len())],
        )?];
        let state = states[dice.random_range(0..states.len())];
        let open = Request::any();
        let (class, request) = match dice.random_range(0..100) {
            0..21 => (
                "near + need",
                Request {
                    need,
                    near: near(&place, radius)?,
                    ..any
                },
            ),
            21..41 => (
                "near + need + text",
                Request {
                    need,
                    text,
                    near: near(&place, radius)?,
                    ..any
                },
            ),
            41..53 => (
                "near + need, open",
                Request {
                    need,
                    near: near(&place, radius)?,
                    ..open
                },
            ),
            53..64 => (
                "near + need + language",
                Request {
                    need,
                    languages: language,
                    near: near(&place, radius)?,
                    ..any
                },
            ),
            64..74 => (
                "near + text",
                Request {
                    text,
                    near: near(&place, radius)?,
                    ..any
                },
            ),
            74..81 => (
                "all filters",
                Request {
                    need,
                    text,
                    languages: language,
                    near: near(&place, radius)?,
                    ..open
                },
            ),
            81..85 => (
                "serves + need",
                Request {
                    need,
                    serves: Some(place),
                    ..any
                },
            ),
            85..89 => (
                "near",
                Request {
                    near: near(&place, radius)?,
                    ..any
                },
            ),
            89..94 => ("text", Request { text, ..any }),
            94..97 => {
                let place = gazetteer().resolve(state)?;
                anyhow::ensure!(place.kind == LocalityKind::State);
                (
                    "statewide + need",
                    Request {
                        need,
                        near: near(&place, 1.0)?,
                        ..any
                    },
                )
            }
            _ => (
                "serves state + need",
                Request {
                    need,
                    serves: Some(gazetteer().resolve(state)?),
                    ..any
                },
            ),
        };
        asked.push(Asked { class, request });
    }
    Ok(asked)
}
