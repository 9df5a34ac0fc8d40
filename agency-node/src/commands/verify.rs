//! `agency-node verify`: whether the directory shows what this agency published, to it and to everybody.

use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;
use referral_runtime::clock::Clock;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use serde_json::{Value, json};

use super::Data;
use super::exit::coded;
use super::output::{instant, lines, print, print_json, table};
use crate::control::Handle;
use crate::operations::{Rejection, Verification};

/// Verify that the directory shows what this agency published: nothing altered, lost or added
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Verify {
    #[command(flatten)]
    data: Data,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

const EXAMPLE: &str = "\
Example:
  agency-node verify --data ./node

What is queued is published first. What everybody is shown is read at the
directory's public address, as anybody reads it. Exit code 1: something differs.
The daemon verifies by itself once a day; `agency-node status` shows what it
found, and a mail names what is new.";

impl Verify {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let working = Working::on("comparing with what the directory shows");
        let found = coded(handle.verify().await)?;
        drop(working);
        let unanswered = || anyhow!("the directory did not say in time what it shows");
        let found = found.ok_or_else(unanswered).exit(Exit::Unreachable)?;
        if self.json {
            print_json(&document(&found))?;
        } else {
            print(&text(&found))?;
        }
        Ok(if found.differences.is_empty() {
            Exit::Done
        } else {
            Exit::Failed
        })
    }
}

/// What a verification found, for `--json`.
pub(super) fn document(found: &Verification) -> Value {
    let differences = found.differences.iter().map(|one| {
        json!({
            "kind": one.kind.as_str(),
            "id": one.id.as_str(),
            "code": one.refusal.code,
            "text": one.refusal.text,
        })
    });
    json!({
        "at": instant(found.at),
        "records": found.records,
        "public_records": found.public_records,
        "public_problem": found.public_problem,
        "differences": differences.collect::<Vec<_>>(),
    })
}

/// What a verification found, for people.
pub(super) fn text(found: &Verification) -> String {
    let (records, at) = (found.records, instant(found.at));
    let public = public(found);
    if found.differences.is_empty() {
        return format!(
            "verified {at}: the directory shows {records} records as published\n{public}\n"
        );
    }
    let mut rows = table(&["what", "id", "difference"]);
    for Rejection { kind, id, refusal } in &found.differences {
        let difference = format!("{}: {}", refusal.code, refusal.text);
        rows.add_row([kind.to_string(), id.to_string(), difference]);
    }
    format!(
        "verified {at}: {} of {records} records differ; ask the directory's operator\n{public}\n{}",
        found.differences.len(),
        lines(&rows)
    )
}

/// What was read as anybody reads it.
fn public(found: &Verification) -> String {
    if found.public_problem.is_empty() {
        format!(
            "{} records were read as anybody reads them",
            found.public_records
        )
    } else {
        format!(
            "what everybody is shown was not compared: {}",
            found.public_problem
        )
    }
}
