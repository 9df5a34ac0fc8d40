//! One session with the directory: hello, welcome, and then both sides talk until one stops.

use std::sync::Arc;
use std::time::Duration;

use referral_core::id::Hash;
use referral_proto::v1::federation_service_client::FederationServiceClient;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;
use referral_proto::{convert, v1};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};
use tracing::info;

use super::cursor::Cursor;
use super::heard::{Heard, broken, fenced, gone};
use super::lanes::{Lanes, lanes};
use super::{PublishConfig, SessionError};
use crate::operations::{Node, Progress};
use crate::outbox::codec::Notice;
use crate::outbox::{Outbox, Standing};

/// The largest message that is read from the directory. Unit: bytes.
const LARGEST_ANSWER: usize = 4 << 20;
/// The most messages that are kept with one write to the journal.
const TOGETHER: usize = 64;
/// How long a session that is told to stop waits for acknowledgements that are on their way.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How a session ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The process is to stop.
    Stopped,
    /// All that was queued is acknowledged.
    Complete,
}

/// One session.
#[derive(Debug)]
pub(super) struct Session<'a> {
    node: &'a Arc<Node>,
    config: &'a PublishConfig,
    boot: [u8; 16],
    welcome: bool,
}

/// The next thing that happens on a stream.
enum Event {
    Stop,
    Message(Result<Option<v1::PublishResponse>, Status>),
    RoomForReports,
    RoomForOperations,
    Queued,
    Late,
}

/// The open stream of a session.
struct Stream {
    lanes: Lanes,
    incoming: Streaming<v1::PublishResponse>,
    cursor: Cursor,
    progress: watch::Receiver<Progress>,
}

impl<'a> Session<'a> {
    /// A session that has not begun.
    ///
    /// * `boot` — random, new at every start of the process.
    pub(super) fn new(node: &'a Arc<Node>, config: &'a PublishConfig, boot: [u8; 16]) -> Self {
        Self {
            node,
            config,
            boot,
            welcome: false,
        }
    }

    /// Whether the directory said welcome.
    pub(super) fn was_welcome(&self) -> bool {
        self.welcome
    }

    /// Talks with the directory until `stop`, or until all is acknowledged when `until_complete`.
    pub(super) async fn run(
        &mut self,
        stop: &CancellationToken,
        until_complete: bool,
    ) -> Result<Ended, SessionError> {
        let mut stream = tokio::select! {
            opened = self.open() => opened?,
            () = stop.cancelled() => return Ok(Ended::Stopped),
        };
        self.welcome = true;
        let ended = self.talk(&mut stream, stop, until_complete).await;
        if matches!(ended, Ok(Ended::Stopped)) {
            self.part(stream).await;
        }
        self.node.link().send_modify(|link| link.connected = false);
        ended
    }

