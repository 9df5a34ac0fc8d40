//! Bytes that were durable and are gone or changed: found, named, and left as they are.

use referral_journal::storage::Storage;
use referral_journal::{Journal, JournalError, MemoryStorage, Options};

use crate::support::{Dice, SMALL, all, append_one, entry, filled, kinds, open, segments, size};

fn damage_in(storage: &MemoryStorage) -> (String, u64) {
    match Journal::open(storage.clone(), SMALL).unwrap_err() {
        JournalError::Damaged {
            segment, offset, ..
        } => (segment, offset),
        other => panic!("not damage: {other}"),
    }
}

fn change(storage: &MemoryStorage, segment: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = storage.bytes(segment).unwrap();
    change(&mut bytes);
    storage.put(segment, bytes);
}

#[test]
fn every_single_flipped_bit_is_found_or_does_no_harm() {
    let storage = MemoryStorage::default();
    let whole = all(&filled(&storage, 12));

    let mut found = 0;
    for segment in segments(&storage) {
        for bit in 0..storage.bytes(&segment).unwrap().len() * 8 {
            let copy = storage.copy();
            change(&copy, &segment, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            match Journal::open(copy, SMALL) {
                Ok((journal, _)) => assert_eq!(all(&journal), whole, "{segment}, bit {bit}"),
                Err(JournalError::Damaged { .. }) => found += 1,
                Err(other) => panic!("{segment}, bit {bit}: {other}"),
            }
        }
    }

    assert!(found > 5000, "{found}");
}

/// A journal of several segments whose oldest part was dropped, with batches of many records. All of it
/// is tried by `JOURNAL_FLIPS=100000 cargo test --release -p referral-journal --test journal flipped`.
#[test]
fn a_flipped_bit_anywhere_in_a_large_journal_never_yields_a_wrong_byte() {
    let flips = size("JOURNAL_FLIPS", 2_500);
    let (storage, options) = (
        MemoryStorage::default(),
        Options {
            segment_bytes: 24 << 10,
            generation: 1,
        },
    );
    let (mut journal, _) = Journal::open(storage.clone(), options).unwrap();
    let mut dice = Dice(5);
    for _ in 0..60 {
        let records: Vec<Vec<u8>> = (0..=dice.below(20))
            .map(|_| {
                (0..dice.below(400))
                    .map(|_| u8::try_from(dice.below(256)).unwrap())
                    .collect()
            })
            .collect();
        let batch: Vec<_> = records.iter().map(|bytes| entry(1, bytes)).collect();
        journal.append(&batch).unwrap();
    }
    journal.archive().drop_before(200).unwrap();
    let whole = all(&journal);
    let names: Vec<String> = segments(&storage)
        .into_iter()
        .filter(|name| name.ends_with(".journal"))
        .collect();
    let lengths: Vec<u64> = names
        .iter()
        .map(|name| storage.bytes(name).unwrap().len() as u64)
        .collect();

    let mut found = 0;
    for _ in 0..flips {
        let mut bit = dice.below(lengths.iter().sum::<u64>() * 8);
        let mut at = 0;
        while bit >= lengths[at] * 8 {
            bit -= lengths[at] * 8;
            at += 1;
        }
        let flip = |bytes: &mut Vec<u8>| bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
        let before = storage.bytes(&names[at]).unwrap();
        change(&storage, &names[at], flip);
        match Journal::open(storage.clone(), options) {
            Ok((journal, _)) => assert_eq!(all(&journal), whole, "{}, bit {bit}", names[at]),
            Err(JournalError::Damaged { .. }) => found += 1,
            Err(other) => panic!("{}, bit {bit}: {other}", names[at]),
        }
        storage.put(&names[at], before);
    }
    println!(
        "{flips} single-bit flips: {found} found, {} harmless, 0 wrong bytes",
        flips - found
    );
    assert!(names.len() > 3 && found > flips * 9 / 10);
}

#[test]
fn rot_in_the_last_batch_is_not_taken_for_a_torn_write() {
    let storage = MemoryStorage::default();
    drop(filled(&storage, 1));
    let segment = &segments(&storage)[0];

    change(&storage, segment, |bytes| bytes[70] ^= 1);

    assert_eq!(damage_in(&storage), (segment.clone(), 28));
}

#[test]
fn damage_is_left_as_it_was_found() {
    let storage = MemoryStorage::default();
    drop(filled(&storage, 12));
    let segment = segments(&storage)[1].clone();
    change(&storage, &segment, |bytes| bytes[100] ^= 4);
    let before = storage.bytes(&segment);

    let first = damage_in(&storage);

    assert_eq!(damage_in(&storage), first);
    assert_eq!(storage.bytes(&segment), before);
}

#[test]
fn a_missing_segment_is_named() {
    let storage = MemoryStorage::default();
    drop(filled(&storage, 12));

    for missing in segments(&storage) {
        let copy = storage.copy();
        copy.remove(&missing).unwrap();

        assert_eq!(damage_in(&copy), (missing, 0));
    }
}

#[test]
fn a_file_cut_anywhere_never_yields_anything_but_the_first_records() {
    let storage = MemoryStorage::default();
    let whole = all(&filled(&storage, 12));
    let last = segments(&storage).pop().unwrap();

    for segment in segments(&storage) {
        for length in 0..storage.bytes(&segment).unwrap().len() {
            let copy = storage.copy();
            change(&copy, &segment, |bytes| bytes.truncate(length));
            match Journal::open(copy, SMALL) {
                Ok((journal, _)) => assert!(whole.starts_with(&all(&journal))),
                Err(JournalError::Damaged { .. }) => {}
                Err(other) => panic!("{segment} cut to {length}: {other}"),
            }
            let lost_more_than_the_mark = segment != last && length < 150;
            if lost_more_than_the_mark {
                let copy = storage.copy();
                change(&copy, &segment, |bytes| bytes.truncate(length));
                damage_in(&copy);
            }
        }
    }
}

#[test]
fn a_batch_lost_from_the_middle_is_found() {
    let storage = MemoryStorage::default();
    drop(filled(&storage, 2));
    let segment = segments(&storage)[0].clone();

    // A batch of one record of 20 bytes takes 36 + 13 + 20 bytes, after the header's 28.
    change(&storage, &segment, |bytes| drop(bytes.drain(28..28 + 69)));

    assert_eq!(damage_in(&storage), (segment, 28));
}

#[test]
fn a_reader_finds_damage_done_after_opening_and_then_stops() {
    let storage = MemoryStorage::default();
    let journal = filled(&storage, 3);
    let segment = segments(&storage)[0].clone();
    change(&storage, &segment, |bytes| bytes[28 + 69 + 40] ^= 1);

    let read: Vec<_> = journal.read_from(1).unwrap().collect();

    assert_eq!(read.len(), 2);
    assert_eq!(read[1].as_ref().unwrap_err().code(), "journal_damaged");
}

#[test]
fn records_cannot_pose_as_frames() {
    let other = MemoryStorage::default();
    other.nonce();
    drop(filled(&other, 2));
    let forged = other.bytes(&segments(&other)[0]).unwrap();
    let storage = MemoryStorage::default();
    let mut journal = filled(&storage, 1);
    journal.append(&[entry(2, &forged)]).unwrap();
    let segment = segments(&storage)[0].clone();

    // The write of the second batch, torn: its first sector never came, and neither did its mark.
    change(&storage, &segment, |bytes| {
        bytes[28 + 69..28 + 69 + 36].fill(0);
        bytes.truncate(bytes.len() - 36);
    });

    let (journal, recovered) = Journal::open(storage, SMALL).unwrap();
    assert!(recovered.torn_tail.is_some());
    assert_eq!(kinds(&journal), [1]);
}

#[test]
fn files_that_are_no_segments_are_left_alone() {
    let storage = MemoryStorage::default();
    storage.put("lost+found", vec![1]);
    storage.put("1.journal", vec![2]);

    let mut journal = open(&storage);
    append_one(&mut journal, 1).unwrap();

    assert_eq!(kinds(&open(&storage)), [1]);
    assert_eq!(storage.bytes("1.journal"), Some(vec![2]));
}
