//! Copying the newest snapshot, and proving that a copy is a directory.

use std::path::Path;

use referral_journal::{FileStorage, Journal, Options};

use super::InvalidBackup;
use super::take::copy_file;
use crate::ledger::{Fact, newest_snapshot};
use crate::life::{JOURNAL, SNAPSHOTS, make_private, sync};

/// Copies the newest snapshot that verifies from the data directory into the backup `to`, if there is one.
pub(super) fn copy_snapshot(data: &Path, to: &Path) -> Result<(), InvalidBackup> {
    let Some((_, snapshot)) = newest_snapshot(&data.join(SNAPSHOTS))? else {
        return Ok(());
    };
    let folder = to.join(SNAPSHOTS);
    make_private(&folder)?;
    if let Some(name) = snapshot.file_name() {
        copy_file(&snapshot, &folder.join(name))?;
    }
    Ok(sync(&folder)?)
}

/// Opens the journal in `folder` and reads every record of it: it must end with `last_index`, and begin
/// with the first record there ever was or where a snapshot beside it ends.
pub(super) fn verify_journal(
    folder: &Path,
    generation: u64,
    last_index: u64,
) -> Result<(), InvalidBackup> {
    let options = Options {
        generation,
        ..Options::default()
    };
    let storage = FileStorage::new(&folder.join(JOURNAL));
    let (journal, recovered) = Journal::open(storage, options)?;
    let snapshot = newest_snapshot(&folder.join(SNAPSHOTS))?.map_or(0, |(index, _)| index);
    let reached = recovered.first_index <= snapshot + 1 && snapshot <= last_index;
    if recovered.last_index != last_index || !reached {
        return Err(InvalidBackup::Journal);
    }
    for record in journal.read_from(recovered.first_index)? {
        let record = record?;
        Fact::decode(record.kind, &record.bytes)?;
    }
    Ok(())
}
