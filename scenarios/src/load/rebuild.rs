//! A directory that lost its disk, but not its authority, and is filled again by whole nodes.

use std::sync::Arc;
use std::time::Duration;

use agency_node::operations::{Awaited, Node};
use referral_proto::v1;
use referral_proto::v1::directory_admin_service_client::DirectoryAdminServiceClient;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::local;
use referral_runtime::shutdown::Tasks;
use tokio::time::sleep;

use super::now;
use super::server::{Place, Server};
use super::whole::{import, invited, joined};
use crate::national::National;

/// How often the directory is asked what it holds.
const LOOK: Duration = Duration::from_millis(500);
/// The longest that is waited for all records.
const PATIENCE: Duration = Duration::from_mins(30);

/// Has so many agencies publish so many services, takes all but its authority from the directory, and watches it
/// being filled again; gives what was measured, in words.
///
/// # Errors
/// When the directory refuses or ends, or does not hold as many records as before in half an hour.
pub async fn rebuild(place: &Place, services: u32, agencies: u32) -> anyhow::Result<String> {
    let names: Vec<String> = (0..agencies).map(|at| format!("agency-{at:03}")).collect();
    let tokens = invited(place, &names).await?;
    let mut server = Server::start(place)?;
    let tasks = Tasks::new();
    let national = National::at(services, 1, SystemClock::new().now());
    let each = services.div_ceil(agencies);
    let begun = now();
    let mut nodes: Vec<Arc<Node>> = Vec::new();
    for (at, (name, token)) in (0..).zip(names.iter().zip(&tokens)) {
        let data = place.home.join(name);
        let node = joined(&data, server.address()?, token, &tasks).await?;
        let import = import(national.part(at * each..(at + 1) * each));
        node.run(move |node| node.import(&import)).await??;
        nodes.push(node);
    }
    for node in &nodes {
        node.acknowledged(Awaited::All).await;
    }
    let published = begun.elapsed();
    let records = held(place).await?;
    tracing::info!(
        "{records} records of {agencies} agencies published in {:.0} s",
        published.as_secs_f64()
    );

    let lost = now();
    server.rebuild()?;
    let before = server.used()?;
    while held(place).await? < records {
        anyhow::ensure!(
            lost.elapsed() < PATIENCE,
            "{} of {records} records are back",
            held(place).await?
        );
        sleep(LOOK).await;
    }
    let filled = lost.elapsed();
    for node in &nodes {
        node.acknowledged(Awaited::All).await;
    }
    let settled = lost.elapsed();
    let (after, again) = (server.used()?, held(place).await?);
    let known = nodes.iter().map(|node| node.status().services);
    let known: usize = known.sum();
    tasks.drain(Duration::from_secs(10)).await?;
    Ok(format!(
        "{known} services of {agencies} agencies, {records} records, published in {:.0} s; after the loss {records} \
         records held again after {:.0} s, all acknowledged after {:.0} s, {again} held then; directory: {:.0} % of a \
         processor, {} MiB",
        published.as_secs_f64(),
        filled.as_secs_f64(),
        settled.as_secs_f64(),
        after.percent_since(&before),
        after.resident >> 20,
    ))
}

/// How many records the directory holds of all agencies.
async fn held(place: &Place) -> anyhow::Result<u64> {
    let channel = local::connect(&place.data()).await?;
    let mut client = DirectoryAdminServiceClient::new(channel);
    let answer = client.list_agencies(v1::ListAgenciesRequest {}).await?;
    let agencies = answer.into_inner().agencies.into_iter();
    Ok(agencies.map(|agency| u64::from(agency.records)).sum())
}
