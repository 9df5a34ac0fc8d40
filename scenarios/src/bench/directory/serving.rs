//! A whole directory as a process of its own: this program again, told to serve.

use std::io::{self, BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use anyhow::Context;
use directory_server::config::Config;
use directory_server::serve::Server;
use jiff::Timestamp;
use referral_runtime::clock::ManualClock;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls;

/// A directory makes a snapshot after so many records of the journal: fewer than the smallest here has.
const SNAPSHOT: u64 = 10_000;

/// Serves the directory in `data` at `now`, which stands still, until the input ends. Prints where.
///
/// # Errors
/// When the data cannot be used.
#[expect(clippy::print_stdout, reason = "the parent reads where to search")]
pub fn serve(data: &Path, now: Timestamp) -> anyhow::Result<()> {
    tls::install_crypto();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let tasks = Tasks::new();
        let clock = Arc::new(ManualClock::new(now));
        let server = Server::start(data, &config(), clock, &tasks).await?;
        println!("{}", server.public);
        tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await??;
        tasks.stop();
        server.drain(&tasks).await
    })
}

/// As a directory is by itself, but on ports of its own and with a snapshot although it is small.
#[must_use]
pub fn config() -> Config {
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = Config::default();
    config.federation.listen = free;
    config.public.listen = free;
    config.journal.snapshot_records = SNAPSHOT;
    config
}

/// A directory that serves; stopped when dropped.
#[derive(Debug)]
pub(super) struct Serving {
    process: Child,
    input: Option<ChildStdin>,
    /// Where it is searched.
    pub(super) public: String,
}

impl Serving {
    /// Starts one over `data`; returns when it can be searched.
    pub(super) fn start(data: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("serve")
            .arg(data)
            .arg(now.as_second().to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let output = process
            .stdout
            .take()
            .context("the directory has no output")?;
        let mut public = String::new();
        BufReader::new(output).read_line(&mut public)?;
        anyhow::ensure!(!public.is_empty(), "the directory did not start");
        Ok(Self {
            input: process.stdin.take(),
            process,
            public: public.trim().to_owned(),
        })
    }

    /// The process's id.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.input.take());
        if let Err(error) = self.process.wait() {
            super::super::contest::say(&format!("the directory did not end: {error}"));
        }
    }
}
