//! Numbers that a seed decides (`SplitMix64`).

#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Bytes that no other call gives.
    pub(super) fn sixteen(&mut self) -> [u8; 16] {
        let (high, low) = (self.next(), self.next());
        (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
    }

    /// What keys are made of, as no other call gives it.
    pub(super) fn keys(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(&self.sixteen());
        seed
    }

    /// A seed for something of its own.
    pub(super) fn seed(&mut self) -> u64 {
        self.next()
    }

    /// One of 0..`many`.
    pub(super) fn below(&mut self, many: usize) -> usize {
        usize::try_from(self.next() % many.max(1) as u64).unwrap_or_default()
    }

    /// True `of` times in 1,000.
    pub(super) fn in_thousand(&mut self, of: usize) -> bool {
        self.below(1_000) < of
    }

    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        (!of.is_empty()).then(|| &of[self.below(of.len())])
    }
}
