//! The file of one month: written at its end, verified from its beginning.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;

use super::HistoryError;
use super::frame::{Frame, Item, Kind, Verified, key};
use super::past::{Past, Subject};

/// A month's file, open to be written.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    before: (u64, Timestamp),
}

/// What verifying a month found.
#[derive(Debug)]
pub(super) struct Scan {
    /// The journal index reached.
    pub(super) index: u64,
    /// The time of the last frame; `None` when the month's beginning is not whole.
    pub(super) last_at: Option<Timestamp>,
    pub(super) numbers: HashMap<u128, u64>,
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
        Ok(Self { file, before })
    }

    /// Opens a month to go on with it; what does not verify at its end is cut off. Frames after the first
    /// that does not are cut with it: they are in the journal.
    pub(super) fn recover(path: &Path, month: Date) -> Result<(Self, Scan), HistoryError> {
        let bytes = std::fs::read(path)?;
        let mut scan = Scan {
            index: 0,
            last_at: None,
            numbers: HashMap::new(),
        };
        let (end, before) = read(&bytes, month, |frame, items| {
            for item in items {
                if let Item::Name(subject) = item {
                    let next = scan.numbers.len() as u64;
                    scan.numbers.insert(key(&subject.name()), next);
                }
            }
            if frame.kind != Kind::State {
                scan.index = frame.index;
                scan.last_at = Some(frame.at);
            }
            true
        })?;
        let file = OpenOptions::new().append(true).open(path)?;
        if end < bytes.len() {
            file.set_len(end as u64)?;
            file.sync_all()?;
        }
        Ok((Self { file, before }, scan))
    }

    pub(super) fn write(&mut self, frame: &Frame) -> io::Result<()> {
        self.file.write_all(&frame.encode(self.before))?;
        self.before = (frame.index, frame.at);
        Ok(())
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Folds a month up to a time.
pub(super) fn fold(path: &Path, month: Date, until: Timestamp) -> Result<Past, HistoryError> {
    let bytes = std::fs::read(path)?;
    let (mut past, mut subjects) = (Past::default(), Vec::<Subject>::new());
    let mut unknown = None;
    let mut ended = false;
    let (end, _) = read(&bytes, month, |frame, items| {
        if frame.kind == Kind::Changes && frame.at > until {
            ended = true;
            return false;
        }
        for item in items {
            match item {
                Item::Name(subject) => subjects.push(subject),
                Item::Change(number, change) => {
                    let known = usize::try_from(number).ok().and_then(|n| subjects.get(n));
                    match known {
                        Some(subject) => past.take(subject, change, frame.at),
                        None => unknown = Some(frame.end),
                    }
                }
            }
        }
        true
    })?;
    let damaged = (!ended && end < bytes.len()).then_some(end).or(unknown);
    if let Some(offset) = damaged {
        let offset = offset as u64;
        return Err(HistoryError::Damaged { month, offset });
    }
    Ok(past)
}

/// Reads frames for as long as they verify and `each` wants more. Returns where it stopped, and the index
/// and time of the last frame.
fn read(
    bytes: &[u8],
    month: Date,
    mut each: impl FnMut(&Verified<'_>, Vec<Item>) -> bool,
) -> Result<(usize, (u64, Timestamp)), HistoryError> {
    let (mut offset, mut before) = (0, (0, Timestamp::UNIX_EPOCH));
    while let Some(frame) = Verified::read(bytes, offset, before) {
        let items = frame.items().ok_or(HistoryError::Damaged {
            month,
            offset: offset as u64,
        })?;
        if !each(&frame, items) {
            break;
        }
        offset = frame.end;
        before = (frame.index, frame.at);
    }
    Ok((offset, before))
}
