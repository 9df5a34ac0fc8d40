//! The agency's own page: its people see and change what is said of their services, from a browser on this machine or
//! in the office.
//!
//! Start at [`serve`], which listens, and [`pages`], the routes. What somebody may see and do is decided in
//! [`crate::operations::desk`]; nothing here queues, plans or compares. Every change is a plain form; no page needs
//! a script or another host, or the directory to be reachable.

mod ageing;
mod board;
mod config;
mod import;
mod late;
mod reason;
mod serve;
mod shown;
mod sign_in;
mod texts;
mod told;
mod visitor;
mod words;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use referral_runtime::web::{ICON, STYLE, headers, same_site};

use crate::operations::Node;
use crate::outbox::NotQueued;
use visitor::Cookies;

pub use config::{InvalidPage, PageConfig};
pub use serve::{ServeError, serve};
pub(crate) use texts::{say, tell};

/// What this page adds to the stylesheet.
const OWN_STYLE: &str = include_str!("../../static/page.css");
/// Most bytes of a form without a file.
const FORM_BYTES: usize = 32 << 10;

/// What every page works with.
struct House {
    node: Arc<Node>,
    cookies: Cookies,
    imports: import::Imports,
}

/// The pages of a node.
///
/// * `port` — where they are served without TLS; `None`: they are served with it.
pub fn pages(node: Arc<Node>, port: Option<u16>) -> Router {
    let uploads = node.data_dir().path().join(import::FOLDER);
    let house = Arc::new(House {
        node,
        cookies: Cookies::new(port),
        imports: import::Imports::new(uploads),
    });
    let css = "text/css; charset=utf-8";
    Router::new()
        .merge(board::routes())
        .merge(ageing::routes())
        .merge(shown::routes())
        .merge(told::routes())
        .merge(sign_in::routes())
        .merge(import::routes())
        .route("/style.css", get(async move || asset(css, STYLE)))
        .route("/page.css", get(async move || asset(css, OWN_STYLE)))
        .route("/icon.svg", get(async || asset("image/svg+xml", ICON)))
        .fallback(async || render(StatusCode::NOT_FOUND, &NotFound))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&house),
            visitor::identify,
        ))
        .layer(middleware::from_fn(same_site::only))
        .layer(middleware::map_response(async |answer| {
            headers::protect(answer)
        }))
        .with_state(house)
}

/// `not_found.html`.
#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFound;

/// `failed.html`: something was not done, and why.
#[derive(Template)]
#[template(path = "failed.html")]
struct Failed {
    text: String,
}

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

/// Another page, to be asked for with GET.
fn to(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A page that says why something was not done; nothing was changed.
fn failed(status: StatusCode, text: String) -> Response {
    render(status, &Failed { text })
}

/// The disk did not take it, or the process is ending.
fn not_queued(error: &NotQueued) -> Response {
    tracing::error!(error.type = error.code(), "a change from the page was not queued: {error}");
    failed(StatusCode::SERVICE_UNAVAILABLE, say("not-saved"))
}

fn stopping() -> Response {
    failed(StatusCode::SERVICE_UNAVAILABLE, say("stopping"))
}
