//! Printing: on standard output what was asked for, and nothing else.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;
use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use jiff::{Timestamp, Unit};
use serde::Serialize;

/// Prints text. A reader that has gone away, as `head` does, is no failure.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// Prints one JSON document.
pub(super) fn print_json(document: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(document).context("cannot be said as JSON")?;
    print(&format!("{text}\n"))
}

/// A table without lines; long cells are wrapped to the terminal's width.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.iter().copied());
    table
}

/// A table as lines, indented by two blanks.
pub(super) fn lines(table: &Table) -> String {
    let lines = table.lines().map(|line| format!("  {}\n", line.trim_end()));
    lines.collect()
}

/// A time for people, to the second.
pub(super) fn instant(at: Timestamp) -> String {
    at.round(Unit::Second).unwrap_or(at).to_string()
}
