//! `directory-server restore`: a backup becomes a data directory, as a new generation.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use referral_runtime::stdout::print;
use serde_json::json;

use super::DataArg;
use crate::backup::{self, InvalidBackup, RestoreError};

/// Puts a backup into a new data directory, or one that holds the authority alone. The directory stops
/// first. What agencies published since the backup was taken comes back from their nodes.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server restore --from /mnt/backups/2026-11-22 --data ./directory"
)]
pub(super) struct Restore {
    #[command(flatten)]
    data: DataArg,
    /// The backup
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// Move what is there aside; nothing is deleted
    #[arg(long)]
    replace: bool,
    /// Let agencies in again by their certificates that joined after the backup was taken, until end-rebuild
    #[arg(long)]
    let_back_in: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let order = backup::Restore {
            from: &self.from,
            data: &self.data.data,
            replace: self.replace,
            let_back_in: self.let_back_in,
        };
        let working = Working::on("restoring, and reading every record");
        let restored = match backup::restore(&order, SystemClock::new().now()) {
            Ok(restored) => restored,
            Err(error) => {
                let exit = exit_of(&error);
                return Err(error).exit(exit);
            }
        };
        drop(working);
        let aside = restored.aside.map(|aside| aside.display().to_string());
        if self.json {
            let document = json!({
                "generation": restored.generation.to_string(),
                "lastIndex": restored.last_index.to_string(),
                "takenAt": restored.taken_at.to_string(),
                "aside": aside,
                "authorityMissing": restored.authority_missing,
            });
            return print(&format!("{document}\n"));
        }
        let mut text = format!(
            "{} journal records of {} are restored as generation {}\n",
            restored.last_index, restored.taken_at, restored.generation
        );
        if let Some(aside) = aside {
            let _infallible = writeln!(text, "what was there is in {aside}");
        }
        if restored.authority_missing {
            let authority = self.data.data.join(crate::life::AUTHORITY);
            let _infallible = writeln!(
                text,
                "the authority is in no backup: put your copy of it into {} before you start serve",
                authority.display()
            );
        }
        print(&text)
    }
}

/// A backup that is not believed is refused input; everything else failed here.
fn exit_of(error: &RestoreError) -> Exit {
    match error {
        RestoreError::Backup(InvalidBackup::Io(_)) => Exit::Failed,
        RestoreError::Backup(_) | RestoreError::OtherAuthority { .. } => Exit::InputRefused,
        _ => Exit::Failed,
    }
}
