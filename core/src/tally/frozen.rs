//! The counts of one week as they are published: made once, when the week is over, and never again.
//!
//! [`Frozen::of`] is the only constructor that sees raw counts. Whoever keeps the table keeps the first one made: a
//! second table of the same week, made from counts that came late, would give away the difference.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::geo::{CountyFips, StateCode};
use crate::tally::{Cell, Counts, Ending, Published, Topic, Week};

use super::pooling::{Small, pools};

/// The counts of one week as they are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// The week.
    pub week: Week,
    /// A table for each topic that was searched for.
    pub topics: BTreeMap<Topic, TopicTable>,
}

/// The counts of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicTable {
    /// For each county with searches (`None`: searches without one) the counts in the order of [`Ending::ALL`].
    pub cells: BTreeMap<Option<CountyFips>, [Published; 6]>,
    /// Sums of cells that are not told one by one. A cell is in one of them at most.
    pub pools: Vec<Pool>,
}

/// Several small cells, told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Where.
    pub place: PoolPlace,
    /// The cells, ordered by county and ending; the county is `None` for searches without one.
    pub cells: Vec<(Option<CountyFips>, Ending)>,
    /// Searches in all of them: 11 or more.
    pub count: u64,
}

/// Where cells are told together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PoolPlace {
    /// Several causes of dead ends in one county.
    County(CountyFips),
    /// Small cells of several counties of a state.
    RestOfState(StateCode),
    /// Small cells of several states, and of searches without a county.
    RestOfCountry,
}

/// How many searches there were, as far as can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// At least so many with something open.
    pub open_least: u64,
    /// At most so many.
    pub open_most: u64,
    /// At least so many dead ends.
    pub dead_least: u64,
    /// At most so many.
    pub dead_most: u64,
}

/// Which searches are asked about.
#[derive(Clone, Copy, Debug)]
pub enum Within<'a> {
    /// All of them, those without a county too.
    Everywhere,
    /// Those for these counties; sorted.
    Counties(&'a [CountyFips]),
}

/// The week goes on: a table of it would not be its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the week {0} is not over: its counts are published from the Monday after")]
pub struct NotOver(pub Week);

impl Frozen {
    /// The table of `week` from its counts, at `now`. Cells of other weeks and of topics that could mark a person are
    /// left out.
    ///
    /// # Errors
    /// [`NotOver`] until the Monday after the week, UTC.
    pub fn of<'a>(
        week: Week,
        counts: impl IntoIterator<Item = (&'a Cell, &'a Counts)>,
        now: Timestamp,
    ) -> Result<Self, NotOver> {
        if !week.is_over(now) {
            return Err(NotOver(week));
        }
        let mut raw: BTreeMap<&Topic, BTreeMap<Option<CountyFips>, [u64; 6]>> = BTreeMap::new();
        for (cell, counts) in counts {
            if cell.week == week && !cell.topic.is_sensitive() {
                let numbers = raw.entry(&cell.topic).or_default();
                let sums = numbers.entry(cell.county).or_default();
                for (sum, more) in sums.iter_mut().zip(counts.numbers()) {
                    *sum = sum.saturating_add(more);
                }
            }
        }
        let topics = raw
            .into_iter()
            .map(|(topic, numbers)| (topic.clone(), TopicTable::of(numbers)));
        Ok(Self {
            week,
            topics: topics.collect(),
        })
    }

    /// How many searches there were in `within`, over the topics that `about` chooses. Sums are used where all of
    /// their cells are asked for; other small cells are anything from 1 to 10.
    #[must_use]
    pub fn told(&self, about: impl Fn(&Topic) -> bool, within: Within<'_>) -> Told {
        let mut told = Told::default();
        for (_, table) in self.topics.iter().filter(|(topic, _)| about(topic)) {
            match within {
                Within::Everywhere => {
                    for (county, counts) in &table.cells {
                        table.add_to(&mut told, *county, counts, within);
                    }
                }
                Within::Counties(counties) => {
                    for county in counties.iter().map(|county| Some(*county)) {
                        if let Some(counts) = table.cells.get(&county) {
                            table.add_to(&mut told, county, counts, within);
                        }
                    }
                }
            }
            for pool in table.pools.iter().filter(|pool| pool.is_within(within)) {
                // Causes are never told together with what was open.
                let dead = pool.cells.iter().all(|(_, ending)| ending.is_dead_end());
                told.add(dead, pool.count, pool.count);
            }
        }
        told
    }
}

