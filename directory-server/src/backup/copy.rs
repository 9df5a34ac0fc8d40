//! Copying a journal, and proving that a copy is one.

use std::path::Path;

use referral_journal::{
    AppendError, Entry, FileStorage, Journal, JournalError, Options, Reader, Record,
};

use super::InvalidBackup;
use crate::ledger::Fact;

/// A batch of the copy is written when it has this many bytes.
const BATCH: usize = 4 << 20;

/// Why a journal could not be copied.
#[derive(Debug, thiserror::Error)]
pub(super) enum CopyError {
    #[error(transparent)]
    Read(#[from] JournalError),
    #[error(transparent)]
    Write(#[from] AppendError),
}

/// Copies the journal's records up to its last one now into the empty folder `to`. What was one batch
/// stays in one: its records have one time of receipt. Returns the last index.
pub(super) fn copy_journal(from: &Reader<FileStorage>, to: &Path) -> Result<u64, CopyError> {
    let last_index = from.last_index();
    let mut copy = None;
    let mut batch: Vec<Record> = Vec::new();
    let mut bytes = 0;
    for record in from.read_from(1)? {
        let record = record?;
        if record.index > last_index {
            break;
        }
        let before = batch.last();
        let other = before.is_some_and(|before| before.generation != record.generation);
        let ended = before.is_some_and(|before| before.received_at_us != record.received_at_us);
        if other || (ended && bytes >= BATCH) {
            write(&mut copy, to, &batch)?;
            batch.clear();
            bytes = 0;
        }
        bytes += record.bytes.len();
        batch.push(record);
    }
    write(&mut copy, to, &batch)?;
    if copy.is_none() {
        open(to, 0)?;
    }
    Ok(last_index)
}

type Copy = Option<(u64, Journal<FileStorage>)>;

fn write(copy: &mut Copy, to: &Path, batch: &[Record]) -> Result<(), CopyError> {
    let Some(generation) = batch.first().map(|record| record.generation) else {
        return Ok(());
    };
    let mut journal = match copy.take() {
        Some((same, journal)) if same == generation => journal,
        _ => open(to, generation)?,
    };
    let entries: Vec<Entry<'_>> = batch
        .iter()
        .map(|record| Entry {
            received_at_us: record.received_at_us,
            kind: record.kind,
            bytes: &record.bytes,
        })
        .collect();
    journal.append(&entries)?;
    *copy = Some((generation, journal));
    Ok(())
}

fn open(folder: &Path, generation: u64) -> Result<Journal<FileStorage>, JournalError> {
    let options = Options {
        generation,
        ..Options::default()
    };
    Journal::open(FileStorage::new(folder), options).map(|(journal, _)| journal)
}

/// Opens the journal in `folder` and reads every record of it: it must end with `last_index`.
pub(super) fn verify_journal(
    folder: &Path,
    generation: u64,
    last_index: u64,
) -> Result<(), InvalidBackup> {
    let journal = open(folder, generation)?;
    if journal.last_index() != last_index {
        return Err(InvalidBackup::Journal);
    }
    for record in journal.read_from(1)? {
        let record = record?;
        Fact::decode(record.kind, &record.bytes)?;
    }
    Ok(())
}
