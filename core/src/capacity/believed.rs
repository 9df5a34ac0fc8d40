//! What a stated capacity is worth at a time: the one rule behind every copy of a report.

use jiff::Timestamp;

use crate::capacity::{State, Stated};

/// What the state of a report depends on beside the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Believed {
    /// What was stated.
    pub stated: Stated,
    /// When a paused, closed or window service was to change, if it said.
    pub changes_at: Option<Timestamp>,
    /// When it becomes stale; `None`: never.
    pub expires_at: Option<Timestamp>,
    /// True when the directory was restored from a backup since.
    pub before_restore: bool,
}

impl Believed {
    /// The state at `now`. Time alone moves it, towards stale or unknown and never towards open: past the
    /// day it was to reopen it is unknown, past its time to live stale. What was reported before a restore is
    /// stale at once, unless it never becomes stale.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        if self.changes_at.is_some_and(|at| now >= at) {
            State::Unknown
        } else if self
            .expires_at
            .is_some_and(|at| now > at || self.before_restore)
        {
            State::Stale
        } else {
            self.stated.into()
        }
    }
}
