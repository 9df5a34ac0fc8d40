//! A file system that loses what was not synced (FUSE, in this process), for the data of real processes.
//!
//! Start at [`LossyDisk::mount`]. The processes on it are ended first, then [`LossyDisk::cut`] cuts the power and
//! mounts what is left. It can also be slow, stand still, or fail. The idea is that of `LazyFS`.

mod disk;
mod fuse;
mod shared;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use fuser::{BackgroundSession, Config, MountOption};
use rustix::mount::{UnmountFlags, unmount};

pub(crate) use disk::Lost;

use disk::Disk;
use fuse::Mounted;
use shared::Shared;

/// A disk at its place.
pub(crate) struct LossyDisk {
    place: PathBuf,
    shared: Arc<Shared>,
    session: Option<BackgroundSession>,
}

impl LossyDisk {
    /// Mounts an empty one. `None`, said loudly: not permitted here.
    pub(crate) fn mount(place: &Path) -> Option<Self> {
        std::fs::create_dir_all(place).expect("a folder");
        let shared = Shared::new(Disk::new());
        match serve(place, &shared) {
            Ok(session) => Some(Self {
                place: place.to_owned(),
                shared,
                session: Some(session),
            }),
            Err(error) => {
                eprintln!("SKIPPED: a lossy disk needs /dev/fuse and root or fusermount3: {error}");
                None
            }
        }
    }

    /// Cuts the power and brings it back. Who still runs on it has nothing but errors from now on.
    pub(crate) fn cut(&mut self, seed: u64) -> Lost {
        let before = self.shared.cut().expect("it had power");
        let (after, lost) = before.cut(seed);
        self.unmount();
        self.shared = Shared::new(after);
        let mounted = serve(&self.place, &self.shared);
        self.session = Some(mounted.expect("it was mounted before"));
        lost
    }

    /// Lets every sync take so long.
    pub(crate) fn delay_syncs(&self, delay: Duration) {
        self.shared.change(|faults| faults.delay = delay);
    }

    /// Lets no sync end, or lets all that wait go on.
    pub(crate) fn stall(&self, stalled: bool) {
        self.shared.change(|faults| faults.stalled = stalled);
    }

    /// Makes the next syncs fail; what they should have written is never written.
    pub(crate) fn fail_syncs(&self, count: u64) {
        self.shared.change(|faults| faults.failing_syncs = count);
    }

    /// Makes the next writes fail.
    pub(crate) fn fail_writes(&self, count: u64) {
        self.shared.change(|faults| faults.failing_writes = count);
    }

    /// Whether it has failed as often as it was to.
    pub(crate) fn has_failed(&self) -> bool {
        self.shared.has_failed()
    }

    /// Takes it from its place; who has something open keeps it, and has errors.
    fn unmount(&mut self) {
        if unmount(&self.place, UnmountFlags::DETACH).is_err() {
            let mut unmount = Command::new("fusermount3");
            let _unmounted = unmount.args(["-u", "-z"]).arg(&self.place).output();
        }
        // Before anything else is mounted there: this would unmount that.
        drop(self.session.take());
    }
}

impl Drop for LossyDisk {
    fn drop(&mut self) {
        self.shared.cut();
        self.unmount();
    }
}

fn serve(place: &Path, shared: &Arc<Shared>) -> std::io::Result<BackgroundSession> {
    let mut config = Config::default();
    config.mount_options = vec![MountOption::FSName("lossy".to_owned())];
    let shared = Arc::clone(shared);
    fuser::spawn_mount(Mounted { shared }, place, &config)
}
