//! Which offers of a part can still be found.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::part::bits::{BLOCK, Ordinal, split};

/// A bit for each offer. Bits are only ever taken away.
#[derive(Debug)]
pub(crate) struct Alive(Box<[AtomicU64]>);

impl Alive {
    /// All of so many offers.
    pub(crate) fn all(offers: usize) -> Self {
        let word = |block| {
            let left = offers - block * BLOCK;
            AtomicU64::new(if left < BLOCK {
                (1u64 << left) - 1
            } else {
                u64::MAX
            })
        };
        Self((0..offers.div_ceil(BLOCK)).map(word).collect())
    }

    /// Those of a block.
    pub(crate) fn word(&self, block: usize) -> u64 {
        self.0[block].load(Ordering::Acquire)
    }

    /// Whether an offer is among them.
    pub(crate) fn has(&self, ordinal: Ordinal) -> bool {
        let (block, bit) = split(ordinal);
        self.word(block) & (1 << bit) != 0
    }

    /// Takes an offer away, from every search that begins from now on.
    pub(crate) fn remove(&self, ordinal: Ordinal) {
        let (block, bit) = split(ordinal);
        self.0[block].fetch_and(!(1 << bit), Ordering::AcqRel);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        let words = self.0.iter();
        let ones = words.map(|word| word.load(Ordering::Relaxed).count_ones() as usize);
        ones.sum()
    }
}

impl Clone for Alive {
    fn clone(&self) -> Self {
        let words = self.0.iter();
        Self(
            words
                .map(|word| AtomicU64::new(word.load(Ordering::Acquire)))
                .collect(),
        )
    }
}
