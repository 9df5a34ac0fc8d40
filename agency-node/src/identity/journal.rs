//! The journal begins when a node joins: one that is missing later was lost.

use std::path::Path;

use referral_journal::{FileStorage, Journal, JournalError, Options};

/// Where the journal is within a data directory.
pub(crate) const JOURNAL: &str = "journal";

/// Begins the journal in `directory`, or finds it begun. Returns the index of its last entry.
///
/// # Errors
/// [`JournalError`].
pub(crate) fn begin_journal(directory: &Path) -> Result<u64, JournalError> {
    let (journal, _) = Journal::open(FileStorage::new(directory), Options::default())?;
    Ok(journal.last_index())
}
