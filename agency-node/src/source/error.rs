//! Why a whole input was refused: which file, where in it, what is wrong and what to do.

use std::fmt;
use std::io;
use std::sync::Arc;

/// A whole input that was refused; nothing of it is taken. Exit code 65.
#[derive(Debug)]
pub struct SourceError {
    /// The file, or the archive and its member, e.g. `feed.zip/services.csv`.
    pub file: String,
    /// The line or JSON pointer, where there is one.
    pub place: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with a whole input. Every variant is the sender's to fix.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// The operating system could not read it.
    #[error("cannot be read: {0}")]
    Unreadable(Arc<io::Error>),
    /// Larger than the limit, in MiB.
    #[error("is larger than {0} MiB: split it")]
    TooLarge(u64),
    /// Not a byte in it.
    #[error("is empty: nothing was read and nothing is removed")]
    Empty,
    /// No file in the directory or archive that holds HSDS.
    #[error("holds no HSDS file: expected .json, .ndjson or tables such as services.csv")]
    NothingKnown,
    /// A table on its own that is no HSDS table, read without a map.
    #[error(
        "is a table that is not HSDS: import it with a map that says what its columns mean \
         (agency-node import csv FILE --map MAP.toml)"
    )]
    NeedsMap,
    /// Neither text that is read nor an archive of it.
    #[error("is no text file: export it as CSV or JSON in UTF-8")]
    Binary,
    /// A workbook of a spreadsheet program under another name.
    #[error("is a spreadsheet workbook, not CSV: open it and save each sheet as CSV UTF-8")]
    Workbook,
    /// A web page, mostly a login or error page of the system it was fetched from.
    #[error("is a web page, not data: log in to the system it comes from and export again")]
    WebPage,
    /// Bytes that are no UTF-8.
    #[error("is not UTF-8 text: save it as \"CSV UTF-8\"")]
    NotUtf8,
    /// UTF-16 with half a character.
    #[error("is broken UTF-16 text: save it as \"CSV UTF-8\"")]
    BrokenUtf16,
    /// The first line names no columns.
    #[error("has no header: the first line must name the columns")]
    NoHeader,
    /// Two columns of one name, by their numbers from 1. A line without a header may hold values here.
    #[error("gives columns {0} and {1} the same name: rename one of them")]
    ColumnTwice(usize, usize),
    /// More columns than any table has.
    #[error("has more than {0} columns: is the separator right?")]
    TooManyColumns(usize),
    /// A quotation mark without its partner.
    #[error("opens a quotation mark that is never closed: close it, or double it inside a field")]
    UnclosedQuote,
    /// One field over the limit, in KiB.
    #[error("has a field of more than {0} KiB: is a quotation mark missing?")]
    FieldTooLarge(usize),
    /// JSON that is none.
    #[error("is not valid JSON: {0}")]
    InvalidJson(String),
    /// JSON nested too deep.
    #[error("nests JSON more than {0} deep")]
    TooDeep(usize),
    /// JSON of next to nothing but brackets and commas: in memory it would be many times as large.
    #[error("holds far more values than anything for people has: is it an export of listings?")]
    TooManyValues,
    /// More rows that cannot be read than anybody would look through.
    #[error("has more than {0} rows that cannot be read: is it what it says it is?")]
    TooManyBadRows(usize),
    /// A JSON key twice in one object.
    #[error("has the key \"{0}\" twice in one object: remove one")]
    KeyTwice(String),
    /// A JSON document without HSDS objects in it.
    #[error("holds no HSDS organization, service, service_at_location or location")]
    NoHsdsObject,
    /// An archive that is none or is cut short.
    #[error("is not a complete zip archive: fetch it again")]
    BrokenZip,
    /// An archive that might do harm.
    #[error("is refused: {0}")]
    UnsafeZip(UnsafeZip),
    /// A map that is no TOML or has keys that mean nothing.
    #[error("{0}")]
    Map(String),
}

/// What makes an archive unsafe to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsafeZip {
    /// More members than the limit.
    #[error("it has more than 50 members")]
    TooManyMembers,
    /// Unpacks to more than the limit.
    #[error("it unpacks to more than 64 MiB")]
    TooLarge,
    /// A member is compressed beyond what text can be.
    #[error("a member unpacks to more than 100 times its size")]
    Bomb,
    /// A member's name leads out of the archive or is no name.
    #[error("a member's name is no plain relative path")]
    Path,
    /// A symbolic link.
    #[error("a member is a link, not a file")]
    Link,
    /// An archive in the archive.
    #[error("a member is an archive itself: unpack it first")]
    Nested,
    /// An encrypted member.
    #[error("a member is encrypted: export it without a password")]
    Encrypted,
    /// Two members whose names differ in case only.
    #[error("two members have the same name")]
    SameName,
    /// Two members that share bytes, or sizes that contradict each other.
    #[error("its members overlap or misstate their sizes")]
    Overlap,
}

impl SourceError {
    /// An error about a file as a whole.
    #[must_use]
    pub fn new(file: impl Into<String>, fault: Fault) -> Self {
        Self {
            file: file.into(),
            place: None,
            fault,
        }
    }

    /// The same error at a line or JSON pointer.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.fault {
            Fault::Unreadable(_) => "file_unreadable",
            Fault::TooLarge(_) => "file_too_large",
            Fault::Empty => "file_empty",
            Fault::NothingKnown => "no_hsds_file",
            Fault::NeedsMap => "needs_map",
            Fault::Binary => "file_binary",
            Fault::Workbook => "file_is_workbook",
            Fault::WebPage => "file_is_web_page",
            Fault::NotUtf8 => "text_not_utf8",
            Fault::BrokenUtf16 => "text_broken_utf16",
            Fault::NoHeader => "header_missing",
            Fault::ColumnTwice(..) => "column_twice",
            Fault::TooManyColumns(_) => "too_many_columns",
            Fault::UnclosedQuote => "quote_unclosed",
            Fault::FieldTooLarge(_) => "field_too_large",
            Fault::InvalidJson(_) => "json_invalid",
            Fault::TooDeep(_) => "json_too_deep",
            Fault::TooManyValues => "json_too_many_values",
            Fault::TooManyBadRows(_) => "too_many_bad_rows",
            Fault::KeyTwice(_) => "json_key_twice",
            Fault::NoHsdsObject => "no_hsds_object",
            Fault::BrokenZip => "zip_broken",
            Fault::UnsafeZip(_) => "zip_unsafe",
            Fault::Map(_) => "map_invalid",
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl std::error::Error for SourceError {}
