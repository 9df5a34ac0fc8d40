//! What an import has to report: counts first, then every row that was withheld, refused or repaired.

use std::collections::BTreeMap;
use std::fmt::Write;

use referral_core::hsds::RowIssue;
use referral_core::id::Kind;
use serde::Serialize;

use super::output::{lines, table};
use crate::catalog::RecordName;
use crate::operations::{Change, Plan};

/// The report of an import, and its JSON form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Report {
    /// What the publisher calls the file.
    source: String,
    /// True when the difference is queued.
    applied: bool,
    added: usize,
    changed: usize,
    unchanged: usize,
    missing: usize,
    withheld: Vec<Row>,
    pub(super) refused: Vec<Row>,
    repaired: Vec<Row>,
    missing_records: Vec<Missing>,
    /// Files of the input that nothing was read from.
    skipped: Vec<String>,
    records: BTreeMap<&'static str, Counts>,
}

/// A row and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "`row` is the key that scripts read"
)]
pub(super) struct Row {
    pub(super) file: String,
    pub(super) row: String,
    pub(super) id: Option<String>,
    pub(super) field: String,
    pub(super) code: String,
    pub(super) reason: String,
}

/// A record that came from this source before, and is not in it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Missing {
    kind: &'static str,
    id: String,
    name: String,
}

/// How records of one kind compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Counts {
    added: usize,
    changed: usize,
    unchanged: usize,
    missing: usize,
}

impl Report {
    /// The report of a plan. The rows are added after.
    pub(super) fn new(source: String, plan: &Plan) -> Self {
        let missing = plan
            .records
            .iter()
            .filter(|planned| planned.change == Change::Missing);
        Self {
            source,
            applied: plan.applied,
            added: plan.count(Change::Added),
            changed: plan.count(Change::Changed),
            unchanged: plan.count(Change::Unchanged),
            missing: plan.count(Change::Missing),
            withheld: Vec::new(),
            refused: Vec::new(),
            repaired: Vec::new(),
            skipped: Vec::new(),
            missing_records: missing
                .map(|planned| Missing {
                    kind: planned.name.kind.as_str(),
                    id: planned.name.id.to_string(),
                    name: planned.title.clone(),
                })
                .collect(),
            records: Kind::ALL
                .iter()
                .map(|kind| (kind.as_str(), counts(plan, *kind)))
                .collect(),
        }
    }

    /// Adds what became of single rows.
    pub(super) fn rows(
        mut self,
        withheld: &[RowIssue],
        refused: &[RowIssue],
        repaired: &[RowIssue],
    ) -> Self {
        self.withheld.extend(withheld.iter().map(Row::from));
        self.refused.extend(refused.iter().map(Row::from));
        self.repaired.extend(repaired.iter().map(Row::from));
        self
    }

    /// Adds files that nothing was read from.
    pub(super) fn skipped(mut self, files: Vec<String>) -> Self {
        self.skipped = files;
        self
    }

    /// Adds records that cannot be published, with the reason.
    pub(super) fn oversized(mut self, records: &BTreeMap<RecordName, String>) -> Self {
        let rows = records.iter().map(|(name, reason)| Row {
            file: self.source.clone(),
            row: name.kind.to_string(),
            id: Some(name.id.to_string()),
            field: "row".to_owned(),
            code: "record_too_large".to_owned(),
            reason: reason.clone(),
        });
        let rows: Vec<Row> = rows.collect();
        self.refused.extend(rows);
        self
    }

    /// Whether no row became a record or is only kept back: such an input is refused as a whole.
    pub(super) fn took_nothing(&self) -> bool {
        self.added + self.changed + self.unchanged == 0 && self.withheld.is_empty()
    }

    /// The report for people.
    pub(super) fn text(&self) -> String {
        let mut text = self.counts();
        text.push_str(&listed("refused", &self.refused));
        text.push_str(&listed("withheld", &self.withheld));
        text.push_str(&listed("repaired", &self.repaired));
        if !self.skipped.is_empty() {
            let _infallible =
                writeln!(text, "\nnothing was read from: {}", self.skipped.join(", "));
        }
        if !self.missing_records.is_empty() {
            let mut rows = table(&["kind", "id", "name"]);
            for missing in &self.missing_records {
                rows.add_row([missing.kind, &missing.id, &missing.name]);
            }
            let _infallible = write!(
                text,
                "\nmissing from {}, and still published; `agency-node withdraw` takes a service away:\n{}",
                self.source,
                lines(&rows)
            );
        }
        text
    }

    fn counts(&self) -> String {
        let queued = self.added + self.changed;
        let said = match (self.applied, queued) {
            (false, _) => "dry run: nothing was queued".to_owned(),
            (true, 0) => "nothing to publish".to_owned(),
            (true, some) => format!("{some} records are queued"),
        };
        let mut rows = table(&["", "added", "changed", "unchanged", "missing"]);
        for (kind, counts) in self.in_order() {
            let Counts {
                added,
                changed,
                unchanged,
                missing,
            } = counts;
            let counts = [added, changed, unchanged, missing].map(ToString::to_string);
            rows.add_row(std::iter::once(kind.to_owned()).chain(counts));
        }
        format!(
            "{}: {said}; {} rows refused, {} withheld, {} repaired\n{}",
            self.source,
            self.refused.len(),
            self.withheld.len(),
            self.repaired.len(),
            lines(&rows)
        )
    }
}

impl Report {
    fn in_order(&self) -> impl Iterator<Item = (&'static str, &Counts)> {
        let kinds = Kind::ALL.iter().map(|kind| kind.as_str());
        kinds.filter_map(|kind| Some((kind, self.records.get(kind)?)))
    }
}

impl From<&RowIssue> for Row {
    fn from(issue: &RowIssue) -> Self {
        Self {
            file: issue.file.to_string(),
            row: issue.row.clone(),
            id: issue.id.clone(),
            field: issue.field.clone(),
            code: issue.code.to_owned(),
            reason: issue.reason.clone(),
        }
    }
}

/// Rows as lines, `file:row field: reason`.
pub(super) fn listed(what: &str, rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |row: &Row| {
        let id = row
            .id
            .as_ref()
            .map(|id| format!(" (id {id})"))
            .unwrap_or_default();
        let Row {
            file,
            row,
            field,
            reason,
            ..
        } = row;
        format!("  {file}:{row} {field}: {reason}{id}\n")
    };
    let lines: String = rows.iter().map(line).collect();
    format!("\n{what}: {}\n{lines}", rows.len())
}

fn counts(plan: &Plan, kind: Kind) -> Counts {
    let mut counts = Counts::default();
    for planned in plan
        .records
        .iter()
        .filter(|planned| planned.name.kind == kind)
    {
        match planned.change {
            Change::Added => counts.added += 1,
            Change::Changed => counts.changed += 1,
            Change::Unchanged => counts.unchanged += 1,
            Change::Missing => counts.missing += 1,
        }
    }
    counts
}
