//! Nothing is promised that no test names: every test that `docs/GUARANTEES.md` or `docs/FAULTS.md` names exists, and is
//! run with the others. A row about a test that is not says "run by hand".

#![expect(
    clippy::unwrap_used,
    reason = "a document that cannot be read fails the test"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// How many faults there are.
const FAULTS: usize = 35;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rows of all tables of a document, their headings among them.
fn rows(document: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| "));
    rows.map(str::to_owned).collect()
}

/// Checks that the tests of a cell exist and are run; how many they are.
///
/// * `row` — the whole row.
fn tests(cell: &str, row: &str) -> usize {
    let mut named = 0;
    for part in cell.split(';') {
        let mut quoted = part.split('`').skip(1).step_by(2);
        let file = quoted.next().unwrap_or_else(|| panic!("no test: {row}"));
        let code = fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("no {file}"));
        for test in quoted {
            let function = format!("fn {test}(");
            let (before, _) = code
                .split_once(&function)
                .unwrap_or_else(|| panic!("{file} has no {test}"));
            let attributes = before.rsplit("\n\n").next().unwrap();
            assert!(attributes.contains("test"), "{test} in {file} is no test");
            let is_run = !attributes.contains("#[ignore") || row.contains("run by hand");
            assert!(is_run, "{test} in {file} is ignored");
            named += 1;
        }
    }
    named
}

#[test]
fn every_promise_names_tests_that_exist() {
    let mut named = 0;
    for row in rows("docs/GUARANTEES.md") {
        let cells: Vec<&str> = row.split(" | ").collect();
        let heading = cells[0] == "| promise" || cells[0] == "| what";
        let measured = cells.len() > 3;
        if heading || measured {
            continue;
        }
        assert!(cells[1].contains('`'), "no test: {row}");
        named += tests(cells[1], &row);
    }
    assert!(named > 20, "the table is read: {named} tests are named");
}

#[test]
fn every_fault_is_in_the_table_once_with_tests_that_exist_or_says_that_there_is_none() {
    let mut faults = Vec::new();
    for row in rows("docs/FAULTS.md") {
        let cells: Vec<&str> = row.split(" | ").collect();
        let number = cells[0].strip_prefix("| F").map(str::parse::<usize>);
        let Some(Ok(number)) = number else {
            continue;
        };
        assert_eq!(cells.len(), 5, "{row}");
        let none = cells[3].starts_with("none: ");
        assert!(none || tests(cells[3], &row) > 0, "no test: {row}");
        faults.push(number);
    }
    assert_eq!(faults, (1..=FAULTS).collect::<Vec<_>>());
}
