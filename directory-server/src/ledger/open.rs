//! Opening the ledger: the journal is read once, the store and the index are brought forward, the two
//! threads start.

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use referral_core::id::AgencyId;
use referral_index::IndexError;
use referral_journal::{Archive, FileStorage, Journal, JournalError, Options, Storage};
use referral_runtime::background::stand_back;
use referral_runtime::clock::Clock;
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{info, warn};

use super::applier::{Applier, ApplyError};
use super::chronicle::Chronicle;
use super::downstream::Searches;
use super::fact::UnreadableFact;
use super::heads::Heads;
use super::lag::Lag;
use super::replay::{fill_index, replay};
use super::reported::Reported;
use super::searchable::{self, Searchable};
use super::settled::Settled;
use super::snapshot::{Folder, Keeper, Message, SnapshotError};
use super::submission::{NotWritten, Submission};
use super::tail::Tail;
use super::warm;
use super::writer::Recorder;
use crate::config::JournalConfig;
use crate::history::{HistoryError, Reader};
use crate::life::{HISTORY, JOURNAL, SNAPSHOTS};
use crate::store::{OpenedStore, Store, StoreError};

/// Submissions that may wait for the writer before senders wait too.
const WAITING: usize = 1_024;
/// The folder of the store.
const STORE: &str = "store";
/// Snapshots that may be asked for at once.
const ASKED: usize = 16;

/// The handle through which everything is written.
#[derive(Debug)]
pub struct Ledger {
    submissions: Mutex<Option<mpsc::Sender<Submission>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    keeper: Mutex<Option<JoinHandle<()>>>,
    snapshots: std::sync::mpsc::SyncSender<Message>,
    heads: Arc<RwLock<Heads>>,
    settled: Settled,
    generation: u64,
    journal: Archive<FileStorage>,
    tail: Arc<Tail>,
    written: Arc<AtomicU64>,
    lag: Lag,
    clock: Arc<dyn Clock>,
    stopping: Arc<AtomicBool>,
    /// The applier and the writer: true once one has ended because the disk can no longer be trusted.
    running: [watch::Receiver<bool>; 2],
    chronicle: Chronicle,
    reported: Reported,
}

/// Everything that stands on the journal, brought up to its end.
#[derive(Debug)]
pub struct Opened {
    /// The write path.
    pub ledger: Ledger,
    /// The records.
    pub store: Arc<Store>,
    /// The search index with its live table.
    pub searchable: Arc<Searchable>,
    /// When the last journal record was received; 1970 when there is none.
    pub last_received: Timestamp,
    /// How it came to know all that.
    pub beginning: Beginning,
}

