//! The log on disk.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use referral_runtime::data_dir::write_secret;

use super::{Act, Entry, Who};
use crate::life::{make_private, sync};

/// The folder of the log in the data directory. A restore leaves it as it is, where there is one.
pub const FOLDER: &str = "audit";
pub(super) const LOG: &str = "log";
pub(super) const HEAD: &str = "head";
/// What stands before the first entry.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Most characters of a text in an entry.
const LONGEST: usize = 500;

/// The audit log of a running directory.
pub struct Audit {
    writing: Arc<Mutex<Writing>>,
}

struct Writing {
    folder: PathBuf,
    file: File,
    head: Checkpoint,
    /// Length of the file up to the last entry that is whole. Unit: bytes.
    length: u64,
    /// When a backup was last taken.
    backup: Option<Timestamp>,
    /// A write failed: what stands behind `length` was not done, and goes before anything else is written.
    failed: bool,
}

/// How long a log is, and the hash of its last entry: kept elsewhere, it proves the log up to there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last, in hexadecimal digits.
    pub hash: String,
}

/// Why something could not be recorded, and therefore was not done.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The disk is full.
    #[error("the disk is full and this cannot be recorded, so it was not done: free some space")]
    Full,
    /// The disk.
    #[error("the audit log cannot be written, so this was not done: look at the disk")]
    Io(#[source] io::Error),
    /// The log is not as it was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The thread that writes failed.
    #[error("the audit log could not be written, so this was not done: try again")]
    Failed,
}

impl From<io::Error> for AuditError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::StorageFull {
            Self::Full
        } else {
            Self::Io(error)
        }
    }
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A line is no entry.
    #[error("the audit log is damaged: line {0} is no entry")]
    Unreadable(u64),
    /// An entry is missing, or was put elsewhere.
    #[error("the audit log was changed: entry {expected} is missing, there is {found}")]
    Missing {
        /// The number that should follow.
        expected: u64,
        /// The number that does.
        found: u64,
    },
    /// An entry was changed, or one before it.
    #[error("the audit log was changed: entry {0} does not fit the one before it, or what it says")]
    Altered(u64),
    /// Its end is missing.
    #[error("the audit log was cut off: it ends with entry {found} and had {expected}")]
    CutOff {
        /// How many entries there were.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// It is another log than the one a checkpoint was taken of.
    #[error("the audit log was replaced: entry {0} is not the one of the checkpoint")]
    Replaced(u64),
}

impl Damage {
    /// A stable name for this kind of damage.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "audit_unreadable",
            Self::Missing { .. } => "audit_entry_missing",
            Self::Altered(_) => "audit_entry_altered",
            Self::CutOff { .. } => "audit_cut_off",
            Self::Replaced(_) => "audit_replaced",
        }
    }
}

impl Audit {
    /// Opens the log of the data directory `data`, which this process holds. All of it is read and must be right.
    ///
    /// # Errors
    /// [`AuditError`] when the log is damaged or cannot be written.
    pub fn open(data: &Path) -> Result<Self, AuditError> {
        let folder = data.join(FOLDER);
        make_private(&folder)?;
        drop_unfinished(&folder)?;
        let entries = read(data)?;
        let head = verified(data, &entries, None)?;
        let backups = entries.iter().rev();
        let mut backups = backups.filter(|entry| entry.act == Act::BackupTaken.as_str());
        let mut options = OpenOptions::new();
        let options = options.append(true).create(true).mode(0o600);
        let file = options.open(folder.join(LOG))?;
        sync(&folder)?;
        let writing = Writing {
            folder,
            length: file.metadata()?.len(),
            file,
            head,
            backup: backups.next().map(|entry| entry.at),
            failed: false,
        };
        Ok(Self {
            writing: Arc::new(Mutex::new(writing)),
        })
    }

    /// When a backup was last taken; `None`: never.
    #[must_use]
    pub fn last_backup(&self) -> Option<Timestamp> {
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        writing.backup
    }

