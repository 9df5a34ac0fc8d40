//! What a session has sent and what comes next. Pure: outbox in, messages out.

use std::time::Duration;

use prost::Message;
use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;

use super::SessionError;
use super::pace::Pace;
use crate::outbox::{Outbox, Progress};

/// The most operations or reports in one message.
const BATCH: usize = 500;
/// The most bytes of them in one message; the rest of 1 MiB is for what goes around them.
pub(super) const BATCH_BYTES: usize = 1_000_000;
/// The bytes that go around one of them.
const AROUND: usize = 16;

/// How far a session has sent.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    /// Operations 1..=`sent` are at the directory or on their way.
    sent: u64,
    /// The greatest counter of a report that was sent.
    sent_reports: u64,
    /// The most operations that may be on their way.
    max_in_flight: u64,
    /// How many bytes of them may be.
    operations: Pace,
    /// How many bytes of reports may be: they wait for no operation.
    reports: Pace,
}

impl Cursor {
    /// A session that goes on after what the directory has.
    pub(super) fn new(applied: u64, reports: u64, max_in_flight: u32, pace: Pace) -> Self {
        Self {
            sent: applied,
            sent_reports: reports,
            max_in_flight: max_in_flight.into(),
            operations: pace.clone(),
            reports: pace,
        }
    }

    /// The same session in a new epoch: nothing of it was sent.
    pub(super) fn restart(&mut self) {
        (self.sent, self.sent_reports) = (0, 0);
    }

    /// Whether reports wait that may be sent now.
    pub(super) fn has_reports(&self, progress: &Progress) -> bool {
        progress.reports_waiting > 0
            && progress.reported > self.sent_reports
            && self.reports.has_room()
    }

    /// Whether operations wait that may be sent now.
    pub(super) fn has_operations(&self, progress: &Progress) -> bool {
        progress.queued > self.sent
            && self.window(progress.acknowledged) > 0
            && self.operations.has_room()
    }

    /// Whether the directory owes an acknowledgement.
    pub(super) fn is_waiting(&self, progress: &Progress) -> bool {
        let reports =
            progress.reports_waiting > 0 && self.sent_reports > progress.reports_acknowledged;
        self.sent > progress.acknowledged || reports
    }

    /// The next reports, in order of their counters; `None`: none wait, or too many are on their way.
    pub(super) fn next_reports(&mut self, outbox: &Outbox, now: Duration) -> Option<Up> {
        if !self.reports.has_room() {
            return None;
        }
        let waiting = || outbox.reports().waiting_after(self.sent_reports);
        let signed = waiting().map(|(_, signed)| signed);
        let (reports, bytes) = fitting(signed, self.reports.largest());
        let (last, _) = waiting().take(reports.len()).last()?;
        self.sent_reports = last;
        self.reports.sent(last, bytes, now);
        Some(Up::Capacity(v1::CapacityBatch { reports }))
    }

    /// The next operations, in order; `None`: none wait, or too many are on their way.
    pub(super) fn next_operations(&mut self, outbox: &Outbox, now: Duration) -> Option<Up> {
        if !self.operations.has_room() {
            return None;
        }
        let window = usize::try_from(self.window(outbox.settled().applied)).unwrap_or(usize::MAX);
        let waiting = outbox.operations_after(self.sent).take(window);
        let (operations, bytes) = fitting(waiting, self.operations.largest());
        if operations.is_empty() {
            return None;
        }
        self.sent += operations.len() as u64;
        self.operations.sent(self.sent, bytes, now);
        Some(Up::Operations(v1::OperationBatch { operations }))
    }

    /// What the directory has acknowledged: there is room for more.
    ///
    /// # Errors
    /// [`SessionError::Protocol`] when it cannot be an acknowledgement of what was sent.
    pub(super) fn acknowledged(
        &mut self,
        ack: &v1::PublishAck,
        now: Duration,
    ) -> Result<(), SessionError> {
        self.check(ack)?;
        self.operations.acknowledged(ack.applied, now);
        self.reports.acknowledged(ack.capacity_applied, now);
        Ok(())
    }

    fn check(&self, ack: &v1::PublishAck) -> Result<(), SessionError> {
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

/// As many as go into one message of so many bytes, and their size: at least one, for none is larger than a message
/// may be.
fn fitting<'a>(
    waiting: impl Iterator<Item = &'a v1::Signed>,
    largest: usize,
) -> (Vec<v1::Signed>, usize) {
    let (mut all, mut bytes) = (Vec::new(), 0);
    for signed in waiting.take(BATCH) {
        let more = signed.encoded_len() + AROUND;
        if !all.is_empty() && bytes + more > largest {
            break;
        }
        bytes += more;
        all.push(signed.clone());
    }
    (all, bytes)
}
