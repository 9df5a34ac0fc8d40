//! Whatever is appended, fails, crashes and restarts, in whatever order: what was acknowledged is there.

use std::io::ErrorKind;

use proptest::collection::vec;
use proptest::prelude::*;
use referral_journal::storage::Crash;
use referral_journal::{AppendError, Entry, Journal, JournalError, MemoryStorage};

use crate::support::{SMALL, all};

type Content = (i64, u8, Vec<u8>);

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Content>),
    FailWrite(u32, bool),
    FailSync(u32),
    CutPower(u32),
    Capacity(Option<u64>),
    Restart,
    Crash(Crash),
}

fn any_crash() -> impl Strategy<Value = Crash> {
    prop_oneof![
        Just(Crash::KeepPending),
        Just(Crash::LosePending),
        any::<u64>().prop_map(|seed| Crash::TearPending { seed }),
    ]
}

fn any_content() -> impl Strategy<Value = Content> {
    (any::<i64>(), any::<u8>(), vec(any::<u8>(), 0..150))
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => vec(any_content(), 1..6).prop_map(Step::Append),
        1 => (1..4u32, any::<bool>()).prop_map(|(nth, full)| Step::FailWrite(nth, full)),
        1 => (1..4u32).prop_map(Step::FailSync),
        1 => (1..12u32).prop_map(Step::CutPower),
        1 => proptest::option::of(500..4000u64).prop_map(Step::Capacity),
        1 => Just(Step::Restart),
        2 => any_crash().prop_map(Step::Crash),
    ]
}

/// A journal, and what its users were told.
struct World {
    storage: MemoryStorage,
    journal: Journal<MemoryStorage>,
    acknowledged: Vec<Content>,
    /// A batch whose fate the journal said it does not know.
    in_doubt: Vec<Content>,
}

impl World {
    fn new() -> Self {
        let storage = MemoryStorage::default();
        let (journal, _) = Journal::open(storage.clone(), SMALL).unwrap();
        Self {
            storage,
            journal,
            acknowledged: Vec::new(),
            in_doubt: Vec::new(),
        }
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Append(batch) => return self.append(batch),
            Step::FailWrite(nth, true) => self.storage.fail_write(nth, ErrorKind::StorageFull),
            Step::FailWrite(nth, false) => self.storage.fail_write(nth, ErrorKind::Other),
            Step::FailSync(nth) => self.storage.fail_sync(nth, ErrorKind::Other),
            Step::CutPower(nth) => self.storage.cut_power(nth),
            Step::Capacity(bytes) => self.storage.set_capacity(bytes),
            Step::Restart => return self.restart(),
            Step::Crash(crash) => {
                self.storage.crash(crash);
                return self.restart();
            }
        }
        Ok(())
    }

    fn append(&mut self, batch: Vec<Content>) -> Result<(), TestCaseError> {
        let entries: Vec<Entry<'_>> = batch
            .iter()
            .map(|(received_at_us, kind, bytes)| Entry {
                received_at_us: *received_at_us,
                kind: *kind,
                bytes,
            })
            .collect();
        let next = self.acknowledged.len() as u64 + 1;
        match self.journal.append(&entries) {
            Ok(range) => {
                prop_assert_eq!(range, next..=next + batch.len() as u64 - 1);
                prop_assert!(self.in_doubt.is_empty(), "a poisoned journal went on");
                self.acknowledged.extend(batch);
            }
            Err(AppendError::Poisoned { .. }) if self.in_doubt.is_empty() => {
                self.in_doubt = batch;
            }
            Err(_) => {}
        }
        prop_assert_eq!(contents(&self.journal), self.acknowledged.clone());
        Ok(())
    }

    /// Opens the journal again; a disk that fails meanwhile is given another chance.
    fn restart(&mut self) -> Result<(), TestCaseError> {
        for _ in 0..4 {
            match Journal::open(self.storage.clone(), SMALL) {
                Ok((journal, _)) => {
                    self.journal = journal;
                    return self.compare();
                }
                Err(JournalError::Io { .. }) => {
                    self.storage.set_capacity(None);
                    self.storage.crash(Crash::KeepPending);
                }
                Err(other) => return Err(TestCaseError::fail(other.to_string())),
            }
        }
        Err(TestCaseError::fail("the journal does not open any more"))
    }

    fn compare(&mut self) -> Result<(), TestCaseError> {
        let found = contents(&self.journal);
        let with_doubt = [self.acknowledged.clone(), self.in_doubt.clone()].concat();
        prop_assert!(found == self.acknowledged || found == with_doubt);
        self.acknowledged = found;
        self.in_doubt.clear();
        Ok(())
    }
}

fn contents(journal: &Journal<MemoryStorage>) -> Vec<Content> {
    all(journal)
        .into_iter()
        .map(|record| (record.received_at_us, record.kind, record.bytes))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 4))]

    #[test]
    fn what_was_acknowledged_is_there_and_nothing_else(steps in vec(any_step(), 1..40)) {
        let mut world = World::new();
        for step in steps {
            world.take(step)?;
        }
        world.storage.set_capacity(None);
        world.storage.crash(Crash::LosePending);
        world.restart()?;
    }
}
