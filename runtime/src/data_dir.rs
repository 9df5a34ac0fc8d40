//! A process's data directory: its own, locked, and readable by its owner only.
//!
//! One process holds it at a time. Others on the machine talk to that process over the socket in it
//! ([`crate::local`]), or open the directory themselves when no process runs.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The file whose lock says that a process runs here. It holds that process's id.
const LOCK: &str = "lock";
/// The socket of the process that runs here.
const SOCKET: &str = "daemon.sock";
/// The file that says in which format the rest is: a number that grows when an earlier version could not read it.
const FORMAT: &str = "format";

/// A data directory that this process holds until the value is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    owner: u32,
    lock: File,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process holds it.
    #[error("the data directory {} is in use by {holder}; stop that process, or use its commands", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
        /// Who holds it, as far as known.
        holder: String,
    },
    /// A later version has written in it.
    #[error(
        "the data directory {} was written by a later version of this program (format {found}, this version reads \
         up to {known}): run that version, or put back a copy from before it; nothing was changed", path.display()
    )]
    Later {
        /// The directory.
        path: PathBuf,
        /// Its format, as its file says it.
        found: String,
        /// The greatest format that this version reads.
        known: u32,
    },
    /// It cannot be created or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl DataDirError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "data_dir_in_use",
            Self::Later { .. } => "data_dir_later",
            Self::Io { .. } => "data_dir_io",
        }
    }
}

impl DataDir {
    /// Takes the directory for this process; creates it where it does not exist. One that is new or empty
    /// is closed to other users (mode 0700).
    ///
    /// # Errors
    /// [`DataDirError::InUse`] when another process holds it, [`DataDirError::Io`].
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        create_private(path)?;
        // A process that was killed may have left names in it of which the disk does not know yet.
        sync_folder(path).map_err(failed("sync the directory", path))?;
        let lock_path = path.join(LOCK);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .map_err(failed("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DataDirError::InUse {
                    path: path.to_owned(),
                    holder: holder(&mut lock),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed("lock", &lock_path)(source)),
        }
        let owner = state_holder(&mut lock).map_err(failed("write", &lock_path))?;
        Ok(Self {
            path: path.to_owned(),
            owner,
            lock,
        })
    }

    /// Refuses a directory whose format a later version has made greater; otherwise it is of format `known` from now on,
    /// and a version that reads less refuses it. One without a mark is of a version that made none.
    ///
    /// # Errors
    /// [`DataDirError::Later`], [`DataDirError::Io`].
    pub fn claim(&self, known: u32) -> Result<(), DataDirError> {
        let path = self.path.join(FORMAT);
        let found = match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).trim().to_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => "0".to_owned(),
            Err(source) => return Err(failed("read", &path)(source)),
        };
        match found.parse::<u32>() {
            Ok(format) if format == known => Ok(()),
            Ok(format) if format < known => {
                let mark = format!("{known}\n");
                write_secret(&path, mark.as_bytes()).map_err(failed("write", &path))
            }
            _ => Err(DataDirError::Later {
                path: self.path.clone(),
                found,
                known,
            }),
        }
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The user this process runs as.
    #[must_use]
    pub fn owner(&self) -> u32 {
        self.owner
    }

    /// A directory in this one; created (mode 0700) where it does not exist.
    ///
    /// # Errors
    /// [`DataDirError::Io`].
    pub fn subdirectory(&self, name: &str) -> Result<PathBuf, DataDirError> {
        let path = self.path.join(name);
        create_private(&path)?;
        Ok(path)
    }

    /// Where this process's local socket goes.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        socket_in(&self.path)
    }
}

impl Drop for DataDir {
    /// Lets go of the lock itself: closing the file would not, while a process that is just being started
    /// from this one still has a copy of it.
    fn drop(&mut self) {
        let _closed_next = self.lock.unlock();
    }
}

/// Where the process that holds this data directory listens, if one does.
#[must_use]
pub fn socket_in(data_dir: &Path) -> PathBuf {
    data_dir.join(SOCKET)
}

/// Replaces a file that only its owner may read (mode 0600): after a crash it holds the old bytes or the
/// new ones, whole.
///
/// # Errors
/// What the system says. The old file is then untouched.
pub fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
    let directory = parent(path);
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".new");
    let unfinished = directory.join(hidden);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    // A file left by a crash keeps the mode it had.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder(directory)
}

/// Makes a folder for its owner alone (mode 0700), and those above it, where they are missing. Durable when this
/// returns: a file that is synced is lost all the same where nobody synced the name of its folder.
///
/// # Errors
/// What the system says.
pub fn make_private(path: &Path) -> io::Result<()> {
    match make_one(path) {
        Err(error) if error.kind() == ErrorKind::NotFound && parent(path) != path => {
            make_private(parent(path))?;
            // Where it is still not found, nothing can be made there: in `/proc`, for one.
            make_one(path)
        }
        made => made,
    }
}

