//! Snapshots: what the journal folds to at one of its indexes, so that its older part may go.
//!
//! Start at [`Keeper`], the thread that decides when one is made, and [`make`], which folds the newest one
//! and the journal after it into the next. A snapshot is a file of its own ([`file`]): every agency, the signed
//! operation of every record, withdrawn ones too, and every capacity report in force. [`restore`] takes it in
//! when the directory starts; where its [`tips`] lie beside it, these alone. Nothing here is on the way of a write, and nothing takes a lock that one needs.
//! Why so: docs/decisions/0010-snapshots.md.

mod file;
mod folder;
mod item;
mod keeper;
mod make;
mod restore;
mod tips;

use std::io;

use referral_journal::JournalError;

use super::fact::UnreadableFact;

pub(crate) use folder::newest_snapshot;
pub(super) use folder::{Folder, Snapshot};
pub(super) use keeper::{Keeper, Message};
pub(super) use restore::{changes, fold_into_store, heads};
pub(super) use tips::heads as heads_of_tips;

/// Why a snapshot could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The disk.
    #[error("cannot {action} a snapshot of the directory's records")]
    Io {
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// It is not as it was written.
    #[error("the snapshot of journal record {index} is damaged: {what}")]
    Damaged {
        /// The journal index in its name.
        index: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Its checksums are right and its meaning is not.
    #[error(
        "the snapshot of journal record {index} cannot be read by this version; run the version that wrote it"
    )]
    Newer {
        /// The journal index in its name.
        index: u64,
    },
    /// It is not of the journal beside it.
    #[error(
        "the snapshot of journal record {index} is of another journal: put `journal` and `snapshots` back from \
         one backup"
    )]
    Foreign {
        /// The journal index in its name.
        index: u64,
    },
    /// The journal it is folded from.
    #[error("the journal could not be folded into a snapshot")]
    Journal(#[from] JournalError),
    /// A journal record of a newer version.
    #[error(transparent)]
    Fact(#[from] UnreadableFact),
    /// There is too little room for another one.
    #[error("there is no room on the disk for another snapshot: free some space")]
    NoRoom,
    /// The history cannot be written.
    #[error("the history cannot be written, and no snapshot goes beyond it: restart the directory")]
    NoHistory,
    /// The directory stops.
    #[error("the directory is shutting down")]
    Stopped,
}

impl SnapshotError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "snapshot_io",
            Self::Damaged { .. } => "snapshot_damaged",
            Self::Newer { .. } => "snapshot_newer",
            Self::Foreign { .. } => "snapshot_foreign",
            Self::Journal(error) => error.code(),
            Self::Fact(_) => "unreadable_fact",
            Self::NoHistory => "history",
            Self::NoRoom => "storage_full",
            Self::Stopped => "stopped",
        }
    }
}

/// Turns what the system says into an error that names what was tried.
fn failed(action: &'static str) -> impl FnOnce(io::Error) -> SnapshotError {
    move |source| SnapshotError::Io { action, source }
}
