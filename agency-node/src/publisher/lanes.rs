//! What goes up the stream, in two lanes: capacity never waits behind a batch of listings.

use std::pin::Pin;
use std::task::{Context, Poll};

use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;
use tokio::sync::mpsc;
use tokio_stream::Stream;

/// Where messages are put. Dropped, it ends the stream.
#[derive(Debug)]
pub(super) struct Lanes {
    /// Goes first: hello and capacity.
    pub(super) urgent: mpsc::Sender<Up>,
    /// Goes when nothing urgent waits: listings.
    pub(super) bulk: mpsc::Sender<Up>,
}

/// Where messages come out.
#[derive(Debug)]
pub(super) struct Outgoing {
    urgent: mpsc::Receiver<Up>,
    bulk: mpsc::Receiver<Up>,
}

/// Two empty lanes, each with room for one message.
pub(super) fn lanes() -> (Lanes, Outgoing) {
    let (urgent, from_urgent) = mpsc::channel(1);
    let (bulk, from_bulk) = mpsc::channel(1);
    (
        Lanes { urgent, bulk },
        Outgoing {
            urgent: from_urgent,
            bulk: from_bulk,
        },
    )
}

impl Stream for Outgoing {
    type Item = v1::PublishRequest;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let request = |message| v1::PublishRequest {
            message: Some(message),
        };
        let urgent = self.urgent.poll_recv(context);
        if let Poll::Ready(Some(message)) = urgent {
            return Poll::Ready(Some(request(message)));
        }
        match self.bulk.poll_recv(context) {
            Poll::Ready(None) if urgent.is_pending() => Poll::Pending,
            ready => ready.map(|message| message.map(request)),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_stream::StreamExt;

    use super::*;

    #[tokio::test]
    async fn capacity_overtakes_listings_that_wait() {
        let (lanes, mut outgoing) = lanes();
        lanes
            .bulk
            .send(Up::Operations(v1::OperationBatch::default()))
            .await
            .unwrap();
        lanes
            .urgent
            .send(Up::Capacity(v1::CapacityBatch::default()))
            .await
            .unwrap();
        drop(lanes);

        let first = outgoing.next().await.unwrap();

        assert!(matches!(first.message, Some(Up::Capacity(_))));
        assert!(matches!(
            outgoing.next().await.unwrap().message,
            Some(Up::Operations(_))
        ));
        assert!(outgoing.next().await.is_none());
    }
}
