//! `referral.v1.FeedbackService`: how referrals went, said by programs of caseworkers.

use std::sync::Arc;

use referral_proto::convert::feedback;
use referral_proto::v1;
use referral_proto::v1::feedback_service_server::FeedbackService;
use tonic::{Request, Response, Status};

use super::status::{invalid, of_feedback};
use super::viewer::viewer_of;
use crate::operations::Directory;

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
}
