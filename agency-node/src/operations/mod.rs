//! What a node does: import, set capacity, withdraw, decide conflicts, and say how it stands.
//!
//! [`Node`] holds a data directory: its ledger, its identity, and how the connection to the directory
//! is. Its methods block until what they queue is on disk; from async code use [`Node::run`]. Whoever
//! publishes watches [`Node::progress`]. Nothing here names gRPC, sockets or the command line.

mod affirm;
mod ageing;
mod capacity;
mod certificate;
mod confirm;
mod conflicts;
pub mod desk;
mod differences;
mod expiring;
mod held_back;
mod import;
mod people;
mod policy;
mod public;
mod status;
mod verify;
mod wait;
mod withdraw;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use referral_journal::FileStorage;
use referral_runtime::clock::Clock;
use referral_runtime::data_dir::{DataDir, DataDirError};
use referral_runtime::tls::InvalidIdentity;
use tokio::sync::watch;
use tokio::task::{JoinError, spawn_blocking};
use tracing::warn;

use crate::identity::{self, FORMAT, IdentityError, JOURNAL, Joined, Membership};
use crate::outbox::{Ledger, LedgerError, Outbox, Shown};
use crate::people::{People, PeopleError};

use certificate::Certificate;

pub use crate::outbox::Progress;

pub use affirm::Affirm;
pub use ageing::{Age, AgeingCounts, Unsaid};
pub use capacity::{CapacityRefused, Outcome, Reported};
pub use confirm::{Confirmed, Which};
pub use conflicts::{DecideError, Dispute};
pub use differences::{Difference, Incomparable, differences};
pub use held_back::{HeldBack, HeldFor, pages};
pub use import::{
    Change, Import, ImportError, ImportedReport, Plan, Planned, oversized, sift,
    take as take_import,
};
pub use people::Invited;
pub use policy::{About, may};
pub use public::{Public, Served};
pub use status::{Link, MailStanding, Rejection, Status};
pub use verify::{Verification, Verifying};
pub use wait::Awaited;
pub use withdraw::WithdrawError;

/// A node: one agency's data directory, held by this process.
#[derive(Debug)]
pub struct Node {
    data_dir: DataDir,
    membership: Membership,
    certificate: RwLock<Certificate>,
    renewing: tokio::sync::Mutex<()>,
    clock: Arc<dyn Clock>,
    ledger: Mutex<Ledger<FileStorage>>,
    shown: Shown,
    progress: watch::Sender<Progress>,
    failure: watch::Sender<Option<String>>,
    link: watch::Sender<Link>,
    verifying: watch::Sender<Verifying>,
    held_back: watch::Sender<Option<HeldBack>>,
    mail: watch::Sender<Option<MailStanding>>,
    people: People,
    page: OnceLock<String>,
    last_changes: desk::LastChanges,
}

/// The journal cannot be used any more, for this reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JournalFailed(String);

/// Why a data directory cannot be opened as a node.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The node does not know who it is.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The certificate cannot be used.
    #[error("the node's certificate cannot be used; join with a new data directory")]
    Certificate(#[from] InvalidIdentity),
    /// The accounts of its people cannot be read.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// It has an identity and no journal.
    #[error(
        "{data_dir} has joined a directory and has no journal: restore that from a backup, or take over what \
         the directory holds with `agency-node run --new --data {data_dir}`"
    )]
    NoJournal {
        /// The data directory.
        data_dir: String,
    },
    /// It was to begin, and has begun.
    #[error("{data_dir} has a journal: leave --new out")]
    HasJournal {
        /// The data directory.
        data_dir: String,
    },
    /// The journal cannot be read.
    #[error("the journal in {data_dir} cannot be used")]
    Ledger {
        /// The data directory.
        data_dir: String,
        /// Why.
        source: LedgerError,
    },
}

