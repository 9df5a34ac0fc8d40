//! The daemon's end of the socket: `referral.v1.NodeService`.

use std::sync::Arc;

use referral_core::catalog::Record;
use referral_core::federation::Epoch;
use referral_core::id::LocalId;
use referral_proto::convert::{self, Violations};
use referral_proto::v1;
use referral_proto::v1::import_request::Part;
use referral_proto::v1::node_service_server::{NodeService, NodeServiceServer};
use referral_runtime::accounts::SignInName;
use referral_runtime::local::{self, LocalError};
use referral_runtime::shutdown::Tasks;
use tokio::time::timeout;
use tonic::service::Routes;
use tonic::{Request, Response, Status, Streaming};

use super::remote::LARGEST;
use super::{VERIFY, WAIT, wire};
use crate::operations::{
    Affirm, Awaited, CapacityRefused, DecideError, Import, ImportError, ImportedReport, Node,
    Outcome, Reported, Which, WithdrawError,
};
use crate::outbox::NotQueued;
use crate::outbox::codec::Refusal;
use crate::people::PeopleError;
use referral_runtime::causes::one_line;

/// The most records of one import.
const RECORDS: usize = 500_000;
/// The most reports of one request.
const REPORTS: usize = 500;

/// The most deletions of one request.
const DELETIONS: usize = 500;

/// Serves the commands of this node's data directory until the tasks are asked to end.
///
/// # Errors
/// [`LocalError`] when the socket cannot be opened.
pub fn serve(node: &Arc<Node>, tasks: &Tasks) -> Result<(), LocalError> {
    let service = NodeServiceServer::new(NodeRpc {
        node: Arc::clone(node),
    })
    .max_decoding_message_size(LARGEST);
    local::serve(node.data_dir(), Routes::new(service), tasks)
}

#[derive(Debug)]
struct NodeRpc {
    node: Arc<Node>,
}

#[tonic::async_trait]
impl NodeService for NodeRpc {
    async fn import(
        &self,
        request: Request<Streaming<v1::ImportRequest>>,
    ) -> Result<Response<v1::ImportResponse>, Status> {
        let mut parts = request.into_inner();
        let mut import = match parts.message().await?.and_then(|first| first.part) {
            Some(Part::Start(start)) => Import {
                records: Vec::new(),
                reports: Vec::new(),
                source: start.source,
                dry_run: start.dry_run,
            },
            _ => {
                return Err(Status::invalid_argument(
                    "the first message of an import is start",
                ));
            }
        };
        while let Some(next) = parts.message().await? {
            self.add(&mut import, next)?;
        }
        let plan = self.on_node(move |node| node.import(&import)).await?;
        Ok(Response::new(
            plan.map_err(|error| of_import(&error))?.into(),
        ))
    }

    async fn set_capacity(
        &self,
        request: Request<v1::SetCapacityRequest>,
    ) -> Result<Response<v1::SetCapacityResponse>, Status> {
        let v1::SetCapacityRequest { reports, wait } = request.into_inner();
        if reports.is_empty() || reports.len() > REPORTS {
            return Err(Status::invalid_argument("a request holds 1 to 500 reports"));
        }
        let now = self.node.clock().now();
        let drafts = reports
            .into_iter()
            .map(|report| convert::capacity::draft(report, now));
        let drafts: Vec<Result<_, Violations>> = drafts.collect();
        let readable = drafts
            .iter()
            .filter_map(|draft| draft.as_ref().ok())
            .cloned()
            .collect();
        let epoch = self.node.progress().borrow().epoch;
        let answers = self
            .on_node(move |node| node.set_capacity(readable))
            .await?;
        let answers = answers.map_err(|error| of_queue(&error))?;
        if wait {
            self.wait_for_reports(epoch, answers.iter()).await;
        }
        let outcomes = self.on_node(move |node| node.outcomes(answers)).await?;
        let outcomes = in_order(drafts.into_iter().map(Result::err), outcomes);
        Ok(Response::new(v1::SetCapacityResponse { outcomes }))
    }

