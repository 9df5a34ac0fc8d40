//! The states a service can be in, and which of them a search asks for.

use std::fmt;

/// What an agency says of a service's capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stated {
    /// Takes new referrals now.
    Open,
    /// Few places, or only part of what is listed.
    Limited,
    /// Can answer only after screening.
    Assess,
    /// Keeps a list.
    Waitlist,
    /// Opens at a stated time.
    Window,
    /// Closed for a time.
    Paused,
    /// Takes nobody.
    Closed,
    /// The agency does not know.
    Unknown,
}

/// What the directory shows: what was stated, until time makes it stale or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// As [`Stated::Open`].
    Open,
    /// As [`Stated::Limited`].
    Limited,
    /// As [`Stated::Assess`].
    Assess,
    /// As [`Stated::Waitlist`].
    Waitlist,
    /// As [`Stated::Window`].
    Window,
    /// As [`Stated::Paused`].
    Paused,
    /// As [`Stated::Closed`].
    Closed,
    /// Not confirmed within its time to live. Only the directory says this.
    Stale,
    /// Never stated, or past the day it was to change.
    Unknown,
}

/// Which states a search asks for; each includes the ones before it but `Unconfirmed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Availability {
    /// Takes referrals now: open, limited.
    #[default]
    Open,
    /// Also: assess, waitlist, window.
    Waitlist,
    /// Only: stale, unknown. Call first.
    Unconfirmed,
    /// Every state.
    Any,
}

/// A word that names no state or availability. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidState {
    /// Not a settable state.
    #[error("a state is open, limited, assess, waitlist, window, paused, closed or unknown")]
    State,
    /// Not an availability.
    #[error("availability is open, waitlist, unconfirmed or any")]
    Availability,
}

impl Stated {
    /// Every settable state.
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::Limited,
        Self::Assess,
        Self::Waitlist,
        Self::Window,
        Self::Paused,
        Self::Closed,
        Self::Unknown,
    ];

    /// Reads a state by its name, in any case.
    ///
    /// # Errors
    /// [`InvalidState::State`] for any other word. `stale` is one: only time makes a report stale.
    pub fn parse(text: &str) -> Result<Self, InvalidState> {
        let named = |state: &Self| {
            State::from(*state)
                .as_str()
                .eq_ignore_ascii_case(text.trim())
        };
        Self::ALL.into_iter().find(named).ok_or(InvalidState::State)
    }
}

impl From<Stated> for State {
    fn from(stated: Stated) -> Self {
        match stated {
            Stated::Open => Self::Open,
            Stated::Limited => Self::Limited,
            Stated::Assess => Self::Assess,
            Stated::Waitlist => Self::Waitlist,
            Stated::Window => Self::Window,
            Stated::Paused => Self::Paused,
            Stated::Closed => Self::Closed,
            Stated::Unknown => Self::Unknown,
        }
    }
}

impl State {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Open,
        Self::Limited,
        Self::Assess,
        Self::Waitlist,
        Self::Window,
        Self::Paused,
        Self::Closed,
        Self::Stale,
        Self::Unknown,
    ];

    /// The state's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Limited => "limited",
            Self::Assess => "assess",
            Self::Waitlist => "waitlist",
            Self::Window => "window",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
        }
    }

    /// True when new referrals are taken now.
    #[must_use]
    pub fn takes_referrals(self) -> bool {
        matches!(self, Self::Open | Self::Limited)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Availability {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Open, Self::Waitlist, Self::Unconfirmed, Self::Any];

    /// Reads an availability by its name.
    ///
    /// # Errors
    /// [`InvalidState::Availability`] for any other word.
    pub fn parse(text: &str) -> Result<Self, InvalidState> {
        let named = |choice: &Self| choice.as_str() == text.trim();
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or(InvalidState::Availability)
    }

    /// The choice's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waitlist => "waitlist",
            Self::Unconfirmed => "unconfirmed",
            Self::Any => "any",
        }
    }

    /// Whether a service in `state` is asked for.
    #[must_use]
    pub fn includes(self, state: State) -> bool {
        let waiting = matches!(state, State::Assess | State::Waitlist | State::Window);
        match self {
            Self::Open => state.takes_referrals(),
            Self::Waitlist => state.takes_referrals() || waiting,
            Self::Unconfirmed => matches!(state, State::Stale | State::Unknown),
            Self::Any => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_cannot_be_said_only_become() {
        assert_eq!(Stated::parse("stale"), Err(InvalidState::State));
        assert_eq!(Stated::parse("Open"), Ok(Stated::Open));
    }

    #[test]
    fn unknown_and_stale_never_count_as_open() {
        for state in [State::Stale, State::Unknown] {
            assert!(!Availability::Open.includes(state));
            assert!(!Availability::Waitlist.includes(state));
            assert!(Availability::Unconfirmed.includes(state));
        }
    }
}
