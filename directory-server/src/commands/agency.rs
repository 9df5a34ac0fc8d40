//! `directory-server agency ...`: through the running directory, or its data directory when none runs.

mod decide;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};
use comfy_table::Cell;
use referral_core::id::{AgencyId, InvalidId};
use referral_core::policy::Viewer;
use referral_core::text::{InvalidText, Name};
use referral_proto::v1::directory_admin_service_client::DirectoryAdminServiceClient;
use referral_proto::{convert, v1};
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::paint::Tone;
use referral_runtime::stdout::print;
use referral_runtime::table::{lines, table};
use tonic::transport::Channel;

use super::{DataArg, running};
use crate::config::Config;
use crate::life::Start;
use crate::serve::open;

#[derive(Debug, Subcommand)]
pub(super) enum Agency {
    /// Let an agency in: prints a one-time join token, good for 24 hours
    Enrol(Enrol),
    /// Let more deletions of an agency through than the brake does: a second person's decision
    AllowDeletions(AllowDeletions),
    /// Let an agency publish again after two nodes were found to publish as it
    Readmit(Readmit),
    /// Say that an agency may offer legal, shelter or medical services: two people have to
    Grant(decide::Grant),
    /// Take a grant back, or turn a proposal down
    Revoke(decide::Revoke),
    /// What agencies may offer, what waits for a second person, and which services are held
    Grants(List),
    /// Stop an agency from publishing; what it published stays
    Suspend(decide::Standing),
    /// End the membership of an agency's node; the agency may join again with a new token
    Evict(decide::Standing),
    /// Stop an agency from publishing and hide what it published
    Ban(decide::Standing),
    /// Say how many services an agency may publish
    Quota(decide::Quota),
    /// Let a name stand that looks like another agency's
    ClearName(decide::ClearName),
    /// The agencies the directory knows
    List(List),
    /// Who is connected, who is silent and since when, and what was refused
    Status(List),
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
    #[arg(long, value_parser = name, required_unless_present = "again")]
    name: Option<String>,
    /// Its node has joined before and has lost its data: the node that joins now takes its place
    #[arg(long, conflicts_with = "name")]
    again: bool,
    /// Who looked at the name and lets it stand although it looks like another agency's
    #[arg(long, value_name = "PERSON", value_parser = name, requires = "name")]
    name_reviewed_by: Option<String>,
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server agency allow-deletions harbor-house --more 40 \\\n      --data ./directory"
)]
pub(super) struct AllowDeletions {
    /// The agency
    #[arg(value_name = "AGENCY-ID", value_parser = agency_id)]
    agency: String,
    /// How many more
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    more: u64,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server agency readmit harbor-house --data ./directory"
)]
pub(super) struct Readmit {
    /// The agency
    #[arg(value_name = "AGENCY-ID", value_parser = agency_id)]
    agency: String,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server agency list --data ./directory\n  directory-server agency status --data ./directory"
)]
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
            Self::AllowDeletions(allow) => allow.run().await,
            Self::Readmit(readmit) => readmit.run().await,
            Self::Grant(grant) => grant.run().await,
            Self::Revoke(revoke) => revoke.run().await,
            Self::Grants(list) => list.run(decide::granted).await,
            Self::Suspend(standing) => standing.run("suspended").await,
            Self::Evict(standing) => standing.run("evicted").await,
            Self::Ban(standing) => standing.run("banned").await,
            Self::Quota(quota) => quota.run().await,
            Self::ClearName(clear) => clear.run().await,
            Self::List(list) => list.run(listed).await,
            Self::Status(list) => list.run(standing).await,
        }
    }
}

