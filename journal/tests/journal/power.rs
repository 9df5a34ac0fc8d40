//! Power cuts in numbers: whatever was acknowledged is there afterwards, as it was.
//!
//! Small by default. The full size, more than 1,000,000 acknowledged records:
//!
//! ```text
//! JOURNAL_POWER_CUTS=1000 cargo test --release -p referral-journal --test journal power -- --nocapture
//! ```

use std::collections::VecDeque;

use referral_journal::storage::Crash;
use referral_journal::{Entry, Journal, MemoryStorage, Options};

use crate::support::{Dice, size};

const OPTIONS: Options = Options {
    segment_bytes: 16 << 10,
    generation: 1,
};
/// Up to which change the power lasts: two to four changes make a batch of 32 records on average.
const LASTS: u64 = 420;
/// How often recovery is cut short before it is let through.
const DEPTH: u64 = 3;

struct World {
    dice: Dice,
    storage: MemoryStorage,
    journal: Journal<MemoryStorage>,
    /// What was acknowledged and not dropped.
    kept: VecDeque<Vec<u8>>,
    first: u64,
    acknowledged: u64,
    in_doubt: Vec<Vec<u8>>,
    written: u64,
    recoveries_cut: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let storage = MemoryStorage::default();
        let (journal, _) = Journal::open(storage.clone(), OPTIONS).unwrap();
        Self {
            dice: Dice(seed),
            storage,
            journal,
            kept: VecDeque::new(),
            first: 1,
            acknowledged: 0,
            in_doubt: Vec::new(),
            written: 0,
            recoveries_cut: 0,
        }
    }

    /// Appends, drops and copies until the power fails.
    fn work(&mut self) {
        let lasts = 1 + self.dice.below(LASTS);
        self.storage.cut_power(u32::try_from(lasts).unwrap());
        loop {
            let went_well = match self.dice.below(40) {
                0 => self.drop_some(),
                1 => self.copy(),
                _ => self.append(),
            };
            if !went_well {
                return;
            }
        }
    }

    /// No two batches are ever the same, not even one that is sent again after a failure.
    fn append(&mut self) -> bool {
        let batch: Vec<Vec<u8>> = (0..=self.dice.below(64)).map(|_| self.record()).collect();
        let entries: Vec<Entry<'_>> = batch
            .iter()
            .map(|bytes| Entry {
                received_at_us: 7,
                kind: 1,
                bytes,
            })
            .collect();
        if self.journal.append(&entries).is_ok() {
            self.acknowledged += batch.len() as u64;
            self.kept.extend(batch);
            return true;
        }
        self.in_doubt = batch;
        false
    }

    fn record(&mut self) -> Vec<u8> {
        self.written += 1;
        let length = usize::try_from(self.dice.below(100)).unwrap();
        let mut bytes = self.written.to_le_bytes().to_vec();
        bytes.resize(8 + length, u8::try_from(self.written % 251).unwrap());
        bytes
    }

    fn drop_some(&mut self) -> bool {
        let index = self.first + self.dice.below(self.kept.len() as u64 + 1);
        let dropped = self.journal.archive().drop_before(index);
        self.forget_dropped(self.journal.archive().first_index());
        dropped.is_ok()
    }

    fn forget_dropped(&mut self, first: u64) {
        let dropped = usize::try_from(first - self.first).unwrap();
        self.kept.drain(..dropped);
        self.first = first;
    }

    fn copy(&mut self) -> bool {
        let target = MemoryStorage::default();
        let archive = self.journal.archive();
        archive.copy_to(&target, archive.last_index()).unwrap();
        let (copy, _) = Journal::open(target, OPTIONS).unwrap();
        assert_eq!(contents(&copy, self.first), self.kept);
        true
    }

    /// The power comes back, and fails again while the journal is being opened.
    fn recover(&mut self) {
        self.crash();
        for _ in 0..DEPTH {
            let nth = u32::try_from(1 + self.dice.below(6)).unwrap();
            self.storage.cut_power(nth);
            let opened = Journal::open(self.storage.clone(), OPTIONS);
            self.recoveries_cut += u64::from(opened.is_err());
            self.crash();
        }
        let (journal, recovered) = Journal::open(self.storage.clone(), OPTIONS).unwrap();
        self.journal = journal;
        assert!(recovered.first_index >= self.first);
        // A drop whose answer the power cut off may have happened.
        self.forget_dropped(recovered.first_index);
    }

    fn crash(&mut self) {
        let seed = self.dice.below(u64::MAX);
        self.storage.crash(match seed % 8 {
            0 => Crash::KeepPending,
            1 => Crash::LosePending,
            _ => Crash::TearPending { seed },
        });
    }

    /// Everything acknowledged is there, then nothing or all of the batch the power cut off.
    fn check(&mut self, context: &str) {
        let found = contents(&self.journal, self.first);
        if found.len() > self.kept.len() {
            self.kept.extend(std::mem::take(&mut self.in_doubt));
        }
        assert!(found == self.kept, "{context}: acknowledged records differ");
        self.in_doubt.clear();
    }
}

fn contents(journal: &Journal<MemoryStorage>, first: u64) -> VecDeque<Vec<u8>> {
    let records = journal.read_from(first).unwrap();
    records.map(|record| record.unwrap().bytes).collect()
}

#[test]
fn no_acknowledged_record_is_lost_in_any_power_cut() {
    let cuts = size("JOURNAL_POWER_CUTS", 20);
    let seed = size("JOURNAL_SEED", 20_260_801);
    let mut world = World::new(seed);
    for cut in 0..cuts {
        world.work();
        world.recover();
        world.check(&format!("seed {seed}, cut {cut}"));
    }
    println!(
        "{} acknowledged records, {cuts} power cuts, {} recoveries cut short: 0 lost",
        world.acknowledged, world.recoveries_cut
    );
    assert!(world.acknowledged > cuts * 1_000);
    assert!(world.recoveries_cut > cuts);
}
