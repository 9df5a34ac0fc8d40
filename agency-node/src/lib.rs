//! An agency's end of the referral federation: daemon and command line.
//!
//! What an agency has on file becomes records ([`source`]), is compared with what the node publishes and
//! queued in its journal ([`operations`], [`outbox`], [`catalog`]), and reaches the directory over one
//! stream ([`publisher`]). [`identity`] is who the node is; [`control`] is how commands reach it;
//! [`commands`] is the command line; [`page`] is the agency's own page, and [`people`] are those who may open it.
//!
//! A program that runs nodes inside itself calls [`identity::join`] once, then [`start`], and talks to
//! the [`operations::Node`] it gets.

#[macro_use]
mod failpoint;

pub mod catalog;
pub mod commands;
pub mod config;
pub mod control;
pub mod identity;
pub mod mail;
pub mod operations;
pub mod outbox;
pub mod page;
pub mod people;
pub mod publisher;
pub mod reminder;
pub mod source;

use std::path::Path;
use std::sync::Arc;

use referral_runtime::clock::Clock;
use referral_runtime::local::LocalError;
use referral_runtime::shutdown::Tasks;
use tracing::info;

pub use config::Config;
// Templates say their texts by these names.
use operations::{Node, OpenError};
pub(crate) use page::{say, tell};

/// Why a node cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The local socket cannot be opened.
    #[error(transparent)]
    Socket(#[from] LocalError),
    /// Reminders cannot be sent as configured.
    #[error(transparent)]
    Mail(#[from] mail::InvalidMail),
}

/// Opens the node in `data_dir`, serves its commands, and publishes, until `tasks` are asked to end.
///
/// Tasks of their own do the work; the node that comes back is the one they work on. It holds the data
/// directory until the tasks have ended and every clone is dropped. Must be called within a runtime.
///
/// # Errors
/// [`StartError`].
pub fn start(
    config: &Config,
    data_dir: &Path,
    clock: Arc<dyn Clock>,
    tasks: &Tasks,
) -> Result<Arc<Node>, StartError> {
    let mailer = config.mail.as_ref().map(mail::Mailer::new).transpose()?;
    let node = Arc::new(Node::open(data_dir, clock)?);
    control::serve(&node, tasks)?;
    let publishing = publisher::run(Arc::clone(&node), config.publish.clone(), tasks.token());
    tasks.spawn_vital("publisher", publishing);
    let (own, stop) = (Arc::clone(&node), tasks.token());
    tasks.spawn_vital("journal", async move {
        let failed = stop.run_until_cancelled(own.journal_failed()).await;
        failed.unwrap_or(Ok(()))
    });
    let (own, stop) = (Arc::clone(&node), tasks.token());
    tasks.spawn_again("daily verification", move || {
        publisher::verify_daily(Arc::clone(&own), stop.clone())
    });
    let (own, stop) = (Arc::clone(&node), tasks.token());
    tasks.spawn_again("renewal of the certificate", move || {
        publisher::renew_on_time(Arc::clone(&own), stop.clone())
    });
    if let (Some(mailer), Some(mail)) = (mailer, &config.mail) {
        let (own, stop, back_off) = (Arc::clone(&node), tasks.token(), mail.back_off);
        tasks.spawn_again("reminders", move || {
            mail::remind(Arc::clone(&own), mailer.clone(), back_off, stop.clone())
        });
    }
    let agency = &node.membership().agency;
    info!(
        referral.agency.id = %agency,
        "the node of agency {agency} runs in {}", data_dir.display()
    );
    Ok(node)
}
