//! The file with outcomes: a line a tap, made small when a day is over.
//!
//! What is said is appended and synced before it is acknowledged. When a day ends the file is written anew: what was said
//! by person is then counted by organization, and what was counted by organization is votes once the week is over.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use referral_core::feedback::{Closed, Outcome, Outcomes, Votes};
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use referral_core::tally::Week;
use referral_runtime::data_dir::write_secret;
use tracing::error;

use super::known::{Ended, Known};
use super::names::Pseudonym;

/// The file's name in its folder.
const FILE: &str = "outcomes";
/// Most that is said of one day. Beyond it nobody is heard until the next.
const MOST: usize = 200_000;
/// Lines that may say nothing any more before the file is written anew.
const SPARE: usize = 20_000;
/// What stands for an outcome that was taken back.
const NONE: &str = "none";

/// What was said could not be written. It was not counted.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeUnwritten {
    /// The disk.
    #[error("the outcome could not be written: try again later")]
    Io(#[from] io::Error),
    /// What was said before cannot be read: nothing is added to it.
    #[error("outcomes cannot be written: the file with those before cannot be read")]
    Unreadable,
    /// Too much was said today.
    #[error("no more outcomes are taken today: try again tomorrow")]
    Full,
    /// It was not tried to the end.
    #[error("the outcome could not be written: try again later")]
    Failed,
}

/// What is known of outcomes, with its file.
#[derive(Debug)]
pub(super) struct Book {
    path: PathBuf,
    known: Known,
    /// Where lines are added; none: not before the file is written anew.
    file: Option<File>,
    lines: usize,
    readable: bool,
}

/// One tap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tap<'a> {
    pub(super) service: &'a RecordKey,
    pub(super) person: Pseudonym,
    pub(super) organization: Pseudonym,
    /// None: taken back.
    pub(super) outcome: Option<Outcome>,
}

impl Book {
    /// Opens the file in `folder`. One that cannot be read stays as it is, and takes no outcomes.
    pub(super) fn open(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let mut book = Self {
            known: Known::default(),
            file: None,
            lines: 0,
            readable: true,
            path,
        };
        let read = match fs::read(&book.path) {
            Ok(bytes) => parse(&bytes).ok_or_else(|| io::ErrorKind::InvalidData.into()),
            Err(failed) if failed.kind() == io::ErrorKind::NotFound => Ok(Known::default()),
            Err(failed) => Err(failed),
        };
        match read {
            Ok(known) => book.known = known,
            Err(failed) => {
                error!(error.type = "feedback", "outcomes of referrals cannot be read: {failed}");
                book.readable = false;
            }
        }
        book
    }

    /// What is known.
    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// Begins a day where it has not begun; true when a week has ended with it.
    ///
    /// * `publish` — keeps what is told of that week, before its organizations are forgotten.
    ///
    /// # Errors
    /// [`OutcomeUnwritten`]; the day has not begun then.
    pub(super) fn begin(
        &mut self,
        day: Date,
        publish: impl FnOnce(&Ended) -> io::Result<()>,
    ) -> Result<bool, OutcomeUnwritten> {
        if !self.readable {
            return Err(OutcomeUnwritten::Unreadable);
        }
        if self.known.day.is_some_and(|begun| begun >= day) {
            return Ok(false);
        }
        let mut next = self.known.clone();
        let ended = next.begin(day);
        if let Some(ended) = &ended {
            publish(ended)?;
        }
        self.write_anew(&next)?;
        self.known = next;
        Ok(ended.is_some())
    }

    /// Counts a tap and makes it durable. A day has begun.
    ///
    /// # Errors
    /// [`OutcomeUnwritten`]; nothing is counted then.
    pub(super) fn say(&mut self, tap: Tap<'_>) -> Result<(), OutcomeUnwritten> {
        let Tap {
            service,
            person,
            organization,
            outcome,
        } = tap;
        if !self.readable {
            return Err(OutcomeUnwritten::Unreadable);
        }
        if self.known.today.len() >= MOST {
            return Err(OutcomeUnwritten::Full);
        }
        if self.file.is_none() || self.lines > self.known.today.len() + SPARE {
            let known = self.known.clone();
            self.write_anew(&known)?;
        }
        let mut line = String::new();
        said(&mut line, service, person, organization, outcome);
        if let Err(failed) = self.append(&line) {
            // What is at its end is not known: the next one writes all of it anew.
            self.file = None;
            return Err(failed.into());
        }
        self.known.say(service, person, organization, outcome);
        self.lines += 1;
        Ok(())
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Err(io::ErrorKind::NotFound.into());
        };
        file.write_all(line.as_bytes())?;
        file.sync_data()
    }

    fn write_anew(&mut self, known: &Known) -> io::Result<()> {
        self.file = None;
        write_secret(&self.path, text_of(known).as_bytes())?;
        self.file = Some(OpenOptions::new().append(true).open(&self.path)?);
        self.lines = known.today.len();
        Ok(())
    }
}

