//! Reading the past while the present is written: what there is when the reader is made, and no lock held.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use referral_core::id::RecordKey;

use super::past::{Happened, Past};
use super::versions::{Version, Written};
use super::{HistoryError, month_of, path, segment};

/// The history as it was when this was made.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(super) folder: PathBuf,
    /// The months there are, in order.
    pub(super) months: Vec<Date>,
    /// The month that is written to: its length, and its file of versions with that one's number.
    pub(super) current: Option<(Date, u64, u64, Written)>,
}

impl Reader {
    /// What was listed and free at a time. Before the first change: nothing.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn as_of(&self, at: Timestamp) -> Result<Past, HistoryError> {
        let mut past = Past::default();
        // There is one time: what is folded is of no use afterwards.
        self.fold(&[at], |_, then| {
            past = std::mem::take(then);
            Ok(())
        })?;
        Ok(past)
    }

    /// Calls `each` with what was listed and free at each of `times`, which are in order. Every month is read once.
    ///
    /// # Errors
    /// [`HistoryError`], and those of `each`.
    pub fn each(
        &self,
        times: &[Timestamp],
        mut each: impl FnMut(usize, &Past) -> Result<(), HistoryError>,
    ) -> Result<(), HistoryError> {
        self.fold(times, |at, past| each(at, past))
    }

    fn fold(
        &self,
        times: &[Timestamp],
        mut each: impl FnMut(usize, &mut Past) -> Result<(), HistoryError>,
    ) -> Result<(), HistoryError> {
        let month = |at: &Timestamp| {
            let asked = month_of(*at);
            self.months.iter().rfind(|month| **month <= asked).copied()
        };
        let mut told = 0;
        for same in times.chunk_by(|a, b| month(a) == month(b)) {
            let before = told;
            told += same.len();
            let Some(month) = same.first().and_then(month) else {
                for at in before..told {
                    each(at, &mut Past::default())?;
                }
                continue;
            };
            let current = self.current.as_ref().filter(|(open, ..)| *open == month);
            let length = current.map(|(_, length, ..)| *length);
            let file = path(&self.folder, month);
            segment::fold(&file, month, length, same, |at, past| {
                each(before + at, past)
            })?;
        }
        Ok(())
    }

    /// How much has to be read to tell what happened between two times. Unit: bytes.
    ///
    /// # Errors
    /// [`HistoryError::Io`].
    pub fn size(&self, from: Timestamp, to: Timestamp) -> Result<u64, HistoryError> {
        let (first, last) = (month_of(from), month_of(to));
        let before = self.months.iter().rfind(|month| **month <= first);
        let begin = before.copied().unwrap_or(first);
        let mut size = 0;
        for month in self
            .months
            .iter()
            .filter(|month| (begin..=last).contains(*month))
        {
            let length = std::fs::metadata(path(&self.folder, *month))?.len();
            // The month of the beginning is read twice: for what stood, and for what followed.
            size += if *month == begin { 2 * length } else { length };
        }
        Ok(size)
    }

    /// When the history begins; `None` when there is none.
    ///
    /// # Errors
    /// [`HistoryError::Io`].
    pub fn began(&self) -> Result<Option<Timestamp>, HistoryError> {
        match self.months.first() {
            None => Ok(None),
            Some(month) => Ok(segment::began(&path(&self.folder, *month))?),
        }
    }

    /// Calls `each` with what was reported and not ended at `from`, then with everything that changed it up to `to`, in
    /// order.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn happened(
        &self,
        from: Timestamp,
        to: Timestamp,
        mut each: impl FnMut(Timestamp, Happened<'_>),
    ) -> Result<(), HistoryError> {
        let past = self.as_of(from)?;
        for whole in [true, false] {
            for (agency, service, location, capacity) in past.capacities() {
                if location.is_none() == whole {
                    each(
                        from,
                        Happened::Reported((agency, service, location), capacity),
                    );
                }
            }
        }
        let (first, last) = (month_of(from), month_of(to));
        // The month of `from` may not have begun then: the one before it says what stood.
        for month in self.months.iter().filter(|month| **month <= last) {
            if *month >= first {
                let current = self.current.as_ref().filter(|(open, ..)| open == month);
                let length = current.map(|(_, length, ..)| *length);
                let file = path(&self.folder, *month);
                segment::events(&file, *month, length, (from, to), &mut each)?;
            }
        }
        Ok(())
    }

    /// Calls `each` with those of the listed records that are `wanted`, and what they said, which [`super::Said::read`]
    /// reads. It gives `None` for what it cannot read.
    ///
    /// # Errors
    /// [`HistoryError`]; [`HistoryError::Lost`] when what was said cannot be read any more.
    pub fn said(
        &self,
        past: &Past,
        wanted: impl Fn(&RecordKey) -> bool,
        mut each: impl FnMut(&RecordKey, &[u8]) -> Option<()>,
    ) -> Result<(), HistoryError> {
        let listed = past.listed().filter(|(record, _)| wanted(record));
        let mut listed: Vec<(&RecordKey, Version)> = listed.collect();
        listed.sort_unstable_by_key(|(record, version)| (version.number, *record));
        let versions: Vec<Version> = listed.iter().map(|(_, version)| *version).collect();
        let mut unread = false;
        self.versions(past.log, &versions, |at, bytes| {
            unread |= each(listed[at].0, bytes).is_none();
        })?;
        if unread {
            return Err(HistoryError::Lost { log: past.log });
        }
        Ok(())
    }

    /// Calls `each` with the bytes of every version of a file that is wanted, and its place among them, which are in
    /// order.
    pub(super) fn versions(
        &self,
        log: u64,
        wanted: &[Version],
        each: impl FnMut(usize, &[u8]),
    ) -> Result<(), HistoryError> {
        let read = match &self.current {
            _ if wanted.is_empty() => return Ok(()),
            Some((_, _, current, written)) if *current == log => written.each(wanted, each)?,
            _ => Written::closed(&self.folder, log)?.each(wanted, each)?,
        };
        read.ok_or(HistoryError::Lost { log })
    }
}
