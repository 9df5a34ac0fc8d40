//! Putting a backup back: the old directory stays as it is until the backup is proved, then a mark is set,
//! and until the mark is gone nothing is served.

use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use referral_runtime::data_dir::{DataDir, DataDirError, write_secret};
use tracing::info;

use super::copy::verify_journal;
use super::manifest::{InvalidBackup, KEPT, Manifest, PARTS, authority_in};
use super::take::copy_file;
use crate::audit::{self, Act, Audit, AuditError, Who};
use crate::demand::DEMAND;
use crate::life::{
    AUTHORITY, CannotBegin, FEEDBACK, FOLDED, FORMAT, JOURNAL, REBUILDING, RESTORING,
    generation_in, has_journal, is_there, last_generation, make_private, next_generation, remove,
    set_aside, sync, write_generation,
};
use crate::tally::{PUBLISHED, SEARCHES};

/// Where the backup is copied to before anything else changes.
const STAGED: &str = "restored.unfinished";

/// A backup to put back.
#[derive(Clone, Copy, Debug)]
pub struct Restore<'a> {
    /// The backup.
    pub from: &'a Path,
    /// The data directory: new, or holding the authority alone, unless `replace`.
    pub data: &'a Path,
    /// Moves what is there aside; nothing is ever deleted.
    pub replace: bool,
    /// Lets agencies in by their certificates that the backup does not know, until the operator ends that.
    pub let_back_in: bool,
}

/// A backup that was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The generation that begins with it.
    pub generation: u64,
    /// The index of the last journal record.
    pub last_index: u64,
    /// When the backup was taken.
    pub taken_at: Timestamp,
    /// Where what was there before is now; `None` when there was nothing.
    pub aside: Option<PathBuf>,
    /// Whether the authority's folder has to be put back before the directory can serve.
    pub authority_missing: bool,
}

/// How far a restore has come. Each is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The backup is copied and proved. What was there is untouched and may be served.
    Staged,
    /// The mark is set: nothing is served.
    Marked,
    /// The new generation is written.
    Numbered,
    /// What was there is moved aside.
    SetAside,
    /// The journal is in its place.
    MovedIn,
    /// The mark is gone: it is done.
    Done,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Self; 6] = [
        Self::Staged,
        Self::Marked,
        Self::Numbered,
        Self::SetAside,
        Self::MovedIn,
        Self::Done,
    ];
}

