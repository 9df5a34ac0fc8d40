//! How a referral to the service went: four buttons, what was said today, and the way back.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use referral_core::feedback::{Figure, Outcome};
use referral_runtime::web::Fields;

use super::{Reporting, address, key, page, see};
use crate::operations::{Directory, FeedbackRefused, OutcomeAsked, ServiceView};

use crate::web::visitor::Visitor;
use crate::web::{NotFound, render};
use crate::{say, tell};

/// What takes back what was said.
const NONE: &str = "none";

/// The question on the page.
pub(super) struct Question {
    /// What the buttons send and say, and whether it is what was said today.
    pub(super) buttons: Vec<(&'static str, String, bool)>,
    /// What was said today, in words.
    pub(super) said: Option<String>,
    /// Whether something can be said now.
    pub(super) open: bool,
    /// Whether the service is not shown open any more.
    pub(super) late: bool,
}

impl Question {
    /// The question for who looks; none: they are not asked.
    pub(super) fn of(directory: &Directory, view: &ServiceView, visitor: &Visitor) -> Option<Self> {
        let open = view.is_asked_about();
        let asked = directory.outcome_asked(&visitor.viewer, &view.key, open);
        asked.map(|OutcomeAsked { said }| Self {
            buttons: Outcome::ALL
                .map(|outcome| (outcome.as_str(), words(outcome), said == Some(outcome)))
                .to_vec(),
            said: said.map(|outcome| tell("outcome-said", &[("outcome", words(outcome).into())])),
            open,
            late: !view.is_open(),
        })
    }
}

/// What is known of earlier referrals, in words.
pub(super) fn known(figure: Figure) -> String {
    let numbers = [
        ("tenths", u64::from(figure.tenths).into()),
        ("about", u64::from(figure.about).into()),
    ];
    tell("outcome-known", &numbers)
}

/// Takes a tap in.
pub(super) async fn say_it(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    Path(path): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let Some(service) = key(&path) else {
        return render(StatusCode::NOT_FOUND, &NotFound);
    };
    let fields = Fields::read(&body);
    let outcome = match fields.value("outcome") {
        NONE => Ok(None),
        name => Outcome::parse(name).map(Some).ok_or(()),
    };
    let Ok(outcome) = outcome else {
        let wrong = (StatusCode::BAD_REQUEST, say("outcome-choose"));
        return again(&directory, &visitor, &path, wrong).await;
    };
    let said = directory.say_outcome(&visitor.viewer, &service, outcome);
    let fault = match said.await {
        Ok(()) => {
            let done = if outcome.is_some() {
                "said"
            } else {
                "taken-back"
            };
            return see(&format!("{}?outcome={done}#outcome", address(&service)));
        }
        Err(FeedbackRefused::Nothing) => return render(StatusCode::NOT_FOUND, &NotFound),
        Err(FeedbackRefused::Denied) => (StatusCode::FORBIDDEN, say("outcome-denied")),
        Err(FeedbackRefused::NotOpen) => (StatusCode::CONFLICT, say("outcome-not-open")),
        Err(FeedbackRefused::TooMany) => (StatusCode::TOO_MANY_REQUESTS, say("outcome-too-many")),
        Err(failed) => {
            tracing::error!(error.type = failed.code(), "an outcome was not taken: {failed}");
            (StatusCode::SERVICE_UNAVAILABLE, say("outcome-failed"))
        }
    };
    again(&directory, &visitor, &path, fault).await
}

async fn again(
    directory: &Arc<Directory>,
    visitor: &Visitor,
    path: &(String, String),
    fault: (StatusCode, String),
) -> Response {
    let reporting = Reporting {
        outcome_fault: Some(fault),
        ..Reporting::default()
    };
    page(directory, visitor, path, reporting, false).await
}

/// An outcome as people say it.
pub(in crate::web) fn words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Accepted => say("outcome-accepted"),
        Outcome::Full => say("outcome-full"),
        Outcome::NotEligible => say("outcome-not-eligible"),
        Outcome::NoAnswer => say("outcome-no-answer"),
    }
}
