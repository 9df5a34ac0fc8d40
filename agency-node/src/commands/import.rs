//! `agency-node import`: from an agency's own file to queued records.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use referral_core::id::AgencyId;
use referral_gazetteer::gazetteer;
use referral_runtime::clock::Clock;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use tokio::task::spawn_blocking;

use super::Data;
use super::exit::coded;
use super::output::{print, print_json};
use super::remind::remind;
use super::report::Report;
use crate::control::Handle;
use crate::identity::{IdentityError, Membership};
use crate::operations::sift;
use crate::source::{self, Imported, Input};

/// Take in what the agency already has on file
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum ImportCommand {
    Hsds(Hsds),
    Csv(Csv),
}

const EXAMPLES: &str = "\
Example:
  agency-node import hsds services.json --data ./node
  agency-node import csv services.csv --map map.toml --data ./node

One bad row never stops the rest. Nothing is ever deleted because a file does not mention it.";

/// Import HSDS 3.x: JSON, NDJSON, a directory of tables, or a zip of them
#[derive(Args, Debug)]
#[command(after_help = HSDS_EXAMPLE)]
pub(super) struct Hsds {
    /// A .json or .ndjson file, a table, a zip archive or a directory
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    how: How,
}

const HSDS_EXAMPLE: &str = "\
Example: see what an import would do, then do it:
  agency-node import hsds services.json --data ./node --dry-run
  agency-node import hsds services.json --data ./node";

/// Import any spreadsheet saved as CSV, by a map that says what its columns mean
#[derive(Args, Debug)]
#[command(after_help = CSV_EXAMPLE)]
pub(super) struct Csv {
    /// The tables, or one directory that holds them
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The map
    #[arg(long, value_name = "MAP.toml")]
    map: PathBuf,
    #[command(flatten)]
    how: How,
}

const CSV_EXAMPLE: &str = "\
Example:
  agency-node import csv clinics.csv --map clinics.toml --data ./node --json";

#[derive(Args, Debug)]
struct How {
    #[command(flatten)]
    data: Data,
    /// Only compare: queue nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// End with exit code 65 when rows were refused
    #[arg(long)]
    strict: bool,
}

impl ImportCommand {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        match self {
            Self::Hsds(Hsds { path, how }) => how.import(Input::Hsds(path), clock).await,
            Self::Csv(Csv { files, map, how }) => {
                how.import(Input::Csv { files, map }, clock).await
            }
        }
    }
}

impl How {
    async fn import(self, input: Input, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let data_dir = &self.data.directory;
        let membership = Membership::load(data_dir)?
            .ok_or_else(|| IdentityError::NotJoined {
                data_dir: data_dir.clone(),
            })
            .exit(Exit::BadConfiguration)?;
        let now = clock.now();
        let Imported {
            converted,
            source,
            skipped,
        } = read(input, membership.agency, now).await?;
        let (import, too_large) = sift(&converted, &source, self.dry_run, now);
        let handle = coded(Handle::open(data_dir, &clock).await)?;
        let working = Working::on(&format!("comparing {} records", import.records.len()));
        let plan = coded(handle.import(import).await);
        drop(working);
        let report = Report::new(source, &plan?)
            .rows(&converted.withheld, &converted.refused, &converted.repaired)
            .oversized(&too_large)
            .skipped(skipped);
        if self.json {
            print_json(&report)?;
        } else {
            print(&report.text())?;
            remind(&handle, now).await?;
        }
        let strict = self.strict || report.took_nothing();
        Ok(if strict && !report.refused.is_empty() {
            Exit::InputRefused
        } else {
            Exit::Done
        })
    }
}

async fn read(input: Input, agency: AgencyId, now: Timestamp) -> anyhow::Result<Imported> {
    let working = Working::on("reading");
    let reading = spawn_blocking(move || {
        let mut progress = |progress: &source::Progress| {
            working.now(&format!(
                "reading {}: {} rows",
                progress.file, progress.rows
            ));
        };
        source::read(&input, &agency, gazetteer(), now, &mut progress)
            .context("the import was refused, and nothing of it is taken")
            .exit(Exit::InputRefused)
    });
    reading.await.context("reading the file failed")?
}
