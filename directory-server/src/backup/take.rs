//! Taking a backup.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use referral_journal::{Archive, FileStorage, Journal, JournalError, Options};
use referral_runtime::data_dir::{DataDir, DataDirError};
use tracing::{info, warn};

use super::copy::{copy_snapshot, verify_journal};
use super::manifest::{InvalidBackup, Manifest, authority_in, digest};
use crate::demand::DEMAND;
use crate::history::History;
use crate::life::{
    CannotBegin, FEEDBACK, FORMAT, HISTORY, JOURNAL, Life, Start, has_journal, make_private, sync,
};
use crate::tally::{PUBLISHED, SEARCHES};
use crate::{audit, people};

/// What a backup is taken from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The data directory.
    pub data: &'a Path,
    /// The directory's generation.
    pub generation: u64,
    /// Its journal, which may go on growing.
    pub journal: &'a Archive<FileStorage>,
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// It could not be recorded.
    #[error(transparent)]
    Audit(#[from] audit::AuditError),
    /// Something is there.
    #[error("{} is there already: a backup never replaces one, choose another folder", to.display())]
    Occupied {
        /// Where it was to go.
        to: PathBuf,
    },
    /// There is nothing to back up.
    #[error("{} holds no directory: there is nothing to back up", data.display())]
    Nothing {
        /// The data directory.
        data: PathBuf,
    },
    /// The data directory is in use, or cannot be.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The directory would not begin either.
    #[error(transparent)]
    CannotBegin(#[from] CannotBegin),
    /// The journal could not be copied.
    #[error("the journal could not be copied")]
    Copy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was written does not open: there is no backup.
    #[error("the backup was written and does not open again: it is not kept as one")]
    Unverified(#[source] InvalidBackup),
    /// The disk.
    #[error("the backup could not be written to {}", to.display())]
    Io {
        /// Where it was to go.
        to: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Takes a backup of the directory in `data`, which no process runs, into the new folder `to`.
///
/// # Errors
/// [`BackupError`]. There is then no folder `to`.
pub fn take_from(data: &Path, to: &Path, now: Timestamp) -> Result<Manifest, BackupError> {
    if !has_journal(data).unwrap_or(false) {
        let data = data.to_owned();
        return Err(BackupError::Nothing { data });
    }
    let held = DataDir::open(data)?;
    held.claim(FORMAT)?;
    let recorded = audit::Audit::open(data)?.record(
        &audit::Who::at_the_machine(),
        audit::Act::BackupTaken,
        (&to.display().to_string(), ""),
        now,
    );
    recorded?;
    let life = Life::begin(held.path(), Start::Usual, now)?;
    let options = Options {
        generation: life.generation,
        ..Options::default()
    };
    let storage = FileStorage::new(&data.join(JOURNAL));
    let opened = Journal::open(storage, options).map_err(CannotBegin::from)?;
    let (journal, _) = opened;
    let source = Source {
        data,
        generation: life.generation,
        journal: &journal.archive(),
    };
    take(&source, to, now)
}

/// Takes a backup of `source` into the new folder `to`: everything up to the journal's last record now.
/// Blocks.
///
/// # Errors
/// [`BackupError`]. There is then no folder `to`.
pub fn take(source: &Source<'_>, to: &Path, now: Timestamp) -> Result<Manifest, BackupError> {
    let failed = |source| BackupError::Io {
        to: to.to_owned(),
        source,
    };
    if crate::life::is_there(to).map_err(failed)? {
        let to = to.to_owned();
        return Err(BackupError::Occupied { to });
    }
    let unfinished = unfinished(to).map_err(failed)?;
    let manifest = fill(source, &unfinished, now).map_err(|error| match error {
        Failure::Io(error) => failed(error),
        Failure::Audit(error) => BackupError::Audit(error),
        Failure::Copy(error) => BackupError::Copy(Box::new(error)),
        Failure::Unverified(error) => BackupError::Unverified(error),
    });
    let manifest = manifest.inspect_err(|_| drop(fs::remove_dir_all(&unfinished)))?;
    failpoint!("backup.pre_name");
    // Over an empty folder at most: one with content is an error here too.
    fs::rename(&unfinished, to).map_err(failed)?;
    sync(parent(to)).map_err(failed)?;
    failpoint!("backup.named");
    info!(
        referral.journal.records = manifest.last_index,
        "a backup of {} journal records was taken and opened", manifest.last_index
    );
    Ok(manifest)
}

enum Failure {
    Io(io::Error),
    Audit(audit::AuditError),
    Copy(JournalError),
    Unverified(InvalidBackup),
}

impl From<audit::AuditError> for Failure {
    fn from(error: audit::AuditError) -> Self {
        Self::Audit(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes everything into the empty folder `to`, opens what was written, and says so in the manifest.
fn fill(source: &Source<'_>, to: &Path, now: Timestamp) -> Result<Manifest, Failure> {
    let journal = to.join(JOURNAL);
    make_private(&journal)?;
    failpoint!("backup.begun");
    // First the snapshot: whatever is dropped meanwhile, the journal goes back to it or further.
    copy_snapshot(source.data, to).map_err(Failure::Unverified)?;
    // Before the journal: a history that knows more than its journal belongs to another directory.
    copy_history(&source.data.join(HISTORY), &to.join(HISTORY))?;
    let last_index = source.journal.last_index();
    let copied = source
        .journal
        .copy_to(&FileStorage::new(&journal), last_index);
    let last_index = copied.map_err(Failure::Copy)?.last_index;
    failpoint!("backup.journal_copied");
    verify_journal(to, source.generation, last_index).map_err(Failure::Unverified)?;
    sync(&journal)?;
    for part in [SEARCHES, PUBLISHED, FEEDBACK, DEMAND] {
        copy_folder(&source.data.join(part), &to.join(part), |_| true)?;
    }
    copy_folder(
        &source.data.join(people::FOLDER),
        &to.join(people::FOLDER),
        |_| true,
    )?;
    audit::copy(source.data, to)?;
    failpoint!("backup.pre_manifest");
    let authority = authority_in(source.data);
    let manifest = Manifest::of(to, now, source.generation, last_index, authority)?;
    manifest.write(to)?;
    Ok(manifest)
}

/// Copies the history: months first, so that what they name is copied after them. A copy ends where its months
/// and what they name do. One that is damaged is left out with a warning: only reports of the past stand on it.
fn copy_history(from: &Path, to: &Path) -> io::Result<()> {
    let is_month = |name: &str| name.ends_with(".history");
    copy_folder(from, to, is_month)?;
    copy_folder(from, to, |name| !is_month(name))?;
    if !to.exists() {
        return Ok(());
    }
    let opened = History::open(to);
    let read = opened.and_then(|history| history.as_of(Timestamp::MAX));
    if let Err(damaged) = read {
        warn!(error.type = "history_damaged", "the backup is without the history: {damaged}");
        return fs::remove_dir_all(to);
    }
    // A file that was begun and holds nothing yet is made again when it is missed.
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if entry.metadata()?.len() == 0 {
            fs::remove_file(entry.path())?;
        }
    }
    sync(to)
}

/// Copies the files of a folder whose names are wanted. Each is appended to or replaced whole by its writer, so a
/// copy is whole as far as it goes.
fn copy_folder(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> io::Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    make_private(to)?;
    for entry in entries {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        // Half-written ones are hidden.
        if text.starts_with('.') || !wanted(&text) {
            continue;
        }
        match copy_file(&from.join(&name), &to.join(&name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {} // its time was over just now
            copied => drop(copied?),
        }
    }
    sync(to)
}

/// Copies a file, durably, for its owner alone. Returns its length and SHA-256.
pub(super) fn copy_file(from: &Path, to: &Path) -> io::Result<(u64, String)> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt;
    let mut target = None;
    let open = || {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600).open(to)
    };
    let digested = digest(from, |bytes| match &mut target {
        Some(file) => fs::File::write_all(file, bytes),
        none => none.insert(open()?).write_all(bytes),
    })?;
    let file = match target {
        Some(file) => file,
        None => open()?,
    };
    file.sync_all()?;
    Ok(digested)
}

/// An empty folder beside `to`, for a backup that is not one yet. What a crash left there goes.
fn unfinished(to: &Path) -> io::Result<PathBuf> {
    let mut name = OsString::from(to.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(".unfinished");
    let path = parent(to).join(name);
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    make_private(&path)?;
    Ok(path)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
