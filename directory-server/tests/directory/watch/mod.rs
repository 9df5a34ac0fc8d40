//! The change feed as a reader meets it: over the public listener, with a replica that checks everything.

mod command;
mod held;
mod laws;
mod pace;
mod signed;
mod stream;

use std::collections::BTreeSet;

use referral_proto::replica::Replica;
use referral_proto::v1;
use referral_proto::v1::feed_entry::Entry;
use referral_proto::v1::watch_response::Message;
use referral_proto::v1::watch_service_client::WatchServiceClient;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

use crate::support::{House, soon};

/// One reader's stream.
struct Reader {
    stream: Streaming<v1::WatchResponse>,
    /// Every message, in order.
    heard: Vec<Message>,
}

impl Reader {
    async fn open(house: &House, since: v1::WatchRequest) -> Result<Self, Status> {
        Self::over(house.visit().await, since).await
    }

    async fn over(channel: Channel, since: v1::WatchRequest) -> Result<Self, Status> {
        let mut client = WatchServiceClient::new(channel);
        let stream = soon("the feed begins", client.watch(since)).await?;
        Ok(Self {
            stream: stream.into_inner(),
            heard: Vec::new(),
        })
    }

    async fn next(&mut self) -> Result<Message, Status> {
        let next = soon("the feed says something", self.stream.message()).await?;
        let message = next.and_then(|response| response.message);
        let message = message.ok_or_else(|| Status::cancelled("the stream ended"))?;
        self.heard.push(message.clone());
        Ok(message)
    }

    /// Reads into `replica` up to a bookmark at this index or after it.
    async fn read_to(&mut self, index: u64, replica: &mut Replica) {
        loop {
            let message = self.next().await.unwrap();
            let at = match &message {
                Message::Bookmark(mark) => mark.index,
                _ => 0,
            };
            let message = Some(message);
            replica.take(v1::WatchResponse { message }).unwrap();
            if at >= index && at > 0 {
                return;
            }
        }
    }

    /// The entries heard, in order.
    fn entries(&self) -> Vec<&v1::FeedEntry> {
        let entries = self.heard.iter().filter_map(|message| match message {
            Message::Entries(entries) => Some(&entries.entries),
            _ => None,
        });
        entries.flatten().collect()
    }
}

/// The journal's last index, once it is folded.
async fn folded(house: &House) -> u64 {
    let last = house.directory.journal_index();
    crate::support::until("everything is folded", async || {
        house.directory.bookmark().index >= last
    })
    .await;
    last
}

/// A reader that heard everything there is.
async fn read_all(house: &House) -> (Reader, Replica) {
    let index = folded(house).await;
    let mut replica = Replica::default();
    let mut reader = Reader::open(house, replica.resume()).await.unwrap();
    reader.read_to(index, &mut replica).await;
    (reader, replica)
}

/// The local ids of the records in a replica.
fn ids(replica: &Replica) -> BTreeSet<String> {
    let keys = replica.listings().into_keys();
    keys.map(|key| key.id.to_string()).collect()
}

/// What an entry is about, in a word.
fn kind(entry: &v1::FeedEntry) -> &'static str {
    match entry.entry.as_ref() {
        Some(Entry::Agency(_)) => "agency",
        Some(Entry::Listing(_)) => "listing",
        Some(Entry::Capacity(_)) => "capacity",
        Some(Entry::Gone(_)) => "gone",
        None => "nothing",
    }
}
