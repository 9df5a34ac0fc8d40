//! `directory-server serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use referral_runtime::clock::SystemClock;
use referral_runtime::config;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::shutdown::{Tasks, survive_file_size_limit};
use referral_runtime::stdout::print;
use referral_runtime::telemetry;
use referral_runtime::{listen, open_files};

use super::DataArg;
use crate::config::Config;
use crate::life::Start;
use crate::serve::Server;

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
        config.authority.apart = true;
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
        tasks.wait().await?;
        server.drain(&tasks).await
    }
}
