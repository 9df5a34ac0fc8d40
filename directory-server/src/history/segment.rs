//! The file of one month: written at its end, verified from its beginning.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;

use super::HistoryError;
use super::frame::{Frame, Item, Kind, Verified, key};
use super::past::{Happened, Noted, Past, Subject};
use super::subjects::Subjects;

/// Most bytes that the first frame of a month takes.
const FIRST: u64 = 64;

/// A month's file, open to be written.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    before: (u64, Timestamp),
    /// Unit: bytes.
    pub(super) length: u64,
}

/// What verifying a month found.
#[derive(Debug)]
pub(super) struct Scan {
    /// The journal index reached.
    pub(super) index: u64,
    /// The time of the last frame; `None` when the month's beginning is not whole.
    pub(super) last_at: Option<Timestamp>,
    pub(super) subjects: Subjects,
    pub(super) generation: u64,
}

impl Segment {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        let before = (0, Timestamp::UNIX_EPOCH);
        Ok(Self {
            file,
            before,
            length: 0,
        })
    }

    /// Opens a month to go on with it; what does not verify at its end is cut off, and what names a version
    /// from number `versions` on. Frames after the first such are cut with it: they are in the journal.
    ///
    /// # Errors
    /// [`HistoryError::Damaged`] for what verifies and cannot be read: a newer version wrote it.
    pub(super) fn recover(
        path: &Path,
        month: Date,
        versions: u64,
    ) -> Result<(Self, Scan), HistoryError> {
        let bytes = std::fs::read(path)?;
        let mut scan = Scan {
            index: 0,
            last_at: None,
            subjects: Subjects::default(),
            generation: 0,
        };
        let mut unreadable = false;
        let (end, before) = read(&bytes, |frame| {
            let taken = scan.take(frame, versions);
            unreadable |= taken.is_none();
            taken.unwrap_or(false)
        });
        if unreadable {
            let offset = end as u64;
            return Err(HistoryError::Damaged { month, offset });
        }
        let file = OpenOptions::new().append(true).open(path)?;
        if end < bytes.len() {
            file.set_len(end as u64)?;
            file.sync_all()?;
        }
        let length = end as u64;
        let segment = Self {
            file,
            before,
            length,
        };
        Ok((segment, scan))
    }

    pub(super) fn write(&mut self, frame: &Frame) -> io::Result<()> {
        let bytes = frame.encode(self.before);
        self.file.write_all(&bytes)?;
        self.before = (frame.index, frame.at);
        self.length += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

impl Scan {
    /// Takes a frame in; false when it names a version that is not there, `None` when it cannot be read.
    fn take(&mut self, frame: &Verified<'_>, versions: u64) -> Option<bool> {
        let mut there = true;
        frame.each(|item| {
            if let Item::Change(_, Noted::Published(version)) = &item {
                there &= version.number < versions;
            }
        })?;
        if !there {
            return Some(false);
        }
        frame.each(|item| self.item(item))?;
        if frame.kind != Kind::State {
            self.index = frame.index;
            self.last_at = Some(frame.at);
        }
        Some(true)
    }

    fn item(&mut self, item: Item) {
        match item {
            Item::Name(subject) => {
                self.subjects.number(key(&subject.name()));
            }
            Item::Change(number, noted) => self.subjects.note(number, noted),
            Item::Generation(generation) => self.generation = generation,
            Item::Log(_) => {}
        }
    }
}

/// The file of versions that a month names; `None` when its first frame is not whole.
pub(super) fn log_of(path: &Path) -> io::Result<Option<u64>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FIRST).read_to_end(&mut bytes)?;
    let mut log = None;
    if let Some(first) = Verified::read(&bytes, 0, (0, Timestamp::UNIX_EPOCH)) {
        let read = first.each(|item| {
            if let Item::Log(number) = item {
                log = Some(number);
            }
        });
        log = log.filter(|_| read.is_some());
    }
    Ok(log)
}

