//! What was listed, what it said, and how much was free at any time in the past: a small, append-only fold of
//! the journal.
//!
//! Start at [`History::append`], which takes changes in journal order, and [`History::reader`], which folds
//! them to the state at a time. One file holds one month. It begins with the whole state at its
//! beginning, so that no question about the past reads more than a month. A change takes about a dozen bytes
//! ([`frame`]), since names are written once a month and then numbered. What listings said is kept beside the
//! months, each version once ([`versions`]), reduced to what reports need ([`Said`]).
//!
//! Nothing stands on this but reports about the past. It remembers the journal index it has reached; what a
//! crash tears off its end is folded from the journal again.

mod chunks;
mod frame;
mod past;
mod reader;
mod said;
mod segment;
mod subjects;
mod varint;
mod versions;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

pub use past::{About, Capacity, Change, Happened, Past, Subject};
pub use reader::Reader;
pub use said::Said;
pub use versions::Version;

use frame::{Frame, Kind};
use past::Noted;
use segment::Segment;
use subjects::Subjects;
use versions::Versions;

/// Changes of a month's beginning that are in one frame.
const CHUNK: usize = 1_000;
/// Changes that may be written while versions they name wait for their block.
const WAITING: u32 = 4_096;
/// Versions that may be of no use before a new file of them is begun.
const UNUSED: u64 = 1_000;

/// The history in one folder. Its only writer.
#[derive(Debug)]
pub struct History {
    folder: PathBuf,
    current: Option<Open>,
    /// The index of the last frame.
    written: u64,
    /// What was taken in: from `written` on nothing changed.
    reached: u64,
    /// Months before the current one that are kept; `None`: all.
    keep: Option<u32>,
}