/// Ids and names hold neither tabulators nor ends of lines. Writing to a string never fails.
fn said(
    text: &mut String,
    service: &RecordKey,
    person: Pseudonym,
    organization: Pseudonym,
    outcome: Option<Outcome>,
) {
    let (agency, id) = (&service.agency, &service.id);
    let outcome = outcome.map_or(NONE, Outcome::as_str);
    let _infallible = writeln!(
        text,
        "said\t{agency}\t{id}\t{person}\t{organization}\t{outcome}"
    );
}

fn text_of(known: &Known) -> String {
    let mut text = String::new();
    if let Some(day) = known.day {
        let _infallible = writeln!(text, "day\t{day}");
    }
    for ((service, week), closed) in &known.over {
        let (agency, id) = (&service.agency, &service.id);
        let Votes {
            organizations,
            accepted,
        } = closed.votes;
        let reports = closed.reports;
        let _infallible = writeln!(
            text,
            "over\t{agency}\t{id}\t{week}\t{organizations}\t{accepted}\t{reports}"
        );
    }
    for ((service, organization), outcomes) in &known.earlier {
        let (agency, id) = (&service.agency, &service.id);
        let [accepted, full, not_eligible, no_answer] = outcomes.numbers();
        let _infallible = writeln!(
            text,
            "week\t{agency}\t{id}\t{organization}\t{accepted}\t{full}\t{not_eligible}\t{no_answer}"
        );
    }
    for ((service, person), (organization, outcome)) in &known.today {
        said(&mut text, service, *person, *organization, Some(*outcome));
    }
    text
}

/// What a file says; none: it says something else. A last line without its end, or one that cannot be read, was never
/// acknowledged: a power cut tears what is not synced, in its middle too. The first line is never the last one added.
fn parse(bytes: &[u8]) -> Option<Known> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n');
    let Some(whole) = whole else {
        return Some(Known::default());
    };
    let mut known = Known::default();
    let mut lines = bytes[..whole].split(|byte| *byte == b'\n').peekable();
    read_whole(&mut known, lines.next()?)?;
    while let Some(line) = lines.next() {
        let before = lines.peek().is_none().then(|| known.clone());
        match (read_whole(&mut known, line), before) {
            (Some(()), _) => {}
            (None, Some(before)) => known = before,
            (None, None) => return None,
        }
    }
    Some(known)
}

fn read_whole(known: &mut Known, line: &[u8]) -> Option<()> {
    let mut parts = std::str::from_utf8(line).ok()?.split('\t');
    read_line(known, parts.next()?, &mut parts)?;
    parts.next().is_none().then_some(())
}

