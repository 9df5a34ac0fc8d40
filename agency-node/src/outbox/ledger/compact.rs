//! Keeping the journal as short as what it says, however long its history is.
//!
//! When it is twice as long as a summary of it would be, and a bit more, the summary is appended as one set that begins a
//! segment, read back from the disk and compared with the outbox; only then what lies before it is dropped. A crash leaves
//! the history, the history with a summary or part of one behind it, or the summary: each is read to the same.
//! Why so: docs/decisions/0026-a-journal-that-does-not-grow.md.

use jiff::Timestamp;
use referral_journal::{AppendError, Journal, JournalError, Reader, Storage};
use tracing::{info, warn};

use super::super::codec::Entry;
use super::super::{Inconsistent, Outbox, summary};
use super::{BATCH_BYTES, Ledger, LedgerError, append};

/// How much longer than twice its summary a journal may be. Unit: bytes.
const LEAST: u64 = 1 << 20;

/// How long the journal is, and when that is too much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Length {
    /// Unit: bytes of the entries.
    now: u64,
    /// The next look at what a summary would take. Unit: as before.
    look_at: u64,
    least: u64,
}

/// Why the journal was not made shorter. It says what it said.
#[derive(Debug, thiserror::Error)]
pub enum NotCompacted {
    /// The summary could not be written.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The journal cannot be read or dropped.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The summary cannot be read back.
    #[error(transparent)]
    Unreadable(#[from] LedgerError),
    /// A defect of this program.
    #[error(transparent)]
    Inconsistent(#[from] Inconsistent),
    /// A defect of this program.
    #[error("the summary does not say what the journal says")]
    Differs,
}

impl Length {
    /// Of no journal yet.
    pub(super) fn new() -> Self {
        Self {
            now: 0,
            look_at: LEAST,
            least: LEAST,
        }
    }

    pub(super) fn add(&mut self, bytes: usize) {
        self.now += bytes as u64;
    }
}

impl<S: Storage> Ledger<S> {
    /// The same ledger, whose journal may be this much longer than twice its summary. Unit: bytes. Default: 1 MiB.
    #[must_use]
    pub fn with_history_of(mut self, least: u64) -> Self {
        self.length.least = least;
        self.length.look_at = least;
        self
    }

    /// Makes the journal shorter when it is much longer than what it says. It is as good when that fails.
    pub(super) fn compact_when_due(&mut self, now: Timestamp) {
        let early = failpoint!("node.compact.early" is on);
        if self.length.now < self.length.look_at && !early {
            return;
        }
        let parts = summary::parts(&self.outbox);
        let summary: u64 = parts.map(|part| part.encode().1.len() as u64).sum();
        let most = summary.saturating_mul(2).saturating_add(self.length.least);
        self.length.look_at = most;
        if self.length.now < most && !early {
            return;
        }
        let before = self.length.now;
        match self.compact(now) {
            Ok(first) => info!(
                referral.journal.first = first,
                "the journal begins with entry {first} now: {} of {before} bytes say the same",
                self.length.now
            ),
            Err(error) => {
                // What was appended of it lies there, too: the next try waits until that is worth it.
                self.length.look_at = self.length.now.saturating_mul(2);
                warn!("the journal was not made shorter: {error}");
            }
        }
    }

    /// Makes the journal as short as what it says. Returns the index of its first entry.
    ///
    /// # Errors
    /// [`NotCompacted`]; the journal says what it said.
    pub fn compact(&mut self, now: Timestamp) -> Result<u64, NotCompacted> {
        // Whatever comes next ends a set that a crash cut short.
        if self.outbox.unfinished.is_some() {
            self.shown.change(&mut self.outbox, |outbox| {
                outbox.unfinished = None;
                Ok(())
            })?;
        }
        self.journal.begin_segment()?;
        let first = self.journal.last_index() + 1;
        failpoint!("node.compact.begun");
        let written = self.append_summary(first, now)?;
        failpoint!("node.compact.stored");
        let mut records = self.journal.read_from(first)?;
        if begin_with(self.outbox.agency(), &mut records, |_| {})? != *self.outbox {
            return Err(NotCompacted::Differs);
        }
        failpoint!("node.compact.verified");
        let first = self.journal.archive().drop_before(first)?;
        self.length.now = written;
        Ok(first)
    }

    /// Appends the summary as the set that begins with entry `first`. Returns how long it is. Unit: bytes.
    fn append_summary(&mut self, first: u64, now: Timestamp) -> Result<u64, AppendError> {
        let Self {
            journal,
            outbox,
            length,
            ..
        } = self;
        let mut parts = summary::parts(outbox).peekable();
        let before = length.now;
        let (mut batch, mut in_batch) = (Vec::new(), 0);
        while let Some(mut part) = parts.next() {
            part.put(first, parts.peek().is_none());
            let (kind, bytes) = part.encode();
            if in_batch + bytes.len() > BATCH_BYTES && !batch.is_empty() {
                append(journal, &batch, now)?;
                length.now += in_batch as u64;
                (batch, in_batch) = (Vec::new(), 0);
            }
            in_batch += bytes.len();
            batch.push((kind, bytes));
        }
        append(journal, &batch, now)?;
        length.now += in_batch as u64;
        Ok(length.now - before)
    }
}

/// The outbox of a journal as it was opened: what its summary says, if it begins with one, and what follows it.
pub(super) fn fold<S: Storage>(
    journal: &Journal<S>,
    first_index: u64,
    begun: Outbox,
) -> Result<(Outbox, Length), LedgerError> {
    let mut length = Length::new();
    let mut records = journal.read_from(first_index)?;
    let mut outbox = begun;
    if first_index > 1 {
        let agency = outbox.agency().clone();
        outbox = begin_with(&agency, &mut records, |bytes| length.add(bytes))?;
    }
    for record in records {
        let record = record?;
        let index = record.index;
        length.add(record.bytes.len());
        let entry = Entry::decode(record.kind, &record.bytes)
            .map_err(|source| LedgerError::Unreadable { index, source })?;
        let at = Timestamp::from_microsecond(record.received_at_us).unwrap_or_default();
        outbox
            .fold(index, entry, at)
            .map_err(|source| LedgerError::Inconsistent { index, source })?;
    }
    Ok((outbox, length))
}

/// What a summary says that begins with the next record.
fn begin_with<S: Storage>(
    agency: &referral_core::id::AgencyId,
    records: &mut Reader<S>,
    mut took: impl FnMut(usize),
) -> Result<Outbox, LedgerError> {
    let first = records.next_index();
    let entries = records.map(|record| {
        let record = record?;
        let index = record.index;
        took(record.bytes.len());
        let entry = Entry::decode(record.kind, &record.bytes);
        let entry = entry.map_err(|source| LedgerError::Unreadable { index, source })?;
        Ok((index, entry))
    });
    summary::read(agency, entries, |source: Inconsistent| {
        LedgerError::Inconsistent {
            index: first,
            source,
        }
    })
}
