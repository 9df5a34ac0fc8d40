//! The demo: a directory and a national network of agencies on this machine, changing while you watch.
//!
//! ```text
//! cargo run --locked -p referral-scenarios --bin demo
//! ```
//!
//! starts a directory with real listeners on loopback and 244 agencies of 9 networks (invented ones) in
//! 43 states. Each agency is enrolled, joins with its token over mutual TLS, and publishes through a
//! node of its own; then capacities change, about three a second. The story is in
//! [`referral_scenarios::demo`], the network in [`referral_scenarios::network`].
//!
//! # What it costs
//!
//! Unoptimised, on a two-core machine shared with other builds (load 2 to 5), three runs of
//!
//! ```text
//! cargo build --locked -p referral-scenarios --bin demo
//! /usr/bin/time -v target/debug/demo --public-listen 127.0.0.1:0 --for 2s
//! ```
//!
//! | what | measured |
//! |---|---|
//! | start to the first search answered | 0.6 to 0.8 s |
//! | start to 244 agencies with 424 offices and 963 services acknowledged | 7.2 to 10.7 s |
//! | processor time, all of it | 8.7 to 9.7 s |
//! | resident memory, at most | 256 to 290 MiB |
//! | open files with all agencies connected, at most (`ls /proc/ID/fd`) | 1,246 |
//! | Ctrl-C to the end, 244 agencies | 1.8 to 4 s |

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use referral_runtime::clock::SystemClock;
use referral_runtime::exit::{Exit, WithExit, report};
use referral_runtime::telemetry::{self, LogConfig};
use referral_runtime::tls;
use referral_scenarios::demo::{self, Home, Options, allow_open_files};
use tokio::runtime::Builder;

/// A directory and a synthetic national network of agencies, on this machine only.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
struct Demo {
    /// How many agencies
    #[arg(long, value_name = "N", default_value_t = 244, value_parser = agencies)]
    agencies: usize,
    /// Which network; the same number gives the same one
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Where the search page is; a free port is taken where this one is in use
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    public_listen: SocketAddr,
    /// Keep the data in this new directory [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Stop by itself, so long after everything is published, e.g. 20s
    #[arg(long = "for", value_name = "DURATION", value_parser = humantime::parse_duration)]
    stay: Option<Duration>,
    /// What is logged on standard error
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    log: String,
}

const EXAMPLES: &str = "\
Examples:
  demo
  demo --agencies 20 --seed 7 --data ./demo-data
  demo --agencies 12 --public-listen 127.0.0.1:0 --for 20s";

fn main() -> ExitCode {
    tls::install_crypto();
    match Demo::parse().run() {
        Ok(()) => Exit::Done.into(),
        Err(error) => report("demo", &error),
    }
}

impl Demo {
    fn run(self) -> anyhow::Result<()> {
        let log = LogConfig {
            filter: self.log,
            ..LogConfig::default()
        };
        telemetry::init(&log).exit(Exit::Usage)?;
        allow_open_files(self.agencies)?;
        let home = Home::open(self.data.as_deref()).exit(Exit::Usage)?;
        let options = Options {
            agencies: self.agencies,
            seed: self.seed,
            public: self.public_listen,
            stay: self.stay,
        };
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let clock = Arc::new(SystemClock::new());
        let ended = runtime.block_on(demo::run(options, home.path(), clock));
        // Ends what still blocks, so that nothing writes into the directory while it is removed.
        drop(runtime);
        let removed = home.close();
        ended?;
        removed
    }
}

fn agencies(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1_400) => Ok(number),
        _ => Err("give a number from 1 to 1,400".to_owned()),
    }
}
