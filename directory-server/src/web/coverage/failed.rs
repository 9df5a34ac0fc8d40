//! Why there is no report: said beside the form, with nothing lost that was typed.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use referral_core::coverage::{DemandSource, Query};
use referral_gazetteer::gazetteer;

use super::ask::Ask;
use super::page::Page;
use crate::demand::DemandError;
use crate::operations::{CoverageError, Directory};
use crate::web::render;
use crate::web::wrong::Wrong;

/// A question without an answer.
pub(super) struct Failed {
    ask: Ask,
    demands: Vec<DemandSource>,
    status: StatusCode,
    wrong: Vec<Wrong>,
}

impl Failed {
    /// The question is at fault.
    pub(super) fn wrong(ask: Ask, demands: Vec<DemandSource>, wrong: Vec<Wrong>) -> Self {
        Self {
            ask,
            demands,
            status: StatusCode::BAD_REQUEST,
            wrong,
        }
    }

    /// The directory could not answer.
    pub(super) fn new(ask: Ask, demands: Vec<DemandSource>, error: CoverageError) -> Self {
        let (status, wrong) = match error {
            CoverageError::Refused(wrong) => (StatusCode::BAD_REQUEST, Ask::renamed(wrong)),
            CoverageError::Demand(DemandError::Unknown) => {
                let wrong = Wrong::of("demand", "demand_unknown");
                (StatusCode::BAD_REQUEST, vec![wrong])
            }
            CoverageError::Denied => {
                let wrong = Wrong::of("", "coverage_denied");
                (StatusCode::FORBIDDEN, vec![wrong])
            }
            CoverageError::Busy => {
                let wrong = Wrong::of("", "coverage_busy");
                (StatusCode::SERVICE_UNAVAILABLE, vec![wrong])
            }
            CoverageError::NoHistory => {
                let wrong = Wrong::of("", "coverage_no_history");
                (StatusCode::SERVICE_UNAVAILABLE, vec![wrong])
            }
            error => {
                let code = error.code();
                tracing::error!(error.type = code, "a coverage report failed: {error}");
                let wrong = Wrong::of("", "coverage_failed");
                (StatusCode::INTERNAL_SERVER_ERROR, vec![wrong])
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
        mut wrong: Vec<Wrong>,
        directory: &Arc<Directory>,
        query: &Query,
    ) -> Vec<Wrong> {
        if let Err(more) = query.understand(gazetteer(), directory.now()) {
            let more = Ask::renamed(more).into_iter();
            let known: Vec<&str> = wrong.iter().map(|wrong| wrong.field).collect();
            let more: Vec<Wrong> = more.filter(|more| !known.contains(&more.field)).collect();
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
