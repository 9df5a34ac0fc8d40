//! Any spreadsheet, read through a map that says what its columns mean.
//!
//! A map is a TOML file. It names each table by its file, says which HSDS object a row is, and which
//! column is which HSDS field. The rows that come out are the same as those of an HSDS file, so every rule
//! of `import hsds` holds here too. Two maps are shipped as examples: `maps/baltimore.toml` and
//! `maps/florida-legal-aid.toml`.
//!
//! ```toml
//! source = "Harbor County resource list"      # what to call it; optional
//!
//! [[table]]
//! file = "programs.csv"                       # a CSV file, or a JSON object of lists (below)
//! entity = "service"                          # the HSDS object of a row, singular
//! when = [{ column = "kind", is = "absent" }] # only these rows; optional. is = "present" | "absent",
//!                                             # or any_of = ["a", "b"]
//!
//! [table.fields]                              # HSDS field = where it comes from
//! id = "program_id"                           # a column
//! description = "{summary}\n{details}"        # a template: columns in braces
//! status = { constant = "active" }            # the same for every row
//! organization_id = { lookup = { file = "sites.csv", key = "site", match = "id", take = "org" } }
//! maximum_age = { column = "max_age", empty_if = ["0", "200", "none"] }
//! do_not_publish = { column = "visible", values = "no_yes" }
//!
//! [[table.part]]                              # further objects out of one cell
//! column = "counties"
//! separator = ";"                             # without it the whole cell is one part
//! skip = ["Statewide"]                        # parts that mean nothing here
//! entity = "service_area"                     # it belongs to the row it came from
//! fields = { name = "{part}", extent = "{part}, FL", extent_type = { constant = "county" } }
//!
//! [[table.part]]
//! column = "categories"
//! separator = ";"
//! entity = "attribute"
//! fields = { code = { template = "{part}", values = "codes" }, label = "{part}" }
//!
//! [values.codes]                              # a value table: published word = what it means
//! "Eviction" = "dom:oleg own"                 # codes of the vocabulary; `own` keeps the word itself too
//! "Food" = "dom:dir da:food"                  # words that are not listed become the publisher's own
//!
//! [values.no_yes]
//! "yes" = "no"
//! "*" = "yes"                                 # every other word; without it they mean nothing
//! ```
//!
//! **Fields.** A field is a column, a template, `constant`, or `lookup` (`key` is a column here, `match` and
//! `take` are columns there; the first row that matches counts). `empty_if` lists values that mean nothing
//! is stated. `values` translates through a value table, without regard to case; a value that is not in it
//! is left out. With `separator`, a cell is a list: each part is translated and the results are joined
//! with `; `, each once.
//!
//! **Parts.** `label_separator` divides a part such as `main: 305-285-5922` into `{label}` and `{part}`.
//! `parse = "us_address"` divides one such as `12 Oak St, Suite 4, Miami, FL 33101` into `{address_1}`,
//! `{address_2}`, `{city}`, `{state}` and `{zip}`; `strip_prefix` drops a word before it. A part whose
//! fields all come out empty is no object.
//!
//! **Attributes.** `code` holds vocabulary codes with blanks between them; `label` is the publisher's word. An
//! attribute without a code becomes a term of the publisher's own, named by its label. A value table that
//! says `own` beside codes keeps both.
//!
//! **Eligibility.** `entity = "eligibility"` has `field` (age, nationality, immigration, custody, income, gender,
//! `work_permit`, `months_since_arrival`, a code such as `el:reg`, or `own:` and words), `effect` (allow, deny), `minimum` and `maximum`, or `values` (a list with `;`), or `words`, and `discretionary`.
//!
//! **Areas.** `extent_type` is zip, county, state, country, nation, court, `radius_mi` or `radius_km`; `extent` is
//! the ZIP, "county, state", and so on.
//!
//! **JSON.** A file `{"17": ["a", "b"], ...}` is a table with the columns `key` and `value`, one row for each
//! item of each list.
//!
//! Keys that mean nothing, fields that HSDS does not have, and columns that no file has are refused, with
//! their names.

mod check;
mod evaluate;
mod format;
mod key_lists;
mod us_address;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use referral_core::hsds::{Entity, Row, RowIndex};

use self::evaluate::{Cells, Evaluator};
use self::format::{FieldRule, Map, PartMap, TableMap};
use super::Progress;
use super::bytes;
use super::csv::{Table, TableRow};
use super::error::SourceError;
use super::inbox::{letters, own_name};
use super::tray::Tray;

/// The tables of an input by their file names in lower case.
type Tables = BTreeMap<String, Table>;

