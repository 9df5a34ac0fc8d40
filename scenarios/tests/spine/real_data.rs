//! The three real directories, each imported by a node of its own and published to one directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::network::{Directory, program, real_data, run, workspace};

#[test]
fn every_row_of_the_real_directories_is_found_or_named() {
    let sets = [
        "baltimore-community",
        "florida-legal-aid",
        "hsds-3.1-examples",
    ];
    let folders: Vec<PathBuf> = sets.iter().filter_map(|set| real_data(set)).collect();
    let [baltimore, florida, hsds] = folders.as_slice() else {
        return;
    };
    let home = TempDir::new().expect("a temporary directory");
    let directory = Directory::start(&home);
    let maps = workspace().join("agency-node/maps");

    let csv = |folder: &Path, files: &[&str], map: &str| {
        let files = files.iter().map(|file| folder.join(file));
        let map = ["--map".into(), maps.join(map)];
        files.chain(map).collect::<Vec<PathBuf>>()
    };
    let tables = [
        "organizations.csv",
        "locations.csv",
        "addresses.csv",
        "phones.csv",
    ];
    let categories = ["services.csv", "categories.csv", "service_categories.json"];
    let files = [&tables[..], &categories[..]].concat();
    publish(
        &directory,
        &home,
        "baltimore",
        "import csv",
        &csv(baltimore, &files, "baltimore.toml"),
    );
    let files = ["organizations.csv", "locations.csv", "services.csv"];
    let arguments = csv(florida, &files, "florida-legal-aid.toml");
    publish(&directory, &home, "florida", "import csv", &arguments);
    let examples = hsds.join("examples");
    publish(
        &directory,
        &home,
        "hsds-json",
        "import hsds",
        &[examples.join("service_full.json")],
    );
    publish(
        &directory,
        &home,
        "hsds-tabular",
        "import hsds",
        &[examples.join("csv")],
    );

    let mut check = Command::new("python3");
    check.arg(workspace().join("scenarios/checks/rows.py"));
    check
        .arg("--program")
        .arg(program("directory-server").get_program());
    check
        .args(["--server", &directory.public_url()])
        .arg("--reports")
        .arg(home.path());
    eprintln!("{}", run(check.args([baltimore, florida, hsds]), 0));
}

/// Imports a set twice at a node of its own, publishes it, and keeps the report for the check.
fn publish(
    directory: &Directory,
    home: &TempDir,
    agency: &str,
    import: &str,
    arguments: &[PathBuf],
) {
    let node = directory.join(home, agency);
    let import = || run(node.command(import).args(arguments).arg("--json"), 0);
    let report = import();
    assert_unchanged(&report, &import());
    run(&mut node.command("publish"), 0);
    fs::write(home.path().join(format!("{agency}.json")), report).expect("a report");
}

/// Importing the same file again changes nothing.
fn assert_unchanged(first: &str, again: &str) {
    let first: serde_json::Value = serde_json::from_str(first).expect("JSON");
    let again: serde_json::Value = serde_json::from_str(again).expect("JSON");
    assert_eq!(again["added"], 0, "{again}");
    assert_eq!(again["changed"], 0, "{again}");
    assert_eq!(again["missing"], 0, "{again}");
    assert_eq!(again["unchanged"], first["added"], "{again}");
    assert_eq!(again["refused"], first["refused"]);
    assert_eq!(again["withheld"], first["withheld"]);
}
