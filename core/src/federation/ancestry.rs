//! Which earlier operations of a record somebody knew: the base of every decision about two versions.

use crate::id::Hash;

/// Hashes of operations of one record, oldest first, none twice, at most [`Ancestry::MOST`].
///
/// A node keeps one for each record: what it has written or adopted (`seen`). Every operation carries the
/// one of its author at that time (its ancestors), so that whoever reads it can tell whether it was made
/// knowing another (R7). The bound forgets the oldest; what is forgotten counts as not known, and the
/// worst that follows is a conflict that is shown to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ancestry(Vec<Hash>);

impl Ancestry {
    /// The most hashes that are kept.
    pub const MOST: usize = 64;

    /// Whether this operation is known.
    #[must_use]
    pub fn contains(&self, operation: &Hash) -> bool {
        self.0.contains(operation)
    }

    /// Adds an operation as the newest. One that is known becomes the newest.
    pub fn add(&mut self, operation: Hash) {
        self.0.retain(|known| *known != operation);
        self.0.push(operation);
        let over = self.0.len().saturating_sub(Self::MOST);
        self.0.drain(..over);
    }

    /// Adds all of `others` that are not known as older than everything here, as far as there is room.
    pub fn add_older(&mut self, others: &Self) {
        let unknown = others.0.iter().filter(|other| !self.0.contains(other));
        let mut all: Vec<Hash> = unknown.copied().collect();
        all.append(&mut self.0);
        let over = all.len().saturating_sub(Self::MOST);
        self.0 = all.split_off(over);
    }

    /// The hashes, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Hash> {
        self.0.iter()
    }
}

impl FromIterator<Hash> for Ancestry {
    fn from_iter<I: IntoIterator<Item = Hash>>(hashes: I) -> Self {
        let mut ancestry = Self::default();
        hashes.into_iter().for_each(|hash| ancestry.add(hash));
        ancestry
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hash(number: u64) -> Hash {
        Hash::of(&[&number.to_be_bytes()])
    }

    proptest! {
        #[test]
        fn it_holds_the_newest_ones_once(numbers in prop::collection::vec(0..100_u64, 0..200)) {
            let ancestry: Ancestry = numbers.iter().copied().map(hash).collect();
            let mut newest = Vec::new();
            for number in numbers.iter().rev() {
                if !newest.contains(&hash(*number)) && newest.len() < Ancestry::MOST {
                    newest.insert(0, hash(*number));
                }
            }
            prop_assert_eq!(ancestry.0, newest);
        }

        #[test]
        fn what_is_added_as_older_never_pushes_out_what_is_there(
            here in prop::collection::vec(0..80_u64, 0..70),
            others in prop::collection::vec(0..200_u64, 0..70),
        ) {
            let before: Ancestry = here.into_iter().map(hash).collect();
            let mut after = before.clone();
            after.add_older(&others.iter().copied().map(hash).collect());
            prop_assert!(after.0.len() <= Ancestry::MOST);
            prop_assert!(after.0.ends_with(&before.0));
            let room = Ancestry::MOST - before.0.len();
            if others.len() <= room {
                prop_assert!(others.iter().all(|other| after.contains(&hash(*other))));
            }
        }
    }
}