impl TopicTable {
    fn of(numbers: BTreeMap<Option<CountyFips>, [u64; 6]>) -> Self {
        let mut table = Self::default();
        let mut small = Vec::new();
        for (county, counts) in numbers {
            if counts == [0; 6] {
                continue;
            }
            for ending in Ending::ALL {
                let count = counts[ending.place()];
                if Published::of(count) == Published::Few {
                    small.push(Small {
                        county,
                        ending,
                        count,
                    });
                }
            }
            table.cells.insert(county, counts.map(Published::of));
        }
        table.pools = pools(small);
        table
    }

    fn add_to(
        &self,
        told: &mut Told,
        county: Option<CountyFips>,
        numbers: &[Published; 6],
        within: Within<'_>,
    ) {
        for ending in Ending::ALL {
            match numbers[ending.place()] {
                Published::Count(count) => told.add(ending.is_dead_end(), count, count),
                Published::Few if self.is_pooled(county, ending, within) => {}
                Published::Few => told.add(ending.is_dead_end(), 1, 10),
            }
        }
    }

    /// Whether a small cell is in a sum all of which is asked for.
    fn is_pooled(&self, county: Option<CountyFips>, ending: Ending, within: Within<'_>) -> bool {
        let mut pools = self.pools.iter();
        pools.any(|pool| pool.holds(county, ending) && pool.is_within(within))
    }
}

impl Pool {
    pub(super) fn of(place: PoolPlace, small: &[Small]) -> Self {
        let cells = small.iter().map(|cell| (cell.county, cell.ending));
        Self {
            place,
            cells: cells.collect(),
            count: small.iter().map(|cell| cell.count).sum(),
        }
    }

    /// The endings among its cells, each once.
    #[must_use]
    pub fn endings(&self) -> Vec<Ending> {
        let mut endings: Vec<Ending> = self.cells.iter().map(|(_, ending)| *ending).collect();
        endings.sort_unstable();
        endings.dedup();
        endings
    }

    fn holds(&self, county: Option<CountyFips>, ending: Ending) -> bool {
        self.cells.binary_search(&(county, ending)).is_ok()
    }

    fn is_within(&self, within: Within<'_>) -> bool {
        match within {
            Within::Everywhere => true,
            Within::Counties(counties) => self.cells.iter().all(|(county, _)| {
                county.is_some_and(|county| counties.binary_search(&county).is_ok())
            }),
        }
    }
}

impl Told {
    /// Dead ends among all searches: the least and the most it can be. `None`: there were no searches.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "searches are far below 2^53")]
    pub fn dead_end_rate(&self) -> Option<(f64, f64)> {
        let share = |dead: u64, open: u64| dead as f64 / (dead + open) as f64;
        (self.open_most + self.dead_most > 0).then(|| {
            (
                share(self.dead_least, self.open_most),
                share(self.dead_most, self.open_least),
            )
        })
    }

    /// Searches that are told.
    #[must_use]
    pub fn searches(&self) -> u64 {
        self.open_least + self.dead_least
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            open_least: self.open_least + other.open_least,
            open_most: self.open_most + other.open_most,
            dead_least: self.dead_least + other.dead_least,
            dead_most: self.dead_most + other.dead_most,
        }
    }

    fn add(&mut self, dead: bool, least: u64, most: u64) {
        let (low, high) = if dead {
            (&mut self.dead_least, &mut self.dead_most)
        } else {
            (&mut self.open_least, &mut self.open_most)
        };
        *low += least;
        *high += most;
    }
}
