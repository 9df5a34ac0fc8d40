//! The first publish of one agency's whole catalogue, by a real node.

use std::time::Duration;

use agency_node::operations::Awaited;
use anyhow::Context;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::shutdown::Tasks;

use super::now;
use super::server::{Place, Server};
use super::times::per_second;
use super::whole::{import, invited, joined};
use crate::national::National;

/// Publishes so many services by one node; gives what was measured, in words.
///
/// # Errors
/// When the directory refuses or ends.
pub async fn first(place: &Place, services: u32) -> anyhow::Result<String> {
    let tokens = invited(place, &["agency".to_owned()]).await?;
    let token = tokens.first().context("no token")?;
    let server = Server::start(place)?;
    let tasks = Tasks::new();
    let data = place.home.join("node");
    let node = joined(&data, server.address()?, token, &tasks).await?;
    let import = import(National::at(services, 1, SystemClock::new().now()).services());
    let count = import.records.len();
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
