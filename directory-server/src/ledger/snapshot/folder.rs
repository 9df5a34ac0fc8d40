//! The folder of the snapshots: which there are, how one gets there, which may go.
//!
//! One is written aside, synced, read back, and only then given its name, which is the journal index it
//! stands for. The newest two that verified are kept.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use referral_journal::{Archive, Storage};
use tracing::warn;

use super::file::{Reader, Summary, Writer};
use super::item::Header;
use super::{SnapshotError, failed, tips};
use crate::life::make_private;

/// The name under which one is written.
const ASIDE: &str = "next.aside";
/// The name of one that was found damaged.
const DAMAGED: &str = "damaged";
/// How many are kept: when the newest is damaged, the one before serves.
const KEPT: usize = 2;

/// The folder of the snapshots.
#[derive(Clone, Debug)]
pub(in crate::ledger) struct Folder(PathBuf);

/// A snapshot in the folder.
#[derive(Clone, Debug)]
pub(in crate::ledger) struct Snapshot {
    /// The journal index it stands for.
    pub(in crate::ledger) index: u64,
    path: PathBuf,
}

impl Folder {
    /// The snapshots in `path`; a half-written one is removed.
    pub(in crate::ledger) fn open(path: PathBuf) -> Result<Self, SnapshotError> {
        // The journal is dropped behind what is in it: it has to be as durable as that.
        make_private(&path).map_err(failed("make room for"))?;
        let folder = Self(path);
        folder.remove_aside()?;
        tips::remove_others(&folder, &folder.all()?)?;
        Ok(folder)
    }

    /// All there are, oldest first. None of them is verified by this.
    pub(in crate::ledger) fn all(&self) -> Result<Vec<Snapshot>, SnapshotError> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(failed("find"))? {
            let path = entry.map_err(failed("find"))?.path();
            all.extend(index_of(&path).map(|index| Snapshot { index, path }));
        }
        all.sort_unstable_by_key(|snapshot| snapshot.index);
        Ok(all)
    }

    /// The newest that verifies. Those found damaged on the way are set aside, and the one before serves.
    pub(in crate::ledger) fn newest(&self) -> Result<Option<Snapshot>, SnapshotError> {
        for snapshot in self.all()?.into_iter().rev() {
            match snapshot.verify() {
                Ok(_) => return Ok(Some(snapshot)),
                Err(damaged @ SnapshotError::Damaged { .. }) => {
                    warn!(error.type = damaged.code(), "{damaged}; the one before it serves");
                    let aside = self.0.join(DAMAGED);
                    fs::rename(&snapshot.path, aside).map_err(failed("set aside"))?;
                    self.sync()?;
                }
                Err(other) => return Err(other),
            }
        }
        Ok(None)
    }

    /// The newest that verifies, which must be of this journal.
    pub(in crate::ledger) fn newest_of<S: Storage>(
        &self,
        journal: &Archive<S>,
    ) -> Result<Option<Snapshot>, SnapshotError> {
        let Some(newest) = self.newest()? else {
            return Ok(None);
        };
        let index = newest.index;
        if (journal.first_index()..=journal.last_index()).contains(&index)
            && let Some(record) = journal.read_from(index)?.next().transpose()?
            && Header::of(&record) != newest.read()?.header
        {
            return Err(SnapshotError::Foreign { index });
        }
        Ok(Some(newest))
    }

    /// Begins the next one, aside.
    pub(super) fn begin(&self, header: Header) -> Result<Writer, SnapshotError> {
        self.remove_aside()?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.0.join(ASIDE))
            .map_err(failed("write"))?;
        failpoint!("snapshot.begun");
        Writer::begin(file, header)
    }

    /// Reads back what was written aside and gives it its name; removes those that are no longer kept.
    pub(super) fn finish(&self, written: &Summary) -> Result<Snapshot, SnapshotError> {
        let index = written.header.index;
        let aside = Snapshot {
            index,
            path: self.0.join(ASIDE),
        };
        failpoint!("snapshot.written");
        if aside.verify()? != *written {
            let what = "it is not what was written";
            return Err(SnapshotError::Damaged { index, what });
        }
        let path = self.0.join(format!("{index:020}.snapshot"));
        failpoint!("snapshot.pre_name");
        fs::rename(&aside.path, &path).map_err(failed("name"))?;
        self.sync()?;
        failpoint!("snapshot.named");
        let all = self.all()?;
        for old in &all[..all.len().saturating_sub(KEPT)] {
            fs::remove_file(&old.path).map_err(failed("remove"))?;
        }
        tips::remove_others(self, &self.all()?)?;
        Ok(Snapshot { index, path })
    }

    /// Gives up what was written aside.
    pub(super) fn remove_aside(&self) -> Result<(), SnapshotError> {
        match fs::remove_file(self.0.join(ASIDE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove")(error)),
            _ => Ok(()),
        }
    }

    /// The index back to which the journal is needed when the newest snapshot turns out to be damaged: that
    /// of the one before it. `None` as long as there is no such, or when one of the two does not verify.
    pub(super) fn fallback(&self) -> Result<Option<u64>, SnapshotError> {
        let all = self.all()?;
        let Some([older, newest]) = all.last_chunk::<KEPT>() else {
            return Ok(None);
        };
        newest.verify()?;
        older.verify()?;
        Ok(Some(older.index))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn sync(&self) -> Result<(), SnapshotError> {
        let folder = File::open(&self.0).map_err(failed("sync"))?;
        folder.sync_all().map_err(failed("sync"))
    }
}

impl Snapshot {
    pub(super) fn read(&self) -> Result<Reader, SnapshotError> {
        Reader::begin(self.file()?, self.index)
    }

    pub(super) fn file(&self) -> Result<File, SnapshotError> {
        File::open(&self.path).map_err(failed("open"))
    }

    /// Its length. Unit: bytes.
    pub(super) fn length(&self) -> Result<u64, SnapshotError> {
        Ok(fs::metadata(&self.path).map_err(failed("open"))?.len())
    }

    pub(super) fn verify(&self) -> Result<Summary, SnapshotError> {
        self.read()?.verify()
    }
}

/// The newest snapshot in a folder that verifies, and the index it stands for. Nothing is changed.
pub(crate) fn newest_snapshot(folder: &Path) -> Result<Option<(u64, PathBuf)>, SnapshotError> {
    if !folder.exists() {
        return Ok(None);
    }
    for snapshot in Folder(folder.to_owned()).all()?.into_iter().rev() {
        match snapshot.verify() {
            Ok(_) => return Ok(Some((snapshot.index, snapshot.path))),
            Err(SnapshotError::Damaged { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(None)
}

/// The index a snapshot is named after; `None` for other files.
fn index_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let index = name.strip_suffix(".snapshot")?.parse().ok()?;
    (format!("{index:020}.snapshot") == name).then_some(index)
}
