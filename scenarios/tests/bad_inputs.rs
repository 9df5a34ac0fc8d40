//! Every bad input that the product has to withstand is in `docs/BAD_INPUTS.md` once, with tests that exist or
//! with why there is none.

#![expect(
    clippy::unwrap_used,
    reason = "a table that cannot be read fails the test"
)]

use std::fs;
use std::path::Path;

/// How many there are.
const INPUTS: usize = 126;

/// Those without a test, each with its reason in the table.
const NOT_COVERED: [usize; 6] = [103, 122, 123, 124, 125, 126];

struct Row {
    number: usize,
    test: String,
}

fn rows() -> Vec<Row> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let table = fs::read_to_string(root.join("docs/BAD_INPUTS.md")).unwrap();
    let rows = table.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let number = cells.next()?.parse().ok()?;
        let test = cells.nth(1)?.to_owned();
        Some(Row { number, test })
    });
    rows.collect()
}

#[test]
fn every_bad_input_is_in_the_table_once() {
    let numbers: Vec<usize> = rows().iter().map(|row| row.number).collect();

    assert_eq!(numbers, (1..=INPUTS).collect::<Vec<_>>());
}

#[test]
fn those_without_a_test_are_known_and_say_why() {
    let rows = rows();
    let without = rows
        .iter()
        .filter(|row| row.test.starts_with("not covered: "));
    let without: Vec<usize> = without.map(|row| row.number).collect();

    assert_eq!(without, NOT_COVERED);
}

#[test]
fn every_test_in_the_table_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for row in rows() {
        if NOT_COVERED.contains(&row.number) {
            continue;
        }
        let mut named = 0;
        for part in row.test.split(';') {
            let mut quoted = part.split('`').skip(1).step_by(2);
            let file = quoted.next().unwrap();
            let code = fs::read_to_string(root.join(file));
            let code = code.unwrap_or_else(|_| panic!("{}: no {file}", row.number));
            for test in quoted {
                let function = format!("fn {test}(");
                let (before, _) = code
                    .split_once(&function)
                    .unwrap_or_else(|| panic!("{}: {file} has no {test}", row.number));
                let attributes = before.rsplit("\n\n").next().unwrap();
                assert!(attributes.contains("test"), "{test} in {file} is no test");
                named += 1;
            }
        }
        assert!(named > 0, "{}: no test is named", row.number);
    }
}
