//! A JSON object of lists as a table with the columns `key` and `value`.

use crate::source::csv::{Table, TableRow};
use crate::source::error::{Fault, SourceError};
use crate::source::json::Json;

/// Reads `{"17": ["a", "b"]}` as two rows, numbered from 2 as if a header stood above them.
///
/// # Errors
/// [`SourceError`] for JSON of another shape.
pub(super) fn read(file: &str, text: &str) -> Result<Table, SourceError> {
    let Json::Object(members) = Json::read(file, text)? else {
        return Err(wrong_shape(file));
    };
    let mut rows = Vec::new();
    for (key, value) in members {
        let Json::List(items) = value else {
            return Err(wrong_shape(file));
        };
        for item in items {
            let Json::Scalar(item) = item else {
                return Err(wrong_shape(file));
            };
            let line = u64::try_from(rows.len())
                .unwrap_or(u64::MAX)
                .saturating_add(2);
            rows.push(TableRow {
                line,
                cells: Ok(vec![key.clone(), item]),
            });
        }
    }
    Ok(Table {
        file: file.into(),
        columns: vec!["key".to_owned(), "value".to_owned()],
        rows,
    })
}

fn wrong_shape(file: &str) -> SourceError {
    let what = "a JSON file of a map holds an object of lists, such as {\"17\": [\"a\", \"b\"]}";
    SourceError::new(file, Fault::Map(what.to_owned()))
}