/// Reads tables through a map.
///
/// # Errors
/// [`SourceError`] when the map or a table it names cannot be read, or the two do not fit.
pub(super) fn take<'a>(
    files: &[PathBuf],
    map: &Path,
    progress: &'a mut dyn FnMut(&Progress),
) -> Result<Tray<'a>, SourceError> {
    let map_name = own_name(map);
    let text = letters(map)?
        .into_iter()
        .next()
        .map_or(Ok(Vec::new()), super::inbox::Letter::bytes)?;
    let map = format::read(&map_name, &bytes::text(&map_name, &text)?)?;
    let source = match (&map.source, files) {
        (Some(source), _) => source.clone(),
        (None, [one]) => own_name(one),
        (None, _) => map_name.clone(),
    };
    let mut tray = Tray::new(&source, progress);
    let tables = read_tables(files, &map, &mut tray)?;
    check::check(&map_name, &map, &tables)?;
    for table_map in &map.tables {
        let Some(table) = tables.get(&table_map.file.to_lowercase()) else {
            continue;
        };
        tray.open(&table.file);
        take_table(&mut tray, table_map, table, &Evaluator::new(&map, &tables));
    }
    Ok(tray)
}

/// Reads the tables that the map names; the others are noted as skipped.
fn read_tables(files: &[PathBuf], map: &Map, tray: &mut Tray<'_>) -> Result<Tables, SourceError> {
    let named = map.file_names();
    let mut tables = Tables::new();
    for path in files {
        for letter in letters(path)? {
            let own = letter
                .name
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_lowercase();
            let name = letter.name.clone();
            if !named.contains(&own) {
                tray.skipped.push(name);
                continue;
            }
            tray.open(&name);
            let is_json = letter.extension() == "json";
            let text = bytes::text(&name, &letter.bytes()?)?;
            let table = if is_json {
                key_lists::read(&name, &text)?
            } else {
                Table::read(&name, &text)?
            };
            tables.insert(own, table);
        }
    }
    Ok(tables)
}

fn take_table(tray: &mut Tray<'_>, map: &TableMap, table: &Table, evaluator: &Evaluator<'_>) {
    for row in &table.rows {
        if let Err(misfit) = &row.cells {
            tray.refuse(
                map.entity,
                row.line.to_string(),
                misfit.code(),
                misfit.reason(),
            );
            continue;
        }
        if map.when.iter().all(|condition| condition.holds(table, row)) {
            take_row(tray, map, table, row, evaluator);
        }
    }
}

fn take_row(
    tray: &mut Tray<'_>,
    map: &TableMap,
    table: &Table,
    row: &TableRow,
    evaluator: &Evaluator<'_>,
) {
    let line = row.line.to_string();
    let cells = evaluate::cells(table, row);
    let (draft, second) = drafted(tray, map.entity, &map.fields, &line, &cells, evaluator);
    let parent = Parent {
        id: draft.id().map(str::to_owned),
        link: format!("{}_id", map.entity),
        at: tray.put(draft),
    };
    if let Some(second) = second {
        tray.put(second);
    }
    for part_map in &map.parts {
        for part in evaluate::parts(part_map, &cells) {
            match part {
                Some(part) => take_part(tray, part_map, &line, &part, &parent, evaluator),
                None => tray.refuse(part_map.entity, &*line, "address_unreadable", UNREADABLE),
            }
        }
    }
}

/// The row that parts belong to.
struct Parent {
    id: Option<String>,
    link: String,
    at: RowIndex,
}

fn take_part(
    tray: &mut Tray<'_>,
    map: &PartMap,
    line: &str,
    cells: &Cells,
    parent: &Parent,
    evaluator: &Evaluator<'_>,
) {
    let (draft, second) = drafted(tray, map.entity, &map.fields, line, cells, evaluator);
    if draft.fields().next().is_none() {
        return;
    }
    for mut row in std::iter::once(draft).chain(second) {
        row.within = Some(parent.at);
        if let Some(id) = &parent.id {
            row.set(parent.link.as_str(), id.as_str());
        }
        tray.put(row);
    }
}

/// The row that a map's fields make of `cells`, and a second one where its value table keeps the
/// publisher's own word beside the codes.
fn drafted(
    tray: &Tray<'_>,
    entity: Entity,
    fields: &BTreeMap<String, FieldRule>,
    line: &str,
    cells: &Cells,
    evaluator: &Evaluator<'_>,
) -> (Row, Option<Row>) {
    let mut draft = tray.row(entity, line);
    let mut own = tray.row(entity, line);
    let mut keeps_own = false;
    for (field, rule) in fields {
        let (value, with_own) = evaluator.value(rule, cells);
        if field == "code" {
            keeps_own = with_own;
        } else {
            own.set(field.as_str(), value.as_str());
        }
        draft.set(field.as_str(), value);
    }
    (draft, keeps_own.then_some(own))
}

const UNREADABLE: &str = "it is no U.S. address: write the street, the city, then the state with the ZIP, with commas between";
