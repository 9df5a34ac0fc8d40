//! `agency-node capacity`: how many places are free, in one line.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use referral_core::capacity::{Count, Draft, Source, Stated, Ttl, Unit};
use referral_core::id::LocalId;
use referral_runtime::clock::Clock;
use referral_runtime::exit::{Exit, WithExit};

use super::Data;
use super::capacity_file::{self, Sheet};
use super::exit::coded;
use super::output::{print, print_json};
use super::report::listed;
use crate::control::Handle;
use crate::operations::Outcome;
use crate::outbox::codec::Refusal;

/// Say how many places a service has free
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum CapacityCommand {
    Set(Set),
    Import(ImportFile),
}

const EXAMPLES: &str = "\
Example:
  agency-node capacity set work-permit-clinic open --available 4 --data ./node
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
  agency-node capacity set family-shelter limited --unit bed --available 2 --maximum 24 --data ./node
  agency-node capacity set asylum-clinic paused --reopens 2026-09-01 --wait --data ./node";

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
            Self::Import(import) => import.run(clock).await,
        }
    }
}

/// What one report says, as somebody typed it.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) service: LocalId,
    pub(super) state: Stated,
    pub(super) location: Option<LocalId>,
    pub(super) unit: Option<Unit>,
    pub(super) available: Option<u32>,
    pub(super) maximum: Option<u32>,
    pub(super) waitlist: Option<u32>,
    pub(super) reopens: Option<Date>,
    pub(super) ttl: Option<Ttl>,
}

impl Typed {
    /// The draft of it, observed now.
    ///
    /// # Errors
    /// The field at fault, and what is wrong with it.
    pub(super) fn draft(self, now: Timestamp) -> Result<Draft, (&'static str, String)> {
        let counted = self.unit.is_some() || self.available.is_some() || self.maximum.is_some();
        let count = Count {
            unit: self.unit.unwrap_or(Unit::Client),
            available: self.available,
            maximum: self.maximum,
        };
        if let Some(day) = self.reopens {
            let may_reopen = matches!(self.state, Stated::Paused | Stated::Closed | Stated::Window);
            if !may_reopen {
                let text = "a day of reopening goes with the states paused, closed and window";
                return Err(("reopens", text.to_owned()));
            }
            if day < today(now) {
                return Err(("reopens", format!("{day} is in the past")));
            }
        }
        Ok(Draft {
            service: self.service,
            location: self.location,
            state: self.state,
            counts: counted.then_some(count).into_iter().collect(),
            waitlist_count: self.waitlist,
            wait_band: None,
            opens_at: None,
            reopens_at: self.reopens,
            observed_at: now,
            ttl: self.ttl,
            source: Source::Person,
            note: None,
        })
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
        print(&said(&service, &outcome, handle.is_running(), wait))?;
        if asked.is_some() {
            print(&shortened(&handle, &service, &outcome, now).await?)?;
        }
        let late = wait && !outcome.acknowledged;
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
        if self.json {
            print_json(&serde_json::json!({ "queued": queued, "refused": refused }))?;
        } else {
            let file = self.file.display();
            let waits = waits(handle.is_running());
            print(&format!("{file}: {queued} reports are queued{waits}\n"))?;
            print(&listed("refused", &refused))?;
        }
        let strict = self.strict && !refused.is_empty();
        Ok(if strict {
            Exit::InputRefused
        } else {
            Exit::Done
        })
    }
}

fn said(service: &LocalId, outcome: &Outcome, running: bool, wait: bool) -> String {
    if outcome.acknowledged {
        return format!("capacity of {service} is published\n");
    }
    let late = if wait {
        "; the directory has not acknowledged it yet"
    } else {
        ""
    };
    format!("capacity of {service} is queued{late}{}\n", waits(running))
}

fn waits(running: bool) -> &'static str {
    if running {
        ""
    } else {
        "; the daemon is not running: `agency-node publish` or `run` sends it"
    }
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

fn why(refusal: &Refusal) -> String {
    match refusal.field.as_str() {
        "" => refusal.text.clone(),
        field => format!("{field}: {}", refusal.text),
    }
}

/// Reads a unit by its name.
pub(super) fn unit(text: &str) -> Result<Unit, String> {
    Unit::parse(text).ok_or_else(|| {
        let units: Vec<&str> = Unit::ALL.iter().map(|unit| unit.as_str()).collect();
        format!("a unit is one of {}", units.join(", "))
    })
}

/// Reads a day.
pub(super) fn date(text: &str) -> Result<Date, String> {
    let day: Result<Date, _> = text.parse();
    let canonical = day.ok().filter(|day| day.to_string() == text);
    canonical.ok_or_else(|| "a day is written as in 2026-09-01".to_owned())
}

/// Reads a time to live.
pub(super) fn ttl(text: &str) -> Result<Ttl, String> {
    let wrong = || "a time to live is 1 minute to 30 days, e.g. 12h or 7d".to_owned();
    let duration = humantime::parse_duration(text).map_err(|_| wrong())?;
    let seconds = u32::try_from(duration.as_secs()).map_err(|_| wrong())?;
    let ttl = Ttl::clamped(seconds);
    if ttl.seconds() == seconds {
        Ok(ttl)
    } else {
        Err(wrong())
    }
}

/// The earliest day it is now anywhere: 12 hours behind UTC.
fn today(now: Timestamp) -> civil::Date {
    let behind = now
        .saturating_sub(jiff::SignedDuration::from_hours(12))
        .unwrap_or(now);
    behind.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(state: Stated) -> Typed {
        Typed {
            service: LocalId::from_source("s"),
            state,
            location: None,
            unit: None,
            available: None,
            maximum: None,
            waitlist: None,
            reopens: None,
            ttl: None,
        }
    }

    #[test]
    fn a_number_without_a_unit_counts_clients() {
        let draft = Typed {
            available: Some(4),
            ..typed(Stated::Open)
        };

        let count = draft.draft(Timestamp::UNIX_EPOCH).unwrap().counts[0];

        assert_eq!(
            (count.unit, count.available, count.maximum),
            (Unit::Client, Some(4), None)
        );
    }

    #[test]
    fn no_number_is_no_count() {
        assert!(
            typed(Stated::Open)
                .draft(Timestamp::UNIX_EPOCH)
                .unwrap()
                .counts
                .is_empty()
        );
    }

    #[test]
    fn only_what_is_shut_can_reopen_and_not_in_the_past() {
        let on = |state, day: &str| {
            Typed {
                reopens: Some(date(day).unwrap()),
                ..typed(state)
            }
            .draft("2026-05-01T12:00:00Z".parse().unwrap())
            .map_err(|(field, _)| field)
        };

        assert!(on(Stated::Paused, "2026-09-01").is_ok());
        assert_eq!(on(Stated::Open, "2026-09-01").unwrap_err(), "reopens");
        assert_eq!(on(Stated::Closed, "2025-09-01").unwrap_err(), "reopens");
    }

    #[test]
    fn days_and_times_to_live_that_make_no_sense_are_refused() {
        for wrong in ["2026-13-45", "tomorrow", "2026-9-1", "01/09/2026", ""] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
        for wrong in ["0s", "30s", "31d", "forever", "-1d", "", "99999999999d"] {
            assert!(ttl(wrong).is_err(), "{wrong}");
        }
        assert_eq!(ttl("7d").unwrap().seconds(), 7 * 86_400);
    }
}
