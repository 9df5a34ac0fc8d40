//! What the authority is about to sign, a line each, written and synced before it is signed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jiff::Timestamp;

use super::rules::Permitted;
use crate::data_dir::sync_folder;

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
    /// Whether what stands last may have no end: what is recorded next stands on a line of its own.
    torn: bool,
}

impl Record {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let options = options.read(true).append(true).create(true).mode(0o600);
        let mut file = options.open(folder.join(FILE))?;
        sync_folder(folder)?;
        let (last, torn) = last_time(&mut file)?;
        Ok(Self { file, last, torn })
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
        let begin = if std::mem::replace(&mut self.torn, true) {
            "\n"
        } else {
            ""
        };
        writeln!(self.file, "{begin}{now} {serial} {whose} until {until}")?;
        self.file.sync_data()?;
        self.torn = false;
        self.last = Some(now);
        Ok(())
    }
}

/// The time in the last line that can be read, and whether what stands last has no end: a torn line counts for nothing.
fn last_time(file: &mut File) -> io::Result<(Option<Timestamp>, bool)> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LAST)))?;
    let mut tail = Vec::new();
    file.take(LAST).read_to_end(&mut tail)?;
    let text = String::from_utf8_lossy(&tail);
    let times = text.lines().filter_map(|line| line.split(' ').next());
    let mut times = times.filter_map(|time| time.parse().ok());
    let torn = !text.is_empty() && !text.ends_with('\n');
    Ok((times.next_back(), torn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_after_a_torn_line_stands_on_a_line_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let whole = "2026-11-23T10:00:00Z 01 harbor until 2026-11-24T10:00:00Z\n";
        std::fs::write(&file, format!("{whole}2026-11-23T11:0")).unwrap();
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let permitted = Permitted {
            serial: "02".to_owned(),
            agency: None,
            until: now,
        };

        let mut record = Record::open(folder.path()).unwrap();
        assert_eq!(record.last(), Some("2026-11-23T10:00:00Z".parse().unwrap()));
        record.note(&permitted, now).unwrap();

        assert_eq!(Record::open(folder.path()).unwrap().last(), Some(now));
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().count(), 3);
        assert!(text.starts_with(whole) && text.ends_with("until 2026-11-23T12:00:00Z\n"));
    }
}
