//! The file with what is reported: a line a report, the last one of a service and problem counts.
//!
//! A report is appended and synced before it is acknowledged. When the file is opened, and when most of its lines say
//! nothing any more, it is written anew with one line for each service and problem.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use referral_runtime::data_dir::write_secret;
use tracing::error;

use super::{Problem, Reported};

/// The file's name in its folder.
const FILE: &str = "problems";
/// Most services and problems that are remembered; those reported longest ago go first.
const MOST: usize = 50_000;
/// Lines that may say nothing any more before the file is written anew.
const SPARE: usize = 5_000;

/// A report could not be written. It was not counted.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// The disk.
    #[error("the report could not be written: try again later")]
    Io(#[from] io::Error),
    /// What was reported before cannot be read: nothing is added to it.
    #[error("reports cannot be written: the file with those before cannot be read")]
    Unreadable,
    /// It was not tried to the end.
    #[error("the report could not be written: try again later")]
    Failed,
}

/// What is reported of services, as the file has it.
#[derive(Debug)]
pub(super) struct Book {
    path: PathBuf,
    known: BTreeMap<(RecordKey, Problem), Known>,
    /// Where lines are added; none: not before the file is written anew.
    file: Option<File>,
    lines: usize,
    readable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    count: u64,
    last: Timestamp,
    /// When the agency's node was told last, since the start.
    told: Option<Timestamp>,
}

impl Book {
    /// Opens the file in `folder`. One that cannot be read stays as it is, and takes no reports.
    pub(super) fn open(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let mut book = Self {
            known: BTreeMap::new(),
            file: None,
            lines: 0,
            readable: true,
            path,
        };
        match fs::read(&book.path) {
            Ok(bytes) => book.read(&bytes),
            Err(failed) if failed.kind() == io::ErrorKind::NotFound => {}
            Err(failed) => {
                error!(error.type = "problems", "what is wrong with listings cannot be read: {failed}");
                book.readable = false;
            }
        }
        book
    }

    /// What is reported of an agency's services.
    pub(super) fn of(&self, agency: &AgencyId) -> Vec<(RecordKey, Reported)> {
        let of = self
            .known
            .iter()
            .filter(|((key, _), _)| key.agency == *agency);
        of.map(|((key, problem), known)| (key.clone(), reported(*problem, known)))
            .collect()
    }

    /// Counts a report and makes it durable. What was reported before the listing was published counts no more.
    ///
    /// # Errors
    /// [`Unwritten`]; nothing is counted then.
    pub(super) fn write(
        &mut self,
        service: &RecordKey,
        problem: Problem,
        published: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, Unwritten> {
        if !self.readable {
            return Err(Unwritten::Unreadable);
        }
        let key = (service.clone(), problem);
        let before = self.known.get(&key).filter(|known| known.last >= published);
        let known = Known {
            count: before.map_or(1, |known| known.count.saturating_add(1)),
            // Receipts never go back, the clock may.
            last: now.max(published),
            told: before.and_then(|known| known.told),
        };
        let line = line(&key, &known);
        let written = self.append(&line);
        if let Err(failed) = written {
            // What is at its end is not known: the next report writes all of it anew.
            self.file = None;
            return Err(failed.into());
        }
        self.known.insert(key, known);
        self.lines += 1;
        Ok(reported(problem, &known))
    }

    /// When the agency was told of it last.
    pub(super) fn told_at(&self, service: &RecordKey, problem: Problem) -> Option<Timestamp> {
        self.known.get(&(service.clone(), problem))?.told
    }

    /// The agency was told of it.
    pub(super) fn told(&mut self, service: &RecordKey, problem: Problem, now: Timestamp) {
        if let Some(known) = self.known.get_mut(&(service.clone(), problem)) {
            known.told = Some(now);
        }
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        if self.file.is_none() || self.lines > self.known.len() + SPARE {
            self.write_anew()?;
        }
        let Some(file) = &mut self.file else {
            return Err(io::ErrorKind::NotFound.into());
        };
        file.write_all(line.as_bytes())?;
        file.sync_data()
    }

    fn write_anew(&mut self) -> io::Result<()> {
        self.file = None;
        self.forget_oldest();
        let text: String = self
            .known
            .iter()
            .map(|(key, known)| line(key, known))
            .collect();
        write_secret(&self.path, text.as_bytes())?;
        self.file = Some(OpenOptions::new().append(true).open(&self.path)?);
        self.lines = self.known.len();
        Ok(())
    }

    fn forget_oldest(&mut self) {
        let Some(spare) = self
            .known
            .len()
            .checked_sub(MOST)
            .filter(|spare| *spare > 0)
        else {
            return;
        };
        let mut times: Vec<Timestamp> = self.known.values().map(|known| known.last).collect();
        times.sort_unstable();
        let oldest = times[spare - 1];
        self.known.retain(|_, known| known.last > oldest);
    }

    fn read(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        // A line without its end was never acknowledged.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for line in whole.lines() {
            match parse(line) {
                Some((key, known)) => drop(self.known.insert(key, known)),
                None => {
                    error!(error.type = "problems", "a line about a listing cannot be read and is left out");
                }
            }
        }
    }
}

