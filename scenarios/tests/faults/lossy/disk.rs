//! What a disk holds, and what of it survives a power cut.
//!
//! Readers see every change at once. Content is durable after a sync of its file, a name after a sync of its folder:
//! the least that POSIX promises, and less than ext4 keeps. A change of names is made of steps that are kept or lost
//! together, so a rename is the old or the new, never neither; of the changes of one name a cut keeps the first few.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};

use fuser::{Errno, FileType};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The folder that everything is in.
pub(super) const ROOT: u64 = 1;
/// The unit in which a disk writes or does not write. Unit: bytes.
const SECTOR: usize = 512;
/// What a process may do with a new folder.
const PRIVATE: u16 = 0o700;

/// Files and folders.
#[derive(Debug)]
pub(super) struct Disk {
    inodes: BTreeMap<u64, Inode>,
    last_inode: u64,
    /// Changes of names that are not durable, oldest first.
    namings: Vec<Naming>,
    /// Counts changes: a sync makes durable what came before it.
    changes: u64,
}

/// A file, a folder or a socket.
#[derive(Clone, Debug)]
pub(super) struct Inode {
    pub(super) mode: u16,
    /// The change that was its last.
    pub(super) changed: u64,
    is: Is,
}

#[derive(Clone, Debug)]
enum Is {
    File(Content),
    Folder(Folder),
    Socket,
}

#[derive(Clone, Debug, Default)]
struct Content {
    seen: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<(u64, Change)>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

/// Names to inodes.
type Names = BTreeMap<OsString, u64>;

#[derive(Clone, Debug, Default)]
struct Folder {
    seen: Names,
    durable: Names,
}

/// One name of one folder.
type Name = (u64, OsString);

/// Names that change at once; `None`: it is gone.
#[derive(Clone, Debug)]
struct Naming {
    at: u64,
    steps: Vec<(Name, Option<u64>)>,
}

/// What a power cut took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Writes that were not synced, and of those how many are not there as they were made.
    pub(crate) writes: [u64; 2],
    /// The same of changes of names.
    pub(crate) names: [u64; 2],
}

/// How hard a power cut hits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Keep,
    Lose,
    Any,
}

impl Disk {
    /// An empty one.
    pub(super) fn new() -> Self {
        let root = Inode::new(Is::Folder(Folder::default()), PRIVATE);
        Self {
            inodes: BTreeMap::from([(ROOT, root)]),
            last_inode: ROOT,
            namings: Vec::new(),
            changes: 0,
        }
    }

    /// Makes a file, a folder or a socket of this name, which is not there.
    pub(super) fn make(
        &mut self,
        folder: u64,
        name: &OsStr,
        kind: FileType,
        mode: u16,
    ) -> Result<u64, Errno> {
        if self.folder(folder)?.seen.contains_key(name) {
            return Err(Errno::EEXIST);
        }
        let is = match kind {
            FileType::RegularFile => Is::File(Content::default()),
            FileType::Directory => Is::Folder(Folder::default()),
            FileType::Socket => Is::Socket,
            _ => return Err(Errno::EPERM),
        };
        self.last_inode += 1;
        let inode = self.last_inode;
        self.inodes.insert(inode, Inode::new(is, mode));
        self.name(vec![((folder, name.to_owned()), Some(inode))])?;
        Ok(inode)
    }

    /// What has this name.
    pub(super) fn find(&self, folder: u64, name: &OsStr) -> Result<u64, Errno> {
        let found = self.folder(folder)?.seen.get(name);
        found.copied().ok_or(Errno::ENOENT)
    }

    /// Gives a file another name beside its own.
    pub(super) fn link(&mut self, inode: u64, folder: u64, name: &OsStr) -> Result<(), Errno> {
        if self.folder(folder)?.seen.contains_key(name) {
            return Err(Errno::EEXIST);
        }
        self.name(vec![((folder, name.to_owned()), Some(inode))])
    }

    /// Takes a name away. What has it stays for who has it open.
    pub(super) fn remove(
        &mut self,
        folder: u64,
        name: &OsStr,
        is_folder: bool,
    ) -> Result<(), Errno> {
        let inode = self.find(folder, name)?;
        match &self.inode(inode)?.is {
            Is::Folder(found) if is_folder && !found.seen.is_empty() => {
                return Err(Errno::ENOTEMPTY);
            }
            Is::Folder(_) if !is_folder => return Err(Errno::EISDIR),
            Is::File(_) | Is::Socket if is_folder => return Err(Errno::ENOTDIR),
            _ => {}
        }
        self.name(vec![((folder, name.to_owned()), None)])
    }

