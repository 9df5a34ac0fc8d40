//! `agency-node capacity`: how many places are free, in one line.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use referral_core::capacity::{Stated, Ttl, Unit};
use referral_core::id::LocalId;
use referral_runtime::clock::Clock;
use referral_runtime::exit::{Exit, WithExit};

use super::Data;
use super::capacity_file::{self, Sheet};
use super::confirm::Confirm;
use super::exit::coded;
use super::output::{print, print_json};
use super::remind::remind;
use super::report::listed;
use super::typed::{Typed, date, ttl, unit};
use crate::control::Handle;
use crate::operations::Outcome;
use crate::outbox::codec::Refusal;

/// Say how many places a service has free
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum CapacityCommand {
    Set(Set),
    Confirm(Confirm),
    Import(ImportFile),
}

const EXAMPLES: &str = "\
Example:
  agency-node capacity set work-permit-clinic open --available 4 --data ./node
  agency-node capacity confirm --all --data ./node
  agency-node capacity import capacity.csv --data ./node";

/// Set the capacity of one service
#[derive(Args, Debug)]
#[command(after_help = SET_EXAMPLE)]
pub(super) struct Set {
    /// The service's id at the agency
    #[arg(value_name = "SERVICE-ID", value_parser = LocalId::parse)]
    service: LocalId,
    /// open, limited, assess, waitlist, window, paused, closed or unknown
    #[arg(value_name = "STATE", value_parser = Stated::parse)]
    state: Stated,
    /// The location, where it is about one; without it: the service as a whole
    #[arg(long, value_name = "ID", value_parser = LocalId::parse)]
    location: Option<LocalId>,
    /// What is counted: client, family, bed, seat, hour or case [default: client]
    #[arg(long, value_name = "U", value_parser = unit)]
    unit: Option<Unit>,
    /// Places free now
    #[arg(long, value_name = "N")]
    available: Option<u32>,
    /// Places there are in all
    #[arg(long, value_name = "N")]
    maximum: Option<u32>,
    /// People on the waiting list
    #[arg(long, value_name = "N")]
    waitlist: Option<u32>,
    /// The day a paused, closed or window service is to open, e.g. 2026-09-01
    #[arg(long, value_name = "DATE", value_parser = date)]
    reopens: Option<Date>,
    /// How long it may be believed, 1 minute to 30 days, e.g. 7d or 12h; by default as long as the
    /// directory allows
    #[arg(long, value_name = "TIME", value_parser = ttl)]
    ttl: Option<Ttl>,
    /// Come back only once the directory has acknowledged it
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    data: Data,
}

const SET_EXAMPLE: &str = "\
Example:
  agency-node capacity set family-shelter limited \\
      --unit bed --available 2 --maximum 24 --data ./node
  agency-node capacity set asylum-clinic paused \\
      --reopens 2026-09-01 --wait --data ./node";

/// Set the capacity of many services from a table
#[derive(Args, Debug)]
#[command(after_help = FILE_EXAMPLE)]
pub(super) struct ImportFile {
    /// CSV with the columns `service_id`, `state`, and where wanted `location`, `unit`, `available`,
    /// `maximum`, `waitlist`, `reopens`, `ttl`
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    #[command(flatten)]
    data: Data,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// End with exit code 65 when rows were refused
    #[arg(long)]
    strict: bool,
}

const FILE_EXAMPLE: &str = "\
Example:
  agency-node capacity import capacity.csv --data ./node

capacity.csv:
  service_id,state,location,unit,available,maximum,waitlist,reopens,ttl
  family-shelter,limited,,bed,2,24,,,
  asylum-clinic,paused,,,,,,2026-09-01,";

impl CapacityCommand {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        match self {
            Self::Set(set) => set.run(clock).await,
            Self::Confirm(confirm) => confirm.run(clock).await,
            Self::Import(import) => import.run(clock).await,
        }
    }
}

