//! From the writer to the applier: what is durable waits here to be folded.
//!
//! The applier may be slow: so much waits for it before the writer does, so that a burst of listings is
//! acknowledged as soon as it is durable and found a little later. It may be held up by the disk: then the writer
//! does not wait, and refuses new work until what is left has been handed over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::fact::Fact;
use super::writer::Applied;

/// How long the writer waits before it looks again whether the applier takes something.
const LOOK: Duration = Duration::from_millis(2);
/// Most bytes of what agencies signed that wait for the applier; in memory they are several times as much. About
/// 30,000 listings.
const MOST_BYTES: usize = 32 << 20;
/// What a fact counts beside what was signed.
const FACT_BYTES: usize = 128;

/// Set while the applier waits for the disk.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldUp(Arc<AtomicBool>);

/// The writer's end.
#[derive(Debug)]
pub(super) struct Handover {
    applier: Sender<Applied>,
    held_up: HeldUp,
    filled: Filled,
    /// What the applier had no place for when it was held up. At most one batch: with it, nothing new
    /// is accepted.
    left: Option<Applied>,
}

/// The applier's end.
#[derive(Debug)]
pub(super) struct Waiting {
    facts: Receiver<Applied>,
    filled: Filled,
}

/// How much waits, in bytes; and whether there is nobody it waits for.
#[derive(Clone, Debug, Default)]
struct Filled {
    bytes: Arc<AtomicUsize>,
    given_up: Arc<AtomicBool>,
}

impl HeldUp {
    pub(super) fn set(&self, held_up: bool) {
        self.0.store(held_up, Ordering::Relaxed);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Both ends.
pub(super) fn handover(held_up: HeldUp) -> (Handover, Waiting) {
    let (applier, facts) = channel();
    let filled = Filled::default();
    let writer = Handover {
        applier,
        held_up,
        filled: filled.clone(),
        left: None,
    };
    (writer, Waiting { facts, filled })
}

impl Handover {
    /// Whether the applier is held up, or something is left from when it was.
    pub(super) fn held_up(&mut self) -> bool {
        if let Some(applied) = self.left.take() {
            let _found_at_the_next = self.give(applied);
        }
        self.left.is_some() || self.held_up.get()
    }

    /// Hands a batch over; waits while the applier is only slow and much waits for it. False when there is
    /// no applier.
    pub(super) fn give(&mut self, applied: Applied) -> bool {
        let bytes = bytes(&applied);
        loop {
            if self.filled.given_up.load(Ordering::Relaxed) {
                return false;
            }
            let waiting = self.filled.bytes.load(Ordering::Relaxed);
            if waiting == 0 || waiting + bytes <= MOST_BYTES {
                self.filled.bytes.fetch_add(bytes, Ordering::Relaxed);
                return self.applier.send(applied).is_ok();
            }
            if self.held_up.get() {
                self.left = Some(applied);
                return true;
            }
            std::thread::park_timeout(LOOK);
        }
    }
}

impl Waiting {
    /// The next batch; waits for it. `None` when the writer is gone.
    pub(super) fn next(&self) -> Option<Applied> {
        self.facts.recv().ok().inspect(|next| self.take(next))
    }

    /// The next batch, if there is one or one comes within this time.
    pub(super) fn next_within(&self, time: Duration) -> Option<Applied> {
        let next = self.facts.recv_timeout(time).ok();
        next.inspect(|next| self.take(next))
    }

    fn take(&self, next: &Applied) {
        self.filled.bytes.fetch_sub(bytes(next), Ordering::Relaxed);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.filled.given_up.store(true, Ordering::Relaxed);
    }
}

fn bytes(applied: &Applied) -> usize {
    let each = applied.decided.iter().map(|decided| match &decided.fact {
        Fact::Operation(_, _, signed)
        | Fact::OperationRefused(_, _, signed)
        | Fact::Capacity(_, _, _, signed) => FACT_BYTES + signed.bytes.len(),
        _ => FACT_BYTES,
    });
    each.sum()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use referral_core::id::AgencyId;

    use super::*;
    use crate::ledger::Decided;

    fn batch(last_index: u64, facts: usize) -> Applied {
        let agency = AgencyId::parse("harbor").unwrap();
        let decided = (0..facts).map(|_| Decided {
            fact: Fact::Readmitted(agency.clone()),
            held: None,
        });
        Applied {
            last_index,
            received_at: Timestamp::UNIX_EPOCH,
            decided: decided.collect(),
        }
    }

    #[test]
    fn batches_come_out_in_order_and_leave_nothing_counted() {
        let (mut writer, applier) = handover(HeldUp::default());
        assert!(writer.give(batch(1, 3)) && writer.give(batch(2, 1)));

        let taken = [
            applier.next(),
            applier.next_within(Duration::ZERO),
            applier.next_within(Duration::ZERO),
        ];

        let indexes = taken.map(|one| one.map(|applied| applied.last_index));
        assert_eq!(indexes, [Some(1), Some(2), None]);
        assert_eq!(applier.filled.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_does_not_fit_while_the_disk_is_full_is_kept_and_nothing_new_is_taken() {
        let held_up = HeldUp::default();
        let (mut writer, applier) = handover(held_up.clone());
        let half = MOST_BYTES / FACT_BYTES / 2 + 1;
        assert!(writer.give(batch(1, half)));
        held_up.set(true);

        assert!(writer.give(batch(2, half)), "it is kept");
        assert!(writer.held_up());
        assert_eq!(applier.next().map(|applied| applied.last_index), Some(1));
        held_up.set(false);
        assert!(!writer.held_up());
        assert_eq!(
            applier
                .next_within(Duration::ZERO)
                .map(|applied| applied.last_index),
            Some(2)
        );
    }

    #[test]
    fn nobody_is_waited_for_when_the_applier_has_ended() {
        let (mut writer, applier) = handover(HeldUp::default());
        let half = MOST_BYTES / FACT_BYTES / 2 + 1;
        assert!(writer.give(batch(1, half)));
        drop(applier);

        assert!(!writer.give(batch(2, half)));
    }
}
