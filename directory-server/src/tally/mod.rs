//! Searches and dead ends, counted and kept: [`referral_core::tally`] says what is counted.
//!
//! [`Tally::count`] hands a search to a thread of its own and never waits: when that thread is too far
//! behind, the search is left uncounted. The thread writes what has changed at most every five seconds and
//! when the directory stops, one file a week in the folder `searches` of the data directory, so a killed
//! process loses five seconds of counts and no more. Weeks that ended more than 35 days ago are
//! deleted. Nothing here can fail a search, and nothing here is logged but that counting fails.

mod counter;
mod published;
mod sheet;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fs, io};

use jiff::Timestamp;
use referral_core::search::{Cause, Request};
use referral_core::tally::{Cell, Ending, Week};
use referral_runtime::clock::Clock;

use counter::{Counter, Message};

pub use published::{PUBLISHED, PublishError, Tables};
pub use sheet::{DamagedSheet, Sheet};

/// The folder of the counts in the data directory.
pub const SEARCHES: &str = "searches";
/// How long a count may be in memory only.
pub const WRITE_EVERY: Duration = Duration::from_secs(5);
/// How long a week is kept after its Sunday. Unit: days.
const KEPT: i32 = 35;
/// Searches that may wait to be counted.
const WAITING: usize = 4_096;

/// The counts of one data directory.
pub struct Tally {
    sender: SyncSender<Message>,
    uncounted: Arc<AtomicU64>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Why the counts of a week cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The disk.
    #[error("the counts of searches cannot be read")]
    Io(#[from] io::Error),
    /// The file of a week is not as it was written.
    #[error("the counts of searches of {0} are damaged")]
    Damaged(Week, #[source] DamagedSheet),
}

impl Tally {
    /// Starts to count on top of what `folder` holds, writing what changed after `every`. The file of a
    /// week that is damaged is set aside.
    ///
    /// # Errors
    /// When the folder cannot be read or the thread cannot be started.
    pub fn open(folder: &Path, every: Duration, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let uncounted = Arc::new(AtomicU64::new(0));
        let counter = Counter::open(folder, every, Arc::clone(&uncounted), clock)?;
        let thread = thread::Builder::new()
            .name("search counter".to_owned())
            .spawn(move || counter.run(&receiver))?;
        Ok(Self {
            sender,
            uncounted,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Counts a search that was answered at `now`, unless it is none of those that are counted. Never
    /// waits.
    ///
    /// * `open` — how many services it found that take referrals now.
    /// * `cause` — what kept it from finding any, where that is known.
    pub fn count(&self, request: &Request, open: usize, cause: Option<Cause>, now: Timestamp) {
        let Some(cell) = Cell::of(request, now) else {
            return;
        };
        let message = Message::Count(cell, Ending::of(open, cause));
        if self.sender.try_send(message).is_err() {
            self.uncounted.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes what is not written yet and stops counting. Blocks.
    pub fn close(&self) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            let _ended_already = self.sender.send(Message::Close);
            let _panicked = thread.join();
        }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tally(..)")
    }
}

/// What is written in `folder`, by week; while the directory runs up to five seconds old.
///
/// # Errors
/// [`ReadError`]. No folder means no counts.
pub fn read(folder: &Path) -> Result<BTreeMap<Week, Sheet>, ReadError> {
    let mut sheets = BTreeMap::new();
    for week in weeks(folder)? {
        let bytes = match fs::read(sheet::path(folder, week)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue, // deleted just now
            read => read?,
        };
        let sheet = Sheet::read(&bytes).map_err(|damaged| ReadError::Damaged(week, damaged))?;
        sheets.insert(week, sheet);
    }
    Ok(sheets)
}

/// The weeks that have a file.
fn weeks(folder: &Path) -> io::Result<Vec<Week>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut weeks = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        weeks.extend(name.to_str().and_then(sheet::week_of));
    }
    Ok(weeks)
}
