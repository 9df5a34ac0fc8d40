//! The names in real directories are no names that pose as others.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use referral_core::lookalike::{skeleton, suspicion};
use referral_core::text::{Name, fold};

/// The column `name` of a table; empty, after a loud word, where the data is not at hand.
fn names(table: &str) -> Vec<String> {
    let folder = std::env::var_os("REFERRAL_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let Ok(mut reader) = csv::Reader::from_path(folder.join(table)) else {
        eprintln!(
            "SKIPPED: no {table} in {} (set REFERRAL_DATA)",
            folder.display()
        );
        return Vec::new();
    };
    let headers = reader.headers().cloned().unwrap_or_default();
    let what = table.rsplit('/').next().unwrap_or_default();
    let one = format!("{}_name", what.trim_end_matches("s.csv"));
    let column = headers
        .iter()
        .position(|header| header == "name" || header == one);
    let column = column.unwrap_or_else(|| panic!("{table} has no column of names"));
    let rows = reader.records().filter_map(Result::ok);
    let rows = rows.filter_map(|row| row.get(column).map(|name| name.trim().to_owned()));
    rows.filter(|name| !name.is_empty()).collect()
}

#[test]
fn no_name_in_a_real_directory_is_suspected() {
    for table in [
        "baltimore-community/organizations.csv",
        "baltimore-community/services.csv",
        "florida-legal-aid/organizations.csv",
        "florida-legal-aid/services.csv",
    ] {
        let names = names(table);
        let suspected = names
            .iter()
            .filter(|name| Name::parse(name).is_ok_and(|name| suspicion(name.as_str()).is_some()));
        let suspected: Vec<_> = suspected.collect();

        assert!(
            names.is_empty() || names.len() >= 20,
            "{table}: {}",
            names.len()
        );
        assert_eq!(suspected, [] as [&String; 0], "{table}");
    }
}

#[test]
fn no_two_organizations_of_real_directories_are_taken_for_each_other() {
    let mut names = names("baltimore-community/organizations.csv");
    names.extend(self::names("florida-legal-aid/organizations.csv"));
    let mut seen: HashMap<String, &str> = HashMap::new();
    let mut hit = Vec::new();
    for name in &names {
        let other = seen.entry(skeleton(name)).or_insert(name);
        if fold(other) != fold(name) {
            hit.push((*other, name.as_str()));
        }
    }

    assert_eq!(hit, []);
}
