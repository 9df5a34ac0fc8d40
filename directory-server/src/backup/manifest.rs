//! What a backup says of itself: written last, so that a folder with one is a whole backup.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;
use referral_core::id::hex;
use referral_runtime::data_dir::write_secret;
use referral_runtime::tls::{Fingerprint, certificate_from_pem};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::demand::DEMAND;
use crate::ledger::{SnapshotError, UnreadableFact};
use crate::life::{AUTHORITY, FEEDBACK, HISTORY, JOURNAL, SNAPSHOTS};
use crate::tally::{PUBLISHED, SEARCHES};
use crate::{audit, people};

/// The folders of a backup that a restore puts in the place of what is there.
pub(super) const PARTS: [&str; 7] = [
    SEARCHES, PUBLISHED, FEEDBACK, DEMAND, SNAPSHOTS, HISTORY, JOURNAL,
];

/// The folders of a backup that a restore puts back only where there are none: who was turned away, and what
/// was recorded, since the backup was taken must not be undone by it.
pub(super) const KEPT: [&str; 2] = [audit::FOLDER, people::FOLDER];

/// The file in a backup that describes it.
const MANIFEST: &str = "manifest.json";
/// The file beside it with its checksum, as `sha256sum --check` reads it.
const CHECKSUM: &str = "manifest.sha256";
/// The form of backups that this version writes and reads.
const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of the backup; this version knows 1.
    pub format: u32,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// The generation of the directory it was taken from.
    pub generation: u64,
    /// The index of the last journal record in it; 0: none.
    pub last_index: u64,
    /// The fingerprint of the directory's authority, which is not in the backup; absent where the
    /// directory had none yet.
    pub authority: Option<String>,
    /// Every file of the backup but this one.
    pub files: Vec<FileEntry>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path in the backup: a folder and a name.
    pub path: String,
    /// Its length. Unit: bytes.
    pub bytes: u64,
    /// The SHA-256 of its content, 64 hexadecimal digits.
    pub sha256: String,
}

/// Why a backup is not believed.
#[derive(Debug, thiserror::Error)]
pub enum InvalidBackup {
    /// There is no manifest.
    #[error(
        "{} is no backup, or one that was never finished: it has no manifest.json", path.display()
    )]
    NoManifest {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest cannot be read.
    #[error("manifest.json of the backup cannot be read: it is of a newer version")]
    Manifest(#[source] serde_json::Error),
    /// A newer form.
    #[error("the backup has form {0} and this version knows 1: use the version that wrote it")]
    Format(u32),
    /// A file is missing, or not the one the manifest describes.
    #[error("{0} of the backup is missing or not as it was written: use another backup")]
    File(String),
    /// The files are whole and their journal is not what the manifest says.
    #[error("the journal in the backup does not hold what its manifest says: use another backup")]
    Journal,
    /// The journal in it cannot be opened.
    #[error("the journal in the backup cannot be opened: use another backup")]
    Unopened(#[from] referral_journal::JournalError),
    /// A record in it cannot be read.
    #[error("a record in the backup cannot be read")]
    Fact(#[from] UnreadableFact),
    /// The snapshot does not verify.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The disk.
    #[error("the backup cannot be read")]
    Io(#[from] io::Error),
}

impl Manifest {
    /// Describes the files in `folder`.
    pub(super) fn of(
        folder: &Path,
        taken_at: Timestamp,
        generation: u64,
        last_index: u64,
        authority: Option<String>,
    ) -> io::Result<Self> {
        let mut files = Vec::new();
        for part in PARTS.into_iter().chain(KEPT) {
            let Ok(entries) = std::fs::read_dir(folder.join(part)) else {
                continue;
            };
            for entry in entries {
                let name = entry?.file_name();
                let name = name.to_str().ok_or(io::ErrorKind::InvalidData)?;
                let (bytes, sha256) = digest(&folder.join(part).join(name), |_| Ok(()))?;
                let path = format!("{part}/{name}");
                files.push(FileEntry {
                    path,
                    bytes,
                    sha256,
                });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self {
            format: FORMAT,
            taken_at,
            generation,
            last_index,
            authority,
            files,
        })
    }

    /// Reads the manifest of the backup in `folder`.
    ///
    /// # Errors
    /// [`InvalidBackup`] when there is none, or none that this version reads.
    pub fn read(folder: &Path) -> Result<Self, InvalidBackup> {
        let text = match std::fs::read(folder.join(MANIFEST)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let path = folder.to_owned();
                return Err(InvalidBackup::NoManifest { path });
            }
            text => text?,
        };
        let checksum = match std::fs::read_to_string(folder.join(CHECKSUM)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            checksum => checksum?,
        };
        if checksum != checksum_of(&text) {
            return Err(InvalidBackup::File(MANIFEST.to_owned()));
        }
        let manifest: Self = serde_json::from_slice(&text).map_err(InvalidBackup::Manifest)?;
        if manifest.format != FORMAT {
            return Err(InvalidBackup::Format(manifest.format));
        }
        for file in &manifest.files {
            if !is_plain(&file.path) {
                return Err(InvalidBackup::File(file.path.clone()));
            }
        }
        Ok(manifest)
    }

    /// Writes it into `folder`, durably and whole.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        write_secret(&folder.join(CHECKSUM), checksum_of(&text).as_bytes())?;
        write_secret(&folder.join(MANIFEST), &text)
    }
}

fn checksum_of(manifest: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", hex(&Sha256::digest(manifest)))
}

/// The length and SHA-256 of a file, whose bytes are handed on as they are read.
pub(super) fn digest(
    path: &Path,
    mut hand_on: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut sha256, mut length) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => return Ok((length, hex(&sha256.finalize()))),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            count => count?,
        };
        sha256.update(&buffer[..count]);
        length += count as u64;
        hand_on(&buffer[..count])?;
    }
}

/// The fingerprint of the authority in a data directory, where there is one that can be read.
pub(super) fn authority_in(data: &Path) -> Option<String> {
    let pem = std::fs::read(data.join(AUTHORITY).join("ca.pem")).ok()?;
    let certificate = certificate_from_pem(&pem).ok()?;
    Some(Fingerprint::of(&certificate).to_string())
}

/// Whether a path names a file of a backup and nothing outside it.
fn is_plain(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    let folder = parts.next().is_some_and(|part| {
        let mut folders = PARTS.into_iter().chain(KEPT);
        folders.any(|name| Component::Normal(name.as_ref()) == part)
    });
    let name = matches!(parts.next(), Some(Component::Normal(_)));
    folder && name && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_names_files_of_the_backup_and_nothing_else() {
        for plain in [
            "journal/00000001.seg",
            "searches/2026-W47",
            "people/accounts.json",
        ] {
            assert!(is_plain(plain), "{plain}");
        }
        for path in [
            "../etc/passwd",
            "/etc/passwd",
            "journal",
            "journal/../ca/ca.key",
            "ca/ca.key",
        ] {
            assert!(!is_plain(path), "{path}");
        }
    }

    #[test]
    fn a_manifest_of_a_newer_form_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = Manifest::of(folder.path(), Timestamp::UNIX_EPOCH, 7, 0, None).unwrap();
        let newer = Manifest {
            format: 2,
            ..manifest
        };
        newer.write(folder.path()).unwrap();

        let refused = Manifest::read(folder.path());

        assert!(matches!(refused, Err(InvalidBackup::Format(2))));
    }
}
