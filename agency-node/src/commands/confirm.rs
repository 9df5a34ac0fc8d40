//! `agency-node capacity confirm`: all is as it was.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;
use referral_core::capacity::State;
use referral_core::id::LocalId;
use referral_runtime::clock::Clock;
use referral_runtime::exit::Exit;
use serde_json::{Value, json};

use super::Data;
use super::capacity::{waits, why};
use super::exit::coded;
use super::output::{print, print_json};
use super::remind::remind;
use crate::control::Handle;
use crate::operations::{Confirmed, Outcome, Which};

/// Say that capacity is as it was reported last, as known now
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Confirm {
    /// The services' ids at the agency: all that was reported of them is confirmed
    #[arg(value_name = "SERVICE-ID", value_parser = LocalId::parse, required_unless_present = "all", num_args = 1..=500)]
    services: Vec<LocalId>,
    /// Everything that goes stale soon or has gone stale, as `agency-node status` lists it
    #[arg(long, conflicts_with = "services")]
    all: bool,
    /// Come back only once the directory has acknowledged it
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    data: Data,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

const EXAMPLE: &str = "\
Example:
  agency-node capacity confirm --all --data ./node
  agency-node capacity confirm family-shelter asylum-clinic --data ./node";

impl Confirm {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let now = clock.now();
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let which = if self.all {
            Which::Expiring
        } else {
            Which::Services(self.services)
        };
        let confirmed = coded(handle.confirm_capacity(which, self.wait).await)?;
        let refused = confirmed.iter().any(|one| one.outcome.refusal.is_some());
        let late =
            |one: &Confirmed<Outcome>| one.outcome.refusal.is_none() && !one.outcome.acknowledged;
        let late = self.wait && confirmed.iter().any(late);
        if self.json {
            let confirmed: Vec<Value> = confirmed.iter().map(document).collect();
            print_json(&json!({ "confirmed": confirmed }))?;
        } else {
            print(&text(&confirmed, handle.is_running()))?;
            remind(&handle, now).await?;
        }
        Ok(if refused {
            Exit::InputRefused
        } else if late {
            Exit::Unreachable
        } else {
            Exit::Done
        })
    }
}

fn document(one: &Confirmed<Outcome>) -> Value {
    let refusal = one.outcome.refusal.as_ref();
    json!({
        "service_id": one.about.service.as_str(),
        "location_id": one.about.location.as_ref().map(LocalId::as_str),
        "state": one.state.map(|state| State::from(state).as_str()),
        "acknowledged": one.outcome.acknowledged,
        "refused": refusal.map(|refusal| json!({ "code": refusal.code, "reason": refusal.text })),
    })
}

fn text(confirmed: &[Confirmed<Outcome>], running: bool) -> String {
    if confirmed.is_empty() {
        return "nothing goes stale soon: there is nothing to confirm\n".to_owned();
    }
    let mut text = String::new();
    let mut queued = false;
    for Confirmed {
        about,
        state,
        outcome,
    } in confirmed
    {
        let place = about.location.as_ref();
        let place = place
            .map(|place| format!(" at {place}"))
            .unwrap_or_default();
        let what = match (&outcome.refusal, outcome.acknowledged) {
            (Some(refusal), _) => format!("not confirmed: {}", why(refusal)),
            (None, acknowledged) => {
                queued |= !acknowledged;
                let state = state.map_or("unknown", |state| State::from(state).as_str());
                let how = if acknowledged { "published" } else { "queued" };
                format!("{state} as before, {how}")
            }
        };
        let _infallible = writeln!(text, "{}{place}: {what}", about.service);
    }
    if queued && !running {
        let waits = waits(running).trim_start_matches("; ");
        let _infallible = writeln!(text, "{waits}");
    }
    text
}
