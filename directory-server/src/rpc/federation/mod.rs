//! `referral.v1.FederationService`: one stream per agency.
//!
//! The agency is taken from the client certificate. Each message is read, its signatures are checked
//! off the async threads, and its outcome is sent back once it is durable.

mod answers;
pub mod messages;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use referral_core::id::LocalId;
use referral_proto::v1;
use referral_proto::v1::federation_service_server::FederationService;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;
use referral_runtime::panics::catch;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::{Leaf, Peer, TrustDomain};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status, Streaming};
use tracing::{info, warn};

use self::answers::{Answers, Gone};
use self::messages::Malformed;
use super::status::status;
use crate::ledger::{Hello, Hold, Outcome, SessionEnd};
use crate::operations::{BadSignature, Directory, Session};

/// The least time between two looks at what is held of an agency, beats aside.
const LOOK: SignedDuration = SignedDuration::from_secs(1);
/// How long a node may take to say hello.
const HELLO: Duration = Duration::from_secs(10);
/// How long a node that answers pings may say nothing at all: twenty beats.
const SILENCE: Duration = Duration::from_mins(10);

/// The federation service over a directory.
#[derive(Clone, Debug)]
pub struct FederationRpc {
    directory: Arc<Directory>,
    domain: TrustDomain,
    tasks: Tasks,
}

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
        let (answers, stream) = Answers::new(self.tasks.token());
        let conversation = Conversation {
            directory: Arc::clone(&self.directory),
            incoming: request.into_inner(),
            answers,
            draining: self.tasks.token(),
            told_held: BTreeMap::new(),
            looked_at: Timestamp::MIN,
        };
        let farewell = conversation.answers.clone();
        self.tasks.spawn("publish stream", async move {
            if catch(conversation.run(peer)).await.is_err() {
                // A stream that just ended would say that all is well.
                let failed = Status::internal("this stream failed: open another");
                let _gone = farewell.fail(failed).await;
            }
        });
        Ok(Response::new(stream))
    }
}

