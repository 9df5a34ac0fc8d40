//! `referral.v1.WatchService`: the change feed as a stream.
//!
//! Little is read ahead for a reader: what it does not take waits for it, and one that takes nothing for
//! too long is told so and let go. It resumes from its last bookmark.

use std::sync::Arc;
use std::time::Duration;

use referral_proto::convert::time;
use referral_proto::v1;
use referral_proto::v1::feed_entry::Entry as WireEntry;
use referral_proto::v1::watch_response::Message;
use referral_proto::v1::watch_service_server::WatchService;
use referral_runtime::panics::{Panicked, catch};
use referral_runtime::shutdown::Tasks;
use tokio::sync::mpsc::{self, OwnedPermit, error::SendTimeoutError};
use tokio::task::spawn_blocking;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status};

use super::status::{of_watch, status};
use super::viewer::viewer_of;
use crate::ledger::SignedBytes;
use crate::operations::{
    Bookmark, Directory, Entry, FeedEntry, FeedMessage, Follower, SnapshotReason,
};

/// Messages that wait for a reader; each has about 256 KiB at most.
const WAITING: usize = 4;
/// What a reader is told when the program failed.
const FAILED: &str = "the change feed failed";

/// How a reader is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// A reader that hears nothing else hears a bookmark so often.
    pub idle: Duration,
    /// A reader that takes nothing for so long is let go.
    pub patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(10),
            patience: Duration::from_secs(30),
        }
    }
}

/// The change feed over a directory.
#[derive(Clone, Debug)]
pub struct WatchRpc {
    directory: Arc<Directory>,
    tasks: Tasks,
    pace: Pace,
}

type Sent = Result<v1::WatchResponse, Status>;

impl WatchRpc {
    /// The service over `directory`; its streams run in `tasks`.
    #[must_use]
    pub fn new(directory: Arc<Directory>, tasks: Tasks, pace: Pace) -> Self {
        Self {
            directory,
            tasks,
            pace,
        }
    }
}

#[tonic::async_trait]
impl WatchService for WatchRpc {
    type WatchStream = ReceiverStream<Sent>;

