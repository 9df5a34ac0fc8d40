//! Which reports a message has spoken of: a small file, so that a daemon that starts again does not tell them
//! again. Losing it costs one message too many.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use referral_core::id::LocalId;
use referral_runtime::data_dir::write_secret;

use super::{Expiring, kept};
use crate::outbox::ReportKey;

/// The file's name in the data directory.
const FILE: &str = "reminded";
/// Stands for "the service as a whole": no id has it.
const WHOLE: &str = "*";

/// The reports that were spoken of.
#[derive(Debug)]
pub struct Told {
    path: PathBuf,
    observed: BTreeMap<ReportKey, Timestamp>,
}

impl Told {
    /// What the file in a data directory says; a line that says nothing is left out.
    ///
    /// # Errors
    /// When there is a file and it cannot be read.
    pub fn open(data: &Path) -> io::Result<Self> {
        let path = data.join(FILE);
        let text = kept(&path)?;
        Ok(Self {
            path,
            observed: text.lines().filter_map(read).collect(),
        })
    }

    /// The observation time of each report that was spoken of.
    #[must_use]
    pub fn observed(&self) -> &BTreeMap<ReportKey, Timestamp> {
        &self.observed
    }

    /// Keeps that a message spoke of these, and forgets what is not among `current` any more.
    ///
    /// # Errors
    /// When the file cannot be written; it is remembered in memory all the same.
    pub fn keep<'a>(
        &mut self,
        told: impl IntoIterator<Item = &'a Expiring>,
        current: &[Expiring],
    ) -> io::Result<()> {
        for one in told {
            self.observed.insert(one.about.clone(), one.observed_at);
        }
        let current: std::collections::BTreeSet<&ReportKey> =
            current.iter().map(|one| &one.about).collect();
        self.observed.retain(|about, _| current.contains(about));
        let mut text = String::new();
        for (about, observed_at) in &self.observed {
            let location = about.location.as_ref().map_or(WHOLE, LocalId::as_str);
            let _infallible = writeln!(text, "{} {location} {observed_at}", about.service);
        }
        write_secret(&self.path, text.as_bytes())
    }
}

fn read(line: &str) -> Option<(ReportKey, Timestamp)> {
    let mut parts = line.split(' ');
    let service = LocalId::parse(parts.next()?).ok()?;
    let location = match parts.next()? {
        WHOLE => None,
        id => Some(LocalId::parse(id).ok()?),
    };
    let about = ReportKey { service, location };
    Some((about, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{about, expiring};
    use super::*;

    #[test]
    fn what_was_told_is_remembered_until_the_report_is_gone() {
        let data = tempfile::tempdir().unwrap();
        let beds = expiring("beds", "2026-06-01T19:20:00.5Z", 24);
        let mut seats = expiring("seats", "2026-06-01T19:20:00Z", 24);
        seats.about.location = Some(LocalId::parse("dock").unwrap());
        let all = [beds.clone(), seats.clone()];
        let mut told = Told::open(data.path()).unwrap();
        told.keep(&all, &all).unwrap();

        let mut again = Told::open(data.path()).unwrap();
        assert_eq!(again.observed(), told.observed());
        assert_eq!(
            again.observed().get(&about("beds")),
            Some(&beds.observed_at)
        );

        again.keep([], std::slice::from_ref(&seats)).unwrap();
        let left = Told::open(data.path()).unwrap();
        assert_eq!(left.observed().keys().collect::<Vec<_>>(), [&seats.about]);
    }
}
