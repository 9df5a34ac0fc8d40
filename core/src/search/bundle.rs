//! Several needs at once: which organizations answer more than one of them.
//!
//! Each need is a search of its own with everything else shared. [`Covers::of`] takes the
//! organizations each of them finds; organizations that cover more needs then come first in every one.

use std::collections::{BTreeMap, BTreeSet};

/// Most needs in one bundle.
pub const MOST_NEEDS: usize = 8;

/// Which needs of a bundle each organization answers; only those that answer more than one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covers(Vec<(u64, u8)>);

impl Covers {
    /// The cover of these organizations, one set for each need of the bundle, at most
    /// [`MOST_NEEDS`]; further ones are not counted. Organizations are named by
    /// [`crate::search::organization_hash`].
    #[must_use]
    pub fn of(found: &[BTreeSet<u64>]) -> Self {
        let mut needs: BTreeMap<u64, u8> = BTreeMap::new();
        for (bit, organizations) in found.iter().take(MOST_NEEDS).enumerate() {
            for organization in organizations {
                *needs.entry(*organization).or_default() |= 1 << bit;
            }
        }
        let several = |(_, needs): &(u64, u8)| needs.count_ones() > 1;
        Self(needs.into_iter().filter(several).collect())
    }

    /// How many needs this organization answers, where it answers several; otherwise 1.
    #[must_use]
    pub fn count(&self, organization: u64) -> u32 {
        self.mask(organization).map_or(1, u8::count_ones)
    }

    /// Which needs this organization answers, by their number in the bundle, where it answers
    /// several; otherwise none.
    pub fn needs(&self, organization: u64) -> impl Iterator<Item = usize> + use<> {
        let mask = self.mask(organization).unwrap_or(0);
        (0..MOST_NEEDS).filter(move |need| mask & 1 << need != 0)
    }

    /// True when no organization answers more than one need.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn mask(&self, organization: u64) -> Option<u8> {
        let at = self.0.binary_search_by_key(&organization, |(key, _)| *key);
        at.ok().map(|at| self.0[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organizations_that_answer_several_needs_are_counted_once_for_each() {
        let covers = Covers::of(&[
            BTreeSet::from([1, 2, 3]),
            BTreeSet::from([2, 3]),
            BTreeSet::from([3, 4]),
        ]);

        assert_eq!(
            [1, 2, 3, 4, 5].map(|key| covers.count(key)),
            [1, 2, 3, 1, 1]
        );
        assert_eq!(covers.needs(2).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(covers.needs(1).count(), 0);
        assert!(Covers::of(&[BTreeSet::from([1]), BTreeSet::from([2])]).is_empty());
    }
}
