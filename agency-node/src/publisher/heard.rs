//! What the directory said, put together until it is kept; each message checked as it comes.

use std::time::Duration;

use referral_proto::v1;
use referral_proto::v1::publish_response::Message as Down;
use tonic::{Code, Status};

use super::SessionError;
use super::cursor::Cursor;
use crate::outbox::codec::{Acknowledged, harmless};

/// What the directory said, put together.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) acknowledged: Option<Acknowledged>,
    pub(super) notices: Vec<v1::Notice>,
    pub(super) messages: usize,
}

impl Heard {
    /// Takes one message in; `None` is the end of the stream.
    pub(super) fn take(
        &mut self,
        cursor: &Cursor,
        message: Option<v1::PublishResponse>,
    ) -> Result<(), SessionError> {
        self.messages += 1;
        match message.ok_or_else(gone)?.message {
            Some(Down::Ack(ack)) => {
                cursor.check(&ack)?;
                self.acknowledge(ack);
                Ok(())
            }
            Some(Down::Notice(notice)) => {
                self.notices.push(notice);
                Ok(())
            }
            Some(Down::Fence(fence)) => Err(fenced(&fence)),
            Some(Down::Grant(_) | Down::Tips(_) | Down::Fetched(_) | Down::BeatAck(_)) => Err(
                SessionError::Protocol("it answered what this node does not ask yet"),
            ),
            Some(Down::Welcome(_)) => Err(SessionError::Protocol("it said welcome a second time")),
            // A message of a newer version: what it says is not for this one.
            None => Ok(()),
        }
    }

    fn acknowledge(&mut self, ack: v1::PublishAck) {
        let all = self.acknowledged.get_or_insert_default();
        all.applied = all.applied.max(ack.applied);
        all.capacity_applied = all.capacity_applied.max(ack.capacity_applied);
        all.refusals
            .extend(ack.rejections.into_iter().map(Into::into));
    }
}

pub(super) fn fenced(fence: &v1::Fence) -> SessionError {
    SessionError::Fenced {
        reason: fence.reason(),
        text: harmless(&fence.text, 500),
        retry_after: Duration::from_millis(fence.retry_after_ms.into()),
    }
}

pub(super) fn broken(status: &Status) -> SessionError {
    let text = harmless(status.message(), 500);
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented => {
            SessionError::Refused { text }
        }
        _ => SessionError::Broken { text },
    }
}

pub(super) fn gone() -> SessionError {
    SessionError::Broken {
        text: String::new(),
    }
}
