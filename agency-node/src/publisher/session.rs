//! One session with the directory over the network: a thin shell around a [`Conversation`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use referral_journal::FileStorage;
use referral_proto::v1;
use referral_proto::v1::federation_service_client::FederationServiceClient;
use referral_runtime::tls::ConnectFailure;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};
use tracing::info;

use super::anybody::verify;
use super::conversation::{Conversation, Moment, Timing};
use super::heard::{broken, gone};
use super::lanes::{Lanes, lanes};
use super::renewing::{DUE, renew_if_due};
use super::{PublishConfig, SessionError};
use crate::operations::{Node, Verifying};
use crate::outbox::{Ledger, Outbox, Progress};

/// The largest message that is read from the directory. Unit: bytes.
const LARGEST_ANSWER: usize = 4 << 20;
/// The most messages that are kept with one write to the journal.
const TOGETHER: usize = 64;
/// How long a session that is told to stop waits for acknowledgements that are on their way.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long to sleep when nothing is waited for.
const NOTHING_DUE: Duration = Duration::from_hours(1);

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// To go on until the process stops.
    Publish,
    /// Until all that is queued is acknowledged.
    Complete,
    /// Until the verification with this number is made, too.
    Verified(u64),
}

/// How a session ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The process is to stop.
    Stopped,
    /// What it was for is done.
    Complete,
}

/// One session.
#[derive(Debug)]
pub(super) struct Session<'a> {
    node: &'a Arc<Node>,
    conversation: Arc<Mutex<Conversation>>,
    welcome: Duration,
}

/// The next thing that happens on a stream.
enum Event {
    Stop,
    Message(Result<Option<v1::PublishResponse>, Status>),
    RoomForUrgent,
    RoomForOperations,
    Queued,
    Asked,
    Due,
}

/// The open stream of a session.
struct Stream {
    lanes: Lanes,
    incoming: Streaming<v1::PublishResponse>,
    progress: watch::Receiver<Progress>,
    verifying: watch::Receiver<Verifying>,
    /// The verification that is being made.
    looking_for: Option<u64>,
    /// What makes it once this stream has given its part. It ends with the session, and is made in the next one.
    looking: JoinSet<()>,
}

impl<'a> Session<'a> {
    /// A session that has not begun.
    ///
    /// * `boot` — random, new at every start of the process.
    /// * `jitter` — random, 0.8 to 1.2: by what the time between beats is multiplied.
    pub(super) fn new(
        node: &'a Arc<Node>,
        config: &PublishConfig,
        boot: [u8; 16],
        jitter: f64,
    ) -> Self {
        let timing = Timing {
            welcome: config.welcome,
            acknowledgement: config.acknowledgement,
            beat: config.beat.mul_f64(jitter),
            silence: config.silence,
        };
        Self {
            node,
            conversation: Arc::new(Mutex::new(Conversation::new(boot, timing))),
            welcome: config.welcome,
        }
    }

    /// Whether the directory said welcome.
    pub(super) fn was_welcome(&self) -> bool {
        self.conversation().session().is_some()
    }

    /// Talks with the directory until `stop`, or until what it is for is done.
    pub(super) async fn run(
        &mut self,
        stop: &CancellationToken,
        goal: Goal,
    ) -> Result<Ended, SessionError> {
        let mut stream = tokio::select! {
            opened = self.open() => opened?,
            () = stop.cancelled() => return Ok(Ended::Stopped),
        };
        let ended = self.talk(&mut stream, stop, goal).await;
        if let Err(SessionError::Fenced { reason, .. }) = &ended
            && *reason == v1::FenceReason::Certificate
        {
            self.node.certificate_was_refused();
        }
        if matches!(ended, Ok(Ended::Stopped)) {
            self.part(stream).await;
        }
        self.node.link().send_modify(|link| link.connected = false);
        ended
    }