    async fn confirm_capacity(
        &self,
        request: Request<v1::ConfirmCapacityRequest>,
    ) -> Result<Response<v1::ConfirmCapacityResponse>, Status> {
        let v1::ConfirmCapacityRequest { service_ids, wait } = request.into_inner();
        if service_ids.len() > REPORTS {
            return Err(Status::invalid_argument(
                "a request holds at most 500 services",
            ));
        }
        let services = service_ids.iter().map(|id| LocalId::parse(id));
        let services: Result<Vec<LocalId>, _> = services.collect();
        let services = services.map_err(|error| Status::invalid_argument(one_line(&error)))?;
        let which = if services.is_empty() {
            Which::Expiring
        } else {
            Which::Services(services)
        };
        let epoch = self.node.progress().borrow().epoch;
        let confirmed = self
            .on_node(move |node| node.confirm_capacity(&which))
            .await?;
        let confirmed = confirmed.map_err(|error| of_queue(&error))?;
        if wait {
            self.wait_for_reports(epoch, confirmed.iter().map(|one| &one.outcome))
                .await;
        }
        let confirmed = self.on_node(move |node| node.confirmed(confirmed)).await?;
        let confirmed = confirmed.into_iter().map(wire::confirmed_to_wire).collect();
        Ok(Response::new(v1::ConfirmCapacityResponse { confirmed }))
    }

    async fn withdraw(
        &self,
        request: Request<v1::WithdrawRequest>,
    ) -> Result<Response<v1::WithdrawResponse>, Status> {
        let request = request.into_inner();
        let name = wire::name(request.kind, &request.local_id).ok_or_else(unnamed)?;
        let (seq, acknowledged) = self
            .queued(request.wait, move |node| node.withdraw(&name))
            .await?;
        Ok(Response::new(v1::WithdrawResponse { seq, acknowledged }))
    }

    async fn delete(
        &self,
        request: Request<v1::DeleteRequest>,
    ) -> Result<Response<v1::DeleteResponse>, Status> {
        let request = request.into_inner();
        if request.records.is_empty() || request.records.len() > DELETIONS {
            return Err(Status::invalid_argument("a request names 1 to 500 records"));
        }
        let names: Option<Vec<_>> = request.records.iter().map(wire::name_from_wire).collect();
        let names = names.ok_or_else(unnamed)?;
        let (seq, acknowledged) = self
            .queued(request.wait, move |node| node.delete(&names))
            .await?;
        Ok(Response::new(v1::DeleteResponse { seq, acknowledged }))
    }

    async fn restore(
        &self,
        request: Request<v1::RestoreRequest>,
    ) -> Result<Response<v1::RestoreResponse>, Status> {
        let request = request.into_inner();
        let name = request.record.as_ref().and_then(wire::name_from_wire);
        let name = name.ok_or_else(unnamed)?;
        let (seq, acknowledged) = self
            .queued(request.wait, move |node| node.restore(&name))
            .await?;
        Ok(Response::new(v1::RestoreResponse { seq, acknowledged }))
    }

    async fn affirm(
        &self,
        request: Request<v1::AffirmRequest>,
    ) -> Result<Response<v1::AffirmResponse>, Status> {
        let request = request.into_inner();
        let services = request.service_ids.iter().map(|id| LocalId::parse(id));
        let services: Result<Vec<_>, _> = services.collect();
        let services = services.map_err(|_| unnamed())?;
        let what = match services.len() {
            0 => Affirm::Ageing,
            1..=DELETIONS => Affirm::Services(services),
            _ => {
                return Err(Status::invalid_argument(
                    "a request names at most 500 services",
                ));
            }
        };
        let epoch = self.node.progress().borrow().epoch;
        let affirmed = self.on_node(move |node| node.affirm(&what)).await?;
        let (count, seq) = affirmed.map_err(|error| of_withdraw(&error))?;
        let awaited = Awaited::Operation(epoch, seq);
        if request.wait {
            let _late = timeout(WAIT, self.node.acknowledged(awaited)).await;
        }
        Ok(Response::new(v1::AffirmResponse {
            services: count as u64,
            seq,
            acknowledged: awaited.is_in(&self.node.progress().borrow()),
        }))
    }

