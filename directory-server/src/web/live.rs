//! `GET /live?s=…`: the states a page shows, as they change, for as long as it is open (server-sent events).
//!
//! What is sent is the line of the page itself, so that a script has nothing to word. The address names services and
//! places, nothing of what was searched. It is asked by the page, not by a person: it keeps no session alive.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio_stream::Stream;

use super::state::StateLine;
use super::visitor::Visitor;
use crate::operations::{Directory, LivePage, LiveRefused, LiveState, MOST_STATES, WatchedOffer};

/// Where pages ask.
pub(super) const LIVE: &str = "/live";
/// How long a browser waits before it comes again. Unit: ms.
const BEGIN: &[u8] = b"retry: 4000\n\n";

/// Answers `GET /live`.
pub(super) async fn stream(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let asked = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "s");
    let watched: Option<Vec<WatchedOffer>> = asked
        .take(MOST_STATES)
        .map(|(_, value)| WatchedOffer::parse(&value))
        .collect();
    let Some(watched) = watched.filter(|watched| !watched.is_empty()) else {
        return (StatusCode::BAD_REQUEST, "Name what the page shows.\n").into_response();
    };
    if visitor.signed_out {
        // What the page shows may be more than anybody may see: a person has to ask anew.
        return (StatusCode::FORBIDDEN, "The session has ended.\n").into_response();
    }
    match directory.live(&visitor.viewer, &watched) {
        Ok(page) => {
            let headers = [
                (CONTENT_TYPE, "text/event-stream"),
                (HeaderName::from_static("x-accel-buffering"), "no"),
            ];
            let events = Events { page, begun: false };
            (headers, Body::from_stream(events)).into_response()
        }
        Err(LiveRefused::TooMany) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            (status, [(RETRY_AFTER, "60")], "Too many open pages.\n").into_response()
        }
        Err(LiveRefused::Search(_)) => StatusCode::FORBIDDEN.into_response(),
    }
}

/// A state as one event. Its data is JSON: what it is of, and the line that takes the place of the one there is.
#[must_use]
pub fn event(state: &LiveState) -> String {
    let line = match &state.offer {
        Some(offer) => StateLine::from(offer),
        None => StateLine::gone(state.watched),
    };
    match line.render() {
        Ok(html) => {
            let data = serde_json::json!({"id": line.live, "html": html.trim()});
            format!("event: state\ndata: {data}\n\n")
        }
        Err(error) => {
            tracing::error!(error.type = "template", "a state could not be worded: {error}");
            String::new()
        }
    }
}

/// The body: what the page is told.
struct Events {
    page: LivePage,
    begun: bool,
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.begun {
            self.begun = true;
            return Poll::Ready(Some(Ok(Bytes::from_static(BEGIN))));
        }
        let told = self.page.poll_next(context);
        told.map(|told| told.map(|text| Ok(Bytes::copy_from_slice(text.as_bytes()))))
    }
}
