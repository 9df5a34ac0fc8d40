//! The three real directories, each imported by a node of its own and published to one directory.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::network::{Directory, eventually, program, real_data, run, workspace};

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

    let csv = |folder: &PathBuf, map: &str| [folder.clone(), "--map".into(), maps.join(map)];
    let mut services = 0;
    services += publish(
        &directory,
        &home,
        "baltimore",
        "import csv",
        &csv(baltimore, "baltimore.toml"),
    );
    let arguments = csv(florida, "florida-legal-aid.toml");
    services += publish(&directory, &home, "florida", "import csv", &arguments);
    let examples = hsds.join("examples");
    services += publish(
        &directory,
        &home,
        "hsds-json",
        "import hsds",
        &[examples.join("service_full.json")],
    );
    services += publish(
        &directory,
        &home,
        "hsds-tabular",
        "import hsds",
        &[examples.join("csv")],
    );

    eventually("everything is searchable", || {
        let answer = directory.search(&["--availability", "any", "--limit", "1"]);
        (answer["totalSize"].as_u64() == Some(services)).then_some(())
    });

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

/// Imports a set twice at a node of its own, publishes it, and keeps the report for the check. Gives
/// the number of services.
fn publish(
    directory: &Directory,
    home: &TempDir,
    agency: &str,
    import: &str,
    arguments: &[PathBuf],
) -> u64 {
    let node = directory.join(home, agency);
    let import = || run(node.command(import).args(arguments).arg("--json"), 0);
    let report = import();
    assert_unchanged(&report, &import());
    run(&mut node.command("publish"), 0);
    fs::write(home.path().join(format!("{agency}.json")), &report).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    report["records"]["service"]["added"]
        .as_u64()
        .expect("a count")
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
