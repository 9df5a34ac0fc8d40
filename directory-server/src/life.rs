//! Which life of the directory a data directory holds, and whether it may begin another.
//!
//! Start at [`Life::begin`]. A *generation* numbers the lives of a directory: it grows with every restore,
//! every rebuild and every new beginning, and nodes and readers of the change feed refuse one that is
//! smaller than one they saw. It is in the file `generation`, outside the journal and outside every backup.
//! A data directory that shows an earlier life and has no journal never begins by itself: that a
//! directory is empty has to be said.

use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use referral_journal::{FileStorage, Journal, JournalError, Options};
use referral_runtime::data_dir::write_secret;
pub(crate) use referral_runtime::data_dir::{make_private, sync_folder as sync};
use tracing::{info, warn};

/// The format of a data directory. It grows when a version writes what the ones before it cannot read.
pub(crate) const FORMAT: u32 = 1;
/// The folder of the journal.
pub(crate) const JOURNAL: &str = "journal";
/// The folder of the authority. It is in no backup.
pub(crate) const AUTHORITY: &str = "ca";
/// The file that says that a restore was begun and not finished.
pub(crate) const RESTORING: &str = "restoring";
/// What is folded from the journal.
pub(crate) const FOLDED: [&str; 5] = [
    "store",
    "index",
    crate::ledger::MEMBERS_INDEX,
    SNAPSHOTS,
    HISTORY,
];
/// The folder of what caseworkers say of listings: problems and outcomes of referrals.
pub(crate) const FEEDBACK: &str = "feedback";
/// The folder of the history. A restore moves it aside with what it is a part of.
pub(crate) const HISTORY: &str = "history";
/// The folder of the snapshots.
pub(crate) const SNAPSHOTS: &str = "snapshots";

const GENERATION: &str = "generation";
/// The file that says that agencies are let back in by their certificates alone.
pub(crate) const REBUILDING: &str = "rebuilding";

/// How a directory begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// With what the data directory holds; one that holds nothing begins its first life.
    #[default]
    Usual,
    /// Empty, although there was an earlier life whose journal is lost.
    New,
    /// Empty, to be filled again by the agencies' nodes, which are let in by their certificates.
    Rebuild,
}

/// The life a data directory is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The generation: greater than that of every life before.
    pub generation: u64,
    pub(crate) data: PathBuf,
}

