//! Importing: compare what a file says with the catalog, and queue the difference.
//!
//! A plan first; nothing is ever deleted because a file does not mention it. The difference is queued
//! whole or not at all. What was imported before and says the same queues nothing, but for services that would grow old. What is the same and what is
//! missing is decided in `compare.rs`.

mod compare;

use std::collections::BTreeMap;

use jiff::Timestamp;
use prost::Message;
use referral_core::capacity::{Draft, InvalidReport, Report};
use referral_core::catalog::Record;
use referral_core::hsds::Converted;
use referral_core::id::{Hash, Kind};
use referral_journal::Storage;
use referral_proto::convert::limits::RECORD_BYTES;
use referral_proto::v1;

use super::Node;
use crate::catalog::RecordName;
use crate::outbox::{Composer, Ledger, NotQueued, Outbox, ReportKey, TooLarge, said};

/// Room that an operation needs beside its record. Unit: bytes.
const PLACE_IN_LOG: usize = 1024;

/// What was read from an agency's own file.
#[derive(Clone, Debug)]
pub struct Import {
    /// Organizations, locations and services, in any order.
    pub records: Vec<Record>,
    /// Capacity that the file states.
    pub reports: Vec<ImportedReport>,
    /// What the publisher calls the file. Records that came before from it, or from one whose place it takes, and
    /// are not in it now are reported as missing.
    pub source: String,
    /// True: only compare.
    pub dry_run: bool,
}

/// Capacity that a file states.
#[derive(Clone, Debug)]
pub struct ImportedReport {
    /// What it says.
    pub draft: Draft,
    /// Whether the file says when this was observed; if not, the time in the draft is the import's.
    pub dated: bool,
}

/// How an import compares with the catalog.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Every record of the import, and those that are missing from it.
    pub records: Vec<Planned>,
    /// True when the difference is in the journal.
    pub applied: bool,
}

/// One record of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub name: RecordName,
    /// Its name for people; empty where it has none.
    pub title: String,
    /// How it compares.
    pub change: Change,
    /// Of one that is changed: the fields that differ, as the wire names them; at most 6, and only of the first 200.
    pub fields: Vec<String>,
    /// How many more fields differ.
    pub more_fields: usize,
}

impl Planned {
    /// A record of which no field is named.
    pub(crate) fn of(name: &RecordName, title: &str, change: Change) -> Self {
        Self {
            name: name.clone(),
            title: title.to_owned(),
            change,
            fields: Vec::new(),
            more_fields: 0,
        }
    }
}

/// How a record compares with the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// New, or published again after it was withdrawn.
    Added,
    /// Different.
    Changed,
    /// The same, but perhaps for the name of the file.
    Unchanged,
    /// An earlier file whose place this one takes brought it, and it is not in the import. Nothing is done about it.
    Missing,
}

/// Why an import was refused as a whole. Nothing of it is queued.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Two records of one name.
    #[error("{0} is in the import twice: remove one")]
    Twice(RecordName),
    /// A record that cannot be published.
    #[error("{name}")]
    TooLarge {
        /// Which.
        name: RecordName,
        /// How large it is.
        source: TooLarge,
    },
    /// A capacity report that cannot be true.
    #[error("capacity of service {service}")]
    Report {
        /// The service.
        service: String,
        /// What is wrong.
        source: InvalidReport,
    },
    /// The journal could not be written.
    #[error(transparent)]
    NotQueued(#[from] NotQueued),
}

impl ImportError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Twice(_) => "record_twice",
            Self::TooLarge { .. } => "record_too_large",
            Self::Report { source, .. } => source.code(),
            Self::NotQueued(error) => error.code(),
        }
    }
}

impl Plan {
    /// How many records compare so.
    #[must_use]
    pub fn count(&self, change: Change) -> usize {
        self.records
            .iter()
            .filter(|planned| planned.change == change)
            .count()
    }
}

impl Node {
    /// Compares an import with the catalog and, unless it is a dry run, queues the difference.
    ///
    /// # Errors
    /// [`ImportError`]; nothing is queued then.
    pub fn import(&self, import: &Import) -> Result<Plan, ImportError> {
        let now = self.clock().now();
        self.change(|ledger| take(ledger, import, now))
    }
}

