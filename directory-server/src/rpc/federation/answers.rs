//! What the directory says on a stream. It waits for a node on a slow link, and not for one that has gone.

use std::time::Duration;

use referral_proto::v1;
use referral_proto::v1::publish_response::Message as Down;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;

/// How many answers wait for the node.
const WAITING: usize = 16;
/// How long one of them may take; then the node counts as gone. A part of an answer goes over a link of 9,600 bit/s
/// in half of it.
const UNREAD: Duration = Duration::from_mins(1);
/// The same once the directory shuts down: less than that takes.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The way down of one stream.
#[derive(Clone)]
pub(super) struct Answers {
    node: mpsc::Sender<Result<v1::PublishResponse, Status>>,
    draining: CancellationToken,
}

/// The node has gone, or does not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gone;

impl Answers {
    /// The two ends of it.
    pub(super) fn new(
        draining: CancellationToken,
    ) -> (Self, ReceiverStream<Result<v1::PublishResponse, Status>>) {
        let (node, stream) = mpsc::channel(WAITING);
        (Self { node, draining }, ReceiverStream::new(stream))
    }

    /// Says these things in order.
    pub(super) async fn say(&self, messages: impl IntoIterator<Item = Down>) -> Result<(), Gone> {
        for message in messages {
            let message = Some(message);
            self.send(Ok(v1::PublishResponse { message })).await?;
        }
        Ok(())
    }

    /// Ends the stream with a status.
    pub(super) async fn fail(&self, status: Status) -> Result<(), Gone> {
        self.send(Err(status)).await
    }

    async fn send(&self, answer: Result<v1::PublishResponse, Status>) -> Result<(), Gone> {
        tokio::select! {
            biased;
            sent = self.node.send(answer) => sent.map_err(|_| Gone),
            () = self.patience() => Err(Gone),
        }
    }

    /// Ends when the node has kept the directory waiting for too long.
    async fn patience(&self) {
        let draining = timeout(UNREAD, self.draining.cancelled()).await;
        if draining.is_ok() {
            sleep(LAST_WORDS).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;
    use tokio_stream::StreamExt;

    use super::*;

    /// More answers than may wait.
    fn many() -> impl Iterator<Item = Down> {
        std::iter::repeat_n(Down::BeatAck(v1::BeatAck::default()), 2 * WAITING)
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_reads_an_answer_every_half_minute_gets_all_of_them() {
        let (answers, mut stream) = Answers::new(CancellationToken::new());
        let read = async {
            for _ in 0..2 * WAITING {
                sleep(UNREAD / 2).await;
                assert!(stream.next().await.is_some());
            }
        };

        let (said, ()) = tokio::join!(answers.say(many()), read);

        assert_eq!(said, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_reads_nothing_is_given_up_and_sooner_while_shutting_down() {
        let draining = CancellationToken::new();
        let (answers, _stream) = Answers::new(draining.clone());
        let began = Instant::now();

        assert_eq!(answers.say(many()).await, Err(Gone));
        assert_eq!(began.elapsed(), UNREAD);

        draining.cancel();
        assert_eq!(answers.say(many()).await, Err(Gone));
        assert_eq!(began.elapsed(), UNREAD + LAST_WORDS);
    }
}
