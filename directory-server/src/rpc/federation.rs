//! `referral.v1.FederationService`: one stream per agency.
//!
//! The agency is taken from the client certificate. Each message is read, its signatures are checked
//! off the async threads, and its outcome is sent back once it is durable.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use prost::Message;
use referral_core::id::{Kind, LocalId};
use referral_proto::convert;
use referral_proto::convert::limits::SIGNED_BYTES;
use referral_proto::v1;
use referral_proto::v1::federation_service_server::FederationService;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::{Peer, TrustDomain};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status, Streaming};
use tracing::{info, warn};

use super::status::status;
use crate::ledger::{FenceCause, Hello, Outcome, Refusal, SessionEnd, SignedBytes};
use crate::operations::{Directory, ReceivedCapacity, ReceivedOperation, Session};

/// How long a node may take to say hello.
const HELLO: Duration = Duration::from_secs(10);
/// How long answers may wait for a node that does not read them; then it counts as gone. Less than the
/// directory takes to shut down.
const UNREAD: Duration = Duration::from_secs(5);
/// Most operations or reports in one message.
const BATCH: usize = 500;
/// Most operations a node may have sent and not yet seen acknowledged.
const MAX_IN_FLIGHT: u32 = 2_000;
/// How long a fenced node waits before it says hello again, in milliseconds.
const RETRY_AFTER_MS: u32 = 1_000;

/// The federation service over a directory.
#[derive(Clone, Debug)]
pub struct FederationRpc {
    directory: Arc<Directory>,
    domain: TrustDomain,
    tasks: Tasks,
}

type Answers = mpsc::Sender<Result<v1::PublishResponse, Status>>;

impl FederationRpc {
    /// The service over `directory`, for certificates of `domain`.
    #[must_use]
    pub fn new(directory: Arc<Directory>, domain: TrustDomain, tasks: Tasks) -> Self {
        Self {
            directory,
            domain,
            tasks,
        }
    }
}

#[tonic::async_trait]
impl FederationService for FederationRpc {
    type PublishStream = ReceiverStream<Result<v1::PublishResponse, Status>>;

