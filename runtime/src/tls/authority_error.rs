//! Why there is no authority to work with.

use std::io;
use std::path::PathBuf;

use super::{NoRandomness, TrustDomain};

/// Why the authority cannot be created, loaded or used.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
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
    /// A file is not what it should be.
    #[error("{} {what}; restore it from a backup", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The authority was created for another trust domain.
    #[error("{} is for another trust domain than {domain}; configure the one it was created for", path.display())]
    OtherDomain {
        /// The file.
        path: PathBuf,
        /// The trust domain it was opened for.
        domain: TrustDomain,
    },
    /// There is one already.
    #[error("{} holds an authority already; it is not replaced", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// Others than its owner may read the key.
    #[error(
        "{} can be read by others than its owner; whoever read it can pose as the directory: if nobody \
         did, run `chmod 600` on it", path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// Something about to be signed is not valid, such as a host name with a space.
    #[error("the certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// No random numbers.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}
