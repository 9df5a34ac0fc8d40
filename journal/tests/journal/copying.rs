//! Copies made while the journal is in use.

use std::io::ErrorKind;
use std::thread;

use referral_journal::storage::{Crash, Storage};
use referral_journal::{FileStorage, Journal, JournalError, MemoryStorage};

use crate::support::{SMALL, all, append_one, entry, filled, kinds, open, segments};

#[test]
fn a_copy_holds_what_the_journal_holds_and_is_appended_to_like_it() {
    let storage = MemoryStorage::default();
    let journal = filled(&storage, 12);
    let target = MemoryStorage::default();

    let copied = journal.archive().copy_to(&target, 12).unwrap();

    assert_eq!((copied.first_index, copied.last_index), (1, 12));
    let mut copy = open(&target);
    assert_eq!(all(&copy), all(&journal));
    assert_eq!(append_one(&mut copy, 13).unwrap(), 13);
    assert_eq!(kinds(&open(&target)).len(), 13);
}

#[test]
fn sealed_segments_are_the_same_byte_for_byte() {
    let storage = MemoryStorage::default();
    let journal = filled(&storage, 12);
    let target = MemoryStorage::default();

    journal.archive().copy_to(&target, 12).unwrap();

    for sealed in segments(&storage).split_last().unwrap().1 {
        assert_eq!(target.bytes(sealed), storage.bytes(sealed), "{sealed}");
    }
}

#[test]
fn a_copy_ends_with_the_batch_of_the_record_asked_for() {
    let storage = MemoryStorage::default();
    let mut journal = open(&storage);
    for number in (1..=30).step_by(3) {
        let batch = [0, 1, 2].map(|more| entry(number + more, b"some bytes"));
        journal.append(&batch).unwrap();
    }
    for up_to in 1..=30 {
        let target = MemoryStorage::default();

        let copied = journal.archive().copy_to(&target, up_to).unwrap();

        assert_eq!(copied.last_index, up_to.div_ceil(3) * 3);
        let expected = usize::try_from(copied.last_index).unwrap();
        assert_eq!(all(&open(&target)), all(&journal)[..expected]);
    }
}

#[test]
fn a_journal_that_lost_its_oldest_part_is_copied_from_where_it_begins() {
    let storage = MemoryStorage::default();
    let journal = filled(&storage, 12);
    let first = journal.archive().drop_before(7).unwrap();
    let target = MemoryStorage::default();

    let copied = journal.archive().copy_to(&target, 12).unwrap();

    assert_eq!(copied.first_index, first);
    let (copy, recovered) = Journal::open(target, SMALL).unwrap();
    assert_eq!(recovered.first_index, first);
    assert_eq!(all(&copy), all(&journal));
    let refused = journal
        .archive()
        .copy_to(&MemoryStorage::default(), first - 2);
    assert_eq!(refused.unwrap_err().code(), "record_dropped");
}

#[test]
fn a_journal_without_records_is_copied_as_one() {
    let target = MemoryStorage::default();

    let copied = open(&MemoryStorage::default())
        .archive()
        .copy_to(&target, 0)
        .unwrap();

    assert_eq!(copied.last_index, 0);
    assert!(!Journal::open(target, SMALL).unwrap().1.created);
}

#[test]
fn a_journal_is_never_copied_over_another() {
    let journal = filled(&MemoryStorage::default(), 3);
    let target = MemoryStorage::default();
    drop(filled(&target, 1));

    let refused = journal.archive().copy_to(&target, 3).unwrap_err();

    assert!(matches!(refused, JournalError::NotEmpty));
    assert_eq!(kinds(&open(&target)), [1]);
}

#[test]
fn what_does_not_exist_yet_cannot_be_copied() {
    let archive = filled(&MemoryStorage::default(), 3).archive();

    let refused = archive.copy_to(&MemoryStorage::default(), 4).unwrap_err();

    assert_eq!(refused.code(), "no_such_record");
}

