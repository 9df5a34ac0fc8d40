//! The files of an identity, and what can be wrong with them.

use std::io;
use std::path::{Path, PathBuf};

use referral_runtime::data_dir::write_secret;

/// Why a node does not know who it is.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// It has not joined a directory.
    #[error(
        "the data directory {} has not joined a directory; run `agency-node join URL --token TOKEN --data {}`",
        data_dir.display(), data_dir.display()
    )]
    NotJoined {
        /// The data directory.
        data_dir: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{} {what}; restore it from a backup, or join with a new data directory", path.display())]
    Unusable {
        /// The file, or the data directory.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl IdentityError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJoined { .. } => "not_joined",
            Self::Unusable { .. } => "identity_unusable",
            Self::Io { .. } => "identity_io",
        }
    }

    pub(super) fn unusable(path: &Path, what: &'static str) -> Self {
        Self::Unusable {
            path: path.to_owned(),
            what,
        }
    }
}

/// The content of a file; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, IdentityError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(IdentityError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        }),
    }
}

/// Writes a file whole, readable by its owner only.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), IdentityError> {
    write_secret(path, bytes).map_err(|source| IdentityError::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}
