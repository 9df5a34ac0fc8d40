//! Several needs of one client at once, near the place they travel to: `/travel`.
//!
//! Start at [`by_link`] and [`by_form`]. [`asked`] reads what was typed, [`page`] shows what was found for each
//! need. The form travels by POST; the link the page offers holds needs and place only.

pub(super) mod asked;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;

use self::asked::Asked;
use self::page::Page;
use super::render;
use super::visitor::Visitor;
use super::wrong::{NoAnswer, Wrong, settled};
use crate::operations::Directory;

/// When to come again to a directory that has too much to do. Unit: seconds.
const RETRY: HeaderValue = HeaderValue::from_static("2");

/// The page.
pub(super) fn routes() -> Router<Arc<Directory>> {
    Router::new().route("/travel", get(by_link).post(by_form))
}

/// Answers `GET /travel`: the empty form, or what a link asks.
async fn by_link(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(typed): RawQuery,
) -> Response {
    let asked = Asked::read_link(typed.as_deref().unwrap_or_default().as_bytes());
    answer(&directory, &visitor, asked).await
}

/// Answers `POST /travel`: the form.
async fn by_form(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match body {
        Ok(body) => answer(&directory, &visitor, Asked::read(&body)).await,
        Err(_) => too_long(&visitor),
    }
}

async fn answer(directory: &Arc<Directory>, visitor: &Visitor, asked: Asked) -> Response {
    if !asked.form.asked {
        return render(StatusCode::OK, &Page::empty(asked).seen_by(visitor));
    }
    let (mut bundle, wrong) = asked.bundle();
    bundle.shared.limit = asked.rows_each();
    let found = directory.find_bundle(visitor.viewer.clone(), bundle).await;
    match settled(found, wrong) {
        Ok(found) => {
            let page = Page::found(asked, &found).seen_by(visitor);
            render(StatusCode::OK, &page)
        }
        Err(error) => failed(visitor, asked, error),
    }
}

/// The form with everything typed into it, and what went wrong.
pub(super) fn failed(
    visitor: &Visitor,
    asked: Asked,
    NoAnswer { status, wrong }: NoAnswer,
) -> Response {
    let mut answer = render(status, &Page::wrong(asked, wrong).seen_by(visitor));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(RETRY_AFTER, RETRY);
    }
    answer
}

/// The answer to a form that is too long or broke off.
pub(super) fn too_long(visitor: &Visitor) -> Response {
    let wrong = vec![Wrong::of("", "body_invalid")];
    let page = Page::wrong(Asked::default(), wrong).seen_by(visitor);
    render(StatusCode::PAYLOAD_TOO_LARGE, &page)
}
