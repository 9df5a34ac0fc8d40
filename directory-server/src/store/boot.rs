//! Whether a store may have lost power since it was opened last.
//!
//! sled writes in its own order and syncs nothing before it is closed. A killed process loses none of that: what was
//! written is with the kernel. A machine that lost power may have lost any part of it, and an older page looks as
//! right as a newer one. So a mark in the store's folder says in which boot of the machine the store was opened, or
//! that it was closed and synced since. After another boot it is folded from the journal again.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use referral_runtime::data_dir::{make_private, write_secret};
use tracing::warn;

/// The file with the mark.
const MARK: &str = "boot";
/// sled's file.
const DATA: &str = "db";
/// The mark of a store that was closed and synced.
const CLOSED: &str = "closed";
/// Which boot of the machine this is.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Says at its end that the store was closed. To be dropped after whatever writes to it.
#[derive(Debug)]
pub(super) struct Mark {
    folder: PathBuf,
    /// Whether everything was written.
    whole: bool,
}

impl Mark {
    /// Whether all that was ever written to the store in `folder` is there; also where there is none.
    pub(super) fn is_whole(folder: &Path) -> io::Result<bool> {
        match fs::read(folder.join(MARK)) {
            Ok(mark) => Ok(mark == CLOSED.as_bytes() || mark == boot().as_bytes()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(!folder.join(DATA).try_exists()?)
            }
            Err(error) => Err(error),
        }
    }

    /// Says, durably, that a store is opened in this boot, before anything is written to it.
    pub(super) fn set(folder: &Path) -> io::Result<Self> {
        make_private(folder)?;
        let (path, boot) = (folder.join(MARK), boot());
        if !fs::read(&path).is_ok_and(|mark| mark == boot.as_bytes()) {
            write_secret(&path, boot.as_bytes())?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            whole: true,
        })
    }

    /// Not everything was written: the store is not said to be closed.
    pub(super) fn spoil(&mut self) {
        self.whole = false;
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        if !self.whole {
            return;
        }
        let closed = sync_all(&self.folder)
            .and_then(|()| write_secret(&self.folder.join(MARK), CLOSED.as_bytes()));
        if let Err(error) = closed {
            warn!(error.type = "store_close", "the store could not be synced; after another boot it is folded anew: {error}");
        }
    }
}

/// Makes every file in a folder durable, and their names.
fn sync_all(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_all(&path)?;
        } else {
            File::open(path)?.sync_all()?;
        }
    }
    File::open(folder)?.sync_all()
}

/// Which boot of the machine this is. Where nothing says so, all are one: a store is then trusted after a power cut.
fn boot() -> String {
    let id = fs::read_to_string(BOOT_ID);
    id.map_or_else(|_| "unknown".to_owned(), |id| id.trim().to_owned())
}