    #[tracing::instrument(name = "referral.v1.WatchService/Watch", skip_all)]
    async fn watch(
        &self,
        request: Request<v1::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let viewer = viewer_of(&request);
        let v1::WatchRequest {
            generation,
            since_index,
        } = request.into_inner();
        let since = Bookmark {
            generation,
            index: since_index,
        };
        let follower = self.directory.watch(&viewer, since);
        let follower = follower.map_err(|e| of_watch(&e))?;
        // One place is kept for the word that ends the stream: it must fit when the reader is slow.
        let (sender, stream) = mpsc::channel(WAITING + 1);
        let farewell = sender.clone().reserve_owned().await;
        let farewell = farewell.map_err(|_| Status::cancelled("nobody listens"))?;
        let delivery = Delivery {
            sender,
            pace: self.pace,
            draining: self.tasks.token(),
        };
        self.tasks
            .spawn("watch stream", delivery.run(follower, farewell));
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

/// One stream.
struct Delivery {
    sender: mpsc::Sender<Sent>,
    pace: Pace,
    draining: CancellationToken,
}

/// Why a stream ends.
enum End {
    /// The reader has gone.
    Gone,
    /// It is told why.
    Told(Status),
}

impl Delivery {
    async fn run(self, follower: Follower, farewell: OwnedPermit<Sent>) {
        match catch(self.deliver(follower)).await {
            Ok(End::Gone) => {}
            Ok(End::Told(status)) => drop(farewell.send(Err(status))),
            Err(Panicked) => drop(farewell.send(Err(Status::internal(FAILED)))),
        }
    }

    async fn deliver(&self, mut follower: Follower) -> End {
        loop {
            let read = spawn_blocking(move || {
                let portion = follower.read();
                (follower, portion)
            });
            let portion = match read.await {
                Ok((same, portion)) => {
                    follower = same;
                    portion
                }
                Err(_) => return End::Told(Status::internal(FAILED)),
            };
            let portion = match portion {
                Ok(portion) => portion,
                Err(error) => return End::Told(of_watch(&error)),
            };
            for message in portion.messages {
                if let Err(end) = self.send(message).await {
                    return end;
                }
            }
            if portion.is_last
                && let Err(end) = self.wait(&mut follower).await
            {
                return end;
            }
        }
    }

    /// Waits until there is more; a reader that waits long hears where it stands.
    async fn wait(&self, follower: &mut Follower) -> Result<(), End> {
        loop {
            tokio::select! {
                () = follower.more() => return Ok(()),
                () = tokio::time::sleep(self.pace.idle) => {
                    self.send(FeedMessage::Bookmark(follower.bookmark())).await?;
                }
                () = self.draining.cancelled() => return Err(draining()),
                () = self.sender.closed() => return Err(End::Gone),
            }
        }
    }

    async fn send(&self, message: FeedMessage) -> Result<(), End> {
        let message = v1::WatchResponse {
            message: Some(message.into()),
        };
        tokio::select! {
            sent = self.sender.send_timeout(Ok(message), self.pace.patience) => match sent {
                Ok(()) => Ok(()),
                Err(SendTimeoutError::Closed(_)) => Err(End::Gone),
                Err(SendTimeoutError::Timeout(_)) => Err(End::Told(status(
                    Code::Aborted,
                    "WATCHER_TOO_SLOW",
                    "this reader takes too long: watch again from the last bookmark",
                ))),
            },
            () = self.draining.cancelled() => Err(draining()),
        }
    }
}

fn draining() -> End {
    let text = "the directory is shutting down: watch again later from the last bookmark";
    End::Told(status(Code::Unavailable, "DRAINING", text))
}

impl From<FeedMessage> for Message {
    fn from(message: FeedMessage) -> Self {
        match message {
            FeedMessage::Snapshot(as_of, reason) => Self::Snapshot(v1::SnapshotBegin {
                generation: as_of.generation,
                index: as_of.index,
                reason: match reason {
                    SnapshotReason::Asked => v1::SnapshotReason::Asked,
                    SnapshotReason::Generation => v1::SnapshotReason::Generation,
                    SnapshotReason::TooOld => v1::SnapshotReason::TooOld,
                }
                .into(),
            }),
            FeedMessage::Entries(entries) => Self::Entries(v1::FeedEntries {
                entries: entries.into_iter().map(Into::into).collect(),
            }),
            FeedMessage::Bookmark(bookmark) => Self::Bookmark(bookmark.into()),
        }
    }
}

impl From<Bookmark> for v1::Bookmark {
    fn from(bookmark: Bookmark) -> Self {
        Self {
            generation: bookmark.generation,
            index: bookmark.index,
        }
    }
}

impl From<FeedEntry> for v1::FeedEntry {
    fn from(entry: FeedEntry) -> Self {
        Self {
            index: entry.index,
            received_at: Some(time::to_wire(entry.received_at)),
            beside: entry.beside,
            entry: Some(wire(entry.entry)),
        }
    }
}

fn wire(entry: Entry) -> WireEntry {
    match entry {
        Entry::Agency(member) => WireEntry::Agency(v1::FeedAgency {
            agency_id: member.agency.to_string(),
            name: member.name,
            unverified: member.unverified,
            listing_key: member.listing_key.as_bytes().to_vec(),
            earlier_listing_keys: member
                .earlier_keys
                .iter()
                .map(|key| key.as_bytes().to_vec())
                .collect(),
        }),
        Entry::Listing(agency, listing_key, signed) => WireEntry::Listing(v1::FeedListing {
            agency_id: agency.to_string(),
            listing_key: listing_key.as_bytes().to_vec(),
            operation: Some(signed.into()),
        }),
        Entry::Capacity(agency, listing_key, signed, ttl) => {
            WireEntry::Capacity(v1::FeedCapacity {
                agency_id: agency.to_string(),
                listing_key: listing_key.as_bytes().to_vec(),
                report: Some(signed.into()),
                ttl_s: ttl.seconds(),
            })
        }
        Entry::Gone(operation) => WireEntry::Gone(v1::FeedGone {
            operation_hash: operation.as_bytes().to_vec(),
        }),
    }
}

impl From<SignedBytes> for v1::Signed {
    fn from(signed: SignedBytes) -> Self {
        Self {
            bytes: signed.bytes,
            signature: signed.signature,
        }
    }
}
