//! The `Publish` stream from the node's side, message by message.

use referral_proto::v1;
use referral_proto::v1::federation_service_client::FederationServiceClient;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

use super::soon;

/// An open stream.
pub(crate) struct Stream {
    up: mpsc::Sender<v1::PublishRequest>,
    down: Streaming<v1::PublishResponse>,
    /// What the directory has said that was no acknowledgement.
    pub(crate) notices: Vec<v1::Notice>,
    /// The services that nobody finds, as it said last: each with why.
    pub(crate) held: Vec<(String, String)>,
}

impl Stream {
    /// Opens a stream and says nothing yet.
    pub(crate) async fn open(channel: Channel) -> Result<Self, Status> {
        let (up, outgoing) = mpsc::channel(64);
        let mut client = FederationServiceClient::new(channel);
        let outgoing = ReceiverStream::new(outgoing);
        let down = soon("the stream opens", client.publish(outgoing)).await?;
        Ok(Self {
            up,
            down: down.into_inner(),
            notices: Vec::new(),
            held: Vec::new(),
        })
    }

    /// Says hello and expects a welcome, with the acknowledgement that follows it.
    pub(crate) async fn hello(
        &mut self,
        hello: v1::PublishHello,
    ) -> (v1::PublishWelcome, v1::PublishAck) {
        self.say(Up::Hello(hello)).await;
        let welcome = match self.next().await {
            Some(Down::Welcome(welcome)) => welcome,
            other => panic!("no welcome but {other:?}"),
        };
        (welcome, self.ack().await)
    }

    /// Sends operations and expects an acknowledgement.
    pub(crate) async fn operations(&mut self, operations: Vec<v1::Signed>) -> v1::PublishAck {
        self.send(operations).await;
        self.ack().await
    }

    /// Sends one operation and expects that it was accepted.
    pub(crate) async fn accepted(&mut self, operation: v1::Signed) {
        let ack = self.operations(vec![operation]).await;
        assert_eq!(ack.rejections, [], "refused");
    }

    /// Sends reports and expects an acknowledgement.
    pub(crate) async fn reports(&mut self, reports: Vec<v1::Signed>) -> v1::PublishAck {
        self.say(Up::Capacity(v1::CapacityBatch { reports })).await;
        self.ack().await
    }

    /// Sends operations, whatever becomes of them.
    pub(crate) async fn send(&mut self, operations: Vec<v1::Signed>) {
        self.say(Up::Operations(v1::OperationBatch { operations }))
            .await;
    }

    /// Sends one message. The directory may have ended the stream: that shows in what comes down.
    pub(crate) async fn say(&mut self, message: Up) {
        self.say_exactly(v1::PublishRequest {
            message: Some(message),
        })
        .await;
    }

    /// Sends a message as it is.
    pub(crate) async fn say_exactly(&mut self, message: v1::PublishRequest) {
        let _ended = soon("the stream takes a message", self.up.send(message)).await;
    }

    /// The next acknowledgement; notices before it are kept.
    pub(crate) async fn ack(&mut self) -> v1::PublishAck {
        loop {
            match self.next().await {
                Some(Down::Ack(ack)) => return ack,
                Some(Down::Notice(notice)) => self.notices.push(notice),
                other => panic!("no acknowledgement but {other:?}"),
            }
        }
    }

    /// The next notice, or the one that came while an acknowledgement was waited for.
    pub(crate) async fn notice(&mut self) -> v1::Notice {
        if !self.notices.is_empty() {
            return self.notices.remove(0);
        }
        match self.next().await {
            Some(Down::Notice(notice)) => notice,
            other => panic!("no notice but {other:?}"),
        }
    }

    /// The fence that ends the stream; what was said before it is passed over.
    pub(crate) async fn fence(mut self) -> v1::FenceReason {
        self.fenced().await.reason()
    }

    /// The fence that ends the stream, after which nothing comes.
    pub(crate) async fn fenced(&mut self) -> v1::Fence {
        loop {
            match self.next().await {
                Some(Down::Fence(fence)) => {
                    assert_eq!(
                        self.next().await,
                        None,
                        "the stream goes on after its fence"
                    );
                    return fence;
                }
                Some(_) => {}
                None => panic!("the stream ended without a fence"),
            }
        }
    }

    /// Gives a sign of life twice: what changed before the first is said before the answer to the second.
    pub(crate) async fn beat(&mut self) {
        for _ in 0..2 {
            let beat = v1::Beat {
                root: vec![0; 32],
                ..v1::Beat::default()
            };
            self.say(Up::Beat(beat)).await;
            loop {
                match self.next().await {
                    Some(Down::BeatAck(_)) => break,
                    Some(Down::Notice(notice)) => self.notices.push(notice),
                    other => panic!("no answer to a beat but {other:?}"),
                }
            }
        }
    }

    /// The next message but for what is held; none once the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Down> {
        self.next_or_status().await.unwrap()
    }

    /// The next message, or the status the stream failed with.
    pub(crate) async fn next_or_status(&mut self) -> Result<Option<Down>, Status> {
        loop {
            let next = soon("the directory says something", self.down.message()).await?;
            match next.map(|response| response.message.unwrap()) {
                Some(Down::Held(held)) => {
                    let held = held.services.into_iter();
                    let held = held.map(|one| (one.local_id, one.code + &one.category));
                    self.held = held.collect();
                }
                next => return Ok(next),
            }
        }
    }
}