/// When a month's first frame was written; `None` when it is not whole.
pub(super) fn began(path: &Path) -> io::Result<Option<Timestamp>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FIRST).read_to_end(&mut bytes)?;
    let first = Verified::read(&bytes, 0, (0, Timestamp::UNIX_EPOCH));
    Ok(first.map(|first| first.at))
}

/// Calls `each` for every change of capacity and every generation of a month later than `from`, up to `to`.
pub(super) fn events(
    path: &Path,
    month: Date,
    length: Option<u64>,
    (from, to): (Timestamp, Timestamp),
    mut each: impl FnMut(Timestamp, Happened<'_>),
) -> Result<(), HistoryError> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(length.unwrap_or(u64::MAX))
        .read_to_end(&mut bytes)?;
    let (mut subjects, mut unknown, mut ended) = (Vec::new(), false, false);
    let (end, _) = read(&bytes, |frame| {
        ended = frame.at > to;
        let told = frame.kind == Kind::Changes && frame.at > from && !ended;
        let read = frame.each(|item| match item {
            Item::Name(subject) => subjects.push(subject),
            Item::Change(number, Noted::Reported(capacity)) if told => {
                let subject = usize::try_from(number).ok().and_then(|n| subjects.get(n));
                match subject {
                    Some(Subject::Capacity(agency, service, location)) => {
                        let about = (agency, service, location.as_ref());
                        each(frame.at, Happened::Reported(about, &capacity));
                    }
                    _ => unknown = true,
                }
            }
            Item::Generation(_) if told => each(frame.at, Happened::Restored),
            _ => {}
        });
        unknown |= read.is_none();
        !unknown && !ended
    });
    if unknown || (!ended && end < bytes.len()) {
        let offset = end as u64;
        return Err(HistoryError::Damaged { month, offset });
    }
    Ok(())
}

/// Folds the first `length` bytes of a month, and calls `at` with what stands at each of `times`, which are in
/// order. `None` for the length: all of it, which must verify to its end.
pub(super) fn fold(
    path: &Path,
    month: Date,
    length: Option<u64>,
    times: &[Timestamp],
    mut at: impl FnMut(usize, &mut Past) -> Result<(), HistoryError>,
) -> Result<(), HistoryError> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(length.unwrap_or(u64::MAX))
        .read_to_end(&mut bytes)?;
    let (mut past, mut told) = (Past::default(), 0);
    let mut outcome = Ok(());
    let mut unknown = false;
    let (end, _) = read(&bytes, |frame| {
        while frame.kind == Kind::Changes && times.get(told).is_some_and(|time| frame.at > *time) {
            outcome = at(told, &mut past);
            told += 1;
            if outcome.is_err() {
                return false;
            }
        }
        if told == times.len() {
            return false;
        }
        let read = frame.each(|item| match item {
            Item::Name(subject) => past.name(subject),
            Item::Change(number, change) => unknown |= !past.take(number, change),
            Item::Log(log) => past.log = log,
            Item::Generation(generation) => past.begin_generation(generation),
        });
        unknown |= read.is_none();
        !unknown
    });
    outcome?;
    if unknown || (told < times.len() && end < bytes.len()) {
        let offset = end as u64;
        return Err(HistoryError::Damaged { month, offset });
    }
    for told in told..times.len() {
        at(told, &mut past)?;
    }
    Ok(())
}

/// Reads frames for as long as they verify and `each` wants more. Returns where it stopped, and the index
/// and time of the last frame.
fn read(bytes: &[u8], mut each: impl FnMut(&Verified<'_>) -> bool) -> (usize, (u64, Timestamp)) {
    let (mut offset, mut before) = (0, (0, Timestamp::UNIX_EPOCH));
    while let Some(frame) = Verified::read(bytes, offset, before) {
        if !each(&frame) {
            break;
        }
        offset = frame.end;
        before = (frame.index, frame.at);
    }
    (offset, before)
}
