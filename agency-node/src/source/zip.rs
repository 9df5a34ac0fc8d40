//! Members of a zip archive, read in memory and never unpacked to disk.
//!
//! An archive that could do harm is refused as a whole: links, paths that lead out, encrypted or nested
//! members, members that overlap, share a name or unpack to far more than they are.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipReadOptions;
use zip::result::ZipError;

use super::bytes::{MIB, is_zip};
use super::error::{Fault, SourceError, UnsafeZip};

/// Most members of an archive.
const MEMBERS: usize = 50;
/// Most bytes that all members unpack to together.
const UNPACKED_BYTES: u64 = 64 * MIB;
/// Most times its packed size that a member may unpack to.
const RATIO: u64 = 100;
/// Members up to this size may be packed any better: nothing is gained by them.
const SMALL_BYTES: u64 = 64 * 1024;
/// Most bytes of a member's name.
const NAME_BYTES: usize = 200;

/// One unpacked member.
#[derive(Clone)]
pub(super) struct Member {
    /// Its path inside the archive.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// Unpacks an archive.
///
/// # Errors
/// [`SourceError`] when it is incomplete, a workbook, or unsafe; nothing of it is taken.
pub(super) fn members(file: &str, bytes: &[u8]) -> Result<Vec<Member>, SourceError> {
    let broken = |_| SourceError::new(file, Fault::BrokenZip);
    let refuse = |why| SourceError::new(file, Fault::UnsafeZip(why));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MEMBERS {
        return Err(refuse(UnsafeZip::TooManyMembers));
    }
    if archive.has_duplicate_names() {
        return Err(refuse(UnsafeZip::SameName));
    }
    let names = plain_names(&mut archive).map_err(|why| match why {
        Ok(why) => refuse(why),
        Err(()) => SourceError::new(file, Fault::BrokenZip),
    })?;
    if is_workbook(&names) {
        return Err(SourceError::new(file, Fault::Workbook));
    }
    if archive.has_overlapping_entries().map_err(broken)? {
        return Err(refuse(UnsafeZip::Overlap));
    }
    let mut left = UNPACKED_BYTES;
    let mut members = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        let Some(name) = name else { continue };
        let inside = |fault| SourceError::new(format!("{file}/{name}"), fault);
        let options = ZipReadOptions::new().enforce_header_consistency(true);
        let member = archive.by_index_with_options(at, options);
        let member = member.map_err(|wrong| inside(unopened(&wrong)))?;
        let bytes = unpacked(member, left).map_err(|why| match why {
            Some(why) => inside(Fault::UnsafeZip(why)),
            None => inside(Fault::BrokenZip),
        })?;
        left -= u64::try_from(bytes.len()).unwrap_or(left).min(left);
        members.push(Member { name, bytes });
    }
    Ok(members)
}

/// The name of every member, `None` for folders and what operating systems leave behind.
fn plain_names(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
) -> Result<Vec<Option<String>>, Result<UnsafeZip, ()>> {
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for at in 0..archive.len() {
        let member = archive.by_index_raw(at).map_err(|_| Err(()))?;
        let name = member.name().map_err(|_| Ok(UnsafeZip::Path))?.into_owned();
        if member.is_symlink() {
            return Err(Ok(UnsafeZip::Link));
        }
        if member.encrypted() {
            return Err(Ok(UnsafeZip::Encrypted));
        }
        if !is_plain_path(&name) {
            return Err(Ok(UnsafeZip::Path));
        }
        if !seen.insert(name.to_lowercase()) {
            return Err(Ok(UnsafeZip::SameName));
        }
        if is_archive_name(&name) {
            return Err(Ok(UnsafeZip::Nested));
        }
        names.push((!member.is_dir() && !is_left_behind(&name)).then_some(name));
    }
    Ok(names)
}

/// The library has no error of its own for headers that contradict each other.
fn unopened(wrong: &ZipError) -> Fault {
    match wrong {
        ZipError::InvalidArchive(why) if why.contains("inconsistency") => {
            Fault::UnsafeZip(UnsafeZip::Overlap)
        }
        _ => Fault::BrokenZip,
    }
}

/// Reads a member to its end; `None` when it is damaged.
fn unpacked<R: Read>(
    member: zip::read::ZipFile<'_, R>,
    left: u64,
) -> Result<Vec<u8>, Option<UnsafeZip>> {
    let (packed, stated) = (member.compressed_size().max(1), member.size());
    if stated > left {
        return Err(Some(UnsafeZip::TooLarge));
    }
    if stated > SMALL_BYTES && stated / packed > RATIO {
        return Err(Some(UnsafeZip::Bomb));
    }
    let mut bytes = Vec::new();
    let mut bounded = member.take(stated + 1);
    let read = bounded.read_to_end(&mut bytes);
    if u64::try_from(bytes.len()).is_ok_and(|read| read > stated) {
        return Err(Some(UnsafeZip::Overlap));
    }
    read.map_err(|_| None)?;
    if is_zip(&bytes) {
        return Err(Some(UnsafeZip::Nested));
    }
    Ok(bytes)
}

/// A relative path of plain names, with `/` between them.
fn is_plain_path(name: &str) -> bool {
    let plain = |part: &str| {
        let stem = part
            .split('.')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
            || (stem.len() == 4
                && (stem.starts_with("COM") || stem.starts_with("LPT"))
                && stem.ends_with(|c: char| c.is_ascii_digit()));
        let only_dots = part.bytes().all(|byte| byte == b'.');
        !only_dots && !device
    };
    let path = name.strip_suffix('/').unwrap_or(name);
    (1..=NAME_BYTES).contains(&name.len())
        && !name.contains(['\\', ':'])
        && !name.chars().any(char::is_control)
        && path.split('/').all(plain)
}

fn is_archive_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        ".zip", ".gz", ".tgz", ".7z", ".rar", ".tar", ".bz2", ".xz", ".zst",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

/// `__MACOSX/` and hidden files.
fn is_left_behind(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.split('/').any(|part| part.starts_with('.'))
}

fn is_workbook(names: &[Option<String>]) -> bool {
    names.iter().flatten().any(|name| {
        name == "[Content_Types].xml" || name == "xl/workbook.xml" || name == "content.xml"
    })
}
