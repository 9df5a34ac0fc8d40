//! The first publish of one agency's whole catalogue, by a real node.

use std::sync::Arc;
use std::time::Duration;

use agency_node::identity;
use agency_node::operations::{Awaited, Import};
use directory_server::config::Config;
use directory_server::life::Start;
use referral_core::catalog::Record;
use referral_core::id::AgencyId;
use referral_core::policy::Viewer;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::data_dir::DataDir;
use referral_runtime::shutdown::Tasks;
use tokio::task::spawn_blocking;

use super::now;
use super::server::{Place, Server};
use super::times::per_second;
use crate::approval::approve;
use crate::national::National;

/// Publishes so many services by one node; gives what was measured, in words.
///
/// # Errors
/// When the directory refuses or ends.
pub async fn first(place: &Place, services: u32) -> anyhow::Result<String> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let token = {
        let (data, clock) = (place.data(), Arc::clone(&clock));
        let open =
            move || directory_server::serve::open(&data, &Config::default(), Start::Usual, &clock);
        let (held, directory) = spawn_blocking(open).await??;
        let token = directory
            .enrol(&Viewer::at_the_machine(), "agency", "Agency")
            .await?;
        approve(&directory, &AgencyId::parse("agency")?).await?;
        spawn_blocking(move || directory.close()).await?;
        drop(held);
        token
    };
    let server = Server::start(place)?;
    let node_data = place.home.join("node");
    let held = DataDir::open(&node_data)?;
    identity::join(server.address()?, &token, &held, Arc::clone(&clock)).await?;
    drop(held);
    let tasks = Tasks::new();
    let node = agency_node::start(
        &agency_node::Config::default(),
        &node_data,
        Arc::clone(&clock),
        &tasks,
    )?;
    let records = records(services, clock.now());
    let count = records.len();
    let import = Import {
        records,
        reports: Vec::new(),
        source: "file".to_owned(),
        dry_run: false,
    };
    let (before, begun) = (server.used()?, now());
    node.run(move |node| node.import(&import)).await??;
    let queued = begun.elapsed();
    node.acknowledged(Awaited::All).await;
    let published = begun.elapsed();
    let refused = node.status().rejections.len();
    let after = server.used()?;
    tasks.drain(Duration::from_secs(10)).await?;
    Ok(format!(
        "{services} services, {count} records, {refused} refused: queued after {:.1} s, all acknowledged after {:.1} s \
         ({:.0} records a second); directory: {:.0} % of a processor, {} MiB",
        queued.as_secs_f64(),
        published.as_secs_f64(),
        per_second(count, published),
        after.percent_since(&before),
        after.resident >> 20,
    ))
}

fn records(services: u32, now: jiff::Timestamp) -> Vec<Record> {
    let mut known = std::collections::HashSet::new();
    let mut records = Vec::new();
    for one in National::at(services, 1, now).services() {
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
    records
}