impl Enrol {
    async fn run(self) -> anyhow::Result<()> {
        let token = match running(&self.data.data).await? {
            Some(mut client) => {
                let request = v1::EnrolAgencyRequest {
                    agency_id: self.agency.clone(),
                    name: self.name.clone().unwrap_or_default(),
                    again: self.again,
                    name_reviewed_by: self.name_reviewed_by.clone().unwrap_or_default(),
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
        let token = match (&self.name, &self.name_reviewed_by) {
            (Some(name), Some(by)) => {
                directory
                    .enrol_reviewed(&Viewer::at_the_machine(), &self.agency, name, by)
                    .await
            }
            (Some(name), None) => {
                directory
                    .enrol(&Viewer::at_the_machine(), &self.agency, name)
                    .await
            }
            (None, _) => {
                directory
                    .enrol_again(&Viewer::at_the_machine(), &self.agency)
                    .await
            }
        };
        let closing = Arc::clone(&directory);
        tokio::task::spawn_blocking(move || closing.close()).await?;
        Ok(token?.reveal())
    }
}

impl AllowDeletions {
    async fn run(self) -> anyhow::Result<()> {
        let request = v1::AllowDeletionsRequest {
            agency_id: self.agency.clone(),
            more: self.more,
        };
        let mut client = needed(&self.data.data).await?;
        client.allow_deletions(request).await.map_err(said)?;
        print(&format!(
            "{} more deletions of {} go through; its node sends them again by itself\n",
            self.more, self.agency
        ))
    }
}

impl Readmit {
    async fn run(self) -> anyhow::Result<()> {
        let request = v1::ReadmitRequest {
            agency_id: self.agency.clone(),
        };
        let mut client = needed(&self.data.data).await?;
        client.readmit(request).await.map_err(said)?;
        print(&format!("{} may publish again\n", self.agency))
    }
}

impl List {
    async fn run(self, words: fn(&[v1::AgencySummary]) -> String) -> anyhow::Result<()> {
        let mut client = needed(&self.data.data).await?;
        let answer = client.list_agencies(v1::ListAgenciesRequest {}).await;
        let answer = answer
            .map_err(|status| anyhow::anyhow!("{}", status.message()))?
            .into_inner();
        if self.json {
            let document =
                referral_proto::json::to_json("referral.v1.ListAgenciesResponse", &answer)?;
            return print(&format!("{document}\n"));
        }
        print(&words(&answer.agencies))
    }
}

/// Who there is.
fn listed(agencies: &[v1::AgencySummary]) -> String {
    let mut rows = table(&["agency", "state", "records", "name"]);
    for agency in agencies {
        let state = match (agency.standing.as_str(), agency.suspended, agency.joined) {
            (decided @ ("suspended" | "evicted" | "banned"), ..) => Tone::Bad.cell(decided),
            (_, true, _) => Tone::Bad.cell("suspended: two nodes publish as it"),
            (_, false, true) => Tone::Good.cell("joined"),
            (_, false, false) => Tone::Faint.cell("invited"),
        };
        rows.add_row([
            Cell::new(&agency.agency_id),
            state,
            Cell::new(agency.records),
            Cell::new(&agency.name),
        ]);
    }
    lines(&rows, 0)
}

/// How it stands with each.
fn standing(agencies: &[v1::AgencySummary]) -> String {
    let mut rows = table(&["agency", "node", "last heard", "records", "room", "refused"]);
    for agency in agencies {
        let node = match agency {
            v1::AgencySummary { standing, .. }
                if matches!(standing.as_str(), "suspended" | "evicted" | "banned") =>
            {
                Tone::Bad.cell(standing)
            }
            v1::AgencySummary {
                suspended: true, ..
            } => Tone::Bad.cell("suspended"),
            v1::AgencySummary { joined: false, .. } => Tone::Faint.cell("invited"),
            v1::AgencySummary { silent: true, .. } => Tone::Care.cell("silent"),
            v1::AgencySummary {
                connected: true, ..
            } => Tone::Good.cell("connected"),
            _ => Tone::Care.cell("not connected"),
        };
        let heard = agency
            .last_heard
            .and_then(|at| convert::time::from_wire(at).ok());
        let heard = heard.map_or_else(|| "not known".to_owned(), |at| format!("{at:.0}"));
        rows.add_row([
            Cell::new(&agency.agency_id),
            node,
            Cell::new(heard),
            Cell::new(agency.records),
            Cell::new(format!("{} %", share(agency.bytes, agency.most_bytes))),
            Cell::new(agency.refused),
        ]);
    }
    let alarms = agencies.iter().flat_map(alarmed);
    lines(&rows, 0) + &alarms.collect::<String>()
}

/// How much of what was agreed, in hundredths.
fn share(used: u64, most: u64) -> u64 {
    used.saturating_mul(100).checked_div(most).unwrap_or(0)
}

/// What a person has to look at.
fn alarmed(agency: &v1::AgencySummary) -> Vec<String> {
    let alarms = agency.alarms.iter().map(|alarm| {
        let at = alarm.at.and_then(|at| convert::time::from_wire(at).ok());
        let at = at.map_or_else(String::new, |at| format!(" at {at:.0}"));
        let look = Tone::Bad.paint(&format!("look at {}", agency.agency_id));
        format!("{look}: {}{at}\n", alarm.code)
    });
    alarms.collect()
}

/// A client of the running directory, which has to run.
async fn needed(data: &Path) -> anyhow::Result<DirectoryAdminServiceClient<Channel>> {
    running(data)
        .await?
        .context("no directory runs there: start it with serve")
        .exit(Exit::Unreachable)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn said(status: tonic::Status) -> anyhow::Error {
    anyhow::anyhow!("{}", status.message())
}
