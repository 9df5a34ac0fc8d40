//! A table of capacity reports: bad rows are named, the others count.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use csv::StringRecord;
use jiff::Timestamp;
use referral_core::capacity::{Draft, Stated};
use referral_core::id::LocalId;

use super::report::Row;
use super::typed::{Typed, date, ttl, unit};
use crate::outbox::codec::Refusal;

/// The columns that are read.
const COLUMNS: [&str; 9] = [
    "service_id",
    "state",
    "location",
    "unit",
    "available",
    "maximum",
    "waitlist",
    "reopens",
    "ttl",
];
/// The largest file that is read. Unit: bytes.
const LARGEST: u64 = 64 << 20;

/// A table that was read.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Rows that can be reported, with their places.
    pub(super) drafts: Vec<(Place, Draft)>,
    /// Rows that cannot.
    pub(super) refused: Vec<Row>,
}

/// Where a row stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    file: String,
    line: u64,
    service: String,
}

/// Why a whole table was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum SheetError {
    /// It cannot be read.
    #[error("cannot read {}", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// Too large.
    #[error("{} is larger than 64 MiB: split it", .0.display())]
    TooLarge(PathBuf),
    /// A web page, as systems send to whom is not logged in.
    #[error("{} is a web page, not data: log in to the system it comes from and export again", .0.display())]
    WebPage(PathBuf),
    /// Not UTF-8.
    #[error("{} is not UTF-8 text: save it as \"CSV UTF-8\"", .0.display())]
    NotText(PathBuf),
    /// No table in CSV form.
    #[error("{} is no CSV table with the columns {}: line {line}", path.display(), COLUMNS.join(", "))]
    NotCsv {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
    },
    /// A column that is needed is not there.
    #[error("{} has no column {column}: its first line must name the columns, such as {}", path.display(), COLUMNS.join(","))]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A column that means nothing here.
    #[error("{} has the column \"{column}\", which is none of {}", path.display(), COLUMNS.join(", "))]
    UnknownColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
}

/// Reads a table.
///
/// # Errors
/// [`SheetError`] when it is none.
pub(super) fn read(path: &Path, now: Timestamp) -> Result<Sheet, SheetError> {
    let text = text(path)?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('<') {
        return Err(SheetError::WebPage(path.to_owned()));
    }
    let mut lines = Lines {
        text,
        byte: 0,
        line: 1,
    };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let not_csv = |line| SheetError::NotCsv {
        path: path.to_owned(),
        line,
    };
    let header = reader.headers().map_err(|_| not_csv(1))?.clone();
    check(path, &header)?;
    let mut sheet = Sheet {
        drafts: Vec::new(),
        refused: Vec::new(),
    };
    for record in reader.records() {
        let record =
            record.map_err(|error| not_csv(error.position().map_or(1, csv::Position::line)))?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let fields = Fields {
            header: &header,
            record: &record,
        };
        let place = Place {
            file: path.display().to_string(),
            line: lines.at(record.position().map_or(0, csv::Position::byte)),
            service: fields.text("service_id").to_owned(),
        };
        match fields.typed().and_then(|typed| typed.draft(now)) {
            Ok(draft) => sheet.drafts.push((place, draft)),
            Err((field, reason)) => sheet
                .refused
                .push(place.row(field, "row_unreadable", reason)),
        }
    }
    Ok(sheet)
}

impl Place {
    /// The row, refused by the node.
    pub(super) fn refused(&self, refusal: &Refusal) -> Row {
        self.row(&refusal.field, &refusal.code, refusal.text.clone())
    }

    fn row(&self, field: &str, code: &str, reason: String) -> Row {
        Row {
            file: self.file.clone(),
            row: self.line.to_string(),
            id: Some(self.service.clone()).filter(|id| !id.is_empty()),
            field: field.to_owned(),
            code: code.to_owned(),
            reason,
        }
    }
}

fn text(path: &Path) -> Result<String, SheetError> {
    let unreadable = |error| SheetError::Unreadable(path.to_owned(), error);
    let file = fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(SheetError::TooLarge(path.to_owned()));
    }
    String::from_utf8(bytes).map_err(|_| SheetError::NotText(path.to_owned()))
}