    async fn open(&self) -> Result<Stream, SessionError> {
        let channel = self.node.dialer().connect().await.map_err(Box::new)?;
        let mut client =
            FederationServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER);
        let (lanes, outgoing) = lanes();
        let hello = self.on_node(hello(self.boot)).await?;
        failpoint!("node.hello");
        // There is room for one message, and this is the first.
        let _room = lanes.urgent.try_send(Up::Hello(hello));
        let answer = async {
            let mut incoming = client
                .publish(outgoing)
                .await
                .map_err(|status| broken(&status))?
                .into_inner();
            let first = incoming.message().await.map_err(|status| broken(&status))?;
            Ok::<_, SessionError>((first, incoming))
        };
        let (first, incoming) = timeout(self.config.welcome, answer)
            .await
            .map_err(|_| SessionError::NoWelcome(self.config.welcome))??;
        let cursor = match first.and_then(|first| first.message) {
            Some(Down::Welcome(welcome)) => self.resume(&welcome).await?,
            Some(Down::Fence(fence)) => return Err(fenced(&fence)),
            Some(_) => return Err(SessionError::Protocol("its first word was not welcome")),
            None => {
                return Err(SessionError::Broken {
                    text: String::new(),
                });
            }
        };
        Ok(Stream {
            lanes,
            incoming,
            cursor,
            progress: self.node.progress(),
        })
    }

    /// Finds out whether the two logs fit, and goes on from there (R5).
    async fn resume(&self, welcome: &v1::PublishWelcome) -> Result<Cursor, SessionError> {
        let standing = standing(welcome).ok_or(SessionError::Protocol(
            "its welcome names no epoch or no head",
        ))?;
        if welcome.max_in_flight == 0 {
            return Err(SessionError::Protocol("its welcome lets nothing be sent"));
        }
        let acknowledged = self
            .on_node(move |node| {
                node.read(|outbox| outbox.resume(&standing))?;
                failpoint!("node.resume.pre_store");
                node.resumed(standing.generation, standing.applied)?;
                failpoint!("node.resume.post_store");
                Ok::<_, SessionError>(node.read(|outbox| outbox.reports().settled()))
            })
            .await??;
        let now = self.node.clock().now();
        self.node.link().send_modify(|link| {
            link.connected = true;
            link.last_heard = Some(now);
            link.problem.clear();
        });
        let agency = &self.node.membership().agency;
        info!(
            referral.agency.id = %agency,
            referral.session = welcome.session,
            "agency {agency} publishes in session {}", welcome.session
        );
        let reports = acknowledged.max(standing.capacity_applied);
        Ok(Cursor::new(
            standing.applied,
            reports,
            welcome.max_in_flight,
        ))
    }

    async fn talk(
        &self,
        stream: &mut Stream,
        stop: &CancellationToken,
        until_complete: bool,
    ) -> Result<Ended, SessionError> {
        let mut owed_since = Instant::now();
        loop {
            let progress = *stream.progress.borrow_and_update();
            if until_complete && progress.is_complete() {
                return Ok(Ended::Complete);
            }
            if !stream.cursor.is_waiting(&progress) {
                owed_since = Instant::now();
            }
            match stream
                .event(&progress, owed_since + self.config.acknowledgement, stop)
                .await
            {
                Event::Stop => return Ok(Ended::Stopped),
                Event::Message(message) => {
                    self.hear(stream, message.map_err(|status| broken(&status))?)
                        .await?;
                    owed_since = Instant::now();
                }
                Event::RoomForReports => {
                    if let Some(next) = self.next(stream, Cursor::next_reports).await? {
                        failpoint!("node.report.send");
                        stream.lanes.urgent.try_send(next).map_err(|_| gone())?;
                    }
                }
                Event::RoomForOperations => {
                    if let Some(next) = self.next(stream, Cursor::next_operations).await? {
                        failpoint!("node.send");
                        stream.lanes.bulk.try_send(next).map_err(|_| gone())?;
                    }
                }
                Event::Queued => {}
                Event::Late => {
                    return Err(SessionError::NoAcknowledgement(self.config.acknowledgement));
                }
            }
        }
    }

    /// What is to be sent next; the stream's cursor moves past it.
    async fn next(
        &self,
        stream: &mut Stream,
        take: fn(&mut Cursor, &Outbox) -> Option<Up>,
    ) -> Result<Option<Up>, SessionError> {
        let mut cursor = stream.cursor;
        let (next, cursor) = self
            .on_node(move |node| (node.read(|outbox| take(&mut cursor, outbox)), cursor))
            .await?;
        stream.cursor = cursor;
        Ok(next)
    }

    /// Keeps what the directory said: this message, and those that have come with it. What was said before
    /// the session ended counts.
    async fn hear(
        &self,
        stream: &mut Stream,
        first: Option<v1::PublishResponse>,
    ) -> Result<(), SessionError> {
        let mut heard = Heard::default();
        let mut end = heard.take(&stream.cursor, first).err();
        while end.is_none() && heard.messages < TOGETHER {
            let next = tokio::select! {
                biased;
                message = stream.incoming.message() => message,
                () = std::future::ready(()) => break,
            };
            let taken = next.map_err(|status| broken(&status));
            end = taken
                .and_then(|message| heard.take(&stream.cursor, message))
                .err();
        }
        self.keep(heard).await?;
        end.map_or(Ok(()), Err)
    }

    async fn keep(&self, heard: Heard) -> Result<(), SessionError> {
        let now = self.node.clock().now();
        self.node
            .link()
            .send_modify(|link| link.last_heard = Some(now));
        let Heard {
            acknowledged,
            notices,
            ..
        } = heard;
        if acknowledged.is_none() && notices.is_empty() {
            return Ok(());
        }
        let notice = |wire| Notice::from_wire(&wire, now.as_microsecond());
        let notices = notices.into_iter().map(notice).collect();
        failpoint!("node.ack.pre_store");
        self.on_node(move |node| node.heard(acknowledged, notices))
            .await??;
        failpoint!("node.ack.post_store");
        Ok(())
    }

    /// Says that nothing more comes, and hears what is on its way.
    async fn part(&self, mut stream: Stream) {
        let (closed, _) = lanes();
        drop(std::mem::replace(&mut stream.lanes, closed));
        let last_words = async {
            while let Ok(message @ Some(_)) = stream.incoming.message().await {
                if self.hear(&mut stream, message).await.is_err() {
                    break;
                }
            }
        };
        let _said = timeout(LAST_WORDS, last_words).await;
    }

    async fn on_node<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Node) -> T + Send + 'static,
    ) -> Result<T, SessionError> {
        self.node.run(work).await.map_err(|_| SessionError::Stopped)
    }
}

impl Stream {
    /// Waits for the next thing. Capacity goes before listings.
    ///
    /// * `deadline` — when an acknowledgement that is owed is late.
    async fn event(
        &mut self,
        progress: &Progress,
        deadline: Instant,
        stop: &CancellationToken,
    ) -> Event {
        let (lanes, cursor) = (&self.lanes, &self.cursor);
        // This is the only sender: where there is room now, there is room for the next message.
        tokio::select! {
            biased;
            () = stop.cancelled() => Event::Stop,
            message = self.incoming.message() => Event::Message(message),
            _ = lanes.urgent.reserve(), if cursor.has_reports(progress) => Event::RoomForReports,
            _ = lanes.bulk.reserve(), if cursor.has_operations(progress) => {
                Event::RoomForOperations
            }
            changed = self.progress.changed() => {
                if changed.is_ok() { Event::Queued } else { Event::Stop }
            }
            () = sleep_until(deadline), if cursor.is_waiting(progress) => Event::Late,
        }
    }
}

fn hello(boot: [u8; 16]) -> impl FnOnce(&Node) -> v1::PublishHello + Send + 'static {
    move |node| {
        node.read(|outbox| {
            let tip = outbox.tip();
            v1::PublishHello {
                generation_seen: outbox.generation_seen(),
                epoch: Some(tip.epoch.into()),
                seq: tip.applied,
                head: tip.head.as_bytes().to_vec(),
                boot: boot.to_vec(),
                user_agent: concat!("agency-node/", env!("CARGO_PKG_VERSION")).to_owned(),
                acknowledged: outbox.told(),
                capacity_acknowledged: outbox.reports().settled(),
            }
        })
    }
}

fn standing(welcome: &v1::PublishWelcome) -> Option<Standing> {
    Some(Standing {
        generation: welcome.generation,
        epoch: convert::federation::epoch(welcome.epoch).ok()?,
        applied: welcome.applied,
        head: Hash::try_from(welcome.head.as_slice()).ok()?,
        capacity_applied: welcome.capacity_applied,
    })
}
