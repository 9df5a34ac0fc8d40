//! `directory-server end-rebuild`: the agencies are back.

use anyhow::Context;
use clap::Args;
use referral_proto::v1;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::stdout::print;

use super::{DataArg, running};

/// Says that the agencies are back after `serve --rebuild`: from now on a node needs a token again to be let
/// in, and the pages no longer say that much is missing. Look through `agency list` before.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  directory-server end-rebuild --data ./directory")]
pub(super) struct EndRebuild {
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl EndRebuild {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let mut client = running(&self.data.data)
            .await?
            .context("no directory runs there: start it with serve")
            .exit(Exit::Unreachable)?;
        let answer = client.end_rebuild(v1::EndRebuildRequest {}).await;
        let ended = answer
            .map_err(|status| anyhow::anyhow!("{}", status.message()))?
            .into_inner();
        if self.json {
            let document = referral_proto::json::to_json("referral.v1.EndRebuildResponse", &ended)?;
            return print(&format!("{document}\n"));
        }
        let what = if ended.ended {
            "the rebuild is over"
        } else {
            "there was no rebuild"
        };
        print(&format!(
            "{what}: {} agencies are members\n",
            ended.agencies
        ))
    }
}
