//! Whether a map and the tables it reads fit each other.

use std::collections::BTreeMap;

use referral_core::hsds::Entity;

use super::Tables;
use super::evaluate::placeholders;
use super::format::{FieldRule, From, Map, Parse, PartMap, TableMap};
use crate::source::csv::Table;
use crate::source::error::{Fault, SourceError};

/// Checks every file, field, column and value table that the map names.
///
/// # Errors
/// [`SourceError`] that names the first which is not there, and the table of the map it is used in.
pub(super) fn check(map_name: &str, map: &Map, tables: &Tables) -> Result<(), SourceError> {
    for table_map in &map.tables {
        check_table(map, table_map, tables).map_err(|wrong| {
            let place = format!("table \"{}\"", table_map.file);
            SourceError::new(map_name, Fault::Map(wrong)).at(place)
        })?;
    }
    Ok(())
}

fn check_table(map: &Map, table_map: &TableMap, tables: &Tables) -> Result<(), String> {
    let table = table_of(&table_map.file, tables)?;
    for condition in &table_map.when {
        column(table, &condition.column)?;
    }
    check_fields(map, table_map.entity, &table_map.fields, table, &[], tables)?;
    for part in &table_map.parts {
        column(table, &part.column)?;
        check_link(table_map.entity, part)?;
        check_fields(
            map,
            part.entity,
            &part.fields,
            table,
            names_in(part),
            tables,
        )?;
    }
    Ok(())
}

/// A part belongs to its row, so its object must be able to.
fn check_link(row: Entity, part: &PartMap) -> Result<(), String> {
    if part.entity.has_field(&format!("{row}_id")) {
        Ok(())
    } else {
        Err(format!("a {} cannot belong to a {row}", part.entity))
    }
}

fn check_fields(
    map: &Map,
    entity: Entity,
    fields: &BTreeMap<String, FieldRule>,
    table: &Table,
    part_names: &[&str],
    tables: &Tables,
) -> Result<(), String> {
    for (field, rule) in fields {
        if !entity.has_field(field) {
            return Err(format!("a {entity} has no field \"{field}\""));
        }
        if let Some(values) = &rule.values
            && !map.values.contains_key(values)
        {
            return Err(format!("there is no [values.{values}]"));
        }
        match &rule.from {
            From::Nowhere | From::Constant(_) => {}
            From::Column(name) => {
                if !part_names.contains(&name.as_str()) {
                    column(table, name)?;
                }
            }
            From::Template(template) => {
                for name in placeholders(template) {
                    if !part_names.contains(&name) {
                        column(table, name)?;
                    }
                }
            }
            From::Lookup(lookup) => {
                let there = table_of(&lookup.file, tables)?;
                column(table, &lookup.key)?;
                column(there, &lookup.matching)?;
                column(there, &lookup.take)?;
            }
        }
    }
    Ok(())
}

fn names_in(part: &PartMap) -> &'static [&'static str] {
    match part.parse {
        Some(Parse::UsAddress) => &[
            "part",
            "label",
            "address_1",
            "address_2",
            "city",
            "state",
            "zip",
        ],
        None => &["part", "label"],
    }
}

fn table_of<'a>(file: &str, tables: &'a Tables) -> Result<&'a Table, String> {
    tables
        .get(&file.to_lowercase())
        .ok_or_else(|| format!("the file \"{file}\" is not among the files given"))
}

fn column(table: &Table, name: &str) -> Result<(), String> {
    match table.column(name) {
        Some(_) => Ok(()),
        None => Err(format!("{} has no column \"{name}\"", table.file)),
    }
}
