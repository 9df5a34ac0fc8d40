//! Which exit code a failure means.

use referral_runtime::exit::{Exit, WithExit};

use crate::control::{ControlError, RemoteError};
use crate::identity::{IdentityError, JoinError};
use crate::operations::{ImportError, OpenError};
use crate::people::PeopleError;
use crate::publisher::SessionError;

/// The exit code of a command to a node that failed.
pub(super) fn of(error: &ControlError) -> Exit {
    match error {
        ControlError::Open(error) => of_open(error),
        ControlError::Publish(error) | ControlError::NotVerified(error) => of_session(error),
        ControlError::Import(ImportError::NotQueued(_))
        | ControlError::People(
            PeopleError::Io(_) | PeopleError::Damaged | PeopleError::Randomness(_),
        ) => Exit::Failed,
        ControlError::Remote(RemoteError::Refused(_))
        | ControlError::People(_)
        | ControlError::Withdraw(_)
        | ControlError::Decide(_)
        | ControlError::Import(_) => Exit::InputRefused,
        ControlError::NotQueued(error) if error.is_final() => Exit::StorageFailed,
        _ => Exit::Failed,
    }
}

/// The exit code of a data directory that cannot be opened.
pub(super) fn of_open(error: &OpenError) -> Exit {
    match error {
        OpenError::Identity(IdentityError::NotJoined { .. })
        | OpenError::NoJournal { .. }
        | OpenError::HasJournal { .. } => Exit::BadConfiguration,
        _ => Exit::Failed,
    }
}

/// The exit code of a session that ended badly.
fn of_session(error: &SessionError) -> Exit {
    if error.is_unreachable() {
        Exit::Unreachable
    } else {
        Exit::Failed
    }
}

/// The exit code of a node that could not join.
pub(super) fn of_join(error: &JoinError) -> Exit {
    if error.is_unreachable() {
        Exit::Unreachable
    } else {
        Exit::Failed
    }
}

/// Gives a result of the control layer its exit code.
pub(super) fn coded<T>(result: Result<T, ControlError>) -> anyhow::Result<T> {
    let exit = result.as_ref().err().map_or(Exit::Done, of);
    result.exit(exit)
}
