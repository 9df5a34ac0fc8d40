//! What a session has sent and what comes next. Pure: outbox in, messages out.

use prost::Message;
use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;

use super::SessionError;
use crate::outbox::{Outbox, Progress};

/// The most operations or reports in one message.
const BATCH: usize = 500;
/// The most bytes of them in one message; the rest of 1 MiB is for what goes around them.
const BATCH_BYTES: usize = 1_000_000;
/// The bytes that go around one of them.
const AROUND: usize = 16;

/// How far a session has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Operations 1..=`sent` are at the directory or on their way.
    sent: u64,
    /// The greatest counter of a report that was sent.
    sent_reports: u64,
    /// The most operations that may be on their way.
    max_in_flight: u64,
}

impl Cursor {
    /// A session that goes on after what the directory has.
    pub(super) fn new(applied: u64, reports: u64, max_in_flight: u32) -> Self {
        Self {
            sent: applied,
            sent_reports: reports,
            max_in_flight: max_in_flight.into(),
        }
    }

    /// The same session in a new epoch: nothing of it was sent.
    pub(super) fn restarted(&self) -> Self {
        Self {
            sent: 0,
            sent_reports: 0,
            max_in_flight: self.max_in_flight,
        }
    }

    /// Whether reports wait that were not sent.
    pub(super) fn has_reports(&self, progress: &Progress) -> bool {
        progress.reports_waiting > 0 && progress.reported > self.sent_reports
    }

    /// Whether operations wait that may be sent now.
    pub(super) fn has_operations(&self, progress: &Progress) -> bool {
        progress.queued > self.sent && self.window(progress.acknowledged) > 0
    }

    /// Whether the directory owes an acknowledgement.
    pub(super) fn is_waiting(&self, progress: &Progress) -> bool {
        let reports =
            progress.reports_waiting > 0 && self.sent_reports > progress.reports_acknowledged;
        self.sent > progress.acknowledged || reports
    }

    /// The next reports, in order of their counters; `None`: none wait.
    pub(super) fn next_reports(&mut self, outbox: &Outbox) -> Option<Up> {
        let waiting = || outbox.reports().waiting_after(self.sent_reports);
        let reports = fitting(waiting().map(|(_, signed)| signed));
        let last = waiting().take(reports.len()).last();
        self.sent_reports = last.map_or(self.sent_reports, |(cseq, _)| cseq);
        (!reports.is_empty()).then_some(Up::Capacity(v1::CapacityBatch { reports }))
    }

    /// The next operations, in order; `None`: none wait, or too many are on their way.
    pub(super) fn next_operations(&mut self, outbox: &Outbox) -> Option<Up> {
        let window = usize::try_from(self.window(outbox.settled().applied)).unwrap_or(usize::MAX);
        let operations = fitting(outbox.operations_after(self.sent).take(window));
        self.sent += operations.len() as u64;
        (!operations.is_empty()).then_some(Up::Operations(v1::OperationBatch { operations }))
    }

    /// Whether an acknowledgement can be one of what was sent.
    ///
    /// # Errors
    /// [`SessionError::Protocol`] when it speaks of more.
    pub(super) fn check(&self, ack: &v1::PublishAck) -> Result<(), SessionError> {
        if ack.applied > self.sent {
            return Err(SessionError::Protocol(
                "it acknowledged operations that were not sent",
            ));
        }
        if ack.capacity_applied > self.sent_reports {
            return Err(SessionError::Protocol(
                "it acknowledged reports that were not sent",
            ));
        }
        let sent = |rejection: &v1::Rejection| {
            rejection.seq <= ack.applied && rejection.cseq <= ack.capacity_applied
        };
        if !ack.rejections.iter().all(sent) {
            return Err(SessionError::Protocol(
                "it rejected more than it acknowledged",
            ));
        }
        Ok(())
    }

    fn window(&self, acknowledged: u64) -> u64 {
        self.max_in_flight
            .saturating_sub(self.sent.saturating_sub(acknowledged))
    }
}

/// As many as go into one message: at least one, for none is larger than a message.
fn fitting<'a>(waiting: impl Iterator<Item = &'a v1::Signed>) -> Vec<v1::Signed> {
    let mut bytes = 0;
    let fits = |signed: &&v1::Signed| {
        bytes += signed.encoded_len() + AROUND;
        bytes <= BATCH_BYTES
    };
    waiting.take(BATCH).take_while(fits).cloned().collect()
}