    async fn open(&self) -> Result<Stream, SessionError> {
        // One that has not expired is good enough when it cannot be renewed just now.
        if let Err(error) = renew_if_due(self.node, DUE).await
            && self.node.renewal_is_due(1.0)
        {
            return Err(error.into());
        }
        let dialer = self.node.dialer();
        let channel = dialer.connect().await.inspect_err(|failure| {
            if matches!(failure, ConnectFailure::Refused { .. }) {
                self.node.certificate_was_refused();
            }
        });
        let channel = channel.map_err(Box::new)?;
        let mut client =
            FederationServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER);
        let (lanes, outgoing) = lanes();
        let hello = self.say(Conversation::hello).await?;
        failpoint!("node.hello");
        // There is room for one message, and this is the first.
        let _room = lanes.urgent.try_send(hello);
        let answer = timeout(self.welcome, client.publish(outgoing)).await;
        let answer = answer.map_err(|_| SessionError::NoWelcome(self.welcome))?;
        let incoming = answer.map_err(|status| broken(&status))?.into_inner();
        Ok(Stream {
            lanes,
            incoming,
            progress: self.node.progress(),
            verifying: self.node.verifying().subscribe(),
            looking_for: None,
            looking: JoinSet::new(),
        })
    }

    async fn talk(
        &self,
        stream: &mut Stream,
        stop: &CancellationToken,
        goal: Goal,
    ) -> Result<Ended, SessionError> {
        loop {
            let progress = *stream.progress.borrow_and_update();
            self.look(stream, &progress).await?;
            if self.has_reached(goal, &progress) {
                return Ok(Ended::Complete);
            }
            match self.event(stream, &progress, stop).await {
                Event::Stop => return Ok(Ended::Stopped),
                Event::Message(message) => {
                    let message = message.map_err(|status| broken(&status))?;
                    self.hear(stream, message.ok_or_else(gone)?).await?;
                }
                Event::RoomForUrgent => {
                    if let Some(next) = self.say(Conversation::next_urgent).await? {
                        failpoint!("node.report.send");
                        stream.lanes.urgent.try_send(next).map_err(|_| gone())?;
                    }
                }
                Event::RoomForOperations => {
                    if let Some(next) = self.say(Conversation::next_operations).await? {
                        failpoint!("node.send");
                        stream.lanes.bulk.try_send(next).map_err(|_| gone())?;
                    }
                }
                Event::Queued | Event::Asked => {}
                Event::Due => self.conversation().tick(&progress, self.now())?,
            }
        }
    }

    /// Waits for the next thing. Capacity goes before listings.
    async fn event(
        &self,
        stream: &mut Stream,
        progress: &Progress,
        stop: &CancellationToken,
    ) -> Event {
        let (urgent, operations, due) = {
            let conversation = self.conversation();
            (
                conversation.has_urgent(progress),
                conversation.has_operations(progress),
                conversation.deadline(progress),
            )
        };
        let wait = due.map_or(NOTHING_DUE, |due| due.saturating_sub(self.now().elapsed));
        let lanes = &stream.lanes;
        // This is the only sender: where there is room now, there is room for the next message.
        tokio::select! {
            biased;
            () = stop.cancelled() => Event::Stop,
            message = stream.incoming.message() => Event::Message(message),
            _ = lanes.urgent.reserve(), if urgent => Event::RoomForUrgent,
            _ = lanes.bulk.reserve(), if operations => Event::RoomForOperations,
            changed = stream.progress.changed() => {
                if changed.is_ok() { Event::Queued } else { Event::Stop }
            }
            changed = stream.verifying.changed() => {
                if changed.is_ok() { Event::Asked } else { Event::Stop }
            }
            () = sleep(wait) => Event::Due,
        }
    }

    /// Takes in this message and those that have come with it. What was said before the session ended counts.
    async fn hear(
        &self,
        stream: &mut Stream,
        first: v1::PublishResponse,
    ) -> Result<(), SessionError> {
        let mut messages = vec![first];
        let mut end = None;
        while end.is_none() && messages.len() < TOGETHER {
            let next = tokio::select! {
                biased;
                message = stream.incoming.message() => message,
                () = std::future::ready(()) => break,
            };
            match next {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => end = Some(gone()),
                Err(status) => end = Some(broken(&status)),
            }
        }
        let before = self.was_welcome();
        let heard = self
            .with_ledger(move |conversation, ledger, now| conversation.hear(ledger, messages, now))
            .await?;
        self.note(before);
        let held = self.conversation().held_back();
        if let Some(held) = held {
            self.node.held_back().send_replace(Some(held));
        }
        heard?;
        let seen = self.conversation().seen();
        if let (Some((theirs, told)), Some(asked)) = (seen, stream.looking_for) {
            let node = Arc::clone(self.node);
            stream.looking.spawn(verify(node, theirs, told, asked));
        }
        end.map_or(Ok(()), Err)
    }

    /// Begins the verification that was asked for, once everything is acknowledged.
    async fn look(&self, stream: &mut Stream, progress: &Progress) -> Result<(), SessionError> {
        let (asked, done) = {
            let verifying = stream.verifying.borrow_and_update();
            (verifying.asked, verifying.done)
        };
        stream.looking_for = stream.looking_for.filter(|number| *number > done);
        let wanted = asked > done && stream.looking_for.is_none() && progress.is_complete();
        let begun = |conversation: &mut Conversation, outbox: &Outbox, _| conversation.look(outbox);
        if wanted && self.say(begun).await? {
            stream.looking_for = Some(asked);
        }
        Ok(())
    }

    fn has_reached(&self, goal: Goal, progress: &Progress) -> bool {
        let complete = || self.conversation().is_open() && progress.is_complete();
        match goal {
            Goal::Publish => false,
            Goal::Complete => complete(),
            Goal::Verified(number) => self.node.verifying().borrow().done >= number,
        }
    }

    /// Lets the status know that the directory was heard.
    fn note(&self, was_welcome: bool) {
        let now = self.node.clock().now();
        let session = self.conversation().session();
        self.node.link().send_modify(|link| {
            link.last_heard = Some(now);
            if session.is_some() {
                link.connected = true;
                link.problem.clear();
                link.cause = "";
            }
        });
        if let (false, Some(session)) = (was_welcome, session) {
            let agency = &self.node.membership().agency;
            info!(
                referral.agency.id = %agency,
                referral.session = session,
                "agency {agency} publishes in session {session}"
            );
        }
    }

    /// Says that nothing more comes, and hears what is on its way.
    async fn part(&self, mut stream: Stream) {
        let (closed, _) = lanes();
        drop(std::mem::replace(&mut stream.lanes, closed));
        let last_words = async {
            while let Ok(Some(message)) = stream.incoming.message().await {
                if self.hear(&mut stream, message).await.is_err() {
                    break;
                }
            }
        };
        let _said = timeout(LAST_WORDS, last_words).await;
    }

    /// What the conversation has to say.
    async fn say<T: Send + 'static>(
        &self,
        what: fn(&mut Conversation, &Outbox, Moment) -> T,
    ) -> Result<T, SessionError> {
        self.with_ledger(move |conversation, ledger, now| what(conversation, ledger.outbox(), now))
            .await
    }

    async fn with_ledger<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conversation, &mut Ledger<FileStorage>, Moment) -> T + Send + 'static,
    ) -> Result<T, SessionError> {
        let conversation = Arc::clone(&self.conversation);
        let worked = self.node.run(move |node| {
            let now = moment(node);
            let mut conversation = lock(&conversation);
            node.change(|ledger| work(&mut conversation, ledger, now))
        });
        worked.await.map_err(|_| SessionError::Stopped)
    }

    fn conversation(&self) -> MutexGuard<'_, Conversation> {
        lock(&self.conversation)
    }

    fn now(&self) -> Moment {
        moment(self.node)
    }
}

fn lock(conversation: &Mutex<Conversation>) -> MutexGuard<'_, Conversation> {
    conversation.lock().unwrap_or_else(PoisonError::into_inner)
}

fn moment(node: &Node) -> Moment {
    let clock = node.clock();
    Moment {
        wall: clock.now(),
        elapsed: clock.elapsed(),
    }
}
