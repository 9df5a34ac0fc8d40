//! Segments in memory, with the faults of a real disk: for tests of everything that stands on a journal.
//!
//! What was written is visible at once and durable after a sync. [`MemoryStorage::crash`] loses, keeps or
//! tears the rest, as a power cut does. A failed sync forgets what it should have written, as a kernel
//! does: a later sync on the same file succeeds without writing it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{File, Storage};

/// The unit in which a disk writes or does not write. Unit: bytes.
const SECTOR: u64 = 512;

/// Files in memory. A clone speaks of the same files.
#[derive(Clone, Debug, Default)]
pub struct MemoryStorage {
    disk: Arc<Mutex<Disk>>,
}

/// What a power cut does to writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// All of them reached the disk, as when only the process dies.
    KeepPending,
    /// None of them reached the disk.
    LosePending,
    /// Any of them reached the disk, sector by sector, as the seed has it.
    TearPending {
        /// The same seed tears the same way.
        seed: u64,
    },
}

impl MemoryStorage {
    /// Cuts the power and brings it back. Open files fail from now on; planned failures are forgotten.
    pub fn crash(&self, crash: Crash) {
        let mut disk = self.disk();
        let mut dice = Dice(match crash {
            Crash::TearPending { seed } => seed,
            _ => 0,
        });
        disk.boot += 1;
        disk.plan = Plan::default();
        disk.crash_names(crash, &mut dice);
        let names = disk.names.values().copied().collect::<BTreeSet<_>>();
        disk.contents.retain(|inode, _| names.contains(inode));
        for content in disk.contents.values_mut() {
            content.crash(crash, &mut dice);
        }
    }

    /// Makes the `nth` write from now (1 is the next) fail with `kind`, half done.
    pub fn fail_write(&self, nth: u32, kind: ErrorKind) {
        self.disk().plan.write = Some((nth, kind));
    }

    /// Makes the `nth` sync of a file from now (1 is the next) fail with `kind`.
    pub fn fail_sync(&self, nth: u32, kind: ErrorKind) {
        self.disk().plan.sync = Some((nth, kind));
    }

    /// Makes the `nth` change from now (1 is the next) fail with `kind`, undone. For what a change is, see
    /// [`Self::cut_power`].
    pub fn fail_change(&self, nth: u32, kind: ErrorKind) {
        self.disk().plan.change = Some((nth, kind));
    }

    /// Makes the `nth` change from now (1 is the next) and all later ones fail, until [`Self::crash`].
    /// A change is a write, a cut, a sync, or a name created, removed or synced.
    pub fn cut_power(&self, nth: u32) {
        self.disk().plan.power = Some(nth);
    }

    /// Lets all files together hold this many bytes; `None` is no limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.disk().capacity = bytes;
    }

    /// The bytes of a file as a reader sees them; `None` when there is no such file.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let disk = self.disk();
        let inode = disk.names.get(name)?;
        disk.contents.get(inode).map(|content| content.seen.clone())
    }

    /// Puts a file there, durably, in place of what had this name: a restored backup, or bit rot.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        let mut disk = self.disk();
        let inode = disk.new_inode(Content {
            durable: bytes.clone(),
            seen: bytes,
            pending: Vec::new(),
        });
        disk.names.insert(name.to_owned(), inode);
        disk.durable_names.insert(name.to_owned(), inode);
    }

    /// Another disk with the content a reader sees, all of it durable, and no failures planned.
    #[must_use]
    pub fn copy(&self) -> Self {
        let copy = Self::default();
        let disk = self.disk();
        for (name, inode) in &disk.names {
            if let Some(content) = disk.contents.get(inode) {
                copy.put(name, content.seen.clone());
            }
        }
        copy
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for MemoryStorage {
    type File = MemoryFile;

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.disk().names.keys().cloned().collect())
    }

    fn open(&self, name: &str) -> io::Result<MemoryFile> {
        let disk = self.disk();
        let inode = *disk.names.get(name).ok_or(ErrorKind::NotFound)?;
        Ok(self.file(&disk, inode))
    }

    fn create(&self, name: &str) -> io::Result<MemoryFile> {
        let mut disk = self.disk();
        disk.plan.change()?;
        let inode = if let Some(inode) = disk.names.get(name) {
            *inode
        } else {
            let inode = disk.new_inode(Content::default());
            disk.name_changes.push((name.to_owned(), Some(inode)));
            disk.names.insert(name.to_owned(), inode);
            inode
        };
        disk.content(inode)?.change(Change::Truncate(0));
        Ok(self.file(&disk, inode))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut disk = self.disk();
        disk.plan.change()?;
        disk.names.remove(name).ok_or(ErrorKind::NotFound)?;
        disk.name_changes.push((name.to_owned(), None));
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        let mut disk = self.disk();
        disk.plan.change()?;
        disk.durable_names = disk.names.clone();
        disk.name_changes.clear();
        Ok(())
    }

    fn nonce(&self) -> u64 {
        let mut disk = self.disk();
        disk.nonces += 1;
        Dice(disk.nonces).roll()
    }
}

