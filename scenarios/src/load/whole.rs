//! Whole nodes, with journals, in this process.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use agency_node::identity;
use agency_node::operations::{Import, Node};
use directory_server::config::Config;
use directory_server::life::Start;
use referral_core::catalog::Record;
use referral_core::id::AgencyId;
use referral_core::policy::Viewer;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::data_dir::DataDir;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::{Address, JoinToken};
use tokio::task::spawn_blocking;

use super::server::Place;
use crate::approval::approve;
use crate::national::Published;

/// Invites agencies to the directory, which no process holds, and grants them everything.
pub(super) async fn invited(place: &Place, names: &[String]) -> anyhow::Result<Vec<JoinToken>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let data = place.data();
    let open =
        move || directory_server::serve::open(&data, &Config::default(), Start::Usual, &clock);
    let (held, directory) = spawn_blocking(open).await??;
    let mut tokens = Vec::with_capacity(names.len());
    for name in names {
        let operator = Viewer::at_the_machine();
        tokens.push(directory.enrol(&operator, name, name).await?);
        approve(&directory, &AgencyId::parse(name)?).await?;
    }
    spawn_blocking(move || directory.close()).await?;
    drop(held);
    Ok(tokens)
}

/// A node that has joined and publishes what is imported.
pub(super) async fn joined(
    data: &Path,
    directory: Address,
    token: &JoinToken,
    tasks: &Tasks,
) -> anyhow::Result<Arc<Node>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let held = DataDir::open(data)?;
    identity::join(directory, token, &held, Arc::clone(&clock)).await?;
    drop(held);
    let config = agency_node::Config::default();
    Ok(agency_node::start(&config, data, clock, tasks)?)
}

/// What an agency's file says: each organization and location once, before the services.
pub(super) fn import(published: impl Iterator<Item = Published>) -> Import {
    let mut known = HashSet::new();
    let mut records = Vec::new();
    for one in published {
        let organization = Record::Organization(Box::new(one.listing.organization));
        let locations = one.listing.locations.into_iter();
        let locations = locations.map(|location| Record::Location(Box::new(location)));
        let service = Record::Service(Box::new(one.listing.service));
        for record in std::iter::once(organization)
            .chain(locations)
            .chain([service])
        {
            if known.insert((record.kind(), record.id().clone())) {
                records.push(record);
            }
        }
    }
    Import {
        records,
        reports: Vec::new(),
        source: "file".to_owned(),
        dry_run: false,
    }
}
