//! `directory-server serve`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use referral_runtime::clock::SystemClock;
use referral_runtime::config;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use referral_runtime::shutdown::{Tasks, survive_file_size_limit};
use referral_runtime::stdout::print;
use referral_runtime::telemetry;
use referral_runtime::{listen, open_files};
use tokio::time::interval;

use super::DataArg;
use crate::config::Config;
use crate::life::Start;
use crate::operations::{AgencyOverview, Directory};
use crate::serve::Server;

/// How often is looked how far a rebuild is.
const LOOK: Duration = Duration::from_secs(2);

/// Runs the directory until it is told to stop.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server serve --data ./directory --public-listen 127.0.0.1:8080"
)]
pub(super) struct Serve {
    #[command(flatten)]
    data: DataArg,
    /// Configuration file (TOML); defaults apply to what it does not say
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where agencies' nodes connect [default: 127.0.0.1:7443]
    #[arg(long, value_name = "HOST:PORT", value_parser = listen::address)]
    federation_listen: Option<SocketAddr>,
    /// Where pages and searches are served [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT", value_parser = listen::address)]
    public_listen: Option<SocketAddr>,
    /// Begin an empty directory although there was an earlier one, whose journal is lost
    #[arg(long, conflicts_with = "rebuild")]
    new: bool,
    /// Begin empty and let the agencies' nodes fill it again, by their certificates
    #[arg(long)]
    rebuild: bool,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let mut config: Config =
            config::load(self.config.as_deref()).exit(Exit::BadConfiguration)?;
        if let Some(listen) = self.federation_listen {
            config.federation.listen = listen;
        }
        if let Some(listen) = self.public_listen {
            config.public.listen = listen;
        }
        telemetry::init(&config.log).exit(Exit::BadConfiguration)?;
        survive_file_size_limit()?;
        let files = open_files::raise_limit();
        tracing::debug!("up to {files} files and connections may be open");
        let tasks = Tasks::new();
        let clock = Arc::new(SystemClock::new());
        let start = match (self.new, self.rebuild) {
            (true, _) => Start::New,
            (_, true) => Start::Rebuild,
            _ => Start::Usual,
        };
        let server = Server::start_as(start, &self.data.data, &config, clock, &tasks).await?;
        let scheme = config
            .public
            .certificate
            .as_ref()
            .map_or("http", |_| "https");
        print(&format!(
            "federation https://{}\npublic     {scheme}://{}\n",
            server.federation, server.public
        ))?;
        tokio::select! {
            stopped = tasks.wait() => stopped?,
            never = shown_rebuilding(&server.directory) => match never {},
        }
        server.drain(&tasks).await
    }
}

/// Shows on a terminal how far agencies have filled the directory again after a total loss.
async fn shown_rebuilding(directory: &Directory) -> Infallible {
    let mut looks = interval(LOOK);
    let mut working = None;
    loop {
        looks.tick().await;
        if !directory.is_rebuilding() {
            working = None;
            continue;
        }
        let words = rebuilt(&directory.agencies());
        let working: &Working = working.get_or_insert_with(|| Working::on(&words));
        working.now(&words);
    }
}

fn rebuilt(agencies: &[AgencyOverview]) -> String {
    let back = agencies.iter().filter(|agency| agency.joined).count();
    let records: u64 = agencies
        .iter()
        .map(|agency| u64::from(agency.records))
        .sum();
    let named = if back == 1 { "agency" } else { "agencies" };
    format!("rebuilding: {back} {named} back, {records} records")
}