    /// Records what is about to be done; when this returns it is on the disk. Blocks.
    ///
    /// * `about` — the agency, account, token or listing; `note` — what else there is to know. No names,
    ///   telephones, addresses or passwords.
    ///
    /// # Errors
    /// [`AuditError`]: then it must not be done.
    pub fn record(
        &self,
        who: &Who,
        act: Act,
        (about, note): (&str, &str),
        now: Timestamp,
    ) -> Result<u64, AuditError> {
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        writing.mend()?;
        let number = writing.head.entries + 1;
        let (about, note) = (one_line(about), one_line(note));
        let entry = Entry::new(number, now, (who, act), (&about, &note), &writing.head.hash);
        // Until it is known better: also where this thread gets no further.
        writing.failed = true;
        let written = writing.append(&entry);
        writing.failed = written.is_err();
        written?;
        Ok(number)
    }

    /// The same, for an async thread.
    ///
    /// # Errors
    /// [`AuditError`]: then it must not be done.
    pub async fn before(
        &self,
        who: Who,
        act: Act,
        about: String,
        note: String,
        now: Timestamp,
    ) -> Result<u64, AuditError> {
        let writing = Arc::clone(&self.writing);
        let own = Self { writing };
        let recorded =
            tokio::task::spawn_blocking(move || own.record(&who, act, (&about, &note), now));
        recorded.await.unwrap_or(Err(AuditError::Failed))
    }
}

impl Writing {
    /// After a write that failed: back to the last entry that is whole.
    fn mend(&mut self) -> io::Result<()> {
        if self.failed {
            self.file.set_len(self.length)?;
            self.file.sync_all()?;
            write_secret(&self.folder.join(HEAD), self.head.to_string().as_bytes())?;
            self.failed = false;
        }
        Ok(())
    }

    fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()?;
        let head = Checkpoint {
            entries: entry.number,
            hash: entry.hash.clone(),
        };
        write_secret(&self.folder.join(HEAD), head.to_string().as_bytes())?;
        if entry.act == Act::BackupTaken.as_str() {
            self.backup = Some(entry.at);
        }
        self.head = head;
        self.length += line.len() as u64;
        Ok(())
    }
}

/// Every entry of the log of a data directory, as far as they can be read; no log: none.
///
/// # Errors
/// [`AuditError`] when the disk cannot be read, or a line is no entry.
pub fn read(data: &Path) -> Result<Vec<Entry>, AuditError> {
    let Some(text) = text(&data.join(FOLDER).join(LOG))? else {
        return Ok(Vec::new());
    };
    let mut entries = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let entry = serde_json::from_str(line).map_err(|_| Damage::Unreadable(number))?;
        entries.push(entry);
    }
    Ok(entries)
}

/// Checks the whole log of a data directory: every entry, the chain, its end, and where one is given a
/// checkpoint that was taken before.
///
/// # Errors
/// [`AuditError::Damaged`] says what was changed.
pub fn verify(data: &Path, before: Option<&Checkpoint>) -> Result<Checkpoint, AuditError> {
    verified(data, &read(data)?, before)
}

fn verified(
    data: &Path,
    entries: &[Entry],
    before: Option<&Checkpoint>,
) -> Result<Checkpoint, AuditError> {
    let mut at = Checkpoint {
        entries: 0,
        hash: NOTHING.to_owned(),
    };
    let head = match text(&data.join(FOLDER).join(HEAD))? {
        Some(text) => Some(Checkpoint::parse(&text).ok_or(Damage::Unreadable(0))?),
        None => None,
    };
    let known: Vec<&Checkpoint> = head.iter().chain(before).collect();
    for entry in entries {
        let expected = at.entries + 1;
        if entry.number != expected {
            let found = entry.number;
            return Err(Damage::Missing { expected, found }.into());
        }
        if entry.before != at.hash || entry.hash != entry.right_hash() {
            return Err(Damage::Altered(entry.number).into());
        }
        at = Checkpoint {
            entries: entry.number,
            hash: entry.hash.clone(),
        };
        let other = |known: &&&Checkpoint| known.entries == at.entries && known.hash != at.hash;
        if known.iter().any(|known| other(&known)) {
            return Err(Damage::Replaced(at.entries).into());
        }
    }
    let longest = known.iter().map(|known| known.entries).max().unwrap_or(0);
    if longest > at.entries {
        let damage = Damage::CutOff {
            expected: longest,
            found: at.entries,
        };
        return Err(damage.into());
    }
    Ok(at)
}

