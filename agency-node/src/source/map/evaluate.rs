//! What a field of a row comes to.

use std::collections::{BTreeMap, HashMap};

use super::Tables;
use super::format::{FieldRule, From, Lookup, Map, Parse, PartMap};
use super::us_address;
use crate::source::csv::{Table, TableRow};

/// Values by the names that columns and templates use.
pub(super) type Cells = BTreeMap<String, String>;

/// Evaluates the fields of one import.
pub(super) struct Evaluator<'a> {
    values: HashMap<&'a str, HashMap<String, &'a str>>,
    /// By file, column to match and column to take: what is taken for each value.
    lookups: HashMap<(String, String, String), HashMap<&'a str, &'a str>>,
}

impl<'a> Evaluator<'a> {
    /// Prepares value tables and lookups.
    pub(super) fn new(map: &'a Map, tables: &'a Tables) -> Self {
        let values = map.values.iter().map(|(name, table)| {
            let table = table.iter();
            let folded =
                table.map(|(word, meaning)| (word.trim().to_lowercase(), meaning.as_str()));
            (name.as_str(), folded.collect())
        });
        let mut evaluator = Self {
            values: values.collect(),
            lookups: HashMap::new(),
        };
        let tables_of_map = map.tables.iter();
        let rules = tables_of_map.flat_map(|table| {
            let parts = table.parts.iter().flat_map(|part| part.fields.values());
            table.fields.values().chain(parts)
        });
        for rule in rules {
            if let From::Lookup(lookup) = &rule.from {
                let index = evaluator.lookups.entry(key_of(lookup)).or_default();
                if index.is_empty() {
                    fill(index, lookup, tables);
                }
            }
        }
        evaluator
    }

    /// The value of a field, and whether its value table also keeps the word itself.
    pub(super) fn value(&self, rule: &FieldRule, cells: &Cells) -> (String, bool) {
        let text = self.text(&rule.from, cells);
        if rule
            .empty_if
            .iter()
            .any(|empty| empty.eq_ignore_ascii_case(text.trim()))
        {
            return (String::new(), false);
        }
        let mut keeps_own = false;
        let mut items: Vec<String> = Vec::new();
        for item in split(&text, rule.separator.as_deref()) {
            let meaning = match &rule.values {
                None => item.to_owned(),
                Some(table) => {
                    let (meaning, own) = self.translated(table, item);
                    keeps_own |= own;
                    meaning
                }
            };
            if !meaning.is_empty() && !items.contains(&meaning) {
                items.push(meaning);
            }
        }
        (items.join("; "), keeps_own)
    }

    fn text(&self, from: &From, cells: &Cells) -> String {
        let cell = |name: &str| cells.get(&name.to_lowercase()).map_or("", String::as_str);
        match from {
            From::Nowhere => String::new(),
            From::Column(name) => cell(name).to_owned(),
            From::Constant(text) => text.clone(),
            From::Lookup(lookup) => self
                .lookups
                .get(&key_of(lookup))
                .and_then(|index| index.get(cell(&lookup.key)))
                .map_or_else(String::new, |taken| (*taken).to_owned()),
            From::Template(template) => filled(template, &cell),
        }
    }

    /// What a word means; nothing when its table neither lists it nor has a `*`.
    fn translated(&self, table: &str, word: &str) -> (String, bool) {
        let table = self.values.get(table);
        let meaning = table.and_then(|table| {
            let found = table.get(&word.trim().to_lowercase());
            found.or_else(|| table.get("*")).copied()
        });
        let words = meaning.unwrap_or_default().split(' ');
        let keeps_own = words.clone().any(|word| word == "own");
        let kept: Vec<&str> = words.filter(|word| !matches!(*word, "own" | "")).collect();
        (kept.join(" "), keeps_own && !kept.is_empty())
    }
}

/// The cells of a row by their columns' names in lower case.
pub(super) fn cells(table: &Table, row: &TableRow) -> Cells {
    let columns = table.columns.iter().enumerate();
    columns
        .filter(|(_, name)| !name.is_empty())
        .map(|(at, name)| (name.to_lowercase(), row.cell(at).to_owned()))
        .collect()
}

/// The parts of a cell, each with the row's cells beside its own; `None` for one that cannot be
/// taken apart.
pub(super) fn parts(map: &PartMap, cells: &Cells) -> Vec<Option<Cells>> {
    let cell = cells
        .get(&map.column.to_lowercase())
        .map_or("", String::as_str);
    split(cell, map.separator.as_deref())
        .into_iter()
        .filter(|part| !map.skip.iter().any(|skip| skip.eq_ignore_ascii_case(part)))
        .map(|part| part_cells(map, part, cells))
        .collect()
}

/// The names in the braces of a template.
pub(super) fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.trim()))
}

/// A template with its columns filled in; nothing when all of them are empty.
fn filled<'a>(template: &str, cell: &dyn Fn(&str) -> &'a str) -> String {
    if placeholders(template).all(|name| cell(name).is_empty()) {
        return String::new();
    }
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}') {
            Some((name, after)) => {
                filled.push_str(cell(name.trim()));
                rest = after;
            }
            None => rest = after,
        }
    }
    filled.push_str(rest);
    filled
}

fn part_cells(map: &PartMap, part: &str, cells: &Cells) -> Option<Cells> {
    let mut cells = cells.clone();
    let (label, part) = map
        .label_separator
        .as_deref()
        .and_then(|separator| part.split_once(separator))
        .unwrap_or(("", part));
    let prefix = map.strip_prefix.as_deref().unwrap_or_default();
    let part = part.strip_prefix(prefix).unwrap_or(part).trim();
    cells.insert("label".to_owned(), label.trim().to_owned());
    cells.insert("part".to_owned(), part.to_owned());
    if map.parse == Some(Parse::UsAddress) {
        let address = us_address::parse(part)?;
        for (name, value) in [
            ("address_1", address.address_1),
            ("address_2", address.address_2),
            ("city", address.city),
            ("state", address.state),
            ("zip", address.zip),
        ] {
            cells.insert(name.to_owned(), value);
        }
    }
    Some(cells)
}

fn split<'a>(text: &'a str, separator: Option<&str>) -> Vec<&'a str> {
    let parts: Vec<&str> = match separator {
        Some(separator) if !separator.is_empty() => text.split(separator).collect(),
        _ => vec![text],
    };
    let parts = parts.into_iter().map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

fn key_of(lookup: &Lookup) -> (String, String, String) {
    (
        lookup.file.to_lowercase(),
        lookup.matching.to_lowercase(),
        lookup.take.to_lowercase(),
    )
}

fn fill<'a>(index: &mut HashMap<&'a str, &'a str>, lookup: &Lookup, tables: &'a Tables) {
    let Some(table) = tables.get(&lookup.file.to_lowercase()) else {
        return;
    };
    let columns = table
        .column(&lookup.matching)
        .zip(table.column(&lookup.take));
    let Some((matching, take)) = columns else {
        return;
    };
    for row in &table.rows {
        let key = row.cell(matching);
        if !key.is_empty() {
            index.entry(key).or_insert_with(|| row.cell(take));
        }
    }
}
