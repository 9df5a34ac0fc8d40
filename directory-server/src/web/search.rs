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
use referral_core::search::Refused;

use super::form::Form;
use super::page::Page;
use super::render;
use super::visitor::Visitor;
use crate::operations::{Answer, Directory, SearchError};
use crate::say;

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
        let text = &say("travel-too-long");
        let wrong = vec![of_no_field("body_invalid", text)];
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
        Err(SearchError::Refused(wrong)) => {
            let page = Page::wrong(form, wrong).seen_by(&visitor);
            render(StatusCode::BAD_REQUEST, &page)
        }
        Err(SearchError::Busy | SearchError::Late) => {
            let text = &say("travel-busy");
            let page = Page::wrong(form, vec![of_no_field("busy", text)]).seen_by(&visitor);
            let mut answer = render(StatusCode::SERVICE_UNAVAILABLE, &page);
            answer.headers_mut().insert(RETRY_AFTER, RETRY);
            answer
        }
        Err(failed) => {
            tracing::error!(error.type = "search", "a search failed: {failed}");
            let text = &say("travel-failed");
            let page = Page::wrong(form, vec![of_no_field("search_failed", text)]);
            let page = page.seen_by(&visitor);
            render(StatusCode::INTERNAL_SERVER_ERROR, &page)
        }
    }
}

/// What the form finds. Everything wrong with it is said at once.
async fn search(
    directory: &Arc<Directory>,
    visitor: &Visitor,
    form: &Form,
) -> Result<Answer, SearchError> {
    let (query, mut wrong) = form.query();
    match directory.find(visitor.viewer.clone(), query).await {
        Ok(answer) if wrong.is_empty() => Ok(answer),
        Ok(_) => Err(SearchError::Refused(wrong)),
        Err(SearchError::Refused(more)) => {
            wrong.extend(more);
            Err(SearchError::Refused(wrong))
        }
        Err(failed) => Err(failed),
    }
}

fn of_no_field(code: &'static str, text: &str) -> Refused {
    Refused {
        field: "",
        code,
        text: text.to_owned(),
    }
}
