//! `referral.v1.DirectoryAdminService`: the operator's commands, on the local socket only.

use std::sync::Arc;

use referral_core::id::AgencyId;
use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::directory_admin_service_server::DirectoryAdminService;
use tonic::{Code, Request, Response, Status};

use super::status::{of_act, of_enrol, status};
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
        let v1::EnrolAgencyRequest {
            agency_id,
            name,
            again,
        } = request.into_inner();
        let token = if again {
            self.directory.enrol_again(&agency_id).await
        } else {
            self.directory.enrol(&agency_id, &name).await
        };
        let token = token.map_err(|e| of_enrol(&e))?;
        Ok(Response::new(v1::EnrolAgencyResponse {
            token: token.reveal(),
        }))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/AllowDeletions", skip_all)]
    async fn allow_deletions(
        &self,
        request: Request<v1::AllowDeletionsRequest>,
    ) -> Result<Response<v1::AllowDeletionsResponse>, Status> {
        let v1::AllowDeletionsRequest { agency_id, more } = request.into_inner();
        let agency = agency(&agency_id)?;
        if !(1..=1_000_000).contains(&more) {
            let text = "allow 1 to 1,000,000 more deletions".to_owned();
            return Err(status(Code::InvalidArgument, "MORE_INVALID", text));
        }
        let allowed = self.directory.allow_deletions(agency, more).await;
        allowed.map_err(|refused| of_act(&refused))?;
        Ok(Response::new(v1::AllowDeletionsResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/Readmit", skip_all)]
    async fn readmit(
        &self,
        request: Request<v1::ReadmitRequest>,
    ) -> Result<Response<v1::ReadmitResponse>, Status> {
        let agency = agency(&request.into_inner().agency_id)?;
        let readmitted = self.directory.readmit(agency).await;
        readmitted.map_err(|refused| of_act(&refused))?;
        Ok(Response::new(v1::ReadmitResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/ListAgencies", skip_all)]
    async fn list_agencies(
        &self,
        _request: Request<v1::ListAgenciesRequest>,
    ) -> Result<Response<v1::ListAgenciesResponse>, Status> {
        let agencies = self.directory.agencies().into_iter().map(summary).collect();
        Ok(Response::new(v1::ListAgenciesResponse { agencies }))
    }
}

fn agency(id: &str) -> Result<AgencyId, Status> {
    let agency = AgencyId::parse(id);
    agency.map_err(|why| status(Code::InvalidArgument, "AGENCY_ID_INVALID", why.to_string()))
}

fn summary(agency: AgencyOverview) -> v1::AgencySummary {
    v1::AgencySummary {
        agency_id: agency.agency.to_string(),
        name: agency.name,
        joined: agency.joined,
        applied: agency.applied,
        records: agency.records,
        suspended: agency.suspended,
        last_heard: agency.last_heard.map(convert::time::to_wire),
    }
}