/// Removes a last line that a crash left unfinished: what it was about was not done.
fn drop_unfinished(folder: &Path) -> io::Result<()> {
    let path = folder.join(LOG);
    let Some(bytes) = bytes(&path)? else {
        return Ok(());
    };
    let head = text(&folder.join(HEAD))?;
    let head = head.and_then(|head| Checkpoint::parse(&head));
    let whole = acknowledged(&bytes, head.map_or(0, |head| head.entries));
    if whole < bytes.len() {
        let file = OpenOptions::new().write(true).open(&path)?;
        file.set_len(whole as u64)?;
        file.sync_all()?;
    }
    Ok(())
}

/// How many bytes of a log are whole lines, without a last one that a power cut tore in its middle: the head, which is
/// written after it, does not know it.
fn acknowledged(log: &[u8], head: u64) -> usize {
    let whole = whole(log);
    let before = whole
        .checked_sub(1)
        .map_or(0, |end| self::whole(&log[..end]));
    let lines = log[..whole].split_inclusive(|byte| *byte == b'\n').count() as u64;
    let right = serde_json::from_slice::<Entry>(&log[before..whole]);
    let right = right.is_ok_and(|entry| entry.hash == entry.right_hash());
    if lines > head && !right {
        before
    } else {
        whole
    }
}

/// How many bytes of a log are whole lines.
pub(super) fn whole(log: &[u8]) -> usize {
    let last = log.iter().rposition(|b| *b == b'\n');
    last.map_or(0, |at| at + 1)
}

pub(super) fn bytes(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn text(path: &Path) -> io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A text as it is kept: without line ends and controls, and not endless.
fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(LONGEST).collect()
}