    #[tracing::instrument(name = "referral.v1.FederationService/Publish", skip_all)]
    async fn publish(
        &self,
        request: Request<Streaming<v1::PublishRequest>>,
    ) -> Result<Response<Self::PublishStream>, Status> {
        let peer = Peer::of(request.extensions(), &self.domain).map_err(|reason| {
            status(
                Code::Unauthenticated,
                &reason.code().to_uppercase(),
                reason.to_string(),
            )
        })?;
        failpoint!("rx.authz");
        let (answers, stream) = mpsc::channel(16);
        let conversation = Conversation {
            directory: Arc::clone(&self.directory),
            incoming: request.into_inner(),
            answers,
            draining: self.tasks.token(),
        };
        self.tasks.spawn("publish stream", conversation.run(peer));
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

/// One stream, from hello to its end.
struct Conversation {
    directory: Arc<Directory>,
    incoming: Streaming<v1::PublishRequest>,
    answers: Answers,
    draining: CancellationToken,
}

/// How a stream ended.
enum End {
    /// The node is told why.
    Fence(v1::FenceReason, String),
    /// What the node sends is no gRPC, or it broke off.
    Broken(Box<Status>),
    /// The node has gone.
    Gone,
}

impl Conversation {
    async fn run(mut self, peer: Peer) {
        let agency = peer.agency.clone();
        match self.talk(peer).await {
            End::Gone => info!(referral.agency.id = %agency, "the stream of agency {agency} ended"),
            End::Broken(status) => {
                info!(
                    referral.agency.id = %agency,
                    rpc.response.status_code = status.code().description(),
                    "the stream of agency {agency} broke off: {}", status.message()
                );
                let _gone = self.answers.send_timeout(Err(*status), UNREAD).await;
            }
            End::Fence(reason, text) => {
                warn!(
                    referral.agency.id = %agency,
                    referral.fence = reason.as_str_name(),
                    "the stream of agency {agency} was ended: {text}"
                );
                let fence = v1::Fence {
                    reason: reason.into(),
                    text,
                    retry_after_ms: RETRY_AFTER_MS,
                };
                let _gone = self.send(Down::Fence(fence)).await;
            }
        }
    }

    async fn talk(&mut self, peer: Peer) -> End {
        let session = match self.open(peer).await {
            Ok(session) => session,
            Err(end) => return end,
        };
        loop {
            let next = tokio::select! {
                next = self.incoming.message() => next,
                () = session.superseded.cancelled() => {
                    return End::Fence(
                        v1::FenceReason::Superseded,
                        "another session of this agency has begun: only one node may publish for it".to_owned(),
                    );
                }
                () = self.draining.cancelled() => {
                    return End::Fence(
                        v1::FenceReason::Draining,
                        "the directory is shutting down: say hello again later".to_owned(),
                    );
                }
            };
            let message = match next {
                Ok(Some(v1::PublishRequest {
                    message: Some(message),
                })) => message,
                Ok(Some(_)) => return malformed("a message without content"),
                Ok(None) => return End::Gone,
                Err(status) => return End::Broken(Box::new(status)),
            };
            failpoint!("rx.decoded");
            let outcome = match self.take(&session, message).await {
                Ok(outcome) => outcome,
                Err(end) => return end,
            };
            if self.acknowledge(outcome).await.is_err() {
                return End::Gone;
            }
            failpoint!("ack.sent");
        }
    }

    /// Waits for hello and answers it.
    async fn open(&mut self, peer: Peer) -> Result<Session, End> {
        let hello = match timeout(HELLO, self.incoming.message()).await {
            Ok(Ok(Some(v1::PublishRequest {
                message: Some(Up::Hello(hello)),
            }))) => hello,
            Ok(Ok(None)) => return Err(End::Gone),
            Ok(Err(status)) => return Err(End::Broken(Box::new(status))),
            _ => return Err(malformed("the first message of a stream is hello")),
        };
        let hello =
            read_hello(&peer, &hello).ok_or_else(|| malformed("hello could not be read"))?;
        let session = self.directory.hello(hello).await.map_err(fence)?;
        let welcome = &session.welcome;
        let answer = v1::PublishWelcome {
            session: welcome.session,
            generation: self.directory.generation(),
            epoch: Some(welcome.epoch.into()),
            applied: welcome.applied,
            head: welcome.head.as_bytes().to_vec(),
            capacity_applied: welcome.cseq,
            max_in_flight: MAX_IN_FLIGHT,
            now: Some(convert::time::to_wire(welcome.now)),
        };
        failpoint!("welcome.pre_send");
        self.send(Down::Welcome(answer))
            .await
            .map_err(|()| End::Gone)?;
        let standing = Outcome {
            applied: welcome.applied,
            cseq: welcome.cseq,
            refused: welcome.refused.clone(),
            notices: Vec::new(),
        };
        self.acknowledge(standing).await.map_err(|()| End::Gone)?;
        info!(
            referral.agency.id = %session.agency,
            referral.session = welcome.session,
            "session {} of agency {} began", welcome.session, session.agency
        );
        Ok(session)
    }

    async fn take(&self, session: &Session, message: Up) -> Result<Outcome, End> {
        match message {
            Up::Hello(_) => Err(malformed("hello a second time")),
            Up::Operations(batch) => {
                let received = read_batch(batch.operations, read_operation)?;
                let signed = session.clone();
                let checked = spawn_blocking(move || signed.check(received)).await;
                let checked = checked.map_err(|_| malformed("operations could not be read"))?;
                let checked = checked.map_err(|bad| bad_signature(&bad.to_string()))?;
                self.directory
                    .publish(session, checked)
                    .await
                    .map_err(fence)
            }
            Up::Capacity(batch) => {
                // A directory whose clock was set back does not call its agencies' clocks wrong.
                let now = self.directory.now().max(session.welcome.now);
                let received = read_batch(batch.reports, |signed| read_capacity(signed, now))?;
                let signed = session.clone();
                let checked = spawn_blocking(move || signed.check_capacity(received)).await;
                let checked = checked.map_err(|_| malformed("reports could not be read"))?;
                let checked = checked.map_err(|bad| bad_signature(&bad.to_string()))?;
                self.directory
                    .report_capacity(session, checked)
                    .await
                    .map_err(fence)
            }
            Up::NewEpoch(_) | Up::Tips(_) | Up::Fetch(_) | Up::Beat(_) => {
                Err(malformed("this directory does not reconcile yet"))
            }
        }
    }

    async fn acknowledge(&self, outcome: Outcome) -> Result<(), ()> {
        let at = Some(convert::time::to_wire(self.directory.now()));
        let ack = v1::PublishAck {
            applied: outcome.applied,
            capacity_applied: outcome.cseq,
            rejections: outcome.refused.into_iter().map(rejection).collect(),
        };
        self.send(Down::Ack(ack)).await?;
        for (code, text, local_id) in outcome.notices {
            let notice = v1::Notice {
                code: code.to_owned(),
                text,
                local_id,
                at,
            };
            self.send(Down::Notice(notice)).await?;
        }
        Ok(())
    }

    async fn send(&self, message: Down) -> Result<(), ()> {
        let message = v1::PublishResponse {
            message: Some(message),
        };
        let sent = self.answers.send_timeout(Ok(message), UNREAD).await;
        sent.map_err(drop)
    }
}

fn read_hello(peer: &Peer, hello: &v1::PublishHello) -> Option<Hello> {
    Some(Hello {
        agency: peer.agency.clone(),
        tls_key_hash: peer.key_hash,
        epoch: convert::federation::epoch(hello.epoch).ok()?,
        seq: hello.seq,
        acknowledged: hello.acknowledged,
        capacity_acknowledged: hello.capacity_acknowledged,
        boot: hello.boot.as_slice().try_into().ok()?,
    })
}

fn read_batch<T>(
    batch: Vec<v1::Signed>,
    read: impl Fn(v1::Signed) -> Option<T>,
) -> Result<Vec<T>, End> {
    if batch.is_empty() || batch.len() > BATCH {
        return Err(malformed("a batch holds 1 to 500 operations"));
    }
    if batch.iter().any(|signed| signed.bytes.len() > SIGNED_BYTES) {
        return Err(malformed("an operation is larger than 68 KiB"));
    }
    let read: Option<Vec<T>> = batch.into_iter().map(read).collect();
    read.ok_or_else(|| malformed("an operation could not be read"))
}

/// `None` when not even the header can be read: then nobody can say which operation it is.
fn read_operation(signed: v1::Signed) -> Option<ReceivedOperation> {
    let wire = v1::Operation::decode(signed.bytes.as_slice()).ok()?;
    let header = convert::federation::header(&wire, &signed.bytes).ok()?;
    let kind = v1::RecordKind::try_from(wire.record_kind)
        .ok()
        .and_then(kind);
    let id = LocalId::parse(&wire.local_id).ok();
    let change =
        convert::federation::change(wire).map_err(|violations| Refusal::of(kind, id, &violations));
    Some(ReceivedOperation {
        header,
        change,
        signed: bytes(signed),
    })
}

/// `now` is the directory's time: a report from more than a day ahead of it is refused.
fn read_capacity(signed: v1::Signed, now: Timestamp) -> Option<ReceivedCapacity> {
    let wire = v1::CapacityOperation::decode(signed.bytes.as_slice()).ok()?;
    let (agency, order) = convert::federation::capacity_header(&wire).ok()?;
    let service = wire.report.as_ref().map(|report| &report.service_id);
    let id = service.and_then(|id| LocalId::parse(id).ok());
    let report = convert::federation::said(wire, now)
        .map_err(|violations| Refusal::of(Some(Kind::Service), id, &violations));
    Some(ReceivedCapacity {
        agency,
        order,
        report,
        signed: bytes(signed),
    })
}

fn bytes(signed: v1::Signed) -> SignedBytes {
    SignedBytes {
        bytes: signed.bytes,
        signature: signed.signature,
    }
}

fn kind(wire: v1::RecordKind) -> Option<Kind> {
    match wire {
        v1::RecordKind::Unspecified => None,
        v1::RecordKind::Organization => Some(Kind::Organization),
        v1::RecordKind::Location => Some(Kind::Location),
        v1::RecordKind::Service => Some(Kind::Service),
    }
}

fn rejection((seq, cseq, refusal): (u64, u64, Refusal)) -> v1::Rejection {
    let kind = match refusal.kind {
        None => v1::RecordKind::Unspecified,
        Some(Kind::Organization) => v1::RecordKind::Organization,
        Some(Kind::Location) => v1::RecordKind::Location,
        Some(Kind::Service) => v1::RecordKind::Service,
    };
    v1::Rejection {
        seq,
        cseq,
        record_kind: kind.into(),
        local_id: refusal.id.map(|id| id.to_string()).unwrap_or_default(),
        code: refusal.code,
        field: refusal.field,
        text: refusal.text,
    }
}

fn fence(end: SessionEnd) -> End {
    let SessionEnd { cause, text } = end;
    let reason = match cause {
        FenceCause::Superseded => v1::FenceReason::Superseded,
        FenceCause::Fork => v1::FenceReason::Fork,
        FenceCause::Gap => v1::FenceReason::Gap,
        FenceCause::WrongEpoch => v1::FenceReason::WrongEpoch,
        FenceCause::Storage => v1::FenceReason::Storage,
        FenceCause::NotMember => v1::FenceReason::Unspecified,
    };
    End::Fence(reason, text.to_owned())
}

fn malformed(text: &str) -> End {
    End::Fence(v1::FenceReason::Malformed, text.to_owned())
}

fn bad_signature(text: &str) -> End {
    End::Fence(v1::FenceReason::BadSignature, text.to_owned())
}
