//! The rows of an agency's file as text, before anything in them is believed.
//!
//! The shape is the tabular form of HSDS: one [`Row`] per object, its fields by their HSDS names, its
//! links as `organization_id`, `service_id` and so on. Readers flatten nested files into it.

use std::fmt;
use std::sync::Arc;

use super::entity::Entity;

/// Where a row stands in the publisher's file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file's name without its directory, or the member's name inside an archive.
    pub file: Arc<str>,
    /// The line number of a table (its header is line 1), or a JSON pointer (RFC 6901) after the line
    /// number where every line is a document of its own.
    pub row: String,
}

/// One object of the publisher's file.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub entity: Entity,
    /// Where it stands.
    pub origin: Origin,
    /// The row it was nested in, for files that nest.
    pub within: Option<RowIndex>,
    fields: Vec<(Arc<str>, String)>,
}

/// The place of a row in its [`Drafts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowIndex(usize);

/// All rows of one import, in the order they were read.
#[derive(Clone, Default)]
pub struct Drafts {
    rows: Vec<Row>,
    /// What the publisher calls the file or directory they were read from.
    pub source: String,
}

impl Row {
    /// A row without fields.
    #[must_use]
    pub fn new(entity: Entity, origin: Origin) -> Self {
        Self {
            entity,
            origin,
            within: None,
            fields: Vec::new(),
        }
    }

    /// Adds a field; one with nothing but blanks in it is left out. A field set twice keeps its first
    /// value.
    pub fn set(&mut self, field: impl Into<Arc<str>>, value: impl Into<String>) {
        let (field, value) = (field.into(), value.into());
        if !value.trim().is_empty() && self.text(&field).is_none() {
            self.fields.push((field, value));
        }
    }

    /// The field's text as published; `None` where there is none.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(name, _)| &**name == field);
        found.map(|(_, value)| value.as_str())
    }

    /// The row's own id, as the publisher writes it.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.text("id").map(str::trim)
    }

    /// Every field with something in it, in the order of the file.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (&**name, value.as_str()))
    }
}

/// Fields may hold what must not be seen: only their names are shown.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| &**name).collect();
        f.debug_struct("Row")
            .field("entity", &self.entity)
            .field("origin", &self.origin)
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

impl Drafts {
    /// No rows yet, read from `source`.
    #[must_use]
    pub fn new(source: impl Into<String>) -> Self {
        Self {
            rows: Vec::new(),
            source: source.into(),
        }
    }

    /// Adds a row; the answer names it for rows nested in it.
    pub fn push(&mut self, row: Row) -> RowIndex {
        self.rows.push(row);
        RowIndex(self.rows.len() - 1)
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// A row to add fields to.
    pub fn row_mut(&mut self, at: RowIndex) -> Option<&mut Row> {
        self.rows.get_mut(at.0)
    }

    /// The rows, to be taken apart.
    pub(super) fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl RowIndex {
    /// The place as a number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0
    }
}

impl fmt::Debug for Drafts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drafts")
            .field("source", &self.source)
            .field("rows", &self.rows.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_in_a_log_shows_its_field_names_and_never_their_values() {
        let origin = Origin {
            file: "addresses.csv".into(),
            row: "2".to_owned(),
        };
        let mut row = Row::new(Entity::Address, origin);
        row.set("address_1", "4417 Canarywood Lane");
        row.set("city", "   ");

        let shown = format!("{row:?}");

        assert!(shown.contains("address_1") && !shown.contains("Canarywood"));
        assert_eq!(row.text("city"), None);
    }
}
