//! Journals in memory, and short ways to write to them and read them.

use referral_journal::storage::Storage;
use referral_journal::{AppendError, Entry, Journal, MemoryStorage, Options, Record};

/// Segments so small that a few records fill one.
pub(crate) const SMALL: Options = Options {
    segment_bytes: 200,
    generation: 1,
};

/// An entry whose parts all follow from one number.
pub(crate) fn entry(number: u8, bytes: &[u8]) -> Entry<'_> {
    Entry {
        received_at_us: i64::from(number) * 1_000_000 - 5,
        kind: number,
        bytes,
    }
}

pub(crate) fn open(storage: &MemoryStorage) -> Journal<MemoryStorage> {
    Journal::open(storage.clone(), SMALL).unwrap().0
}

/// Appends one record of 20 bytes.
pub(crate) fn append_one<S: Storage>(
    journal: &mut Journal<S>,
    number: u8,
) -> Result<u64, AppendError> {
    let range = journal.append(&[entry(number, &[number; 20])])?;
    Ok(*range.start())
}

/// A journal of `count` records, one to a batch.
pub(crate) fn filled(storage: &MemoryStorage, count: u8) -> Journal<MemoryStorage> {
    let mut journal = open(storage);
    for number in 1..=count {
        append_one(&mut journal, number).unwrap();
    }
    journal
}

pub(crate) fn all<S: Storage>(journal: &Journal<S>) -> Vec<Record> {
    let records = journal.read_from(journal.archive().first_index()).unwrap();
    records.collect::<Result<_, _>>().unwrap()
}

/// The kinds of all records: enough to tell those of [`append_one`] apart.
pub(crate) fn kinds<S: Storage>(journal: &Journal<S>) -> Vec<u8> {
    all(journal).iter().map(|record| record.kind).collect()
}

/// The names of all files, in order: segments, unless something was dropped.
pub(crate) fn segments(storage: &MemoryStorage) -> Vec<String> {
    storage.list().unwrap()
}

/// How much a test does: small by default, as large as an environment variable says.
pub(crate) fn size(variable: &str, default: u64) -> u64 {
    let told = std::env::var_os(variable);
    told.map_or(default, |told| told.to_str().unwrap().parse().unwrap())
}

/// `SplitMix64`: everything drawn from one seed, which a failing test names.
#[derive(Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}
