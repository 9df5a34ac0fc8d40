//! Since when alerts have been known and whether a digest told them, kept over restarts.
//!
//! A small file of lines in the data directory: key, first seen, told or not. Losing it tells alerts again, and
//! nothing else: one that cannot be read is begun anew, with a warning.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use referral_runtime::data_dir::write_secret;
use tracing::warn;

use super::Standing;
use super::words::Found;

/// The file's name in the data directory.
const FILE: &str = "alerts";
/// The line that says when the last digest was sent.
const DIGEST: &str = "digest";

/// What is known of alerts could not be written. They may be told again.
#[derive(Debug, thiserror::Error)]
#[error("what is known of alerts cannot be written")]
pub struct Unkept(#[from] io::Error);

/// The file and what is in it.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    known: BTreeMap<String, Known>,
    digest: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    since: Timestamp,
    told: bool,
}

impl Kept {
    pub(super) fn open(data: &Path) -> Self {
        let path = data.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    warn!("what was known of alerts cannot be read: {error}");
                }
                String::new()
            }
        };
        let mut kept = Self {
            path,
            known: BTreeMap::new(),
            digest: None,
        };
        for line in text.lines() {
            match read(line) {
                Some((DIGEST, known)) => kept.digest = Some(known.since),
                Some((key, known)) => drop(kept.known.insert(key.to_owned(), known)),
                None => warn!("a line about alerts cannot be read and is left out"),
            }
        }
        kept
    }

    /// What was found at `now`, each with since when it has been known, the newest first. Others are over, where it
    /// was looked for `all`.
    pub(super) fn take(
        &mut self,
        found: Vec<Found>,
        now: Timestamp,
        all: bool,
    ) -> Result<Vec<Standing>, Unkept> {
        let before = self.known.clone();
        if all {
            self.known
                .retain(|key, _| found.iter().any(|found| found.key == *key));
        }
        let mut standing = Vec::new();
        for found in found {
            let new = Known {
                since: now,
                told: false,
            };
            let known = *self.known.entry(found.key.clone()).or_insert(new);
            standing.push(Standing {
                key: found.key,
                code: found.code,
                title: found.title,
                text: found.text,
                since: known.since,
                told: known.told,
                size: found.size,
            });
        }
        standing.sort_by(|a, b| b.since.cmp(&a.since).then_with(|| a.key.cmp(&b.key)));
        if self.known != before {
            self.write()?;
        }
        Ok(standing)
    }

    /// Remembers that these were told at `at`.
    pub(super) fn told<'a>(
        &mut self,
        keys: impl Iterator<Item = &'a str>,
        at: Timestamp,
    ) -> Result<(), Unkept> {
        for key in keys {
            if let Some(known) = self.known.get_mut(key) {
                known.told = true;
            }
        }
        self.digest = Some(at);
        self.write()
    }

    pub(super) fn last_digest(&self) -> Option<Timestamp> {
        self.digest
    }

    fn write(&self) -> Result<(), Unkept> {
        let mut text = String::new();
        let digest = self.digest.map(|at| (DIGEST, at, true));
        let known = self
            .known
            .iter()
            .map(|(key, known)| (key.as_str(), known.since, known.told));
        for (key, since, told) in digest.into_iter().chain(known) {
            let told = if told { "told" } else { "new" };
            let written = writeln!(text, "{since}\t{told}\t{key}");
            debug_assert!(written.is_ok(), "a string takes whatever is written");
        }
        Ok(write_secret(&self.path, text.as_bytes())?)
    }
}

fn read(line: &str) -> Option<(&str, Known)> {
    let (since, rest) = line.split_once('\t')?;
    let (told, key) = rest.split_once('\t')?;
    let since = since.parse().ok()?;
    let told = match told {
        "told" => true,
        "new" => false,
        _ => return None,
    };
    Some((key, Known { since, told }))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn found(key: &str) -> Found {
        Found {
            key: key.to_owned(),
            code: "agency_silent",
            title: "t".to_owned(),
            text: "x".to_owned(),
            size: 1,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_alert_that_stands_keeps_its_first_moment_over_a_restart() {
        let data = TempDir::new().unwrap();
        let mut kept = Kept::open(data.path());
        kept.take(vec![found("a"), found("b")], at(1), true)
            .unwrap();
        kept.told(["a"].into_iter(), at(2)).unwrap();

        let mut kept = Kept::open(data.path());
        let standing = kept
            .take(vec![found("a"), found("c")], at(3), true)
            .unwrap();

        let told: Vec<(&str, Timestamp, bool)> = standing
            .iter()
            .map(|s| (s.key.as_str(), s.since, s.told))
            .collect();
        assert_eq!(told, [("c", at(3), false), ("a", at(1), true)]);
        assert_eq!(kept.last_digest(), Some(at(2)));
    }

    #[test]
    fn an_alert_that_comes_back_is_new() {
        let data = TempDir::new().unwrap();
        let mut kept = Kept::open(data.path());
        kept.take(vec![found("a")], at(1), true).unwrap();
        kept.take(Vec::new(), at(2), true).unwrap();

        let standing = kept.take(vec![found("a")], at(3), true).unwrap();

        assert_eq!(standing[0].since, at(3));
    }

    #[test]
    fn what_could_not_be_looked_for_is_not_over() {
        let data = TempDir::new().unwrap();
        let mut kept = Kept::open(data.path());
        kept.take(vec![found("a")], at(1), true).unwrap();
        kept.take(Vec::new(), at(2), false).unwrap();

        let standing = kept.take(vec![found("a")], at(3), true).unwrap();

        assert_eq!(standing[0].since, at(1));
    }
}
