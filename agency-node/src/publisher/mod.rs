//! Publishing: one stream to the directory, kept open, resumed after every failure.
//!
//! [`run`] publishes for as long as the node runs; [`once`] until all that is queued has been
//! acknowledged. What is said and heard in a session is decided by [`Conversation`], without I/O; its shell is
//! `session.rs`. Every wait has a deadline; after a failure the node backs off with full jitter (R18).

mod anybody;
mod back_off;
mod beats;
mod comparison;
mod conversation;
mod cursor;
mod error;
mod heard;
mod held;
mod lanes;
mod pace;
mod renewing;
mod session;

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::operations::Node;
use crate::outbox::NotQueued;
use referral_runtime::causes::one_line;
use session::{Ended, Goal, Session};

pub use back_off::BackOff;
pub use conversation::{Conversation, Moment, Timing};
pub use error::SessionError;
pub use renewing::renew_on_time;

/// How long after its start a node first verifies what the directory shows.
const FIRST_VERIFICATION: Duration = Duration::from_mins(10);
/// How often it verifies that.
const VERIFICATION: Duration = Duration::from_hours(24);

/// `[publish]` in `agency-node.toml`.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct PublishConfig {
    /// How long the directory may take to answer hello. Default: `"10s"`.
    #[serde(with = "referral_runtime::config::human_duration")]
    pub welcome: Duration,
    /// How long the directory may take to acknowledge something. Default: `"1m"`.
    #[serde(with = "referral_runtime::config::human_duration")]
    pub acknowledgement: Duration,
    /// How often the node says that it is alive, more or less by a fifth. Default: `"30s"`.
    #[serde(with = "referral_runtime::config::human_duration")]
    pub beat: Duration,
    /// How long the directory may take to answer that; then the connection counts as gone. Default: `"40s"`.
    #[serde(with = "referral_runtime::config::human_duration")]
    pub silence: Duration,
    /// The longest the node waits before its first try after a failure. Default: `"1s"`.
    #[serde(with = "referral_runtime::config::human_duration")]
    pub back_off: Duration,
    /// The longest the node ever waits before it tries again. Default: `"2m"`.
    #[serde(with = "referral_runtime::config::human_duration")]
    pub back_off_limit: Duration,
}

impl Default for PublishConfig {
    fn default() -> Self {
        Self {
            welcome: Duration::from_secs(10),
            acknowledgement: Duration::from_mins(1),
            beat: Duration::from_secs(30),
            silence: Duration::from_secs(40),
            back_off: Duration::from_secs(1),
            back_off_limit: Duration::from_mins(2),
        }
    }
}

/// Publishes until `stop` is cancelled.
///
/// # Errors
/// [`NotQueued`] when the journal can no longer be trusted: the process has to end.
pub async fn run(
    node: Arc<Node>,
    config: PublishConfig,
    stop: CancellationToken,
) -> Result<(), NotQueued> {
    let mut back_off = BackOff::new(config.back_off, config.back_off_limit);
    let boot = rand::random();
    loop {
        let mut session = Session::new(&node, &config, boot, jitter());
        let ended = session.run(&stop, Goal::Publish).await;
        let failure = match ended {
            Ok(Ended::Stopped | Ended::Complete) => return Ok(()),
            Err(failure) => failure,
        };
        if session.was_welcome() {
            back_off.reset();
        }
        if let SessionError::NotQueued(error) = failure {
            if error.is_final() {
                return Err(error);
            }
            wait(&node, &SessionError::NotQueued(error), &mut back_off, &stop).await;
        } else if failure.is_final() {
            give_up(&node, &failure, &stop).await;
        } else {
            wait(&node, &failure, &mut back_off, &stop).await;
        }
        if stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// Publishes what is queued, in one session.
///
/// # Errors
/// [`SessionError`] when not all of it was acknowledged; what was is, and the rest stays queued.
pub async fn once(
    node: &Arc<Node>,
    config: &PublishConfig,
    stop: &CancellationToken,
) -> Result<(), SessionError> {
    finish(node, config, stop, Goal::Complete).await
}

/// Publishes what is queued and verifies what the directory shows, in one session. What was found is in
/// [`Node::verifying`].
///
/// # Errors
/// [`SessionError`] when it could not be verified.
pub async fn verify(
    node: &Arc<Node>,
    config: &PublishConfig,
    stop: &CancellationToken,
) -> Result<(), SessionError> {
    let number = node.ask_verification();
    finish(node, config, stop, Goal::Verified(number)).await
}

/// Asks for a verification every day until `stop` is cancelled, the first soon after the start.
pub async fn verify_daily(node: Arc<Node>, stop: CancellationToken) {
    let mut next = FIRST_VERIFICATION;
    while stop.run_until_cancelled(sleep(next)).await.is_some() {
        node.ask_verification();
        next = VERIFICATION;
    }
}

async fn finish(
    node: &Arc<Node>,
    config: &PublishConfig,
    stop: &CancellationToken,
    goal: Goal,
) -> Result<(), SessionError> {
    let mut session = Session::new(node, config, rand::random(), jitter());
    match session.run(stop, goal).await? {
        Ended::Complete => Ok(()),
        Ended::Stopped => Err(SessionError::Stopped),
    }
}

/// By what a node's beats differ from other nodes': a factor from 0.8 to 1.2.
fn jitter() -> f64 {
    rand::rng().random_range(0.8..=1.2)
}

async fn wait(
    node: &Node,
    failure: &SessionError,
    back_off: &mut BackOff,
    stop: &CancellationToken,
) {
    if failure.repeats() {
        back_off.lengthen();
    }
    let delay = back_off.next(failure.hint(), &mut rand::rng());
    let agency = &node.membership().agency;
    let text = one_line(failure);
    warn!(
        referral.agency.id = %agency,
        error.type = failure.code(),
        "agency {agency} does not publish: {text}; next try in {:.1} s", delay.as_secs_f64()
    );
    lost(
        node,
        failure.code(),
        &format!("{text}; next try in {:.1} s", delay.as_secs_f64()),
    );
    tokio::select! {
        () = stop.cancelled() => {}
        () = sleep(delay) => {}
    }
}

/// A person has to look. Nothing is sent until the process is started again.
async fn give_up(node: &Node, failure: &SessionError, stop: &CancellationToken) {
    let agency = &node.membership().agency;
    let text = one_line(failure);
    error!(
        referral.agency.id = %agency,
        error.type = failure.code(),
        "agency {agency} has stopped publishing: {text}"
    );
    lost(
        node,
        failure.code(),
        &format!("publishing has stopped: {text}"),
    );
    node.link().send_modify(|link| link.has_stopped = true);
    stop.cancelled().await;
    info!(referral.agency.id = %agency, "agency {agency} stops");
}

fn lost(node: &Node, cause: &'static str, problem: &str) {
    node.link().send_modify(|link| {
        link.connected = false;
        link.cause = cause;
        problem.clone_into(&mut link.problem);
    });
}
