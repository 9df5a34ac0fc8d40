//! `directory-server authority ...`: keeping the authority's key in a safe place, and putting it back.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};
use referral_proto::v1;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::config;
use referral_runtime::data_dir::DataDir;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::stdout::print;
use referral_runtime::telemetry::{self, LogConfig};
use referral_runtime::tls::{Authority as Ca, Signer, TrustDomain};

use super::{DataArg, running};
use crate::audit::{Act, Audit, Who};
use crate::config::Config;
use crate::life::AUTHORITY;
use crate::serve::authority::READY;

#[derive(Debug, Subcommand)]
pub(super) enum Authority {
    /// Write the authority's key and certificate into a file of its own, for a safe place
    Export(Export),
    /// Put an exported authority back where it is missing
    Import(Import),
    /// Hold the authority's key in a process of its own, and sign what the directory may have signed
    Serve(Serve),
}

/// Writes the authority's key into one file that only you can read.
///
/// Whoever has that file can pose as this directory. Keep it offline, in two places, not beside the
/// backups: without it nobody can come back after a total loss. It is in the audit log before the key is in the file.
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
    /// Where the authority is when it has a folder of its own; the directory must run, to record it
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
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

/// Holds the authority's key and signs over a socket: certificates of agencies for a day, and the directory's own.
///
/// `serve` starts this itself. Run it as another user to keep the key from the process that serves pages, and name
/// the socket in the directory's configuration (authority.socket).
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server authority serve --folder /var/lib/referral-authority \\\n      \
                  --socket /run/referral-authority/sign.sock --group"
)]
pub(super) struct Serve {
    /// The folder with the key; an authority is made there where there is none
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// The socket to answer at
    #[arg(long, value_name = "FILE")]
    socket: PathBuf,
    /// The trust domain of agencies' certificates
    #[arg(long, value_name = "NAME", default_value = "referral.internal")]
    trust_domain: String,
    /// Let the socket's group ask, too
    #[arg(long)]
    group: bool,
    /// End when standard input ends
    #[arg(long, hide = true)]
    with_parent: bool,
}

impl Serve {
    fn run(self) -> anyhow::Result<()> {
        telemetry::init(&LogConfig::default()).exit(Exit::BadConfiguration)?;
        let domain = TrustDomain::parse(&self.trust_domain)
            .context("--trust-domain")
            .exit(Exit::BadConfiguration)?;
        let signer = Signer::open(&self.folder, &domain, Arc::new(SystemClock::new()))?;
        let listening = signer.listen(&self.socket, if self.group { 0o660 } else { 0o600 })?;
        print(&format!("{READY}\n"))?;
        if !self.with_parent {
            return Ok(listening.answer_all()?);
        }
        std::thread::Builder::new()
            .name("authority".to_owned())
            .spawn(move || listening.answer_all())?;
        // Nothing is ever said: it ends with who holds the other end.
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
        Ok(())
    }
}

impl Authority {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Export(export) => export.run().await,
            Self::Import(import) => import.run(),
            Self::Serve(serve) => serve.run(),
        }
    }
}

impl Export {
    async fn run(self) -> anyhow::Result<()> {
        let domain = domain(self.config.as_deref())?;
        let own = self.data.data.join(AUTHORITY);
        let folder = self.folder.as_ref().unwrap_or(&own);
        let (fingerprint, secret) = Ca::reveal_escrow(folder, &domain, SystemClock::new().now())?;
        let mut options = std::fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.to)
            .with_context(|| format!("cannot write {}", self.to.display()))?;
        if let Err(error) = self.record().await {
            // Empty still.
            std::fs::remove_file(&self.to)?;
            return Err(error);
        }
        file.write_all(secret.as_bytes())?;
        file.sync_all()?;
        print(&format!(
            "the authority {fingerprint} is in {}: whoever reads that file can pose as this directory\n",
            self.to.display()
        ))
    }

    /// Puts it into the audit log: through the running directory, or into the log itself when none runs.
    async fn record(&self) -> anyhow::Result<()> {
        let to = std::path::absolute(&self.to).context("--to")?;
        let to = to.display().to_string();
        if let Some(mut client) = running(&self.data.data).await? {
            let asked = v1::RecordAuthorityExportRequest { to };
            let recorded = client.record_authority_export(asked).await;
            recorded.map_err(|status| anyhow::anyhow!("{}", status.message()))?;
            return Ok(());
        }
        if self.folder.is_some() {
            // What another user left in its folder the directory could not read.
            let why = anyhow::anyhow!("no directory runs that records it: start it, and try again");
            return Err(why).exit(Exit::Unreachable);
        }
        let held = DataDir::open(&self.data.data)?;
        let (who, now) = (Who::at_the_machine(), SystemClock::new().now());
        Audit::open(held.path())?.record(&who, Act::AuthorityExported, (&to, ""), now)?;
        Ok(())
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
