//! `referral.v1.DirectoryAdminService`: the operator's commands, on the local socket only.

use std::sync::Arc;

use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::directory_admin_service_server::DirectoryAdminService;
use tonic::{Request, Response, Status};

use super::status::of_enrol;
use crate::operations::{AgencyOverview, Directory};

/// The operator's service over a directory.
#[derive(Clone, Debug)]
pub struct AdminRpc {
    directory: Arc<Directory>,
}

impl AdminRpc {
    /// The service over `directory`.
    #[must_use]
    pub fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }
}

#[tonic::async_trait]
impl DirectoryAdminService for AdminRpc {
    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/EnrolAgency", skip_all)]
    async fn enrol_agency(
        &self,
        request: Request<v1::EnrolAgencyRequest>,
    ) -> Result<Response<v1::EnrolAgencyResponse>, Status> {
        let v1::EnrolAgencyRequest { agency_id, name } = request.into_inner();
        let token = self
            .directory
            .enrol(&agency_id, &name)
            .await
            .map_err(|e| of_enrol(&e))?;
        Ok(Response::new(v1::EnrolAgencyResponse {
            token: token.reveal(),
        }))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/ListAgencies", skip_all)]
    async fn list_agencies(
        &self,
        _request: Request<v1::ListAgenciesRequest>,
    ) -> Result<Response<v1::ListAgenciesResponse>, Status> {
        let agencies = self.directory.agencies().into_iter().map(summary).collect();
        Ok(Response::new(v1::ListAgenciesResponse { agencies }))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/ConfirmClock", skip_all)]
    async fn confirm_clock(
        &self,
        _request: Request<v1::ConfirmClockRequest>,
    ) -> Result<Response<v1::ConfirmClockResponse>, Status> {
        let (now, suspicion) = self.directory.confirm_clock();
        Ok(Response::new(v1::ConfirmClockResponse {
            now: Some(convert::time::to_wire(now)),
            was_suspect: suspicion.is_some(),
            ahead_seconds: suspicion.map_or(0, |suspicion| suspicion.ahead.as_secs()),
        }))
    }
}

fn summary(agency: AgencyOverview) -> v1::AgencySummary {
    v1::AgencySummary {
        agency_id: agency.agency.to_string(),
        name: agency.name,
        joined: agency.joined,
        applied: agency.applied,
        records: agency.records,
        last_heard: agency.last_heard.map(convert::time::to_wire),
        connected: agency.connected,
        silent: agency.silent,
        refused: agency.refused,
    }
}
