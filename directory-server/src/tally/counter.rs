//! The thread that counts, and writes what it has counted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use std::{fs, io};

use referral_core::tally::{Cell, Ending, Week};
use referral_runtime::clock::Clock;
use referral_runtime::data_dir::write_secret;
use referral_runtime::panics::catch_blocking;
use tracing::warn;

use super::sheet::{Sheet, path};
use super::{KEPT, weeks};
use crate::store::room::{Room, Space};

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Message {
    /// A search ended.
    Count(Cell, Ending),
    /// Write everything and stop.
    Close,
}

/// What the thread has.
#[derive(Debug)]
pub(super) struct Counter {
    folder: PathBuf,
    room: Room,
    every: Duration,
    clock: Arc<dyn Clock>,
    sheets: BTreeMap<Week, Sheet>,
    /// Weeks that are not as they are written.
    changed: BTreeSet<Week>,
    /// When the first unwritten search was counted, by the clock's elapsed time.
    waiting_since: Option<Duration>,
    uncounted: Arc<AtomicU64>,
    /// The last write failed, and that was said.
    failing: bool,
}

impl Counter {
    /// Everything written so far.
    pub(super) fn open(
        folder: &Path,
        every: Duration,
        uncounted: Arc<AtomicU64>,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        let mut sheets = BTreeMap::new();
        for week in weeks(folder)? {
            let file = path(folder, week);
            let sheet = Sheet::read(&fs::read(&file)?);
            if let Err(damaged) = &sheet {
                warn!("the counts of searches of {week} are set aside and begin anew: {damaged}");
                fs::rename(&file, set_aside(&file))?;
            }
            sheets.insert(week, sheet.unwrap_or_default());
        }
        Ok(Self {
            folder: folder.to_owned(),
            room: Room::of(folder),
            every,
            clock,
            sheets,
            changed: BTreeSet::new(),
            waiting_since: None,
            uncounted,
            failing: false,
        })
    }

    /// Counts until it is told to close, or nobody can tell it anything any more.
    pub(super) fn run(mut self, receiver: &Receiver<Message>) {
        self.forget_old_weeks();
        // Counting goes on whatever became of one search.
        while catch_blocking(|| self.count_all(receiver)).is_err() {}
        self.write();
    }

    fn count_all(&mut self, receiver: &Receiver<Message>) {
        loop {
            let message = match self.time_left() {
                None => receiver.recv().map_err(RecvTimeoutError::from),
                Some(left) => receiver.recv_timeout(left),
            };
            match message {
                Ok(Message::Count(cell, ending)) => self.count(cell, ending),
                Err(RecvTimeoutError::Timeout) => self.write(),
                Ok(Message::Close) | Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.time_left().is_some_and(|left| left.is_zero()) {
                self.write();
            }
        }
    }

    /// How long what is unwritten may still wait; `None` when everything is written.
    fn time_left(&self) -> Option<Duration> {
        let since = self.waiting_since?;
        let waited = self.clock.elapsed().saturating_sub(since);
        Some(self.every.saturating_sub(waited))
    }

    fn count(&mut self, cell: Cell, ending: Ending) {
        let sheet = self.sheets.entry(cell.week).or_default();
        sheet.add(cell.topic, cell.county, ending);
        self.changed.insert(cell.week);
        self.waiting_since.get_or_insert(self.clock.elapsed());
    }

    /// Writes the weeks that have changed. What cannot be written stays, and is tried again after the
    /// next search.
    fn write(&mut self) {
        self.waiting_since = None;
        self.tell_uncounted();
        let mut written = Ok(());
        if self.room.space() < Space::Plenty {
            written = Err(io::ErrorKind::StorageFull.into());
        }
        for week in self.changed.clone() {
            let Some(sheet) = self.sheets.get(&week) else {
                continue;
            };
            let file = path(&self.folder, week);
            written = written.and_then(|()| write_secret(&file, sheet.written().as_bytes()));
            if written.is_ok() {
                self.changed.remove(&week);
            }
        }
        if let Err(error) = &written
            && !self.failing
        {
            warn!("the counts of searches cannot be written, they are kept in memory: {error}");
        }
        self.failing = written.is_err();
        self.forget_old_weeks();
    }

    fn forget_old_weeks(&mut self) {
        let now = self.clock.now();
        let old = |week: &&Week| week.days_since(now) > KEPT;
        let old: Vec<Week> = self.sheets.keys().filter(old).copied().collect();
        for week in old {
            let file = path(&self.folder, week);
            if let Err(error) = remove(&file).and_then(|()| remove(&set_aside(&file))) {
                warn!("the counts of searches of {week} cannot be deleted: {error}");
                continue;
            }
            self.sheets.remove(&week);
            self.changed.remove(&week);
        }
    }

    fn tell_uncounted(&self) {
        let uncounted = self.uncounted.swap(0, Ordering::Relaxed);
        if uncounted > 0 {
            warn!("{uncounted} searches were not counted: more came than could be");
        }
    }
}

/// Where a damaged file goes.
fn set_aside(file: &Path) -> PathBuf {
    file.with_extension("damaged")
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
