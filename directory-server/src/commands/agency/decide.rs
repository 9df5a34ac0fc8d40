//! `directory-server agency grant|revoke|suspend|evict|ban|clear-name`: decisions that name who made them.

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use referral_core::catalog::{Category, InvalidCategory};
use referral_proto::{convert, v1};
use referral_runtime::stdout::print;

use super::super::DataArg;
use super::{agency_id, name, needed, said};

#[derive(Debug, Args)]
#[command(
    after_help = "Two people run the same command, each with their own name; the second grants it.\n\nExample:\n  directory-server agency grant harbor-house legal --expires 2027-06-30 \\\n      --evidence \"R&A roster, entry 4711\" --by \"Ana Ruiz\" --data ./directory"
)]
pub(in crate::commands) struct Grant {
    /// The agency
    #[arg(value_name = "AGENCY-ID", value_parser = agency_id)]
    agency: String,
    /// legal, shelter or medical
    #[arg(value_parser = category)]
    category: Category,
    /// Where the evidence is: a bar number, an entry in a roster, a licence
    #[arg(long, value_name = "REFERENCE")]
    evidence: String,
    /// The last day it is good for, at most twelve months from now
    #[arg(long, value_name = "DATE")]
    expires: Date,
    /// Who looked at the evidence
    #[arg(long, value_name = "PERSON", value_parser = name)]
    by: String,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server agency revoke harbor-house legal --by \"Ana Ruiz\" \\\n      --reason \"licence lapsed\" --data ./directory"
)]
pub(in crate::commands) struct Revoke {
    /// The agency
    #[arg(value_name = "AGENCY-ID", value_parser = agency_id)]
    agency: String,
    /// legal, shelter or medical
    #[arg(value_parser = category)]
    category: Category,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who decides it
    #[arg(long, value_name = "PERSON", value_parser = name)]
    by: String,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server agency suspend harbor-house --by \"Ana Ruiz\" \\\n      --reason \"complaint 12\" --data ./directory\n\n`agency readmit` ends a suspension or a ban."
)]
pub(in crate::commands) struct Standing {
    /// The agency
    #[arg(value_name = "AGENCY-ID", value_parser = agency_id)]
    agency: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who decides it
    #[arg(long, value_name = "PERSON", value_parser = name)]
    by: String,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server agency clear-name harbor-house \"Harbor House\" \\\n      --by \"Ana Ruiz\" --data ./directory"
)]
pub(in crate::commands) struct ClearName {
    /// The agency that publishes it
    #[arg(value_name = "AGENCY-ID", value_parser = agency_id)]
    agency: String,
    /// The name, as it is published
    #[arg(value_parser = name)]
    name: String,
    /// Who looked at it
    #[arg(long, value_name = "PERSON", value_parser = name)]
    by: String,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server agency quota harbor-house 200000 --data ./directory"
)]
pub(in crate::commands) struct Quota {
    /// The agency
    #[arg(value_name = "AGENCY-ID", value_parser = agency_id)]
    agency: String,
    /// The most services; 100,000 unless it was set
    services: u32,
    #[command(flatten)]
    data: DataArg,
}

impl Quota {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let request = v1::SetQuotaRequest {
            agency_id: self.agency.clone(),
            services: self.services,
        };
        let mut client = needed(&self.data.data).await?;
        client.set_quota(request).await.map_err(said)?;
        print(&format!(
            "{} may publish {} services\n",
            self.agency, self.services
        ))
    }
}

fn category(text: &str) -> Result<Category, InvalidCategory> {
    Category::parse(text)
}

impl Grant {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let end = end_of(self.expires)?;
        let request = v1::GrantRequest {
            agency_id: self.agency.clone(),
            category: self.category.to_string(),
            evidence: self.evidence,
            expire_time: Some(convert::time::to_wire(end)),
            by: self.by,
        };
        let mut client = needed(&self.data.data).await?;
        let answer = client.grant(request).await.map_err(said)?.into_inner();
        let (agency, category, expires) = (self.agency, self.category, self.expires);
        print(&if answer.granted {
            format!("{agency} may offer {category} services until {expires}\n")
        } else {
            format!(
                "proposed: a second person runs the same command, and {agency} may offer {category} \
                 services until {expires}\n"
            )
        })
    }
}

impl Revoke {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let request = v1::RevokeGrantRequest {
            agency_id: self.agency.clone(),
            category: self.category.to_string(),
            by: self.by,
            reason: self.reason,
        };
        let mut client = needed(&self.data.data).await?;
        client.revoke_grant(request).await.map_err(said)?;
        print(&format!(
            "{} may not offer {} services\n",
            self.agency, self.category
        ))
    }
}

impl Standing {
    pub(super) async fn run(self, standing: &str) -> anyhow::Result<()> {
        let request = v1::SetStandingRequest {
            agency_id: self.agency.clone(),
            standing: standing.to_owned(),
            by: self.by,
            reason: self.reason,
        };
        let mut client = needed(&self.data.data).await?;
        client.set_standing(request).await.map_err(said)?;
        print(&format!("{} is {standing}\n", self.agency))
    }
}

impl ClearName {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let request = v1::ClearNameRequest {
            agency_id: self.agency.clone(),
            name: self.name,
            by: self.by,
        };
        let mut client = needed(&self.data.data).await?;
        client.clear_name(request).await.map_err(said)?;
        print(&format!("the name of {} stands\n", self.agency))
    }
}

/// What agencies may offer, and what waits.
pub(super) fn granted(agencies: &[v1::AgencySummary]) -> String {
    let of_one = |agency: &v1::AgencySummary| {
        let id = agency.agency_id.clone();
        let grants = agency.grants.iter().map(|grant| {
            let end = grant.expire_time;
            let end = end.and_then(|end| convert::time::from_wire(end).ok());
            let end = end.map_or_else(String::new, |end| format!("{end:.0}"));
            let by = match grant.approved_by.as_str() {
                "" => format!(
                    "proposed by {}: waits for a second person",
                    grant.proposed_by
                ),
                second => format!("granted by {} and {second}", grant.proposed_by),
            };
            let (category, evidence) = (&grant.category, &grant.evidence);
            format!("{id}\t{category}\tuntil {end}\t{by}\t{evidence}\n")
        });
        let held = agency.held.iter().map(|held| {
            let (category, services) = (&held.category, held.services);
            format!("{id}\t{category}\tnot granted: {services} services are held\n")
        });
        let names = agency.held_names.iter().map(|held| {
            format!(
                "{id}\t{} {} is held: {}\n",
                held.kind, held.local_id, held.code
            )
        });
        grants.chain(held).chain(names).collect::<String>()
    };
    agencies.iter().map(of_one).collect()
}

/// The end of a day, in universal time.
fn end_of(day: Date) -> anyhow::Result<Timestamp> {
    let next = day.tomorrow()?;
    Ok(next.to_zoned(TimeZone::UTC)?.timestamp())
}
