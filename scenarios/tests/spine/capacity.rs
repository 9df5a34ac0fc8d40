//! A capacity change is in the next search after its acknowledgement, whatever else is going on.

use serde_json::Value;
use tempfile::TempDir;

use crate::agency_file::hsds_tables;
use crate::network::{Directory, Node, eventually, run, run_json};

/// How many services are being published meanwhile.
const SERVICES: usize = 10_000;

#[test]
fn a_change_is_in_the_next_search_while_ten_thousand_services_are_published() {
    let home = TempDir::new().expect("a temporary directory");
    let directory = Directory::start(&home);
    let mut node = directory.join(&home, "harbor");
    let first = hsds_tables(home.path(), [("bed", "Bed for tonight")]);
    run(node.command("import hsds").arg(&first), 0);
    run(&mut node.command("publish"), 0);
    let names: Vec<(String, String)> = (0..SERVICES)
        .map(|n| (format!("s{n}"), format!("Pantry number {n}")))
        .collect();
    let many = names.iter().map(|(id, name)| (id.as_str(), name.as_str()));
    let many = hsds_tables(home.path(), many.chain([("bed", "Bed for tonight")]));
    let report = run_json(node.command("import hsds").arg(&many).arg("--json"));
    assert_eq!(report["added"], SERVICES, "{}", report["added"]);

    node.start();

    let mut changes_meanwhile = 0;
    for available in 1_u64.. {
        let publishing = unacknowledged(&node);
        let mut set = node.command("capacity set bed open");
        run(
            set.args([
                "--unit",
                "bed",
                "--available",
                &available.to_string(),
                "--wait",
            ]),
            0,
        );
        let answer = directory.search(&["--text", "bed for tonight", "--availability", "any"]);
        let shown = &answer["results"][0]["capacity"]["counts"][0]["available"];
        assert_eq!(shown.as_u64(), Some(available), "{answer}");
        if publishing == 0 {
            break;
        }
        changes_meanwhile += 1;
    }
    assert!(
        changes_meanwhile > 0,
        "the services were published before the first change"
    );
    eprintln!("{changes_meanwhile} changes while {SERVICES} services were published");
    eventually("all of them are found", || {
        let answer = directory.search(&["--text", "pantry number", "--availability", "any"]);
        (answer["totalSize"].as_u64() == Some(SERVICES as u64)).then_some(())
    });
}

/// Operations the directory has not acknowledged yet.
fn unacknowledged(node: &Node) -> u64 {
    let status: Value = run_json(node.command("status").arg("--json"));
    let number = |field: &str| match &status[field] {
        Value::String(text) => text.parse().expect("a number"),
        value => value.as_u64().expect("a number"),
    };
    number("queued") - number("acknowledged")
}
