//! Files of values, written at their end and found by their place.
//!
//! sled keeps sixteen values in a leaf: it reads all of them to get at one, and writes them again when one changes. With
//! records of kilobytes that is most of its work. So its tree holds [`Place`]s, which are small, and the bytes lie
//! here; see docs/decisions/0028-places-in-the-tree.md. Nothing is synced before the store is closed: after a power
//! cut all of it is folded from the journal again.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use referral_runtime::data_dir::make_private;

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    file: u32,
    length: u32,
    at: u64,
}

impl Place {
    /// As it stands in the tree.
    pub(super) fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&self.file.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.length.to_be_bytes());
        bytes[8..].copy_from_slice(&self.at.to_be_bytes());
        bytes
    }

    /// The place that stands there; `None`: it is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (file, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        Some(Self {
            file: u32::from_be_bytes(*file),
            length: u32::from_be_bytes(*length),
            at: u64::from_be_bytes(rest.try_into().ok()?),
        })
    }

    /// Unit: bytes.
    pub(super) fn length(self) -> u64 {
        self.length.into()
    }
}

/// The files of a folder. One thread writes; any number read.
#[derive(Debug)]
pub(super) struct Values {
    folder: PathBuf,
    files: RwLock<Files>,
}

#[derive(Debug)]
struct Files {
    open: BTreeMap<u32, Arc<File>>,
    /// Of all but the newest. Unit: bytes.
    older: u64,
    newest: u32,
    /// How long the newest is. Unit: bytes.
    end: u64,
}

