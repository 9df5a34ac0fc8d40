//! `agency-node delete`: services are forgotten, here and at the directory.

use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;
use referral_core::id::{Kind, LocalId};
use referral_runtime::clock::Clock;
use referral_runtime::exit::{Exit, WithExit};

use super::Data;
use super::exit::coded;
use super::output::queued;
use crate::catalog::RecordName;
use crate::control::Handle;

/// Delete services for good: what they say is forgotten, here and at the directory
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Delete {
    /// The services' ids at the agency
    #[arg(value_name = "SERVICE-ID", value_parser = LocalId::parse, required = true)]
    services: Vec<LocalId>,
    /// Yes, for good: it cannot be undone
    #[arg(long)]
    yes: bool,
    /// Come back only once the directory has acknowledged it
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    data: Data,
}

const EXAMPLE: &str = "\
Example:
  agency-node delete work-permit-clinic --yes --data ./node

`agency-node withdraw` can be undone. Many deletions within an hour wait for a
second person at the directory; `agency-node status` counts those.";

impl Delete {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        if !self.yes {
            let refused = anyhow!(
                "a deletion cannot be undone: say --yes, or use `agency-node withdraw`, which can"
            );
            return Err(refused).exit(Exit::Usage);
        }
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let names = self.services.iter().map(|id| RecordName {
            kind: Kind::Service,
            id: id.clone(),
        });
        let acknowledged = coded(handle.delete(names.collect(), self.wait).await)?;
        let what = match self.services.as_slice() {
            [one] => format!("service {one}"),
            many => format!("{} services", many.len()),
        };
        queued(
            &handle,
            self.wait,
            acknowledged,
            &format!("the directory has decided on the deletion of {what}: see agency-node status"),
            &format!("the deletion of {what} is queued"),
        )
    }
}
