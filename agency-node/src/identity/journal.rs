//! The journal begins when a node joins: one that is missing later was lost.

use std::path::Path;

use referral_journal::{FileStorage, Journal, JournalError, Options};

/// The format of a data directory: from 2 on a journal may begin with a summary. It grows when a version writes what the
/// ones before it cannot read.
pub(crate) const FORMAT: u32 = 2;
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