    /// Gives what has a name another one, in place of what had that.
    pub(super) fn rename(&mut self, from: Name, to: Name, replace: bool) -> Result<(), Errno> {
        let inode = self.find(from.0, &from.1)?;
        if let Ok(there) = self.find(to.0, &to.1) {
            if !replace {
                return Err(Errno::EEXIST);
            }
            let full = |folder: &Folder| !folder.seen.is_empty();
            if matches!(&self.inode(there)?.is, Is::Folder(folder) if full(folder)) {
                return Err(Errno::ENOTEMPTY);
            }
        }
        if from == to {
            return Ok(());
        }
        self.name(vec![(from, None), (to, Some(inode))])
    }

    /// The names in a folder.
    pub(super) fn list(&self, folder: u64) -> Result<Vec<(OsString, u64, FileType)>, Errno> {
        let names = self.folder(folder)?.seen.iter();
        let kinds =
            names.map(|(name, inode)| Ok((name.clone(), *inode, self.inode(*inode)?.kind())));
        kinds.collect()
    }

    /// What is known of it.
    pub(super) fn inode(&self, inode: u64) -> Result<&Inode, Errno> {
        self.inodes.get(&inode).ok_or(Errno::ENOENT)
    }

    pub(super) fn set_mode(&mut self, inode: u64, mode: u16) -> Result<(), Errno> {
        let inode = self.inodes.get_mut(&inode).ok_or(Errno::ENOENT)?;
        inode.mode = mode;
        Ok(())
    }

    pub(super) fn read(&self, inode: u64, from: usize, length: usize) -> Result<&[u8], Errno> {
        let Is::File(content) = &self.inode(inode)?.is else {
            return Err(Errno::EISDIR);
        };
        let from = from.min(content.seen.len());
        let to = from.saturating_add(length).min(content.seen.len());
        Ok(&content.seen[from..to])
    }

    pub(super) fn write(&mut self, inode: u64, at: usize, bytes: &[u8]) -> Result<(), Errno> {
        self.change(inode, Change::Write(at, bytes.to_vec()))
    }

    pub(super) fn set_length(&mut self, inode: u64, length: usize) -> Result<(), Errno> {
        self.change(inode, Change::Length(length))
    }

    /// How many changes there were so far.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// Makes durable what of a file or a folder had changed by then.
    pub(super) fn sync(&mut self, inode: u64, by: u64) -> Result<(), Errno> {
        let found = self.inodes.get_mut(&inode).ok_or(Errno::ENOENT)?;
        if let Is::File(content) = &mut found.is {
            content.sync(by);
        }
        let mut due = BTreeSet::new();
        for (at, naming) in self.namings.iter().enumerate().rev() {
            let own =
                naming.at <= by && naming.steps.iter().any(|((folder, _), _)| *folder == inode);
            // What it stands on goes with it: the names it takes away were given before.
            let needed = due
                .iter()
                .any(|later: &usize| naming.meets(&self.namings[*later]));
            if own || needed {
                due.insert(at);
            }
        }
        let (mut at, mut synced) = (0, Vec::new());
        self.namings.retain(|naming| {
            let keep = !due.contains(&at);
            at += 1;
            if !keep {
                synced.push(naming.clone());
            }
            keep
        });
        for naming in synced {
            self.make_durable(&naming);
        }
        Ok(())
    }

    /// A sync that failed: what it should have written is seen, never becomes durable, and no later sync tries again.
    pub(super) fn fail_sync(&mut self, inode: u64) {
        if let Some(Is::File(content)) = self.inodes.get_mut(&inode).map(|inode| &mut inode.is) {
            content.pending.clear();
        }
    }

    /// The disk after a power cut: of what was not synced as much as the seed has it.
    pub(super) fn cut(&self, seed: u64) -> (Self, Lost) {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut after = Self {
            inodes: self.inodes.clone(),
            last_inode: self.last_inode,
            namings: Vec::new(),
            changes: self.changes,
        };
        let mut lost = Lost::default();
        let cut = Cut::drawn(&mut dice);
        let mut undone = BTreeSet::new();
        for naming in &self.namings {
            let names = naming.steps.iter().map(|(name, _)| name);
            lost.names[0] += 1;
            if cut.keeps(&mut dice) && names.clone().all(|name| !undone.contains(name)) {
                after.make_durable(naming);
            } else {
                lost.names[1] += 1;
                undone.extend(names);
            }
        }
        let cut = Cut::drawn(&mut dice);
        for inode in after.inodes.values_mut() {
            match &mut inode.is {
                Is::File(content) => content.cut(cut, &mut dice, &mut lost),
                Is::Folder(folder) => folder.seen = folder.durable.clone(),
                Is::Socket => {}
            }
        }
        after.forget_unnamed();
        (after, lost)
    }