impl Checkpoint {
    /// Reads what [`Checkpoint`] prints: `number:hash`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (entries, hash) = text.trim().split_once(':')?;
        let digits = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        digits.then_some(Self {
            entries: entries.parse().ok()?,
            hash: hash.to_owned(),
        })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.entries, self.hash)
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Audit(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn record(audit: &Audit, about: &str, note: &str) -> u64 {
        let who = Who::at_the_machine();
        audit
            .record(&who, Act::AgencyInvited, (about, note), NOW)
            .unwrap()
    }

    fn recorded(entries: usize) -> tempfile::TempDir {
        let data = tempfile::tempdir().unwrap();
        let audit = Audit::open(data.path()).unwrap();
        for number in 0..entries {
            record(&audit, &format!("agency-{number}"), "");
        }
        data
    }

    /// Changes the lines of a log; the file `head` stays.
    fn tamper(data: &Path, change: impl FnOnce(&mut Vec<String>)) {
        let path = data.join(FOLDER).join(LOG);
        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        change(&mut lines);
        lines.push(String::new());
        std::fs::write(path, lines.join("\n")).unwrap();
    }

    fn damage(data: &Path, before: Option<&Checkpoint>) -> Damage {
        match verify(data, before) {
            Err(AuditError::Damaged(damage)) => damage,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_log_goes_on_where_it_ended() {
        let data = recorded(2);
        let audit = Audit::open(data.path()).unwrap();

        assert_eq!(record(&audit, "x", "a\nb"), 3);
        let entries = read(data.path()).unwrap();
        assert_eq!(entries[2].note, "a b");
        assert_eq!(verify(data.path(), None).unwrap().entries, 3);
    }

    #[test]
    fn an_entry_taken_out_anywhere_is_found() {
        for gone in 0..5 {
            let data = recorded(5);
            tamper(data.path(), |lines| drop(lines.remove(gone)));

            let found = damage(data.path(), None);

            let number = gone as u64 + 1;
            let expected = if gone == 4 {
                Damage::CutOff {
                    expected: 5,
                    found: 4,
                }
            } else {
                Damage::Missing {
                    expected: number,
                    found: number + 1,
                }
            };
            assert_eq!(found, expected);
            assert!(
                Audit::open(data.path()).is_err(),
                "nothing goes on after it"
            );
        }
    }

    #[test]
    fn every_changed_byte_of_an_entry_is_found() {
        let whole = recorded(3);
        let text = std::fs::read_to_string(whole.path().join(FOLDER).join(LOG)).unwrap();
        let second = text.lines().nth(1).unwrap();
        for at in 0..second.len() {
            let data = recorded(3);
            tamper(data.path(), |lines| {
                let mut bytes = lines[1].clone().into_bytes();
                bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
                lines[1] = String::from_utf8(bytes).unwrap();
            });

            assert!(verify(data.path(), None).is_err(), "byte {at}");
        }
    }

    #[test]
    fn an_entry_written_anew_with_its_hash_breaks_the_chain() {
        let data = recorded(3);
        tamper(data.path(), |lines| {
            let mut entry: Entry = serde_json::from_str(&lines[1]).unwrap();
            entry.about = "another".to_owned();
            entry.hash = entry.right_hash();
            lines[1] = serde_json::to_string(&entry).unwrap();
        });

        assert_eq!(damage(data.path(), None), Damage::Altered(3));
    }

    #[test]
    fn a_log_written_anew_from_its_beginning_does_not_fit_an_earlier_checkpoint() {
        let data = recorded(3);
        let before = verify(data.path(), None).unwrap();
        std::fs::remove_dir_all(data.path().join(FOLDER)).unwrap();
        let audit = Audit::open(data.path()).unwrap();
        for _ in 0..3 {
            record(&audit, "other", "");
        }

        assert!(verify(data.path(), None).is_ok());
        assert_eq!(damage(data.path(), Some(&before)), Damage::Replaced(3));
    }

    #[test]
    fn what_a_crash_left_unfinished_is_dropped() {
        for torn in [
            b"{\"number\":3,\"at\"".as_slice(),
            b"{\"number\":3,\"at\"\0\0\0\0\0\"}\n",
            b"\0\0\0\xff\n",
        ] {
            let data = recorded(2);
            let path = data.path().join(FOLDER).join(LOG);
            let mut file = OpenOptions::new().append(true).open(&path).unwrap();
            file.write_all(torn).unwrap();

            let audit = Audit::open(data.path()).unwrap();

            assert_eq!(record(&audit, "", ""), 3);
        }
    }

    #[test]
    fn a_last_entry_that_was_acknowledged_is_never_dropped() {
        let data = recorded(2);
        tamper(data.path(), |lines| lines[1].truncate(10));

        assert!(Audit::open(data.path()).is_err());
        let log = std::fs::read_to_string(data.path().join(FOLDER).join(LOG)).unwrap();
        assert_eq!(log.lines().count(), 2);
    }

    #[test]
    fn after_a_write_that_failed_the_log_goes_on_without_what_was_not_done() {
        let data = recorded(2);
        let audit = Audit::open(data.path()).unwrap();
        let head = data.path().join(FOLDER).join(HEAD);
        std::fs::remove_file(&head).unwrap();
        std::fs::create_dir_all(head.join("in the way")).unwrap();
        let who = Who::at_the_machine();
        assert!(audit.record(&who, Act::Moderated, ("", ""), NOW).is_err());
        assert!(audit.record(&who, Act::Moderated, ("", ""), NOW).is_err());
        std::fs::remove_dir_all(&head).unwrap();

        assert_eq!(record(&audit, "done", ""), 3);

        assert_eq!(verify(data.path(), None).unwrap().entries, 3);
        assert_eq!(read(data.path()).unwrap()[2].about, "done");
    }

    #[test]
    fn a_checkpoint_survives_being_written_and_read() {
        let data = recorded(2);
        let head = verify(data.path(), None).unwrap();

        assert_eq!(Checkpoint::parse(&format!(" {head}\n")), Some(head));
        assert_eq!(Checkpoint::parse("2:xyz"), None);
    }
}
