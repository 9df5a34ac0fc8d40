//! One way to speak to a node, whether its daemon runs or not.
//!
//! [`Handle::open`] decides: where a process holds the data directory, its socket is used
//! ([`Remote`]); where none does, the directory is opened by this process. [`serve`] is the daemon's end
//! of the socket.

mod remote;
mod service;
mod wire;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use referral_core::capacity::Draft;
use referral_runtime::accounts::SignInName;
use referral_runtime::clock::Clock;
use referral_runtime::data_dir::DataDirError;
use referral_runtime::local::{self, LocalError};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::catalog::RecordName;
use crate::operations::{
    Affirm, Awaited, Confirmed, DecideError, Dispute, Import, ImportError, Node, OpenError,
    Outcome, Plan, Status, Verification, Which, WithdrawError,
};
use crate::outbox::NotQueued;
use crate::people::{AccountView, PeopleError, Person};
use crate::publisher::{self, PublishConfig, SessionError};

pub use remote::{Remote, RemoteError};
pub use service::serve;

/// How long another command may hold the data directory before this one gives up.
pub(crate) const HELD: Duration = Duration::from_secs(10);
/// How often it is tried again.
pub(crate) const TRY_AGAIN: Duration = Duration::from_millis(50);
/// How long `wait` waits for the directory's acknowledgement.
pub const WAIT: Duration = Duration::from_secs(30);
/// How long a verification may take.
const VERIFY: Duration = Duration::from_mins(10);

/// A node: its daemon, or its data directory opened by this process.
#[derive(Debug)]
pub enum Handle {
    /// The daemon runs.
    Remote(Remote),
    /// No daemon runs.
    Local(Arc<Node>),
}

