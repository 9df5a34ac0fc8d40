//! Pages: server-rendered, no script needed, nothing from another host.
//!
//! Start at [`pages`]. What was typed is read in `form`, with the choices of `choices`; the search
//! page is `page` with `found` and `result`, and `referral_runtime::web` guards every answer. `coverage` holds the pages of the
//! task force, `map` draws their counties.

mod choices;
mod chosen;
mod coverage;
mod form;
mod found;
pub(crate) mod handout;
mod live;
mod look;
mod map;
mod metrics;
mod moment;
mod operator;
mod pack;
mod page;
mod phone;
mod places_map;
mod result;
mod rules;
mod search;
mod service;
mod sign_in;
mod state;
mod still;
mod travel;
mod visitor;
mod wrong;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use referral_runtime::web::{ICON, STYLE, headers, same_site};

use crate::operations::Directory;

pub use live::event as live_event;
pub use service::busy_page;
pub(crate) use visitor::who;

/// What pages do while they are open, where scripts run.
const SCRIPT: &str = include_str!("../../static/page.js");
/// Most bytes of a form: a page far down the list sends what was shown before it.
const FORM_BYTES: usize = 32 << 10;

/// The pages over a directory.
pub fn pages(directory: Arc<Directory>) -> Router {
    Router::new()
        .route("/", get(search::by_link).post(search::by_form))
        .route(
            "/style.css",
            get(async || asset("text/css; charset=utf-8", STYLE)),
        )
        .route("/icon.svg", get(async || asset("image/svg+xml", ICON)))
        .route(
            "/page.js",
            get(async || asset("text/javascript; charset=utf-8", SCRIPT)),
        )
        .route(live::LIVE, get(live::stream))
        .route("/metrics", get(metrics::text))
        .merge(coverage::routes())
        .merge(service::routes())
        .merge(travel::routes())
        .merge(handout::routes())
        .merge(pack::routes())
        .merge(sign_in::routes())
        .merge(operator::routes())
        .route("/look", get(look::form).post(look::look))
        .fallback(async || render(StatusCode::NOT_FOUND, &NotFound))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&directory),
            visitor::identify,
        ))
        .layer(middleware::from_fn(same_site::only))
        .layer(middleware::from_fn(headers::sound))
        .layer(middleware::map_response(async |answer| {
            headers::protect(answer)
        }))
        .with_state(directory)
}

/// How many fields are wrong in what a form sent, without searching: for tests that send anything.
#[must_use]
pub fn wrong_fields(typed: &[u8]) -> usize {
    let (_, wrong) = form::Form::read(typed).query();
    wrong.len()
}

/// `not_found.html`.
#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFound;

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, text).into_response()
}

fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(error.type = "template", "a page could not be drawn: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
