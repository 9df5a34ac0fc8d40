//! Disks that fill up, fail and lose power.

use std::io::ErrorKind;

use referral_journal::storage::Crash;
use referral_journal::{AppendError, Journal, MemoryStorage};

use crate::support::{SMALL, append_one, entry, filled, kinds, open, segments};

#[test]
fn a_full_disk_refuses_and_heals_when_space_returns() {
    let storage = MemoryStorage::default();
    let mut journal = open(&storage);
    storage.set_capacity(Some(1000));
    let mut written = 0;
    let refused = loop {
        match append_one(&mut journal, written + 1) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };

    let refused_again = append_one(&mut journal, 99).unwrap_err();
    let while_full = kinds(&journal);
    storage.set_capacity(None);
    append_one(&mut journal, written + 1).unwrap();

    assert!(written > 3);
    assert_eq!(refused.code(), "storage_full");
    assert_eq!(refused_again.code(), "storage_full");
    assert_eq!(while_full, (1..=written).collect::<Vec<_>>());
    assert_eq!(
        kinds(&open(&storage)),
        (1..=written + 1).collect::<Vec<_>>()
    );
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_fails_on_a_full_disk() {
    let storage = MemoryStorage::default();
    let mut journal = open(&storage);
    storage.set_capacity(Some(700));
    let mut written = 0;
    while append_one(&mut journal, written + 1).is_ok() {
        written += 1;
    }

    storage.crash(Crash::KeepPending);

    assert_eq!(kinds(&open(&storage)), (1..=written).collect::<Vec<_>>());
}

#[test]
fn every_single_write_or_sync_may_fail_and_nothing_is_left_of_the_batch() {
    type Fail = fn(&MemoryStorage, u32);
    let failures: [(Fail, &str); 3] = [
        (
            |disk, nth| disk.fail_write(nth, ErrorKind::StorageFull),
            "storage_full",
        ),
        (
            |disk, nth| disk.fail_sync(nth, ErrorKind::Other),
            "journal_not_written",
        ),
        (
            |disk, nth| disk.fail_sync(nth, ErrorKind::StorageFull),
            "storage_full",
        ),
    ];
    for (fail, code) in failures {
        for nth in 1..30 {
            let storage = MemoryStorage::default();
            let mut journal = open(&storage);
            fail(&storage, nth);
            let mut kept = Vec::new();
            for number in 1..=10 {
                match append_one(&mut journal, number) {
                    Ok(_) => kept.push(number),
                    Err(error) => assert_eq!(error.code(), code),
                }
            }
            storage.crash(Crash::LosePending);

            assert!(kept.len() >= 9, "one failure costs at most one batch");
            assert_eq!(kinds(&open(&storage)), kept, "{code} at {nth}");
        }
    }
}

/// A working day: appends, a drop, a copy, and more appends. Returns what was acknowledged.
fn day(storage: &MemoryStorage) -> Option<Vec<u8>> {
    let (mut journal, _) = Journal::open(storage.clone(), SMALL).ok()?;
    let mut kept = Vec::new();
    for number in 1..=14 {
        if append_one(&mut journal, number).is_ok() {
            kept.push(number);
        }
        if number == 9 {
            let _may_fail = journal.archive().drop_before(5);
        }
        if number == 11 {
            let target = MemoryStorage::default();
            let archive = journal.archive();
            archive.copy_to(&target, archive.last_index()).unwrap();
            assert_eq!(kinds(&open(&target)), kinds(&journal));
        }
    }
    let first = usize::try_from(journal.archive().first_index()).unwrap();
    let kept = kept[first - 1..].to_vec();
    assert_eq!(kinds(&journal), kept);
    Some(kept)
}

#[test]
fn every_single_change_of_a_day_may_fail_drops_and_marks_among_them() {
    let mut failed = 0;
    for nth in 1..90 {
        for kind in [ErrorKind::StorageFull, ErrorKind::Other] {
            let storage = MemoryStorage::default();
            storage.fail_change(nth, kind);
            let Some(kept) = day(&storage) else {
                failed += 1;
                continue;
            };
            storage.crash(Crash::LosePending);

            // A drop that was refused may have happened all the same, by the next start at the latest.
            let found = kinds(&open(&storage));
            let dropped = kept.len() - found.len();
            assert_eq!(found, kept[dropped..], "change {nth}, {kind:?}");
            assert!(dropped <= 4, "change {nth}, {kind:?}");
        }
    }
    assert!(failed <= 8, "only creating the journal may fail: {failed}");
}

#[test]
fn after_a_failed_sync_the_same_file_is_not_trusted_again() {
    let storage = MemoryStorage::default();
    let mut journal = filled(&storage, 1);

    storage.fail_sync(1, ErrorKind::Other);
    append_one(&mut journal, 9).unwrap_err();
    append_one(&mut journal, 2).unwrap();
    storage.crash(Crash::LosePending);

    assert_eq!(kinds(&open(&storage)), [1, 2]);
}

#[test]
fn a_journal_that_cannot_be_repaired_says_so_on_every_call() {
    let storage = MemoryStorage::default();
    let mut journal = filled(&storage, 1);

    storage.cut_power(2);
    let first = append_one(&mut journal, 2).unwrap_err();
    storage.crash(Crash::LosePending);
    let second = append_one(&mut journal, 3).unwrap_err();

    assert!(matches!(first, AppendError::Poisoned { .. }), "{first}");
    assert!(matches!(second, AppendError::Poisoned { .. }), "{second}");
    assert_eq!(kinds(&open(&storage)), [1]);
}

#[test]
fn a_batch_found_only_in_the_cache_is_written_again_before_anyone_relies_on_it() {
    let storage = MemoryStorage::default();
    let mut journal = filled(&storage, 1);
    // The sync fails and forgets the batch, and so does all that would undo it.
    storage.fail_sync(1, ErrorKind::Other);
    storage.cut_power(3);
    append_one(&mut journal, 2).unwrap_err();
    storage.crash(Crash::KeepPending);

    let found = kinds(&open(&storage));
    storage.crash(Crash::LosePending);

    assert_eq!(kinds(&open(&storage)), found);
}

#[test]
fn a_torn_batch_is_cut_whole_and_reported() {
    let storage = MemoryStorage::default();
    drop(filled(&storage, 1));
    let segment = segments(&storage)[0].clone();
    let mut bytes = storage.bytes(&segment).unwrap();
    let end = bytes.len() - 36;
    bytes.truncate(end);
    bytes.extend([0; 700]);
    storage.put(&segment, bytes);

    let (journal, recovered) = Journal::open(storage.clone(), SMALL).unwrap();

    let torn = recovered.torn_tail.unwrap();
    assert_eq!(
        (torn.segment, torn.offset, torn.bytes),
        (segment, end as u64, 700)
    );
    assert_eq!(kinds(&journal), [1]);
    assert_eq!(Journal::open(storage, SMALL).unwrap().1.torn_tail, None);
}

#[test]
fn a_batch_is_there_whole_or_not_at_all_wherever_the_power_fails() {
    for seed in 0..2000 {
        let storage = MemoryStorage::default();
        let mut journal = filled(&storage, 1);
        let long = vec![7; 3000];
        storage.cut_power(2);
        journal
            .append(&[entry(2, &long), entry(3, &long), entry(4, b"")])
            .unwrap_err();

        storage.crash(Crash::TearPending { seed });

        let found = kinds(&open(&storage));
        assert!(found == [1] || found == [1, 2, 3, 4], "{seed}: {found:?}");
    }
}

#[test]
fn recovery_may_lose_power_at_every_step() {
    for nth in 1..20 {
        for seed in 0..50 {
            let storage = MemoryStorage::default();
            let mut journal = filled(&storage, 5);
            storage.cut_power(2);
            append_one(&mut journal, 6).unwrap_err();
            storage.crash(Crash::TearPending { seed });

            storage.cut_power(nth);
            let first = Journal::open(storage.clone(), SMALL).map(|(journal, _)| kinds(&journal));
            storage.crash(Crash::TearPending { seed: seed + 1 });
            let found = kinds(&open(&storage));

            assert!(found.starts_with(&[1, 2, 3, 4, 5]), "{found:?}");
            if let Ok(first) = first {
                assert_eq!(found, first, "what was once recovered stays");
            }
        }
    }
}

#[test]
fn recovery_of_a_recovery_of_a_recovery_may_lose_power_at_every_step() {
    let steps = || 1..8_u32;
    let depths = steps().flat_map(|a| steps().flat_map(move |b| steps().map(move |c| [a, b, c])));
    for (seed, depths) in (0..).zip(depths.cycle().take(343 * 4)) {
        let storage = MemoryStorage::default();
        let mut journal = filled(&storage, 5);
        journal.archive().drop_before(3).unwrap();
        let before = kinds(&journal);
        storage.cut_power(2);
        append_one(&mut journal, 6).unwrap_err();
        storage.crash(Crash::TearPending { seed });

        let mut once: Option<Vec<u8>> = None;
        for nth in depths {
            storage.cut_power(nth);
            if let Ok((journal, _)) = Journal::open(storage.clone(), SMALL) {
                let found = kinds(&journal);
                assert_eq!(once.get_or_insert_with(|| found.clone()), &found);
            }
            storage.crash(Crash::TearPending { seed: seed + 1 });
        }

        let found = kinds(&open(&storage));
        assert!(found.starts_with(&before), "{seed}, {depths:?}: {found:?}");
        assert_eq!(*once.get_or_insert_with(|| found.clone()), found);
    }
}

/// Found by the law: recovery sealed a segment before the next one was sure to be there.
#[test]
fn a_seal_never_outlives_the_segment_it_promises() {
    let storage = MemoryStorage::default();
    let mut journal = filled(&storage, 3);
    storage.fail_sync(1, ErrorKind::Other);
    append_one(&mut journal, 4).unwrap_err();
    storage.fail_sync(2, ErrorKind::Other);
    let half_done = Journal::open(storage.clone(), SMALL).map(drop);

    storage.crash(Crash::KeepPending);

    assert!(half_done.is_err());
    assert_eq!(kinds(&open(&storage)), [1, 2, 3]);
}