/// Compares an import with the catalog of a ledger and, unless it is a dry run, queues the difference.
///
/// # Errors
/// [`ImportError`]; nothing is queued then.
pub fn take<S: Storage>(
    ledger: &mut Ledger<S>,
    import: &Import,
    now: Timestamp,
) -> Result<Plan, ImportError> {
    let wire = by_name(&import.records)?;
    let compared = compare::compare(ledger.outbox().catalog(), wire, &import.source, now);
    let mut composer = ledger.compose(now);
    for (name, record) in compared.changed {
        composer
            .change(&name, Some(record), &import.source)
            .map_err(|source| ImportError::TooLarge { name, source })?;
    }
    for name in &compared.taken_over {
        composer.comes_from(name, &import.source);
    }
    report(&mut composer, ledger.outbox(), &import.reports, now)?;
    let set = composer.finish();
    if !import.dry_run && !set.is_empty() {
        ledger.queue(set, now)?;
    }
    Ok(Plan {
        records: compared.plan,
        applied: !import.dry_run,
    })
}

/// What of a file that was read is to be imported, and the records that are too large to be published.
///
/// * `now` — when the file was read: capacity of which the file does not say when it was known has this time.
#[must_use]
pub fn sift(
    converted: &Converted,
    source: &str,
    dry_run: bool,
    now: Timestamp,
) -> (Import, BTreeMap<RecordName, String>) {
    let too_large = oversized(&converted.records);
    let fits = |kind, id: &_| {
        !too_large.contains_key(&RecordName {
            kind,
            id: Clone::clone(id),
        })
    };
    let records = converted
        .records
        .iter()
        .filter(|record| fits(record.kind(), record.id()));
    let reports = converted
        .reports
        .iter()
        .filter(|draft| fits(Kind::Service, &draft.service));
    let import = Import {
        records: records.cloned().collect(),
        reports: reports
            // A file that does not say when it knew this gets the time of the import.
            .map(|draft| ImportedReport {
                draft: draft.clone(),
                dated: draft.observed_at < now,
            })
            .collect(),
        source: source.to_owned(),
        dry_run,
    };
    (import, too_large)
}

/// Records that are too large to be published, and those that refer to one of them, each with the
/// reason. To be taken out before an import.
#[must_use]
pub fn oversized(records: &[Record]) -> BTreeMap<RecordName, String> {
    let limit = RECORD_BYTES - PLACE_IN_LOG;
    let mut refused = BTreeMap::new();
    let mut in_order: Vec<&Record> = records.iter().collect();
    in_order.sort_by_key(|record| record.kind());
    for record in in_order {
        let bytes = v1::Record::from(record).encoded_len();
        let names = record.references().into_iter();
        let mut names = names.map(|(kind, id)| RecordName {
            kind,
            id: id.clone(),
        });
        let lost = names.find(|name| refused.contains_key(name));
        let reason = match lost {
            _ if bytes > limit => format!(
                "the record has {bytes} bytes and at most {limit} can be published: shorten its texts"
            ),
            Some(lost) => format!("it refers to {lost}, which was refused"),
            None => continue,
        };
        refused.insert(
            RecordName {
                kind: record.kind(),
                id: record.id().clone(),
            },
            reason,
        );
    }
    refused
}

fn by_name(records: &[Record]) -> Result<BTreeMap<RecordName, v1::Record>, ImportError> {
    let mut by_name = BTreeMap::new();
    for record in records {
        let name = RecordName {
            kind: record.kind(),
            id: record.id().clone(),
        };
        if by_name
            .insert(name.clone(), v1::Record::from(record))
            .is_some()
        {
            return Err(ImportError::Twice(name));
        }
    }
    Ok(by_name)
}

/// Adds the reports that say something new: not what the import said before, and not older than what
/// is known.
fn report(
    composer: &mut Composer<'_>,
    outbox: &Outbox,
    reports: &[ImportedReport],
    now: Timestamp,
) -> Result<(), ImportError> {
    for imported in reports {
        let draft = imported.draft.clone();
        let key = ReportKey {
            service: draft.service.clone(),
            location: draft.location.clone(),
        };
        let report = Report::parse(draft, now).map_err(|source| {
            let service = key.service.to_string();
            ImportError::Report { service, source }
        })?;
        let wire = v1::CapacityReport::from(&report);
        let says = what_it_says(&wire, imported.dated);
        let current = outbox.reports().get(&key);
        let said_before = current.is_some_and(|current| current.imported == Some(says));
        let known = current.and_then(|current| current.report()?.observed_at);
        let older = imported.dated
            && known.is_some_and(|known| instant(wire.observed_at) < instant(Some(known)));
        if !said_before && !older {
            composer.report(wire, Some(says));
        }
    }
    Ok(())
}

fn what_it_says(report: &v1::CapacityReport, dated: bool) -> Hash {
    let observed_at = report.observed_at.filter(|_| dated);
    said(&v1::CapacityReport {
        observed_at,
        ..report.clone()
    })
}

fn instant(at: Option<prost_types::Timestamp>) -> Option<(i64, i32)> {
    at.map(|at| (at.seconds, at.nanos))
}
