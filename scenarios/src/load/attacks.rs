//! Those who want the directory to stop, one after the other, and what searches and the processor feel of it.
//!
//! The directory has one processor for itself, its attackers the other; searches come from there, too, and go first
//! there, so that they wait for the directory and not for its attackers. Each attack goes on for so many seconds; one
//! search after the other comes over connections of their own before, during and after it. A flood comes over
//! eight connections, a connection that the directory ends is opened again at once. Loopback only, and on the public
//! listener, where anybody may connect; silent connections on both.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use agency_node::operations::Awaited;
use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::shutdown::Tasks;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tonic::transport::Endpoint;

use super::floods;
use super::now;
use super::server::{Place, Server, Used};
use super::times::Times;
use super::whole::{import, invited, joined};
use crate::national::National;

/// Connections of one flood.
const CONNECTIONS: usize = 8;
/// Frames that are written at once.
const AT_ONCE: u32 = 64;
/// How long searches are watched before and after each attack.
const AROUND: Duration = Duration::from_secs(10);
/// How soon the directory is to be as it was.
const AIM: Duration = Duration::from_secs(5);
/// How long anybody waits for a search.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time between the end of a search and the next.
const PAUSE: Duration = Duration::from_millis(50);
/// So many searches in a row that take as long as before are no accident.
const IN_A_ROW: usize = 5;
/// A processor is as before when it is used at most so much more. Unit: percent of it.
const MORE: f64 = 5.0;
/// The time between two looks at the processor.
const LOOK: Duration = Duration::from_millis(250);

/// How much less urgent attackers are than searches: see nice(2).
const LESS_URGENT: i32 = 15;

