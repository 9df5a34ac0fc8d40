//! From an agency's own file to records: readers of HSDS and of any spreadsheet.
//!
//! Start at [`read`]. Nothing is unpacked to disk and nothing is stored here. A whole input that cannot
//! be trusted is a [`SourceError`]; a single bad row is in the report of [`Converted`].

mod error;

use std::path::PathBuf;

use jiff::Timestamp;
use referral_core::hsds::Converted;
use referral_core::id::AgencyId;
use referral_core::places::Places;

pub use error::{Fault, SourceError, UnsafeZip};

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
    let path = match input {
        Input::Hsds(path) | Input::Csv { map: path, .. } => path,
    };
    let _ = (agency, map, now, progress);
    Err(SourceError::new(
        path.display().to_string(),
        Fault::NothingKnown,
    ))
}
