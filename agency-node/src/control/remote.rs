//! The command line's end of the socket.

use std::future::Future;
use std::time::Duration;

use prost::Message;
use referral_core::capacity::Draft;
use referral_proto::v1;
use referral_proto::v1::import_request::Part;
use referral_proto::v1::node_service_client::NodeServiceClient;
use referral_runtime::accounts::SignInName;
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Code, Response, Status as RpcStatus};

use super::{Invitation, VERIFY, WAIT, wire};
use crate::catalog::RecordName;
use crate::operations::{
    Affirm, Confirmed, Dispute, Import, Outcome, Plan, Status, Verification, Which,
};
use crate::people::{AccountView, Person};

/// How long the daemon may take to answer.
const ANSWER: Duration = Duration::from_secs(30);
/// How long it may take to compare and queue an import.
const IMPORT: Duration = Duration::from_mins(10);
/// The largest answer: the plan of an import of 100,000 records, or their status. Unit: bytes.
pub(super) const LARGEST: usize = 64 << 20;
/// The most bytes of records in one message.
const BATCH_BYTES: usize = 900_000;
/// The most reports in one message.
const BATCH: usize = 500;

/// A node's daemon.
#[derive(Clone, Debug)]
pub struct Remote {
    client: NodeServiceClient<Channel>,
}

/// Why the daemon did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// It refused; its own words.
    #[error("{0}")]
    Refused(String),
    /// It failed; its own words.
    #[error("{0}")]
    Failed(String),
    /// It stopped or was stopped meanwhile.
    #[error("the node's daemon stopped answering; `agency-node status` shows what it has queued")]
    Gone,
    /// It answered something that this version does not understand.
    #[error("the node's daemon is of another version; restart it")]
    OtherVersion,
}

impl Remote {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            client: NodeServiceClient::new(channel).max_decoding_message_size(LARGEST),
        }
    }

    pub(super) async fn import(&self, import: Import) -> Result<Plan, RemoteError> {
        let parts = tokio_stream::iter(parts(import));
        let answer = answered(self.client.clone().import(parts), IMPORT).await?;
        wire::plan(answer).ok_or(RemoteError::OtherVersion)
    }

    pub(super) async fn set_capacity(
        &self,
        drafts: Vec<Draft>,
        wait: bool,
    ) -> Result<Vec<Outcome>, RemoteError> {
        let mut outcomes = Vec::with_capacity(drafts.len());
        for batch in drafts.chunks(BATCH) {
            let reports = batch.iter().map(Into::into).collect();
            let request = v1::SetCapacityRequest { reports, wait };
            let deadline = if wait { WAIT + ANSWER } else { ANSWER };
            let answer = answered(self.client.clone().set_capacity(request), deadline).await?;
            outcomes.extend(answer.outcomes.into_iter().map(Outcome::from));
        }
        if outcomes.len() == drafts.len() {
            Ok(outcomes)
        } else {
            Err(RemoteError::OtherVersion)
        }
    }

    pub(super) async fn confirm_capacity(
        &self,
        which: Which,
        wait: bool,
    ) -> Result<Vec<Confirmed<Outcome>>, RemoteError> {
        let service_ids = match which {
            Which::Expiring => Vec::new(),
            Which::Services(services) => services.iter().map(ToString::to_string).collect(),
        };
        let request = v1::ConfirmCapacityRequest { service_ids, wait };
        let deadline = if wait { WAIT + ANSWER } else { ANSWER };
        let answer = answered(self.client.clone().confirm_capacity(request), deadline).await?;
        let confirmed = answer.confirmed.into_iter().map(wire::confirmed);
        let confirmed: Option<Vec<_>> = confirmed.collect();
        confirmed.ok_or(RemoteError::OtherVersion)
    }

    pub(super) async fn invite(&self, person: &Person) -> Result<Invitation, RemoteError> {
        let organization = person.organization.as_ref();
        let request = v1::InviteWorkerRequest {
            sign_in_name: person.name.as_str().to_owned(),
            organization_id: organization.map_or_else(String::new, ToString::to_string),
        };
        let answer = answered(self.client.clone().invite_worker(request), ANSWER).await?;
        Ok(Invitation {
            secret: answer.invitation,
            link: Some(answer.link).filter(|link| !link.is_empty()),
        })
    }

    pub(super) async fn accounts(&self) -> Result<Vec<AccountView>, RemoteError> {
        let request = v1::ListWorkersRequest {};
        let answer = answered(self.client.clone().list_workers(request), ANSWER).await?;
        let accounts = answer.workers.iter().map(wire::account);
        let accounts: Option<Vec<_>> = accounts.collect();
        accounts.ok_or(RemoteError::OtherVersion)
    }

    pub(super) async fn remove(&self, name: &SignInName) -> Result<(), RemoteError> {
        let sign_in_name = name.as_str().to_owned();
        let request = v1::RemoveWorkerRequest { sign_in_name };
        answered(self.client.clone().remove_worker(request), ANSWER).await?;
        Ok(())
    }

    pub(super) async fn withdraw(
        &self,
        name: &RecordName,
        wait: bool,
    ) -> Result<bool, RemoteError> {
        let request = v1::WithdrawRequest {
            kind: wire::kind_to_wire(name.kind),
            local_id: name.id.to_string(),
            wait,
        };
        let deadline = if wait { WAIT + ANSWER } else { ANSWER };
        let answer = answered(self.client.clone().withdraw(request), deadline).await?;
        Ok(answer.acknowledged)
    }

    pub(super) async fn delete(
        &self,
        names: &[RecordName],
        wait: bool,
    ) -> Result<bool, RemoteError> {
        let request = v1::DeleteRequest {
            records: names.iter().map(wire::name_to_wire).collect(),
            wait,
        };
        let deadline = if wait { WAIT + ANSWER } else { ANSWER };
        let answer = answered(self.client.clone().delete(request), deadline).await?;
        Ok(answer.acknowledged)
    }

    pub(super) async fn restore(&self, name: &RecordName, wait: bool) -> Result<bool, RemoteError> {
        let request = v1::RestoreRequest {
            record: Some(wire::name_to_wire(name)),
            wait,
        };
        let deadline = if wait { WAIT + ANSWER } else { ANSWER };
        let answer = answered(self.client.clone().restore(request), deadline).await?;
        Ok(answer.acknowledged)
    }

    pub(super) async fn affirm(
        &self,
        what: &Affirm,
        wait: bool,
    ) -> Result<(usize, bool), RemoteError> {
        let service_ids = match what {
            Affirm::Ageing => Vec::new(),
            Affirm::Services(services) => services.iter().map(ToString::to_string).collect(),
        };
        let request = v1::AffirmRequest { service_ids, wait };
        let deadline = if wait { WAIT + ANSWER } else { ANSWER };
        let answer = answered(self.client.clone().affirm(request), deadline).await?;
        let services = usize::try_from(answer.services).unwrap_or(usize::MAX);
        Ok((services, answer.acknowledged))
    }

    pub(super) async fn disputes(&self) -> Result<Vec<Dispute>, RemoteError> {
        let request = v1::ListConflictsRequest {};
        let answer = answered(self.client.clone().list_conflicts(request), ANSWER).await?;
        let disputes = answer.conflicts.into_iter().map(wire::dispute);
        let disputes: Option<Vec<_>> = disputes.collect();
        disputes.ok_or(RemoteError::OtherVersion)
    }

    pub(super) async fn decide(&self, number: u64, ours: bool) -> Result<(), RemoteError> {
        let request = v1::DecideConflictRequest { number, ours };
        answered(self.client.clone().decide_conflict(request), ANSWER).await?;
        Ok(())
    }

    pub(super) async fn verify(&self) -> Result<Option<Verification>, RemoteError> {
        let request = v1::VerifyRequest {};
        let answer = answered(self.client.clone().verify(request), VERIFY + ANSWER).await?;
        let Some(found) = answer.verification else {
            return Ok(None);
        };
        let found = wire::verification(found).ok_or(RemoteError::OtherVersion)?;
        Ok(Some(found))
    }

    pub(super) async fn status(&self) -> Result<Status, RemoteError> {
        let answer = answered(self.client.clone().status(v1::StatusRequest {}), ANSWER).await?;
        wire::status(answer).ok_or(RemoteError::OtherVersion)
    }
}