/// A kind of flood: its name, and what it sends as the so-manieth of a connection.
type Flood = (&'static str, fn(u32) -> Vec<u8>);

const FLOODS: [Flood; 9] = [
    ("streams that stay open", floods::open),
    ("streams reset as soon as they are opened", floods::reset),
    ("streams the directory has to reset", floods::made_reset),
    ("headers that never end", floods::endless_headers),
    ("headers that unpack to 40 MB", floods::packed_headers),
    ("settings", floods::settings),
    ("pings", floods::ping),
    ("empty data of no stream", floods::empty_data),
    ("windows that stay shut", floods::shut_window),
];

/// How much is attacked.
#[derive(Clone, Copy, Debug)]
pub struct Attacks {
    /// Services that are searched.
    pub services: u32,
    /// Silent connections.
    pub silent: usize,
    /// How long each attack goes on.
    pub each: Duration,
}

/// A search: when it was asked, and how long it took; `None`: it was not answered.
type Asked = (Instant, Option<Duration>);

/// Attacks a directory in every way, one after the other; gives a few lines for each.
///
/// # Errors
/// When the directory cannot be started, or ends.
pub async fn attacks(place: &Place, attacks: Attacks) -> anyhow::Result<String> {
    let name = "harbor".to_owned();
    let tokens = invited(place, std::slice::from_ref(&name)).await?;
    let server = Server::start(place)?;
    let tasks = Tasks::new();
    let data = place.home.join(name);
    let node = joined(&data, server.address()?, &tokens[0], &tasks).await?;
    let national = National::at(attacks.services, 1, SystemClock::new().now());
    let import = import(national.part(0..attacks.services));
    node.run(move |node| node.import(&import)).await??;
    node.acknowledged(Awaited::All).await;

    let attackers = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(|| {
            // Where the system refuses, searches wait for attackers.
            let _refused = rustix::process::nice(LESS_URGENT);
        })
        .build()?;
    let (each, by) = (attacks.each, attackers.handle());
    let mut told = Vec::new();
    told.push(measured(&server, "nothing", quiet(each)).await?);
    let silent = silent(&server, by, attacks.silent, each);
    told.push(measured(&server, "silent connections", silent).await?);
    for (name, frames) in FLOODS {
        let flood = flood(&server, by, frames, each);
        told.push(measured(&server, name, flood).await?);
    }
    attackers.shutdown_background();
    let connected = node.link().borrow().connected;
    told.push(format!(
        "the node of {} services is {}",
        attacks.services,
        if connected {
            "connected"
        } else {
            "NOT connected"
        }
    ));
    tasks.drain(AROUND).await?;
    Ok(told.join("\n"))
}

/// What searches and the processor feel of an attack.
async fn measured(
    server: &Server,
    name: &str,
    attack: impl Future<Output = String>,
) -> anyhow::Result<String> {
    let over = AtomicBool::new(false);
    let attacked = async {
        let marks = around(server, attack).await;
        over.store(true, Ordering::Relaxed);
        marks
    };
    let (marks, asked) = tokio::join!(attacked, searches(server.public(), &over));
    let marks = marks?;
    let [before, during, after] = marks.parts(&asked);
    let back = back(&asked, marks.ended, &before);
    Ok(format!(
        "{name}: {}\n  searches before: {}\n  during: {}\n  after: {}\n  \
         the directory used {:.0} % of its processor before, {:.0} % during, {} MiB; \
         searches as before {}, its processor {}",
        marks.sent,
        words(&before),
        words(&during),
        words(&after),
        marks.base,
        marks.share,
        marks.resident >> 20,
        soon(back),
        soon(marks.at_rest),
    ))
}

/// When an attack began and ended, and what the directory used.
struct Marks {
    sent: String,
    began: Instant,
    ended: Instant,
    /// Unit of both: percent of its processor.
    base: f64,
    share: f64,
    /// Unit: bytes.
    resident: u64,
    /// How long after the attack it used its processor as before.
    at_rest: Option<Duration>,
}

async fn around(server: &Server, attack: impl Future<Output = String>) -> anyhow::Result<Marks> {
    let first = server.used()?;
    sleep(AROUND).await;
    let (began, before) = (now(), server.used()?);
    let sent = attack.await;
    let (ended, after) = (now(), server.used()?);
    let base = before.percent_since(&first);
    let at_rest = at_rest(server, after, base + MORE).await?;
    sleep(AROUND.saturating_sub(ended.elapsed())).await;
    Ok(Marks {
        sent,
        began,
        ended,
        base,
        share: after.percent_since(&before),
        resident: after.resident,
        at_rest,
    })
}

/// How long it takes until the directory uses at most `most` percent of its processor.
async fn at_rest(server: &Server, since: Used, most: f64) -> anyhow::Result<Option<Duration>> {
    let (began, mut last) = (now(), since);
    while began.elapsed() < AROUND {
        sleep(LOOK).await;
        let used = server.used()?;
        if used.percent_since(&last) <= most {
            return Ok(Some(began.elapsed()));
        }
        last = used;
    }
    Ok(None)
}

impl Marks {
    /// What was asked before, during and after the attack.
    fn parts(&self, asked: &[Asked]) -> [Vec<Option<Duration>>; 3] {
        let mut parts = [const { Vec::new() }; 3];
        for (at, took) in asked {
            let part = usize::from(*at >= self.began) + usize::from(*at >= self.ended);
            parts[part].push(*took);
        }
        parts
    }
}

/// How long after the attack searches take no longer than twice what the slowest took before, several in a row.
fn back(asked: &[Asked], ended: Instant, before: &[Option<Duration>]) -> Option<Duration> {
    let slowest = before.iter().flatten().max().copied().unwrap_or_default();
    let after: Vec<&Asked> = asked.iter().filter(|(at, _)| *at >= ended).collect();
    let as_before = |one: &&Asked| one.1.is_some_and(|took| took <= 2 * slowest);
    let mut rows = after.windows(IN_A_ROW);
    let row = rows.find(|row| row.iter().all(as_before))?;
    Some(row[0].0.duration_since(ended))
}

fn words(asked: &[Option<Duration>]) -> String {
    let times = Times::of(asked.iter().flatten().copied().collect());
    format!(
        "{} answered, {} not; p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms",
        times.number(),
        asked.len() - times.number(),
        times.milliseconds(50),
        times.milliseconds(99),
        times.milliseconds(100)
    )
}

fn soon(after: Option<Duration>) -> String {
    match after {
        Some(time) if time <= AIM => format!("after {:.1} s", time.as_secs_f64()),
        Some(time) => format!("only after {:.1} s", time.as_secs_f64()),
        None => format!("NOT within {} s", AROUND.as_secs()),
    }
}

/// One search after the other until it is over, each over a connection of its own.
async fn searches(public: String, over: &AtomicBool) -> Vec<Asked> {
    let mut asked = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let begun = now();
        let answered = timeout(PATIENCE, search(&public)).await;
        let took = matches!(answered, Ok(Ok(()))).then(|| begun.elapsed());
        asked.push((begun, took));
        sleep(PAUSE).await;
    }
    asked
}