/// The month that is written to.
#[derive(Debug)]
struct Open {
    month: Date,
    segment: Segment,
    subjects: Subjects,
    versions: Versions,
    generation: u64,
    last_at: Timestamp,
    /// Changes since something waits for its block.
    waited: u32,
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
    /// What listings said is not as it was written.
    #[error(
        "what listings said is damaged in the history's file {log:06}.said; put it back from a backup"
    )]
    Lost {
        /// The number of the file.
        log: u64,
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
            keep: None,
        };
        while let Some(month) = history.months()?.pop() {
            if history.recover(month)? {
                break;
            }
            // Not even its beginning was whole: the month before says the same.
            fs::remove_file(path(folder, month))?;
        }
        history.drop_unnamed()?;
        Ok(history)
    }

    /// Keeps so many months before the current one; older ones go when a month begins.
    #[must_use]
    pub fn keeping(mut self, months: Option<u32>) -> Self {
        self.keep = months;
        self
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
            let chunk: Vec<_> = all.by_ref().take(CHUNK).collect();
            // Cut short, it has reached no more than before, and begins again.
            self.write(before, at, &chunk)?;
        }
        self.write(index, at, &[])?;
        self.reached = index;
        Ok(())
    }

    /// The directory is in this generation from `at` on: what was reported in an earlier one counts no more.
    /// Nothing is written when it was in it before.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn begin_generation(&mut self, generation: u64, at: Timestamp) -> Result<(), HistoryError> {
        let (index, at) = (self.written, self.begin_month_of(at)?);
        let Some(open) = &mut self.current else {
            return Ok(());
        };
        if open.generation >= generation {
            return Ok(());
        }
        let mut frame = Frame::begin(Kind::Changes, index, at);
        frame.push_generation(generation);
        open.segment.write(&frame)?;
        open.generation = generation;
        open.last_at = at;
        Ok(())
    }

    fn write(
        &mut self,
        index: u64,
        at: Timestamp,
        changes: &[(Subject, Change)],
    ) -> Result<(), HistoryError> {
        let at = self.begin_month_of(at)?;
        let Some(open) = &mut self.current else {
            return Ok(());
        };
        let mut frame = Frame::begin(Kind::Changes, index, at);
        for (subject, change) in changes {
            let number = frame.number(subject, &mut open.subjects);
            let noted = open.noted(number, change)?;
            frame.push(number, noted);
        }
        open.segment.write(&frame)?;
        open.last_at = at;
        open.keep_up(changes.len())?;
        self.written = index;
        Ok(())
    }

    /// Begins the month of a time where it has not begun. Gives the time of the next frame: time stands still
    /// rather than fall, since the order of the journal is what counts.
    fn begin_month_of(&mut self, at: Timestamp) -> Result<Timestamp, HistoryError> {
        let at = milliseconds(at);
        let last = self.current.as_ref().map(|open| (open.month, open.last_at));
        if last.is_none_or(|(month, _)| month < month_of(at)) {
            self.begin_month(month_of(at), last.map_or(at, |(_, last_at)| last_at))?;
        }
        Ok(last.map_or(at, |(_, last_at)| at.max(last_at)))
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
            // In this order: a month names only versions that are there.
            failpoint!("history.pre_sync");
            open.versions.sync()?;
            failpoint!("history.half_synced");
            open.segment.sync()?;
            failpoint!("history.synced");
        }
        Ok(self.reached)
    }

    /// The history as it is now, to be read while this one goes on.
    ///
    /// # Errors
    /// [`HistoryError::Io`].
    pub fn reader(&self) -> Result<Reader, HistoryError> {
        let current = self.current.as_ref().map(|open| {
            let written = open.versions.reader(&self.folder);
            (open.month, open.segment.length, open.versions.log, written)
        });
        Ok(Reader {
            folder: self.folder.clone(),
            months: self.months()?,
            current,
        })
    }

    /// What was listed and free at a time. Before the first change: nothing.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn as_of(&self, at: Timestamp) -> Result<Past, HistoryError> {
        self.reader()?.as_of(at)
    }

    /// Goes on with a month; false when not even its beginning is whole.
    fn recover(&mut self, month: Date) -> Result<bool, HistoryError> {
        let file = path(&self.folder, month);
        let Some(log) = segment::log_of(&file)? else {
            return Ok(false);
        };
        let versions = Versions::recover(&self.folder, log)?;
        let (segment, scan) = Segment::recover(&file, month, versions.written())?;
        let Some(last_at) = scan.last_at else {
            return Ok(false);
        };
        self.written = scan.index;
        self.reached = scan.index;
        self.current = Some(Open {
            month,
            segment,
            subjects: scan.subjects,
            versions,
            generation: scan.generation,
            last_at,
            waited: 0,
        });
        Ok(true)
    }

    /// Ends the month that is written to and begins another with the state there is, which is as old as
    /// the last change.
    fn begin_month(&mut self, month: Date, at: Timestamp) -> Result<(), HistoryError> {
        let mut past = Past::default();
        let mut reader = None;
        if let Some(open) = &mut self.current {
            open.versions.sync()?;
            open.segment.sync()?;
            let now = self.reader()?;
            past = now.as_of(Timestamp::MAX)?;
            reader = Some(now);
        }
        let versions = self.versions_of(&mut past, reader.as_ref())?;
        let mut segment = Segment::create(&path(&self.folder, month))?;
        let mut first = Frame::begin(Kind::State, self.written, at);
        first.push_log(versions.log);
        first.push_generation(past.generation);
        segment.write(&first)?;
        let mut subjects = Subjects::default();
        let mut standing = past.standing().peekable();
        while standing.peek().is_some() {
            let mut frame = Frame::begin(Kind::State, self.written, at);
            for (subject, noted) in standing.by_ref().take(CHUNK) {
                let number = frame.number(&subject, &mut subjects);
                subjects.note(number, noted);
                frame.push(number, noted);
            }
            segment.write(&frame)?;
        }
        drop(standing);
        segment.write(&Frame::begin(Kind::StateEnd, self.written, at))?;
        segment.sync()?;
        fs::File::open(&self.folder)?.sync_all()?;
        self.current = Some(Open {
            month,
            segment,
            subjects,
            versions,
            generation: past.generation,
            last_at: at,
            waited: 0,
        });
        self.drop_months(month)?;
        self.drop_unnamed()
    }

    /// The file of versions for a new month: the one there is, or another with what is still listed, where
    /// most of the old one is not.
    fn versions_of(
        &mut self,
        past: &mut Past,
        reader: Option<&Reader>,
    ) -> Result<Versions, HistoryError> {
        let (Some(reader), Some(open)) = (reader, self.current.take()) else {
            return Ok(Versions::create(&self.folder, self.next_log()?)?);
        };
        let live = past.listed().count() as u64;
        if open.versions.count() <= 2 * live + UNUSED {
            return Ok(open.versions);
        }
        let mut versions = Versions::create(&self.folder, self.next_log()?)?;
        past.move_to(reader, &mut versions)?;
        versions.sync()?;
        Ok(versions)
    }

    fn next_log(&self) -> io::Result<u64> {
        let mut next = 1;
        for entry in fs::read_dir(&self.folder)? {
            let log = entry?.file_name().to_str().and_then(versions::named);
            next = next.max(log.map_or(0, |log| log + 1));
        }
        Ok(next)
    }

    /// Deletes months that are too old to be kept.
    fn drop_months(&self, current: Date) -> Result<(), HistoryError> {
        let Some(keep) = self.keep else {
            return Ok(());
        };
        let first = current.saturating_sub(i64::from(keep).months());
        for month in self.months()?.into_iter().filter(|month| *month < first) {
            fs::remove_file(path(&self.folder, month))?;
        }
        Ok(())
    }

    /// Deletes files of versions that no month names any more.
    fn drop_unnamed(&self) -> Result<(), HistoryError> {
        let mut named = Vec::new();
        for month in self.months()? {
            named.extend(segment::log_of(&path(&self.folder, month))?);
        }
        Ok(versions::drop_others(&self.folder, &named)?)
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

impl Open {
    /// A change as a frame has it: what was said is kept, unless the subject said the same before.
    fn noted(&mut self, number: u64, change: &Change) -> io::Result<Noted> {
        let noted = match change {
            Change::Removed => Noted::Removed,
            Change::Reported(capacity) => Noted::Reported(*capacity),
            Change::Published(said) => {
                let before = self.subjects.said(number);
                let hash = said.hash();
                let same = before.filter(|before| before.hash == hash);
                Noted::Published(match same {
                    Some(same) => same,
                    None => self.versions.push(said.as_bytes(), hash)?,
                })
            }
        };
        self.subjects.note(number, noted);
        Ok(noted)
    }

    /// Writes versions that have waited too long: what names them is worth nothing without.
    fn keep_up(&mut self, changes: usize) -> io::Result<()> {
        if self.versions.count() == self.versions.written() {
            self.waited = 0;
            return Ok(());
        }
        let changes = u32::try_from(changes).unwrap_or(u32::MAX);
        self.waited = self.waited.saturating_add(changes);
        if self.waited > WAITING {
            self.waited = 0;
            self.versions.flush()?;
        }
        Ok(())
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
