//! HSDS as tables: `services.csv`, `phones.csv` and so on, with or without a data package.

use referral_core::hsds::Entity;

use super::csv::Table;
use super::error::{Fault, SourceError};
use super::tray::Tray;

/// Takes the rows of one table.
///
/// # Errors
/// [`SourceError`] when the table cannot be read, or its header has none of the entity's columns.
pub(super) fn take(
    tray: &mut Tray<'_>,
    file: &str,
    text: &str,
    entity: Entity,
) -> Result<(), SourceError> {
    let table = Table::read(file, text)?;
    if !table
        .columns
        .iter()
        .any(|column| entity.has_field(&lower(column)))
    {
        return Err(SourceError::new(file, Fault::NoHeader).at("line 1"));
    }
    let columns: Vec<String> = table.columns.iter().map(|column| lower(column)).collect();
    for row in &table.rows {
        let line = row.line.to_string();
        match &row.cells {
            Err(misfit) => tray.refuse(entity, line, misfit.code(), misfit.reason()),
            Ok(cells) => {
                let mut draft = tray.row(entity, line);
                let named = columns
                    .iter()
                    .zip(cells)
                    .filter(|(column, _)| !column.is_empty());
                for (column, cell) in named {
                    draft.set(column.as_str(), cell.as_str());
                }
                tray.put(draft);
            }
        }
    }
    Ok(())
}

fn lower(column: &str) -> String {
    column.trim().to_ascii_lowercase()
}
