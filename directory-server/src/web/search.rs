//! Answers a search at `/`: from the form by POST, from a link by GET.
//!
//! The form sends a POST so that what it asks is in no address, history or log; the link a page offers
//! holds need and place only.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::form::Form;
use super::page::Page;
use super::render;
use super::visitor::Visitor;
use super::wrong::{NoAnswer, Wrong, settled};
use crate::operations::{Answer, Directory};

/// Answers `GET /`: the empty form, or the search of a link.
pub(super) async fn by_link(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(typed): RawQuery,
) -> Response {
    let form = Form::read_link(typed.as_deref().unwrap_or_default().as_bytes());
    answer(directory, visitor, form).await
}

/// Answers `POST /`: the form.
pub(super) async fn by_form(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else {
        let wrong = vec![Wrong::of("", "body_invalid")];
        let page = Page::wrong(Form::default(), wrong).seen_by(&visitor);
        return render(StatusCode::PAYLOAD_TOO_LARGE, &page);
    };
    answer(directory, visitor, Form::read(&body)).await
}

/// When to come again to a directory that has too much to do. Unit: seconds.
const RETRY: HeaderValue = HeaderValue::from_static("2");

async fn answer(directory: Arc<Directory>, visitor: Visitor, mut form: Form) -> Response {
    if !form.asked {
        return render(StatusCode::OK, &Page::empty(form).seen_by(&visitor));
    }
    form.draw();
    match search(&directory, &visitor, &form).await {
        Ok(answer) => {
            let page = Page::found(form, &answer).seen_by(&visitor);
            render(StatusCode::OK, &page)
        }
        Err(NoAnswer { status, wrong }) => {
            let page = Page::wrong(form, wrong).seen_by(&visitor);
            let mut answer = render(status, &page);
            if status == StatusCode::SERVICE_UNAVAILABLE {
                answer.headers_mut().insert(RETRY_AFTER, RETRY);
            }
            answer
        }
    }
}

/// What the form finds. Everything wrong with it is said at once.
async fn search(
    directory: &Arc<Directory>,
    visitor: &Visitor,
    form: &Form,
) -> Result<Answer, NoAnswer> {
    let (query, wrong) = form.query();
    settled(directory.find(visitor.viewer.clone(), query).await, wrong)
}
