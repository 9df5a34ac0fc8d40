//! Signs of life: when one is due, and what its answer says (R15).

use std::collections::BTreeSet;
use std::time::Duration;

use referral_core::federation::digest::{MOST_BITS, bits_for};
use referral_core::federation::{Digest, Epoch};
use referral_core::id::Hash;
use referral_proto::convert::time;
use referral_proto::v1;

use super::SessionError;
use super::conversation::{Moment, Timing};
use crate::outbox::Outbox;

/// The beats of one session.
#[derive(Debug)]
pub(super) struct Beats {
    every: Duration,
    silence: Duration,
    due_at: Duration,
    is_due: bool,
    sent: Option<Sent>,
}

/// A beat that was not answered.
#[derive(Debug)]
struct Sent {
    /// When it was sent, or the directory was heard since.
    heard_at: Duration,
    /// Where the node's log stood.
    epoch: Epoch,
    seq: u64,
}

impl Beats {
    /// The first is due after one interval from `now`.
    pub(super) fn new(timing: &Timing, now: Moment) -> Self {
        Self {
            every: timing.beat,
            silence: timing.silence,
            due_at: now.elapsed + timing.beat,
            is_due: false,
            sent: None,
        }
    }

    /// Whether one is to be sent.
    pub(super) fn is_due(&self) -> bool {
        self.is_due
    }

    /// When to look again.
    pub(super) fn deadline(&self) -> Option<Duration> {
        match &self.sent {
            Some(sent) => Some(sent.heard_at + self.silence),
            None => (!self.is_due).then_some(self.due_at),
        }
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Moment) -> Result<(), SessionError> {
        match &self.sent {
            Some(sent) if now.elapsed >= sent.heard_at + self.silence => {
                Err(SessionError::Silent(self.silence))
            }
            Some(_) => Ok(()),
            None => {
                self.is_due |= now.elapsed >= self.due_at;
                Ok(())
            }
        }
    }

    /// The directory said something: it is there, though the answer may wait behind what was sent before the beat.
    pub(super) fn heard(&mut self, now: Moment) {
        if let Some(sent) = &mut self.sent {
            sent.heard_at = now.elapsed;
        }
    }

    /// The beat that is due.
    pub(super) fn next(&mut self, outbox: &Outbox, now: Moment) -> v1::Beat {
        let believed: Vec<_> = outbox.believed().collect();
        let bits = bits_for(believed.len());
        let seq = outbox.told();
        self.is_due = false;
        self.due_at = now.elapsed + self.every;
        self.sent = Some(Sent {
            heard_at: now.elapsed,
            epoch: outbox.tip().epoch,
            seq,
        });
        v1::Beat {
            seq,
            root: Digest::of(believed, bits).root().as_bytes().to_vec(),
            sent_at: Some(time::to_wire(now.wall)),
        }
    }

    /// The buckets in which the directory differs from what this node believes; none when it does not, or
    /// when more has happened since the beat: then the next one tells.
    pub(super) fn differing(
        &mut self,
        answer: &v1::BeatAck,
        outbox: &Outbox,
    ) -> Result<Option<(u32, BTreeSet<u32>)>, SessionError> {
        let unasked = SessionError::Protocol("it answered a beat that was not sent");
        let sent = self.sent.take().ok_or(unasked)?;
        if answer.root_ok || (sent.epoch, sent.seq) != (outbox.tip().epoch, outbox.told()) {
            return Ok(None);
        }
        let buckets: Option<Vec<Hash>> = answer.buckets.iter().map(|one| read(one)).collect();
        let fits = |buckets: &Vec<Hash>| {
            answer.bits <= MOST_BITS && buckets.len() == 1_usize << answer.bits
        };
        let theirs = buckets.filter(fits).ok_or(SessionError::Protocol(
            "the buckets of its digest could not be read",
        ))?;
        let digest = Digest::of(outbox.believed(), answer.bits);
        let differing: BTreeSet<u32> = digest.differing(&theirs).collect();
        Ok((!differing.is_empty()).then_some((answer.bits, differing)))
    }
}

fn read(bytes: &[u8]) -> Option<Hash> {
    Hash::try_from(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment {
            elapsed: Duration::from_secs(seconds),
            wall: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_directory_is_silent_when_nothing_at_all_was_heard_since_the_beat() {
        let epoch = Epoch {
            generation: 1,
            number: 1,
        };
        let mut beats = Beats {
            every: Duration::from_secs(30),
            silence: Duration::from_secs(40),
            due_at: Duration::ZERO,
            is_due: false,
            sent: Some(Sent {
                heard_at: Duration::ZERO,
                epoch,
                seq: 0,
            }),
        };

        beats.heard(at(39));

        assert!(
            beats.tick(at(78)).is_ok(),
            "it acknowledges what came before"
        );
        assert!(matches!(beats.tick(at(79)), Err(SessionError::Silent(_))));
    }
}
