//! The published tables of outcomes: one for each week that is over, made once and kept as it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use referral_core::feedback::{Place, Table};
use referral_core::geo::StateCode;
use referral_core::tally::{Topic, Week};
use referral_runtime::data_dir::write_secret;
use serde::{Deserialize, Serialize};

use crate::sealed::{seal, unseal};

/// The form that this version writes and reads.
const FORMAT: u32 = 1;

/// Tables by week.
pub type OutcomeTables = BTreeMap<Week, Arc<Table>>;

/// Why tables cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The disk.
    #[error("the published tables of outcomes cannot be read")]
    Io(#[from] io::Error),
    /// A table is not as it was written.
    #[error("the published table of outcomes of {0} is damaged: put it back from a backup")]
    Damaged(Week),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    format: u32,
    week: String,
    cells: Vec<KeptCell>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptCell {
    need: String,
    state: Option<String>,
    /// In the order of outcomes; none: not told.
    numbers: [Option<u64>; 4],
}

/// The tables that `folder` holds; none where there is no such folder.
///
/// # Errors
/// [`TablesError`].
pub(super) fn read(folder: &Path) -> Result<OutcomeTables, TablesError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        entries => entries?,
    };
    let mut tables = BTreeMap::new();
    for entry in entries {
        let name = entry?.file_name();
        let week = name.to_str().and_then(|name| name.strip_suffix(".json"));
        let Some(week) = week.and_then(|week| Week::parse(week).ok()) else {
            continue;
        };
        let table = decode(&fs::read(path(folder, week))?).filter(|table| table.week == week);
        let table = table.ok_or(TablesError::Damaged(week))?;
        tables.insert(week, Arc::new(table));
    }
    Ok(tables)
}

/// Keeps a table.
///
/// # Errors
/// What the disk says.
pub(super) fn keep(folder: &Path, table: &Table) -> io::Result<()> {
    write_secret(&path(folder, table.week), &encode(table)?)
}

fn path(folder: &Path, week: Week) -> PathBuf {
    folder.join(format!("{week}.json"))
}

fn encode(table: &Table) -> io::Result<Vec<u8>> {
    let cells = table.cells.iter().map(|(place, numbers)| KeptCell {
        need: place.topic.to_string(),
        state: place.state.map(|state| state.to_string()),
        numbers: *numbers,
    });
    let kept = Kept {
        format: FORMAT,
        week: table.week.to_string(),
        cells: cells.collect(),
    };
    Ok(seal(&serde_json::to_vec(&kept)?))
}

fn decode(bytes: &[u8]) -> Option<Table> {
    let kept: Kept = serde_json::from_slice(unseal(bytes)?).ok()?;
    if kept.format != FORMAT {
        return None;
    }
    let mut cells = BTreeMap::new();
    for cell in kept.cells {
        let state = match cell.state {
            Some(state) => Some(StateCode::parse(&state).ok()?),
            None => None,
        };
        let topic = Topic::parse(&cell.need)?;
        cells.insert(Place { topic, state }, cell.numbers);
    }
    Some(Table {
        week: Week::parse(&kept.week).ok()?,
        cells,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let place = |state: Option<&str>| Place {
            topic: Topic::parse("dom:leg").unwrap(),
            state: state.map(|state| StateCode::parse(state).unwrap()),
        };
        let cells = [
            (place(Some("TX")), [Some(12), None, Some(40), None]),
            (place(None), [None, Some(11), None, None]),
        ];
        Table {
            week: Week::parse("2026-W47").unwrap(),
            cells: BTreeMap::from(cells),
        }
    }

    #[test]
    fn a_table_is_read_as_it_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        keep(folder.path(), &table()).unwrap();
        fs::write(folder.path().join("outcomes"), "day\t2026-11-23\n").unwrap();

        let read = read(folder.path()).unwrap();

        assert_eq!(
            read.into_values().map(|t| (*t).clone()).collect::<Vec<_>>(),
            [table()]
        );
    }

    #[test]
    fn a_table_that_was_changed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        keep(folder.path(), &table()).unwrap();
        let file = path(folder.path(), table().week);
        let text = fs::read_to_string(&file).unwrap().replace("12", "13");
        fs::write(&file, text).unwrap();

        assert!(matches!(read(folder.path()), Err(TablesError::Damaged(_))));
    }
}
