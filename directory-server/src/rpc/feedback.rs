//! `referral.v1.FeedbackService`: how referrals went, said by programs of caseworkers, and the published tables.

use std::sync::Arc;

use referral_core::policy::Operation;
use referral_proto::convert::feedback;
use referral_proto::v1;
use referral_proto::v1::feedback_service_server::FeedbackService;
use tokio::task::spawn_blocking;
use tonic::{Code, Request, Response, Status};

use super::status::{invalid, of_coverage, of_feedback, of_outcome_tables, status};
use super::viewer::viewer_of;
use crate::operations::{CoverageError, Directory};

/// The feedback service over a directory.
#[derive(Clone, Debug)]
pub struct FeedbackRpc {
    directory: Arc<Directory>,
}

impl FeedbackRpc {
    /// The service over `directory`.
    #[must_use]
    pub fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }
}

#[tonic::async_trait]
impl FeedbackService for FeedbackRpc {
    #[tracing::instrument(name = "referral.v1.FeedbackService/RecordOutcome", skip_all)]
    async fn record_outcome(
        &self,
        request: Request<v1::RecordOutcomeRequest>,
    ) -> Result<Response<v1::RecordOutcomeResponse>, Status> {
        let viewer = viewer_of(&request);
        let (service, outcome) = feedback::record(request.get_ref()).map_err(|v| invalid(&v))?;
        let said = self.directory.say_outcome(&viewer, &service, Some(outcome));
        said.await.map_err(of_feedback)?;
        Ok(Response::new(v1::RecordOutcomeResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.FeedbackService/TakeBackOutcome", skip_all)]
    async fn take_back_outcome(
        &self,
        request: Request<v1::TakeBackOutcomeRequest>,
    ) -> Result<Response<v1::TakeBackOutcomeResponse>, Status> {
        let viewer = viewer_of(&request);
        let service = feedback::take_back(request.get_ref()).map_err(|v| invalid(&v))?;
        let taken = self.directory.say_outcome(&viewer, &service, None);
        taken.await.map_err(of_feedback)?;
        Ok(Response::new(v1::TakeBackOutcomeResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.FeedbackService/ListOutcomeTables", skip_all)]
    async fn list_outcome_tables(
        &self,
        request: Request<v1::ListOutcomeTablesRequest>,
    ) -> Result<Response<v1::ListOutcomeTablesResponse>, Status> {
        if !viewer_of(&request).may(Operation::ReadCoverage) {
            return Err(of_coverage(CoverageError::Denied));
        }
        let weeks = match request.get_ref().weeks {
            0 => usize::MAX,
            weeks => weeks as usize,
        };
        let directory = Arc::clone(&self.directory);
        let tables = spawn_blocking(move || directory.outcome_tables()).await;
        let tables = tables.map_err(|_| status(Code::Internal, "OUTCOMES_FAILED", "try again"))?;
        let tables = tables.map_err(|error| of_outcome_tables(&error))?;
        let latest = tables.values().rev().take(weeks);
        Ok(Response::new(v1::ListOutcomeTablesResponse {
            tables: latest.map(|table| table.as_ref().into()).collect(),
        }))
    }
}
