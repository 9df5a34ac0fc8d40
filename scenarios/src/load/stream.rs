//! One open stream to the directory, after its hello.

use std::time::Duration;

use anyhow::Context;
use referral_proto::v1;
use referral_proto::v1::federation_service_client::FederationServiceClient;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;
use referral_runtime::tls::Dialer;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

/// How long the directory may take to say welcome, as long as a node waits.
const WELCOME: Duration = Duration::from_secs(10);

/// A stream on which the directory has said welcome.
pub(super) struct Stream {
    pub(super) up: mpsc::Sender<v1::PublishRequest>,
    pub(super) down: Streaming<v1::PublishResponse>,
    pub(super) applied: u64,
}

impl Stream {
    /// Connects, says hello and waits for the welcome.
    pub(super) async fn open(dialer: &Dialer, hello: v1::PublishHello) -> anyhow::Result<Self> {
        let channel = dialer.connect().await?;
        let mut client = FederationServiceClient::new(channel);
        let (up, outgoing) = mpsc::channel(4);
        up.send(request(Up::Hello(hello))).await?;
        let welcome = async {
            let answer = client.publish(ReceiverStream::new(outgoing)).await?;
            let mut down = answer.into_inner();
            let first = down.message().await?;
            Ok::<_, tonic::Status>((first, down))
        };
        let (first, down) = timeout(WELCOME, welcome).await??;
        let first = first.and_then(|first| first.message);
        let Some(Down::Welcome(welcome)) = first else {
            anyhow::bail!("the directory did not say welcome: {first:?}");
        };
        Ok(Self {
            up,
            down,
            applied: welcome.applied,
        })
    }

    /// Says something.
    pub(super) async fn say(&self, message: Up) -> anyhow::Result<()> {
        Ok(self.up.send(request(message)).await?)
    }

    /// The next thing the directory says.
    pub(super) async fn hear(&mut self) -> anyhow::Result<Down> {
        let next = self.down.message().await?;
        let message = next.and_then(|next| next.message);
        match message.context("the stream has ended")? {
            Down::Fence(fence) => anyhow::bail!("fenced: {}", fence.text),
            message => Ok(message),
        }
    }
}

fn request(message: Up) -> v1::PublishRequest {
    v1::PublishRequest {
        message: Some(message),
    }
}
