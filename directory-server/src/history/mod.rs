//! What was listed and how much was free at any time in the past: a small, append-only fold of the journal.
//!
//! Start at [`History::append`], which takes changes in journal order, and [`History::as_of`], which folds
//! them to the state at a time. One file holds one month. It begins with the whole state at its
//! beginning, so that no question about the past reads more than a month. A change takes about a dozen bytes
//! ([`frame`]), since names are written once a month and then numbered.
//!
//! Nothing stands on this but reports about the past. It remembers the journal index it has reached; what a
//! crash tears off its end is folded from the journal again.

mod frame;
mod past;
mod segment;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use past::{Capacity, Change, Listed, Past, Subject};

use frame::{Frame, Kind};
use segment::Segment;

/// The history in one folder. Its only writer.
#[derive(Debug)]
pub struct History {
    folder: PathBuf,
    current: Option<Open>,
    /// The index of the last frame.
    written: u64,
    /// What was taken in: from `written` on nothing changed.
    reached: u64,
}

/// The month that is written to.
#[derive(Debug)]
struct Open {
    month: Date,
    segment: Segment,
    numbers: HashMap<u128, u64>,
    last_at: Timestamp,
}

/// Why the history cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The disk.
    #[error("the history of capacity and listings cannot be read or written")]
    Io(#[from] io::Error),
    /// A month is not as it was written.
    #[error("the history of {month} is damaged at byte {offset}; put its file back from a backup")]
    Damaged {
        /// The first day of the month.
        month: Date,
        /// Where. Unit: bytes.
        offset: u64,
    },
    /// Changes were given out of the order of the journal.
    #[error("the history has reached journal record {reached} and was given {given}")]
    OutOfOrder {
        /// What it has reached.
        reached: u64,
        /// What it was given.
        given: u64,
    },
}

impl History {
    /// Opens the history in `folder`, which exists. What is torn at its end is cut off: [`Self::reached`]
    /// says from where on the journal has to be folded again.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn open(folder: &Path) -> Result<Self, HistoryError> {
        let mut history = Self {
            folder: folder.to_owned(),
            current: None,
            written: 0,
            reached: 0,
        };
        while let Some(month) = history.months()?.pop() {
            let (segment, scan) = Segment::recover(&path(folder, month), month)?;
            if let Some(last_at) = scan.last_at {
                history.written = scan.index;
                history.reached = scan.index;
                history.current = Some(Open {
                    month,
                    segment,
                    numbers: scan.numbers,
                    last_at,
                });
                break;
            }
            // Not even its beginning was whole: the month before says the same.
            fs::remove_file(path(folder, month))?;
        }
        Ok(history)
    }

    /// The journal index of the last record taken in.
    #[must_use]
    pub fn reached(&self) -> u64 {
        self.reached
    }

    /// Takes in what the journal says up to record `index`, received at `at`. Not durable before
    /// [`Self::sync`]. Without changes nothing is written.
    ///
    /// # Errors
    /// [`HistoryError`]; open it again after [`HistoryError::Io`].
    pub fn append(
        &mut self,
        index: u64,
        at: Timestamp,
        changes: &[(Subject, Change)],
    ) -> Result<(), HistoryError> {
        if index <= self.reached {
            let reached = self.reached;
            return Err(HistoryError::OutOfOrder {
                reached,
                given: index,
            });
        }
        self.reached = index;
        if changes.is_empty() {
            return Ok(());
        }
        self.write(index, at, changes)
    }

    /// Takes in what stands at journal record `index`, received at `at`, instead of the changes that led
    /// there, which are lost.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn jump(
        &mut self,
        index: u64,
        at: Timestamp,
        all: impl Iterator<Item = (Subject, Change)>,
    ) -> Result<(), HistoryError> {
        let (before, mut all) = (self.written, all.peekable());
        while all.peek().is_some() {
            let chunk: Vec<_> = all.by_ref().take(past::CHUNK).collect();
            // Cut short, it has reached no more than before, and begins again.
            self.write(before, at, &chunk)?;
        }
        self.write(index, at, &[])?;
        self.reached = index;
        Ok(())
    }

    fn write(
        &mut self,
        index: u64,
        at: Timestamp,
        changes: &[(Subject, Change)],
    ) -> Result<(), HistoryError> {
        let at = milliseconds(at);
        if self
            .current
            .as_ref()
            .is_none_or(|open| open.month < month_of(at))
        {
            let since = self.current.as_ref().map_or(at, |open| open.last_at);
            self.begin_month(month_of(at), since)?;
        }
        let Some(open) = &mut self.current else {
            return Ok(());
        };
        // Time stands still rather than fall: the order of the journal is what counts.
        let at = at.max(open.last_at);
        let mut frame = Frame::begin(Kind::Changes, index, at);
        for (subject, change) in changes {
            let number = frame.number(subject, &mut open.numbers);
            frame.push(number, *change);
        }
        open.segment.write(&frame)?;
        open.last_at = at;
        self.written = index;
        Ok(())
    }

    /// Makes everything taken in durable; returns the journal index reached.
    ///
    /// # Errors
    /// [`HistoryError::Io`].
    pub fn sync(&mut self) -> Result<u64, HistoryError> {
        if let Some(open) = &self.current {
            let at = open.last_at;
            if self.reached > self.written {
                self.write(self.reached, at, &[])?;
            }
        }
        if let Some(open) = &mut self.current {
            open.segment.sync()?;
        }
        Ok(self.reached)
    }

    /// What was listed and free at a time. Before the first change: nothing.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn as_of(&self, at: Timestamp) -> Result<Past, HistoryError> {
        let asked = month_of(at);
        let month = self.months()?.into_iter().rfind(|month| *month <= asked);
        let Some(month) = month else {
            return Ok(Past::default());
        };
        segment::fold(&path(&self.folder, month), month, at)
    }

    /// Ends the month that is written to and begins another with the state there is, which is as old as
    /// the last change.
    fn begin_month(&mut self, month: Date, at: Timestamp) -> Result<(), HistoryError> {
        let past = match &mut self.current {
            Some(open) => {
                open.segment.sync()?;
                segment::fold(&path(&self.folder, open.month), open.month, Timestamp::MAX)?
            }
            None => Past::default(),
        };
        let mut segment = Segment::create(&path(&self.folder, month))?;
        let mut numbers = HashMap::new();
        for chunk in past.chunks() {
            let mut frame = Frame::begin(Kind::State, self.written, at);
            for (subject, change) in chunk {
                let number = frame.number(&subject, &mut numbers);
                frame.push(number, change);
            }
            segment.write(&frame)?;
        }
        segment.write(&Frame::begin(Kind::StateEnd, self.written, at))?;
        segment.sync()?;
        fs::File::open(&self.folder)?.sync_all()?;
        self.current = Some(Open {
            month,
            segment,
            numbers,
            last_at: at,
        });
        Ok(())
    }

    fn months(&self) -> io::Result<Vec<Date>> {
        let mut months = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            months.extend(name.to_str().and_then(month_named));
        }
        months.sort_unstable();
        Ok(months)
    }
}

fn milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

fn month_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date().first_of_month()
}

fn path(folder: &Path, month: Date) -> PathBuf {
    folder.join(format!("{}.history", month.strftime("%Y-%m")))
}

fn month_named(name: &str) -> Option<Date> {
    let month = name.strip_suffix(".history")?;
    format!("{month}-01").parse().ok()
}