async fn answered<T>(
    call: impl Future<Output = Result<Response<T>, RpcStatus>>,
    deadline: Duration,
) -> Result<T, RemoteError> {
    let answer = timeout(deadline, call)
        .await
        .map_err(|_| RemoteError::Gone)?;
    answer.map(Response::into_inner).map_err(|status| {
        let text = status.message().to_owned();
        match status.code() {
            Code::InvalidArgument | Code::NotFound | Code::FailedPrecondition => {
                RemoteError::Refused(text)
            }
            Code::Unavailable | Code::Unknown | Code::Cancelled => RemoteError::Gone,
            Code::Unimplemented => RemoteError::OtherVersion,
            _ => RemoteError::Failed(text),
        }
    })
}

/// An import as messages of at most 1 MiB.
fn parts(import: Import) -> impl Iterator<Item = v1::ImportRequest> {
    let start = v1::ImportStart {
        source: import.source,
        dry_run: import.dry_run,
    };
    let records = import
        .records
        .into_iter()
        .map(|record| v1::Record::from(&record));
    let records = batched(records).map(|records| Part::Records(v1::ImportRecords { records }));
    let reports = import.reports.into_iter().map(|imported| {
        let report = v1::CapacityReport::from(&imported.draft);
        // Without a time the node takes its own, and knows that the file stated none.
        let observed_at = report.observed_at.filter(|_| imported.dated);
        v1::CapacityReport {
            observed_at,
            ..report
        }
    });
    let reports = batched(reports).map(|reports| Part::Reports(v1::ImportReports { reports }));
    let parts = std::iter::once(Part::Start(start))
        .chain(records)
        .chain(reports);
    parts.map(|part| v1::ImportRequest { part: Some(part) })
}

fn batched<T: Message>(items: impl Iterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    let mut items = items.peekable();
    std::iter::from_fn(move || {
        let mut batch = vec![items.next()?];
        let mut bytes = batch[0].encoded_len();
        while let Some(next) = items.peek()
            && bytes + next.encoded_len() + 16 <= BATCH_BYTES
        {
            bytes += next.encoded_len() + 16;
            batch.extend(items.next());
        }
        Some(batch)
    })
}