/// Why a command to a node failed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The data directory cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The daemon's socket cannot be used.
    #[error(transparent)]
    Socket(#[from] LocalError),
    /// The daemon refused or failed.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The import was refused.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The withdrawal was refused.
    #[error(transparent)]
    Withdraw(#[from] WithdrawError),
    /// The conflict was not decided.
    #[error(transparent)]
    Decide(#[from] DecideError),
    /// The account was not made or ended.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The journal could not be written.
    #[error(transparent)]
    NotQueued(#[from] NotQueued),
    /// The directory did not acknowledge.
    #[error("what is queued stays queued: the directory has not acknowledged all of it")]
    Publish(#[from] SessionError),
    /// The directory could not be asked what it shows.
    #[error("what the directory shows was not verified")]
    NotVerified(#[source] SessionError),
    /// This process is ending.
    #[error("the process is stopping")]
    Stopping,
}

/// An invitation to the agency's own page, to be shown this once.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// What somebody sets their password with, once.
    pub secret: String,
    /// The page on which they do; `None`: the node does not serve one, or does not run.
    pub link: Option<String>,
}

/// Its secret stays out of logs.
impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invitation(..)")
    }
}

impl Handle {
    /// Finds the node of a data directory.
    ///
    /// # Errors
    /// [`ControlError::Open`], [`ControlError::Socket`].
    pub async fn open(data_dir: &Path, clock: &Arc<dyn Clock>) -> Result<Self, ControlError> {
        let deadline = Instant::now() + HELD;
        loop {
            if let Some(running) = Self::running(data_dir).await? {
                return Ok(running);
            }
            match open(data_dir, Arc::clone(clock)).await {
                // Another command, or a daemon that does not listen yet.
                Err(ControlError::Open(OpenError::DataDir(DataDirError::InUse { .. })))
                    if Instant::now() < deadline =>
                {
                    sleep(TRY_AGAIN).await;
                }
                opened => return opened.map(Self::Local),
            }
        }
    }

    /// The node's daemon; `None` when none runs.
    ///
    /// # Errors
    /// [`ControlError::Socket`].
    pub async fn running(data_dir: &Path) -> Result<Option<Self>, ControlError> {
        match local::connect(data_dir).await {
            Ok(channel) => Ok(Some(Self::Remote(Remote::new(channel)))),
            Err(LocalError::NotRunning { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the node's daemon runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Remote(_))
    }

    /// Compares an import with the catalog and, unless it is a dry run, queues the difference.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn import(&self, import: Import) -> Result<Plan, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.import(import).await?),
            Self::Local(node) => Ok(on(node, move |node| node.import(&import)).await??),
        }
    }

    /// Queues capacity reports, each that can be.
    ///
    /// * `wait` — come back only once the directory has acknowledged them, or after [`WAIT`].
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn set_capacity(
        &self,
        drafts: Vec<Draft>,
        wait: bool,
    ) -> Result<Vec<Outcome>, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.set_capacity(drafts, wait).await?),
            Self::Local(node) => {
                let answers = on(node, move |node| node.set_capacity(drafts)).await??;
                if wait && answers.iter().any(Result::is_ok) {
                    publish(node, &PublishConfig::default(), WAIT).await?;
                }
                Ok(on(node, move |node| node.outcomes(answers)).await?)
            }
        }
    }

    /// Reports again what was reported last, as known now.
    ///
    /// * `wait` — come back only once the directory has acknowledged it, or after [`WAIT`].
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn confirm_capacity(
        &self,
        which: Which,
        wait: bool,
    ) -> Result<Vec<Confirmed<Outcome>>, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.confirm_capacity(which, wait).await?),
            Self::Local(node) => {
                let confirmed = on(node, move |node| node.confirm_capacity(&which)).await??;
                if wait && confirmed.iter().any(|one| one.outcome.is_ok()) {
                    publish(node, &PublishConfig::default(), WAIT).await?;
                }
                Ok(on(node, move |node| node.confirmed(confirmed)).await?)
            }
        }
    }

    /// Queues the withdrawal of a record. Returns whether the directory has acknowledged it.
    ///
    /// * `wait` — come back only once it has, or after [`WAIT`].
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn withdraw(&self, name: RecordName, wait: bool) -> Result<bool, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.withdraw(&name, wait).await?),
            Self::Local(node) => {
                self.queued(node, wait, move |node| node.withdraw(&name))
                    .await
            }
        }
    }

    /// Queues the deletion of records for good. Returns whether the directory has acknowledged it.
    ///
    /// * `wait` — come back only once it has, or after [`WAIT`].
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn delete(&self, names: Vec<RecordName>, wait: bool) -> Result<bool, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.delete(&names, wait).await?),
            Self::Local(node) => {
                self.queued(node, wait, move |node| node.delete(&names))
                    .await
            }
        }
    }

    /// Queues what a withdrawn record said last. Returns whether the directory has acknowledged it.
    ///
    /// * `wait` — come back only once it has, or after [`WAIT`].
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn restore(&self, name: RecordName, wait: bool) -> Result<bool, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.restore(&name, wait).await?),
            Self::Local(node) => {
                self.queued(node, wait, move |node| node.restore(&name))
                    .await
            }
        }
    }

    /// Queues again what services say as it is. Returns how many, and whether the directory has acknowledged it.
    ///
    /// * `wait` — come back only once it has, or after [`WAIT`].
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn affirm(&self, what: Affirm, wait: bool) -> Result<(usize, bool), ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.affirm(&what, wait).await?),
            Self::Local(node) => {
                let epoch = node.progress().borrow().epoch;
                let (count, seq) = on(node, move |node| node.affirm(&what)).await??;
                if wait {
                    publish(node, &PublishConfig::default(), WAIT).await?;
                }
                let acknowledged = Awaited::Operation(epoch, seq);
                Ok((count, acknowledged.is_in(&node.progress().borrow())))
            }
        }
    }

    /// The versions between which a person has to choose.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn disputes(&self) -> Result<Vec<Dispute>, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.disputes().await?),
            Self::Local(node) => on(node, Node::disputes).await,
        }
    }

    /// Does what a person has chosen about a conflict.
    ///
    /// * `ours` — publish the version that was here; otherwise forget it.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn decide(&self, number: u64, ours: bool) -> Result<(), ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.decide(number, ours).await?),
            Self::Local(node) => Ok(on(node, move |node| node.decide(number, ours)).await??),
        }
    }

    /// Compares what the directory shows of the agency with what the node published. What waits is published
    /// first. `None`: the directory did not answer in time.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn verify(&self) -> Result<Option<Verification>, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.verify().await?),
            Self::Local(node) => {
                let (config, stop) = (PublishConfig::default(), CancellationToken::new());
                let verified = timeout(VERIFY, publisher::verify(node, &config, &stop)).await;
                match verified {
                    Ok(verified) => verified.map_err(ControlError::NotVerified)?,
                    Err(_) => return Ok(None),
                }
                Ok(node.verifying().borrow().last.clone())
            }
        }
    }

    /// Makes an account of the agency's own page.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn invite(&self, person: Person) -> Result<Invitation, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.invite(&person).await?),
            Self::Local(node) => {
                let invited = on(node, move |node| node.invite(&person)).await??;
                Ok(Invitation {
                    secret: invited.secret.reveal(),
                    link: invited.link,
                })
            }
        }
    }

    /// The accounts of the agency's own page.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn accounts(&self) -> Result<Vec<AccountView>, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.accounts().await?),
            Self::Local(node) => on(node, |node| node.people().accounts()).await,
        }
    }

    /// Ends an account of the agency's own page with its sessions.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn remove(&self, name: SignInName) -> Result<(), ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.remove(&name).await?),
            Self::Local(node) => Ok(on(node, move |node| node.remove_person(&name)).await??),
        }
    }

    async fn queued(
        &self,
        node: &Arc<Node>,
        wait: bool,
        queue: impl FnOnce(&Node) -> Result<u64, WithdrawError> + Send + 'static,
    ) -> Result<bool, ControlError> {
        let epoch = node.progress().borrow().epoch;
        let seq = on(node, queue).await??;
        if wait {
            publish(node, &PublishConfig::default(), WAIT).await?;
        }
        Ok(Awaited::Operation(epoch, seq).is_in(&node.progress().borrow()))
    }

    /// How the node stands.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn status(&self) -> Result<Status, ControlError> {
        match self {
            Self::Remote(remote) => Ok(remote.status().await?),
            Self::Local(node) => on(node, Node::status).await,
        }
    }
}

/// Publishes what is queued, from this process.
///
/// # Errors
/// [`ControlError::Publish`] when not all of it was acknowledged within `deadline`.
pub async fn publish(
    node: &Arc<Node>,
    config: &PublishConfig,
    deadline: Duration,
) -> Result<(), ControlError> {
    let stop = CancellationToken::new();
    match timeout(deadline, publisher::once(node, config, &stop)).await {
        Ok(published) => Ok(published?),
        Err(_) => Err(SessionError::NoAcknowledgement(deadline).into()),
    }
}

async fn open(data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Arc<Node>, ControlError> {
    let data_dir = data_dir.to_owned();
    let opened = tokio::task::spawn_blocking(move || Node::open(&data_dir, clock)).await;
    Ok(Arc::new(opened.map_err(|_| ControlError::Stopping)??))
}

async fn on<T: Send + 'static>(
    node: &Arc<Node>,
    work: impl FnOnce(&Node) -> T + Send + 'static,
) -> Result<T, ControlError> {
    node.run(work).await.map_err(|_| ControlError::Stopping)
}
