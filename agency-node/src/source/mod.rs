//! From an agency's own file to records: readers of HSDS and of any spreadsheet.
//!
//! Start at [`read`]. Nothing is unpacked to disk and nothing is stored here. A whole input that cannot
//! be trusted is a [`SourceError`]; a single bad row is in the report of [`Converted`].

mod bytes;
mod csv;
mod error;
mod fits;
mod hsds_json;
mod inbox;
mod json;
mod map;
mod ndjson;
mod tabular;
mod tray;
mod zip;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use referral_core::hsds::{Converted, Entity, convert};
use referral_core::id::AgencyId;
use referral_core::places::Places;

pub use error::{Fault, SourceError, UnsafeZip};
use inbox::{Letter, letters, own_name};
use json::Json;
use tray::{MOST_REFUSED, Tray};

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// HSDS 3.x: a `.json` or `.ndjson` file, a table, a zip archive or a directory of them.
    Hsds(PathBuf),
    /// Spreadsheets saved as CSV, and the map that says what their columns mean.
    Csv {
        /// The tables, or one directory that holds them.
        files: Vec<PathBuf>,
        /// The map.
        map: PathBuf,
    },
}

/// How far reading has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The file or archive member being read.
    pub file: String,
    /// Rows read so far, over all files.
    pub rows: usize,
}

/// An input that was read.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Records and the report.
    pub converted: Converted,
    /// What the publisher calls the file, archive or directory.
    pub source: String,
    /// Files of the input that nothing was read from.
    pub skipped: Vec<String>,
}

/// Reads `input` and turns it into records of `agency`.
///
/// * `map` — where places are.
/// * `now` — the time of the import.
/// * `progress` — told about every file and every 1,000 rows; long work shows that it goes on.
///
/// # Errors
/// [`SourceError`] when the input as a whole cannot be read or trusted.
pub fn read(
    input: &Input,
    agency: &AgencyId,
    map: &dyn Places,
    now: Timestamp,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Imported, SourceError> {
    let tray = match input {
        Input::Hsds(path) => hsds(path, progress)?,
        Input::Csv { files, map } => map::take(files, map, progress)?,
    };
    let source = tray.drafts.source.clone();
    if tray.refused.len() > MOST_REFUSED {
        return Err(SourceError::new(
            source,
            Fault::TooManyBadRows(MOST_REFUSED),
        ));
    }
    let mut converted = convert(tray.drafts, agency, map, now);
    converted.refused.splice(..0, tray.refused);
    fits::refuse_what_does_not_fit(&mut converted);
    Ok(Imported {
        converted,
        source,
        skipped: tray.skipped,
    })
}

/// The rows of an HSDS file, directory or archive.
fn hsds<'a>(path: &Path, progress: &'a mut dyn FnMut(&Progress)) -> Result<Tray<'a>, SourceError> {
    let source = own_name(path);
    let mut tray = Tray::new(&source, progress);
    let letters = letters(path)?;
    let alone = letters.len() == 1;
    let is_table = |letter: &Letter| matches!(letter.extension().as_str(), "csv" | "tsv" | "txt");
    let one_table = alone && letters.iter().all(is_table);
    let mut found = false;
    for letter in letters {
        let name = letter.name.clone();
        tray.open(&name);
        if take(&mut tray, letter, alone)? {
            found = true;
        } else {
            tray.skipped.push(name);
        }
    }
    match (found, one_table) {
        (true, _) => Ok(tray),
        (false, true) => Err(SourceError::new(source, Fault::NeedsMap)),
        (false, false) => Err(SourceError::new(source, Fault::NothingKnown)),
    }
}

/// Takes one file; false when it holds nothing that is known here.
fn take(tray: &mut Tray<'_>, letter: Letter, alone: bool) -> Result<bool, SourceError> {
    let (name, stem, extension) = (letter.name.clone(), letter.stem(), letter.extension());
    match extension.as_str() {
        "json" => {
            let json = Json::read(&name, &bytes::text(&name, &letter.bytes()?)?)?;
            let found = hsds_json::flatten(tray, &json, named_by(&stem), "");
            if alone && !found {
                return Err(SourceError::new(name, Fault::NoHsdsObject));
            }
            Ok(found)
        }
        "ndjson" | "jsonl" => {
            let text = bytes::text(&name, &letter.bytes()?)?;
            ndjson::take(tray, &name, &text, named_by(&stem))?;
            Ok(true)
        }
        "csv" | "tsv" | "txt" if let Some(entity) = Entity::named(&stem) => {
            let text = bytes::text(&name, &letter.bytes()?)?;
            tabular::take(tray, &name, &text, entity)?;
            Ok(true)
        }
        // A file on its own is read far enough to say what it is.
        _ if alone => {
            bytes::text(&name, &letter.bytes()?)?;
            Ok(false)
        }
        _ => Ok(false),
    }
}

/// What a file's name says its objects are: `organization_list.json`, `services-2.ndjson`.
fn named_by(stem: &str) -> Option<Entity> {
    let mut ends: Vec<usize> = stem
        .char_indices()
        .filter(|(_, letter)| !letter.is_alphanumeric())
        .map(|(at, _)| at)
        .collect();
    ends.push(stem.len());
    ends.into_iter()
        .rev()
        .find_map(|end| Entity::named(&stem[..end]))
}
