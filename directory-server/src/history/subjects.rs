//! The subjects of a month by the hashes of their names: their numbers, and what each said last.

use std::num::NonZeroU64;

use super::past::Noted;
use super::versions::Version;
use crate::table::{Place, Table};

/// The subjects of the month that is written to. Numbers are given in order, from 0.
#[derive(Debug, Default)]
pub(super) struct Subjects(Table<Option<Last>>);

/// A [`Version`] that takes no more for perhaps not being there.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// One more than its number.
    after: NonZeroU64,
    hash: u64,
}

impl Subjects {
    /// The number of a subject, and whether it had none before.
    pub(super) fn number(&mut self, key: u128) -> (u64, bool) {
        match self.0.place(key) {
            Some(place) => (place.into(), false),
            None => (self.0.put(key, None).into(), true),
        }
    }

    /// What a subject said last.
    pub(super) fn said(&self, number: u64) -> Option<Version> {
        let last = (*self.0.at(Place::try_from(number).ok()?)?)?;
        Some(Version {
            number: last.after.get() - 1,
            hash: last.hash,
        })
    }

    /// Remembers what a subject said last.
    pub(super) fn note(&mut self, number: u64, noted: Noted) {
        let Noted::Published(Version { number: of, hash }) = noted else {
            return;
        };
        let after = NonZeroU64::MIN.saturating_add(of);
        let place = Place::try_from(number).ok();
        if let Some(last) = place.and_then(|place| self.0.at_mut(place)) {
            *last = Some(Last { after, hash });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_its_number_and_what_it_said_last() {
        let mut subjects = Subjects::default();
        let numbers = [7, 8, 7, 9, 8].map(|key| subjects.number(key));
        assert_eq!(
            numbers,
            [(0, true), (1, true), (0, false), (2, true), (1, false)]
        );

        let [first, later] = [0, 5].map(|number| Version { number, hash: 3 });
        subjects.note(1, Noted::Published(first));
        assert_eq!(
            [0, 1, 2, 3].map(|number| subjects.said(number)),
            [None, Some(first), None, None]
        );
        subjects.note(1, Noted::Published(later));
        subjects.note(1, Noted::Removed);
        subjects.note(4, Noted::Published(first));

        assert_eq!(subjects.said(1), Some(later));
        assert_eq!(subjects.said(4), None);
    }

    #[test]
    fn what_is_kept_of_a_subject_takes_little() {
        assert_eq!(size_of::<Option<Last>>(), 16);
    }
}