fn reported(problem: Problem, known: &Known) -> Reported {
    Reported {
        problem,
        count: known.count,
        last: known.last,
    }
}

/// Ids and names hold neither tabulators nor ends of lines.
fn line((service, problem): &(RecordKey, Problem), known: &Known) -> String {
    let mut line = String::new();
    let (agency, id, problem) = (&service.agency, &service.id, problem.as_str());
    let written = writeln!(
        line,
        "{}\t{}\t{agency}\t{id}\t{problem}",
        known.last, known.count
    );
    debug_assert!(written.is_ok(), "a string takes whatever is written");
    line
}

fn parse(line: &str) -> Option<((RecordKey, Problem), Known)> {
    let mut parts = line.split('\t');
    let (last, count) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let service = RecordKey {
        agency: AgencyId::parse(parts.next()?).ok()?,
        kind: Kind::Service,
        id: LocalId::parse(parts.next()?).ok()?,
    };
    let problem = Problem::parse(parts.next()?)?;
    let known = Known {
        count,
        last,
        told: None,
    };
    parts
        .next()
        .is_none()
        .then_some(((service, problem), known))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn service(id: &str) -> RecordKey {
        RecordKey {
            agency: AgencyId::parse("harbor").unwrap(),
            kind: Kind::Service,
            id: LocalId::parse(id).unwrap(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn counts(book: &Book) -> Vec<(String, u64)> {
        let of = book.of(&service("a").agency);
        of.into_iter()
            .map(|(key, reported)| {
                (
                    format!("{} {}", key.id, reported.problem.as_str()),
                    reported.count,
                )
            })
            .collect()
    }

    #[test]
    fn what_was_acknowledged_is_there_after_a_crash_and_what_was_torn_is_not() {
        let data = TempDir::new().unwrap();
        let mut book = Book::open(data.path());
        for second in 1..=2 {
            let written = book.write(&service("a"), Problem::Moved, at(0), at(second));
            written.unwrap();
        }
        book.write(&service("b"), Problem::Other, at(0), at(3))
            .unwrap();
        drop(book);
        let torn = fs::read(data.path().join(FILE)).unwrap();
        let torn = [torn.as_slice(), b"1970-01-01T00:00:04Z\t9\tharbor\ta\tmov"].concat();
        fs::write(data.path().join(FILE), torn).unwrap();

        let mut book = Book::open(data.path());
        book.write(&service("b"), Problem::Other, at(0), at(5))
            .unwrap();
        let again = Book::open(data.path());

        let all = [("a moved".to_owned(), 2), ("b other".to_owned(), 2)];
        assert_eq!(counts(&again), all);
    }

    #[test]
    fn reports_of_what_the_listing_said_before_count_no_more() {
        let data = TempDir::new().unwrap();
        let mut book = Book::open(data.path());
        let write = |book: &mut Book, published, now| {
            let written = book.write(&service("a"), Problem::WrongPhone, at(published), at(now));
            written.unwrap().count
        };
        assert_eq!(write(&mut book, 0, 1), 1);
        assert_eq!(write(&mut book, 0, 2), 2);

        assert_eq!(write(&mut book, 5, 6), 1);
    }

    #[test]
    fn a_file_that_cannot_be_read_takes_no_reports_and_is_left_alone() {
        let data = TempDir::new().unwrap();
        fs::create_dir(data.path().join(FILE)).unwrap();
        let mut book = Book::open(data.path());

        let written = book.write(&service("a"), Problem::Moved, at(0), at(1));

        assert!(matches!(written, Err(Unwritten::Unreadable)));
        assert_eq!(counts(&book), []);
    }

    #[test]
    fn the_file_does_not_grow_for_ever() {
        let data = TempDir::new().unwrap();
        let mut book = Book::open(data.path());
        book.write(&service("a"), Problem::Moved, at(0), at(1))
            .unwrap();
        book.lines = SPARE + 2;

        book.write(&service("a"), Problem::Moved, at(0), at(2))
            .unwrap();

        let text = fs::read_to_string(data.path().join(FILE)).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert_eq!(
            counts(&Book::open(data.path())),
            [("a moved".to_owned(), 2)]
        );
    }
}
