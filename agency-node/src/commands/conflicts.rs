//! `agency-node conflicts`: two versions of a record, and which of them stays.

use std::fmt::Write;
use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use referral_runtime::clock::Clock;
use referral_runtime::exit::{Exit, WithExit};
use serde_json::{Value, json};

use super::Data;
use super::exit::coded;
use super::output::{instant, lines, print, print_json, table};
use crate::control::Handle;
use crate::operations::{Difference, Dispute, differences};

/// Show records of which there are two versions, neither made knowing the other, or choose one of them
#[derive(Args, Debug)]
#[command(
    after_help = EXAMPLE,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(super) struct Conflicts {
    #[command(subcommand)]
    command: Option<Choice>,
    // Required unless a subcommand says it.
    #[command(flatten)]
    data: Option<Data>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Choice {
    Keep(Keep),
}

/// Choose which version stays
#[derive(Args, Debug)]
#[command(after_help = KEEP_EXAMPLE)]
struct Keep {
    /// The conflict's number, as `agency-node conflicts` shows it
    #[arg(value_name = "NUMBER")]
    number: u64,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    data: Data,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Which {
    /// Publish the version that was here, in place of the directory's
    #[arg(long)]
    ours: bool,
    /// Keep what the directory shows, and forget the version that was here
    #[arg(long)]
    theirs: bool,
}

const EXAMPLE: &str = "\
Example: look, then choose:
  agency-node conflicts --data ./node
  agency-node conflicts keep 1204 --theirs --data ./node

They come from a copied data directory, or from a node or directory that was
restored from a backup. Until somebody chooses, the directory's version stays.";

const KEEP_EXAMPLE: &str = "\
Example:
  agency-node conflicts keep 1204 --ours --data ./node";

impl Conflicts {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        match (self.command, self.data) {
            (Some(Choice::Keep(keep)), _) => keep.run(&clock).await,
            (None, Some(data)) => list(&data, self.json, &clock).await,
            (None, None) => Err(anyhow!("say where the node is: --data DIR")).exit(Exit::Usage),
        }
    }
}

async fn list(data: &Data, json: bool, clock: &Arc<dyn Clock>) -> anyhow::Result<Exit> {
    let handle = coded(Handle::open(&data.directory, clock).await)?;
    let disputes = coded(handle.disputes().await)?;
    if json {
        let conflicts: anyhow::Result<Vec<Value>> = disputes.iter().map(document).collect();
        print_json(&json!({ "conflicts": conflicts? }))?;
        return Ok(Exit::Done);
    }
    if disputes.is_empty() {
        print("no conflicts\n")?;
    }
    for dispute in &disputes {
        print(&text(dispute)?)?;
    }
    Ok(Exit::Done)
}

impl Keep {
    async fn run(self, clock: &Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let handle = coded(Handle::open(&self.data.directory, clock).await)?;
        let ours = self.which.ours && !self.which.theirs;
        coded(handle.decide(self.number, ours).await)?;
        let number = self.number;
        print(&if ours {
            format!("conflict {number}: the version that was here is queued\n")
        } else {
            format!("conflict {number}: the directory's version stays\n")
        })?;
        Ok(Exit::Done)
    }
}

fn document(dispute: &Dispute) -> anyhow::Result<Value> {
    let fields = differences(dispute.theirs.as_ref(), dispute.ours.as_ref())?;
    let fields = fields.into_iter().map(|Difference { path, theirs, ours }| {
        json!({ "field": path, "theirs": theirs, "ours": ours })
    });
    Ok(json!({
        "number": dispute.number,
        "kind": dispute.name.kind.as_str(),
        "id": dispute.name.id.as_str(),
        "name": dispute.title,
        "found_at": instant(dispute.found_at),
        "published_there": dispute.theirs.is_some(),
        "published_here": dispute.ours.is_some(),
        "fields": fields.collect::<Vec<_>>(),
    }))
}

fn text(dispute: &Dispute) -> anyhow::Result<String> {
    let Dispute { number, name, .. } = dispute;
    let mut text = String::new();
    let found = instant(dispute.found_at);
    let _infallible = writeln!(text, "conflict {number}: {name}, found {found}");
    match (&dispute.theirs, &dispute.ours) {
        (Some(_), None) => text.push_str("  here it was withdrawn or deleted\n"),
        (None, Some(_)) => text.push_str("  the directory shows no version of this node\n"),
        _ => {}
    }
    let mut rows = table(&["field", "the directory shows", "here it was"]);
    for Difference { path, theirs, ours } in
        differences(dispute.theirs.as_ref(), dispute.ours.as_ref())?
    {
        rows.add_row([path, theirs, ours]);
    }
    text.push_str(&lines(&rows));
    let _infallible = writeln!(
        text,
        "  choose: agency-node conflicts keep {number} --ours | --theirs"
    );
    Ok(text)
}
