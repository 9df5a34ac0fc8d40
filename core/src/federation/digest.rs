//! Whether a node and the directory hold the same live records, and in which few they differ (R15).
//!
//! Records fall into buckets by their names; a bucket's hash covers the current operations of its live
//! records, the root all buckets. Hashes are over sorted lists: sums and XORs could be forged.

use crate::id::{Hash, RecordName};

/// Records a bucket holds on average at most.
const PER_BUCKET: usize = 64;
/// The most bits that choose a bucket.
pub const MOST_BITS: u32 = 16;

/// The digest of a set of live records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    bits: u32,
    buckets: Vec<Hash>,
}

impl Digest {
    /// The digest of these records, each with the hash of its current operation, in any order.
    ///
    /// * `bits` — how many bits choose a bucket, at most [`MOST_BITS`]; see [`bits_for`].
    #[must_use]
    pub fn of<'a>(records: impl IntoIterator<Item = (&'a RecordName, Hash)>, bits: u32) -> Self {
        let bits = bits.min(MOST_BITS);
        let mut leaves: Vec<Vec<Hash>> = vec![Vec::new(); 1 << bits];
        for (name, operation) in records {
            leaves[bucket_of(name, bits)].push(leaf(name, operation));
        }
        let buckets = leaves.into_iter().map(|mut bucket| {
            bucket.sort_unstable_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
            let bytes: Vec<u8> = bucket.iter().flat_map(|leaf| *leaf.as_bytes()).collect();
            Hash::of(&[b"rdx-bucket/1", &bytes])
        });
        Self {
            bits,
            buckets: buckets.collect(),
        }
    }

    /// How many bits choose a bucket.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// The hash of every bucket.
    #[must_use]
    pub fn buckets(&self) -> &[Hash] {
        &self.buckets
    }

    /// The hash of all.
    #[must_use]
    pub fn root(&self) -> Hash {
        let bytes: Vec<u8> = self
            .buckets
            .iter()
            .flat_map(|one| *one.as_bytes())
            .collect();
        Hash::of(&[b"rdx-root/1", &bytes])
    }

    /// The buckets that differ from those of another digest with as many.
    pub fn differing<'a>(&'a self, others: &'a [Hash]) -> impl Iterator<Item = u32> + 'a {
        let pairs = (0..).zip(self.buckets.iter().zip(others));
        pairs.filter_map(|(number, (ours, theirs))| (ours != theirs).then_some(number))
    }
}

/// How many bits choose a bucket for this many live records.
#[must_use]
pub fn bits_for(records: usize) -> u32 {
    let buckets = records.div_ceil(PER_BUCKET).next_power_of_two();
    buckets.trailing_zeros().min(MOST_BITS)
}

/// The bucket of a record: withdrawn or not, it is always in the same one.
///
/// * `bits` — how many bits choose, at most [`MOST_BITS`].
#[must_use]
pub fn bucket_of(name: &RecordName, bits: u32) -> usize {
    let hash = Hash::of(&[
        b"rdx-name/1",
        name.kind.as_str().as_bytes(),
        b"/",
        name.id.as_str().as_bytes(),
    ]);
    let [first, second, ..] = *hash.as_bytes();
    usize::from(u16::from_be_bytes([first, second])) >> (MOST_BITS - bits.min(MOST_BITS))
}

fn leaf(name: &RecordName, operation: Hash) -> Hash {
    Hash::of(&[
        b"rdx-leaf/1",
        name.kind.as_str().as_bytes(),
        b"/",
        name.id.as_str().as_bytes(),
        b"/",
        operation.as_bytes(),
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::id::{Kind, LocalId};

    fn name(number: u16) -> RecordName {
        RecordName {
            kind: Kind::ALL[usize::from(number) % 3],
            id: LocalId::parse(&format!("r{number}")).unwrap(),
        }
    }

    type Records = BTreeMap<u16, u8>;

    fn digest(records: &Records, bits: u32) -> Digest {
        let names: Vec<_> = records.keys().map(|number| name(*number)).collect();
        let hashes = records.values().map(|version| Hash::of(&[&[*version]]));
        Digest::of(names.iter().zip(hashes), bits)
    }

    fn records() -> impl Strategy<Value = Records> {
        prop::collection::btree_map(0..200_u16, 0..4_u8, 0..60)
    }

    proptest! {
        #[test]
        fn roots_are_equal_exactly_when_the_records_are(a in records(), b in records(), bits in 0..6_u32) {
            prop_assert_eq!(digest(&a, bits).root() == digest(&b, bits).root(), a == b);
        }

        #[test]
        fn every_difference_is_in_a_bucket_that_differs(a in records(), b in records(), bits in 0..6_u32) {
            let theirs = digest(&b, bits);
            let found: Vec<u32> = digest(&a, bits).differing(theirs.buckets()).collect();
            for number in a.keys().chain(b.keys()) {
                if a.get(number) != b.get(number) {
                    let bucket = u32::try_from(bucket_of(&name(*number), bits)).unwrap();
                    prop_assert!(found.contains(&bucket));
                }
            }
            prop_assert_eq!(found.is_empty(), a == b);
        }
    }

    #[test]
    fn a_bucket_holds_about_64_records() {
        assert_eq!(bits_for(0), 0);
        assert_eq!(bits_for(64), 0);
        assert_eq!(bits_for(65), 1);
        assert_eq!(bits_for(100_000), 11);
        assert_eq!(bits_for(usize::MAX / 2), MOST_BITS);
    }
}
