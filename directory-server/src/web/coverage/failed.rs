//! Why there is no report: said beside the form, with nothing lost that was typed.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use referral_core::coverage::{DemandSource, Query};
use referral_core::search::Refused;
use referral_gazetteer::gazetteer;

use super::ask::{Ask, refused};
use super::page::Page;
use crate::demand::DemandError;
use crate::operations::{CoverageError, Directory};
use crate::say;
use crate::web::render;

/// A question without an answer.
pub(super) struct Failed {
    ask: Ask,
    demands: Vec<DemandSource>,
    status: StatusCode,
    wrong: Vec<Refused>,
}

impl Failed {
    /// The question is at fault.
    pub(super) fn wrong(ask: Ask, demands: Vec<DemandSource>, wrong: Vec<Refused>) -> Self {
        Self {
            ask,
            demands,
            status: StatusCode::BAD_REQUEST,
            wrong,
        }
    }

    /// The directory could not answer.
    pub(super) fn new(ask: Ask, demands: Vec<DemandSource>, error: CoverageError) -> Self {
        let code = error.code();
        let (status, wrong) = match error {
            CoverageError::Refused(wrong) => (StatusCode::BAD_REQUEST, Ask::renamed(wrong)),
            CoverageError::Demand(DemandError::Unknown) => {
                let text = &say("coverage-wrong-demand");
                (StatusCode::BAD_REQUEST, vec![refused("demand", code, text)])
            }
            CoverageError::Denied => {
                let text = error.to_string();
                (StatusCode::FORBIDDEN, vec![refused("", code, &text)])
            }
            CoverageError::Busy | CoverageError::NoHistory => {
                let text = error.to_string();
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    vec![refused("", code, &text)],
                )
            }
            error => {
                tracing::error!(error.type = code, "a coverage report failed: {error}");
                let text = &say("coverage-failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    vec![refused("", code, text)],
                )
            }
        };
        Self {
            ask,
            demands,
            status,
            wrong,
        }
    }

    /// What is wrong on the page, and what the directory would say is wrong besides.
    pub(super) fn both(
        mut wrong: Vec<Refused>,
        directory: &Arc<Directory>,
        query: &Query,
    ) -> Vec<Refused> {
        if let Err(more) = query.understand(gazetteer(), directory.now()) {
            let more = Ask::renamed(more).into_iter();
            let known: Vec<&str> = wrong.iter().map(|wrong| wrong.field).collect();
            let more: Vec<Refused> = more.filter(|more| !known.contains(&more.field)).collect();
            wrong.extend(more);
        }
        wrong
    }

    /// The form with what is wrong in it.
    pub(super) fn page(self) -> Response {
        render(
            self.status,
            &Page::wrong(self.ask, &self.demands, self.wrong),
        )
    }

    /// The same for programs that asked for a file.
    pub(super) fn text(self) -> Response {
        let lines = self.wrong.iter().map(|wrong| match wrong.field {
            "" => format!("{}\n", wrong.text),
            field => format!("{field}: {}\n", wrong.text),
        });
        (self.status, lines.collect::<String>()).into_response()
    }
}