#[test]
fn a_copy_can_be_made_while_another_thread_appends() {
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(FileStorage::new(directory.path()), SMALL).unwrap();
    append_one(&mut journal, 0).unwrap();
    let archive = journal.archive();
    let writer = thread::spawn(move || {
        for number in 1..=250 {
            append_one(&mut journal, number).unwrap();
        }
    });

    let mut lengths = Vec::new();
    while !writer.is_finished() || lengths.len() < 5 {
        let target = MemoryStorage::default();
        let up_to = archive.last_index();
        let copied = archive.copy_to(&target, up_to).unwrap();
        assert_eq!(copied.last_index, up_to);
        assert_eq!(kinds(&open(&target)).len() as u64, up_to);
        lengths.push(up_to);
    }
    writer.join().unwrap();

    assert!(lengths.is_sorted());
}

#[test]
fn damage_in_the_journal_is_found_by_a_copy_or_does_it_no_harm() {
    let storage = MemoryStorage::default();
    let journal = filled(&storage, 12);
    let (archive, records) = (journal.archive(), all(&journal));
    let second = segments(&storage)[1].clone();
    let whole = storage.bytes(&second).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 2;
        storage.put(&second, bytes);

        let target = MemoryStorage::default();
        match archive.copy_to(&target, 12) {
            // Only the mark that ends the segment can be done without.
            Ok(_) => assert!(at >= whole.len() - 36 && all(&open(&target)) == records),
            Err(refused) => assert_eq!(refused.code(), "journal_damaged", "byte {at}"),
        }
    }
}

/// The copy is whole, or it is empty, or it does not open.
fn never_shorter(target: &MemoryStorage, whole: &[u8], context: &str) {
    match Journal::open(target.clone(), SMALL) {
        Ok((journal, _)) => {
            let found = kinds(&journal);
            assert!(
                found == whole || found.is_empty(),
                "{context}: {} records of {}",
                found.len(),
                whole.len()
            );
        }
        Err(JournalError::Damaged { .. }) => {}
        Err(other) => panic!("{context}: {other}"),
    }
}

#[test]
fn every_change_that_making_a_copy_takes_may_fail() {
    for (count, dropped) in [(1, 1), (12, 1), (12, 7)] {
        let storage = MemoryStorage::default();
        let journal = filled(&storage, count);
        journal.archive().drop_before(dropped).unwrap();
        let whole = kinds(&journal);
        for nth in 1.. {
            let target = MemoryStorage::default();
            target.fail_change(nth, ErrorKind::StorageFull);
            let copied = journal.archive().copy_to(&target, u64::from(count));
            let failed = copied.is_err();
            target.crash(Crash::LosePending);

            if !failed {
                assert_eq!(kinds(&open(&target)), whole, "{nth}");
                break;
            }
            never_shorter(&target, &whole, &format!("{count} records, change {nth}"));
        }
    }
}

#[test]
fn a_copy_cut_short_by_the_power_is_never_taken_for_a_shorter_journal() {
    for (count, dropped) in [(1, 1), (12, 1), (12, 7)] {
        let storage = MemoryStorage::default();
        let journal = filled(&storage, count);
        journal.archive().drop_before(dropped).unwrap();
        let whole = kinds(&journal);
        for nth in 1..45 {
            for seed in 0..40 {
                let target = MemoryStorage::default();
                target.cut_power(nth);
                let copied = journal.archive().copy_to(&target, u64::from(count));
                target.crash(Crash::TearPending { seed });

                never_shorter(&target, &whole, &format!("{count}, {nth}, {seed}"));
                assert!(copied.is_err() || kinds(&open(&target)) == whole);
            }
        }
    }
}

#[test]
fn a_copy_in_a_real_directory_opens_there() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut journal, _) = Journal::open(FileStorage::new(from.path()), SMALL).unwrap();
    for number in 1..=12 {
        append_one(&mut journal, number).unwrap();
    }
    let target = FileStorage::new(to.path());

    journal.archive().copy_to(&target, 12).unwrap();

    let (copy, _) = Journal::open(target.clone(), SMALL).unwrap();
    assert_eq!(all(&copy), all(&journal));
    assert!(!target.list().unwrap().is_empty());
}
