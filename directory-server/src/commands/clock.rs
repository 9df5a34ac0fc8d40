//! `directory-server clock ...`: the operator's word on the machine's clock.

use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::SignedDuration;
use referral_proto::{convert, v1};
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::stdout::print;

use super::{DataArg, running};

#[derive(Debug, Subcommand)]
pub(super) enum Clock {
    /// Say that the machine's clock is right, after the directory found that it had jumped
    Confirm(Confirm),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  directory-server clock confirm --data ./directory")]
pub(super) struct Confirm {
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Clock {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self::Confirm(Confirm { data, json }) = self;
        let mut client = running(&data.data)
            .await?
            .context("no directory runs there: one that starts believes the clock it finds")
            .exit(Exit::Unreachable)?;
        let answer = client.confirm_clock(v1::ConfirmClockRequest {}).await;
        let answer = answer
            .map_err(|status| anyhow::anyhow!("{}", status.message()))?
            .into_inner();
        if json {
            let document =
                referral_proto::json::to_json("referral.v1.ConfirmClockResponse", &answer)?;
            return print(&format!("{document}\n"));
        }
        print(&told(&answer))
    }
}

fn told(answer: &v1::ConfirmClockResponse) -> String {
    let now = answer.now.and_then(|at| convert::time::from_wire(at).ok());
    let now = now.map(|at| format!("{at:.0}")).unwrap_or_default();
    if !answer.was_suspect {
        return format!("the clock was believed already: it is {now}\n");
    }
    let by = SignedDuration::from_secs(answer.ahead_seconds);
    let direction = if by.is_negative() { "back" } else { "forward" };
    format!(
        "the clock is believed: it is {now}, after a jump of {:#} {direction}\n",
        by.abs()
    )
}
