//! A file on its way in: to a folder of its own below the data directory, deleted once it was read.

use std::io;
use std::path::{Path, PathBuf};

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use referral_core::id::Hash;
use referral_runtime::tls::random;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;

use super::super::say;
use crate::source::Input;

/// The folder of the data directory in which files lie while they are read.
pub(in crate::page) const FOLDER: &str = "uploads";
/// Most bytes of a form with its files: what the readers take at most, and a map.
pub(super) const UPLOAD_BYTES: usize = 101 << 20;
/// Longest name of a file that is kept. Unit: characters.
const NAME: usize = 100;

/// Files that came in. Dropping this deletes them.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    data: PathBuf,
    map: Option<PathBuf>,
    name: String,
}

/// Why no file was taken.
#[derive(Debug)]
pub(super) enum Refused {
    /// None was chosen.
    NoFile,
    /// Too large.
    TooLarge,
    /// The form is of another page, or too old.
    Foreign,
    /// The upload broke off, or is none.
    Broken,
    /// The disk.
    Disk,
}

impl Refused {
    pub(super) fn words(&self) -> String {
        match self {
            Self::NoFile => say("wrong-no-file"),
            Self::TooLarge => say("wrong-too-large"),
            Self::Foreign => say("form-too-old"),
            Self::Broken => say("wrong-upload"),
            Self::Disk => say("wrong-disk"),
        }
    }
}

impl From<MultipartError> for Refused {
    fn from(error: MultipartError) -> Self {
        match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            _ => Self::Broken,
        }
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        tracing::error!(error.type = "upload", "an uploaded file cannot be kept: {error}");
        Self::Disk
    }
}

impl Files {
    /// What to read.
    pub(super) fn input(&self) -> Input {
        match &self.map {
            None => Input::Hsds(self.data.clone()),
            Some(map) => Input::Csv {
                files: vec![self.data.clone()],
                map: map.clone(),
            },
        }
    }

    /// What the publisher calls the file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // What is left is deleted when the node starts.
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}

/// Takes the files of a form. The token comes first in it: without it nothing is taken.
pub(super) async fn take(
    mut form: Multipart,
    token: &str,
    uploads: &Path,
) -> Result<Files, Refused> {
    let mut is_ours = false;
    let mut files: Option<Files> = None;
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("token") => is_ours = field.text().await? == token,
            Some("file") if is_ours && files.is_none() => {
                let Some(name) = own_name(field.file_name().unwrap_or_default()) else {
                    return Err(Refused::NoFile);
                };
                let folder = folder(uploads).await?;
                let coming = files.insert(Files {
                    data: folder.join("data").join(&name),
                    map: None,
                    folder,
                    name,
                });
                write(field, &coming.data).await?;
            }
            Some("map") if is_ours => {
                let name = own_name(field.file_name().unwrap_or_default());
                if let (Some(files), Some(name)) = (&mut files, name) {
                    let map = files.folder.join("map").join(name);
                    write(field, &map).await?;
                    files.map = Some(map);
                }
            }
            _ => {}
        }
    }
    if !is_ours {
        return Err(Refused::Foreign);
    }
    files.ok_or(Refused::NoFile)
}

async fn folder(uploads: &Path) -> Result<PathBuf, Refused> {
    let bytes: [u8; 16] = random().map_err(io::Error::other)?;
    let folder = uploads.join(Hash::of(&[&bytes]).to_string());
    for inside in ["data", "map"] {
        let mut private = fs::DirBuilder::new();
        private.recursive(true).mode(0o700);
        private.create(folder.join(inside)).await?;
    }
    Ok(folder)
}

async fn write(mut field: Field<'_>, path: &Path) -> Result<(), Refused> {
    let mut file = File::create(path).await?;
    while let Some(chunk) = field.chunk().await? {
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    Ok(())
}

/// A file's name without folders and what cannot be in a name; `None`: it has none. The name says what is in a
/// table, and which import a record came from.
fn own_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept = last.chars().filter(|letter| !letter.is_control());
    let kept: String = kept.collect();
    let kept = kept.trim().trim_start_matches('.');
    // The end says what kind of file it is.
    let long = kept.chars().count().saturating_sub(NAME);
    let kept: String = kept.chars().skip(long).collect();
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_names_no_other_place() {
        let kept = |name: &str| own_name(name).unwrap_or_default();

        assert_eq!(kept("services.csv"), "services.csv");
        assert_eq!(kept("../../etc/services.csv"), "services.csv");
        assert_eq!(kept("C:\\Users\\ana\\services.csv"), "services.csv");
        assert_eq!(kept(".."), "");
        assert_eq!(kept("a\0b\n.csv"), "ab.csv");
        assert!(kept(&format!("{}.csv", "é".repeat(300))).ends_with("é.csv"));
    }
}
