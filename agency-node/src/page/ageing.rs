//! "Still true?": services that nobody has published again for long, and the tick that says that one is still so (R13).

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use referral_core::id::LocalId;
use referral_runtime::web::Fields;

use super::board::frame::Frame;
use super::visitor::SignedIn;
use super::words::ago;
use super::{House, failed, not_queued, render, say, stopping, tell, to};
use crate::operations::WithdrawError;
use crate::operations::desk::{Age, Ageing, Desk};

/// Services on the page: few enough that somebody reads them.
const SHOWN: usize = 15;
/// Most characters of a description.
const DESCRIPTION: usize = 400;

/// The page.
pub(super) fn routes() -> Router<Arc<House>> {
    Router::new().route("/ageing", get(ageing).post(affirm))
}

/// `ageing.html`.
#[derive(Template)]
#[template(path = "ageing.html")]
struct AgeingPage {
    frame: Frame,
    token: String,
    /// How many there are.
    count: usize,
    services: Vec<ServiceView>,
    /// What was published again.
    done: Option<String>,
    fault: Option<String>,
}

/// What a service says, for somebody who knows whether that is so.
struct ServiceView {
    id: String,
    name: String,
    /// When it was published, and how long ago.
    said: Option<(String, String)>,
    /// How searches show it.
    shown: String,
    description: String,
    /// What else is to be checked: what it is, and what it says.
    facts: Vec<(String, String)>,
    /// Its public page; `None`: nobody knows where.
    page: Option<String>,
}

async fn ageing(
    State(house): State<Arc<House>>,
    who: SignedIn,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let done = query.value("said").parse().ok();
    let done = done.map(|count: u32| tell("ageing-done", &[("count", count.into())]));
    page(&house, who, done, None).await
}

async fn affirm(State(house): State<Arc<House>>, who: SignedIn, body: Bytes) -> Response {
    let typed = Fields::read(&body);
    if typed.value("token") != who.token() {
        return failed(StatusCode::FORBIDDEN, say("form-too-old"));
    }
    let ticked = typed.iter().filter(|(name, _)| *name == "service");
    let ticked: Result<Vec<LocalId>, _> = ticked.map(|(_, id)| LocalId::parse(id)).collect();
    let services = match ticked {
        Ok(services) if services.is_empty() => {
            return page(&house, who, None, Some(say("ageing-nothing"))).await;
        }
        Ok(services) => services,
        Err(_) => return failed(StatusCode::BAD_REQUEST, say("form-broken")),
    };
    let person = who.person.clone();
    let affirmed = house
        .node
        .run(move |node| node.desk(&person).affirm(&services));
    match affirmed.await {
        Ok(Ok(count)) => to(&format!("/ageing?said={count}")),
        Ok(Err(WithdrawError::NotQueued(error))) => not_queued(&error),
        Ok(Err(_)) => page(&house, who, None, Some(say("ageing-unknown"))).await,
        Err(_) => stopping(),
    }
}

async fn page(
    house: &House,
    who: SignedIn,
    done: Option<String>,
    fault: Option<String>,
) -> Response {
    let status = if fault.is_some() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    let drawn = house.node.run(move |node| {
        let now = node.clock().now();
        let desk = node.desk(&who.person);
        let services = desk.ageing(SHOWN);
        AgeingPage {
            frame: Frame::of(&desk, "ageing"),
            token: who.token(),
            count: desk.ageing_count(),
            services: services
                .into_iter()
                .map(|one| ServiceView::of(&desk, one, now))
                .collect(),
            done,
            fault,
        }
    });
    match drawn.await {
        Ok(page) => render(status, &page),
        Err(_) => stopping(),
    }
}

impl ServiceView {
    fn of(desk: &Desk<'_>, one: Ageing, now: Timestamp) -> Self {
        let shown = match (one.age(now), one.old_at()) {
            (Age::Young, Some(at)) => {
                let day = at.to_zoned(TimeZone::UTC).strftime("%B %-d, %Y");
                tell("ageing-young", &[("day", day.to_string().into())])
            }
            (Age::Young | Age::Old, _) => say("ageing-old"),
            (Age::Archived, _) => say("ageing-archived"),
        };
        let page = desk.public_page(&one.service);
        let said = one.said_at.map(|at| (at.to_string(), ago(at, now)));
        let says = one.says;
        let languages = says.languages.iter().map(|language| &*language.tag);
        let phones = says.phones.iter().map(|phone| &*phone.number);
        let facts = [
            (say("ageing-phones"), phones.collect::<Vec<_>>().join(", ")),
            (
                say("ageing-languages"),
                languages.collect::<Vec<_>>().join(", "),
            ),
            (say("ageing-eligibility"), says.eligibility_description),
            (say("ageing-fees"), says.fees_description),
            (say("ageing-apply"), says.application_process),
            (say("ageing-url"), says.url),
        ];
        let facts = facts.into_iter().filter(|(_, says)| !says.is_empty());
        Self {
            id: one.service.to_string(),
            name: says.name,
            said,
            shown,
            description: beginning(says.description),
            facts: facts.collect(),
            page,
        }
    }
}

/// As much of a description as somebody reads.
fn beginning(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(DESCRIPTION) {
        text.truncate(end);
        text.push('…');
    }
    text
}