    async fn list_conflicts(
        &self,
        _request: Request<v1::ListConflictsRequest>,
    ) -> Result<Response<v1::ListConflictsResponse>, Status> {
        let disputes = self.on_node(Node::disputes).await?;
        let conflicts = disputes.into_iter().map(Into::into).collect();
        Ok(Response::new(v1::ListConflictsResponse { conflicts }))
    }

    async fn decide_conflict(
        &self,
        request: Request<v1::DecideConflictRequest>,
    ) -> Result<Response<v1::DecideConflictResponse>, Status> {
        let v1::DecideConflictRequest { number, ours } = request.into_inner();
        let decided = self.on_node(move |node| node.decide(number, ours)).await?;
        decided.map_err(|error| match error {
            DecideError::NotQueued(error) => of_queue(&error),
            DecideError::Unknown(_) => Status::not_found(one_line(&error)),
        })?;
        Ok(Response::new(v1::DecideConflictResponse {}))
    }

    async fn verify(
        &self,
        _request: Request<v1::VerifyRequest>,
    ) -> Result<Response<v1::VerifyResponse>, Status> {
        let number = self.node.ask_verification();
        let mut verifying = self.node.verifying().subscribe();
        let made = verifying.wait_for(|verifying| verifying.done >= number);
        let made = timeout(VERIFY, made).await;
        let found = made.ok().and_then(Result::ok);
        let verification = found.and_then(|found| found.last.clone()).map(Into::into);
        Ok(Response::new(v1::VerifyResponse { verification }))
    }

    async fn invite_worker(
        &self,
        request: Request<v1::InviteWorkerRequest>,
    ) -> Result<Response<v1::InviteWorkerResponse>, Status> {
        let request = request.into_inner();
        let wanted = wire::person(&request.sign_in_name, &request.organization_id);
        let person = wanted.map_err(Status::invalid_argument)?;
        let invited = self.on_node(move |node| node.invite(&person)).await?;
        let invited = invited.map_err(|error| of_people(&error))?;
        Ok(Response::new(v1::InviteWorkerResponse {
            invitation: invited.secret.reveal(),
            link: invited.link.unwrap_or_default(),
        }))
    }

    async fn list_workers(
        &self,
        _request: Request<v1::ListWorkersRequest>,
    ) -> Result<Response<v1::ListWorkersResponse>, Status> {
        let accounts = self.on_node(|node| node.people().accounts()).await?;
        let workers = accounts.into_iter().map(Into::into).collect();
        Ok(Response::new(v1::ListWorkersResponse { workers }))
    }

    async fn remove_worker(
        &self,
        request: Request<v1::RemoveWorkerRequest>,
    ) -> Result<Response<v1::RemoveWorkerResponse>, Status> {
        let name = SignInName::parse(&request.into_inner().sign_in_name);
        let name = name.map_err(|error| Status::invalid_argument(one_line(&error)))?;
        let removed = self.on_node(move |node| node.remove_person(&name)).await?;
        removed.map_err(|error| of_people(&error))?;
        Ok(Response::new(v1::RemoveWorkerResponse {}))
    }

    async fn status(
        &self,
        _request: Request<v1::StatusRequest>,
    ) -> Result<Response<v1::StatusResponse>, Status> {
        let status = self.on_node(Node::status).await?;
        Ok(Response::new(status.into()))
    }
}

