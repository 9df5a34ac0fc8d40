//! The files of an input: one file, the files of a directory, the members of an archive.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bytes::{FILE_BYTES, MIB, is_zip};
use super::error::{Fault, SourceError};
use super::zip;

/// How deep below a directory its files may lie.
const DEPTH: usize = 4;
/// Most files of a directory.
const FILES: usize = 1_000;

/// One file of an input, not read yet or unpacked from an archive.
pub(super) struct Letter {
    /// Its path below the input, or its own name; what reports call it.
    pub(super) name: String,
    content: Content,
}

enum Content {
    At(PathBuf),
    Unpacked(Vec<u8>),
}

impl Letter {
    /// Its bytes.
    ///
    /// # Errors
    /// [`SourceError`] when it cannot be read or is too large.
    pub(super) fn bytes(self) -> Result<Vec<u8>, SourceError> {
        match self.content {
            Content::At(path) => bytes_of(&path),
            Content::Unpacked(bytes) => Ok(bytes),
        }
    }

    /// Its name without directories and extension, in lower case.
    pub(super) fn stem(&self) -> String {
        let stem = Path::new(&self.name).file_stem().unwrap_or_default();
        stem.to_string_lossy().to_lowercase()
    }

    /// Its extension in lower case.
    pub(super) fn extension(&self) -> String {
        let extension = Path::new(&self.name).extension().unwrap_or_default();
        extension.to_string_lossy().to_lowercase()
    }
}

/// The files of an input, by name.
///
/// # Errors
/// [`SourceError`] when it cannot be read, or is an archive that is broken or unsafe.
pub(super) fn letters(path: &Path) -> Result<Vec<Letter>, SourceError> {
    let shown = path.display().to_string();
    let about = fs::metadata(path).map_err(|wrong| unreadable(&shown, wrong))?;
    if about.is_dir() {
        let mut letters = Vec::new();
        walk(path, path, DEPTH, &mut letters)?;
        letters.sort_by(|one, other| one.name.cmp(&other.name));
        return Ok(letters);
    }
    let name = own_name(path);
    let mut start = [0; 4];
    let has_start = fs::File::open(path)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok();
    let is_archive = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if is_archive || (has_start && is_zip(&start) && !is_table_name(&name)) {
        let members = zip::members(&name, &bytes_of(path)?)?;
        let letters = members.into_iter().map(|member| Letter {
            name: member.name,
            content: Content::Unpacked(member.bytes),
        });
        return Ok(letters.collect());
    }
    Ok(vec![Letter {
        name,
        content: Content::At(path.to_owned()),
    }])
}

/// What the publisher calls a path: its last part.
pub(super) fn own_name(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn is_table_name(name: &str) -> bool {
    let name = name.to_lowercase();
    [".csv", ".tsv", ".txt", ".json", ".ndjson"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn walk(
    root: &Path,
    folder: &Path,
    depth: usize,
    letters: &mut Vec<Letter>,
) -> Result<(), SourceError> {
    let shown = || folder.display().to_string();
    let entries = fs::read_dir(folder).map_err(|wrong| unreadable(&shown(), wrong))?;
    for entry in entries {
        let entry = entry.map_err(|wrong| unreadable(&shown(), wrong))?;
        let kind = entry
            .file_type()
            .map_err(|wrong| unreadable(&shown(), wrong))?;
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && depth > 0 && !hidden {
            walk(root, &path, depth - 1, letters)?;
        } else if kind.is_file() && !hidden && letters.len() < FILES {
            let name = path.strip_prefix(root).unwrap_or(&path);
            letters.push(Letter {
                name: name.to_string_lossy().replace('\\', "/"),
                content: Content::At(path),
            });
        }
    }
    Ok(())
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, SourceError> {
    let shown = path.display().to_string();
    let file = fs::File::open(path).map_err(|wrong| unreadable(&shown, wrong))?;
    let stated = file.metadata().map_or(0, |about| about.len());
    if stated > FILE_BYTES {
        return Err(SourceError::new(shown, Fault::TooLarge(FILE_BYTES / MIB)));
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|wrong| unreadable(&shown, wrong))?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read > FILE_BYTES) {
        return Err(SourceError::new(shown, Fault::TooLarge(FILE_BYTES / MIB)));
    }
    Ok(bytes)
}

fn unreadable(shown: &str, wrong: io::Error) -> SourceError {
    SourceError::new(shown, Fault::Unreadable(Arc::new(wrong)))
}