/// Why nothing was restored, or not all.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup is not believed.
    #[error(transparent)]
    Backup(#[from] InvalidBackup),
    /// There is a directory.
    #[error(
        "{} holds {what} already: choose a new data directory, or say --replace, which moves what is \
         there aside", data.display()
    )]
    Occupied {
        /// The data directory.
        data: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// The authority beside it is another directory's.
    #[error(
        "the authority in {} is another directory's than the backup's: its agencies would not be known",
        data.display()
    )]
    OtherAuthority {
        /// The data directory.
        data: PathBuf,
    },
    /// The data directory is in use, or cannot be.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// What is there cannot be read.
    #[error(transparent)]
    CannotBegin(#[from] CannotBegin),
    /// It could not be recorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The disk.
    #[error("the backup could not be put into {}; run the same command again", data.display())]
    Io {
        /// The data directory.
        data: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Puts a backup back as a new generation.
///
/// # Errors
/// [`RestoreError`]. Cut short at any moment, the data directory is as it was, or refuses to serve until
/// this is run again.
pub fn restore(order: &Restore<'_>, now: Timestamp) -> Result<Restored, RestoreError> {
    restore_stepwise(order, now, |_| Ok(()))
}

/// As [`restore`], telling `reached` how far it is; what that returns ends it there.
///
/// # Errors
/// [`RestoreError`].
pub fn restore_stepwise(
    order: &Restore<'_>,
    now: Timestamp,
    mut reached: impl FnMut(Step) -> io::Result<()>,
) -> Result<Restored, RestoreError> {
    let data = order.data;
    let failed = |source| RestoreError::Io {
        data: data.to_owned(),
        source,
    };
    let manifest = Manifest::read(order.from)?;
    let held = DataDir::open(data)?;
    held.claim(FORMAT)?;
    let interrupted = is_there(&data.join(RESTORING)).map_err(failed)?;
    if !order.replace && !interrupted {
        refuse_to_overwrite(data)?;
    }
    let authority = authority_in(data);
    let other = authority.is_some() && manifest.authority.is_some();
    if other && authority != manifest.authority {
        let data = data.to_owned();
        return Err(RestoreError::OtherAuthority { data });
    }
    let generation = next_generation(now, [Some(manifest.generation), found(data)?]);

    let staged = stage(order.from, data, &manifest).map_err(|error| match error {
        InvalidBackup::Io(error) => failed(error),
        invalid => invalid.into(),
    })?;
    reached(Step::Staged).map_err(failed)?;
    failpoint!("restore.staged");
    // Before it is recorded: the log goes on from what it was.
    keep_or_move(&staged, data, audit::FOLDER).map_err(failed)?;
    let from = std::path::absolute(order.from).map_err(failed)?;
    let about = from.display().to_string();
    let note = format!("generation {generation}");
    let operator = Who::at_the_machine();
    Audit::open(data)?.record(&operator, Act::Restored, (&about, &note), now)?;
    let mark = format!("{}\n", from.display());
    write_secret(&data.join(RESTORING), mark.as_bytes()).map_err(failed)?;
    reached(Step::Marked).map_err(failed)?;
    failpoint!("restore.marked");
    write_generation(data, generation)?;
    reached(Step::Numbered).map_err(failed)?;
    failpoint!("restore.numbered");
    let aside = set_aside(data, &in_the_way(), generation).map_err(failed)?;
    reached(Step::SetAside).map_err(failed)?;
    failpoint!("restore.set_aside");
    move_in(&staged, data).map_err(failed)?;
    if order.let_back_in {
        write_secret(&data.join(REBUILDING), b"agencies come back\n").map_err(failed)?;
    }
    reached(Step::MovedIn).map_err(failed)?;
    failpoint!("restore.moved_in");
    remove(data, RESTORING).map_err(failed)?;
    reached(Step::Done).map_err(failed)?;
    failpoint!("restore.done");
    info!(
        referral.generation = generation,
        referral.journal.records = manifest.last_index,
        "{} journal records were restored as generation {generation}",
        manifest.last_index
    );
    Ok(Restored {
        generation,
        last_index: manifest.last_index,
        taken_at: manifest.taken_at,
        aside: aside.exists().then_some(aside),
        authority_missing: !is_there(&data.join(AUTHORITY)).map_err(failed)?,
    })
}

/// Everything that a restore replaces.
fn in_the_way() -> Vec<&'static str> {
    let mut names = vec![JOURNAL, SEARCHES, PUBLISHED, FEEDBACK, DEMAND, REBUILDING];
    names.extend(FOLDED);
    names
}

fn refuse_to_overwrite(data: &Path) -> Result<(), RestoreError> {
    for what in in_the_way() {
        let there = is_there(&data.join(what)).map_err(CannotBegin::from)?;
        if there {
            let data = data.to_owned();
            return Err(RestoreError::Occupied { data, what });
        }
    }
    Ok(())
}

/// The generation that the data directory was in, as far as it can still be told.
fn found(data: &Path) -> Result<Option<u64>, CannotBegin> {
    let written = generation_in(data)?;
    if written.is_some() || !has_journal(data)? {
        return Ok(written);
    }
    match last_generation(data) {
        // A damaged journal is why it is replaced.
        Err(CannotBegin::Journal(_)) => Ok(None),
        found => found,
    }
}

/// Copies the backup beside what is there, and proves that the copy is whole.
fn stage(from: &Path, data: &Path, manifest: &Manifest) -> Result<PathBuf, InvalidBackup> {
    let staged = data.join(STAGED);
    match fs::remove_dir_all(&staged) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    make_private(&staged.join(JOURNAL))?;
    for file in &manifest.files {
        let to = staged.join(&file.path);
        if let Some(folder) = to.parent() {
            make_private(folder)?;
        }
        let copied = match copy_file(&from.join(&file.path), &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(InvalidBackup::File(file.path.clone()));
            }
            copied => copied?,
        };
        if copied != (file.bytes, file.sha256.clone()) {
            return Err(InvalidBackup::File(file.path.clone()));
        }
    }
    verify_journal(&staged, manifest.generation, manifest.last_index)?;
    for part in PARTS.into_iter().chain(KEPT) {
        if staged.join(part).exists() {
            sync(&staged.join(part))?;
        }
    }
    sync(&staged)?;
    sync(data)?;
    Ok(staged)
}

/// Puts a folder of the copy where there is none. One with content stays as it is, and the copy goes.
fn keep_or_move(staged: &Path, data: &Path, part: &str) -> io::Result<()> {
    let (from, to) = (staged.join(part), data.join(part));
    if !from.exists() {
        return Ok(());
    }
    match fs::read_dir(&to) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return fs::remove_dir_all(from);
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // An empty folder may be there.
    fs::rename(from, to)?;
    sync(data)
}

/// Moves the proved copy to where it is served from. The journal goes last.
fn move_in(staged: &Path, data: &Path) -> io::Result<()> {
    for part in KEPT {
        keep_or_move(staged, data, part)?;
    }
    for part in PARTS {
        let (from, to) = (staged.join(part), data.join(part));
        if from.exists() {
            // An empty folder may be there; one with content was moved aside.
            fs::rename(from, to)?;
        }
    }
    fs::remove_dir(staged)?;
    sync(data)
}
