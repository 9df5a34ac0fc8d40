//! Appending and reading when nothing goes wrong.

use std::thread;

use referral_journal::{
    AppendError, Journal, JournalError, MAX_BATCH_BYTES, MemoryStorage, Options, Record,
};

use crate::support::{SMALL, all, append_one, entry, filled, kinds, open, segments};

#[test]
fn a_batch_gets_the_next_indexes_and_comes_back_as_it_was() {
    let mut journal = open(&MemoryStorage::default());

    let range = journal.append(&[entry(1, b"one"), entry(2, b"")]).unwrap();

    assert_eq!(range, 1..=2);
    let expected = |index, number: u8, bytes: &[u8]| Record {
        generation: 1,
        index,
        received_at_us: entry(number, bytes).received_at_us,
        kind: number,
        bytes: bytes.to_vec(),
    };
    assert_eq!(all(&journal), [expected(1, 1, b"one"), expected(2, 2, b"")]);
}

#[test]
fn a_new_journal_says_so_and_an_old_one_says_where_it_ends() {
    let storage = MemoryStorage::default();
    let (mut journal, new) = Journal::open(storage.clone(), SMALL).unwrap();
    append_one(&mut journal, 1).unwrap();

    let (_, old) = Journal::open(storage, SMALL).unwrap();

    assert!(new.created && new.last_index == 0);
    assert!(!old.created && old.last_index == 1 && old.last_generation == 1);
    assert_eq!(old.torn_tail, None);
}

#[test]
fn a_full_segment_is_followed_by_the_next() {
    let storage = MemoryStorage::default();

    let journal = filled(&storage, 20);

    assert!(segments(&storage).len() > 3);
    assert_eq!(kinds(&journal), (1..=20).collect::<Vec<_>>());
    assert_eq!(kinds(&open(&storage)), (1..=20).collect::<Vec<_>>());
}

#[test]
fn reading_begins_at_any_record_of_any_batch() {
    let mut journal = open(&MemoryStorage::default());
    for number in (1..40).step_by(3) {
        let bytes = [0; 30];
        let batch = [0, 1, 2].map(|more| entry(number + more, &bytes));
        journal.append(&batch).unwrap();
    }

    for first in 1..=40 {
        let read: Vec<u64> = journal
            .read_from(first)
            .unwrap()
            .map(|record| record.unwrap().index)
            .collect();
        assert_eq!(read, (first..40).collect::<Vec<_>>());
    }
}

#[test]
fn a_record_that_does_not_exist_cannot_be_asked_for() {
    let journal = filled(&MemoryStorage::default(), 3);

    for index in [0, 5] {
        let refused = journal.read_from(index).unwrap_err();
        assert!(matches!(
            refused,
            JournalError::NoSuchRecord { last_index: 3, .. }
        ));
    }
}

#[test]
fn a_reader_that_has_caught_up_goes_on_when_the_journal_does() {
    let storage = MemoryStorage::default();
    let mut journal = filled(&storage, 2);
    let mut reader = journal.read_from(1).unwrap();
    assert_eq!(reader.by_ref().count(), 2);
    assert!(reader.next().is_none());

    for number in 3..=9 {
        append_one(&mut journal, number).unwrap();
        assert_eq!(reader.next().unwrap().unwrap().index, u64::from(number));
        assert!(reader.next().is_none());
    }
}

#[test]
fn a_reader_follows_a_writer_on_another_thread() {
    let storage = MemoryStorage::default();
    let mut journal = open(&storage);
    let mut reader = journal.read_from(1).unwrap();

    let writer = thread::spawn(move || {
        for number in 1..=200 {
            append_one(&mut journal, number).unwrap();
        }
    });
    let mut read = Vec::new();
    while read.len() < 200 {
        assert!(
            !(writer.is_finished() && reader.last_index() < 200),
            "the writer failed"
        );
        read.extend(reader.by_ref().map(|record| record.unwrap().kind));
    }

    assert_eq!(read, (1..=200).collect::<Vec<_>>());
    writer.join().unwrap();
}

#[test]
fn a_later_generation_is_recorded_and_an_earlier_one_refused() {
    let storage = MemoryStorage::default();
    let with = |generation| Options {
        generation,
        ..SMALL
    };
    drop(filled(&storage, 1));
    let (mut journal, _) = Journal::open(storage.clone(), with(3)).unwrap();
    append_one(&mut journal, 2).unwrap();

    let refused = Journal::open(storage, with(2)).unwrap_err();

    let generations: Vec<u64> = all(&journal)
        .iter()
        .map(|record| record.generation)
        .collect();
    assert_eq!(generations, [1, 3]);
    assert_eq!(refused.code(), "stale_generation");
}

#[test]
fn an_empty_batch_and_one_too_large_are_refused_and_change_nothing() {
    let mut journal = filled(&MemoryStorage::default(), 1);
    let huge = vec![0; usize::try_from(MAX_BATCH_BYTES).unwrap()];

    let empty = journal.append(&[]).unwrap_err();
    let too_large = journal.append(&[entry(2, &huge)]).unwrap_err();

    assert!(matches!(empty, AppendError::Empty));
    assert!(matches!(too_large, AppendError::TooLarge { bytes } if bytes > MAX_BATCH_BYTES));
    assert_eq!(append_one(&mut journal, 2).unwrap(), 2);
}
