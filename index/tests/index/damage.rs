//! The index is a cache: broken, it begins anew; only a disk that refuses is an error.

use std::fs;
use std::path::{Path, PathBuf};

use referral_index::{Index, IndexError};

use crate::support::{filled, listing, words};

/// A committed index that nobody has open.
fn closed() -> tempfile::TempDir {
    let listings: Vec<_> = (0..20)
        .map(|at| listing(&format!("s{at}"), &format!("Alpha {at}")))
        .collect();
    let (dir, index) = filled(&listings);
    drop(index);
    dir
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir.join("text"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with(".lock"))
        .collect();
    files.sort();
    files
}

/// Opens, and proves that what was opened works.
fn opens_empty(dir: &Path, what: &str) {
    let (index, cursor) = Index::open(dir).unwrap();
    assert_eq!(cursor, None, "{what}");
    index.put(&listing("new", "Bravo"), &[]).unwrap();
    index.commit(7).unwrap();
    assert_eq!(words(&index, "bravo"), ["new"], "{what}");
    assert!(words(&index, "alpha").is_empty(), "{what}");
    drop(index);
    assert_eq!(Index::open(dir).unwrap().1, Some(7), "{what}");
}

#[test]
fn a_removed_directory_is_an_empty_index() {
    let dir = closed();
    fs::remove_dir_all(dir.path()).unwrap();

    opens_empty(dir.path(), "directory");
}

#[test]
fn any_missing_file_is_an_empty_index() {
    for at in 0..files(closed().path()).len() {
        let dir = closed();
        let file = files(dir.path()).swap_remove(at);
        fs::remove_file(&file).unwrap();

        opens_empty(dir.path(), &file.display().to_string());
    }
}

#[test]
fn any_file_cut_short_or_emptied_is_an_empty_index() {
    for at in 0..files(closed().path()).len() {
        for keep in [0, 1, 2] {
            let dir = closed();
            let file = files(dir.path()).swap_remove(at);
            let bytes = fs::read(&file).unwrap();
            fs::write(&file, &bytes[..bytes.len() * keep / 3]).unwrap();

            opens_empty(dir.path(), &format!("{} cut to {keep}/3", file.display()));
        }
    }
}

#[test]
fn any_flipped_byte_of_a_segment_is_an_empty_index() {
    for at in 0..files(closed().path()).len() {
        let dir = closed();
        let file = files(dir.path()).swap_remove(at);
        if file.extension().is_some_and(|kind| kind == "json") {
            continue;
        }
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 3;
        bytes[middle] ^= 0x55;
        fs::write(&file, &bytes).unwrap();

        opens_empty(dir.path(), &format!("{} flipped", file.display()));
    }
}

#[test]
fn another_version_is_an_empty_index() {
    for (from, to) in [
        ("\"payload\":\"2-", "\"payload\":\"0-"),
        ("id_high", "id_hihg"),
    ] {
        let dir = closed();
        let meta = dir.path().join("text/meta.json");
        let text = fs::read_to_string(&meta).unwrap();
        let compact = text.replace("\": ", "\":");
        assert!(compact.contains(from), "{text}");
        fs::write(&meta, compact.replace(from, to)).unwrap();

        opens_empty(dir.path(), to);
    }
}

#[test]
fn an_index_that_was_never_committed_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    drop(Index::open(dir.path()).unwrap());

    opens_empty(dir.path(), "uncommitted");
}

#[test]
fn a_commit_that_fails_forgets_nothing_and_stops_no_search() {
    let (dir, index) = filled(&[listing("a", "Alpha"), listing("b", "Bravo")]);
    index.put(&listing("c", "Charlie"), &[]).unwrap();
    index.remove(&listing("b", "Bravo").key());
    let (files, away) = (dir.path().join("text"), dir.path().join("away"));
    fs::rename(&files, &away).unwrap();

    let failed = index.commit(2);

    assert!(
        matches!(failed, Err(IndexError::Storage { .. })),
        "{failed:?}"
    );
    index.put(&listing("d", "Delta"), &[]).unwrap();
    assert_eq!(words(&index, "alpha"), ["a"]);
    assert!(words(&index, "bravo").is_empty());
    assert!(index.commit(3).is_err());
    fs::rename(&away, &files).unwrap();
    index.commit(4).unwrap();
    for (word, found) in [("charlie", 1), ("delta", 1), ("alpha", 1), ("bravo", 0)] {
        assert_eq!(words(&index, word).len(), found, "{word}");
    }
    drop(index);
    assert_eq!(Index::open(dir.path()).unwrap().1, Some(4));
}

#[test]
fn a_file_in_the_place_of_the_directory_is_the_operators_to_fix() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("index");
    fs::write(&place, "not a directory").unwrap();

    let opened = Index::open(&place);

    let Err(error @ IndexError::Storage { .. }) = opened else {
        panic!("{opened:?}");
    };
    assert_eq!(error.code(), "index_storage");
    assert!(error.to_string().contains("check the disk"), "{error}");
    assert!(place.is_file(), "nothing of the operator's was removed");
}