impl Node {
    /// Opens the data directory at `path` as a node, and holds it until the value is dropped.
    ///
    /// # Errors
    /// [`OpenError`]; nothing is created in a directory that has not joined.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        if Membership::load(path)?.is_none() {
            let data_dir = path.to_owned();
            return Err(IdentityError::NotJoined { data_dir }.into());
        }
        if !has_journal(path) {
            let data_dir = path.display().to_string();
            return Err(OpenError::NoJournal { data_dir });
        }
        let data_dir = DataDir::open(path)?;
        data_dir.claim(FORMAT)?;
        identity::finish(&data_dir)?;
        let joined = Joined::load(path)?;
        let dialer = joined.dialer(Arc::clone(&clock))?;
        let people = People::open(path, Arc::clone(&clock))?;
        let storage = FileStorage::new(&data_dir.subdirectory(JOURNAL)?);
        let Joined {
            membership,
            listing_key,
            ..
        } = joined;
        let agency = membership.agency.clone();
        let (mut ledger, recovered) = Ledger::open(storage, agency, membership.epoch, listing_key)
            .map_err(|source| OpenError::Ledger {
                data_dir: path.display().to_string(),
                source,
            })?;
        if let Some(torn) = recovered.torn_tail {
            warn!(
                "an unfinished write of {} bytes was cut from {}",
                torn.bytes, torn.segment
            );
        }
        if let Err(error) = ledger.queue_stranded(clock.now()) {
            warn!("records that wait for a second try could not be queued: {error}");
        }
        let progress = watch::Sender::new(Progress::of(ledger.outbox()));
        let link = Link {
            last_heard: ledger.outbox().last_heard(),
            ..Link::default()
        };
        Ok(Self {
            data_dir,
            certificate: RwLock::new(Certificate::of(dialer, &membership)),
            renewing: tokio::sync::Mutex::default(),
            membership,
            clock,
            shown: ledger.shown(),
            ledger: Mutex::new(ledger),
            progress,
            failure: watch::Sender::new(None),
            link: watch::Sender::new(link),
            verifying: watch::Sender::default(),
            held_back: watch::Sender::new(None),
            mail: watch::Sender::new(None),
            people,
            page: OnceLock::new(),
            last_changes: desk::LastChanges::open(path),
        })
    }

    /// Begins the journal of a data directory that has joined and lost its journal: the first session takes
    /// over what the directory holds of the agency.
    ///
    /// # Errors
    /// [`OpenError::HasJournal`] when it has one.
    pub fn begin(path: &Path) -> Result<(), OpenError> {
        Joined::load(path)?;
        if has_journal(path) {
            let data_dir = path.display().to_string();
            return Err(OpenError::HasJournal { data_dir });
        }
        let data_dir = DataDir::open(path)?;
        data_dir.claim(FORMAT)?;
        let begun = identity::begin_journal(&data_dir.subdirectory(JOURNAL)?);
        begun.map_err(|source| OpenError::Ledger {
            data_dir: path.display().to_string(),
            source: source.into(),
        })?;
        Ok(())
    }

    /// Runs blocking work on this node away from the async threads.
    ///
    /// # Errors
    /// When the work panicked or the process is ending.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let node = Arc::clone(self);
        spawn_blocking(move || work(&node)).await
    }

    /// The membership in the directory.
    #[must_use]
    pub fn membership(&self) -> &Membership {
        &self.membership
    }

    /// The data directory.
    #[must_use]
    pub fn data_dir(&self) -> &DataDir {
        &self.data_dir
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// How far queueing and acknowledging have come; changes with each of them.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Waits until nothing can be recorded any more: nobody can say what the disk holds, and the process has to end.
    ///
    /// # Errors
    /// [`JournalFailed`]; there is nothing else to wait for.
    pub async fn journal_failed(&self) -> Result<(), JournalFailed> {
        let mut failure = self.failure.subscribe();
        let failed = failure.wait_for(Option::is_some).await;
        let why = failed.ok().and_then(|why| why.clone());
        Err(JournalFailed(why.unwrap_or_default()))
    }

    /// How the connection to the directory is; the publisher sets it.
    #[must_use]
    pub fn link(&self) -> &watch::Sender<Link> {
        &self.link
    }

    /// Verifications that were asked for and made; the publisher makes them.
    #[must_use]
    pub fn verifying(&self) -> &watch::Sender<Verifying> {
        &self.verifying
    }

    /// What the directory has and nobody finds there; the publisher sets it. `None`: it was not heard since the start.
    #[must_use]
    pub fn held_back(&self) -> &watch::Sender<Option<HeldBack>> {
        &self.held_back
    }

    /// How reminders by mail stand; whoever sends them sets it.
    #[must_use]
    pub fn mail(&self) -> &watch::Sender<Option<MailStanding>> {
        &self.mail
    }

    /// The people of the agency's own page.
    #[must_use]
    pub fn people(&self) -> &People {
        &self.people
    }

    /// Where the agency's own page is; `None`: it is not served.
    #[must_use]
    pub fn page(&self) -> Option<&str> {
        self.page.get().map(String::as_str)
    }

    /// The agency's own page is served there. Once; a second address is ignored.
    pub(crate) fn set_page(&self, address: String) {
        let _first_stays = self.page.set(address);
    }

    /// Looks at the outbox as far as it is durable; waits for no disk.
    pub fn read<T>(&self, look: impl FnOnce(&Outbox) -> T) -> T {
        let shown = self.shown.now();
        if let Some(outbox) = shown.as_deref() {
            return look(outbox);
        }
        drop(shown);
        look(self.ledger().outbox())
    }

    /// Changes the ledger, and tells whoever watches how far it has come.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Ledger<FileStorage>) -> T) -> T {
        let mut ledger = self.ledger();
        let changed = change(&mut ledger);
        let now = Progress::of(ledger.outbox());
        self.progress
            .send_if_modified(|before| std::mem::replace(before, now) != now);
        if let Some(failure) = ledger.failure() {
            self.failure.send_replace(Some(failure.to_owned()));
        }
        changed
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger<FileStorage>> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A node that never starts empty by itself: joining begins the journal.
fn has_journal(path: &Path) -> bool {
    let files = std::fs::read_dir(path.join(JOURNAL));
    files.is_ok_and(|mut files| files.next().is_some())
}
