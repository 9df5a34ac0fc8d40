//! Proving that a copy of a journal is one.

use std::path::Path;

use referral_journal::{FileStorage, Journal, Options};

use super::InvalidBackup;
use crate::ledger::Fact;

/// Opens the journal in `folder` and reads every record of it: it must end with `last_index`.
pub(super) fn verify_journal(
    folder: &Path,
    generation: u64,
    last_index: u64,
) -> Result<(), InvalidBackup> {
    let options = Options {
        generation,
        ..Options::default()
    };
    let (journal, _) = Journal::open(FileStorage::new(folder), options)?;
    let archive = journal.archive();
    if archive.last_index() != last_index {
        return Err(InvalidBackup::Journal);
    }
    for record in archive.read_from(archive.first_index())? {
        let record = record?;
        Fact::decode(record.kind, &record.bytes)?;
    }
    Ok(())
}