fn check(path: &Path, header: &StringRecord) -> Result<(), SheetError> {
    for column in ["service_id", "state"] {
        if !header.iter().any(|name| name == column) {
            return Err(SheetError::NoColumn {
                path: path.to_owned(),
                column,
            });
        }
    }
    match header.iter().find(|name| !COLUMNS.contains(name)) {
        None => Ok(()),
        Some(column) => Err(SheetError::UnknownColumn {
            path: path.to_owned(),
            column: column.chars().take(60).collect(),
        }),
    }
}

/// Finds the line a row begins on. The reader's own count is that of the blank lines before it.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first text at or after `byte`. Calls must come in order.
    fn at(&mut self, byte: u64) -> u64 {
        let bytes = self.text.as_bytes();
        let start = usize::try_from(byte)
            .unwrap_or(bytes.len())
            .min(bytes.len());
        let blank = bytes[start..]
            .iter()
            .take_while(|byte| matches!(byte, b'\n' | b'\r'));
        let start = start + blank.count();
        let passed = self.text.get(self.byte..start).unwrap_or_default();
        self.line += passed.matches('\n').count() as u64;
        self.byte = start.max(self.byte);
        self.line
    }
}

/// The fields of one row by their columns.
struct Fields<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
}

impl<'a> Fields<'a> {
    fn text(&self, column: &str) -> &'a str {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    fn read<T, E: ToString>(
        &self,
        column: &'static str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, (&'static str, String)> {
        match self.text(column) {
            "" => Ok(None),
            text => read(text)
                .map(Some)
                .map_err(|error| (column, error.to_string())),
        }
    }

    fn number(&self, column: &'static str) -> Result<Option<u32>, (&'static str, String)> {
        self.read(column, |text| {
            text.parse::<u32>()
                .map_err(|_| "is a whole number, 0 or more")
        })
    }

    fn typed(&self) -> Result<Typed, (&'static str, String)> {
        let missing = |column| (column, "must be given".to_owned());
        if self.record.len() > self.header.len() {
            return Err(("row", "has more fields than there are columns".to_owned()));
        }
        Ok(Typed {
            service: self
                .read("service_id", LocalId::parse)?
                .ok_or_else(|| missing("service_id"))?,
            state: self
                .read("state", Stated::parse)?
                .ok_or_else(|| missing("state"))?,
            location: self.read("location", LocalId::parse)?,
            unit: self.read("unit", unit)?,
            available: self.number("available")?,
            maximum: self.number("maximum")?,
            waitlist: self.number("waitlist")?,
            reopens: self.read("reopens", date)?,
            ttl: self.read("ttl", ttl)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str) -> Result<Sheet, SheetError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("capacity.csv");
        fs::write(&path, text).unwrap();
        read(&path, "2026-05-01T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn bad_rows_are_named_by_line_and_field_and_the_others_count() {
        let sheet = sheet(
            "service_id,state,available,reopens,ttl\n\
             a,open,3,,\n\
             b,opened,,,\n\
             ,open,,,\n\
             c,open,many,,\n\
             \n\
             d,paused,,2026-13-01,\n\
             e,open,,,400d\n\
             f,waitlist,0,,7d\n",
        )
        .unwrap();

        let good: Vec<_> = sheet
            .drafts
            .iter()
            .map(|(_, draft)| draft.service.as_str())
            .collect();
        let bad: Vec<_> = sheet
            .refused
            .iter()
            .map(|r| (r.row.as_str(), r.field.as_str()))
            .collect();
        assert_eq!(good, ["a", "f"]);
        assert_eq!(
            bad,
            [
                ("3", "state"),
                ("4", "service_id"),
                ("5", "available"),
                ("7", "reopens"),
                ("8", "ttl")
            ]
        );
    }

    #[test]
    fn a_file_that_is_no_such_table_is_refused_whole() {
        assert!(matches!(
            sheet("a,b\n1,2\n"),
            Err(SheetError::NoColumn { .. })
        ));
        assert!(matches!(sheet(""), Err(SheetError::NoColumn { .. })));
        assert!(matches!(
            sheet("service_id,state,beds\na,open,1\n"),
            Err(SheetError::UnknownColumn { .. })
        ));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_column() {
        assert_eq!(
            sheet("\u{feff}service_id,state\na,open\n")
                .unwrap()
                .drafts
                .len(),
            1
        );
    }
}
