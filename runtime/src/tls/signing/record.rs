//! What the authority is about to sign, a line each, written and synced before it is signed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jiff::Timestamp;

use super::rules::Permitted;

/// The file beside the key.
const FILE: &str = "issued.log";
/// A last line is no longer. Unit: bytes.
const LAST: u64 = 1_024;

/// The record of one authority.
#[derive(Debug)]
pub(super) struct Record {
    file: File,
    /// When something was recorded last.
    last: Option<Timestamp>,
}

impl Record {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let options = options.read(true).append(true).create(true).mode(0o600);
        let mut file = options.open(folder.join(FILE))?;
        let last = last_time(&mut file)?;
        Ok(Self { file, last })
    }

    /// When something was recorded last.
    pub(super) fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// Writes down what is about to be signed, and returns once it is on the disk.
    pub(super) fn note(&mut self, permitted: &Permitted, now: Timestamp) -> io::Result<()> {
        let agency = permitted.agency.as_ref().map(ToString::to_string);
        let whose = agency.as_deref().unwrap_or("the-directory-itself");
        let (serial, until) = (&permitted.serial, permitted.until);
        writeln!(self.file, "{now} {serial} {whose} until {until}")?;
        self.file.sync_data()?;
        self.last = Some(now);
        Ok(())
    }
}

/// The time in the last whole line; a torn one counts for nothing.
fn last_time(file: &mut File) -> io::Result<Option<Timestamp>> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LAST)))?;
    let mut tail = Vec::new();
    file.take(LAST).read_to_end(&mut tail)?;
    let text = String::from_utf8_lossy(&tail);
    let times = text.lines().filter_map(|line| line.split(' ').next());
    let mut times = times.filter_map(|time| time.parse().ok());
    Ok(times.next_back())
}
