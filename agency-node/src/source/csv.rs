//! One table of text: its columns, and its rows with the line each begins on.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::{Fault, SourceError};
use super::tray::MOST_REFUSED;

/// Most columns of a table.
const COLUMNS: usize = 1_000;
/// Most bytes of a cell.
const CELL_BYTES: usize = 1024 * 1024;
/// Separators that are recognised, the usual one first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A table with its header read and its quotation marks checked.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The file or archive member.
    pub(super) file: Arc<str>,
    /// Column names as published; unnamed columns are empty.
    pub(super) columns: Vec<String>,
    /// The rows, those without anything in them left out.
    pub(super) rows: Vec<TableRow>,
}

/// One row of a table.
#[derive(Clone, Debug)]
pub(super) struct TableRow {
    /// The line it begins on; the header is line 1.
    pub(super) line: u64,
    /// Its cells, one for each column, or why they do not fit.
    pub(super) cells: Result<Vec<String>, Misfit>,
}

/// Why the cells of a row do not fit the header. Its columns cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Fewer cells than columns.
    TooFew,
    /// More cells than columns, or something under a column without a name.
    TooMany,
}

impl Table {
    /// Reads a table.
    ///
    /// # Errors
    /// [`SourceError`] with its line for an open quotation mark, an endless cell, a missing or
    /// contradictory header, and for thousands of rows that do not fit it.
    pub(super) fn read(file: &str, text: &str) -> Result<Self, SourceError> {
        let separator = separator(text);
        check_quotes(file, text, separator)?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(text.as_bytes());
        let lines = LineStarts::of(text);
        let mut columns: Option<Vec<String>> = None;
        let (mut rows, mut misfits) = (Vec::new(), 0_usize);
        for record in reader.records() {
            let record = record.map_err(|_| SourceError::new(file, Fault::Binary))?;
            let start = record.position().map_or(0, csv::Position::byte);
            let line = lines.line_of(text, start);
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            match &columns {
                None => columns = Some(header(file, &cells, line)?),
                Some(_) if cells.iter().all(|cell| cell.trim().is_empty()) => {}
                Some(columns) => {
                    let cells = fitted(cells, columns);
                    misfits += usize::from(cells.is_err());
                    rows.push(TableRow { line, cells });
                }
            }
            if misfits > MOST_REFUSED {
                return Err(SourceError::new(file, Fault::TooManyBadRows(MOST_REFUSED)));
            }
        }
        Ok(Self {
            file: file.into(),
            columns: columns.ok_or_else(|| SourceError::new(file, Fault::NoHeader))?,
            rows,
        })
    }

    /// The place of a column, by its name in any case.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        let same = |column: &String| column.eq_ignore_ascii_case(name.trim());
        self.columns.iter().position(same)
    }
}

impl TableRow {
    /// The text of a column; empty where there is none.
    pub(super) fn cell(&self, column: usize) -> &str {
        let cells = self.cells.as_ref().ok();
        cells
            .and_then(|cells| cells.get(column))
            .map_or("", |cell| cell.trim())
    }
}

impl Misfit {
    /// A stable name.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::TooFew => "cells_missing",
            Self::TooMany => "cells_extra",
        }
    }

    /// What to do about it.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::TooFew => {
                "it has fewer cells than there are columns, so its cells cannot be told apart"
            }
            Self::TooMany => {
                "it has more cells than there are named columns, so its cells seem to be shifted: \
                 is a separator not in quotation marks?"
            }
        }
    }
}

/// Cells beyond the last column, or under one without a name, must be empty.
fn fitted(mut cells: Vec<String>, columns: &[String]) -> Result<Vec<String>, Misfit> {
    if cells.len() < columns.len() {
        let named = columns
            .iter()
            .skip(cells.len())
            .any(|name| !name.is_empty());
        if named {
            return Err(Misfit::TooFew);
        }
    }
    let beyond = |at: usize| columns.get(at).is_none_or(String::is_empty);
    let shifted = cells
        .iter()
        .enumerate()
        .any(|(at, cell)| beyond(at) && !cell.trim().is_empty());
    if shifted {
        return Err(Misfit::TooMany);
    }
    cells.truncate(columns.len());
    Ok(cells)
}

fn header(file: &str, cells: &[String], line: u64) -> Result<Vec<String>, SourceError> {
    let refuse = |fault| Err(SourceError::new(file, fault).at(format!("line {line}")));
    if cells.len() > COLUMNS {
        return refuse(Fault::TooManyColumns(COLUMNS));
    }
    let names: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
    // First, for the cells of a row are not the names of columns.
    if is_a_row(&names) {
        return refuse(Fault::NoHeader);
    }
    let mut seen = HashMap::new();
    for (at, name) in names
        .iter()
        .enumerate()
        .filter(|(_, name)| !name.is_empty())
    {
        if let Some(first) = seen.insert(name.to_lowercase(), at + 1) {
            return refuse(Fault::ColumnTwice(first, at + 1));
        }
    }
    Ok(names)
}

/// True when a first line has the cells of a row: its first is a number, or it has an email address or
/// a UUID in it.
fn is_a_row(names: &[String]) -> bool {
    let is_number = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
    let first = names.iter().find(|name| !name.is_empty());
    first.is_none_or(is_number)
        || names.iter().any(|name| name.contains('@') || is_uuid(name))
        || !names.iter().any(|name| is_column_name(name))
}

