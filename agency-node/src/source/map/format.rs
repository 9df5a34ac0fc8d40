//! The format of a map: what its keys are. Its meaning is told in the module above.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use referral_core::hsds::Entity;
use serde::de::{Error, IntoDeserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

use crate::source::csv::{Table, TableRow};
use crate::source::error::{Fault, SourceError};

/// A whole map.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Map {
    /// What to call the source.
    pub(super) source: Option<String>,
    /// The tables, in the order in which their rows are taken.
    #[serde(rename = "table")]
    pub(super) tables: Vec<TableMap>,
    /// Value tables by name: published word, what it means.
    #[serde(default)]
    pub(super) values: BTreeMap<String, BTreeMap<String, String>>,
}

/// What the rows of one table are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableMap {
    /// The file, by its name without directories.
    pub(super) file: String,
    /// What a row is.
    #[serde(deserialize_with = "entity")]
    pub(super) entity: Entity,
    /// Which rows; all of these must hold.
    #[serde(default)]
    pub(super) when: Vec<Condition>,
    /// HSDS field, where it comes from.
    pub(super) fields: BTreeMap<String, FieldRule>,
    /// Further objects out of single cells.
    #[serde(default, rename = "part")]
    pub(super) parts: Vec<PartMap>,
}

/// Objects out of one cell.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartMap {
    /// The cell's column.
    pub(super) column: String,
    /// What stands between parts; none: the whole cell is one.
    pub(super) separator: Option<String>,
    /// What stands between a part's label and the part.
    pub(super) label_separator: Option<String>,
    /// What a part may begin with that is no part of it.
    pub(super) strip_prefix: Option<String>,
    /// How a part is taken apart.
    pub(super) parse: Option<Parse>,
    /// Parts that are none.
    #[serde(default)]
    pub(super) skip: Vec<String>,
    /// What a part is.
    #[serde(deserialize_with = "entity")]
    pub(super) entity: Entity,
    /// HSDS field, where it comes from.
    pub(super) fields: BTreeMap<String, FieldRule>,
}

/// How a part is taken apart.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Parse {
    /// One line with street, city, state and ZIP.
    UsAddress,
}

/// Where a field comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldRule {
    pub(super) from: From,
    /// Values that mean nothing is stated.
    pub(super) empty_if: Vec<String>,
    /// The value table to translate through.
    pub(super) values: Option<String>,
    /// What stands between the items of a list.
    pub(super) separator: Option<String>,
}

/// The text a field begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum From {
    /// Nowhere.
    #[default]
    Nowhere,
    /// A column.
    Column(String),
    /// Text with columns in braces.
    Template(String),
    /// The same text for every row.
    Constant(String),
    /// A column of another table.
    Lookup(Lookup),
}

/// A column of another table.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Lookup {
    /// The other table's file.
    pub(super) file: String,
    /// The column here.
    pub(super) key: String,
    /// The column there that holds the same.
    #[serde(rename = "match")]
    pub(super) matching: String,
    /// The column there that is taken.
    pub(super) take: String,
}

/// Which rows are taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Condition {
    /// The column.
    pub(super) column: String,
    /// Whether there is anything in it.
    pub(super) is: Option<Presence>,
    /// What it says, in any case.
    #[serde(default)]
    pub(super) any_of: Vec<String>,
}

/// Whether there is anything in a cell.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Presence {
    /// Something.
    Present,
    /// Nothing.
    Absent,
}

/// Reads a map.
///
/// # Errors
/// [`SourceError`] with the line for what is no TOML, and for keys that mean nothing.
pub(super) fn read(file: &str, text: &str) -> Result<Map, SourceError> {
    toml::from_str(text).map_err(|wrong| {
        let error = SourceError::new(file, Fault::Map(wrong.message().to_owned()));
        match wrong.span() {
            Some(span) => {
                let before = text.get(..span.start).unwrap_or_default();
                error.at(format!("line {}", before.lines().count().max(1)))
            }
            None => error,
        }
    })
}

impl Map {
    /// Every file the map reads, in lower case.
    pub(super) fn file_names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for table in &self.tables {
            names.insert(table.file.to_lowercase());
            let part_rules = table.parts.iter().flat_map(|part| part.fields.values());
            for rule in table.fields.values().chain(part_rules) {
                if let From::Lookup(lookup) = &rule.from {
                    names.insert(lookup.file.to_lowercase());
                }
            }
        }
        names
    }
}

impl Condition {
    /// Whether a row fulfils it.
    pub(super) fn holds(&self, table: &Table, row: &TableRow) -> bool {
        let cell = table.column(&self.column).map_or("", |at| row.cell(at));
        let present = match self.is {
            None => true,
            Some(Presence::Present) => !cell.is_empty(),
            Some(Presence::Absent) => cell.is_empty(),
        };
        let says = |word: &String| word.eq_ignore_ascii_case(cell);
        present && (self.any_of.is_empty() || self.any_of.iter().any(says))
    }
}

fn entity<'de, D: Deserializer<'de>>(reader: D) -> Result<Entity, D::Error> {
    let name = String::deserialize(reader)?;
    Entity::named(&name).ok_or_else(|| {
        let known: Vec<&str> = Entity::ALL.iter().map(|entity| entity.as_str()).collect();
        D::Error::custom(format!(
            "\"{name}\" is no HSDS object: write one of {}",
            known.join(", ")
        ))
    })
}

/// The long form of a field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongForm {
    column: Option<String>,
    template: Option<String>,
    constant: Option<String>,
    lookup: Option<Lookup>,
    #[serde(default)]
    empty_if: Vec<String>,
    values: Option<String>,
    separator: Option<String>,
}

/// A field is a string, which is a column or a template, or a table with one source.
impl<'de> Deserialize<'de> for FieldRule {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = FieldRule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column's name, a template such as \"{street} {number}\", or a table")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FieldRule, E> {
        let from = if text.contains('{') {
            From::Template(text.to_owned())
        } else {
            From::Column(text.to_owned())
        };
        Ok(FieldRule {
            from,
            ..FieldRule::default()
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<FieldRule, A::Error> {
        let long = LongForm::deserialize(MapAccessDeserializer::new(entries).into_deserializer())?;
        let mut sources: Vec<From> = Vec::new();
        sources.extend(long.column.map(From::Column));
        sources.extend(long.template.map(From::Template));
        sources.extend(long.constant.map(From::Constant));
        sources.extend(long.lookup.map(From::Lookup));
        match (sources.pop(), sources.pop()) {
            (Some(from), None) => Ok(FieldRule {
                from,
                empty_if: long.empty_if,
                values: long.values,
                separator: long.separator,
            }),
            _ => Err(A::Error::custom(
                "a field has exactly one of column, template, constant and lookup",
            )),
        }
    }
}