/// One stream, from hello to its end.
struct Conversation {
    directory: Arc<Directory>,
    incoming: Streaming<v1::PublishRequest>,
    answers: Answers,
    draining: CancellationToken,
    /// Which services the node was told are held back.
    told_held: BTreeMap<LocalId, Hold>,
    /// When that was looked at last between two beats.
    looked_at: Timestamp,
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
                let _gone = self.answers.fail(*status).await;
            }
            End::Fence(reason, text) => {
                warn!(
                    referral.agency.id = %agency,
                    referral.fence = reason.as_str_name(),
                    "the stream of agency {agency} was ended: {text}"
                );
                if reason == v1::FenceReason::BadSignature {
                    self.directory
                        .alarm(&agency, "signed_with_another_key")
                        .await;
                }
                let _gone = self.answers.say([messages::fence(reason, text)]).await;
            }
        }
    }

    async fn talk(&mut self, peer: Peer) -> End {
        let session = match self.open(peer).await {
            Ok(session) => session,
            Err(end) => return end,
        };
        let mut heard = Instant::now();
        loop {
            let next = tokio::select! {
                next = self.incoming.message() => next,
                notice = session.notices.next() => {
                    let notice = messages::notice(notice, self.directory.now());
                    match self.answers.say([notice]).await {
                        Ok(()) => continue,
                        Err(Gone) => return End::Gone,
                    }
                }
                () = session.superseded.cancelled() => {
                    return self.directory.why_ended(&session).into();
                }
                () = sleep_until(heard + SILENCE) => {
                    return End::Fence(
                        v1::FenceReason::Silent,
                        "nothing was heard for ten minutes: say hello again".to_owned(),
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
                Ok(Some(_)) => return Malformed("a message without content").into(),
                Ok(None) => return End::Gone,
                Err(status) => return End::Broken(Box::new(status)),
            };
            failpoint!("rx.decoded");
            heard = Instant::now();
            let is_beat = matches!(message, Up::Beat(_));
            let answers = match self.take(&session, message).await {
                Ok(answers) => answers,
                Err(end) => return end,
            };
            let says_held = answers.iter().any(messages::says_held);
            if self.answers.say(answers).await.is_err() {
                return End::Gone;
            }
            failpoint!("ack.sent");
            // What somebody decided at the directory is told within a beat.
            let is_due = is_beat || (says_held && self.may_look());
            if is_due && self.tell_held(&session).await.is_err() {
                return End::Gone;
            }
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
            _ => return Err(Malformed("the first message of a stream is hello").into()),
        };
        if let Err(refused) = self.directory.let_back_in(&peer).await {
            warn!(referral.agency.id = %peer.agency, "agency {} was not let back in: {refused}", peer.agency);
        }
        let shown = Leaf::of(&peer.certificate);
        let hello = Hello {
            shown,
            ..messages::hello(peer.agency, peer.key_hash, &hello)?
        };
        let session = self.directory.hello(hello).await?;
        let (generation, pages) = (self.directory.generation(), self.directory.address());
        let answers = messages::welcome(session.welcome.clone(), generation, pages);
        failpoint!("welcome.pre_send");
        self.answers.say(answers).await?;
        self.tell_held(&session).await?;
        info!(
            referral.agency.id = %session.agency,
            referral.session = session.welcome.session,
            "session {} of agency {} began", session.welcome.session, session.agency
        );
        Ok(session)
    }

    /// Whether it may be looked between two beats: that walks through all records of the agency.
    fn may_look(&mut self) -> bool {
        let now = self.directory.now();
        let may = now.duration_since(self.looked_at) >= LOOK;
        if may {
            self.looked_at = now;
        }
        may
    }

    /// Tells the node which of its services nobody finds, where it was not told so.
    async fn tell_held(&mut self, session: &Session) -> Result<(), Gone> {
        let held = self.directory.held_services(session);
        if held == self.told_held {
            return Ok(());
        }
        let answers = messages::held(&held);
        self.told_held = held;
        self.answers.say(answers).await
    }

    /// Takes a message in. What it changes is durable when this returns; then its answers are sent.
    async fn take(&self, session: &Session, message: Up) -> Result<Vec<Down>, End> {
        let directory = &self.directory;
        Ok(match message {
            Up::Hello(_) => return Err(Malformed("hello a second time").into()),
            Up::Operations(batch) => {
                let received = messages::operations(batch)?;
                let checked = checked(session, received, Session::check).await?;
                self.outcome(directory.publish(session, checked).await?)
            }
            Up::Capacity(batch) => {
                // A directory whose clock was set back does not call its agencies' clocks wrong.
                let now = directory.now().max(session.welcome.now);
                let received = messages::reports(batch, now)?;
                let checked = checked(session, received, Session::check_capacity).await?;
                self.outcome(directory.report_capacity(session, checked).await?)
            }
            Up::NewEpoch(_) => {
                let granted = directory.new_epoch(session).await?;
                failpoint!("epoch.pre_send");
                vec![messages::grant(granted)]
            }
            Up::Tips(asked) => messages::tips(directory.tips(session, asked.bits, &asked.buckets)),
            Up::Fetch(asked) => {
                messages::fetched(directory.fetch(session, messages::names(asked)?).await?)
            }
            Up::Reports(asked) => {
                let services = messages::services(&asked)?;
                messages::standing(directory.standing_reports(session, services).await?)
            }
            Up::Beat(beat) => {
                let differs = directory.beat(session, beat.seq, messages::root(&beat)?);
                vec![messages::beat_ack(differs.as_ref(), directory.now())]
            }
        })
    }

    fn outcome(&self, outcome: Outcome) -> Vec<Down> {
        messages::outcome(outcome, self.directory.now()).collect()
    }
}

/// Checks signatures off the async threads.
async fn checked<R: Send + 'static, C: Send + 'static>(
    session: &Session,
    received: Vec<R>,
    check: fn(&Session, Vec<R>) -> Result<Vec<C>, BadSignature>,
) -> Result<Vec<C>, End> {
    let session = session.clone();
    let checked = spawn_blocking(move || check(&session, received)).await;
    let checked = checked.map_err(|_| Malformed("operations could not be read"))?;
    checked.map_err(|bad| End::Fence(v1::FenceReason::BadSignature, bad.to_string()))
}

impl From<Gone> for End {
    fn from(Gone: Gone) -> Self {
        Self::Gone
    }
}

impl From<Malformed> for End {
    fn from(malformed: Malformed) -> Self {
        Self::Fence(v1::FenceReason::Malformed, malformed.0.to_owned())
    }
}

impl From<SessionEnd> for End {
    fn from(end: SessionEnd) -> Self {
        Self::Fence(messages::reason(end), end.text.to_owned())
    }
}
