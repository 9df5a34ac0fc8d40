//! How many operations a second become durable and are acknowledged, and how soon.
//!
//! Everything is made and signed before the clock starts. Each publisher has a stream of its own. At full speed it
//! keeps a few messages on their way; at a pace it sends each when it is due, however many are on their way. An
//! operation's time is from when its message was sent or due to the acknowledgement that covers it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use referral_proto::v1;
use referral_proto::v1::publish_response::Message as Down;
use referral_runtime::clock::{Clock, SystemClock};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

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

/// When a publisher sends its next message.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// As soon as fewer than so many are on their way.
    Full(usize),
    /// So many operations a second of all publishers together, by the clock.
    Offered(u32),
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
    /// When a message is sent.
    pub pace: Pace,
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
        stream = publish(stream, log.before, Due::WithRoom(1)).await?.0;
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
    for (at, (stream, log)) in (0..).zip(streams) {
        publishing.spawn(publish(stream, log.measured, rate.due(begun, at)));
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
        "{} {:?} by {} publishers, {} in a message, {}: {:.0} acknowledged a second; \
         acknowledged after p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms; directory: {:.0} % of a processor, {} MiB",
        times.number(),
        rate.what,
        rate.publishers,
        rate.batch,
        match rate.pace {
            Pace::Full(in_flight) => format!("{in_flight} messages on their way"),
            Pace::Offered(offered) => format!("{offered} a second offered"),
        },
        per_second(times.number(), wall),
        times.milliseconds(50),
        times.milliseconds(99),
        times.milliseconds(100),
        after.percent_since(&before),
        after.resident >> 20,
    ))
}

impl Rate {
    /// When the publisher with this number sends; the first messages of all are spread over the time between two.
    fn due(&self, begun: Instant, publisher: u32) -> Due {
        match self.pace {
            Pace::Full(in_flight) => Due::WithRoom(in_flight),
            Pace::Offered(offered) => {
                let publishers = u32::try_from(self.publishers).unwrap_or(u32::MAX);
                let batch = u32::try_from(self.batch).unwrap_or(u32::MAX);
                let every = Duration::from_secs(1) * batch * publishers / offered.max(1);
                let next = begun + every * publisher / publishers;
                Due::At { next, every }
            }
        }
    }
}

/// When the next message of a publisher is due.
enum Due {
    WithRoom(usize),
    At { next: Instant, every: Duration },
}

impl Due {
    /// Waits until it is due while so many are on their way; gives since when.
    async fn wait(&self, on_their_way: usize) -> Instant {
        match self {
            Self::WithRoom(most) if on_their_way < *most => now(),
            Self::WithRoom(_) => std::future::pending().await,
            Self::At { next, .. } => {
                sleep_until((*next).into()).await;
                *next
            }
        }
    }

    fn sent(&mut self) {
        if let Self::At { next, every } = self {
            *next += *every;
        }
    }
}

/// Sends everything; gives the time of each operation until its acknowledgement.
async fn publish(
    mut stream: Stream,
    log: Vec<Batch>,
    mut due: Due,
) -> anyhow::Result<(Stream, Vec<Duration>)> {
    let mut times = Vec::new();
    let mut sent: VecDeque<(u64, bool, usize, Instant)> = VecDeque::new();
    let mut log = log.into_iter().peekable();
    while log.peek().is_some() || !sent.is_empty() {
        let ack = tokio::select! {
            since = due.wait(sent.len()), if log.peek().is_some() => {
                if let Some(batch) = log.next() {
                    sent.push_back((batch.last, batch.reports, batch.count, since));
                    stream.say(batch.message).await?;
                    due.sent();
                }
                continue;
            }
            heard = stream.hear(), if !sent.is_empty() => match heard? {
                Down::Ack(ack) => ack,
                _ => continue,
            },
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
    Ok((stream, times))
}
