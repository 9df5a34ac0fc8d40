//! From the writer to the applier: what is durable waits here to be folded.
//!
//! The applier may be slow: then the writer waits for it. It may be held up by the disk: then the writer
//! does not wait, and refuses new work until what is left has been handed over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

use super::writer::Applied;

/// How long the writer waits before it looks again whether the applier takes something.
const LOOK: Duration = Duration::from_millis(2);

/// Set while the applier waits for the disk.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldUp(Arc<AtomicBool>);

/// The writer's end.
#[derive(Debug)]
pub(super) struct Handover {
    applier: SyncSender<Applied>,
    held_up: HeldUp,
    /// What the applier had no place for when it was held up. At most one batch: with it, nothing new
    /// is accepted.
    left: Option<Applied>,
}

impl HeldUp {
    pub(super) fn set(&self, held_up: bool) {
        self.0.store(held_up, Ordering::Relaxed);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Handover {
    pub(super) fn new(applier: SyncSender<Applied>, held_up: HeldUp) -> Self {
        Self {
            applier,
            held_up,
            left: None,
        }
    }

    /// Whether the applier is held up, or something is left from when it was.
    pub(super) fn held_up(&mut self) -> bool {
        if let Some(applied) = self.left.take() {
            let _found_at_the_next = self.give(applied);
        }
        self.left.is_some() || self.held_up.get()
    }

    /// Hands a batch over; waits while the applier is only slow. False when there is no applier.
    pub(super) fn give(&mut self, applied: Applied) -> bool {
        let mut applied = applied;
        loop {
            applied = match self.applier.try_send(applied) {
                Ok(()) => return true,
                Err(TrySendError::Disconnected(_)) => return false,
                Err(TrySendError::Full(applied)) => applied,
            };
            if self.held_up.get() {
                self.left = Some(applied);
                return true;
            }
            std::thread::park_timeout(LOOK);
        }
    }
}