/// Why a directory does not begin.
#[derive(Debug, thiserror::Error)]
pub enum CannotBegin {
    /// A restore was cut short.
    #[error(
        "a restore into {} was not finished and half of it is not served: run it again, \
         directory-server restore --from {from} --data {}", data.display(), data.display()
    )]
    HalfRestored {
        /// The data directory.
        data: PathBuf,
        /// The backup it came from.
        from: String,
    },
    /// The journal is lost.
    #[error(
        "{} shows an earlier life ({trace}) and its journal is gone. To go back to a backup: \
         directory-server restore --from BACKUP --data DIR --replace. To have the agencies' nodes fill \
         it again: directory-server serve --rebuild. To begin an empty directory: \
         directory-server serve --new", data.display()
    )]
    JournalLost {
        /// The data directory.
        data: PathBuf,
        /// What is left of the earlier life.
        trace: &'static str,
    },
    /// `--new` or `--rebuild` for a directory that has lost nothing.
    #[error(
        "{} has its journal: {option} is for one that has lost it; to go back to a backup use \
         directory-server restore", data.display()
    )]
    NothingLost {
        /// The data directory.
        data: PathBuf,
        /// What was said.
        option: &'static str,
    },
    /// The authority is lost: nobody could come back.
    #[error(
        "the authority {} is missing, by which agencies know this directory and it knows them: put \
         the folder back from where a copy is kept; it is in no backup", path.display()
    )]
    AuthorityMissing {
        /// The authority's folder.
        path: PathBuf,
    },
    /// The file `generation` holds no number.
    #[error(
        "{} holds no generation: delete it, and it is taken from the journal", path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
    },
    /// The journal.
    #[error("the directory's journal cannot be opened")]
    Journal(#[from] JournalError),
    /// The disk.
    #[error("the data directory cannot be used")]
    Io(#[from] io::Error),
}

impl Life {
    /// Says which life `data` is in, and begins the first or, where `start` says so, another. This
    /// process holds the data directory.
    ///
    /// # Errors
    /// [`CannotBegin`]. Nothing was changed then, but for [`CannotBegin::Io`].
    pub fn begin(data: &Path, start: Start, now: Timestamp) -> Result<Self, CannotBegin> {
        refuse_half_restored(data)?;
        let life = |generation| Self {
            generation,
            data: data.to_owned(),
        };
        if has_journal(data)? {
            refuse_to_lose(data, start)?;
            let generation = match generation_in(data)? {
                Some(generation) => generation,
                None => write_generation(data, last_generation(data)?.unwrap_or(first(now)))?,
            };
            return Ok(life(generation));
        }
        let trace = earlier_life(data)?;
        let (start, trace) = match (start, trace) {
            (Start::Usual, Some(trace)) => {
                let data = data.to_owned();
                return Err(CannotBegin::JournalLost { data, trace });
            }
            (start, trace) => (start, trace),
        };
        if start == Start::Rebuild && !data.join(AUTHORITY).exists() {
            let path = data.join(AUTHORITY);
            return Err(CannotBegin::AuthorityMissing { path });
        }
        if trace.is_none() {
            // In this order: a generation without a journal is the trace of a journal that was lost.
            last_generation(data)?;
            return Ok(life(write_generation(data, first(now))?));
        }
        another(data, start, now).map(life)
    }

    /// Whether agencies are let back in by their certificates alone.
    #[must_use]
    pub fn is_rebuilding(&self) -> bool {
        self.data.join(REBUILDING).exists()
    }

    /// Ends the rebuild: from now on an agency needs a token again to be let in.
    ///
    /// # Errors
    /// What the disk says; the rebuild then goes on.
    pub fn end_rebuild(&self) -> io::Result<()> {
        remove(&self.data, REBUILDING)
    }
}

/// Begins an empty life after one whose journal is lost. What is left of it is moved aside.
fn another(data: &Path, start: Start, now: Timestamp) -> Result<u64, CannotBegin> {
    let generation = next_generation(now, [generation_in(data)?, None]);
    // First of all: a second try has a greater one, and a folder of its own for what it moves aside.
    write_generation(data, generation)?;
    let aside = set_aside(data, &FOLDED, generation)?;
    match start {
        Start::Rebuild => write_secret(&data.join(REBUILDING), b"agencies come back\n")?,
        Start::Usual | Start::New => remove(data, REBUILDING)?,
    }
    last_generation(data)?;
    warn!(
        referral.generation = generation,
        "generation {generation} begins empty; what was left is in {}",
        aside.display()
    );
    Ok(generation)
}

/// The generation that follows `before`, and every one that `now` could have given.
pub(crate) fn next_generation(now: Timestamp, before: [Option<u64>; 2]) -> u64 {
    let after = before.into_iter().flatten().max();
    after
        .map_or(0, |before| before.saturating_add(1))
        .max(first(now))
}

/// The generation that a directory's first life begins with: the time. Unit: seconds since 1970.
fn first(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or(1).max(1)
}

/// The generation in the file of this name; `None` when there is none.
pub(crate) fn generation_in(data: &Path) -> Result<Option<u64>, CannotBegin> {
    let path = data.join(GENERATION);
    let Some(text) = read(&path)? else {
        return Ok(None);
    };
    let generation = text.trim().parse().ok();
    generation.map(Some).ok_or(CannotBegin::Unreadable { path })
}

/// Writes the generation durably.
pub(crate) fn write_generation(data: &Path, generation: u64) -> Result<u64, CannotBegin> {
    write_secret(&data.join(GENERATION), format!("{generation}\n").as_bytes())?;
    info!(
        referral.generation = generation,
        "the directory is in generation {generation}"
    );
    Ok(generation)
}

/// The generation of the journal's last record; `None` when it holds none. Begins one where there is
/// none.
pub(crate) fn last_generation(data: &Path) -> Result<Option<u64>, CannotBegin> {
    let journal = data.join(JOURNAL);
    make_private(&journal)?;
    let options = Options {
        generation: 0,
        ..Options::default()
    };
    match Journal::open(FileStorage::new(&journal), options) {
        Err(JournalError::StaleGeneration { found, .. }) => Ok(Some(found)),
        Ok(_) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Moves what is there of `names` into a folder of its own and returns that: nothing is deleted.
pub(crate) fn set_aside(data: &Path, names: &[&str], generation: u64) -> io::Result<PathBuf> {
    let aside = data.join(format!("replaced-{generation}"));
    for name in names {
        let from = data.join(name);
        if is_there(&from)? {
            make_private(&aside)?;
            fs::rename(from, aside.join(name))?;
        }
    }
    if aside.exists() {
        sync(&aside)?;
    }
    sync(data)?;
    Ok(aside)
}

/// Whether the data directory has a journal with something in it.
pub(crate) fn has_journal(data: &Path) -> io::Result<bool> {
    is_there(&data.join(JOURNAL))
}

/// What is left of an earlier life.
fn earlier_life(data: &Path) -> io::Result<Option<&'static str>> {
    for trace in [
        AUTHORITY,
        GENERATION,
        "store",
        "index",
        SNAPSHOTS,
        crate::tally::SEARCHES,
        REBUILDING,
    ] {
        if is_there(&data.join(trace))? {
            return Ok(Some(trace));
        }
    }
    Ok(None)
}

fn refuse_half_restored(data: &Path) -> Result<(), CannotBegin> {
    match read(&data.join(RESTORING))? {
        None => Ok(()),
        Some(from) => Err(CannotBegin::HalfRestored {
            data: data.to_owned(),
            from: from.trim().to_owned(),
        }),
    }
}

fn refuse_to_lose(data: &Path, start: Start) -> Result<(), CannotBegin> {
    let option = match start {
        Start::Usual => None,
        Start::New => Some("--new"),
        // A rebuild that goes on: the option may stay in a unit file until it is done.
        Start::Rebuild if data.join(REBUILDING).exists() => None,
        Start::Rebuild => Some("--rebuild"),
    };
    if let Some(option) = option {
        let data = data.to_owned();
        return Err(CannotBegin::NothingLost { data, option });
    }
    let path = data.join(AUTHORITY);
    if !is_there(&path)? && last_generation(data)?.is_some() {
        return Err(CannotBegin::AuthorityMissing { path });
    }
    Ok(())
}

/// Whether there is a file, or a folder with something in it.
pub(crate) fn is_there(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(true),
        Err(error) => Err(error),
    }
}

/// Removes a file if it is there, durably.
pub(crate) fn remove(data: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(data.join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => sync(data),
    }
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_generation_is_greater_than_every_one_before_whatever_the_clock_says() {
        assert_eq!(
            next_generation(at(1_000), [Some(5_000), Some(7_000)]),
            7_001
        );
        assert_eq!(
            next_generation(at(9_000), [Some(5_000), Some(7_000)]),
            9_000
        );
        assert_eq!(next_generation(at(-5), [None, None]), 1);
    }

    #[test]
    fn a_first_life_begins_once_and_goes_on() {
        let data = tempfile::tempdir().unwrap();

        let first = Life::begin(data.path(), Start::Usual, at(1_000)).unwrap();
        let again = Life::begin(data.path(), Start::Usual, at(2_000)).unwrap();

        assert_eq!(first.generation, 1_000);
        assert_eq!(again, first);
        assert!(!again.is_rebuilding());
    }

    #[test]
    fn a_generation_that_is_no_number_is_refused() {
        let data = tempfile::tempdir().unwrap();
        Life::begin(data.path(), Start::Usual, at(1_000)).unwrap();
        fs::write(data.path().join(GENERATION), "seven").unwrap();

        let refused = Life::begin(data.path(), Start::Usual, at(2_000));

        assert!(matches!(refused, Err(CannotBegin::Unreadable { .. })));
    }

    #[test]
    fn every_trace_of_an_earlier_life_without_its_journal_is_refused() {
        for trace in [AUTHORITY, GENERATION, "store", "index", "searches"] {
            let data = tempfile::tempdir().unwrap();
            fs::create_dir(data.path().join(trace)).unwrap();
            fs::write(data.path().join(trace).join("something"), "left").unwrap();

            let refused = Life::begin(data.path(), Start::Usual, at(1_000)).unwrap_err();

            assert!(
                matches!(refused, CannotBegin::JournalLost { .. }),
                "{trace}"
            );
            assert!(!data.path().join(JOURNAL).exists(), "nothing was begun");
        }
    }

    #[test]
    fn a_new_life_that_was_asked_for_is_greater_and_keeps_what_was_left() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join(GENERATION), "5000\n").unwrap();
        fs::create_dir(data.path().join("store")).unwrap();
        fs::write(data.path().join("store/db"), "records").unwrap();

        let life = Life::begin(data.path(), Start::New, at(1_000)).unwrap();

        assert_eq!(life.generation, 5_001);
        assert!(data.path().join("replaced-5001/store/db").exists());
        assert!(matches!(
            Life::begin(data.path(), Start::New, at(1_000)),
            Err(CannotBegin::NothingLost { .. })
        ));
    }

    #[test]
    fn a_rebuild_needs_the_authority_and_goes_on_until_it_is_ended() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join(GENERATION), "5000\n").unwrap();
        let without = Life::begin(data.path(), Start::Rebuild, at(1_000));
        assert!(matches!(without, Err(CannotBegin::AuthorityMissing { .. })));
        fs::create_dir(data.path().join(AUTHORITY)).unwrap();
        fs::write(data.path().join(AUTHORITY).join("ca.key"), "key").unwrap();

        let life = Life::begin(data.path(), Start::Rebuild, at(1_000)).unwrap();
        let again = Life::begin(data.path(), Start::Rebuild, at(2_000)).unwrap();
        let usual = Life::begin(data.path(), Start::Usual, at(3_000)).unwrap();

        assert!(life.is_rebuilding());
        assert_eq!((&again, &usual), (&life, &life));
    }
}
