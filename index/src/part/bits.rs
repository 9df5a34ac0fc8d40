//! Which offers of a part have a property: a list where they are few, a bit for each where they are many.

/// Offers in one block: the bits of one word.
pub(crate) const BLOCK: usize = 64;

/// The number of an offer within its part.
pub(crate) type Ordinal = u32;

/// The offers that have a property.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bits {
    /// Their ordinals, in order, each once.
    Few(Box<[Ordinal]>),
    /// A word for every block.
    Many(Box<[u64]>),
}

/// Reads [`Bits`] block by block, forwards.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    bits: &'a Bits,
    next: usize,
}

impl Bits {
    /// The offers in `ordinals` (in order, each once) of a part of so many blocks.
    pub(crate) fn of(ordinals: Vec<Ordinal>, blocks: usize) -> Self {
        if ordinals.len() < blocks {
            return Self::Few(ordinals.into());
        }
        let mut words = vec![0u64; blocks];
        for ordinal in ordinals {
            let (block, bit) = split(ordinal);
            words[block] |= 1 << bit;
        }
        Self::Many(words.into())
    }

    /// How much work it is to go through all of it: list entries, or words.
    pub(crate) fn cost(&self) -> usize {
        match self {
            Self::Few(ordinals) => ordinals.len(),
            Self::Many(words) => words.len(),
        }
    }

    /// Reads from the first block on.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader {
            bits: self,
            next: 0,
        }
    }
}

impl Reader<'_> {
    /// The word of a block. Blocks are asked for in order.
    pub(crate) fn word(&mut self, block: usize) -> u64 {
        match self.bits {
            Bits::Many(words) => words.get(block).copied().unwrap_or(0),
            Bits::Few(ordinals) => few(ordinals, &mut self.next, block),
        }
    }
}

/// The word of a block from a list; `next` is the first entry not yet passed.
fn few(ordinals: &[Ordinal], next: &mut usize, block: usize) -> u64 {
    if ordinals
        .get(*next)
        .is_some_and(|&ordinal| split(ordinal).0 < block)
    {
        *next += gallop(&ordinals[*next..], block);
    }
    let mut word = 0;
    let mut at = *next;
    while let Some(&ordinal) = ordinals.get(at) {
        let (of, bit) = split(ordinal);
        if of != block {
            break;
        }
        word |= 1 << bit;
        at += 1;
    }
    word
}

/// How many entries lie before a block: doubling steps, then halving ones.
fn gallop(ordinals: &[Ordinal], block: usize) -> usize {
    let before = |at: usize| {
        ordinals
            .get(at)
            .is_some_and(|&ordinal| split(ordinal).0 < block)
    };
    let mut step = 1;
    while before(step) {
        step *= 2;
    }
    let (from, to) = (step / 2, step.min(ordinals.len()));
    from + ordinals[from..to].partition_point(|&ordinal| split(ordinal).0 < block)
}

/// The block of an ordinal and its place there.
pub(crate) fn split(ordinal: Ordinal) -> (usize, u32) {
    const SIZE: u32 = 64;
    ((ordinal / SIZE) as usize, ordinal % SIZE)
}

/// The places of the bits of a word, from the lowest.
pub(crate) fn ones(word: u64) -> impl Iterator<Item = u32> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let bit = rest.trailing_zeros();
        (rest != 0).then(|| {
            rest &= rest - 1;
            bit
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    proptest! {
        /// Lists and bits read the same, whichever blocks are asked for.
        #[test]
        fn few_and_many_are_the_same(
            ordinals in btree_set(0u32..640, 0..200), asked in btree_set(0usize..10, 0..10),
        ) {
            let ordinals: Vec<u32> = ordinals.into_iter().collect();
            let mut words = vec![0u64; 10];
            for &ordinal in &ordinals {
                let (block, bit) = split(ordinal);
                words[block] |= 1 << bit;
            }
            let few = Bits::Few(ordinals.clone().into());
            let many = Bits::Many(words.into());
            let (mut few, mut many) = (few.reader(), many.reader());

            for block in asked {
                let word = many.word(block);
                prop_assert_eq!(few.word(block), word);
                for bit in ones(word) {
                    prop_assert!(ordinals.contains(&(u32::try_from(block).unwrap() * 64 + bit)));
                }
            }
        }
    }
}
