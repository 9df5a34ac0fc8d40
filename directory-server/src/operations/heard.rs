//! When each agency was last heard from, kept over restarts.
//!
//! A small file in the data directory, replaced at most once a minute and when the directory stops. The
//! journal cannot tell: a node that only beats, for weeks, writes nothing there. A killed process loses a
//! minute of it, which shows a silent agency as silent a minute longer; without the file an agency that does
//! not come back is silent since the directory started. Nothing but what people are shown stands on it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io};

use jiff::Timestamp;
use referral_core::id::AgencyId;
use referral_runtime::data_dir::write_secret;
use tracing::warn;

use crate::store::room::{Room, Space};

/// The file's name in the data directory.
pub(crate) const FILE: &str = "heard";
/// How old the file may be.
const EVERY: Duration = Duration::from_mins(1);

/// The file.
#[derive(Debug)]
pub(super) struct HeardFile {
    path: PathBuf,
    room: Room,
    written: Mutex<Written>,
}

/// What is in the file, and since when by the clock's elapsed time.
#[derive(Debug, Default)]
struct Written {
    heard: BTreeMap<AgencyId, Timestamp>,
    at: Option<Duration>,
}

impl HeardFile {
    /// The file in a data directory and what it says; nothing where it is missing or cannot be read.
    pub(super) fn open(data: &Path) -> (Self, BTreeMap<AgencyId, Timestamp>) {
        let path = data.join(FILE);
        let heard = match fs::read_to_string(&path) {
            Ok(text) => read(&text),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    warn!("when agencies were last heard from cannot be read: {error}");
                }
                BTreeMap::new()
            }
        };
        let file = Self {
            path,
            room: Room::of(data),
            written: Mutex::new(Written {
                heard: heard.clone(),
                at: None,
            }),
        };
        (file, heard)
    }

    /// Writes what was heard, unless it was written less than a minute ago. Blocks.
    pub(super) fn keep(&self, heard: BTreeMap<AgencyId, Timestamp>, elapsed: Duration) {
        let fresh = |at: Duration| elapsed.saturating_sub(at) < EVERY;
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = written.at.is_some_and(fresh);
        drop(written);
        if !is_fresh {
            self.write(heard, elapsed);
        }
    }

    /// Writes what was heard, where it differs from what is in the file. Blocks.
    pub(super) fn write(&self, heard: BTreeMap<AgencyId, Timestamp>, elapsed: Duration) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.heard == heard || self.room.space() == Space::None {
            return;
        }
        let mut text = String::new();
        for (agency, at) in &heard {
            let _infallible = writeln!(text, "{agency} {at}");
        }
        match write_secret(&self.path, text.as_bytes()) {
            Ok(()) => written.heard = heard,
            Err(error) => {
                warn!(error.type = "heard_file", "when agencies were last heard from cannot be kept: {error}");
            }
        }
        written.at = Some(elapsed);
    }
}

/// What the text says; a line that says nothing is left out.
fn read(text: &str) -> BTreeMap<AgencyId, Timestamp> {
    let lines = text.lines().filter_map(|line| {
        let (agency, at) = line.split_once(' ')?;
        Some((AgencyId::parse(agency).ok()?, at.parse().ok()?))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn heard(at: i64) -> BTreeMap<AgencyId, Timestamp> {
        let agency = AgencyId::parse("harbor").unwrap();
        BTreeMap::from([(agency, Timestamp::from_microsecond(at).unwrap())])
    }

    #[test]
    fn what_was_heard_is_read_again_and_written_once_a_minute() {
        let data = TempDir::new().unwrap();
        let (file, nothing) = HeardFile::open(data.path());
        let told = |seconds, at| {
            file.keep(heard(at), Duration::from_secs(seconds));
            HeardFile::open(data.path()).1
        };

        assert_eq!(nothing, BTreeMap::new());
        assert_eq!(told(0, 1_000_001), heard(1_000_001));
        assert_eq!(told(59, 2), heard(1_000_001));
        assert_eq!(told(60, 3), heard(3));
    }

    #[test]
    fn a_file_that_is_cut_or_overwritten_says_what_can_be_read() {
        let whole = "harbor 1970-01-01T00:00:01Z\n";
        for damaged in [
            "\0\0 x\nharbor 1970-01-01T00:00:01Z\nsecond 1970-01-0",
            whole,
        ] {
            assert_eq!(read(damaged), heard(1_000_000));
        }
    }
}