async fn search(public: &str) -> anyhow::Result<()> {
    let channel = Endpoint::from_shared(public.to_owned())?.connect().await?;
    let request = v1::SearchRequest {
        near: "Baltimore, MD".to_owned(),
        availability: v1::Availability::Any.into(),
        ..v1::SearchRequest::default()
    };
    SearchServiceClient::new(channel).search(request).await?;
    Ok(())
}

/// No attack.
async fn quiet(time: Duration) -> String {
    sleep(time).await;
    "is done".to_owned()
}

/// So many connections that say nothing, half of them to each listener; each is opened again when it is closed.
async fn silent(server: &Server, by: &Handle, count: usize, time: Duration) -> String {
    let public = server.public().replace("http://", "");
    let listeners = [public, server.federation().to_owned()];
    let (opened, open) = (Counter::default(), Counter::default());
    let mut connections = JoinSet::new();
    for listener in listeners.iter().cycle().take(count) {
        let (listener, opened, open) = (listener.clone(), opened.clone(), open.clone());
        let again = async move {
            loop {
                let connecting = timeout(PATIENCE, TcpStream::connect(&listener)).await;
                if let Ok(Ok(mut stream)) = connecting {
                    opened.add(1);
                    let _open = open.more();
                    while stream.read(&mut [0; 512]).await.is_ok_and(|read| read > 0) {}
                }
                sleep(LOOK).await;
            }
        };
        connections.spawn_on(again, by);
    }
    sleep(time).await;
    let at_the_end = open.get();
    connections.shutdown().await;
    format!("{} opened, {at_the_end} open at the end", opened.get())
}

/// Frames over several connections for so long.
async fn flood(server: &Server, by: &Handle, frames: fn(u32) -> Vec<u8>, time: Duration) -> String {
    let public = server.public().replace("http://", "");
    let (sent, opened) = (Counter::default(), Counter::default());
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (public, sent, opened) = (public.clone(), sent.clone(), opened.clone());
        let again = async move {
            loop {
                opened.add(1);
                let _ended = one(&public, frames, &sent).await;
                tokio::task::yield_now().await;
            }
        };
        connections.spawn_on(again, by);
    }
    sleep(time).await;
    connections.shutdown().await;
    format!("{} sent over {} connections", sent.get(), opened.get())
}

/// One connection, until the directory ends it.
async fn one(public: &str, frames: fn(u32) -> Vec<u8>, sent: &Counter) -> std::io::Result<()> {
    let mut connection = TcpStream::connect(public).await?;
    connection.write_all(&floods::hello()).await?;
    let (mut read, mut write) = connection.split();
    let hearing = async {
        let mut buffer = vec![0; 64 << 10];
        while read.read(&mut buffer).await? > 0 {}
        Ok(())
    };
    let sending = async {
        for first in (0..u32::MAX / 4).step_by(AT_ONCE as usize) {
            let some: Vec<u8> = (first..first + AT_ONCE).flat_map(frames).collect();
            write.write_all(&some).await?;
            sent.add(u64::from(AT_ONCE));
        }
        Ok(())
    };
    tokio::select! {
        heard = hearing => heard,
        done = sending => done,
    }
}

/// Counts what many tasks do.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicU64>);

/// One of those that are counted, for as long as it lives.
struct Counted(Counter);

impl Counter {
    fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn more(&self) -> Counted {
        self.add(1);
        Counted(self.clone())
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_are_back_when_several_in_a_row_are_as_fast_as_before() {
        let ended = now();
        let millis = Duration::from_millis;
        let before = [Some(millis(10)), Some(millis(20))];
        let took = [None, Some(millis(30)), Some(millis(90))]
            .into_iter()
            .chain([Some(millis(40)); IN_A_ROW]);
        let asked: Vec<Asked> = (0..)
            .zip(took)
            .map(|(at, took)| (ended + millis(100 * at), took))
            .collect();

        assert_eq!(back(&asked, ended, &before), Some(millis(300)));
        assert_eq!(back(&asked[..6], ended, &before), None);
    }
}