/// What a start had to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The heads came from the tips beside the snapshot, not from the operations in it.
    pub from_tips: bool,
    /// Of so many agencies every listing was read, the other rows came from a file; `None`: every listing there is.
    pub read: Option<usize>,
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
    /// Store, index or snapshot know more than the journal: it is not the one they were folded from.
    #[error(
        "store, index or snapshots have seen {folded} journal records and the journal holds {last}: the journal \
         was replaced or lost; put it back from the backup it belongs to"
    )]
    JournalBehind {
        /// What store, index and snapshots have seen.
        folded: u64,
        /// What the journal holds.
        last: u64,
    },
    /// The journal no longer goes back to its beginning, and no snapshot stands for what was dropped.
    #[error(
        "the directory's journal begins with record {first} and no undamaged snapshot goes so far: put the \
         folder `snapshots` back from the backup it belongs to"
    )]
    NoSnapshot {
        /// The first record of the journal.
        first: u64,
    },
    /// The snapshots.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The history.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The index is too old to be brought forward and is in the way.
    #[error("the search index is too old and cannot be removed; delete the folder `index`")]
    OldIndex(#[source] std::io::Error),
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
    /// A text index that a kill left so that it cannot be written is made anew from the store, and a store that
    /// opened and turns out damaged when it is read, from the journal.
    ///
    /// # Errors
    /// [`OpenError`] when something durable is damaged or missing, or the disk cannot be used.
    pub fn open(
        data: &Path,
        config: JournalConfig,
        generation: u64,
        clock: Arc<dyn Clock>,
    ) -> Result<Opened, OpenError> {
        match Self::open_as_it_is(data, config, generation, Arc::clone(&clock)) {
            Err(OpenError::Index(IndexError::Text(why))) => {
                warn!(error.type = "index_text", "the search index is made anew: {why}");
                searchable::remove_all(data)?;
                Self::open_as_it_is(data, config, generation, clock)
            }
            Err(OpenError::Store(error)) if error.is_damage() => {
                warn!(error.type = "store_damaged", "the store is set aside and rebuilt from the journal: {error}");
                Store::set_aside(&data.join(STORE))?;
                Self::open_as_it_is(data, config, generation, clock)
            }
            opened => opened,
        }
    }

    fn open_as_it_is(
        data: &Path,
        config: JournalConfig,
        generation: u64,
        clock: Arc<dyn Clock>,
    ) -> Result<Opened, OpenError> {
        let options = Options {
            generation,
            segment_bytes: config.segment_bytes,
        };
        let storage = FileStorage::new(&data.join(JOURNAL));
        let (journal, _) = Journal::open(storage, options)?;
        failpoint!("open.journal");
        let archive = journal.archive();
        let BroughtUp {
            applier,
            heads,
            snapshots,
            in_snapshot,
            last_received,
            beginning,
        } = bring_up(data, &archive, config, generation, &*clock)?;
        let (store, searchable) = (Arc::clone(&applier.store), Arc::clone(&applier.searchable));
        let heads = Arc::new(RwLock::new(heads));
        let keeper = Keeper {
            folder: snapshots,
            archive,
            chronicle: applier.chronicle.clone(),
            room: store.room().clone(),
            clock: Arc::clone(&clock),
            config,
            beginning,
            began_with: in_snapshot,
            searchable: Arc::clone(&searchable),
            stopping: applier.stopping(),
        };
        let writing = (journal, generation, last_received);
        let ledger = start(writing, applier, keeper, heads, clock)?;
        Ok(Opened {
            ledger,
            store,
            searchable,
            last_received,
            beginning,
        })
    }

    /// The directory's generation: greater after every restore.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The journal, to be read from any place on and copied.
    #[must_use]
    pub fn journal(&self) -> &Archive<FileStorage> {
        &self.journal
    }

    /// How far the journal is folded.
    pub(crate) fn tail(&self) -> &Tail {
        &self.tail
    }

    /// Of which services searches see another state.
    pub(crate) fn reported(&self) -> &Reported {
        &self.reported
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
        self.lag.behind(self.clock.elapsed())
    }

    /// Makes a snapshot of the journal as it is now; returns the index it stands for.
    ///
    /// # Errors
    /// [`SnapshotError`]; [`SnapshotError::Stopped`] while shutting down.
    pub async fn make_snapshot(&self) -> Result<u64, SnapshotError> {
        let (answer, answered) = oneshot::channel();
        let asked = self.snapshots.try_send(Message::Make(answer));
        asked.map_err(|_| SnapshotError::Stopped)?;
        answered.await.unwrap_or(Err(SnapshotError::Stopped))
    }

    /// The history as it is now; `None` when it cannot be written.
    #[must_use]
    pub fn history(&self) -> Option<Reader> {
        self.chronicle.reader()
    }

    /// Writes what the history has taken in. Blocks.
    pub(crate) fn sync_history(&self) {
        // What cannot be written is said once, by the history.
        let _up_to = self.chronicle.sync();
    }

    /// What was decided about agencies and is durable: what is shown goes by this.
    #[must_use]
    pub fn settled(&self) -> &Settled {
        &self.settled
    }

    /// What validation knows: agencies and the tips of their logs. A moment ahead of the disk.
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

    /// Returns when the writer or the applier has ended, whatever the reason.
    pub async fn ended(&self) {
        let [mut applier, mut writer] = self.running.clone();
        // What changes is that it cannot go on, or that the sender is gone.
        tokio::select! {
            _ = applier.changed() => {}
            _ = writer.changed() => {}
        }
    }

    /// Whether the writer or the applier has ended because the disk can no longer be trusted.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.running.iter().any(|running| *running.borrow())
    }

    /// Stops taking submissions and waits until everything written is folded, and in a snapshot where that
    /// is worth it. Blocks.
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
        let keeper = self
            .keeper
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(keeper) = keeper {
            let _ended_already = self.snapshots.send(Message::Stop);
            if keeper.join().is_err() {
                tracing::error!("the thread of the snapshots ended in a panic");
            }
        }
        // What it has not written yet would be folded from the journal again at the next start.
        let _up_to = self.chronicle.sync();
    }
}

/// Everything that is folded from a journal, as of its end.
pub(super) struct BroughtUp {
    pub(super) applier: Applier,
    pub(super) heads: Heads,
    snapshots: Folder,
    /// The place in the journal that the newest snapshot stands for.
    in_snapshot: u64,
    last_received: Timestamp,
    beginning: Beginning,
}