/// An open file of a [`MemoryStorage`].
#[derive(Debug)]
pub struct MemoryFile {
    storage: MemoryStorage,
    inode: u64,
    boot: u64,
}

impl MemoryStorage {
    fn file(&self, disk: &Disk, inode: u64) -> MemoryFile {
        MemoryFile {
            storage: self.clone(),
            inode,
            boot: disk.boot,
        }
    }
}

impl MemoryFile {
    fn disk(&self) -> io::Result<MutexGuard<'_, Disk>> {
        let disk = self.storage.disk();
        if disk.boot == self.boot {
            Ok(disk)
        } else {
            Err(io::Error::other("this file was opened before the crash"))
        }
    }
}

impl File for MemoryFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.disk()?.content(self.inode)?.seen.len() as u64)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut disk = self.disk()?;
        let seen = &disk.content(self.inode)?.seen;
        let from = position(offset).min(seen.len());
        let count = into.len().min(seen.len() - from);
        into[..count].copy_from_slice(&seen[from..from + count]);
        Ok(count)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk()?;
        disk.plan.change()?;
        let (room, refusal) = disk.admit(self.inode, offset, bytes.len())?;
        disk.content(self.inode)?
            .change(Change::Write(offset, bytes[..room].to_vec()));
        refusal.map_or(Ok(()), |kind| Err(kind.into()))
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        let mut disk = self.disk()?;
        disk.plan.change()?;
        disk.content(self.inode)?.change(Change::Truncate(length));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.disk()?;
        disk.plan.change()?;
        let failure = due(&mut disk.plan.sync);
        let content = disk.content(self.inode)?;
        let pending = std::mem::take(&mut content.pending);
        if let Some(kind) = failure {
            return Err(kind.into());
        }
        for change in &pending {
            change.apply(&mut content.durable);
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Disk {
    contents: BTreeMap<u64, Content>,
    names: BTreeMap<String, u64>,
    durable_names: BTreeMap<String, u64>,
    name_changes: Vec<(String, Option<u64>)>,
    capacity: Option<u64>,
    plan: Plan,
    boot: u64,
    nonces: u64,
    inodes: u64,
}

impl Disk {
    fn new_inode(&mut self, content: Content) -> u64 {
        self.inodes += 1;
        let inode = self.inodes;
        self.contents.insert(inode, content);
        inode
    }

    fn content(&mut self, inode: u64) -> io::Result<&mut Content> {
        Ok(self.contents.get_mut(&inode).ok_or(ErrorKind::NotFound)?)
    }

    /// How many of `length` bytes may be written at `offset`, and why not all of them.
    fn admit(
        &mut self,
        inode: u64,
        offset: u64,
        length: usize,
    ) -> io::Result<(usize, Option<ErrorKind>)> {
        if let Some(kind) = due(&mut self.plan.write) {
            return Ok((length / 2, Some(kind)));
        }
        let Some(capacity) = self.capacity else {
            return Ok((length, None));
        };
        let own = self.content(inode)?.seen.len() as u64;
        let all: u64 = self
            .names
            .values()
            .filter_map(|inode| self.contents.get(inode))
            .map(|content| content.seen.len() as u64)
            .sum();
        let free_end = own + capacity.saturating_sub(all);
        let room = position(free_end.saturating_sub(offset)).min(length);
        Ok((room, (room < length).then_some(ErrorKind::StorageFull)))
    }

    fn crash_names(&mut self, crash: Crash, dice: &mut Dice) {
        for (name, inode) in std::mem::take(&mut self.name_changes) {
            let kept = match crash {
                Crash::KeepPending => true,
                Crash::LosePending => false,
                Crash::TearPending { .. } => dice.one_in(2),
            };
            match inode {
                Some(inode) if kept => drop(self.durable_names.insert(name, inode)),
                None if kept => drop(self.durable_names.remove(&name)),
                _ => {}
            }
        }
        self.names = self.durable_names.clone();
    }
}

#[derive(Debug, Default)]
struct Content {
    seen: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

impl Content {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.seen);
        self.pending.push(change);
    }

    fn crash(&mut self, crash: Crash, dice: &mut Dice) {
        for change in std::mem::take(&mut self.pending) {
            match crash {
                Crash::KeepPending => change.apply(&mut self.durable),
                Crash::LosePending => {}
                Crash::TearPending { .. } => change.tear(&mut self.durable, dice),
            }
        }
        self.seen = self.durable.clone();
    }
}

