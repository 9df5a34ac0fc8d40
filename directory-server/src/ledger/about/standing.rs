//! How an agency stands with the directory, and what the operator has to look at.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use referral_core::id::RecordName;

/// Most alarms kept of one agency: the newest.
const KEPT: usize = 32;
/// The same alarm is noted once in so long.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// How an agency stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It may publish.
    #[default]
    Active,
    /// It may not publish; what it published stays, marked.
    Suspended,
    /// Its node's keys are worthless; what it published stays, marked, until a new node has joined.
    Evicted,
    /// It may not publish and nothing of it is shown.
    Banned,
}

impl Standing {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Evicted => "evicted",
            Self::Banned => "banned",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Active, Self::Suspended, Self::Evicted, Self::Banned];
        all.into_iter().find(|standing| standing.as_str() == text)
    }

    /// What its node is told; `None` when it may publish.
    #[must_use]
    pub fn told(self) -> Option<&'static str> {
        match self {
            Self::Active => None,
            Self::Suspended => {
                Some("the directory's operator has suspended this agency: ask the operator")
            }
            Self::Evicted => Some(
                "the directory's operator has ended this node's membership: ask the operator for a new \
                 join token",
            ),
            Self::Banned => Some("the directory's operator has banned this agency"),
        }
    }
}

/// A record whose name has to be looked at before it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameHold {
    /// The record.
    pub record: RecordName,
    /// A stable name for what is wrong.
    pub code: String,
    /// What the name looks like: [`referral_core::lookalike::skeleton`].
    pub skeleton: String,
}

/// Something that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// A stable name for what happened.
    pub code: String,
    /// When.
    pub at: Timestamp,
}

/// The newest alarms of an agency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms(VecDeque<Alarm>);

impl Alarms {
    /// Whether this is news, and no repetition of what was noted a moment ago.
    #[must_use]
    pub fn is_news(&self, code: &str, now: Timestamp) -> bool {
        let same = self.0.iter().rev().find(|alarm| alarm.code == code);
        same.is_none_or(|alarm| now.duration_since(alarm.at) >= AGAIN)
    }

    /// Notes one.
    pub fn note(&mut self, alarm: Alarm) {
        self.0.push_back(alarm);
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    /// Forgets all: a person has looked.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Alarm> {
        self.0.iter()
    }
}
