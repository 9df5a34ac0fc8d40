//! Tables of demand: loaded, listed, removed, with and without a running directory.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::commands::{Serving, fails, run};

const GOOD: &str = "county,weight\n24510,120\n24005,80\n";
const BAD: &str = "county,weight\n24510,120\n99999,5\nsecret,1\n24510,2\n24005,-4\n";

fn load(data: &Path, file: &Path, more: &[&str]) -> Vec<String> {
    let mut arguments = vec![
        "demand",
        "load",
        file.to_str().unwrap(),
        "--name",
        "Pending cases",
        "--date",
        "2026-09-30",
        "--source",
        "the court",
        "--licence",
        "public domain",
        "--data",
        data.to_str().unwrap(),
    ];
    arguments.extend(more);
    arguments.into_iter().map(str::to_owned).collect()
}

fn listed(data: &Path) -> Vec<String> {
    let output = run(&["demand", "list", "--json", "--data", data.to_str().unwrap()]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let tables = document["tables"].as_array().unwrap().iter();
    tables
        .map(|table| table["name"].as_str().unwrap().to_owned())
        .collect()
}

fn done(arguments: &[String]) -> String {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = run(&arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(arguments: &[String], words: &[&str]) {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    fails(&arguments, 65, words);
}

#[test]
fn a_table_is_loaded_listed_replaced_and_removed_with_and_without_a_directory() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("cases.csv");
    fs::write(&file, GOOD).unwrap();
    for runs in [false, true] {
        let serving = runs.then(|| Serving::start(&data));

        let told = done(&load(&data, &file, &[]));
        assert!(told.contains("loaded: 200 people"), "{told}");
        assert_eq!(listed(&data), ["Residents", "Pending cases"], "{runs}");
        let told = done(&load(&data, &file, &[]));
        assert!(told.contains("replaced"), "{told}");
        let data = data.to_str().unwrap();
        run(&["demand", "remove", "pending  CASES", "--data", data]);
        assert_eq!(listed(Path::new(data)), ["Residents"]);
        fails(
            &["demand", "remove", "Pending cases", "--data", data],
            65,
            &["no table"],
        );
        drop(serving);
    }
}

#[test]
fn every_bad_row_is_named_and_nothing_is_loaded_unless_the_operator_says_so() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("cases.csv");
    fs::write(&file, BAD).unwrap();
    for runs in [false, true] {
        let serving = runs.then(|| Serving::start(&data));

        refused(
            &load(&data, &file, &[]),
            &[
                "4 rows", "line 3:", "line 4:", "line 5:", "line 6:", "already",
            ],
        );
        assert_eq!(listed(&data), ["Residents"]);
        let told = done(&load(&data, &file, &["--leave-out-bad-rows"]));
        assert!(
            told.contains("120 people") && told.contains("left out: line 6"),
            "{told}"
        );
        assert!(!told.contains("secret"));
        let data = data.to_str().unwrap();
        run(&["demand", "remove", "Pending cases", "--data", data]);
        drop(serving);
    }
}

#[test]
fn the_residents_of_the_map_cannot_be_replaced_or_removed() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("cases.csv");
    fs::write(&file, GOOD).unwrap();
    let mut arguments = load(&data, &file, &[]);
    arguments[4] = "residents".to_owned();

    refused(&arguments, &["another name"]);
    fails(
        &[
            "demand",
            "remove",
            "Residents",
            "--data",
            data.to_str().unwrap(),
        ],
        65,
        &["map's own"],
    );
}
