//! `directory-server agency ...`: through the running directory, or its data directory when none runs.

use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};
use referral_core::id::{AgencyId, InvalidId};
use referral_core::text::{InvalidText, Name};
use referral_proto::v1;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::stdout::print;

use super::{DataArg, running};
use crate::config::Config;
use crate::life::Start;
use crate::serve::open;

#[derive(Debug, Subcommand)]
pub(super) enum Agency {
    /// Let an agency in: prints a one-time join token, good for 24 hours
    Enrol(Enrol),
    /// The agencies the directory knows
    List(List),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server agency enrol harbor-house --name \"Harbor House\" \\\n      --data ./directory"
)]
pub(super) struct Enrol {
    /// Its permanent id: 2 to 40 lower-case letters, digits and hyphens
    #[arg(value_name = "AGENCY-ID", value_parser = agency_id)]
    agency: String,
    /// The name people know it by
    #[arg(long, value_parser = name)]
    name: String,
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  directory-server agency list --data ./directory")]
pub(super) struct List {
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

fn agency_id(text: &str) -> Result<String, InvalidId> {
    AgencyId::parse(text).map(|id| id.to_string())
}

fn name(text: &str) -> Result<String, InvalidText> {
    Name::parse(text).map(|name| name.to_string())
}

impl Agency {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Enrol(enrol) => enrol.run().await,
            Self::List(list) => list.run().await,
        }
    }
}

impl Enrol {
    async fn run(self) -> anyhow::Result<()> {
        let token = match running(&self.data.data).await? {
            Some(mut client) => {
                let request = v1::EnrolAgencyRequest {
                    agency_id: self.agency.clone(),
                    name: self.name.clone(),
                };
                let answer = client.enrol_agency(request).await;
                answer
                    .map_err(|status| anyhow::anyhow!("{}", status.message()))?
                    .into_inner()
                    .token
            }
            None => self.directly().await?,
        };
        if self.json {
            let document = serde_json::json!({ "agency": self.agency, "token": token });
            print(&format!("{document}\n"))
        } else {
            print(&format!("{token}\n"))
        }
    }

    async fn directly(&self) -> anyhow::Result<String> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        if !self.data.data.exists() {
            eprintln!(
                "a new directory begins in {}: none was there",
                self.data.data.display()
            );
        }
        let (_data, directory) = open(&self.data.data, &Config::default(), Start::Usual, &clock)?;
        let token = directory.enrol(&self.agency, &self.name).await;
        let closing = Arc::clone(&directory);
        tokio::task::spawn_blocking(move || closing.close()).await?;
        Ok(token?.reveal())
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let mut client = running(&self.data.data)
            .await?
            .context("no directory runs there: start it with serve")
            .exit(Exit::Unreachable)?;
        let answer = client.list_agencies(v1::ListAgenciesRequest {}).await;
        let answer = answer
            .map_err(|status| anyhow::anyhow!("{}", status.message()))?
            .into_inner();
        if self.json {
            let document =
                referral_proto::json::to_json("referral.v1.ListAgenciesResponse", &answer)?;
            return print(&format!("{document}\n"));
        }
        for agency in answer.agencies {
            let joined = if agency.joined { "joined" } else { "invited" };
            print(&format!(
                "{}\t{joined}\t{} records\t{}\n",
                agency.agency_id, agency.records, agency.name
            ))?;
        }
        Ok(())
    }
}
