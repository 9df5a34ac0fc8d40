//! `agency-node run`: the daemon.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use referral_runtime::clock::Clock;
use referral_runtime::config;
use referral_runtime::data_dir::DataDirError;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::listen::BindError;
use referral_runtime::local;
use referral_runtime::shutdown::Tasks;
use referral_runtime::telemetry;
use tokio::time::sleep;
use tracing::info;

use super::output::print;
use super::{Data, exit};
use crate::control::{HELD, TRY_AGAIN};
use crate::operations::{Node, OpenError};
use crate::page::{self, ServeError};
use crate::{Config, StartError, start};

/// How long the tasks may take to end.
const DRAIN: Duration = Duration::from_secs(10);

/// Run the node: publish what is queued, and take commands, until it is stopped
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Run {
    #[command(flatten)]
    data: Data,
    /// Configuration file (TOML); everything has a default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The journal was lost: begin a new one, and take over what the directory holds
    #[arg(long)]
    new: bool,
}

const EXAMPLE: &str = "\
Example:
  agency-node run --data ./node

Ctrl-C or SIGTERM stops it; what is not yet acknowledged stays queued.";

impl Run {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let config: Config = config::load(self.config.as_deref()).exit(Exit::BadConfiguration)?;
        telemetry::init(&config.log).exit(Exit::BadConfiguration)?;
        if self.new {
            let begun = Node::begin(&self.data.directory);
            let code = begun.as_ref().err().map_or(Exit::Done, exit::of_open);
            begun.exit(code)?;
        }
        let tasks = Tasks::new();
        let node = match self.start(&config, &clock, &tasks).await {
            Ok(node) => node,
            Err(StartError::Open(error)) => {
                let code = exit::of_open(&error);
                return Err(error).exit(code);
            }
            Err(error @ StartError::Mail(_)) => return Err(error).exit(Exit::BadConfiguration),
            Err(error) => return Err(error.into()),
        };
        if let Some(config) = &config.page {
            let address = page::serve(&node, config, &tasks).await;
            let code = match &address {
                Err(
                    ServeError::Invalid(_)
                    | ServeError::Certificate(_)
                    | ServeError::Bind(BindError::NotLoopback { .. }),
                ) => Exit::BadConfiguration,
                _ => Exit::Failed,
            };
            print(&format!(
                "the agency's page is at {}\n",
                address.exit(code)?
            ))?;
        }
        tasks.wait().await?;
        tasks.drain(DRAIN).await?;
        drop(node);
        if let Some(failure) = tasks.failure() {
            return Err(failure.clone()).exit(Exit::StorageFailed);
        }
        info!("stopped");
        Ok(Exit::Done)
    }

    /// Starts the node. A command that holds the data directory just now is waited for; another
    /// daemon, which would not let go of it, is not.
    async fn start(
        &self,
        config: &Config,
        clock: &Arc<dyn Clock>,
        tasks: &Tasks,
    ) -> Result<Arc<Node>, StartError> {
        let directory = &self.data.directory;
        let deadline = clock.elapsed() + HELD;
        loop {
            match start(config, directory, Arc::clone(clock), tasks) {
                Err(StartError::Open(OpenError::DataDir(DataDirError::InUse { .. })))
                    if clock.elapsed() < deadline && local::connect(directory).await.is_err() =>
                {
                    sleep(TRY_AGAIN).await;
                }
                started => return started,
            }
        }
    }
}
