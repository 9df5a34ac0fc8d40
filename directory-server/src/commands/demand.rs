//! `directory-server demand ...`: tables of who may need help where, through the running directory, or in its data
//! directory when none runs.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use referral_proto::json::to_json;
use referral_proto::v1;
use referral_runtime::data_dir::DataDir;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use referral_runtime::stdout::print;
use referral_runtime::table::{lines, table};
use tonic::{Code, Status};

use super::{DataArg, running};
use crate::demand::{DEMAND, DemandError, Described, Tables};

#[derive(Debug, Subcommand)]
pub(super) enum Demand {
    /// Take a table in: county or ZIP, and how many
    Load(Load),
    /// The tables there are
    List(List),
    /// Remove a table
    Remove(Remove),
}

/// Takes a table of demand in, in the place of one of the same name.
///
/// The file is CSV with a header: county (five-digit FIPS) or zip, and weight. A bad row refuses the whole
/// table, with every bad row named.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server demand load pending.csv --name \"Pending cases\" \\\n      --date 2026-09-30 --source \"EOIR, by county\" --licence \"public domain\" \\\n      --data ./directory"
)]
pub(super) struct Load {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What it counts; the name it is asked for by
    #[arg(long)]
    name: String,
    /// The day it describes
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: String,
    /// Who counted
    #[arg(long)]
    source: String,
    /// On what terms it may be used
    #[arg(long, alias = "license")]
    licence: String,
    /// Leave rows out that cannot be used, and load the others
    #[arg(long)]
    leave_out_bad_rows: bool,
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  directory-server demand list --data ./directory")]
pub(super) struct List {
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server demand remove \"Pending cases\" --data ./directory"
)]
pub(super) struct Remove {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    data: DataArg,
}

impl Demand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Load(load) => load.run().await,
            Self::List(list) => list.run(),
            Self::Remove(remove) => remove.run().await,
        }
    }
}

impl Load {
    async fn run(self) -> anyhow::Result<()> {
        let csv = fs::read(&self.file)
            .with_context(|| format!("{} cannot be read", self.file.display()))
            .exit(Exit::Usage)?;
        let request = v1::LoadDemandRequest {
            name: self.name,
            date: self.date,
            source: self.source,
            licence: self.licence,
            csv,
            leave_out_bad_rows: self.leave_out_bad_rows,
        };
        let working = Working::on("loading the table");
        let loaded: v1::LoadDemandResponse = match running(&self.data.data).await? {
            Some(mut client) => {
                let loaded = client.load_demand(request).await;
                loaded.map_err(|status| refused(&status))?.into_inner()
            }
            None => directly(&self.data.data, |tables| {
                let described = Described::from(&request);
                tables.load(&described, &request.csv, request.leave_out_bad_rows)
            })?
            .into(),
        };
        drop(working);
        if self.json {
            let document = to_json("referral.v1.LoadDemandResponse", &loaded)?;
            return print(&format!("{document}\n"));
        }
        print(&told(&loaded))
    }
}

impl List {
    /// Tables are files of their own: nobody has to be asked.
    fn run(self) -> anyhow::Result<()> {
        let tables = Tables::open(self.data.data.join(DEMAND)).all()?;
        let tables = v1::ListDemandResponse {
            tables: tables.iter().map(|table| table.as_ref().into()).collect(),
        };
        if self.json {
            let document = to_json("referral.v1.ListDemandResponse", &tables)?;
            return print(&format!("{document}\n"));
        }
        let mut rows = table(&["name", "date", "people", "source", "licence"]);
        for table in tables.tables {
            let people = format!("{:.0}", table.people);
            rows.add_row([table.name, table.date, people, table.source, table.licence]);
        }
        print(&lines(&rows, 0))
    }
}

impl Remove {
    async fn run(self) -> anyhow::Result<()> {
        let name = self.name.clone();
        match running(&self.data.data).await? {
            Some(mut client) => {
                let removed = client.remove_demand(v1::RemoveDemandRequest { name }).await;
                removed.map_err(|status| refused(&status))?;
            }
            None => directly(&self.data.data, |tables| tables.remove(&name))?,
        }
        print(&format!("the table \"{}\" is removed\n", self.name))
    }
}

/// Works on the tables of a data directory that no process runs.
fn directly<T>(
    data: &Path,
    work: impl FnOnce(&Tables) -> Result<T, DemandError>,
) -> anyhow::Result<T> {
    let _held = DataDir::open(data)?;
    let done = work(&Tables::open(data.join(DEMAND)));
    done.map_err(|error| {
        let exit = match error {
            DemandError::Io(_) | DemandError::Damaged { .. } => Exit::Failed,
            _ => Exit::InputRefused,
        };
        coded(error.into(), exit)
    })
}

fn told(loaded: &v1::LoadDemandResponse) -> String {
    let table = loaded.table.clone().unwrap_or_default();
    let what = if loaded.replaced {
        "replaced"
    } else {
        "loaded"
    };
    let mut text = format!(
        "\"{}\" of {} is {what}: {:.0} people at {} points\n",
        table.name, table.date, table.people, table.points
    );
    for row in &loaded.left_out {
        let _infallible = writeln!(text, "left out: line {}: {}", row.line, row.why);
    }
    text
}

fn refused(status: &Status) -> anyhow::Error {
    let exit = match status.code() {
        Code::InvalidArgument | Code::NotFound | Code::FailedPrecondition => Exit::InputRefused,
        _ => Exit::Failed,
    };
    coded(anyhow::anyhow!("{}", status.message()), exit)
}

fn coded(error: anyhow::Error, exit: Exit) -> anyhow::Error {
    match Err::<(), _>(error).exit(exit) {
        Err(coded) => coded,
        Ok(()) => anyhow::anyhow!("refused"),
    }
}
