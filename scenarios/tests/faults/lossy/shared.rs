//! A disk, the faults it has just now, and who waits for it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use fuser::{Errno, FileType};

use super::disk::Disk;

/// An open folder, as it was then.
type Opened = Vec<(OsString, u64, FileType)>;

/// What one mount of a disk shares with the test.
#[derive(Debug)]
pub(super) struct Shared {
    /// `None`: the power was cut.
    disk: Mutex<Option<Disk>>,
    faults: Mutex<Faults>,
    changed: Condvar,
    folders: Mutex<BTreeMap<u64, Opened>>,
    opened: AtomicU64,
}

/// What is wrong with a disk.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    /// How long every sync takes.
    pub(super) delay: Duration,
    /// No sync ends.
    pub(super) stalled: bool,
    /// So many syncs, and then writes, fail.
    pub(super) failing_syncs: u64,
    pub(super) failing_writes: u64,
}

impl Shared {
    pub(super) fn new(disk: Disk) -> Arc<Self> {
        Arc::new(Self {
            disk: Mutex::new(Some(disk)),
            faults: Mutex::default(),
            changed: Condvar::new(),
            folders: Mutex::default(),
            opened: AtomicU64::new(0),
        })
    }

    /// The disk, unless the power was cut.
    pub(super) fn disk(&self) -> Result<impl std::ops::DerefMut<Target = Disk> + '_, Errno> {
        let disk = lock(&self.disk);
        if disk.is_none() {
            return Err(Errno::EIO);
        }
        Ok(Powered(disk))
    }

    /// Takes the disk away: everything that is asked from now on fails, whoever waits is told so.
    pub(super) fn cut(&self) -> Option<Disk> {
        let disk = lock(&self.disk).take();
        self.change(|faults| *faults = Faults::default());
        disk
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut lock(&self.faults));
        self.changed.notify_all();
    }

    /// Whether no failure is left to come.
    pub(super) fn has_failed(&self) -> bool {
        let faults = *lock(&self.faults);
        faults.failing_syncs == 0 && faults.failing_writes == 0
    }

    /// Fails when a failure of a write is due.
    pub(super) fn may_write(&self) -> Result<(), Errno> {
        let mut faults = lock(&self.faults);
        if faults.failing_writes > 0 {
            faults.failing_writes -= 1;
            return Err(Errno::EIO);
        }
        Ok(())
    }

    /// Syncs a file or a folder, and answers when that is done: at once, or from a thread of its own.
    pub(super) fn sync(
        self: &Arc<Self>,
        inode: u64,
        answer: impl FnOnce(Result<(), Errno>) + Send + 'static,
    ) {
        let by = match self.disk() {
            Ok(disk) => disk.changes(),
            Err(cut) => return answer(Err(cut)),
        };
        let faults = *lock(&self.faults);
        if faults.delay.is_zero() && !faults.stalled {
            return answer(self.synced(inode, by));
        }
        let me = Arc::clone(self);
        thread::spawn(move || {
            me.wait();
            answer(me.synced(inode, by));
        });
    }

    fn synced(&self, inode: u64, by: u64) -> Result<(), Errno> {
        let mut faults = lock(&self.faults);
        let fails = faults.failing_syncs > 0;
        faults.failing_syncs = faults.failing_syncs.saturating_sub(1);
        drop(faults);
        let mut disk = self.disk()?;
        if fails {
            disk.fail_sync(inode);
            return Err(Errno::EIO);
        }
        disk.sync(inode, by)
    }

    /// Waits as long as a sync takes.
    fn wait(&self) {
        let faults = lock(&self.faults);
        let delay = faults.delay;
        let slow = |faults: &mut Faults| faults.delay == delay;
        let waited = self.changed.wait_timeout_while(faults, delay, slow);
        let faults = waited.unwrap_or_else(PoisonError::into_inner).0;
        drop(self.changed.wait_while(faults, |faults| faults.stalled));
    }

    pub(super) fn open(&self, names: Opened) -> u64 {
        let handle = self.opened.fetch_add(1, Ordering::Relaxed);
        lock(&self.folders).insert(handle, names);
        handle
    }

    pub(super) fn opened(&self, handle: u64) -> Opened {
        lock(&self.folders)
            .get(&handle)
            .cloned()
            .unwrap_or_default()
    }

    pub(super) fn close(&self, handle: u64) {
        lock(&self.folders).remove(&handle);
    }
}

struct Powered<'a>(MutexGuard<'a, Option<Disk>>);

impl std::ops::Deref for Powered<'_> {
    type Target = Disk;

    fn deref(&self) -> &Disk {
        self.0.as_ref().expect("looked at when it was locked")
    }
}

impl std::ops::DerefMut for Powered<'_> {
    fn deref_mut(&mut self) -> &mut Disk {
        self.0.as_mut().expect("looked at when it was locked")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
