//! What can go wrong with the index. None of it is a caseworker's or an agency's fault.

use std::io;
use std::path::PathBuf;

use crate::search::Stopped;

/// Why the index could not be opened, written or read. The operator's to fix.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The disk refuses: no room, no permission, read-only, broken.
    #[error("the search index in {} cannot be read or written: check the disk, its free space and who owns the directory", .dir.display())]
    Storage {
        /// The index directory.
        dir: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another process has it open.
    #[error("the search index in {} is in use by another process: stop it first", .dir.display())]
    InUse {
        /// The index directory.
        dir: PathBuf,
    },
    /// A search took longer than it may.
    #[error("the search took too long: narrow it")]
    Deadline,
    /// Nobody waits for the answer of a search any more.
    #[error("the search was given up: nobody waits for its answer")]
    Cancelled,
    /// The text index failed in another way.
    #[error(
        "the text index failed: if it goes on, stop the directory, remove its index directory and start it again"
    )]
    Text(#[source] tantivy::TantivyError),
}

impl IndexError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Storage { .. } => "index_storage",
            Self::InUse { .. } => "index_in_use",
            Self::Deadline => "search_deadline",
            Self::Cancelled => "search_cancelled",
            Self::Text(_) => "index_text",
        }
    }
}

impl From<Stopped> for IndexError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Deadline => Self::Deadline,
            Stopped::Cancelled => Self::Cancelled,
        }
    }
}
