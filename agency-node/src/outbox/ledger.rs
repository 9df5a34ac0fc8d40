//! The outbox and the journal it is folded from: durable first, then believed.

mod compact;
mod shown;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use referral_core::federation::{Epoch, ListingKey, PublicKey, Standing};
use referral_core::id::AgencyId;
use referral_journal::{AppendError, Journal, JournalError, Options, Recovered, Storage};
use referral_runtime::causes::one_line;

pub use compact::NotCompacted;
pub use shown::Shown;

use super::codec::{Acknowledged, Entry, KeyChanged, Notice, Unreadable};
use super::compose::Composer;
use super::{Inconsistent, Outbox, Scope, Theirs};

/// The most bytes of entries that are appended in one batch.
const BATCH_BYTES: usize = 8 << 20;

/// The notice by which the directory lets more deletions through.
const DELETIONS_ALLOWED: &str = "deletions_allowed";

/// The outbox of a node, and its journal. Whatever changes it blocks until the disk has it.
pub struct Ledger<S: Storage> {
    journal: Journal<S>,
    outbox: Arc<Outbox>,
    shown: Shown,
    key: ListingKey,
    length: compact::Length,
    /// A change panicked on its way: the journal may hold what the outbox does not.
    unfinished: bool,
    failure: Option<String>,
}

/// Why a ledger cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The journal cannot be opened or read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An entry cannot be read.
    #[error("journal entry {index} cannot be read")]
    Unreadable {
        /// Its index.
        index: u64,
        /// Why.
        source: Unreadable,
    },
    /// An entry does not fit what is before it.
    #[error(
        "journal entry {index} does not fit the ones before it; restore the journal from a backup"
    )]
    Inconsistent {
        /// Its index.
        index: u64,
        /// Why.
        source: Inconsistent,
    },
}

/// Why something was not queued. Nothing of it is left behind.
#[derive(Debug, thiserror::Error)]
pub enum NotQueued {
    /// The journal could not be written.
    #[error("nothing was queued")]
    Journal(#[from] AppendError),
    /// What was to be queued does not fit. A defect of this program.
    #[error("what was queued does not fit the outbox; restart to verify it")]
    Inconsistent(#[from] Inconsistent),
    /// An earlier change did not come to its end. A defect of this program.
    #[error("an earlier change failed on its way; restart to verify the outbox")]
    Unfinished,
}

impl NotQueued {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Journal(error) => error.code(),
            Self::Inconsistent(_) => "outbox_inconsistent",
            Self::Unfinished => "outbox_unfinished",
        }
    }

    /// True when the process must end, because nobody can say what the disk holds.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Journal(AppendError::Poisoned { .. }) | Self::Inconsistent(_) | Self::Unfinished
        )
    }
}

