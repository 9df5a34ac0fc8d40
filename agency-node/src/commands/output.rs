//! Printing: on standard output what was asked for, and nothing else.

use anyhow::Context;
use jiff::{Timestamp, Unit};
use referral_runtime::exit::Exit;
pub(super) use referral_runtime::stdout::print;
pub(super) use referral_runtime::table::table;
use serde::Serialize;

use crate::control::Handle;

/// Prints one JSON document.
pub(super) fn print_json(document: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(document).context("cannot be said as JSON")?;
    print(&format!("{text}\n"))
}

/// A table as lines, indented by two blanks.
pub(super) fn lines(table: &comfy_table::Table) -> String {
    referral_runtime::table::lines(table, 2)
}

/// How long it is since a time, in the largest unit that says enough, e.g. `"12 days"`.
pub(super) fn since(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs().max(0);
    let (number, unit) = match seconds {
        0..90 => (seconds, "second"),
        90..5_400 => ((seconds + 30) / 60, "minute"),
        5_400..129_600 => ((seconds + 1_800) / 3_600, "hour"),
        _ => ((seconds + 43_200) / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// A time for people, to the second.
pub(super) fn instant(at: Timestamp) -> String {
    at.round(Unit::Second).unwrap_or(at).to_string()
}

/// Says what became of something that was queued, and gives the exit code.
///
/// * `done` — what to say when the directory has acknowledged it.
/// * `waits` — what to say when it waits.
pub(super) fn queued(
    handle: &Handle,
    wait: bool,
    acknowledged: bool,
    done: &str,
    waits: &str,
) -> anyhow::Result<Exit> {
    if acknowledged {
        print(&format!("{done}\n"))?;
        return Ok(Exit::Done);
    }
    let why = if handle.is_running() {
        ""
    } else {
        "; the daemon is not running: `agency-node publish` or `run` sends it"
    };
    print(&format!("{waits}{why}\n"))?;
    Ok(if wait { Exit::Unreachable } else { Exit::Done })
}
