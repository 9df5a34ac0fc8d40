//! `agency-node affirm`: what is listed is still so.

use std::sync::Arc;

use clap::Args;
use referral_core::id::LocalId;
use referral_runtime::clock::Clock;
use referral_runtime::exit::Exit;

use super::Data;
use super::exit::coded;
use super::output::{print, queued};
use crate::control::Handle;
use crate::operations::Affirm;

/// Say that services are still as they are listed, and publish them again
///
/// What nobody says again is shown as old after 180 days and found by nobody after 365. An import says again by itself what
/// is still in its file.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct AffirmCommand {
    /// The services' ids at the agency
    #[arg(value_name = "SERVICE-ID", value_parser = LocalId::parse, required_unless_present = "all", num_args = 1..=500)]
    services: Vec<LocalId>,
    /// Every service that was last said more than 90 days ago
    #[arg(long, conflicts_with = "services")]
    all: bool,
    /// Come back only once the directory has acknowledged it
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    data: Data,
}

const EXAMPLE: &str = "\
Example:
  agency-node affirm work-permit-clinic --data ./node
  agency-node affirm --all --data ./node";

impl AffirmCommand {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let what = if self.all {
            Affirm::Ageing
        } else {
            Affirm::Services(self.services)
        };
        let (count, acknowledged) = coded(handle.affirm(what, self.wait).await)?;
        if count == 0 {
            print("nothing was last said more than 90 days ago\n")?;
            return Ok(Exit::Done);
        }
        let services = match count {
            1 => "1 service".to_owned(),
            _ => format!("{count} services"),
        };
        queued(
            &handle,
            self.wait,
            acknowledged,
            &format!("published again: {services}"),
            &format!("queued to be published again: {services}"),
        )
    }
}
