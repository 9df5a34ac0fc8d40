//! What the directory said, put together until it is kept, and the words for how a session ended.

use std::time::Duration;

use jiff::Timestamp;
use referral_journal::Storage;
use referral_proto::v1;
use tonic::{Code, Status};

use super::SessionError;
use crate::outbox::codec::{Acknowledged, Notice, harmless};
use crate::outbox::{Ledger, NotQueued};

/// What the directory said, put together.
#[derive(Default)]
pub(super) struct Heard {
    acknowledged: Option<Acknowledged>,
    pub(super) notices: Vec<v1::Notice>,
}

impl Heard {
    pub(super) fn acknowledge(&mut self, ack: v1::PublishAck) {
        let all = self.acknowledged.get_or_insert_default();
        all.applied = all.applied.max(ack.applied);
        all.capacity_applied = all.capacity_applied.max(ack.capacity_applied);
        all.refusals
            .extend(ack.rejections.into_iter().map(Into::into));
    }

    /// Makes it durable.
    pub(super) fn keep<S: Storage>(
        self,
        ledger: &mut Ledger<S>,
        now: Timestamp,
    ) -> Result<(), NotQueued> {
        if self.acknowledged.is_none() && self.notices.is_empty() {
            return Ok(());
        }
        let notice = |wire| Notice::from_wire(&wire, now.as_microsecond());
        let notices = self.notices.into_iter().map(notice).collect();
        failpoint!("node.ack.pre_store");
        ledger.heard(self.acknowledged, notices, now)?;
        failpoint!("node.ack.post_store");
        Ok(())
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
