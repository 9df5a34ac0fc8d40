//! The disk as the kernel asks for it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo,
    KernelConfig, LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData,
    ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, Request, TimeOrNow,
    WriteFlags,
};

use super::shared::Shared;

/// Nobody but the kernel changes anything: it may remember what it was told.
const TRUE_FOR: Duration = Duration::from_hours(1);
/// What a file takes at least. Unit: bytes.
const BLOCK: u32 = 4_096;
/// How much room there is said to be. Unit: blocks.
const ROOM: u64 = 16 << 20;

/// One mount of a disk.
#[derive(Debug)]
pub(super) struct Mounted {
    pub(super) shared: Arc<Shared>,
}

impl Mounted {
    fn about(&self, inode: u64) -> Result<FileAttr, Errno> {
        let disk = self.shared.disk()?;
        let found = disk.inode(inode)?;
        let kind = found.kind();
        // Nobody here goes by the time: it says which change came after which.
        let changed = SystemTime::UNIX_EPOCH + Duration::from_millis(found.changed);
        Ok(FileAttr {
            ino: INodeNo(inode),
            size: found.length(),
            blocks: found.length().div_ceil(512),
            atime: changed,
            mtime: changed,
            ctime: changed,
            crtime: SystemTime::UNIX_EPOCH,
            kind,
            perm: found.mode,
            nlink: if kind == FileType::Directory { 2 } else { 1 },
            uid: rustix::process::getuid().as_raw(),
            gid: rustix::process::getgid().as_raw(),
            rdev: 0,
            blksize: BLOCK,
            flags: 0,
        })
    }

    fn make(
        &self,
        folder: INodeNo,
        name: &OsStr,
        kind: FileType,
        mode: u32,
    ) -> Result<FileAttr, Errno> {
        let inode = self.shared.disk()?.make(folder.0, name, kind, bits(mode))?;
        self.about(inode)
    }

    fn set(&self, inode: u64, mode: Option<u32>, length: Option<u64>) -> Result<FileAttr, Errno> {
        if let Some(mode) = mode {
            self.shared.disk()?.set_mode(inode, bits(mode))?;
        }
        if let Some(length) = length {
            self.shared.may_write()?;
            self.shared.disk()?.set_length(inode, place(length)?)?;
        }
        self.about(inode)
    }

    fn remove(&self, from: INodeNo, name: &OsStr, folder: bool) -> Result<(), Errno> {
        self.shared.disk()?.remove(from.0, name, folder)
    }

    fn all_of(&self, folder: u64) -> Result<Vec<(OsString, u64, FileType)>, Errno> {
        let mut all = self.shared.disk()?.list(folder)?;
        for name in ["..", "."] {
            all.insert(0, (name.into(), folder, FileType::Directory));
        }
        Ok(all)
    }
}

fn bits(mode: u32) -> u16 {
    u16::try_from(mode & 0o7777).unwrap_or_default()
}

fn place(offset: u64) -> Result<usize, Errno> {
    usize::try_from(offset).map_err(|_| Errno::EFBIG)
}

fn answer(reply: ReplyEmpty, done: Result<(), Errno>) {
    match done {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}

fn answer_entry(reply: ReplyEntry, found: Result<FileAttr, Errno>) {
    match found {
        Ok(found) => reply.entry(&TRUE_FOR, &found, Generation(0)),
        Err(error) => reply.error(error),
    }
}

fn answer_about(reply: ReplyAttr, found: Result<FileAttr, Errno>) {
    match found {
        Ok(found) => reply.attr(&TRUE_FOR, &found),
        Err(error) => reply.error(error),
    }
}

impl Filesystem for Mounted {
    fn init(&mut self, _: &Request, _: &mut KernelConfig) -> io::Result<()> {
        // As it is by default: what is written comes here at once, what is mapped is read through the page cache, and
        // the kernel keeps the locks.
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let found = || {
            let inode = self.shared.disk()?.find(parent.0, name)?;
            self.about(inode)
        };
        answer_entry(reply, found());
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        answer_about(reply, self.about(ino.0));
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        answer_about(reply, self.set(ino.0, mode, size));
    }

    fn mknod(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: u32,
        reply: ReplyEntry,
    ) {
        let kind = match mode & 0o170_000 {
            0o140_000 => FileType::Socket,
            _ => FileType::RegularFile,
        };
        answer_entry(reply, self.make(parent, name, kind, mode & !umask));
    }

    fn mkdir(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        reply: ReplyEntry,
    ) {
        let folder = self.make(parent, name, FileType::Directory, mode & !umask);
        answer_entry(reply, folder);
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(reply, self.remove(parent, name, false));
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(reply, self.remove(parent, name, true));
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        if !(flags - RenameFlags::RENAME_NOREPLACE).is_empty() {
            return reply.error(Errno::EINVAL);
        }
        let (from, to) = (
            (parent.0, name.to_owned()),
            (newparent.0, newname.to_owned()),
        );
        let disk = self.shared.disk();
        answer(
            reply,
            disk.and_then(|mut disk| disk.rename(from, to, flags.is_empty())),
        );
    }

    fn link(
        &self,
        _: &Request,
        ino: INodeNo,
        newparent: INodeNo,
        newname: &OsStr,
        reply: ReplyEntry,
    ) {
        let link = || {
            self.shared.disk()?.link(ino.0, newparent.0, newname)?;
            self.about(ino.0)
        };
        answer_entry(reply, link());
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let read = || {
            let disk = self.shared.disk()?;
            let bytes = disk.read(ino.0, place(offset)?, place(size.into())?)?;
            Ok(bytes.to_vec())
        };
        match read() {
            Ok(bytes) => reply.data(&bytes),
            Err(error) => reply.error(error),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let write = || {
            self.shared.may_write()?;
            self.shared.disk()?.write(ino.0, place(offset)?, data)?;
            u32::try_from(data.len()).map_err(|_| Errno::EINVAL)
        };
        match write() {
            Ok(written) => reply.written(written),
            Err(error) => reply.error(error),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.shared.sync(ino.0, move |synced| answer(reply, synced));
    }

    fn fsyncdir(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.shared.sync(ino.0, move |synced| answer(reply, synced));
    }

    fn opendir(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.all_of(ino.0) {
            Ok(all) => reply.opened(FileHandle(self.shared.open(all)), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }

    fn readdir(
        &self,
        _: &Request,
        _: INodeNo,
        fh: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        // As it was when it was opened: what is removed meanwhile makes nobody miss a name.
        for (at, (name, inode, kind)) in (1..).zip(self.shared.opened(fh.0)) {
            if at > offset && reply.add(INodeNo(inode), at, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn releasedir(&self, _: &Request, _: INodeNo, fh: FileHandle, _: OpenFlags, reply: ReplyEmpty) {
        self.shared.close(fh.0);
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        reply.statfs(ROOM, ROOM, ROOM, ROOM, ROOM, BLOCK, 255, BLOCK);
    }

    fn create(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        match self.make(parent, name, FileType::RegularFile, mode & !umask) {
            Ok(file) => {
                let (handle, flags) = (FileHandle(0), FopenFlags::empty());
                reply.created(&TRUE_FOR, &file, Generation(0), handle, flags);
            }
            Err(error) => reply.error(error),
        }
    }
}
