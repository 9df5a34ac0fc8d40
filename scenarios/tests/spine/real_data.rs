//! The three real directories, each imported by a node of its own and published to one directory.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::network::{Directory, Node, real_data, run, workspace};

#[test]
fn every_row_of_the_real_directories_is_found_or_named() {
    let sets = [
        "baltimore-community",
        "florida-legal-aid",
        "hsds-3.1-examples",
    ];
    let folders: Vec<_> = sets.iter().filter_map(|set| real_data(set)).collect();
    let [baltimore, florida, hsds] = folders.as_slice() else {
        return;
    };
    let home = TempDir::new().expect("a temporary directory");
    let directory = Directory::start(&home);
    let maps = workspace().join("agency-node/maps");

    let import = |agency: &str, import: &dyn Fn(&Node) -> Command| {
        let node = directory.join(&home, agency);
        let report = run(&mut import(&node), 0);
        let again = run(&mut import(&node), 0);
        run(&mut node.command("publish"), 0);
        fs::write(home.path().join(format!("{agency}.json")), &report).expect("report");
        assert_unchanged(&report, &again);
    };
    import("baltimore", &|node| {
        let mut command = node.command("import csv");
        for file in [
            "organizations",
            "locations",
            "addresses",
            "phones",
            "services",
        ] {
            command.arg(baltimore.join(format!("{file}.csv")));
        }
        command
            .arg(baltimore.join("categories.csv"))
            .arg(baltimore.join("service_categories.json"));
        command
            .arg("--map")
            .arg(maps.join("baltimore.toml"))
            .arg("--json");
        command
    });
    import("florida", &|node| {
        let mut command = node.command("import csv");
        for file in ["organizations", "locations", "services"] {
            command.arg(florida.join(format!("{file}.csv")));
        }
        command
            .arg("--map")
            .arg(maps.join("florida-legal-aid.toml"))
            .arg("--json");
        command
    });
    import("hsds-json", &|node| {
        let mut command = node.command("import hsds");
        command
            .arg(hsds.join("examples/service_full.json"))
            .arg("--json");
        command
    });
    import("hsds-tabular", &|node| {
        let mut command = node.command("import hsds");
        command.arg(hsds.join("examples/csv")).arg("--json");
        command
    });

    let checked = Command::new("python3")
        .arg(workspace().join("scenarios/checks/rows.py"))
        .arg("--program")
        .arg(crate::network::program("directory-server").get_program())
        .args(["--server", &directory.public_url()])
        .arg("--reports")
        .arg(home.path())
        .args([baltimore, florida, hsds])
        .output()
        .expect("python3");
    let said = String::from_utf8_lossy(&checked.stdout);
    eprintln!("{said}");
    let log = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}\n{log}");
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