fn is_uuid(name: &str) -> bool {
    name.len() == 36
        && name
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Something short with a letter in it.
fn is_column_name(name: &str) -> bool {
    name.chars().any(char::is_alphabetic) && name.chars().count() <= 100
}

/// The separator that stands most often in the first line, outside quotation marks.
fn separator(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [0_usize; SEPARATORS.len()];
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(at) = SEPARATORS.iter().position(|known| *known == byte) {
                    counts[at] += 1;
                }
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let first = counts.iter().position(|count| *count == most).unwrap_or(0);
    SEPARATORS[first]
}

/// Walks the text as the reader will (RFC 4180) and refuses what would swallow the rest of the file.
fn check_quotes(file: &str, text: &str, separator: u8) -> Result<(), SourceError> {
    let mut line = 1_u64;
    let (mut opened, mut cell_line, mut cell_start) = (None, 1, 0);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if at - cell_start > CELL_BYTES {
            let fault = Fault::FieldTooLarge(CELL_BYTES / 1024);
            return Err(SourceError::new(file, fault).at(format!("line {cell_line}")));
        }
        line += u64::from(byte == b'\n');
        if let Some(start) = opened {
            let next = bytes.get(at + 1).copied();
            match byte {
                b'"' if next == Some(b'"') => at += 1,
                // Over several lines, a mark inside a cell is mostly the first of another cell.
                b'"' if line > start && !ends_cell(next, separator) => break,
                b'"' => opened = None,
                _ => {}
            }
        } else if byte == b'"' && at == cell_start {
            opened = Some(line);
        } else if byte == separator || byte == b'\n' {
            (cell_start, cell_line) = (at + 1, line);
        }
        at += 1;
    }
    match opened {
        None => Ok(()),
        Some(line) => Err(SourceError::new(file, Fault::UnclosedQuote).at(format!("line {line}"))),
    }
}

fn ends_cell(next: Option<u8>, separator: u8) -> bool {
    next.is_none_or(|byte| byte == separator || byte == b'\n')
}

/// Line numbers by byte offset.
struct LineStarts(Vec<usize>);

impl LineStarts {
    fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(
            std::iter::once(0)
                .chain(ends.map(|(at, _)| at + 1))
                .collect(),
        )
    }

    /// The line of the first byte at or after `start` that is no line end.
    fn line_of(&self, text: &str, start: u64) -> u64 {
        let start = usize::try_from(start).unwrap_or(usize::MAX).min(text.len());
        let blank = text.as_bytes()[start..]
            .iter()
            .take_while(|byte| **byte == b'\n')
            .count();
        let line = self.0.partition_point(|line| *line <= start + blank);
        u64::try_from(line).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        Table::read("t.csv", text).unwrap()
    }

    fn refusal(text: &str) -> (&'static str, Option<String>) {
        let wrong = Table::read("t.csv", text).unwrap_err();
        (wrong.code(), wrong.place)
    }

    #[test]
    fn rows_keep_their_cells_and_lines() {
        let table = table("id,name\n1,\"two\nlines\"\n\n2,\"a \"\"b\"\" c\"\n,\n3,5\" pipe\n");

        let rows: Vec<(u64, &str, &str)> = table
            .rows
            .iter()
            .map(|row| (row.line, row.cell(0), row.cell(1)))
            .collect();
        assert_eq!(
            rows,
            [
                (2, "1", "two\nlines"),
                (5, "2", "a \"b\" c"),
                (7, "3", "5\" pipe")
            ]
        );
    }

    #[test]
    fn semicolons_and_tabs_are_recognised() {
        for text in [
            "id;name\n1;a,b\n",
            "id\tname\n1\ta,b\n",
            "\"id\"|name\n1|a,b\n",
        ] {
            assert_eq!(table(text).rows[0].cell(1), "a,b", "{text}");
        }
    }

    #[test]
    fn a_row_that_does_not_fit_the_header_is_no_other_rows_fault() {
        let table = table("id,name,\n1,a,\n2\n3,c,shifted\n4,d,,,\n5,e\n");

        let fits: Vec<Result<(), Misfit>> = table
            .rows
            .iter()
            .map(|row| row.cells.as_ref().map(|_| ()).map_err(|misfit| *misfit))
            .collect();
        assert_eq!(
            fits,
            [
                Ok(()),
                Err(Misfit::TooFew),
                Err(Misfit::TooMany),
                Ok(()),
                Ok(())
            ]
        );
    }

    #[test]
    fn what_cannot_be_a_table_is_refused_with_its_line() {
        let line = |number: u64| Some(format!("line {number}"));
        assert_eq!(
            refusal("id,name\n1,a\n2,\"open\n3,c\n"),
            ("quote_unclosed", line(3))
        );
        assert_eq!(
            refusal("id,name\n1,\"open\n2,\"b\"\n3,c\n"),
            ("quote_unclosed", line(2))
        );
        assert_eq!(refusal("id,Name,name\n"), ("column_twice", line(1)));
        assert_eq!(refusal("1,2,3\n4,5,6\n"), ("header_missing", line(1)));
        assert_eq!(refusal("\n\n"), ("header_missing", None));
        assert_eq!(
            refusal(&"a,".repeat(1_000_000)),
            ("too_many_columns", line(1))
        );
        let endless = format!("id,name\n1,{}\n", "x".repeat(CELL_BYTES + 1));
        assert_eq!(refusal(&endless), ("field_too_large", line(2)));
    }
}
