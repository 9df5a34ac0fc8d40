//! Many nodes in one process hold many files: their journals, locks, sockets and connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files of one agency: lock, journal, local socket and both ends of its connection, and one to spare.
/// Measured: see `src/bin/demo.rs`.
const EACH: u64 = 6;
/// Files of the directory and the runtime (30), and the connections of those who search.
const REST: u64 = 200;

/// The system lets this process open too few files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{agencies} agencies need {needed} open files and this system allows {allowed}; start fewer with --agencies, or raise the limit with ulimit -n"
)]
pub struct NotEnoughFiles {
    /// How many agencies there were to be.
    pub agencies: usize,
    /// How many files they need.
    pub needed: u64,
    /// How many may be opened.
    pub allowed: u64,
}

/// Raises this process's limit of open files as far as so many agencies need.
///
/// # Errors
/// [`NotEnoughFiles`] when the system does not allow it.
pub fn allow_open_files(agencies: usize) -> Result<(), NotEnoughFiles> {
    let needed = u64::try_from(agencies)
        .unwrap_or(u64::MAX)
        .saturating_mul(EACH)
        + REST;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let wanted = Rlimit {
        current: Some(needed),
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, wanted).map_err(|_| NotEnoughFiles {
        agencies,
        needed,
        allowed: limit.current.unwrap_or(u64::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_files_than_the_system_ever_allows_are_refused_with_what_to_do() {
        if getrlimit(Resource::Nofile).current.is_none() {
            return;
        }
        let refused = allow_open_files(usize::MAX / 16).unwrap_err();

        assert!(refused.to_string().contains("--agencies"), "{refused}");
    }
}