impl Values {
    /// The values in `folder`, which is made where it is missing.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        make_private(folder)?;
        let mut open = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let number = entry?.file_name().to_str().and_then(|n| n.parse().ok());
            if let Some(number) = number {
                open.insert(number, Arc::new(file(folder, number)?));
            }
        }
        let newest = open.keys().next_back().copied().unwrap_or(1);
        if open.is_empty() {
            open.insert(newest, Arc::new(file(folder, newest)?));
        }
        let (mut older, mut end) = (0, 0);
        for (number, file) in &open {
            let length = file.metadata()?.len();
            if *number == newest {
                end = length;
            } else {
                older += length;
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            files: RwLock::new(Files {
                open,
                older,
                newest,
                end,
            }),
        })
    }

    /// Writes values behind all others; gives their places in the same order. Where that fails nothing was written.
    pub(super) fn append<'a>(
        &self,
        values: impl Iterator<Item = &'a [u8]>,
    ) -> io::Result<Vec<Place>> {
        let (newest, mut at) = self.with(|files| (files.newest, files.end));
        let (start, mut bytes, mut places) = (at, Vec::new(), Vec::new());
        for value in values {
            let length = u32::try_from(value.len());
            let length = length.map_err(|_| io::Error::from(ErrorKind::FileTooLarge))?;
            places.push(Place {
                file: newest,
                length,
                at,
            });
            at += u64::from(length);
            bytes.extend_from_slice(value);
        }
        let file = self.file(newest).ok_or(ErrorKind::NotFound)?;
        file.write_all_at(&bytes, start)?;
        self.with_mut(|files| files.end = at);
        Ok(places)
    }

    /// The value at a place; `None`: its file is gone, and the value is elsewhere, or lost.
    pub(super) fn read(&self, place: Place) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = self.file(place.file) else {
            return Ok(None);
        };
        let mut value = vec![0; usize::try_from(place.length).unwrap_or(usize::MAX)];
        match file.read_exact_at(&mut value, place.at) {
            Ok(()) => Ok(Some(value)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where the next value will begin: an empty place.
    pub(super) fn end(&self) -> Place {
        self.with(|files| Place {
            file: files.newest,
            length: 0,
            at: files.end,
        })
    }

    /// Whether everything is there that lay before this end.
    pub(super) fn reaches(&self, end: Place) -> bool {
        let length = |file: Arc<File>| file.metadata().map(|data| data.len());
        self.file(end.file)
            .is_some_and(|file| length(file).is_ok_and(|length| length >= end.at))
    }

    /// How much all files take. Unit: bytes.
    pub(super) fn size(&self) -> u64 {
        self.with(|files| files.older + files.end)
    }

    /// Whether there is more than the newest file.
    pub(super) fn has_older(&self) -> bool {
        self.with(|files| files.open.len() > 1)
    }

    /// Whether a value is in the newest file.
    pub(super) fn is_newest(&self, place: Place) -> bool {
        self.with(|files| files.newest == place.file)
    }

    /// Writes to a new file from now on.
    pub(super) fn begin(&self) -> io::Result<()> {
        let next = self.with(|files| files.newest) + 1;
        let file = Arc::new(file(&self.folder, next)?);
        self.with_mut(|files| {
            files.open.insert(next, file);
            files.older += files.end;
            files.newest = next;
            files.end = 0;
        });
        Ok(())
    }

    /// Removes all files but the newest: no place is in them any more.
    pub(super) fn remove_older(&self) -> io::Result<()> {
        let older = self.with_mut(|files| {
            let newest = files.open.split_off(&files.newest);
            files.older = 0;
            std::mem::replace(&mut files.open, newest)
        });
        for number in older.into_keys() {
            fs::remove_file(path(&self.folder, number))?;
        }
        Ok(())
    }

    fn file(&self, number: u32) -> Option<Arc<File>> {
        self.with(|files| files.open.get(&number).map(Arc::clone))
    }

    fn with<T>(&self, of: impl FnOnce(&Files) -> T) -> T {
        of(&self.files.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn with_mut<T>(&self, of: impl FnOnce(&mut Files) -> T) -> T {
        of(&mut self.files.write().unwrap_or_else(PoisonError::into_inner))
    }
}

fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(number.to_string())
}

fn file(folder: &Path, number: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    options.mode(0o600).open(path(folder, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(values: &Values, bytes: &[&[u8]]) -> Vec<Place> {
        values.append(bytes.iter().copied()).unwrap()
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = Place {
            file: 7,
            length: 1_500,
            at: 1 << 40,
        };
        assert_eq!(Place::read(&place.to_bytes()), Some(place));
        assert_eq!(Place::read(&[0; 15]), None);
        assert_eq!(Place::read(&[0; 17]), None);
    }

    #[test]
    fn values_are_found_at_their_places_after_the_folder_was_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let values = Values::open(folder.path()).unwrap();
        let mut places = append(&values, &[b"one", b"", b"three"]);
        drop(values);

        let values = Values::open(folder.path()).unwrap();
        places.extend(append(&values, &[b"four"]));

        let read = |place: &Place| values.read(*place).unwrap().unwrap();
        let read: Vec<Vec<u8>> = places.iter().map(read).collect();
        assert_eq!(read, [&b"one"[..], b"", b"three", b"four"]);
        assert_eq!(values.size(), 12);
    }

    #[test]
    fn what_is_in_older_files_is_found_until_they_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let values = Values::open(folder.path()).unwrap();
        let old = append(&values, &[b"old"])[0];
        values.begin().unwrap();
        let new = append(&values, &[b"new"])[0];
        assert!(values.is_newest(new) && !values.is_newest(old));
        assert_eq!(values.read(old).unwrap().as_deref(), Some(&b"old"[..]));
        assert_eq!((values.size(), values.has_older()), (6, true));

        values.remove_older().unwrap();

        assert_eq!(values.read(old).unwrap(), None);
        assert_eq!(values.read(new).unwrap().as_deref(), Some(&b"new"[..]));
        assert_eq!((values.size(), values.has_older()), (3, false));
        let again = Values::open(folder.path()).unwrap();
        assert_eq!(again.read(new).unwrap().as_deref(), Some(&b"new"[..]));
    }

    #[test]
    fn a_place_behind_the_end_of_its_file_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let values = Values::open(folder.path()).unwrap();
        let place = append(&values, &[b"whole"])[0];
        file(folder.path(), 1).unwrap().set_len(3).unwrap();

        assert_eq!(values.read(place).unwrap(), None);
    }
}