impl Set {
    async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let Self {
            service,
            data,
            wait,
            ttl: asked,
            ..
        } = &self;
        let (service, data, wait, asked) = (service.clone(), data.clone(), *wait, *asked);
        let now = clock.now();
        let draft = self
            .typed()
            .draft(now)
            .map_err(|(field, text)| anyhow!("--{field}: {text}"));
        let draft = draft.exit(Exit::Usage)?;
        let handle = coded(Handle::open(&data.directory, &clock).await)?;
        let outcomes = coded(handle.set_capacity(vec![draft], wait).await)?;
        let Some(outcome) = outcomes.into_iter().next() else {
            bail!("the node did not answer")
        };
        if let Some(refusal) = &outcome.refusal {
            return Err(anyhow!("{}", why(refusal))).exit(Exit::InputRefused);
        }
        let late = wait && !outcome.acknowledged;
        print(&said(&service, &outcome, handle.is_running(), late))?;
        if asked.is_some() {
            print(&shortened(&handle, &service, &outcome, now).await?)?;
        }
        if late {
            print(&problem(&handle).await?)?;
        }
        remind(&handle, now).await?;
        Ok(if late { Exit::Unreachable } else { Exit::Done })
    }

    fn typed(self) -> Typed {
        Typed {
            service: self.service,
            state: self.state,
            location: self.location,
            unit: self.unit,
            available: self.available,
            maximum: self.maximum,
            waitlist: self.waitlist,
            reopens: self.reopens,
            ttl: self.ttl,
        }
    }
}

impl ImportFile {
    async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let now = clock.now();
        let Sheet {
            drafts,
            mut refused,
        } = capacity_file::read(&self.file, now).exit(Exit::InputRefused)?;
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let places: Vec<_> = drafts.iter().map(|(place, _)| place.clone()).collect();
        let drafts: Vec<_> = drafts.into_iter().map(|(_, draft)| draft).collect();
        let outcomes = if drafts.is_empty() {
            Vec::new()
        } else {
            coded(handle.set_capacity(drafts, false).await)?
        };
        let queued = outcomes
            .iter()
            .filter(|outcome| outcome.refusal.is_none())
            .count();
        for (place, outcome) in places.into_iter().zip(outcomes) {
            refused.extend(outcome.refusal.map(|refusal| place.refused(&refusal)));
        }
        refused.sort_by_key(|row| row.row.parse::<u64>().unwrap_or(u64::MAX));
        if self.json {
            print_json(&serde_json::json!({ "queued": queued, "refused": refused }))?;
        } else {
            let file = self.file.display();
            let waits = waits(handle.is_running());
            print(&format!("{file}: {queued} reports are queued{waits}\n"))?;
            print(&listed("refused", &refused))?;
            remind(&handle, now).await?;
        }
        // A table of which nothing was taken is refused as a whole.
        let strict = self.strict || queued == 0;
        Ok(if strict && !refused.is_empty() {
            Exit::InputRefused
        } else {
            Exit::Done
        })
    }
}

fn said(service: &LocalId, outcome: &Outcome, running: bool, late: bool) -> String {
    if outcome.acknowledged {
        return format!("capacity of {service} is published\n");
    }
    let late = if late {
        "; the directory has not acknowledged it yet"
    } else {
        ""
    };
    format!("capacity of {service} is queued{late}{}\n", waits(running))
}

pub(super) fn waits(running: bool) -> &'static str {
    if running {
        ""
    } else {
        "; the daemon is not running: `agency-node publish` or `run` sends it"
    }
}

/// Why the directory does not acknowledge, as far as the node knows.
async fn problem(handle: &Handle) -> anyhow::Result<String> {
    let link = coded(handle.status().await)?.link;
    Ok(match link.problem.as_str() {
        "" => String::new(),
        problem => format!("{problem}\n"),
    })
}

/// Tells that a report asked to be believed for longer than its kind is.
async fn shortened(
    handle: &Handle,
    service: &LocalId,
    outcome: &Outcome,
    since: Timestamp,
) -> anyhow::Result<String> {
    if let Some(ttl) = outcome.shortened_to {
        return Ok(format!(
            "it is believed for {} hours: capacity of this kind for no longer\n",
            ttl.seconds() / 3_600
        ));
    }
    let status = coded(handle.status().await)?;
    let told = status.notices.iter().find(|notice| {
        notice.code == "ttl_shortened"
            && notice.local_id == service.as_str()
            && notice.at_us >= since.as_microsecond()
    });
    Ok(told
        .map(|notice| format!("{}\n", notice.text))
        .unwrap_or_default())
}

pub(super) fn why(refusal: &Refusal) -> String {
    match refusal.field.as_str() {
        "" => refusal.text.clone(),
        field => format!("{field}: {}", refusal.text),
    }
}
