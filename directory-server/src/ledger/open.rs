//! Opening the ledger: the journal is read once, the store and the index are brought forward, the two
//! threads start.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use referral_core::id::RecordKey;
use referral_index::{Index, IndexError};
use referral_journal::{FileStorage, Journal, JournalError, Options, Reader};
use referral_runtime::clock::Clock;
use tokio::sync::{mpsc, oneshot, watch};
use tracing::info;

use super::applier::{Applier, ApplyError, changed};
use super::downstream::Searches;
use super::fact::{Fact, UnreadableFact};
use super::handover::Handover;
use super::heads::Heads;
use super::lag::Lag;
use super::submission::{NotWritten, Submission};
use super::writer::{Applied, Recorder};
use crate::life::JOURNAL;
use crate::store::{OpenedStore, Store, StoreError};

/// Submissions that may wait for the writer before senders wait too.
const WAITING: usize = 1_024;
/// Batches that may wait for the applier before the writer waits too.
const UNFOLDED: usize = 64;
/// Journal records folded into the store at once while it is brought forward.
const CHUNK: usize = 1_000;

/// The handle through which everything is written.
#[derive(Debug)]
pub struct Ledger {
    submissions: Mutex<Option<mpsc::Sender<Submission>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    heads: Arc<RwLock<Heads>>,
    generation: u64,
    written: Arc<AtomicU64>,
    lag: Lag,
    clock: Arc<dyn Clock>,
    journal: Reader<FileStorage>,
    stopping: Arc<AtomicBool>,
    running: watch::Receiver<()>,
}

/// Everything that stands on the journal, brought up to its end.
#[derive(Debug)]
pub struct Opened {
    /// The write path.
    pub ledger: Ledger,
    /// The records.
    pub store: Arc<Store>,
    /// The search index with its live table.
    pub index: Arc<Index>,
    /// When the last journal record was received; 1970 when there is none.
    pub last_received: Timestamp,
}

/// Why the directory's data could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journal.
    #[error("the directory's journal cannot be opened")]
    Journal(#[from] JournalError),
    /// A journal record of a newer version.
    #[error(transparent)]
    Fact(#[from] UnreadableFact),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index.
    #[error("the search index cannot be opened")]
    Index(#[from] IndexError),
    /// Store or index know more than the journal: it is not the one they were folded from.
    #[error(
        "store and index have seen {folded} journal records and the journal holds {last}: the journal \
         was replaced or lost; put it back from the backup it belongs to"
    )]
    JournalBehind {
        /// What store and index have seen.
        folded: u64,
        /// What the journal holds.
        last: u64,
    },
    /// No thread.
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
}

impl From<ApplyError> for OpenError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Store(error) => Self::Store(error),
            ApplyError::Index(error) => Self::Index(error),
        }
    }
}

impl Ledger {
    /// Opens what is in `data`, whose `journal` folder exists, and brings it up to the journal's end.
    ///
    /// * `generation` — of the directory, from [`crate::life::Life::begin`].
    ///
    /// # Errors
    /// [`OpenError`] when something durable is damaged or missing, or the disk cannot be used.
    pub fn open(data: &Path, generation: u64, clock: Arc<dyn Clock>) -> Result<Opened, OpenError> {
        let options = Options {
            generation,
            ..Options::default()
        };
        let storage = FileStorage::new(&data.join(JOURNAL));
        let (journal, _) = Journal::open(storage, options)?;
        failpoint!("open.journal");
        let OpenedStore { store, .. } = Store::open(&data.join("store"))?;
        let (index, indexed) = Index::open(&data.join("index"))?;
        let last = journal.last_index();
        let folded = store.folded().max(indexed.unwrap_or(0));
        if folded > last {
            return Err(OpenError::JournalBehind { folded, last });
        }
        let (store, index) = (Arc::new(store), Arc::new(index));
        let mut applier = Applier::new(Arc::clone(&store), Arc::clone(&index), generation);
        let replayed = replay(&journal, &applier, indexed.unwrap_or(0))?;
        failpoint!("open.replayed");
        fill_index(&mut applier, indexed.is_some(), &replayed.changed, last)?;
        failpoint!("open.index_committed");
        info!(
            referral.journal.records = last,
            referral.index.rebuilt = indexed.is_none(),
            "the directory's records are open: {last} journal records"
        );
        let Replayed {
            heads,
            last_received,
            ..
        } = replayed;
        let ledger = start(journal, generation, applier, heads, clock, last_received)?;
        Ok(Opened {
            ledger,
            store,
            index,
            last_received,
        })
    }

    /// The directory's generation: greater after every restore.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The journal index of the last durable record.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// For how long the oldest change that is accepted and not yet searchable has waited; `None`: searches see
    /// everything.
    #[must_use]
    pub fn behind(&self) -> Option<Duration> {
        let since = self.lag.since()?;
        Some(self.clock.elapsed().saturating_sub(since))
    }

    /// The journal, to be read from any place on.
    pub(crate) fn journal(&self) -> &Reader<FileStorage> {
        &self.journal
    }

