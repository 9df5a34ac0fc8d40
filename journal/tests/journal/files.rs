//! The same journal in a real directory.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use referral_journal::{FileStorage, Journal, JournalError, Options};

use crate::support::{SMALL, append_one, kinds};

#[test]
fn what_was_appended_is_there_after_opening_again() {
    let directory = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(directory.path());
    let (mut journal, _) = Journal::open(storage.clone(), SMALL).unwrap();
    for number in 1..=12 {
        append_one(&mut journal, number).unwrap();
    }
    drop(journal);

    let (journal, recovered) = Journal::open(storage, SMALL).unwrap();

    assert_eq!(recovered.last_index, 12);
    assert_eq!(kinds(&journal), (1..=12).collect::<Vec<_>>());
}

#[test]
fn only_the_owner_may_read_a_segment() {
    let directory = tempfile::tempdir().unwrap();
    let opened = Journal::open(FileStorage::new(directory.path()), Options::default());
    drop(opened.unwrap());

    for file in fs::read_dir(directory.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_torn_tail_in_a_file_is_cut() {
    let directory = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(directory.path());
    let (mut journal, _) = Journal::open(storage.clone(), Options::default()).unwrap();
    append_one(&mut journal, 1).unwrap();
    drop(journal);
    let path = directory.path().join("00000000000000000001.journal");
    let length = fs::metadata(&path).unwrap().len();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(length + 100).unwrap();

    let (mut journal, recovered) = Journal::open(storage.clone(), Options::default()).unwrap();
    append_one(&mut journal, 2).unwrap();

    assert_eq!(recovered.torn_tail.unwrap().bytes, 100);
    let (journal, _) = Journal::open(storage, Options::default()).unwrap();
    assert_eq!(kinds(&journal), [1, 2]);
}

#[test]
fn a_directory_that_is_not_there_is_named_as_the_cause() {
    let directory = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(&directory.path().join("nowhere"));

    let refused = Journal::open(storage, SMALL).unwrap_err();

    assert!(
        matches!(refused, JournalError::Io { action: "list", .. }),
        "{refused}"
    );
}
