//! The list of failpoints and the code name the same points.

#![expect(clippy::unwrap_used, reason = "a check that cannot be made fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use referral_failpoints::POINTS;

#[test]
fn every_point_of_the_list_is_in_the_code_once_and_the_reverse() {
    let mut found: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for room in ["journal", "directory-server", "agency-node", "runtime"] {
        for file in rust_files(&root.join(room).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            // A name stands right after the bracket, or on the next line where rustfmt breaks it.
            let points = text.split("failpoint!(").skip(1);
            let switches = text.split("referral_failpoints::is_on(").skip(1);
            for part in points.chain(switches) {
                if let Some(name) = part.trim_start().strip_prefix('"') {
                    let name = name.split('"').next().unwrap();
                    found.entry(name.to_owned()).or_default().push(file.clone());
                }
            }
        }
    }
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(names, POINTS);
    let twice = found.iter().find(|(_, files)| files.len() > 1);
    assert_eq!(twice, None, "a point that is in two places says nothing");
    assert!(POINTS.len() >= 30, "the aim of the harness is 30 points");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
