//! `agency-node restore`: a withdrawn service is found again.

use std::sync::Arc;

use clap::Args;
use referral_core::id::{Kind, LocalId};
use referral_runtime::clock::Clock;
use referral_runtime::exit::Exit;

use super::Data;
use super::exit::coded;
use super::output::queued;
use crate::catalog::RecordName;
use crate::control::Handle;

/// Publish a withdrawn service again, as it was: for 30 days after it was withdrawn
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Restore {
    /// The service's id at the agency
    #[arg(value_name = "SERVICE-ID", value_parser = LocalId::parse)]
    service: LocalId,
    /// Come back only once the directory has acknowledged it
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    data: Data,
}

const EXAMPLE: &str = "\
Example:
  agency-node restore work-permit-clinic --data ./node";

impl Restore {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let name = RecordName {
            kind: Kind::Service,
            id: self.service.clone(),
        };
        let acknowledged = coded(handle.restore(name, self.wait).await)?;
        let service = &self.service;
        queued(
            &handle,
            self.wait,
            acknowledged,
            &format!("service {service} is published again"),
            &format!("the publication of service {service} is queued"),
        )
    }
}
