//! How many operations a second become durable and are acknowledged, and how soon.
//!
//! Everything is made and signed before the clock starts. Each publisher has a stream of its own and keeps a
//! few batches on their way; an operation's time is from the sending of its batch to the acknowledgement
//! that covers it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use referral_proto::v1;
use referral_proto::v1::publish_response::Message as Down;
use referral_runtime::clock::{Clock, SystemClock};
use tokio::task::JoinSet;

use super::log::{Batch, Log, logs};
use super::member::enrol;
use super::now;
use super::server::{Place, Server};
use super::stream::Stream;
use super::times::{Times, per_second};

/// What is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Listings: organizations, locations and services of the national network.
    Listings,
    /// Capacity reports of services that were published before.
    Reports,
}

/// How much is published, and how.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Agencies that publish at the same time.
    pub publishers: usize,
    /// Operations or reports of each.
    pub each: usize,
    /// Operations in one message.
    pub batch: usize,
    /// Messages of one publisher on their way.
    pub in_flight: usize,
    /// What is published.
    pub what: What,
}

/// Publishes; gives what was measured, in words.
///
/// # Errors
/// When the directory refuses or ends.
pub async fn rate(place: &Place, rate: Rate) -> anyhow::Result<String> {
    let mut members = enrol(&place.data(), rate.publishers).await?;
    let logs = logs(&mut members, &rate, SystemClock::new().now())?;
    let mut server = Server::start(place)?;
    let address = server.address()?;
    let mut streams = Vec::new();
    for (member, log) in members.iter().zip(logs) {
        let hello = v1::PublishHello {
            seq: 0,
            acknowledged: 0,
            capacity_acknowledged: 0,
            ..member.hello()
        };
        let mut stream = Stream::open(&member.dialer(&address)?, hello).await?;
        stream = publish(stream, log.before, 1).await?.0;
        streams.push((
            stream,
            Log {
                before: Vec::new(),
                ..log
            },
        ));
    }
    let before = server.used()?;
    let begun = now();
    let mut publishing = JoinSet::new();
    for (stream, log) in streams {
        publishing.spawn(publish(stream, log.measured, rate.in_flight));
    }
    let mut times = Vec::new();
    while let Some(published) = publishing.join_next().await {
        times.extend(published??.1);
    }
    let wall = begun.elapsed();
    let after = server.used()?;
    server.kill()?;
    let times = Times::of(times);
    Ok(format!(
        "{} {:?} by {} publishers, {} in a message, {} messages on their way: {:.0} acknowledged a second; \
         acknowledged after p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms; directory: {:.0} % of a processor, {} MiB",
        times.number(),
        rate.what,
        rate.publishers,
        rate.batch,
        rate.in_flight,
        per_second(times.number(), wall),
        times.milliseconds(50),
        times.milliseconds(99),
        times.milliseconds(100),
        after.percent_since(&before),
        after.resident >> 20,
    ))
}

/// Sends everything; gives the time of each operation until its acknowledgement.
async fn publish(
    mut stream: Stream,
    log: Vec<Batch>,
    in_flight: usize,
) -> anyhow::Result<(Stream, Vec<Duration>)> {
    let mut times = Vec::new();
    let mut sent: VecDeque<(u64, bool, usize, Instant)> = VecDeque::new();
    let mut log = log.into_iter();
    loop {
        while sent.len() < in_flight
            && let Some(batch) = log.next()
        {
            sent.push_back((batch.last, batch.reports, batch.count, now()));
            stream.say(batch.message).await?;
        }
        if sent.is_empty() {
            return Ok((stream, times));
        }
        let Down::Ack(ack) = stream.hear().await? else {
            continue;
        };
        anyhow::ensure!(ack.rejections.is_empty(), "refused: {:?}", ack.rejections);
        while let Some((last, reports, count, since)) = sent.front()
            && *last
                <= if *reports {
                    ack.capacity_applied
                } else {
                    ack.applied
                }
        {
            times.extend(std::iter::repeat_n(since.elapsed(), *count));
            sent.pop_front();
        }
    }
}
