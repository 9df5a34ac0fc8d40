//! `referral.v1.DirectoryAdminService`: the operator's commands, on the local socket only.

use std::path::PathBuf;
use std::sync::Arc;

use referral_core::catalog::Category;
use referral_core::id::AgencyId;
use referral_core::policy::Viewer;
use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::directory_admin_service_server::DirectoryAdminService;
use tonic::{Code, Request, Response, Status};

use super::status::{of_backup, of_decision, of_demand, of_disk, of_enrol, status};
use crate::backup::Manifest;
use crate::demand::{DemandError, Described, Loaded};
use crate::ledger::{Grants, Proposal, Standing};
use crate::operations::{AgencyOverview, Directory};

/// The operator's service over a directory.
#[derive(Clone, Debug)]
pub struct AdminRpc {
    directory: Arc<Directory>,
    /// Who reaches the local socket has the machine.
    operator: Viewer,
}

impl AdminRpc {
    /// The service over `directory`.
    #[must_use]
    pub fn new(directory: Arc<Directory>) -> Self {
        Self {
            directory,
            operator: Viewer::at_the_machine(),
        }
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
            name_reviewed_by,
        } = request.into_inner();
        let operator = &self.operator;
        let token = match (again, name_reviewed_by.as_str()) {
            (true, _) => self.directory.enrol_again(operator, &agency_id).await,
            (false, "") => self.directory.enrol(operator, &agency_id, &name).await,
            (false, by) => {
                let directory = &self.directory;
                directory
                    .enrol_reviewed(operator, &agency_id, &name, by)
                    .await
            }
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
        let allowed = self
            .directory
            .allow_deletions(&self.operator, agency, more)
            .await;
        allowed.map_err(|refused| of_decision(&refused))?;
        Ok(Response::new(v1::AllowDeletionsResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/Readmit", skip_all)]
    async fn readmit(
        &self,
        request: Request<v1::ReadmitRequest>,
    ) -> Result<Response<v1::ReadmitResponse>, Status> {
        let agency = agency(&request.into_inner().agency_id)?;
        let readmitted = self.directory.readmit(&self.operator, agency).await;
        readmitted.map_err(|refused| of_decision(&refused))?;
        Ok(Response::new(v1::ReadmitResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/SetStanding", skip_all)]
    async fn set_standing(
        &self,
        request: Request<v1::SetStandingRequest>,
    ) -> Result<Response<v1::SetStandingResponse>, Status> {
        let asked = request.into_inner();
        let agency = agency(&asked.agency_id)?;
        let standing = Standing::parse(&asked.standing).ok_or_else(|| {
            let text = "an agency is active, suspended, evicted or banned";
            status(Code::InvalidArgument, "STANDING_INVALID", text)
        })?;
        let directory = &self.directory;
        let decided =
            directory.set_standing(&self.operator, agency, standing, &asked.by, &asked.reason);
        decided.await.map_err(|refused| of_decision(&refused))?;
        Ok(Response::new(v1::SetStandingResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/Grant", skip_all)]
    async fn grant(
        &self,
        request: Request<v1::GrantRequest>,
    ) -> Result<Response<v1::GrantResponse>, Status> {
        let asked = request.into_inner();
        let (agency, category) = (agency(&asked.agency_id)?, category(&asked.category)?);
        let end = asked.expire_time.map(convert::time::from_wire);
        let end = end.and_then(Result::ok).ok_or_else(|| {
            let text = "say when the grant ends";
            status(Code::InvalidArgument, "GRANT_END_INVALID", text)
        })?;
        let directory = &self.directory;
        let decided = directory.grant(
            &self.operator,
            agency,
            category,
            &asked.evidence,
            end,
            &asked.by,
        );
        let granted = decided.await.map_err(|refused| of_decision(&refused))?;
        Ok(Response::new(v1::GrantResponse { granted }))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/RevokeGrant", skip_all)]
    async fn revoke_grant(
        &self,
        request: Request<v1::RevokeGrantRequest>,
    ) -> Result<Response<v1::RevokeGrantResponse>, Status> {
        let asked = request.into_inner();
        let (agency, category) = (agency(&asked.agency_id)?, category(&asked.category)?);
        let decided =
            self.directory
                .revoke(&self.operator, agency, category, &asked.by, &asked.reason);
        decided.await.map_err(|refused| of_decision(&refused))?;
        Ok(Response::new(v1::RevokeGrantResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/SetQuota", skip_all)]
    async fn set_quota(
        &self,
        request: Request<v1::SetQuotaRequest>,
    ) -> Result<Response<v1::SetQuotaResponse>, Status> {
        let v1::SetQuotaRequest {
            agency_id,
            services,
        } = request.into_inner();
        let decided = self
            .directory
            .set_quota(&self.operator, agency(&agency_id)?, services)
            .await;
        decided.map_err(|refused| of_decision(&refused))?;
        Ok(Response::new(v1::SetQuotaResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/ClearName", skip_all)]
    async fn clear_name(
        &self,
        request: Request<v1::ClearNameRequest>,
    ) -> Result<Response<v1::ClearNameResponse>, Status> {
        let asked = request.into_inner();
        let agency = agency(&asked.agency_id)?;
        let decided = self
            .directory
            .clear_name(&self.operator, agency, &asked.name, &asked.by);
        decided.await.map_err(|refused| of_decision(&refused))?;
        Ok(Response::new(v1::ClearNameResponse {}))
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

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/Backup", skip_all)]
    async fn backup(
        &self,
        request: Request<v1::BackupRequest>,
    ) -> Result<Response<v1::BackupResponse>, Status> {
        let to = PathBuf::from(request.into_inner().to);
        let taken = self.directory.backup(to).await;
        Ok(Response::new(taken.map_err(|e| of_backup(&e))?.into()))
    }

    #[tracing::instrument(
        name = "referral.v1.DirectoryAdminService/RecordAuthorityExport",
        skip_all
    )]
    async fn record_authority_export(
        &self,
        request: Request<v1::RecordAuthorityExportRequest>,
    ) -> Result<Response<v1::RecordAuthorityExportResponse>, Status> {
        let to = request.into_inner().to;
        let recorded = self.directory.record_authority_export(&self.operator, &to);
        recorded.await.map_err(|refused| of_decision(&refused))?;
        Ok(Response::new(v1::RecordAuthorityExportResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/EndRebuild", skip_all)]
    async fn end_rebuild(
        &self,
        _request: Request<v1::EndRebuildRequest>,
    ) -> Result<Response<v1::EndRebuildResponse>, Status> {
        let ended = self.directory.end_rebuild();
        let (ended, agencies) = ended.map_err(|e| of_disk(&e))?;
        Ok(Response::new(v1::EndRebuildResponse { ended, agencies }))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/LoadDemand", skip_all)]
    async fn load_demand(
        &self,
        request: Request<v1::LoadDemandRequest>,
    ) -> Result<Response<v1::LoadDemandResponse>, Status> {
        let directory = Arc::clone(&self.directory);
        let asked = request.into_inner();
        let loaded = blocking(move || {
            let described = Described::from(&asked);
            directory.load_demand(&described, &asked.csv, asked.leave_out_bad_rows)
        });
        Ok(Response::new(loaded.await?.into()))
    }

    #[tracing::instrument(name = "referral.v1.DirectoryAdminService/RemoveDemand", skip_all)]
    async fn remove_demand(
        &self,
        request: Request<v1::RemoveDemandRequest>,
    ) -> Result<Response<v1::RemoveDemandResponse>, Status> {
        let directory = Arc::clone(&self.directory);
        let name = request.into_inner().name;
        blocking(move || directory.remove_demand(&name)).await?;
        Ok(Response::new(v1::RemoveDemandResponse {}))
    }
}

/// Work on a table of demand, off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DemandError> + Send + 'static,
) -> Result<T, Status> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|_| status(Code::Internal, "DEMAND_FAILED", "it failed: try again"))?;
    done.map_err(|error| of_demand(&error))
}

impl From<&v1::LoadDemandRequest> for Described {
    fn from(asked: &v1::LoadDemandRequest) -> Self {
        Self {
            name: asked.name.clone(),
            date: asked.date.clone(),
            source: asked.source.clone(),
            licence: asked.licence.clone(),
        }
    }
}

impl From<Loaded> for v1::LoadDemandResponse {
    fn from(loaded: Loaded) -> Self {
        let left_out = loaded.left_out.into_iter().map(|row| v1::BadDemandRow {
            line: row.line,
            why: row.why,
        });
        Self {
            table: Some(loaded.demand.as_ref().into()),
            replaced: loaded.replaced,
            left_out: left_out.collect(),
        }
    }
}

fn agency(id: &str) -> Result<AgencyId, Status> {
    let agency = AgencyId::parse(id);
    agency.map_err(|why| status(Code::InvalidArgument, "AGENCY_ID_INVALID", why.to_string()))
}

fn category(text: &str) -> Result<Category, Status> {
    let category = Category::parse(text);
    category.map_err(|why| status(Code::InvalidArgument, "CATEGORY_INVALID", why.to_string()))
}

/// Most held names in an answer.
const HELD_NAMES: usize = 100;

/// What was granted, then what one person proposed.
fn grants(of: &Grants) -> Vec<v1::AgencyGrant> {
    let said = |category: Category, proposal: &Proposal, approved_by: String| v1::AgencyGrant {
        category: category.to_string(),
        evidence: proposal.evidence.clone(),
        expire_time: Some(convert::time::to_wire(proposal.expires_at)),
        proposed_by: proposal.by.to_string(),
        approved_by,
    };
    let granted = of
        .granted
        .iter()
        .map(|(category, grant)| said(*category, &grant.proposal, grant.approved_by.to_string()));
    let proposed = of.proposed.iter();
    let proposed = proposed.map(|(category, proposal)| said(*category, proposal, String::new()));
    granted.chain(proposed).collect()
}

fn summary(agency: AgencyOverview) -> v1::AgencySummary {
    let alarms = agency.alarms.into_iter().map(|alarm| v1::AgencyAlarm {
        code: alarm.code,
        at: Some(convert::time::to_wire(alarm.at)),
    });
    let held = agency.held.into_iter();
    let held = held.map(|(category, services)| v1::HeldServices {
        category: category.to_string(),
        services,
    });
    let names = agency.held_names.into_iter().take(HELD_NAMES);
    let names = names.map(|hold| v1::HeldName {
        kind: hold.record.kind.to_string(),
        local_id: hold.record.id.to_string(),
        code: hold.code,
    });
    v1::AgencySummary {
        standing: agency.standing.as_str().to_owned(),
        alarms: alarms.collect(),
        grants: grants(&agency.grants),
        held: held.collect(),
        held_names: names.collect(),
        certificate_until: agency.certificate_until.map(convert::time::to_wire),
        agency_id: agency.agency.to_string(),
        name: agency.name,
        joined: agency.joined,
        applied: agency.applied,
        records: agency.records,
        services: agency.services.0,
        most_services: agency.services.1,
        bytes: agency.bytes.0,
        most_bytes: agency.bytes.1,
        written_bytes: agency.written.0,
        most_written_bytes: agency.written.1,
        suspended: agency.suspended,
        last_heard: agency.last_heard.map(convert::time::to_wire),
        connected: agency.connected,
        silent: agency.silent,
        refused: agency.refused,
    }
}

impl From<Manifest> for v1::BackupResponse {
    fn from(manifest: Manifest) -> Self {
        Self {
            generation: manifest.generation,
            last_index: manifest.last_index,
            files: u32::try_from(manifest.files.len()).unwrap_or(u32::MAX),
            bytes: manifest.files.iter().map(|file| file.bytes).sum(),
        }
    }
}
