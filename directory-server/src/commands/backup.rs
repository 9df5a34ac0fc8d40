//! `directory-server backup`: through the running directory, or from its data directory when none runs.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use referral_proto::v1;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::progress::Working;
use referral_runtime::stdout::print;

use super::{DataArg, running};
use crate::backup::take_from;

/// Copies what must not be lost into a new folder, opens the copy and reads every record of it.
///
/// The authority's key is not part of it: keep the data directory's folder `ca` apart, where only you can
/// read it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server backup --data ./directory --to /mnt/backups/2026-11-22"
)]
pub(super) struct Backup {
    #[command(flatten)]
    data: DataArg,
    /// The folder to make; one that is there is never overwritten
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Backup {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let to = std::path::absolute(&self.to).context("--to")?;
        let working = Working::on("copying, and reading the copy");
        let taken = match running(&self.data.data).await? {
            Some(mut client) => {
                let to = to.to_str().context("--to is not text")?.to_owned();
                let answer = client.backup(v1::BackupRequest { to }).await;
                answer
                    .map_err(|status| anyhow::anyhow!("{}", status.message()))?
                    .into_inner()
            }
            None => take_from(&self.data.data, &to, SystemClock::new().now())?.into(),
        };
        drop(working);
        if self.json {
            let document = referral_proto::json::to_json("referral.v1.BackupResponse", &taken)?;
            return print(&format!("{document}\n"));
        }
        print(&format!(
            "{} journal records of generation {} are in {}, {} bytes in {} files, opened and read; \
             the authority's key is not: keep a copy of {} apart\n",
            taken.last_index,
            taken.generation,
            to.display(),
            taken.bytes,
            taken.files,
            self.data.data.join(crate::life::AUTHORITY).display()
        ))
    }
}
