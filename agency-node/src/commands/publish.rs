//! `agency-node publish`: once, without a daemon.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use referral_runtime::clock::Clock;
use referral_runtime::config;
use referral_runtime::exit::{Exit, WithExit};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::Data;
use super::exit::coded;
use super::output::{print, print_json};
use super::remind::reminder;
use crate::Config;
use crate::control::{ControlError, Handle, publish};
use crate::operations::{Node, Status};

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
        let bar = bar(node);
        let mut progress = node.progress();
        let publishing = publish(node, &config.publish, self.within);
        tokio::pin!(publishing);
        let published = loop {
            tokio::select! {
                published = &mut publishing => break published,
                changed = progress.changed() => {
                    if changed.is_ok() {
                        bar.set_position(progress.borrow_and_update().acknowledged);
                    }
                }
            }
        };
        bar.finish_and_clear();
        published
    }

    /// The daemon publishes; this waits until it has.
    async fn watch(&self, handle: &Handle) -> anyhow::Result<()> {
        let deadline = Instant::now() + self.within;
        loop {
            let status = coded(handle.status().await)?;
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

fn bar(node: &Node) -> ProgressBar {
    let progress = *node.progress().borrow();
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} acknowledged ({per_sec})");
    let bar = ProgressBar::new(progress.queued).with_position(progress.acknowledged);
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
