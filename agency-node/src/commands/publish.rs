//! `agency-node publish`: once, without a daemon.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use referral_runtime::clock::Clock;
use referral_runtime::config;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::Data;
use super::exit::coded;
use super::output::{print, print_json};
use super::remind::reminder;
use crate::Config;
use crate::control::{ControlError, Handle, publish};
use crate::operations::{Node, Status};
use crate::outbox::Progress;

/// How often the running daemon is asked how far it is.
const ASK: Duration = Duration::from_millis(200);

/// Publish what is queued, and end once the directory has acknowledged it
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Publish {
    #[command(flatten)]
    data: Data,
    /// How long it may take, e.g. 90s or 10m
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = humantime::parse_duration)]
    within: Duration,
    /// Configuration file (TOML); everything has a default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

const EXAMPLE: &str = "\
Example: from a nightly job, without a daemon:
  agency-node import csv services.csv --map map.toml --data ./node \\
    && agency-node publish --data ./node

Exit code 69: the directory cannot be reached; what is queued stays queued.";

impl Publish {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let config: Config = config::load(self.config.as_deref()).exit(Exit::BadConfiguration)?;
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let before = coded(handle.status().await)?;
        match &handle {
            Handle::Local(node) => coded(self.publish(node, &config).await)?,
            Handle::Remote(_) => self.watch(&handle).await?,
        }
        let after = coded(handle.status().await)?;
        self.print(&before, &after)?;
        if !self.json {
            print(&reminder(&after, clock.now()))?;
        }
        Ok(Exit::Done)
    }

    async fn publish(&self, node: &Arc<Node>, config: &Config) -> Result<(), ControlError> {
        let mut progress = node.progress();
        let working = shown(*progress.borrow());
        let publishing = publish(node, &config.publish, self.within);
        tokio::pin!(publishing);
        loop {
            tokio::select! {
                published = &mut publishing => return published,
                changed = progress.changed() => {
                    if changed.is_ok() {
                        working.done(progress.borrow_and_update().acknowledged);
                    }
                }
            }
        }
    }

    /// The daemon publishes; this waits until it has.
    async fn watch(&self, handle: &Handle) -> anyhow::Result<()> {
        let deadline = Instant::now() + self.within;
        let working = Working::on("the node publishes");
        loop {
            let status = coded(handle.status().await)?;
            let waiting = status.queued.saturating_sub(status.acknowledged);
            working.now(&format!("the node publishes: {waiting} records wait"));
            if status.pending_since.is_none() {
                return Ok(());
            }
            if !status.link.problem.is_empty() {
                let problem = status.link.problem;
                return Err(anyhow::anyhow!(
                    "the node's daemon does not publish: {problem}"
                ))
                .exit(Exit::Unreachable);
            }
            if Instant::now() >= deadline {
                bail!("the directory has not acknowledged all of it in time; it stays queued");
            }
            sleep(ASK).await;
        }
    }

    fn print(&self, before: &Status, after: &Status) -> anyhow::Result<()> {
        let operations = after.acknowledged.saturating_sub(before.acknowledged);
        let reports = before.capacity_pending;
        let refused = after.rejections.len();
        if self.json {
            return print_json(&json!({
                "operations": operations,
                "reports": reports,
                "refused": refused,
            }));
        }
        let refused = match refused {
            0 => String::new(),
            some => format!("; {some} refused, see agency-node status"),
        };
        print(&format!(
            "acknowledged: {operations} records and {reports} capacity reports{refused}\n"
        ))
    }
}

fn shown(progress: Progress) -> Working {
    let working = Working::through(progress.queued, "acknowledged");
    working.done(progress.acknowledged);
    working
}
