//! CSV for spreadsheets and for HXL tools.
//!
//! HXL lets rows of any kind stand above the names and tags, within the first 25: there it says what the numbers
//! mean, since a CSV file has no other place for it. Every row has all columns, as RFC 4180 asks.

use referral_core::coverage::Report;
use referral_core::geo::StateCode;

use super::about::facts;
use super::cell::guarded;
use super::columns::{COLUMNS, Value, values};
use super::rows;

pub(super) fn write(report: &Report, state: Option<StateCode>) -> String {
    let facts = facts(report, state);
    let above = facts
        .iter()
        .map(|fact| [fact.name.to_owned(), fact.text.clone()]);
    let names = COLUMNS.map(|column| column.name.to_owned());
    let tags = COLUMNS.map(|column| column.tag.to_owned());
    let mut table = Table::new(COLUMNS.len());
    for fact in above {
        // The facts' texts are ours or names: guarded like any other text.
        table.row(fact.iter().map(|text| guarded(text)));
    }
    table.row(names);
    table.row(tags);
    for row in rows(report, state) {
        table.row(values(report, row).into_iter().map(cell));
    }
    table.text
}

/// Rows of one width.
pub(super) struct Table {
    width: usize,
    pub(super) text: String,
}

impl Table {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            text: String::new(),
        }
    }

    /// Adds a row, filled up with empty cells.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = cells.into_iter().chain(std::iter::repeat(String::new()));
        for (at, cell) in cells.take(self.width).enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.cell(&cell);
        }
        self.text.push_str("\r\n");
    }

    fn cell(&mut self, cell: &str) {
        if cell.contains(['"', ',', '\r', '\n']) {
            self.text.push('"');
            self.text.push_str(&cell.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(cell);
        }
    }
}

pub(super) fn cell(value: Value) -> String {
    match value {
        Value::Missing => String::new(),
        Value::Text(text) => guarded(&text),
        Value::Number(number) => number.to_string(),
        Value::Count(count) => count.to_string(),
    }
}
