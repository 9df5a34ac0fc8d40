//! What is said to be durable is there after a power cut that takes as much as it may: the smallest steps that
//! everything else stands on, on a disk that loses what was not synced.

use std::fs;
use std::path::Path;

use directory_server::audit::{Act, Audit, Who, verify};
use jiff::Timestamp;
use referral_runtime::data_dir::{DataDir, make_private, write_secret};
use tempfile::TempDir;

use crate::lossy::LossyDisk;

/// Power cuts of each.
const CUTS: u64 = 40;

/// Does something on an empty disk, cuts the power, and looks at what is there; again and again. Nothing happens, said
/// loudly, where disks may not be mounted.
fn survives(done: impl Fn(&Path), there: impl Fn(&Path, u64)) {
    for seed in 0..CUTS {
        let home = TempDir::new().expect("a temporary directory");
        let place = home.path().join("disk");
        let Some(mut disk) = LossyDisk::mount(&place) else {
            return;
        };
        done(&place);
        disk.cut(seed);
        there(&place, seed);
        drop(disk);
    }
}

#[test]
fn a_data_directory_and_the_folders_in_it_are_there() {
    survives(
        |disk| {
            let data = DataDir::open(&disk.join("new/data")).expect("a data directory");
            data.subdirectory("journal").expect("a folder");
            make_private(&data.path().join("a/b")).expect("folders");
        },
        |disk, seed| {
            for folder in ["journal", "a/b"] {
                let there = disk.join("new/data").join(folder).is_dir();
                assert!(there, "{folder} after cut {seed}");
            }
        },
    );
}

#[test]
fn a_folder_whose_name_a_killed_process_left_unsynced_is_there_once_the_next_has_the_directory() {
    survives(
        |disk| {
            fs::create_dir(disk.join("journal")).expect("a folder");
            drop(DataDir::open(disk).expect("a data directory"));
        },
        |disk, seed| assert!(disk.join("journal").is_dir(), "cut {seed}"),
    );
}

#[test]
fn a_secret_is_the_old_or_the_new_and_the_new_once_it_was_written() {
    survives(
        |disk| {
            for text in ["old", "new"] {
                write_secret(&disk.join("key"), text.as_bytes()).expect("room");
            }
        },
        |disk, seed| {
            let text = fs::read_to_string(disk.join("key")).expect("a file");
            assert_eq!(text, "new", "cut {seed}");
        },
    );
}

#[test]
fn an_entry_of_the_audit_log_is_there_and_one_that_was_torn_is_not() {
    let who = Who::at_the_machine();
    let record = |audit: &Audit, about: &str| {
        audit.record(&who, Act::Moderated, (about, ""), Timestamp::UNIX_EPOCH)
    };
    survives(
        |disk| {
            let audit = Audit::open(disk).expect("a log");
            for about in ["one", "two"] {
                record(&audit, about).expect("room");
            }
            // Written, and the power fails before it is synced.
            let log = disk.join("audit/log");
            let last = fs::read_to_string(&log).expect("a log");
            let torn = last
                .lines()
                .next()
                .expect("an entry")
                .replace("one", "three");
            let file = fs::OpenOptions::new().append(true).open(&log);
            std::io::Write::write_all(&mut file.expect("a log"), format!("{torn}\n").as_bytes())
                .expect("room");
        },
        |disk, seed| {
            let audit = Audit::open(disk).unwrap_or_else(|e| panic!("cut {seed}: {e}"));
            assert_eq!(record(&audit, "after").expect("room"), 3, "cut {seed}");
            assert_eq!(verify(disk, None).expect("right").entries, 3, "cut {seed}");
        },
    );
}
