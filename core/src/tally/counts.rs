//! How the searches of a cell ended.

use std::fmt;

use crate::search::Cause;

/// Counts below this are not published. Unit: searches.
pub(super) const FEWEST: u64 = 11;

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ending {
    /// Some service that takes referrals now was found.
    Open,
    /// None was; what kept it from it, where one change would have helped.
    DeadEnd(Option<Cause>),
}

/// How many searches ended how. The counts are disjoint: each search is in one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; 6]);

/// A count as it may be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// None at all, or 11 and more.
    Count(u64),
    /// 1 to 10: how many exactly is not told.
    Few,
}

impl Ending {
    /// Every ending, in the order in which counts are written.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::DeadEnd(Some(Cause::Capacity)),
        Self::DeadEnd(Some(Cause::Area)),
        Self::DeadEnd(Some(Cause::Eligibility)),
        Self::DeadEnd(Some(Cause::Language)),
        Self::DeadEnd(None),
    ];

    /// The ending of a search that found `open` services that take referrals now, with the cause of its
    /// dead end where it is one.
    #[must_use]
    pub fn of(open: usize, cause: Option<Cause>) -> Self {
        if open > 0 {
            Self::Open
        } else {
            Self::DeadEnd(cause)
        }
    }

    /// A stable name: `open`, or the blocking cause of the dead end.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::DeadEnd(Some(Cause::Capacity)) => "capacity",
            Self::DeadEnd(Some(Cause::Area)) => "area",
            Self::DeadEnd(Some(Cause::Eligibility)) => "eligibility",
            Self::DeadEnd(Some(Cause::Language)) => "language",
            Self::DeadEnd(None) => "none",
        }
    }

    /// Whether nothing open was found.
    #[must_use]
    pub fn is_dead_end(self) -> bool {
        self != Self::Open
    }

    pub(super) fn place(self) -> usize {
        match self {
            Self::Open => 0,
            Self::DeadEnd(Some(Cause::Capacity)) => 1,
            Self::DeadEnd(Some(Cause::Area)) => 2,
            Self::DeadEnd(Some(Cause::Eligibility)) => 3,
            Self::DeadEnd(Some(Cause::Language)) => 4,
            Self::DeadEnd(None) => 5,
        }
    }
}

impl Counts {
    /// These counts, in the order of [`Ending::ALL`].
    #[must_use]
    pub fn from_numbers(numbers: [u64; 6]) -> Self {
        Self(numbers)
    }

    /// The counts in the order of [`Ending::ALL`]. Not for publication: see [`Counts::published`].
    #[must_use]
    pub fn numbers(&self) -> [u64; 6] {
        self.0
    }

    /// Counts one search more.
    pub fn add(&mut self, ending: Ending) {
        let count = &mut self.0[ending.place()];
        *count = count.saturating_add(1);
    }

    /// The counts as they may be published, each with its ending. There is no sum among them: taken from
    /// it, the counts that are told would give away the one that is not.
    #[must_use]
    pub fn published(&self) -> [(Ending, Published); 6] {
        Ending::ALL.map(|ending| (ending, Published::of(self.0[ending.place()])))
    }
}

impl Published {
    /// A count as it may be published.
    #[must_use]
    pub fn of(count: u64) -> Self {
        if (1..FEWEST).contains(&count) {
            Self::Few
        } else {
            Self::Count(count)
        }
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => f.pad(&count.to_string()),
            Self::Few => f.pad("<11"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_search_is_counted_once_under_its_ending() {
        let mut counts = Counts::default();
        for ending in Ending::ALL {
            counts.add(ending);
        }
        counts.add(Ending::Open);

        assert_eq!(counts.numbers(), [2, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn with_anything_open_there_is_no_dead_end() {
        assert_eq!(Ending::of(1, Some(Cause::Area)), Ending::Open);
        assert_eq!(Ending::of(0, None), Ending::DeadEnd(None));
    }

    #[test]
    fn one_to_ten_are_never_told_apart() {
        for (count, published) in [(0, "0"), (1, "<11"), (10, "<11"), (11, "11"), (500, "500")] {
            let counts = Counts::from_numbers([count; 6]);
            for (ending, told) in counts.published() {
                assert_eq!(told.to_string(), published, "{ending:?}");
            }
        }
    }

    #[test]
    fn every_ending_has_its_own_name() {
        let mut names = Ending::ALL.map(Ending::code).to_vec();
        names.sort_unstable();
        names.dedup();

        assert_eq!(names.len(), Ending::ALL.len());
    }
}
