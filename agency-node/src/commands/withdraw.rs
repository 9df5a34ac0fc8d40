//! `agency-node withdraw`: a service is no longer found.

use std::sync::Arc;

use clap::Args;
use referral_core::id::{Kind, LocalId};
use referral_runtime::clock::Clock;
use referral_runtime::exit::Exit;

use super::Data;
use super::exit::coded;
use super::output::queued;
use super::remind::remind;
use crate::catalog::RecordName;
use crate::control::Handle;

/// Withdraw a service: searches no longer find it. It comes back when it is restored or imported again
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Withdraw {
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
  agency-node withdraw work-permit-clinic --data ./node

A file that still holds the service brings it back when it is imported again: take it out there too.";

impl Withdraw {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let name = RecordName {
            kind: Kind::Service,
            id: self.service.clone(),
        };
        let acknowledged = coded(handle.withdraw(name, self.wait).await)?;
        let service = &self.service;
        let exit = queued(
            &handle,
            self.wait,
            acknowledged,
            &format!("service {service} is withdrawn"),
            &format!("the withdrawal of service {service} is queued"),
        )?;
        remind(&handle, clock.now()).await?;
        Ok(exit)
    }
}