fn make_one(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => sync_folder(parent(path)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes the names in a folder durable.
///
/// # Errors
/// What the system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder that something is in.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn create_private(path: &Path) -> Result<(), DataDirError> {
    make_private(path).map_err(failed("create the directory", path))?;
    close_if_empty(path).map_err(failed("use the directory", path))
}

/// An empty directory somebody made for us is closed to others, as a new one is. In one with content the
/// owner's choice stands.
fn close_if_empty(path: &Path) -> io::Result<()> {
    let open_to_others = fs::metadata(path)?.permissions().mode() & 0o077 != 0;
    if open_to_others && fs::read_dir(path)?.next().is_none() {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Writes who holds the lock into its file; returns the user it belongs to.
fn state_holder(lock: &mut File) -> io::Result<u32> {
    lock.set_len(0)?;
    writeln!(lock, "{}", std::process::id())?;
    Ok(lock.metadata()?.uid())
}

fn holder(lock: &mut File) -> String {
    let mut text = String::new();
    let read = lock.take(32).read_to_string(&mut text);
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(id)) => format!("process {id}"),
        _ => "another process".to_owned(),
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DataDirError {
    let path = path.to_owned();
    move |source| DataDirError::Io {
        action,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_let_go_of_is_free_although_a_child_has_a_copy_of_its_lock() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::open(place.path()).unwrap();
        let _copy = data.lock.try_clone().unwrap();

        drop(data);

        assert!(DataDir::open(place.path()).is_ok());
    }

    #[test]
    fn folders_are_made_with_those_above_them_or_it_is_said_that_they_cannot() {
        let place = tempfile::tempdir().unwrap();
        let deep = place.path().join("a/b/c");

        make_private(&deep).unwrap();
        make_private(&deep).unwrap();

        assert_eq!(mode(&place.path().join("a")), 0o700);
        for nowhere in ["/proc/nowhere", "/proc/nowhere/deeper"] {
            let refused = make_private(Path::new(nowhere)).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::NotFound, "{nowhere}");
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_second_holder_is_refused_and_told_who_holds_it() {
        let directory = tempfile::tempdir().unwrap();
        let _held = DataDir::open(directory.path()).unwrap();

        let refused = DataDir::open(directory.path()).unwrap_err();

        let message = refused.to_string();
        assert_eq!(refused.code(), "data_dir_in_use");
        assert!(
            message.contains(&format!("process {}", std::process::id())),
            "{message}"
        );
    }

    #[test]
    fn a_directory_of_a_later_version_is_refused_and_left_as_it_is() {
        let place = tempfile::tempdir().unwrap();
        let mark = place.path().join(FORMAT);
        let data = DataDir::open(place.path()).unwrap();
        data.claim(1).unwrap();
        data.claim(2).unwrap();
        data.claim(2).unwrap();
        assert_eq!(fs::read(&mark).unwrap(), b"2\n");

        for later in ["3\n", "2a\n", "99999999999\n"] {
            fs::write(&mark, later).unwrap();
            let refused = data.claim(2).unwrap_err();

            assert_eq!(refused.code(), "data_dir_later");
            assert!(
                refused.to_string().contains("run that version"),
                "{refused}"
            );
            assert_eq!(fs::read(&mark).unwrap(), later.as_bytes());
        }
    }

    #[test]
    fn a_directory_that_was_let_go_can_be_held_again() {
        let directory = tempfile::tempdir().unwrap();
        drop(DataDir::open(directory.path()).unwrap());

        assert!(DataDir::open(directory.path()).is_ok());
    }

    #[test]
    fn a_new_directory_is_its_owners_only() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");

        let held = DataDir::open(&path).unwrap();

        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&held.subdirectory("journal").unwrap()), 0o700);
    }

    #[test]
    fn an_empty_directory_is_closed_to_others_and_one_with_content_is_left_as_it_is() {
        let open = fs::Permissions::from_mode(0o755);
        let (empty, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(full.path().join("config.toml"), "").unwrap();
        for directory in [&empty, &full] {
            fs::set_permissions(directory.path(), open.clone()).unwrap();
            drop(DataDir::open(directory.path()).unwrap());
        }

        assert_eq!(mode(empty.path()), 0o700);
        assert_eq!(mode(full.path()), 0o755);
    }

    #[test]
    fn a_secret_is_replaced_whole_and_read_by_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ca.key");
        write_secret(&path, b"old and long").unwrap();

        write_secret(&path, b"new").unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_path_that_cannot_be_a_directory_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();

        let refused = DataDir::open(&file.join("data")).unwrap_err();

        assert!(refused.to_string().contains("file/data"), "{refused}");
    }
}