    /// What validation knows: agencies and the tips of their logs.
    pub fn heads(&self) -> RwLockReadGuard<'_, Heads> {
        self.heads.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a submission to the writer and waits until its effects are durable.
    ///
    /// # Errors
    /// What the writer answers; [`NotWritten::Stopped`] while shutting down.
    pub async fn submit<T, E: From<NotWritten>>(
        &self,
        submission: impl FnOnce(oneshot::Sender<Result<T, E>>) -> Submission,
    ) -> Result<T, E> {
        let writer = self
            .submissions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let writer = writer.ok_or(NotWritten::Stopped)?;
        let (answer, answered) = oneshot::channel();
        if writer.send(submission(answer)).await.is_err() {
            return Err(NotWritten::Stopped.into());
        }
        drop(writer);
        failpoint!("batch.queued");
        answered
            .await
            .unwrap_or_else(|_| Err(NotWritten::Stopped.into()))
    }

    /// Returns when the writer has ended, whatever the reason.
    pub async fn ended(&self) {
        let mut running = self.running.clone();
        // Nothing is ever sent: the only change is the sender's end.
        let _ended = running.changed().await;
    }

    /// Stops taking submissions and waits until everything written is folded. Blocks.
    pub fn close(&self) {
        drop(
            self.submissions
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        self.stopping.store(true, Ordering::Relaxed);
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the write path ended in a panic");
            }
        }
    }
}

struct Replayed {
    heads: Heads,
    /// Records that changed after what the index has seen.
    changed: BTreeSet<RecordKey>,
    last_received: Timestamp,
}

/// Reads the journal from its beginning: heads are folded from all of it, the store from where it
/// stopped.
fn replay(
    journal: &Journal<FileStorage>,
    applier: &Applier,
    indexed: u64,
) -> Result<Replayed, OpenError> {
    let folded = applier.store.folded();
    let mut replayed = Replayed {
        heads: Heads::default(),
        changed: BTreeSet::new(),
        last_received: Timestamp::UNIX_EPOCH,
    };
    let mut chunk: Option<Applied> = None;
    for record in journal.read_from(1)? {
        let record = record?;
        let received_at =
            Timestamp::from_microsecond(record.received_at_us).unwrap_or(replayed.last_received);
        let fact = Fact::decode(record.kind, &record.bytes)?;
        replayed.last_received = received_at;
        if record.index > indexed {
            replayed.changed.extend(changed(&fact));
        }
        let decided = replayed.heads.fold(fact, received_at);
        if record.index <= folded {
            continue;
        }
        let full = chunk
            .as_ref()
            .is_some_and(|chunk| chunk.decided.len() >= CHUNK || chunk.received_at != received_at);
        if full && let Some(chunk) = chunk.take() {
            applier.fold_store(&chunk)?;
        }
        let into = chunk.get_or_insert_with(|| Applied {
            last_index: 0,
            received_at,
            decided: Vec::new(),
        });
        into.last_index = record.index;
        into.decided.push(decided);
    }
    if let Some(chunk) = chunk {
        applier.fold_store(&chunk)?;
    }
    Ok(replayed)
}

/// Fills the rows of the index from the store, its text only where it is missing or behind.
fn fill_index(
    applier: &mut Applier,
    intact: bool,
    changed: &BTreeSet<RecordKey>,
    last: u64,
) -> Result<(), OpenError> {
    let behind = applier.services_of(changed)?;
    let store = Arc::clone(&applier.store);
    for service in store.services() {
        let service = service?;
        if intact && !behind.contains(&service) {
            applier.restore_service(&service)?;
        } else {
            applier.index_service(&service)?;
        }
    }
    for service in &behind {
        if store.listing(service)?.is_none() {
            applier.index_service(service)?;
        }
    }
    for capacity in store.capacities() {
        let (agency, held) = capacity?;
        applier.report(&agency, held);
    }
    failpoint!("open.index_filled");
    applier.commit_at(last)?;
    Ok(())
}

fn start(
    journal: Journal<FileStorage>,
    generation: u64,
    applier: Applier,
    heads: Heads,
    clock: Arc<dyn Clock>,
    last_received: Timestamp,
) -> Result<Ledger, OpenError> {
    let heads = Arc::new(RwLock::new(heads));
    let reader = journal.read_from(1)?;
    let (submit, submissions) = mpsc::channel(WAITING);
    let (hand_over, facts) = std::sync::mpsc::sync_channel(UNFOLDED);
    let (index, stopping) = (Arc::clone(&applier.index), applier.stopping());
    let lag = applier.lag.clone();
    let written = Arc::new(AtomicU64::new(journal.last_index()));
    let searches = Searches {
        index,
        generation,
        withdrawn: Arc::clone(&applier.withdrawn),
        clock: Arc::clone(&clock),
        room: applier.store.room().clone(),
        applier: Handover::new(hand_over, applier.held_up.clone()),
        lag: lag.clone(),
        written: Arc::clone(&written),
    };
    let recorder = Recorder::new(
        journal,
        Arc::clone(&heads),
        searches,
        generation,
        last_received,
    );
    let time = Arc::clone(&clock);
    // Held by the writer's thread: dropped when it ends, in a panic too.
    let (alive, running) = watch::channel(());
    let spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(run)
            .map_err(OpenError::Thread)
    };
    let threads = vec![
        spawn("applier", Box::new(move || applier.run(&facts)))?,
        spawn(
            "writer",
            Box::new(move || {
                let _alive = alive;
                recorder.run(submissions, || time.now());
            }),
        )?,
    ];
    Ok(Ledger {
        submissions: Mutex::new(Some(submit)),
        threads: Mutex::new(threads),
        heads,
        generation,
        written,
        lag,
        clock,
        journal: reader,
        stopping,
        running,
    })
}
