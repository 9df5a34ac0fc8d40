//! `/service/{agency}/{id}`: everything published of one service, and the form that reports a problem with it.
//!
//! A service that somebody may not see has no page for them, as one that is not there. What it says in words is in
//! `words`, its hours in `hours`; `chart` draws what was reported before, `area` where it serves people.

mod area;
mod chart;
mod hours;
mod outcome;
mod words;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use referral_core::policy::Role;
use referral_runtime::web::Fields;

use super::moment;
use super::phone::{Line, lines};
use super::result::{asks, capitalised, hidden, place_line};
use super::state::StateLine;
use super::visitor::Visitor;
use super::{NotFound, render};
use crate::operations::{
    Directory, OfferView, OriginOf, Problem, ProblemRefused, SearchError, ServiceView,
};
use crate::{say, tell};
use area::Area;
use chart::Past;
use hours::Hours;
pub(super) use outcome::words as outcome_words;

/// The pages.
pub(super) fn routes() -> Router<Arc<Directory>> {
    Router::new()
        .route("/service/{agency}/{id}", get(show))
        .route("/service/{agency}/{id}/problem", post(report))
        .route("/service/{agency}/{id}/outcome", post(outcome::say_it))
}

/// Where the page of a service is.
pub(super) fn address(service: &RecordKey) -> String {
    format!("/service/{}/{}", service.agency, service.id)
}

