//! `directory-server authority ...`: keeping the authority's key in a safe place, and putting it back.

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::config;
use referral_runtime::data_dir::DataDir;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::stdout::print;
use referral_runtime::tls::{Authority as Ca, TrustDomain};

use super::DataArg;
use crate::config::Config;
use crate::life::AUTHORITY;

#[derive(Debug, Subcommand)]
pub(super) enum Authority {
    /// Write the authority's key and certificate into a file of its own, for a safe place
    Export(Export),
    /// Put an exported authority back where it is missing
    Import(Import),
}

/// Writes the authority's key into one file that only you can read.
///
/// Whoever has that file can pose as this directory. Keep it offline, in two places, not beside the
/// backups: without it nobody can come back after a total loss.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server authority export --data ./directory \\\n      --to /safe/authority.pem"
)]
pub(super) struct Export {
    #[command(flatten)]
    data: DataArg,
    /// The file to write; one that is there is never overwritten
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Configuration file (TOML); its trust domain is the authority's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Puts an exported authority back. The directory must not run.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server authority import --data ./directory \\\n      --from /safe/authority.pem"
)]
pub(super) struct Import {
    #[command(flatten)]
    data: DataArg,
    /// The file that was exported
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Configuration file (TOML); its trust domain is the authority's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Authority {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Export(export) => export.run(),
            Self::Import(import) => import.run(),
        }
    }
}

impl Export {
    fn run(self) -> anyhow::Result<()> {
        let domain = domain(self.config.as_deref())?;
        let folder = self.data.data.join(AUTHORITY);
        let (fingerprint, secret) = Ca::reveal_escrow(&folder, &domain, SystemClock::new().now())?;
        let mut options = std::fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.to)
            .with_context(|| format!("cannot write {}", self.to.display()))?;
        std::io::Write::write_all(&mut file, secret.as_bytes())?;
        file.sync_all()?;
        print(&format!(
            "the authority {fingerprint} is in {}: whoever reads that file can pose as this directory\n",
            self.to.display()
        ))
    }
}

impl Import {
    fn run(self) -> anyhow::Result<()> {
        let domain = domain(self.config.as_deref())?;
        let data = DataDir::open(&self.data.data)?;
        let secret = std::fs::read_to_string(&self.from)
            .with_context(|| format!("cannot read {}", self.from.display()))?;
        let folder = data.subdirectory(AUTHORITY)?;
        let now = SystemClock::new().now();
        let fingerprint = Ca::restore_escrow(&folder, &domain, &secret, now)?;
        print(&format!(
            "the authority {fingerprint} is in {}\n",
            folder.display()
        ))
    }
}

fn domain(file: Option<&Path>) -> anyhow::Result<TrustDomain> {
    let config: Config = config::load(file).exit(Exit::BadConfiguration)?;
    TrustDomain::parse(&config.federation.trust_domain)
        .context("federation.trust_domain")
        .exit(Exit::BadConfiguration)
}
