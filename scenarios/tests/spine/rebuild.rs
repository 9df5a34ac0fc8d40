//! The index and the store are caches: without them the answers are the same.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::agency_file::hsds_tables;
use crate::network::{Directory, eventually, run};

#[test]
fn a_directory_without_its_index_or_store_gives_the_same_answers() {
    let home = TempDir::new().expect("a temporary directory");
    let mut directory = Directory::start(&home);
    let node = directory.join(&home, "harbor");
    let file = hsds_tables(
        home.path(),
        [
            ("a", "Family shelter"),
            ("b", "Legal clinic"),
            ("c", "Pantry"),
        ],
    );
    run(node.command("import hsds").arg(&file), 0);
    run(
        node.command("capacity set a open")
            .args(["--unit", "bed", "--available", "3"]),
        0,
    );
    run(
        node.command("capacity set b waitlist")
            .args(["--waitlist", "7"]),
        0,
    );
    run(&mut node.command("withdraw c"), 0);
    run(&mut node.command("publish"), 0);
    let before = eventually("both services are searchable", || {
        let answers = answers(&directory);
        (answers[0]["totalSize"] == 2).then_some(answers)
    });

    for cache in ["index", "store"] {
        directory.kill();
        fs::remove_dir_all(directory.data().join(cache)).expect("a folder of the directory");
        directory.restart();

        assert_eq!(answers(&directory), before, "without {cache}");
    }
}

/// Some searches, without what depends on the moment.
fn answers(directory: &Directory) -> Vec<Value> {
    let searches: [&[&str]; 4] = [
        &["--availability", "any"],
        &["--near", "21202", "--availability", "any"],
        &["--text", "family shelter"],
        &["--text", "pantry", "--availability", "any"],
    ];
    let mut answers: Vec<Value> = searches
        .iter()
        .map(|search| directory.search(search))
        .collect();
    for answer in &mut answers {
        answer["asOf"].take();
        answer["notices"].take();
        for result in answer["results"].as_array_mut().into_iter().flatten() {
            result["score"].take();
            result["capacity"]["ageSeconds"].take();
            result["capacity"]["text"].take();
        }
    }
    answers
}
