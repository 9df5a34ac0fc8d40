//! The published tables of searches: one for each week that is over, made once and kept as it is.
//!
//! The counts of a week are deleted after 35 days; its table stays, so that a report of the past is the same
//! whenever it is made. A table that was made is never made again: counts that came late would show in the difference.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use jiff::{SignedDuration, Timestamp};
use referral_core::geo::{CountyFips, StateCode};
use referral_core::tally::{
    Cell, Counts, Ending, Frozen, Pool, PoolPlace, Published as Count, Topic, TopicTable, Week,
};
use referral_runtime::data_dir::write_secret;
use serde::{Deserialize, Serialize};

use super::{ReadError, read};
use crate::sealed::{seal, unseal};

/// The folder of the tables in the data directory.
pub const PUBLISHED: &str = "published";
/// How long after its end a week is published: what is counted in its last seconds is written by then.
const AFTER: SignedDuration = SignedDuration::from_mins(1);
/// The form that this version writes and reads.
const FORMAT: u32 = 1;

/// The tables of one data directory.
#[derive(Debug)]
pub struct Tables {
    folder: PathBuf,
    known: Mutex<BTreeMap<Week, Arc<Frozen>>>,
}

/// Why tables cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The disk.
    #[error("the published tables of searches cannot be read or written")]
    Io(#[from] io::Error),
    /// The counts.
    #[error(transparent)]
    Counts(#[from] ReadError),
    /// A table is not as it was written.
    #[error("the published table of searches of {0} is damaged: put it back from a backup")]
    Damaged(Week),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    format: u32,
    week: String,
    topics: Vec<KeptTopic>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptTopic {
    topic: String,
    /// County or none, and the counts in the order of endings; none: 1 to 10.
    cells: Vec<(Option<u32>, [Option<u64>; 6])>,
    pools: Vec<KeptPool>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptPool {
    /// A county, a state, or nothing: the rest of the country.
    place: String,
    /// County or none, and the ending by its name.
    cells: Vec<(Option<u32>, String)>,
    count: u64,
}

impl Tables {
    /// The tables in `folder`, which may not be there yet.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn open(folder: PathBuf) -> Result<Self, PublishError> {
        let mut known = BTreeMap::new();
        for week in weeks(&folder)? {
            let bytes = fs::read(path(&folder, week))?;
            let table = decode(&bytes).filter(|table| table.week == week);
            known.insert(week, Arc::new(table.ok_or(PublishError::Damaged(week))?));
        }
        Ok(Self {
            folder,
            known: Mutex::new(known),
        })
    }

    /// Publishes every week that is over, was counted in `searches` and is not published yet.
    ///
    /// # Errors
    /// [`PublishError`]; tables published before stay.
    pub fn keep_up(&self, searches: &Path, now: Timestamp) -> Result<(), PublishError> {
        let now = now.saturating_sub(AFTER).unwrap_or(now);
        let due = |week: &Week| week.is_over(now) && !self.known().contains_key(week);
        if !super::weeks(searches)?.iter().any(due) {
            return Ok(());
        }
        for (week, sheet) in read(searches)? {
            if !due(&week) {
                continue;
            }
            let cells: Vec<(Cell, Counts)> = sheet
                .cells()
                .map(|(topic, county, counts)| {
                    let topic = topic.clone();
                    (
                        Cell {
                            week,
                            topic,
                            county,
                        },
                        *counts,
                    )
                })
                .collect();
            let cells = cells.iter().map(|(cell, counts)| (cell, counts));
            let Ok(table) = Frozen::of(week, cells, now) else {
                continue;
            };
            crate::life::make_private(&self.folder)?;
            write_secret(&path(&self.folder, week), &encode(&table)?)?;
            self.known().insert(week, Arc::new(table));
        }
        Ok(())
    }

    /// The last table that was published before a moment.
    #[must_use]
    pub fn last(&self, at: Timestamp) -> Option<Arc<Frozen>> {
        let at = at.saturating_sub(AFTER).unwrap_or(at);
        let known = self.known();
        let mut before = known.iter().filter(|(week, _)| week.is_over(at));
        before.next_back().map(|(_, table)| Arc::clone(table))
    }

    /// All tables, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Frozen>> {
        self.known().values().cloned().collect()
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Week, Arc<Frozen>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn path(folder: &Path, week: Week) -> PathBuf {
    folder.join(format!("{week}.json"))
}

fn weeks(folder: &Path) -> io::Result<Vec<Week>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut weeks = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let week = name.to_str().and_then(|name| name.strip_suffix(".json"));
        weeks.extend(week.and_then(|week| Week::parse(week).ok()));
    }
    Ok(weeks)
}

fn encode(table: &Frozen) -> io::Result<Vec<u8>> {
    let number = |county: &Option<CountyFips>| county.map(CountyFips::number);
    let count = |count: &Count| match count {
        Count::Count(count) => Some(*count),
        Count::Few => None,
    };
    let topics = table.topics.iter().map(|(topic, table)| KeptTopic {
        topic: topic.to_string(),
        cells: table
            .cells
            .iter()
            .map(|(county, counts)| (number(county), counts.each_ref().map(count)))
            .collect(),
        pools: table.pools.iter().map(KeptPool::of).collect(),
    });
    let kept = Kept {
        format: FORMAT,
        week: table.week.to_string(),
        topics: topics.collect(),
    };
    Ok(seal(&serde_json::to_vec(&kept)?))
}

fn decode(bytes: &[u8]) -> Option<Frozen> {
    let kept: Kept = serde_json::from_slice(unseal(bytes)?).ok()?;
    if kept.format != FORMAT {
        return None;
    }
    let mut topics = BTreeMap::new();
    for topic in kept.topics {
        let mut table = TopicTable::default();
        for (number, counts) in topic.cells {
            let counts = counts.map(|count| count.map_or(Count::Few, Count::Count));
            table.cells.insert(county(number).ok()?, counts);
        }
        for pool in topic.pools {
            table.pools.push(pool.read()?);
        }
        topics.insert(Topic::parse(&topic.topic)?, table);
    }
    Some(Frozen {
        week: Week::parse(&kept.week).ok()?,
        topics,
    })
}

/// A number that no county has.
struct NoCounty;

/// A county, or none.
fn county(number: Option<u32>) -> Result<Option<CountyFips>, NoCounty> {
    let county = number.map(|number| CountyFips::from_number(number).ok_or(NoCounty));
    county.transpose()
}

impl KeptPool {
    fn of(pool: &Pool) -> Self {
        let cells = pool.cells.iter().map(|(county, ending)| {
            let county = county.map(CountyFips::number);
            (county, ending.code().to_owned())
        });
        Self {
            place: match pool.place {
                PoolPlace::County(county) => county.to_string(),
                PoolPlace::RestOfState(state) => state.to_string(),
                PoolPlace::RestOfCountry => String::new(),
            },
            cells: cells.collect(),
            count: pool.count,
        }
    }

    fn read(self) -> Option<Pool> {
        let place = match (self.place.as_str(), CountyFips::parse(&self.place)) {
            ("", _) => PoolPlace::RestOfCountry,
            (_, Ok(county)) => PoolPlace::County(county),
            (state, Err(_)) => PoolPlace::RestOfState(StateCode::parse(state).ok()?),
        };
        let cells = self.cells.into_iter().map(|(number, ending)| {
            let mut endings = Ending::ALL.into_iter();
            let ending = endings.find(|known| known.code() == ending)?;
            Some((county(number).ok()?, ending))
        });
        Some(Pool {
            place,
            cells: cells.collect::<Option<_>>()?,
            count: self.count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(week: Week) -> Vec<(Cell, Counts)> {
        let mut cells = Vec::new();
        for (at, topic) in ["lc:bond", "any", "ho:es"].iter().enumerate() {
            for county in [None, Some(24_510), Some(24_005), Some(48_163), Some(48_029)] {
                let seed = u64::from(county.unwrap_or(7)) + at as u64;
                let numbers = [seed % 37, seed % 5, 9, seed % 11, 3, seed % 2];
                let cell = Cell {
                    week,
                    topic: Topic::parse(topic).unwrap(),
                    county: county.and_then(CountyFips::from_number),
                };
                cells.push((cell, Counts::from_numbers(numbers)));
            }
        }
        cells
    }

    #[test]
    fn a_table_is_read_as_it_was_written_and_never_half() {
        let now: Timestamp = "2026-11-22T14:00:00Z".parse().unwrap();
        let week = Week::parse("2026-W46").unwrap();
        let counted = counted(week);
        let cells = counted.iter().map(|(cell, counts)| (cell, counts));
        let table = Frozen::of(week, cells, now).unwrap();
        assert!(table.topics.values().any(|table| !table.pools.is_empty()));
        let bytes = encode(&table).unwrap();

        assert_eq!(decode(&bytes), Some(table));
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length]), None, "{length}");
        }
    }

    #[test]
    fn a_week_is_published_once_when_it_is_over_whatever_is_counted_later() {
        let folder = tempfile::tempdir().unwrap();
        let (searches, published) = (folder.path().join("searches"), folder.path().join("out"));
        fs::create_dir(&searches).unwrap();
        let week = Week::parse("2026-W46").unwrap();
        let write = |open: u64| {
            let mut sheet = super::super::Sheet::default();
            for _ in 0..open {
                sheet.add(Topic::Any, None, Ending::Open);
            }
            let file = super::super::sheet::path(&searches, week);
            fs::write(file, sheet.written()).unwrap();
        };
        write(20);
        let tables = Tables::open(published.clone()).unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (monday, later) = (at("2026-11-16T00:00:30Z"), at("2026-11-16T00:01:00Z"));

        tables.keep_up(&searches, monday).unwrap();
        assert!(tables.all().is_empty());
        tables.keep_up(&searches, later).unwrap();
        write(30);
        tables.keep_up(&searches, later).unwrap();

        let told = Tables::open(published).unwrap().all();
        assert_eq!(told.len(), 1);
        let counts = told[0].topics[&Topic::Any].cells[&None];
        assert_eq!(counts[0], Count::Count(20));
        assert_eq!(tables.last(monday), None);
        assert_eq!(tables.last(later), Some(Arc::clone(&told[0])));
    }
}
