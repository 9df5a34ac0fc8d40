//! Why a session ended, and whether another one may help.

use std::time::Duration;

use referral_core::federation::OldDirectory;
use referral_proto::v1::FenceReason;
use referral_runtime::tls::ConnectFailure;

use crate::identity::RenewError;
use crate::outbox::NotQueued;

/// Why a session with the directory ended, or never began.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The directory cannot be connected to.
    #[error(transparent)]
    Connect(#[from] Box<ConnectFailure>),
    /// The certificate has expired, or the directory does not take it, and it was not renewed.
    #[error(transparent)]
    Renewal(#[from] RenewError),
    /// The directory, or something on the way to it, broke off.
    #[error("the connection to the directory broke off{}", said(text))]
    Broken {
        /// What it said; may be empty.
        text: String,
    },
    /// The directory refuses to talk to this node.
    #[error("the directory refuses this node{}", said(text))]
    Refused {
        /// What it said.
        text: String,
    },
    /// The directory did not say welcome in time.
    #[error("the directory did not answer hello within {} s", .0.as_secs_f64())]
    NoWelcome(Duration),
    /// The directory did not acknowledge in time.
    #[error("the directory acknowledged nothing for {} s", .0.as_secs_f64())]
    NoAcknowledgement(Duration),
    /// The directory did not answer a sign of life.
    #[error("the directory was silent for {} s", .0.as_secs_f64())]
    Silent(Duration),
    /// The directory said something that makes no sense.
    #[error("the directory does not keep to the protocol: {0}; is it of another version?")]
    Protocol(&'static str),
    /// The directory ended the session.
    #[error("the directory ended the session{}", said(text))]
    Fenced {
        /// Why.
        reason: FenceReason,
        /// What it said.
        text: String,
        /// How long it asked to wait.
        retry_after: Duration,
    },
    /// The directory shows less than it showed before.
    #[error(transparent)]
    OldDirectory(#[from] OldDirectory),
    /// What the directory said could not be kept.
    #[error("what the directory said could not be kept")]
    NotQueued(#[from] NotQueued),
    /// This process is ending.
    #[error("the node is stopping")]
    Stopped,
}

impl SessionError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Connect(failure) => failure.code(),
            Self::Renewal(error) => error.code(),
            Self::Broken { .. } => "connection_broken",
            Self::Refused { .. } => "refused",
            Self::NoWelcome(_) => "no_welcome",
            Self::NoAcknowledgement(_) => "no_acknowledgement",
            Self::Silent(_) => "silent",
            Self::Protocol(_) => "protocol_violated",
            Self::Fenced { reason, .. } => reason.as_str_name(),
            Self::OldDirectory(_) => "old_directory",
            Self::NotQueued(error) => error.code(),
            Self::Stopped => "stopped",
        }
    }

    /// True when a person has to look before anything more is sent.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Fenced { reason, .. } => *reason == FenceReason::BadSignature,
            Self::NotQueued(error) => error.is_final(),
            _ => false,
        }
    }

    /// True when the directory cannot be reached, or is not itself just now: try again later.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Connect(_)
            | Self::Broken { .. }
            | Self::NoWelcome(_)
            | Self::NoAcknowledgement(_)
            | Self::Silent(_) => true,
            Self::Fenced { reason, .. } => {
                matches!(
                    reason,
                    FenceReason::Draining | FenceReason::Storage | FenceReason::Budget
                )
            }
            Self::Renewal(error) => error.is_unreachable(),
            _ => false,
        }
    }

    /// True when the next try will most likely end in the same way.
    pub(super) fn repeats(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Protocol(_) | Self::OldDirectory(_) => true,
            Self::Renewal(error) => !error.is_unreachable(),
            Self::Fenced { reason, .. } => {
                matches!(
                    reason,
                    FenceReason::Malformed | FenceReason::Unspecified | FenceReason::Budget
                )
            }
            _ => false,
        }
    }

    /// How long the directory asked to wait.
    pub(super) fn hint(&self) -> Option<Duration> {
        match self {
            Self::Fenced { retry_after, .. } => Some(*retry_after).filter(|wait| !wait.is_zero()),
            _ => None,
        }
    }
}

fn said(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(": {text}")
    }
}