impl NodeRpc {
    fn add(&self, import: &mut Import, next: v1::ImportRequest) -> Result<(), Status> {
        match next.part {
            Some(Part::Records(part)) => {
                for record in part.records {
                    let record = Record::try_from(record).map_err(|why| why.to_status())?;
                    import.records.push(record);
                }
            }
            Some(Part::Reports(part)) => {
                let now = self.node.clock().now();
                for report in part.reports {
                    let dated = report.observed_at.is_some();
                    let draft =
                        convert::capacity::draft(report, now).map_err(|why| why.to_status())?;
                    import.reports.push(ImportedReport { draft, dated });
                }
            }
            Some(Part::Start(_)) => {
                return Err(Status::invalid_argument("an import starts once"));
            }
            None => return Err(Status::invalid_argument("a message without content")),
        }
        if import.records.len() > RECORDS || import.reports.len() > RECORDS {
            return Err(Status::invalid_argument(
                "an import has at most 500,000 records: split it",
            ));
        }
        Ok(())
    }

    /// Queues something. Returns the sequence number it is under, and whether the directory has acknowledged
    /// it by then.
    async fn queued(
        &self,
        wait: bool,
        queue: impl FnOnce(&Node) -> Result<u64, WithdrawError> + Send + 'static,
    ) -> Result<(u64, bool), Status> {
        let epoch = self.node.progress().borrow().epoch;
        let seq = self.on_node(queue).await?;
        let seq = seq.map_err(|error| of_withdraw(&error))?;
        let awaited = Awaited::Operation(epoch, seq);
        if wait {
            let _late = timeout(WAIT, self.node.acknowledged(awaited)).await;
        }
        Ok((seq, awaited.is_in(&self.node.progress().borrow())))
    }

    async fn wait_for_reports<'a>(
        &self,
        epoch: Epoch,
        answers: impl Iterator<Item = &'a Result<Reported, CapacityRefused>>,
    ) {
        let last = answers.flatten().map(|reported| reported.cseq).max();
        if let Some(cseq) = last {
            let _late = timeout(WAIT, self.node.acknowledged(Awaited::Report(epoch, cseq))).await;
        }
    }

    async fn on_node<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Node) -> T + Send + 'static,
    ) -> Result<T, Status> {
        self.node
            .run(work)
            .await
            .map_err(|_| Status::unavailable("the node is stopping"))
    }
}

/// Puts the outcomes of readable reports in the places between the unreadable ones.
fn in_order(
    unreadable: impl Iterator<Item = Option<Violations>>,
    readable: Vec<Outcome>,
) -> Vec<v1::CapacityOutcome> {
    let mut readable = readable.into_iter();
    let outcomes = unreadable.filter_map(|violations| match violations {
        None => readable.next(),
        Some(violations) => {
            let first = violations.first();
            Some(Outcome {
                refusal: Some(Refusal {
                    code: first.code.to_owned(),
                    field: first.field.clone(),
                    text: first.text.clone(),
                    ..Refusal::default()
                }),
                ..Outcome::default()
            })
        }
    });
    outcomes.map(Into::into).collect()
}

fn of_import(error: &ImportError) -> Status {
    match error {
        ImportError::NotQueued(error) => of_queue(error),
        _ => Status::invalid_argument(one_line(error)),
    }
}

fn of_withdraw(error: &WithdrawError) -> Status {
    match error {
        WithdrawError::NotQueued(error) => of_queue(error),
        WithdrawError::Unknown { .. } => Status::not_found(one_line(error)),
        WithdrawError::StillReferenced { .. }
        | WithdrawError::NotWithdrawn(_)
        | WithdrawError::NotKept(_) => Status::failed_precondition(one_line(error)),
    }
}

fn of_people(error: &PeopleError) -> Status {
    match error {
        PeopleError::Io(_) | PeopleError::Damaged | PeopleError::Randomness(_) => {
            Status::internal(one_line(error))
        }
        _ => Status::invalid_argument(one_line(error)),
    }
}

fn unnamed() -> Status {
    Status::invalid_argument("name a record by its kind and id")
}

fn of_queue(error: &NotQueued) -> Status {
    Status::resource_exhausted(one_line(error))
}
