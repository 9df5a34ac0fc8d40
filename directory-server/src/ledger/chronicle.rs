//! From facts to the history: what a fact changes in what is listed and free.
//!
//! Nothing stands on the history but reports. When it cannot be written the directory goes on without, and
//! no part of the journal is dropped until a restart has folded it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use jiff::Timestamp;
use referral_core::capacity::Held;
use referral_core::federation::{Change as Operation, Header};
use referral_core::id::{AgencyId, RecordKey};
use tracing::{error, warn};

use super::fact::Fact;
use super::heads::Decided;
use super::writer::Applied;
use crate::history::{Capacity, Change, History, HistoryError, Reader, Said, Subject};
use crate::life::make_private;

/// The history of a running directory. A clone speaks of the same one.
#[derive(Clone, Debug)]
pub(super) struct Chronicle(Arc<Mutex<Option<History>>>);

impl Chronicle {
    /// Opens the history in `folder`, of which so many months are kept; `None`: all. One that is damaged is set
    /// aside and made anew.
    pub(super) fn open(folder: &Path, keep: Option<u32>) -> Result<Self, HistoryError> {
        make_private(folder)?;
        let history = match History::open(folder) {
            Err(damaged @ HistoryError::Damaged { .. }) => {
                warn!(error.type = "history_damaged", "{damaged}; it is set aside and made anew");
                let aside = folder.with_extension("damaged");
                match fs::remove_dir_all(&aside) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(error.into());
                    }
                    _ => fs::rename(folder, &aside)?,
                }
                make_private(folder)?;
                History::open(folder)?
            }
            opened => opened?,
        };
        let history = history.keeping(keep);
        Ok(Self(Arc::new(Mutex::new(Some(history)))))
    }

    /// The history as it is now; `None` when it cannot be written.
    pub(super) fn reader(&self) -> Option<Reader> {
        let mut reader = None;
        self.try_to(|history| {
            reader = Some(history.reader()?);
            Ok(())
        });
        reader
    }

    /// The directory is in this generation from `at` on.
    pub(super) fn begin_generation(&self, generation: u64, at: Timestamp) {
        self.try_to(|history| history.begin_generation(generation, at));
    }

    /// The journal index reached; everything when it cannot be written.
    pub(super) fn reached(&self) -> u64 {
        self.lock().as_ref().map_or(u64::MAX, History::reached)
    }

    /// Takes facts in, unless it has.
    pub(super) fn take(&self, applied: &Applied) {
        let changes = || -> Vec<_> { applied.decided.iter().filter_map(change_of).collect() };
        self.try_to(|history| {
            if applied.last_index <= history.reached() {
                return Ok(());
            }
            history.append(applied.last_index, applied.received_at, &changes())?;
            failpoint!("history.appended");
            Ok(())
        });
    }

    /// Takes in what stands at journal record `index`, when the changes before it are lost.
    pub(super) fn jump(
        &self,
        index: u64,
        at: Timestamp,
        all: impl Iterator<Item = (Subject, Change)>,
    ) {
        self.try_to(|history| history.jump(index, at, all));
    }

    /// Makes it durable; the journal index up to which it is. `None`: it cannot be written.
    pub(super) fn sync(&self) -> Option<u64> {
        let mut reached = None;
        self.try_to(|history| {
            reached = Some(history.sync()?);
            Ok(())
        });
        reached
    }

    /// After a failure nobody knows what the file holds: it is opened again at the next start.
    fn try_to(&self, act: impl FnOnce(&mut History) -> Result<(), HistoryError>) {
        let mut history = self.lock();
        let Some(open) = history.as_mut() else {
            return;
        };
        if let Err(failed) = act(open) {
            error!(error.type = "history", "the history is not written until the next start: {failed}");
            *history = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<History>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an operation changes.
pub(super) fn listed(header: &Header, operation: &Operation) -> (Subject, Change) {
    let subject = Subject::Listing(RecordKey {
        agency: header.agency.clone(),
        kind: operation.kind,
        id: operation.id.clone(),
    });
    let change = match &operation.record {
        Some(record) => Change::Published(Said::of(record)),
        None => Change::Removed,
    };
    (subject, change)
}

/// What a report changes.
pub(super) fn reported(agency: &AgencyId, held: &Held) -> (Subject, Change) {
    let (service, location) = held.report.key();
    let subject = Subject::Capacity(agency.clone(), service.clone(), location.cloned());
    let count = held.report.main_count();
    let capacity = Capacity {
        stated: held.report.said().state,
        available: count.and_then(|count| Some((count.available?, count.unit))),
        observed_at: held.observed_at,
        ttl: held.ttl,
        changes_at: held.changes_at(),
        before_restore: held.before_restore,
    };
    (subject, Change::Reported(capacity))
}

fn change_of(decided: &Decided) -> Option<(Subject, Change)> {
    match (&decided.fact, &decided.held) {
        (Fact::Operation(header, operation, _), _) => Some(listed(header, operation)),
        (Fact::Capacity(agency, ..), Some(held)) => Some(reported(agency, held)),
        _ => None,
    }
}
