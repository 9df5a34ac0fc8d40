//! Dropping the oldest part, when all goes well and when it does not.

use std::io::ErrorKind;

use referral_journal::storage::{Crash, Storage};
use referral_journal::{FileStorage, Journal, JournalError, MemoryStorage};

use crate::support::{SMALL, all, append_one, filled, kinds, open, segments};

#[test]
fn only_whole_segments_below_the_index_go() {
    let storage = MemoryStorage::default();
    let archive = filled(&storage, 12).archive();
    let starts = archive.segments().unwrap();

    // One short of the third segment's end: it stays.
    let first = archive.drop_before(starts[3] - 1).unwrap();

    assert_eq!(first, starts[2]);
    assert_eq!(archive.segments().unwrap(), starts[2..]);
    assert_eq!(archive.first_index(), first);
}

#[test]
fn what_is_kept_is_read_appended_to_and_opened_as_before() {
    let storage = MemoryStorage::default();
    let mut journal = filled(&storage, 12);
    let first = journal.archive().drop_before(8).unwrap();

    append_one(&mut journal, 13).unwrap();
    let (again, recovered) = Journal::open(storage, SMALL).unwrap();

    let kept: Vec<u8> = (u8::try_from(first).unwrap()..=13).collect();
    assert!(first > 1);
    assert_eq!(kinds(&journal), kept);
    assert_eq!(kinds(&again), kept);
    assert_eq!((recovered.first_index, recovered.last_index), (first, 13));
}

#[test]
fn a_dropped_record_is_called_so() {
    let archive = filled(&MemoryStorage::default(), 12).archive();
    let first = archive.drop_before(8).unwrap();

    let refused = archive.read_from(first - 1).unwrap_err();

    assert_eq!(refused.code(), "record_dropped");
    assert!(
        matches!(refused, JournalError::Dropped { index, first: told }
        if index == first - 1 && told == first)
    );
    assert_eq!(archive.read_from(0).unwrap_err().code(), "no_such_record");
}

#[test]
fn a_reader_that_is_overtaken_says_so_and_one_that_is_not_goes_on() {
    let archive = filled(&MemoryStorage::default(), 12).archive();
    let (mut slow, mut fast) = (archive.read_from(1).unwrap(), archive.read_from(1).unwrap());
    slow.next().unwrap().unwrap();
    let first = archive.segments().unwrap()[2];
    while fast.next_index() < first {
        fast.next().unwrap().unwrap();
    }

    archive.drop_before(first).unwrap();

    let error = slow.find_map(Result::err).unwrap();
    assert_eq!(error.code(), "record_dropped");
    assert_eq!(fast.flatten().count() as u64, 13 - first);
}

#[test]
fn the_last_segment_stays_whatever_is_asked() {
    let storage = MemoryStorage::default();
    let mut journal = filled(&storage, 12);
    let archive = journal.archive();

    let first = archive.drop_before(u64::MAX).unwrap();

    assert_eq!(archive.segments().unwrap(), [first]);
    assert_eq!(kinds(&journal).last(), Some(&12));
    assert_eq!(append_one(&mut journal, 13).unwrap(), 13);
}

#[test]
fn an_index_that_went_long_ago_drops_nothing_more() {
    let storage = MemoryStorage::default();
    let archive = filled(&storage, 12).archive();
    let first = archive.drop_before(8).unwrap();
    let before = segments(&storage);

    assert_eq!(archive.drop_before(2).unwrap(), first);

    assert_eq!(segments(&storage), before);
}

#[test]
fn a_segment_that_is_missing_without_having_been_dropped_is_damage() {
    let storage = MemoryStorage::default();
    filled(&storage, 20).archive().drop_before(8).unwrap();

    for missing in segments(&storage) {
        let copy = storage.copy();
        copy.remove(&missing).unwrap();

        let refused = Journal::open(copy, SMALL).map(drop).unwrap_err();
        assert_eq!(refused.code(), "journal_damaged", "{missing}");
    }
}

