//! Tables of what a program prints: columns without lines, the headings strong on a terminal.

use std::fmt::Write as _;

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use crate::paint::Tone;

/// In a terminal of fewer columns wrapped cells cannot be read; long lines can.
const NARROW: u16 = 40;

/// A table with these headings. Long cells are wrapped to a terminal's width; in a pipe or a file every row is a
/// line.
#[must_use]
pub fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    // A terminal that does not say how wide it is says 0.
    let arrangement = match table.width() {
        Some(0..NARROW) => ContentArrangement::Disabled,
        _ => ContentArrangement::Dynamic,
    };
    table.style_text_only();
    table
        .load_style(NOTHING)
        .set_content_arrangement(arrangement)
        .set_header(headings.iter().map(|heading| Tone::Strong.cell(heading)));
    table
}

/// The lines of a table, each after so many blanks.
#[must_use]
pub fn lines(table: &Table, blanks: usize) -> String {
    table.lines().fold(String::new(), |mut text, line| {
        // A column begins with a blank; the first one needs none.
        let line = line.strip_prefix(' ').unwrap_or(&line).trim_end();
        let _infallible = writeln!(text, "{:blanks$}{line}", "");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_line_that_ends_with_its_last_word_where_no_terminal_is() {
        let mut table = table(&["agency", "why"]);
        table.add_row(["harbor-house".to_owned(), "long words ".repeat(30)]);
        table.add_row(["b", ""]);

        let lines = lines(&table, 2);

        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert_eq!(lines[2], "  b");
        assert!(lines.iter().all(|line| *line == line.trim_end()));
    }
}
