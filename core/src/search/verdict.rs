//! What judging one offer gives: which tests it fails, how well it fits, how far it is.

use crate::geo::Kilometres;
use crate::search::{Circumstance, Fit};

/// One test that an offer passes or fails. Words are decided by the text index and are no test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Test {
    /// It offers one of the needs and may act on it.
    Need,
    /// It has every term; each missing one is a failure of its own.
    Terms,
    /// It has every value of a facet that was chosen.
    Also,
    /// It is given in one of the languages.
    Language,
    /// It is near, or in the county or region searched.
    Distance,
    /// The area it states does not exclude the place; it serves the place where that is asked.
    Area,
    /// It is reached in the way asked for.
    Access,
    /// It costs no more than asked for.
    Fee,
    /// Its rules do not exclude the custody situation.
    Custody,
    /// Its rules do not exclude the age.
    Age,
    /// Its rules do not exclude the immigration situation.
    Immigration,
    /// Its rules do not exclude the nationality.
    Nationality,
    /// Its rules do not exclude the client for having or lacking a work permit.
    WorkPermit,
    /// Its capacity is in a state asked for.
    Availability,
}

impl Test {
    /// Every test, in the order they are made.
    pub const ALL: [Self; 14] = [
        Self::Need,
        Self::Terms,
        Self::Also,
        Self::Language,
        Self::Distance,
        Self::Area,
        Self::Access,
        Self::Fee,
        Self::Custody,
        Self::Age,
        Self::Immigration,
        Self::Nationality,
        Self::WorkPermit,
        Self::Availability,
    ];
}

impl From<Circumstance> for Test {
    fn from(which: Circumstance) -> Self {
        match which {
            Circumstance::Custody => Self::Custody,
            Circumstance::Age => Self::Age,
            Circumstance::Immigration => Self::Immigration,
            Circumstance::Nationality => Self::Nationality,
            Circumstance::WorkPermit => Self::WorkPermit,
        }
    }
}

/// A set of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tests(u16);

impl Tests {
    /// No test.
    pub const NONE: Self = Self(0);

    /// The set of one test.
    #[must_use]
    pub const fn only(test: Test) -> Self {
        Self(1 << test as u16)
    }

    /// This set with one more.
    #[must_use]
    pub const fn with(self, test: Test) -> Self {
        Self(self.0 | 1 << test as u16)
    }

    /// This set without one.
    #[must_use]
    pub const fn without(self, test: Test) -> Self {
        Self(self.0 & !(1 << test as u16))
    }

    /// Whether the test is in the set.
    #[must_use]
    pub const fn contains(self, test: Test) -> bool {
        self.0 & (1 << test as u16) != 0
    }

    /// True for the set of no test.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many tests are in it, 0 to 14.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub(crate) fn insert_if(&mut self, failed: bool, test: Test) {
        if failed {
            *self = self.with(test);
        }
    }
}

/// What judging one offer gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// The tests it fails; empty: it answers the search.
    pub failed: Tests,
    /// The terms it lacks: bit n stands for the n-th of `need.all_of`; of equal ones, for the first.
    pub missing_terms: u32,
    /// Distance from the place searched near, beyond the radius too; none where it may not be known or
    /// has no meaning.
    pub distance: Option<Kilometres>,
    /// True for offers whose reach is only assumed: they come last.
    pub assumed: bool,
    /// How well it fits what is asked and the circumstances; those that exclude it left aside.
    pub fit: Fit,
}

impl Verdict {
    /// True when the offer answers the search.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.failed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = Tests::only(Test::Need).with(Test::Availability);

        assert!(set.contains(Test::Need) && set.contains(Test::Availability));
        assert_eq!(set.len(), 2);
        assert_eq!(
            set.without(Test::Availability).without(Test::Need),
            Tests::NONE
        );
        for test in Test::ALL {
            assert_eq!(Tests::only(test).len(), 1, "{test:?}");
        }
    }
}