#[derive(Clone, Debug)]
enum Change {
    Write(u64, Vec<u8>),
    Truncate(u64),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(offset, written) => {
                let from = position(*offset);
                let end = from + written.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[from..end].copy_from_slice(written);
            }
            Self::Truncate(length) => bytes.resize(position(*length), 0),
        }
    }

    /// Whole, not at all, cut short, or any subset of its sectors.
    fn tear(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let Self::Write(offset, written) = self else {
            if dice.one_in(2) {
                self.apply(bytes);
            }
            return;
        };
        match dice.roll() % 4 {
            0 => self.apply(bytes),
            1 => {}
            2 => {
                let kept = position(dice.roll()) % (written.len() + 1);
                Self::Write(*offset, written[..kept].to_vec()).apply(bytes);
            }
            _ => {
                for (at, sector) in sectors(*offset, written) {
                    if dice.one_in(2) {
                        Self::Write(at, sector.to_vec()).apply(bytes);
                    }
                }
            }
        }
    }
}

/// `bytes` at `offset`, split where the disk's sectors meet.
fn sectors(offset: u64, bytes: &[u8]) -> Vec<(u64, &[u8])> {
    let mut parts = Vec::new();
    let (mut at, mut rest) = (offset, bytes);
    while !rest.is_empty() {
        let (sector, left) = rest.split_at(position(SECTOR - at % SECTOR).min(rest.len()));
        parts.push((at, sector));
        at += sector.len() as u64;
        rest = left;
    }
    parts
}

/// Failures to come.
#[derive(Debug, Default)]
struct Plan {
    write: Option<(u32, ErrorKind)>,
    sync: Option<(u32, ErrorKind)>,
    power: Option<u32>,
    change: Option<(u32, ErrorKind)>,
}

impl Plan {
    /// Counts a change; fails when it is planned to, and once the power is gone.
    fn change(&mut self) -> io::Result<()> {
        if let Some(kind) = due(&mut self.change) {
            return Err(kind.into());
        }
        if let Some(left) = &mut self.power {
            *left = left.saturating_sub(1);
            if *left == 0 {
                return Err(io::Error::other("the power is cut"));
            }
        }
        Ok(())
    }
}

/// Counts a planned failure down; returns it when its turn has come.
fn due(planned: &mut Option<(u32, ErrorKind)>) -> Option<ErrorKind> {
    let (left, kind) = planned.as_mut()?;
    *left = left.saturating_sub(1);
    let kind = *kind;
    (*left == 0).then(|| {
        *planned = None;
        kind
    })
}

/// `SplitMix64` (Steele, Lea & Flood 2014, <https://doi.org/10.1145/2714064.2660195>): the seed's own dice.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll().is_multiple_of(sides)
    }
}

/// An offset as an index into memory; past all memory when it does not fit.
fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
