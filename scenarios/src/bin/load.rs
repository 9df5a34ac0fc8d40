//! What a directory carries, measured on the program itself.
//!
//! ```text
//! cargo build --release --locked -p directory-server
//! cargo run --release --locked -p referral-scenarios --features load --bin load -- rate
//! cargo run --release --locked -p referral-scenarios --features load --bin load -- nodes
//! ```

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};
use referral_runtime::telemetry::{self, LogConfig};
use referral_runtime::tls;
use referral_scenarios::load::{
    Attacks, Nodes, Pace, Place, Rate, What, attacks, first, herd, hold, rate, rebuild,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};
use tempfile::TempDir;

/// Measures what a directory carries. Prints one line for each measurement.
#[derive(Debug, Parser)]
struct Load {
    #[command(subcommand)]
    part: Part,
    /// Where temporary files go
    #[arg(long, global = true, default_value = "/var/tmp")]
    dir: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Operations acknowledged a second, with several publishers at full speed
    Rate {
        /// How many publishers
        #[arg(long, default_value_t = 8)]
        publishers: usize,
        /// How many operations each
        #[arg(long, default_value_t = 12_500)]
        each: usize,
        /// How many in one message
        #[arg(long, default_value_t = 32)]
        batch: usize,
        /// How many messages of one publisher on their way
        #[arg(long, default_value_t = 2)]
        in_flight: usize,
        /// So many a second by the clock, instead of as many as there is room for
        #[arg(long, conflicts_with = "in_flight")]
        offered: Option<u32>,
        /// Capacity reports instead of listings
        #[arg(long)]
        reports: bool,
    },
    /// A directory that lost all but its authority, filled again by whole nodes
    Rebuild {
        /// How many services in all
        #[arg(long, default_value_t = 500_000)]
        services: u32,
        /// How many agencies have them
        #[arg(long, default_value_t = 100)]
        agencies: u32,
    },
    /// The first publish of one agency's services
    First {
        /// How many
        #[arg(long, default_value_t = 100_000)]
        services: u32,
    },
    /// Nodes that are connected and do nothing but beat
    Nodes(Crowd),
    /// The same nodes after the directory was killed: how long until all are back
    Herd(Crowd),
    /// Silent connections and floods of HTTP/2, with searches before, during and after each
    Attacks {
        /// How many services are searched
        #[arg(long, default_value_t = 20_000)]
        services: u32,
        /// How many silent connections
        #[arg(long, default_value_t = 5_000)]
        silent: usize,
        /// How long each attack goes on, in seconds
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
}

#[derive(Clone, Copy, Debug, clap::Args)]
struct Crowd {
    /// How many
    #[arg(long, default_value_t = 10_000)]
    count: usize,
    /// How long they are watched, in seconds
    #[arg(long, default_value_t = 90)]
    seconds: u64,
    /// A beat is a capacity report, which becomes durable, instead of a heartbeat
    #[arg(long)]
    reports: bool,
}

#[expect(clippy::print_stdout, reason = "the output of a command")]
fn main() -> anyhow::Result<()> {
    let load = Load::parse();
    tls::install_crypto();
    telemetry::init(&LogConfig::default())?;
    open_files()?;
    let home = tempfile::Builder::new()
        .prefix("load-")
        .tempdir_in(&load.dir)?;
    let crowded = matches!(
        load.part,
        Part::Nodes(_) | Part::Herd(_) | Part::Rebuild { .. } | Part::Attacks { .. }
    );
    let place = place(&home, crowded)?;
    if crowded {
        let mut other = CpuSet::new();
        other.set(1);
        sched_setaffinity(None, &other).context("two processors are needed")?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let measured = runtime.block_on(async {
        match load.part {
            Part::Rate {
                publishers,
                each,
                batch,
                in_flight,
                offered,
                reports,
            } => {
                let what = if reports {
                    What::Reports
                } else {
                    What::Listings
                };
                let of = Rate {
                    publishers,
                    each,
                    batch,
                    pace: offered.map_or(Pace::Full(in_flight), Pace::Offered),
                    what,
                };
                rate(&place, of).await
            }
            Part::Rebuild { services, agencies } => rebuild(&place, services, agencies).await,
            Part::First { services } => first::first(&place, services).await,
            Part::Nodes(crowd) => hold(&place, crowd.nodes()).await,
            Part::Herd(crowd) => herd(&place, crowd.nodes()).await,
            Part::Attacks {
                services,
                silent,
                seconds,
            } => {
                let of = Attacks {
                    services,
                    silent,
                    each: Duration::from_secs(seconds),
                };
                attacks(&place, of).await
            }
        }
    })?;
    println!("{measured}");
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

impl Crowd {
    fn nodes(self) -> Nodes {
        Nodes {
            count: self.count,
            watched: Duration::from_secs(self.seconds),
            report: self.reports,
        }
    }
}

/// The directory's program stands beside this one; with a crowd it has processor 0 for itself.
fn place(home: &TempDir, crowded: bool) -> anyhow::Result<Place> {
    let me = std::env::current_exe()?;
    let program = me.with_file_name("directory-server");
    anyhow::ensure!(
        program.exists(),
        "{} is not built: cargo build --release -p directory-server",
        program.display()
    );
    Ok(Place {
        home: home.path().to_owned(),
        program,
        processor: crowded.then_some(0),
    })
}

/// As many open files as the system allows; the directory inherits that.
fn open_files() -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        ..limit
    };
    Ok(setrlimit(Resource::Nofile, all)?)
}