#[test]
fn what_a_crash_left_of_a_drop_is_removed_at_the_next_opening() {
    let storage = MemoryStorage::default();
    let archive = filled(&storage, 12).archive();
    let begin = archive.segments().unwrap()[3];
    // The marker, its sync, and the first removal.
    storage.cut_power(4);
    archive.drop_before(begin).unwrap_err();
    storage.crash(Crash::KeepPending);

    let (journal, recovered) = Journal::open(storage.clone(), SMALL).unwrap();

    assert_eq!(recovered.first_index, begin);
    assert_eq!(all(&journal)[0].index, begin);
    let left = storage.list().unwrap();
    assert_eq!(
        left.len(),
        journal.archive().segments().unwrap().len() + 1,
        "{left:?}"
    );
}

#[test]
fn a_drop_that_failed_half_way_is_finished_by_the_next() {
    let storage = MemoryStorage::default();
    let archive = filled(&storage, 12).archive();
    let begin = archive.segments().unwrap()[3];
    storage.fail_change(4, ErrorKind::PermissionDenied);

    archive.drop_before(begin).unwrap_err();
    let first = archive.drop_before(1).unwrap();

    assert_eq!(first, begin);
    assert_eq!(
        segments(&storage).len(),
        archive.segments().unwrap().len() + 1
    );
}

#[test]
fn the_power_may_fail_at_every_step_of_a_drop_and_what_follows_is_never_missing() {
    for nth in 1..12 {
        for seed in 0..200 {
            let storage = MemoryStorage::default();
            let archive = filled(&storage, 12).archive();
            let begin = archive.segments().unwrap()[3];
            storage.cut_power(nth);
            let dropped = archive.drop_before(begin);
            storage.crash(Crash::TearPending { seed });

            let kept = kinds(&open(&storage));

            let whole: Vec<u8> = (1..=12).collect();
            let (all, rest) = (&whole[..], &whole[usize::try_from(begin).unwrap() - 1..]);
            assert!(kept == all || kept == rest, "{nth}, {seed}: {kept:?}");
            assert!(dropped.is_err() || kept == rest, "{nth}, {seed}");
        }
    }
}

#[test]
fn a_dropped_part_of_a_real_directory_stays_dropped() {
    let directory = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(directory.path());
    let (mut journal, _) = Journal::open(storage.clone(), SMALL).unwrap();
    for number in 1..=12 {
        append_one(&mut journal, number).unwrap();
    }
    let first = journal.archive().drop_before(9).unwrap();
    drop(journal);

    let (journal, recovered) = Journal::open(storage, SMALL).unwrap();

    assert_eq!(recovered.first_index, first);
    assert_eq!(
        kinds(&journal),
        (u8::try_from(first).unwrap()..=12).collect::<Vec<_>>()
    );
}

#[test]
fn a_segment_that_was_begun_early_lets_everything_before_it_go() {
    let storage = MemoryStorage::default();
    let mut journal = filled(&storage, 2);

    journal.begin_segment().unwrap();
    journal.begin_segment().unwrap();
    append_one(&mut journal, 3).unwrap();

    assert_eq!(journal.archive().drop_before(3).unwrap(), 3);
    assert_eq!(kinds(&open(&storage)), [3]);
}

#[test]
fn a_segment_that_could_not_be_begun_early_is_begun_with_the_next_record() {
    for nth in 1..12 {
        let storage = MemoryStorage::default();
        let mut journal = filled(&storage, 1);
        storage.fail_change(nth, ErrorKind::StorageFull);

        let begun = journal.begin_segment();
        for number in 2..=3 {
            while append_one(&mut journal, number).is_err() {}
        }
        storage.crash(Crash::LosePending);

        assert_eq!(kinds(&open(&storage)), [1, 2, 3], "{nth}: {begun:?}");
    }
}
