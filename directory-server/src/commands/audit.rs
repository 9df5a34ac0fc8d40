//! `directory-server audit ...`: reads the audit log of a data directory, running or not.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use referral_runtime::stdout::print;

use super::DataArg;
use crate::audit::{AuditError, Checkpoint, read, verify};

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Check that no entry was removed or changed
    Verify(Verify),
    /// Show what was done and by whom, oldest first
    Show(Show),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Keep what it prints elsewhere: the next check with --since proves that the log was not written anew.\n\nExample:\n  directory-server audit verify --data ./directory"
)]
pub(super) struct Verify {
    #[command(flatten)]
    data: DataArg,
    /// What an earlier check printed
    #[arg(long, value_name = "NUMBER:HASH", value_parser = checkpoint)]
    since: Option<Checkpoint>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server audit show --about harbor-house --data ./directory"
)]
pub(super) struct Show {
    #[command(flatten)]
    data: DataArg,
    /// Only entries about this agency, account, token or listing
    #[arg(long)]
    about: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

fn checkpoint(text: &str) -> Result<Checkpoint, &'static str> {
    Checkpoint::parse(text)
        .ok_or("give it as `audit verify` printed it: a number, a colon, 64 digits")
}

impl Audit {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Verify(verify) => verify.run(),
            Self::Show(show) => show.run(),
        }
    }
}

impl Verify {
    fn run(self) -> anyhow::Result<()> {
        let working = Working::on("reading every entry");
        let verified = verify(&self.data.data, self.since.as_ref());
        drop(working);
        match verified {
            Ok(head) => print(&format!("{head}\n")),
            Err(error @ AuditError::Damaged(_)) => Err(error).exit(Exit::StorageFailed),
            Err(error) => Err(error.into()),
        }
    }
}

impl Show {
    fn run(self) -> anyhow::Result<()> {
        let mut entries = read(&self.data.data)?;
        entries.retain(|entry| {
            self.about
                .as_ref()
                .is_none_or(|about| entry.about == *about)
        });
        if self.json {
            return print(&format!("{}\n", serde_json::json!({ "entries": entries })));
        }
        let mut text = String::new();
        for entry in entries {
            let note = if entry.note.is_empty() {
                String::new()
            } else {
                format!(": {}", entry.note)
            };
            let _infallible = writeln!(
                text,
                "{:>5}  {}  {}  {}  {}{note}",
                entry.number, entry.at, entry.who, entry.act, entry.about
            );
        }
        print(&text)
    }
}
