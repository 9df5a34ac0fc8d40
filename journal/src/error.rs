//! Why a journal cannot be opened, read or appended to.

use std::io;

/// Why a journal cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Bytes that were once durable are gone or changed. Nothing was altered by finding it.
    #[error(
        "journal segment {segment} is damaged at byte {offset}: {what}; restore it from a backup, \
         or rebuild this data directory from its peers"
    )]
    Damaged {
        /// The segment's file name.
        segment: String,
        /// Where the damage begins. Unit: bytes from the start of the segment.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The journal was last written by a later generation of its owner.
    #[error(
        "the journal was written by generation {found}, this is generation {offered}; \
         raise the generation before opening it"
    )]
    StaleGeneration {
        /// The generation of the last record.
        found: u64,
        /// The generation in [`crate::Options`].
        offered: u64,
    },
    /// The journal has no record with this index.
    #[error("the journal has no record {index}; it ends at {last_index}")]
    NoSuchRecord {
        /// The index asked for.
        index: u64,
        /// The index of the last record.
        last_index: u64,
    },
    /// The record was dropped: a snapshot has taken its place.
    #[error("the journal no longer has record {index}; it begins at {first}")]
    Dropped {
        /// The index asked for.
        index: u64,
        /// The index of the first record that is kept.
        first: u64,
    },
    /// A copy was to be made over a journal.
    #[error("there is a journal already where the copy was to go; choose an empty folder")]
    NotEmpty,
    /// The storage failed.
    #[error("cannot {action} journal segment {segment}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The segment's file name, or `*` for the directory.
        segment: String,
        /// What the storage said.
        source: io::Error,
    },
}

impl JournalError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Damaged { .. } => "journal_damaged",
            Self::StaleGeneration { .. } => "stale_generation",
            Self::NoSuchRecord { .. } => "no_such_record",
            Self::Dropped { .. } => "record_dropped",
            Self::NotEmpty => "copy_target_not_empty",
            Self::Io { .. } => "journal_io",
        }
    }
}

/// Why a batch was not appended. Unless it is [`AppendError::Poisoned`], nothing of the batch is left
/// behind, the journal is as it was before, and the next append may succeed.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// There was nothing to append.
    #[error("a batch needs at least one entry")]
    Empty,
    /// The batch is longer than [`crate::MAX_BATCH_BYTES`].
    #[error("a batch of {bytes} bytes is too large, the limit is {limit}; split it", limit = crate::MAX_BATCH_BYTES)]
    TooLarge {
        /// The length of the batch. Unit: bytes.
        bytes: u64,
    },
    /// The disk, the quota or the file size limit is used up. It heals when space returns.
    #[error("no space left for the journal; free some and try again")]
    StorageFull(#[source] io::Error),
    /// The write or the fsync failed, and the batch was taken back.
    #[error("the journal could not be written")]
    NotWritten(#[source] io::Error),
    /// An earlier failure could not be undone, so nobody can say what the disk holds.
    #[error(
        "the journal is closed after a failure that could not be undone ({reason}); restart to verify it"
    )]
    Poisoned {
        /// The failure that could not be undone.
        reason: String,
    },
}

impl AppendError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty_batch",
            Self::TooLarge { .. } => "batch_too_large",
            Self::StorageFull(_) => "storage_full",
            Self::NotWritten(_) => "journal_not_written",
            Self::Poisoned { .. } => "journal_poisoned",
        }
    }
}

impl From<io::Error> for AppendError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => Self::StorageFull(error),
            _ => Self::NotWritten(error),
        }
    }
}