impl<S: Storage> Ledger<S> {
    /// Opens the journal in `storage` and folds it. Also returns what opening the journal found.
    ///
    /// * `epoch` — the first epoch of the agency's log, from the directory.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn open(
        storage: S,
        agency: AgencyId,
        epoch: Epoch,
        key: ListingKey,
    ) -> Result<(Self, Recovered), LedgerError> {
        let (journal, recovered) = Journal::open(storage, Options::default())?;
        let begun = Outbox::new(agency, epoch);
        let (outbox, length) = compact::fold(&journal, recovered.first_index, begun)?;
        let outbox = Arc::new(outbox);
        failpoint!("node.open.folded");
        Ok((
            Self {
                journal,
                shown: Shown::new(&outbox),
                outbox,
                key,
                length,
                unfinished: false,
                failure: None,
            },
            recovered,
        ))
    }

    /// The state.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Why nothing can be recorded any more, in one sentence: the process has to end. `None`: it can.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The state for whoever only looks, and does not wait for the disk.
    #[must_use]
    pub fn shown(&self) -> Shown {
        self.shown.clone()
    }

    /// Begins a set of operations and reports, for [`Ledger::queue`].
    #[must_use]
    pub fn compose(&self, now: Timestamp) -> Composer<'_> {
        Composer::new(&self.outbox, &self.key, now)
    }

    /// Queues a set, whole or not at all: once this returns `Ok` it is on disk. Of an empty one nothing is
    /// written.
    ///
    /// # Errors
    /// [`NotQueued`].
    pub fn queue(&mut self, mut set: Vec<Entry>, now: Timestamp) -> Result<(), NotQueued> {
        if set.is_empty() {
            return Ok(());
        }
        let (first, last) = (self.journal.last_index() + 1, set.len().saturating_sub(1));
        for (at, entry) in set.iter_mut().enumerate() {
            entry.put(first, at == last);
        }
        failpoint!("node.edit.pre_store");
        self.record(set, now)?;
        failpoint!("node.edit.post_store");
        Ok(())
    }

    /// Records where the directory's copy of the log stands. Nothing is written when that is known.
    ///
    /// # Errors
    /// [`NotQueued`].
    pub fn resumed(&mut self, theirs: &Standing, now: Timestamp) -> Result<(), NotQueued> {
        let (generation, applied) = (theirs.generation, theirs.applied);
        self.outbox.expects(applied, theirs.capacity_applied)?;
        let known =
            self.outbox.generation_seen() >= generation && self.outbox.settled().applied >= applied;
        if !known {
            let resumed = Entry::Resumed {
                generation,
                applied,
            };
            self.record(vec![resumed], now)?;
        }
        Ok(())
    }

    /// Records what the directory acknowledged and said, then queues again what only failed because of
    /// another operation's fate.
    ///
    /// # Errors
    /// [`NotQueued`].
    pub fn heard(
        &mut self,
        acknowledged: Option<Acknowledged>,
        notices: Vec<Notice>,
        now: Timestamp,
    ) -> Result<(), NotQueued> {
        if let Some(told) = &acknowledged {
            self.outbox.expects(told.applied, told.capacity_applied)?;
        }
        // What is known already is not written again at the beginning of every session.
        let news = acknowledged.filter(|told| {
            told.applied > self.outbox.told()
                || told.capacity_applied > self.outbox.reports().settled()
        });
        let allowed = notices
            .iter()
            .any(|notice| notice.code == DELETIONS_ALLOWED);
        let entries = news.map(Entry::Acknowledged).into_iter();
        let entries: Vec<_> = entries
            .chain(notices.into_iter().map(Entry::Notice))
            .collect();
        self.record(entries, now)?;
        if allowed {
            self.queue_held(now)?;
        }
        self.queue_stranded(now)
    }

    /// Queues the deletions again that waited for a second person at the directory (R9).
    fn queue_held(&mut self, now: Timestamp) -> Result<(), NotQueued> {
        let mut composer = self.compose(now);
        for name in self.outbox.held() {
            composer.delete(name);
        }
        let set = composer.finish();
        self.queue(set, now)
    }

    /// Queues again what only failed because of another operation's fate.
    ///
    /// # Errors
    /// [`NotQueued`].
    pub fn queue_stranded(&mut self, now: Timestamp) -> Result<(), NotQueued> {
        let mut composer = self.compose(now);
        for name in self.outbox.stranded() {
            if let Some(listed) = self.outbox.catalog().get(name) {
                composer.again(name, listed, None);
            }
        }
        let set = composer.finish();
        self.queue(set, now)
    }

    /// Brings this log together with what the directory holds: takes over what it has to, keeps what a person
    /// has to choose from, and queues again what the directory lacks; in one set (R7).
    ///
    /// # Errors
    /// [`NotQueued`]; everything is as it was then.
    pub fn reconcile(
        &mut self,
        scope: &Scope,
        theirs: &Theirs,
        now: Timestamp,
    ) -> Result<(), NotQueued> {
        let mut composer = self.compose(now);
        if let Scope::Epoch(epoch) = scope {
            composer.granted(*epoch);
        }
        self.outbox.reconcile(&mut composer, scope, theirs);
        let set = composer.finish();
        failpoint!("node.reconcile.pre_store");
        self.queue(set, now)?;
        failpoint!("node.reconcile.post_store");
        Ok(())
    }

    /// Does what a person decided about a conflict; false when there is none of this number.
    ///
    /// * `ours` — publish the version that was here again; otherwise forget it.
    ///
    /// # Errors
    /// [`NotQueued`]; the conflict stays then.
    pub fn decide(&mut self, conflict: u64, ours: bool, now: Timestamp) -> Result<bool, NotQueued> {
        let Some(chosen) = self.outbox.conflicts().get(&conflict) else {
            return Ok(false);
        };
        let mut composer = self.compose(now);
        composer.resolve(conflict);
        if ours {
            if let Some(unsigned) = self.outbox.unsigned().get(&chosen.name) {
                composer.found(&chosen.name, Some(&unsigned.tip()));
            }
            composer.choose(chosen);
        }
        let set = composer.finish();
        self.queue(set, now)?;
        Ok(true)
    }

    /// Notes that the node signs with another key once it is opened again: its key so far is an earlier one.
    ///
    /// # Errors
    /// [`NotQueued`].
    pub fn change_key(&mut self, now: Timestamp) -> Result<(), NotQueued> {
        let earlier = self.key().as_bytes().to_vec();
        self.record(vec![Entry::KeyChanged(KeyChanged { earlier })], now)
    }

    /// The public half of the key that signs what is queued.
    #[must_use]
    pub fn key(&self) -> PublicKey {
        self.key.public()
    }

    fn record(&mut self, entries: Vec<Entry>, now: Timestamp) -> Result<(), NotQueued> {
        if self.unfinished {
            self.failure = Some(one_line(&NotQueued::Unfinished));
            return Err(NotQueued::Unfinished);
        }
        self.unfinished = true;
        let recorded = self.write_and_fold(entries, now);
        self.unfinished = false;
        if let Err(error) = &recorded
            && error.is_final()
        {
            self.failure = Some(one_line(error));
        }
        recorded
    }

    fn write_and_fold(&mut self, entries: Vec<Entry>, now: Timestamp) -> Result<(), NotQueued> {
        let first = self.journal.last_index() + 1;
        let encoded: Vec<_> = entries.iter().map(Entry::encode).collect();
        for batch in batches(&encoded) {
            append(&mut self.journal, batch, now)?;
            self.length
                .add(batch.iter().map(|(_, bytes)| bytes.len()).sum());
        }
        drop(encoded);
        let at = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        self.shown.change(&mut self.outbox, |outbox| {
            let mut entries = (first..).zip(entries);
            entries.try_for_each(|(index, entry)| outbox.fold(index, entry, at))
        })?;
        self.compact_when_due(now);
        Ok(())
    }
}

impl<S: Storage> fmt::Debug for Ledger<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("outbox", &self.outbox)
            .finish_non_exhaustive()
    }
}

/// Makes encoded entries durable as one batch.
fn append<S: Storage>(
    journal: &mut Journal<S>,
    batch: &[(u8, Vec<u8>)],
    now: Timestamp,
) -> Result<(), AppendError> {
    let entries = batch.iter().map(|(kind, bytes)| referral_journal::Entry {
        received_at_us: now.as_microsecond(),
        kind: *kind,
        bytes,
    });
    journal.append(&entries.collect::<Vec<_>>()).map(drop)
}

/// Splits entries into stretches of at most [`BATCH_BYTES`], each of at least one entry.
fn batches(entries: &[(u8, Vec<u8>)]) -> impl Iterator<Item = &[(u8, Vec<u8>)]> {
    let mut rest = entries;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let within = rest.iter().take_while(|(_, entry)| {
            bytes += entry.len();
            bytes <= BATCH_BYTES
        });
        let count = within.count().max(1).min(rest.len());
        let (batch, after) = rest.split_at(count);
        rest = after;
        (!batch.is_empty()).then_some(batch)
    })
}
