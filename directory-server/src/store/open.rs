//! Opening the store, and starting afresh when what is there cannot be used.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use std::{fs, io, thread};

use tracing::warn;

use super::boot::Mark;
use super::records::Records;
use super::room::Room;
use super::shown::Lately;
use super::{Store, StoreError, codec, keys};

/// The folder with the bytes of records.
const RECORDS: &str = "records";
/// sled's page cache. Its default is most of the machine's memory.
const CACHE_BYTES: u64 = 64 << 20;
/// How long sled may hold a tree that was just closed, and how often is looked.
const LETTING_GO: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(1);

/// A store that can be used, and what was found.
#[derive(Debug)]
pub struct OpenedStore {
    /// The store.
    pub store: Store,
    /// What was found.
    pub state: StoreState,
}

/// What opening the store found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// As it was left.
    Intact,
    /// Nothing: it is new, or was deleted.
    Empty,
    /// Something that could not be used; it was set aside.
    SetAside,
}

impl Store {
    /// Opens the store in `directory`. One that is damaged, or lost power, is set aside as `store.damaged`; the caller
    /// folds the journal into the empty one.
    ///
    /// # Errors
    /// [`StoreError`] when not even an empty store can be opened: a full or read-only disk.
    pub fn open(directory: &Path) -> Result<OpenedStore, StoreError> {
        let why = if Mark::is_whole(directory).map_err(sled::Error::Io)? {
            match try_open(directory)? {
                Some(opened) => return Ok(opened),
                None => "is damaged",
            }
        } else {
            "may have lost power"
        };
        warn!("the store {why}: it is set aside and rebuilt from the journal");
        Self::set_aside(directory)?;
        let opened = try_open(directory)?.ok_or(StoreError::Damaged("new store"))?;
        Ok(OpenedStore {
            state: StoreState::SetAside,
            ..opened
        })
    }

    /// Moves the store in `directory`, which nobody has open, out of the way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn set_aside(directory: &Path) -> Result<(), StoreError> {
        let aside = directory.with_extension("damaged");
        let moved = match fs::remove_dir_all(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::rename(directory, &aside),
        };
        Ok(moved.map_err(sled::Error::Io)?)
    }
}

/// `None`: there is a store, and it cannot be used.
fn try_open(directory: &Path) -> Result<Option<OpenedStore>, StoreError> {
    let mark = Mark::set(directory).map_err(sled::Error::Io)?;
    until_let_go(directory);
    let config = sled::Config::default()
        .path(directory)
        .cache_capacity(CACHE_BYTES)
        // Nothing is written behind our back: whoever folds has looked whether there is room.
        .flush_every_ms(None);
    // sled 0.34 can panic on a damaged file; a damaged cache must not end the directory.
    let tree = match catch_unwind(AssertUnwindSafe(|| config.open())) {
        Ok(Ok(tree)) => tree,
        Ok(Err(sled::Error::Io(error))) if is_about_the_disk(&error) => {
            return Err(sled::Error::Io(error).into());
        }
        Ok(Err(_)) | Err(_) => return Ok(None),
    };
    let Some(records) = Records::open(&tree, &directory.join(RECORDS))? else {
        return Ok(None);
    };
    let state = if tree.is_empty() {
        StoreState::Empty
    } else {
        StoreState::Intact
    };
    let folded = match tree.get(keys::FOLDED)? {
        None if tree.is_empty() => 0,
        // Not even one batch was folded whole: a start from a snapshot was cut short.
        None => return Ok(None),
        Some(value) => match codec::open(&value).map(<[u8; 8]>::try_from) {
            Some(Ok(index)) => u64::from_be_bytes(index),
            _ => return Ok(None),
        },
    };
    Ok(Some(OpenedStore {
        store: Store {
            tree,
            records,
            folded: RwLock::new(folded),
            room: Room::of(directory),
            failed: AtomicBool::new(false),
            lately: <[Lately<_>; 2]>::default(),
            mark,
        },
        state,
    }))
}

/// Waits until nobody has the tree in `directory` open any more, for a while: a thread of sled's that wrote for one that
/// was closed in this process lets go of it a moment later. What is wrong with it, and who has it for longer, opening it tells.
pub(super) fn until_let_go(directory: &Path) {
    looking_again(directory, || thread::park_timeout(LOOK));
}

fn looking_again(directory: &Path, mut wait: impl FnMut()) {
    let Ok(tree) = fs::File::open(directory.join("db")) else {
        return;
    };
    for _ in 0..LETTING_GO.as_millis() / LOOK.as_millis() {
        match tree.try_lock() {
            Err(fs::TryLockError::WouldBlock) => wait(),
            Ok(()) | Err(fs::TryLockError::Error(_)) => return,
        }
    }
}

fn is_about_the_disk(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, StorageFull};
    matches!(
        error.kind(),
        PermissionDenied | ReadOnlyFilesystem | StorageFull
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a tree that somebody holds.
    fn held() -> (tempfile::TempDir, fs::File) {
        let folder = tempfile::tempdir().unwrap();
        let tree = fs::File::create(folder.path().join("db")).unwrap();
        tree.lock().unwrap();
        (folder, tree)
    }

    #[test]
    fn a_tree_that_is_held_a_moment_longer_is_waited_for() {
        let (folder, tree) = held();
        let mut holds = Some(tree);

        looking_again(folder.path(), || drop(holds.take()));

        assert!(
            holds.is_none(),
            "it came back before the tree was let go of"
        );
    }

    #[test]
    fn a_tree_that_somebody_keeps_is_not_waited_for_without_end() {
        let (folder, _tree) = held();
        let mut looks = 0;

        looking_again(folder.path(), || looks += 1);

        assert_eq!(looks, 10_000);
    }
}
