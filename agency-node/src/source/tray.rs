//! Where readers put rows, and what they say about rows they could not read.

use std::collections::HashMap;
use std::sync::Arc;

use referral_core::hsds::{Drafts, Entity, Origin, Row, RowIndex, RowIssue};

use super::Progress;

/// How many rows are read between two words about progress.
const ROWS_BETWEEN: usize = 1_000;

/// More rows that cannot be read are not named: a file of them is refused whole.
pub(super) const MOST_REFUSED: usize = 10_000;

/// Rows as they are read.
pub(super) struct Tray<'a> {
    pub(super) drafts: Drafts,
    /// Rows that could not be read at all.
    pub(super) refused: Vec<RowIssue>,
    /// Files that nothing was read from.
    pub(super) skipped: Vec<String>,
    /// The organization that each nested location belongs to, by the location's id.
    owner_of: HashMap<String, String>,
    file: Arc<str>,
    progress: &'a mut dyn FnMut(&Progress),
}

impl<'a> Tray<'a> {
    pub(super) fn new(source: &str, progress: &'a mut dyn FnMut(&Progress)) -> Self {
        Self {
            drafts: Drafts::new(source),
            refused: Vec::new(),
            skipped: Vec::new(),
            owner_of: HashMap::new(),
            file: "".into(),
            progress,
        }
    }

    /// Begins a file.
    pub(super) fn open(&mut self, file: &str) {
        self.file = file.into();
        self.tell();
    }

    /// An empty row of the file being read.
    pub(super) fn row(&self, entity: Entity, at: impl Into<String>) -> Row {
        let origin = Origin {
            file: Arc::clone(&self.file),
            row: at.into(),
        };
        Row::new(entity, origin)
    }

    /// Takes a row.
    pub(super) fn put(&mut self, row: Row) -> RowIndex {
        let at = self.drafts.push(row);
        if self.drafts.len().is_multiple_of(ROWS_BETWEEN) {
            self.tell();
        }
        at
    }

    /// True when `location` belongs to no other organization so far.
    pub(super) fn is_owner(&mut self, organization: &str, location: &str) -> bool {
        let owner = self.owner_of.entry(location.to_owned());
        owner.or_insert_with(|| organization.to_owned()) == organization
    }

    /// Names a row of the file being read that could not be read.
    pub(super) fn refuse(
        &mut self,
        entity: Entity,
        at: impl Into<String>,
        code: &'static str,
        reason: &str,
    ) {
        if self.refused.len() > MOST_REFUSED {
            return;
        }
        self.refused.push(RowIssue {
            entity,
            file: Arc::clone(&self.file),
            row: at.into(),
            id: None,
            field: "row".to_owned(),
            code,
            reason: reason.to_owned(),
        });
    }

    fn tell(&mut self) {
        let progress = Progress {
            file: self.file.to_string(),
            rows: self.drafts.len(),
        };
        (self.progress)(&progress);
    }
}
