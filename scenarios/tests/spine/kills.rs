//! SIGKILL at any moment loses nothing that was acknowledged.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::agency_file::hsds_tables;
use crate::network::{Directory, Node, eventually, run, run_json};

/// How often each process is killed. The figure is 200 in all.
const KILLS: u32 = 100;

#[test]
fn a_killed_directory_still_has_every_report_it_acknowledged() {
    let home = TempDir::new().expect("a temporary directory");
    let mut directory = Directory::start(&home);
    let mut node = directory.join(&home, "harbor");
    import(&node, home.path(), "Bed for tonight");
    node.start();
    for kill in 1..=KILLS {
        let available = kill.to_string();
        let mut set = node.command("capacity set bed open");
        run(
            set.args(["--unit", "bed", "--available", &available, "--wait"]),
            0,
        );

        directory.kill();

        directory.restart();
        let answer = directory.search(&["--text", "bed for tonight", "--availability", "any"]);
        assert_eq!(
            beds(&answer),
            Some(u64::from(kill)),
            "after kill {kill}: {answer}"
        );
    }
}

#[test]
fn a_killed_node_still_sends_everything_it_said_was_queued() {
    let home = TempDir::new().expect("a temporary directory");
    let directory = Directory::start(&home);
    let mut node = directory.join(&home, "harbor");
    import(&node, home.path(), "Bed number 0");
    node.start();
    for kill in 1..=KILLS {
        let (name, available) = (format!("Bed number {kill}"), kill.to_string());
        let listed = import(&node, home.path(), &name);
        assert_eq!(listed["changed"], 1, "{listed}");
        let mut set = node.command("capacity set bed open");
        run(set.args(["--unit", "bed", "--available", &available]), 0);

        node.kill();

        node.start();
        eventually(
            &format!("kill {kill}: the directory shows what was queued"),
            || {
                let answer = directory.search(&["--text", &name, "--availability", "any"]);
                beds(&answer).filter(|beds| *beds == u64::from(kill))
            },
        );
    }
}

/// Imports one shelter under this name.
fn import(node: &Node, home: &Path, name: &str) -> Value {
    let file = hsds_tables(home, [("bed", name)]);
    run_json(node.command("import hsds").arg(file).arg("--json"))
}

/// How many beds the only result has free.
fn beds(answer: &Value) -> Option<u64> {
    let [result] = answer["results"].as_array()?.as_slice() else {
        return None;
    };
    result["capacity"]["counts"][0]["available"].as_u64()
}
