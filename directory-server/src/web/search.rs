//! Answers a search at `/`: from the form by POST, from a link by GET.
//!
//! The form sends a POST so that what it asks is in no address, history or log; the link a page offers
//! holds need and place only.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use referral_core::search::Refused;

use super::form::Form;
use super::page::Page;
use super::render;
use super::visitor::Visitor;
use crate::operations::{Answer, Directory, SearchError};

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
        let text = "What was sent is too long, or broke off: shorten it and try again";
        let wrong = vec![of_no_field("body_invalid", text)];
        let page = Page::wrong(Form::default(), wrong).seen_by(&visitor);
        return render(StatusCode::PAYLOAD_TOO_LARGE, &page);
    };
    answer(directory, visitor, Form::read(&body)).await
}

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
            let text = "Too many people search at once. Nothing you typed was lost: try again in a few seconds.";
            let page = Page::wrong(form, vec![of_no_field("busy", text)]).seen_by(&visitor);
            render(StatusCode::SERVICE_UNAVAILABLE, &page)
        }
        Err(failed) => {
            tracing::error!(error.type = "search", "a search failed: {failed}");
            let text = "The search failed. Nothing you typed was lost: try again.";
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