/// `service.html`.
#[derive(Template)]
#[template(path = "service.html")]
struct Page {
    role: Option<String>,
    address: String,
    name: String,
    alternate: Option<String>,
    organization: String,
    agency: String,
    alert: Option<String>,
    cautions: Vec<String>,
    phones: Vec<Line>,
    url: Option<String>,
    email: Option<String>,
    offers: Vec<Offer>,
    description: Vec<String>,
    /// A name and its lines each.
    facts: Vec<(String, Vec<String>)>,
    area: Area,
    hidden: Option<String>,
    asks: Vec<(String, String)>,
    past: Option<Past>,
    others: Vec<Other>,
    more_others: bool,
    silence: Option<(String, String)>,
    origins: Vec<Origin>,
    problems: Vec<(&'static str, String, bool)>,
    fault: Option<String>,
    told: bool,
    /// How far its "open" could be relied on.
    known: Option<String>,
    question: Option<outcome::Question>,
    outcome_fault: Option<String>,
    taken_back: bool,
    /// When it was true, for paper.
    as_of: String,
}

/// The service at one place.
struct Offer {
    line: StateLine,
    place: Option<String>,
    hours: Hours,
    /// True where somebody reported how full it is.
    reported: bool,
    /// What is different here, how to get there, help for people with disabilities.
    notes: Vec<String>,
}

/// Another service of the organization.
struct Other {
    address: String,
    name: String,
    line: StateLine,
}

/// Where a record comes from.
struct Origin {
    what: String,
    published: (String, String),
    published_there: String,
    checked: Option<String>,
    checked_long_ago: bool,
    source: Option<String>,
    signed_by: Option<String>,
}

/// What the visitor has just done with the form.
#[derive(Default)]
struct Reporting {
    chosen: Option<Problem>,
    fault: Option<(StatusCode, String)>,
    told: bool,
    outcome_fault: Option<(StatusCode, String)>,
    taken_back: bool,
}

async fn show(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    Path(path): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let reporting = Reporting {
        told: fields.value("problem") == "told",
        taken_back: fields.value("outcome") == "taken-back",
        ..Reporting::default()
    };
    let whole = fields.value("history") == "all";
    page(&directory, &visitor, &path, reporting, whole).await
}

async fn report(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    Path(path): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let Some(service) = key(&path) else {
        return render(StatusCode::NOT_FOUND, &NotFound);
    };
    let Some(chosen) = Problem::parse(Fields::read(&body).value("problem")) else {
        let reporting = Reporting {
            fault: Some((StatusCode::BAD_REQUEST, say("problem-choose"))),
            ..Reporting::default()
        };
        return page(&directory, &visitor, &path, reporting, false).await;
    };
    let viewer = &visitor.viewer;
    let taken = directory.report_problem(viewer, &service, chosen, visitor.from);
    let (status, words) = match taken.await {
        Ok(()) => {
            let to = format!("{}?problem=told#problem", address(&service));
            return see(&to);
        }
        Err(ProblemRefused::Nothing) => return render(StatusCode::NOT_FOUND, &NotFound),
        Err(ProblemRefused::TooMany) => (StatusCode::TOO_MANY_REQUESTS, say("problem-too-many")),
        Err(failed) => {
            tracing::error!(error.type = failed.code(), "a problem was not taken: {failed}");
            (StatusCode::SERVICE_UNAVAILABLE, say("problem-failed"))
        }
    };
    let reporting = Reporting {
        chosen: Some(chosen),
        fault: Some((status, words)),
        ..Reporting::default()
    };
    page(&directory, &visitor, &path, reporting, false).await
}

/// Another page, to be asked for with GET.
fn see(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn key((agency, id): &(String, String)) -> Option<RecordKey> {
    Some(RecordKey {
        agency: AgencyId::parse(agency).ok()?,
        kind: Kind::Service,
        id: LocalId::parse(id).ok()?,
    })
}

async fn page(
    directory: &Arc<Directory>,
    visitor: &Visitor,
    path: &(String, String),
    reporting: Reporting,
    whole: bool,
) -> Response {
    let Some(service) = key(path) else {
        return render(StatusCode::NOT_FOUND, &NotFound);
    };
    match directory.service(&visitor.viewer, service, whole).await {
        Ok(None) | Err(SearchError::Denied) => render(StatusCode::NOT_FOUND, &NotFound),
        Ok(Some(view)) => {
            let faults = reporting.fault.as_ref();
            let faults = faults.or(reporting.outcome_fault.as_ref());
            let status = faults.map(|(status, _)| *status);
            let page = Page {
                question: outcome::Question::of(directory, &view, visitor),
                known: directory.outcome_figure(&view.key).map(outcome::known),
                ..Page::of(&view, visitor, reporting)
            };
            render(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(SearchError::Busy | SearchError::Late) => {
            let page = Busy {
                address: format!("/service/{}/{}", path.0, path.1),
            };
            let mut answer = render(StatusCode::SERVICE_UNAVAILABLE, &page);
            let headers = answer.headers_mut();
            headers.insert(RETRY_AFTER, HeaderValue::from_static("2"));
            answer
        }
        Err(failed) => {
            tracing::error!(error.type = "service", "a service was not shown: {failed}");
            let page = Busy {
                address: format!("/service/{}/{}", path.0, path.1),
            };
            render(StatusCode::INTERNAL_SERVER_ERROR, &page)
        }
    }
}

/// `busy.html`: the same address may answer in a moment.
#[derive(Template)]
#[template(path = "busy.html")]
struct Busy {
    address: String,
}

/// The page of a directory that has too much to do, for tests that look at every page.
///
/// # Errors
/// When it cannot be drawn.
pub fn busy_page() -> Result<String, askama::Error> {
    let address = "/".to_owned();
    Busy { address }.render()
}

impl Page {
    fn of(view: &ServiceView, visitor: &Visitor, reporting: Reporting) -> Self {
        let listing = &view.listing;
        let (service, organization) = (&listing.service, &listing.organization);
        let may_ask = visitor.viewer.role == Role::Specialist && visitor.session.is_some();
        let url = service.url.as_ref().or(organization.website.as_ref());
        let email = service.email.as_ref().or(organization.email.as_ref());
        let about = [&service.description, &organization.description];
        let others = view.others.iter().map(|other| Other {
            address: address(&other.key),
            name: other.name.clone(),
            line: StateLine::from(&other.offer),
        });
        let problems = Problem::ALL.into_iter().map(|problem| {
            let words = words::problem(problem);
            (problem.as_str(), words, reporting.chosen == Some(problem))
        });
        Self {
            role: visitor.role_words(),
            address: address(&view.key),
            name: service.name.to_string(),
            alternate: service.alternate_name.as_ref().map(ToString::to_string),
            organization: organization.name.to_string(),
            agency: view.agency.clone(),
            alert: service.alert.as_ref().map(ToString::to_string),
            cautions: view.cautions.iter().map(|one| capitalised(one)).collect(),
            phones: phones(view),
            url: url.map(|url| url.as_str().to_owned()),
            email: email.map(|email| email.as_str().to_owned()),
            offers: view
                .offers
                .iter()
                .map(|offer| Offer::of(view, offer))
                .collect(),
            description: about
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect(),
            facts: words::facts(listing),
            area: Area::of(view),
            hidden: hidden(listing),
            asks: if may_ask {
                asks(&view.key, listing)
            } else {
                Vec::new()
            },
            past: view.past.as_ref().map(|past| Past::of(past, view)),
            others: others.collect(),
            more_others: view.more_others,
            silence: view
                .silence
                .as_ref()
                .map(|silence| (silence.since.to_string(), silence.words.clone())),
            origins: origins(view),
            problems: problems.collect(),
            fault: reporting.fault.map(|(_, words)| words),
            told: reporting.told,
            known: None,
            question: None,
            outcome_fault: reporting.outcome_fault.map(|(_, words)| words),
            taken_back: reporting.taken_back,
            as_of: moment::there(view.as_of, &zone(view)),
        }
    }
}

impl Offer {
    fn of(view: &ServiceView, offer: &OfferView) -> Self {
        let place = offer.place.as_ref();
        let id = place.map(|place| &place.location.id);
        let published = view.listing.service.offers.iter();
        let published = published.filter(|published| Some(&published.location) == id);
        let different = published.filter_map(|published| published.description.as_ref());
        let mut notes: Vec<String> = different.map(ToString::to_string).collect();
        if let Some(location) = place.map(|place| &place.location) {
            let texts = [&location.description, &location.transportation];
            notes.extend(texts.into_iter().flatten().map(ToString::to_string));
            for help in &location.accessibility {
                let texts = [&help.description, &help.details];
                notes.extend(texts.into_iter().flatten().map(ToString::to_string));
            }
        }
        Self {
            line: StateLine::from(offer),
            place: place.and_then(place_line),
            hours: Hours::of(offer, view.as_of),
            reported: offer.observed_at.is_some(),
            notes,
        }
    }
}

/// Every line somebody answers: of the service and its offers, of the places, of the organization.
fn phones(view: &ServiceView) -> Vec<Line> {
    let listing = &view.listing;
    let service = &listing.service;
    let offers = service.offers.iter().flat_map(|offer| &offer.phones);
    let places = listing.locations.iter().flat_map(|at| &at.phones);
    let all = service.phones.iter().chain(offers).chain(places);
    let mut addresses = listing.locations.iter().filter_map(|at| at.place.address());
    let domestic = addresses.all(|address| address.country == referral_core::geo::CountryCode::US);
    lines(all.chain(&listing.organization.phones), domestic)
}

/// The zone of its first place.
fn zone(view: &ServiceView) -> TimeZone {
    let first = view.offers.iter().find_map(|offer| offer.place.as_ref());
    moment::zone(first.and_then(|place| place.time_zone))
}

fn origins(view: &ServiceView) -> Vec<Origin> {
    let zone = zone(view);
    let origins = view.origins.iter().map(|origin| Origin {
        what: match &origin.of {
            OriginOf::Service => say("origin-service"),
            OriginOf::Organization => say("origin-organization"),
            OriginOf::Location(None) => say("origin-location"),
            OriginOf::Location(Some(name)) => {
                tell("origin-location-named", &[("name", name.as_str().into())])
            }
        },
        published: (
            origin.published_at.to_string(),
            crate::operations::ago(origin.published_at, view.as_of),
        ),
        published_there: moment::there(origin.published_at, &zone),
        checked: origin.checked_on.map(|day| day.to_string()),
        checked_long_ago: origin
            .checked_on
            .is_some_and(|day| moment::is_old(day, view.as_of)),
        source: origin.source.clone(),
        signed_by: origin.signed_by.clone(),
    });
    origins.collect()
}
