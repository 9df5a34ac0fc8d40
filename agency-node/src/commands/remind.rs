//! What every command for people ends with: what goes stale soon, and how to confirm it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::exit::coded;
use super::output::print;
use crate::control::Handle;
use crate::operations::Status;
use crate::reminder::line;

/// The line about what goes stale; empty while there is nothing to tell.
pub(super) fn reminder(status: &Status, now: Timestamp) -> String {
    line(&status.expiring, &TimeZone::system(), now)
        .map(|line| format!("{line}\n"))
        .unwrap_or_default()
}

/// Ends a command with that line.
pub(super) async fn remind(handle: &Handle, now: Timestamp) -> anyhow::Result<()> {
    let status = coded(handle.status().await)?;
    print(&reminder(&status, now))
}