    fn name(&mut self, steps: Vec<(Name, Option<u64>)>) -> Result<(), Errno> {
        self.changes += 1;
        for ((folder, name), inode) in &steps {
            let found = self.inodes.get_mut(folder).ok_or(Errno::ENOENT)?;
            found.changed = self.changes;
            let Is::Folder(folder) = &mut found.is else {
                return Err(Errno::ENOTDIR);
            };
            set(&mut folder.seen, name, *inode);
        }
        let at = self.changes;
        self.namings.push(Naming { at, steps });
        Ok(())
    }

    fn make_durable(&mut self, naming: &Naming) {
        for ((folder, name), inode) in &naming.steps {
            if let Some(Is::Folder(folder)) = self.inodes.get_mut(folder).map(|found| &mut found.is)
            {
                set(&mut folder.durable, name, *inode);
            }
        }
    }

    fn change(&mut self, inode: u64, change: Change) -> Result<(), Errno> {
        self.changes += 1;
        let found = self.inodes.get_mut(&inode).ok_or(Errno::ENOENT)?;
        found.changed = self.changes;
        let Is::File(content) = &mut found.is else {
            return Err(Errno::EISDIR);
        };
        change.apply(&mut content.seen);
        content.pending.push((self.changes, change));
        Ok(())
    }

    fn folder(&self, inode: u64) -> Result<&Folder, Errno> {
        match &self.inode(inode)?.is {
            Is::Folder(folder) => Ok(folder),
            _ => Err(Errno::ENOTDIR),
        }
    }

    /// Forgets what no name leads to.
    fn forget_unnamed(&mut self) {
        let (mut named, mut next) = (BTreeSet::from([ROOT]), vec![ROOT]);
        while let Some(folder) = next.pop() {
            if let Ok(folder) = self.folder(folder) {
                let new = folder.seen.values().filter(|inode| named.insert(**inode));
                next.extend(new);
            }
        }
        self.inodes.retain(|inode, _| named.contains(inode));
    }
}

impl Inode {
    fn new(is: Is, mode: u16) -> Self {
        Self {
            mode,
            changed: 0,
            is,
        }
    }

    pub(super) fn kind(&self) -> FileType {
        match self.is {
            Is::File(_) => FileType::RegularFile,
            Is::Folder(_) => FileType::Directory,
            Is::Socket => FileType::Socket,
        }
    }

    /// Unit: bytes.
    pub(super) fn length(&self) -> u64 {
        match &self.is {
            Is::File(content) => content.seen.len() as u64,
            _ => 0,
        }
    }
}

impl Naming {
    /// Whether both change one name.
    fn meets(&self, other: &Self) -> bool {
        let changes = |name: &Name| self.steps.iter().any(|(own, _)| own == name);
        other.steps.iter().any(|(name, _)| changes(name))
    }
}

impl Content {
    fn sync(&mut self, by: u64) {
        let synced = self.pending.iter().take_while(|(at, _)| *at <= by).count();
        for (_, change) in self.pending.drain(..synced) {
            change.apply(&mut self.durable);
        }
    }

    fn cut(&mut self, cut: Cut, dice: &mut StdRng, lost: &mut Lost) {
        for (_, change) in std::mem::take(&mut self.pending) {
            lost.writes[0] += 1;
            let whole = match (cut, dice.random_range(0..4)) {
                (Cut::Keep, _) | (Cut::Any, 0) => {
                    change.apply(&mut self.durable);
                    true
                }
                (Cut::Lose, _) | (Cut::Any, 1) => false,
                (Cut::Any, how) => change.tear(&mut self.durable, how == 2, dice),
            };
            lost.writes[1] += u64::from(!whole);
        }
        self.seen = self.durable.clone();
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(at, written) => put(bytes, *at, written),
            Self::Length(length) => bytes.resize(*length, 0),
        }
    }

    /// Writes its first sectors, or any of them; true when nothing is missing.
    fn tear(&self, bytes: &mut Vec<u8>, first: bool, dice: &mut StdRng) -> bool {
        let Self::Write(at, written) = self else {
            let made = dice.random();
            if made {
                self.apply(bytes);
            }
            return made;
        };
        let (mut from, mut whole) = (0, true);
        while from < written.len() {
            let to = (SECTOR - (at + from) % SECTOR + from).min(written.len());
            if dice.random() {
                put(bytes, at + from, &written[from..to]);
            } else {
                whole = false;
                if first {
                    break;
                }
            }
            from = to;
        }
        whole
    }
}

impl Cut {
    fn drawn(dice: &mut StdRng) -> Self {
        match dice.random_range(0..5) {
            0 => Self::Keep,
            1 => Self::Lose,
            _ => Self::Any,
        }
    }

