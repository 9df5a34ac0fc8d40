//! What the report says of a row that was refused, withheld or repaired.

use std::collections::HashSet;
use std::sync::Arc;

use super::draft::Row;
use super::entity::Entity;

/// One thing the publisher should know about one row. It names the place and the reason, never the
/// value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowIssue {
    /// What the row is.
    pub entity: Entity,
    /// The file or archive member it stands in.
    pub file: Arc<str>,
    /// Its line number or JSON pointer there.
    pub row: String,
    /// The row's id as the publisher writes it, where it has one.
    pub id: Option<String>,
    /// The HSDS field it is about; `row` when it is about the row as a whole.
    pub field: String,
    /// A stable name for this kind of issue.
    pub code: &'static str,
    /// What happened and what to do, in one sentence.
    pub reason: String,
}

/// Why something was refused, withheld or repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) code: &'static str,
    pub(super) reason: String,
}

/// The report while it is being written. The same thing about the same field of a row is said once.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) refused: Vec<RowIssue>,
    pub(super) withheld: Vec<RowIssue>,
    pub(super) repaired: Vec<RowIssue>,
    said: HashSet<Said>,
}

/// What was said already: file, row, kind of row, field, code.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Said(Arc<str>, String, Entity, String, &'static str);

impl Cause {
    pub(super) fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }
}

impl RowIssue {
    fn new(row: &Row, field: &str, cause: Cause) -> Self {
        Self {
            entity: row.entity,
            file: Arc::clone(&row.origin.file),
            row: row.origin.row.clone(),
            // A reader names rows that have no id of their own by a tilde and their place.
            id: row
                .id()
                .filter(|id| !id.starts_with('~'))
                .map(str::to_owned),
            field: field.to_owned(),
            code: cause.code,
            reason: cause.reason,
        }
    }
}

impl Ledger {
    /// Nothing of the row is taken.
    pub(super) fn refuse(&mut self, row: &Row, field: &str, cause: Cause) {
        let issue = RowIssue::new(row, field, cause);
        if self.is_new(&issue) {
            self.refused.push(issue);
        }
    }

    /// The row is good, and kept back because its publisher says so or has to decide.
    pub(super) fn withhold(&mut self, row: &Row, field: &str, cause: Cause) {
        let issue = RowIssue::new(row, field, cause);
        if self.is_new(&issue) {
            self.withheld.push(issue);
        }
    }

    /// The row is taken with `field` changed or left out.
    pub(super) fn repair(&mut self, row: &Row, field: &str, cause: Cause) {
        let issue = RowIssue::new(row, field, cause);
        if self.is_new(&issue) {
            self.repaired.push(issue);
        }
    }

    fn is_new(&mut self, issue: &RowIssue) -> bool {
        self.said.insert(Said(
            Arc::clone(&issue.file),
            issue.row.clone(),
            issue.entity,
            issue.field.clone(),
            issue.code,
        ))
    }
}