fn read_line<'a>(
    known: &mut Known,
    kind: &str,
    parts: &mut impl Iterator<Item = &'a str>,
) -> Option<()> {
    if kind == "day" {
        known.day = Some(parts.next()?.parse().ok()?);
        return Some(());
    }
    let service = RecordKey {
        agency: AgencyId::parse(parts.next()?).ok()?,
        kind: Kind::Service,
        id: LocalId::parse(parts.next()?).ok()?,
    };
    match kind {
        "over" => {
            let week = Week::parse(parts.next()?).ok()?;
            let votes = Votes {
                organizations: parts.next()?.parse().ok()?,
                accepted: parts.next()?.parse().ok()?,
            };
            let reports = parts.next()?.parse().ok()?;
            known
                .over
                .insert((service, week), Closed { votes, reports });
        }
        "week" => {
            let organization = Pseudonym::parse(parts.next()?)?;
            let mut numbers = [0; 4];
            for number in &mut numbers {
                *number = parts.next()?.parse().ok()?;
            }
            let outcomes = Outcomes::from_numbers(numbers);
            known.earlier.insert((service, organization), outcomes);
        }
        "said" => {
            let person = Pseudonym::parse(parts.next()?)?;
            let organization = Pseudonym::parse(parts.next()?)?;
            let outcome = match parts.next()? {
                NONE => None,
                name => Some(Outcome::parse(name)?),
            };
            known.say(&service, person, organization, outcome);
        }
        _ => return None,
    }
    Some(())
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

    fn begin(book: &mut Book, day: &str) -> bool {
        book.begin(day.parse().unwrap(), |_| Ok(())).unwrap()
    }

    fn say(book: &mut Book, id: &str, person: u8, outcome: Option<Outcome>) {
        let tap = Tap {
            service: &service(id),
            person: Pseudonym([person; 16]),
            organization: Pseudonym([person / 2; 16]),
            outcome,
        };
        book.say(tap).unwrap();
    }

    #[test]
    fn what_was_acknowledged_is_there_after_a_crash_and_what_was_torn_is_not() {
        let data = TempDir::new().unwrap();
        let mut book = Book::open(data.path());
        begin(&mut book, "2026-11-17");
        say(&mut book, "a", 1, Some(Outcome::Full));
        say(&mut book, "a", 1, Some(Outcome::Accepted));
        say(&mut book, "a", 2, Some(Outcome::NoAnswer));
        say(&mut book, "b", 3, Some(Outcome::Full));
        say(&mut book, "b", 3, None);
        let before = book.known().clone();
        drop(book);
        let whole = fs::read(data.path().join(FILE)).unwrap();
        for torn in [
            b"said\tharbor\ta\t0101".as_slice(),
            b"said\tharb\0\0\0\0\0\0\0accepted\n",
            b"\0\0\xff\n",
        ] {
            fs::write(data.path().join(FILE), [&whole, torn].concat()).unwrap();

            let mut again = Book::open(data.path());
            assert_eq!(*again.known(), before);
            say(&mut again, "c", 4, Some(Outcome::NotEligible));

            assert_eq!(*Book::open(data.path()).known(), *again.known());
        }
    }

    #[test]
    fn days_and_weeks_that_ended_are_read_as_they_were() {
        let data = TempDir::new().unwrap();
        let mut book = Book::open(data.path());
        begin(&mut book, "2026-11-17");
        for person in 0..7 {
            say(
                &mut book,
                "a",
                person,
                Outcome::ALL.get(usize::from(person) % 4).copied(),
            );
        }
        assert!(!begin(&mut book, "2026-11-18"));
        say(&mut book, "a", 9, Some(Outcome::Accepted));
        assert!(begin(&mut book, "2026-11-24"));
        say(&mut book, "b", 9, Some(Outcome::Accepted));
        assert!(!begin(&mut book, "2026-11-25"));
        say(&mut book, "b", 9, Some(Outcome::Full));

        let again = Book::open(data.path());

        assert_eq!(again.known(), book.known());
        let text = fs::read_to_string(data.path().join(FILE)).unwrap();
        assert_eq!(text.matches("said\t").count(), 1, "{text}");
    }

    #[test]
    fn a_week_whose_table_was_not_kept_is_not_over() {
        let data = TempDir::new().unwrap();
        let mut book = Book::open(data.path());
        begin(&mut book, "2026-11-17");
        say(&mut book, "a", 1, Some(Outcome::Full));
        let before = book.known().clone();

        let failed = book.begin("2026-11-23".parse().unwrap(), |_| {
            Err(io::ErrorKind::StorageFull.into())
        });

        assert!(matches!(failed, Err(OutcomeUnwritten::Io(_))));
        assert_eq!(*book.known(), before);
        assert!(begin(&mut book, "2026-11-23"));
    }

    #[test]
    fn a_file_that_cannot_be_read_takes_no_outcomes_and_is_left_alone() {
        let data = TempDir::new().unwrap();
        fs::write(data.path().join(FILE), "something else\n").unwrap();
        let mut book = Book::open(data.path());

        let begun = book.begin("2026-11-17".parse().unwrap(), |_| Ok(()));

        assert!(matches!(begun, Err(OutcomeUnwritten::Unreadable)));
        let text = fs::read_to_string(data.path().join(FILE)).unwrap();
        assert_eq!(text, "something else\n");
    }
}
