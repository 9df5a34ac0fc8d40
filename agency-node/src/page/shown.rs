//! What the directory shows of the agency right now: how each service stands in searches, and whether the records it
//! has are those that this node published.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::Timestamp;
use referral_runtime::web::Fields;
use tokio::time::timeout;

use super::board::RowView;
use super::board::frame::Frame;
use super::visitor::SignedIn;
use super::words::{ago, span};
use super::{House, failed, reason, render, say, stopping, tell, to};
use crate::operations::Verification;
use crate::operations::desk::{Desk, Row};

/// How long an answer is waited for before the page says that it is still to come.
const ANSWER: Duration = Duration::from_secs(10);
/// Most differences on the page.
const SHOWN: usize = 100;

/// The pages.
pub(super) fn routes() -> Router<Arc<House>> {
    Router::new()
        .route("/shown", get(shown))
        .route("/shown/ask", post(ask))
}

/// `shown.html`.
#[derive(Template)]
#[template(path = "shown.html")]
struct ShownPage {
    frame: Frame,
    token: String,
    is_asked: bool,
    services: Vec<ServiceView>,
    /// How many services more there are.
    more: Option<String>,
    /// Why it cannot be asked; `None`: it can.
    unreachable: Option<String>,
    found: Option<FoundView>,
}

/// How a service stands in searches.
struct ServiceView {
    title: String,
    place: Option<String>,
    /// The state's stable name, for its colour and icon.
    state: &'static str,
    words: String,
    /// When it was said, and how long ago that is.
    said: Option<(String, String)>,
    /// When it goes stale or did, the same in words.
    stale: Option<(String, String)>,
    /// What was said of it and has not come there.
    but: Option<String>,
    /// Its public page; `None`: there is none, or nobody knows where.
    page: Option<String>,
}

/// What the last comparison found.
struct FoundView {
    at: String,
    ago: String,
    text: String,
    /// What was read as anybody reads it.
    public: String,
    /// What differs: its name, what it is, and how.
    differences: Vec<(String, String, String)>,
    more: Option<String>,
}

async fn shown(State(house): State<Arc<House>>, who: SignedIn) -> Response {
    let drawn = house.node.run(move |node| {
        let now = node.clock().now();
        let desk = node.desk(&who.person);
        let shown = desk.shown();
        let link = desk.link();
        let unreachable = (!link.connected).then(|| {
            let heard = link.last_heard.map(|heard| span(heard, now));
            heard.map_or_else(
                || say("never-heard"),
                |heard| tell("unreachable", &[("time", heard.into())]),
            )
        });
        let rows = desk.board().rows;
        let more = rows.len().saturating_sub(SHOWN);
        ShownPage {
            services: services(&desk, rows, now),
            more: (more > 0).then(|| tell("and-more", &[("count", more.into())])),
            frame: Frame::of(&desk, "shown"),
            token: who.token(),
            is_asked: shown.is_asked,
            unreachable,
            found: shown
                .last
                .as_ref()
                .map(|last| FoundView::of(last, &shown.titles, now)),
        }
    });
    match drawn.await {
        Ok(page) => render(StatusCode::OK, &page),
        Err(_) => stopping(),
    }
}

async fn ask(State(house): State<Arc<House>>, who: SignedIn, body: Bytes) -> Response {
    if Fields::read(&body).value("token") != who.token() {
        return failed(StatusCode::FORBIDDEN, say("form-too-old"));
    }
    let person = who.person;
    let asked = house.node.run(move |node| node.desk(&person).ask());
    if asked.await.is_err() {
        return stopping();
    }
    if house.node.link().borrow().connected {
        let mut verifying = house.node.verifying().subscribe();
        let done = verifying.wait_for(|verifying| verifying.done >= verifying.asked);
        let _late = timeout(ANSWER, done).await;
    }
    to("/shown#found")
}

/// What searches do not find comes first.
fn services(desk: &Desk<'_>, mut rows: Vec<Row>, now: Timestamp) -> Vec<ServiceView> {
    rows.sort_by_key(|row| row.is_published && row.held.is_none());
    let rows = rows.iter().take(SHOWN);
    rows.map(|row| {
        let page = desk.public_page(&row.about.service);
        ServiceView::of(row, page, now)
    })
    .collect()
}

impl ServiceView {
    fn of(row: &Row, page: Option<String>, now: Timestamp) -> Self {
        let view = RowView::of(row, 0, None, now);
        let found = row.is_published && row.held.is_none();
        let (state, words, but) = match (row.is_published, row.held) {
            (false, _) => ("closed", say("shown-nowhere"), None),
            (true, Some(why)) => ("paused", reason::held(why), None),
            (true, None) => (view.state, state(&view), not_there(view.sent)),
        };
        Self {
            title: view.title,
            place: view.place,
            state,
            words,
            said: view.said.filter(|_| row.is_published),
            stale: view.stale.filter(|_| row.is_published),
            but,
            page: page.filter(|_| found),
        }
    }
}

/// The state with what a caseworker reads beside it.
fn state(view: &RowView) -> String {
    let beside = [&view.places, &view.waiting, &view.before];
    let beside = beside.into_iter().flatten();
    let words = std::iter::once(&view.words).chain(beside);
    words.cloned().collect::<Vec<String>>().join(" – ")
}

/// What was said and has not come there, in words.
fn not_there(sent: Option<(&str, String)>) -> Option<String> {
    let (sign, words) = sent?;
    (sign != "has").then_some(words)
}

impl FoundView {
    fn of(found: &Verification, titles: &[String], now: jiff::Timestamp) -> Self {
        let count = found.differences.len();
        let records = [("count", found.records.into())];
        let text = match count {
            0 => tell("shown-as-published", &records),
            _ => tell(
                "shown-differs",
                &[("count", count.into()), ("all", found.records.into())],
            ),
        };
        let public = if found.public_problem.is_empty() {
            tell("shown-public", &[("count", found.public_records.into())])
        } else {
            say("shown-public-unread")
        };
        let differences = found.differences.iter().zip(titles).take(SHOWN);
        let differences = differences.map(|(one, title)| {
            let kind = say(&format!("kind-{}", one.kind.as_str()));
            (title.clone(), kind, reason::shown(&one.refusal))
        });
        let more = count.saturating_sub(SHOWN);
        Self {
            at: found.at.to_string(),
            ago: ago(found.at, now),
            text,
            public,
            differences: differences.collect(),
            more: (more > 0).then(|| tell("and-more", &[("count", more.into())])),
        }
    }
}
