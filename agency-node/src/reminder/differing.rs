//! What the directory shows otherwise than it was published, told once: a small file keeps of what a letter spoke, so
//! that a daemon that starts again does not tell it again. Losing it costs one letter too many.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use referral_runtime::data_dir::write_secret;
use referral_runtime::mail::Letter;

use super::{LISTED, kept, when};
use crate::operations::{Rejection, Verification};

/// The file's name in the data directory.
const FILE: &str = "differences_told";

/// The differences that a letter spoke of.
#[derive(Debug)]
pub struct Differing {
    path: PathBuf,
    told: BTreeSet<String>,
}

impl Differing {
    /// What the file in a data directory says.
    ///
    /// # Errors
    /// When there is a file and it cannot be read.
    pub fn open(data: &Path) -> io::Result<Self> {
        let path = data.join(FILE);
        let text = kept(&path)?;
        let told = text.lines().map(str::to_owned).collect();
        Ok(Self { path, told })
    }

    /// Those that no letter spoke of.
    #[must_use]
    pub fn untold<'a>(&self, found: &'a Verification) -> Vec<&'a Rejection> {
        let differences = found.differences.iter();
        differences
            .filter(|one| !self.told.contains(&line(one)))
            .collect()
    }

    /// Keeps that a letter spoke of all of these, and forgets what does not differ any more. What could not be read
    /// this time is not forgotten.
    ///
    /// # Errors
    /// When the file cannot be written; it is remembered in memory all the same.
    pub fn keep(&mut self, found: &Verification) -> io::Result<()> {
        let before = self.told.clone();
        if found.public_problem.is_empty() {
            self.told.clear();
        }
        self.told.extend(found.differences.iter().map(line));
        if self.told == before {
            return Ok(());
        }
        let mut text = String::new();
        for line in &self.told {
            let _infallible = writeln!(text, "{line}");
        }
        write_secret(&self.path, text.as_bytes())
    }
}

/// Ids and codes have no spaces or line ends.
fn line(one: &Rejection) -> String {
    format!("{} {} {}", one.kind.as_str(), one.id, one.refusal.code)
}

/// The letter that speaks of these differences; there is at least one.
///
/// * `agency` — the agency's name.
#[must_use]
pub fn alarm(
    differing: &[&Rejection],
    agency: &str,
    at: Timestamp,
    zone: &TimeZone,
    now: Timestamp,
) -> Letter {
    let subject = match differing.len() {
        1 => "1 record is shown otherwise than it was published".to_owned(),
        n => format!("{n} records are shown otherwise than they were published"),
    };
    let mut body = format!(
        "What the referral directory shows of {agency} was compared {} with what was published, and differs:\n\n",
        when(at, zone, now)
    );
    for one in differing.iter().take(LISTED) {
        let (kind, id, text) = (one.kind, &one.id, &one.refusal.text);
        let _infallible = writeln!(body, "- {kind} {id}: {text}");
    }
    if differing.len() > LISTED {
        let _infallible = writeln!(body, "- and {} more", differing.len() - LISTED);
    }
    body.push_str(
        "\nSomebody may have altered what people are shown. Look again:\n    agency-node verify\n\
         If it still differs, call the directory's operator by a number that you know from elsewhere.\n",
    );
    Letter { subject, body }
}

#[cfg(test)]
mod tests {
    use referral_core::id::{Kind, LocalId};

    use super::*;
    use crate::outbox::codec::Refusal;

    fn found(ids: &[&str], problem: &str) -> Verification {
        let differences = ids.iter().map(|id| Rejection {
            kind: Kind::Service,
            id: LocalId::parse(id).unwrap(),
            refusal: Refusal {
                code: "public_altered".to_owned(),
                ..Refusal::default()
            },
        });
        Verification {
            at: Timestamp::UNIX_EPOCH,
            records: 9,
            differences: differences.collect(),
            public_records: 9,
            public_problem: problem.to_owned(),
        }
    }

    fn new(differing: &Differing, found: &Verification) -> Vec<String> {
        let new = differing.untold(found).into_iter();
        new.map(|one| one.id.to_string()).collect()
    }

    #[test]
    fn a_difference_is_told_once_and_again_when_it_comes_back() {
        let data = tempfile::tempdir().unwrap();
        let mut told = Differing::open(data.path()).unwrap();
        assert_eq!(new(&told, &found(&["a"], "")), ["a"]);

        told.keep(&found(&["a"], "")).unwrap();
        let mut told = Differing::open(data.path()).unwrap();
        assert_eq!(new(&told, &found(&["a", "b"], "")), ["b"]);

        told.keep(&found(&[], "nobody answers")).unwrap();
        assert_eq!(new(&told, &found(&["a"], "")), Vec::<String>::new());
        told.keep(&found(&[], "")).unwrap();
        assert_eq!(new(&told, &found(&["a"], "")), ["a"]);
    }
}