    fn keeps(self, dice: &mut StdRng) -> bool {
        match self {
            Self::Keep => true,
            Self::Lose => false,
            Self::Any => dice.random(),
        }
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, written: &[u8]) {
    let end = at + written.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(written);
}

fn set(names: &mut Names, name: &OsStr, inode: Option<u64>) {
    match inode {
        Some(inode) => names.insert(name.to_owned(), inode),
        None => names.remove(name),
    };
}

/// What is seen in a file of this name after a cut; `None`: it is not there.
#[cfg(test)]
fn seen(disk: &Disk, name: &str) -> Option<Vec<u8>> {
    let inode = disk.find(ROOT, OsStr::new(name)).ok()?;
    disk.read(inode, 0, usize::MAX).ok().map(<[u8]>::to_vec)
}

/// A disk with a file `a` that holds the old text, all of it durable.
#[cfg(test)]
fn with_old() -> (Disk, u64) {
    let mut disk = Disk::new();
    let file = write_file(&mut disk, "a", b"old");
    for synced in [file, ROOT] {
        disk.sync(synced, u64::MAX).expect("it is there");
    }
    (disk, file)
}

#[cfg(test)]
fn write_file(disk: &mut Disk, name: &str, bytes: &[u8]) -> u64 {
    let made = disk.make(ROOT, OsStr::new(name), FileType::RegularFile, 0o600);
    let file = made.expect("a new name");
    disk.write(file, 0, bytes).expect("a file");
    file
}

#[test]
fn a_rename_is_the_old_or_the_new_and_never_neither() {
    let mut found = BTreeSet::new();
    for seed in 0..200 {
        let (mut disk, _) = with_old();
        let new = write_file(&mut disk, "b", b"new");
        disk.sync(new, u64::MAX).expect("it is there");
        let names = ["b", "a"].map(|name| (ROOT, OsString::from(name)));
        let [from, to] = names;
        disk.rename(from, to, true).expect("both are there");

        let (after, _) = disk.cut(seed);

        found.insert(seen(&after, "a").expect("old or new"));
    }
    let both = [b"new".to_vec(), b"old".to_vec()];
    assert_eq!(found, BTreeSet::from(both));
}

#[test]
fn what_is_synced_is_there_after_every_cut_and_what_is_not_may_be_lost_or_torn() {
    let mut found = BTreeSet::new();
    for seed in 0..200 {
        let (mut disk, file) = with_old();
        disk.write(file, 3, &[b'x'; 2 * SECTOR]).expect("a file");
        write_file(&mut disk, "b", b"no folder knows it");

        let (after, lost) = disk.cut(seed);

        let text = seen(&after, "a").expect("a durable name");
        assert!(text.starts_with(b"old"), "{text:?}");
        assert_eq!((lost.writes[0], lost.names[0]), (2, 1));
        found.insert((text.len(), seen(&after, "b").is_some()));
    }
    let lengths: BTreeSet<usize> = found.iter().map(|(length, _)| *length).collect();
    let whole = 3 + 2 * SECTOR;
    assert!(
        lengths.contains(&3) && lengths.contains(&whole),
        "{lengths:?}"
    );
    assert!(lengths.contains(&SECTOR), "torn: {lengths:?}");
    assert!([true, false].map(|kept| found.iter().any(|(_, b)| *b == kept)) == [true; 2]);
}

#[test]
fn a_sync_that_failed_is_made_good_by_no_later_one() {
    let (mut disk, file) = with_old();
    disk.write(file, 0, b"new").expect("a file");
    disk.fail_sync(file);
    disk.sync(file, u64::MAX).expect("it is there");

    assert_eq!(seen(&disk, "a"), Some(b"new".to_vec()));
    for seed in 0..20 {
        assert_eq!(seen(&disk.cut(seed).0, "a"), Some(b"old".to_vec()));
    }
}

#[test]
fn a_file_whose_folder_is_not_synced_is_lost_with_it() {
    let mut disk = Disk::new();
    let folder = disk.make(ROOT, OsStr::new("folder"), FileType::Directory, PRIVATE);
    let folder = folder.expect("a new name");
    let made = disk.make(folder, OsStr::new("a"), FileType::RegularFile, 0o600);
    for synced in [made.expect("a new name"), folder] {
        disk.sync(synced, u64::MAX).expect("it is there");
    }

    let gone = (0..100).filter(|seed| disk.cut(*seed).0.find(ROOT, OsStr::new("folder")).is_err());

    assert!(gone.count() > 20);
    disk.sync(ROOT, u64::MAX).expect("it is there");
    assert!((0..100).all(|seed| disk.cut(seed).0.find(ROOT, OsStr::new("folder")).is_ok()));
}