/// Opens store, history and index in `data`, and brings them up to the end of the journal.
pub(super) fn bring_up<S: Storage>(
    data: &Path,
    archive: &Archive<S>,
    config: JournalConfig,
    generation: u64,
    clock: &dyn Clock,
) -> Result<BroughtUp, OpenError> {
    let snapshots = Folder::open(data.join(SNAPSHOTS))?;
    let snapshot = snapshots.newest_of(archive)?;
    let OpenedStore { store, .. } = Store::open(&data.join(STORE))?;
    let (searchable, indexed) = open_searchable(data, archive.first_index())?;
    let chronicle = Chronicle::open(&data.join(HISTORY), config.history_months())?;
    let last = archive.last_index();
    let in_snapshot = snapshot.as_ref().map_or(0, |snapshot| snapshot.index);
    let folded = [
        store.folded(),
        indexed.unwrap_or(0),
        in_snapshot,
        chronicle.reached(),
    ];
    fit_together(folded, in_snapshot, archive)?;
    let (store, searchable) = (Arc::new(store), Arc::new(searchable));
    let mut applier = Applier::new(store, Arc::clone(&searchable), chronicle, generation);
    let warm = indexed.and_then(|indexed| warm::find(&searchable, archive, indexed));
    let kept = warm.as_ref().map(|warm| warm.cursor);
    let replayed = replay(
        archive,
        (&snapshots, snapshot.as_ref()),
        &applier,
        (indexed, kept),
    )?;
    applier.chronicle.begin_generation(generation, clock.now());
    failpoint!("open.replayed");
    applier.settled = Settled::of(&replayed.heads);
    let read = fill_index(&mut applier, warm, indexed.is_some(), &replayed, last)?;
    let from_tips = replayed.from_tips;
    failpoint!("open.index_committed");
    info!(
        referral.journal.records = last,
        referral.index.rebuilt = indexed.is_none(),
        referral.index.from_rows = read.is_some(),
        referral.snapshot.from_tips = from_tips,
        "the directory's records are open: {last} journal records"
    );
    Ok(BroughtUp {
        applier,
        heads: replayed.heads,
        snapshots,
        in_snapshot,
        last_received: replayed.last_received,
        beginning: Beginning { from_tips, read },
    })
}

/// Whether the journal is the one of which all that was folded, and begins no later than where the snapshot ends.
fn fit_together<S: Storage>(
    folded: [u64; 4],
    in_snapshot: u64,
    journal: &Archive<S>,
) -> Result<(), OpenError> {
    let (first, last) = (journal.first_index(), journal.last_index());
    let folded = folded.into_iter().max().unwrap_or(0);
    if folded > last {
        return Err(OpenError::JournalBehind { folded, last });
    }
    if in_snapshot + 1 < first {
        return Err(OpenError::NoSnapshot { first });
    }
    Ok(())
}

/// Opens the indexes in a thread that stands back, so that those do it that the indexes start: whoever publishes
/// waits for the journal, and nobody for them.
fn open_searchable(data: &Path, first: u64) -> Result<(Searchable, Option<u64>), OpenError> {
    thread::scope(|threads| {
        let opening = threads.spawn(|| {
            stand_back();
            Searchable::open(data, first)
        });
        opening.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// The agencies whose nodes have joined.
fn members(heads: &RwLock<Heads>) -> Vec<AgencyId> {
    let heads = heads.read().unwrap_or_else(PoisonError::into_inner);
    let members = heads
        .agencies()
        .filter(|(_, head)| head.membership.is_some());
    members.map(|(agency, _)| agency.clone()).collect()
}

fn start(
    (journal, generation, last_received): (Journal<FileStorage>, u64, Timestamp),
    mut applier: Applier,
    keeper: Keeper,
    heads: Arc<RwLock<Heads>>,
    clock: Arc<dyn Clock>,
) -> Result<Ledger, OpenError> {
    let members = members(&heads);
    let tail = Arc::new(Tail::new(journal.last_index(), members));
    applier.tail = Arc::clone(&tail);
    applier.clock = Arc::clone(&clock);
    let (snapshots, messages) = std::sync::mpsc::sync_channel(ASKED);
    let archive = journal.archive();
    let (submit, submissions) = mpsc::channel(WAITING);
    let (searches, facts) = Searches::before(&applier, journal.last_index());
    let stopping = applier.stopping();
    let lag = searches.lag.clone();
    let written = Arc::clone(&searches.written);
    let reported = searches.reported.clone();
    let recorder = Recorder::new(
        journal,
        Arc::clone(&heads),
        searches,
        generation,
        last_received,
    );
    let settled = recorder.settled();
    applier.settled = settled.clone();
    let time = Arc::clone(&clock);
    let (applier, applier_runs) = watched("applier", move || applier.run(&facts))?;
    let (writer, writer_runs) =
        watched("writer", move || recorder.run(submissions, || time.now()))?;
    let chronicle = keeper.chronicle.clone();
    let keeper = thread("snapshots", move || keeper.run(&messages))?;
    Ok(Ledger {
        submissions: Mutex::new(Some(submit)),
        threads: Mutex::new(vec![applier, writer]),
        keeper: Mutex::new(Some(keeper)),
        snapshots,
        heads,
        settled,
        generation,
        journal: archive,
        tail,
        written,
        lag,
        clock,
        stopping,
        running: [applier_runs, writer_runs],
        chronicle,
        reported,
    })
}

/// A thread, and what changes once it has ended, in a panic too: to true where it could not go on.
///
/// * `run` — false: it cannot go on.
fn watched(
    name: &str,
    run: impl FnOnce() -> bool + Send + 'static,
) -> Result<(JoinHandle<()>, watch::Receiver<bool>), OpenError> {
    let (failed, runs) = watch::channel(false);
    let until_done = move || {
        let can_go_on = run();
        failed.send_replace(!can_go_on);
    };
    Ok((thread(name, until_done)?, runs))
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    let named = thread::Builder::new().name(name.to_owned());
    named.spawn(run).map_err(OpenError::Thread)
}
