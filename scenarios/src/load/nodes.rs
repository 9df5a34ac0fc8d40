//! Thousands of nodes that are just there: what they cost, and how long all of them take to come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use agency_node::publisher::BackOff;
use jiff::Timestamp;
use rand::RngExt;
use referral_core::id::LocalId;
use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;
use referral_proto::v1::search_service_client::SearchServiceClient;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::tls::{Address, Dialer};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tonic::transport::Endpoint;

use super::log::{listed, report};
use super::member::{Member, enrol};
use super::now;
use super::server::{Place, Server};
use super::stream::Stream;
use super::times::Times;
use crate::national::National;

/// The time between two beats of a node, before it is spread.
const BEAT: Duration = Duration::from_secs(30);
/// How many nodes connect for the first time at once.
const AT_ONCE: usize = 200;
/// Operations each node publishes at first: an organization, a location or two, a service.
const LISTINGS: usize = 4;
/// The waits of a real node: see `agency_node::publisher::PublishConfig`.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(2));

/// How many nodes, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Nodes {
    /// How many.
    pub count: usize,
    /// How long they are watched once all are there.
    pub watched: Duration,
    /// True: a beat is a capacity report, which is verified and becomes durable; false: a heartbeat.
    pub report: bool,
}

/// What all nodes share.
struct Shared {
    connected: AtomicUsize,
    gate: Semaphore,
    stop: AtomicBool,
    report: bool,
    back: Mutex<Vec<Instant>>,
    failures: AtomicUsize,
}

/// Nodes that are connected.
struct Crowd {
    server: Server,
    shared: Arc<Shared>,
    _nodes: JoinSet<()>,
}

/// Connects nodes and watches what the directory needs for them.
///
/// # Errors
/// When the directory cannot be started.
pub async fn hold(place: &Place, nodes: Nodes) -> anyhow::Result<String> {
    let crowd = gather(place, nodes).await?;
    let idle = crowd.server.used()?;
    sleep(nodes.watched).await;
    let after = crowd.server.used()?;
    let connected = crowd.shared.connected.load(Ordering::Relaxed);
    Ok(format!(
        "{connected} of {} nodes connected, a {} every 30 s +-20 % each, watched for {} s: directory {:.1} % of a processor, {} MiB resident",
        nodes.count,
        if nodes.report {
            "capacity report"
        } else {
            "heartbeat"
        },
        nodes.watched.as_secs(),
        after.percent_since(&idle),
        after.resident >> 20,
    ))
}

/// Connects nodes, kills the directory, starts it again, and watches them come back.
///
/// # Errors
/// When the directory cannot be started.
pub async fn herd(place: &Place, nodes: Nodes) -> anyhow::Result<String> {
    let mut crowd = gather(place, nodes).await?;
    let quiet = searches(&crowd.server.public(), nodes.watched, || false).await;
    crowd.shared.back.lock().await.clear();
    crowd.server.kill()?;
    while crowd.shared.connected.load(Ordering::Relaxed) > 0 {
        sleep(Duration::from_millis(10)).await;
    }
    let killed = now();
    let started = crowd.server.restart()?;
    let before = crowd.server.used()?;
    let shared = Arc::clone(&crowd.shared);
    let all_back = move || shared.connected.load(Ordering::Relaxed) >= nodes.count;
    let busy = searches(&crowd.server.public(), Duration::from_mins(5), all_back).await;
    let after = crowd.server.used()?;
    let back = crowd.shared.back.lock().await;
    let times = Times::of(back.iter().map(|at| at.duration_since(killed)).collect());
    Ok(format!(
        "{} of {} nodes back: half after {:.1} s, 99 % after {:.1} s, all after {:.1} s ({} tries failed); \
         directory up after {:.1} s, {:.1} s of processor since ({:.0} %), {} MiB\n\
         searches before: {quiet}\nsearches meanwhile: {busy}",
        crowd.shared.connected.load(Ordering::Relaxed),
        nodes.count,
        times.seconds(50),
        times.seconds(99),
        times.seconds(100),
        crowd.shared.failures.load(Ordering::Relaxed),
        started.as_secs_f64(),
        after.processor_since(&before).as_secs_f64(),
        after.percent_since(&before),
        after.resident >> 20,
    ))
}

async fn gather(place: &Place, nodes: Nodes) -> anyhow::Result<Crowd> {
    let begun = now();
    let members = enrol(&place.data(), nodes.count).await?;
    tracing::info!(
        "{} agencies joined in {:.1} s",
        members.len(),
        begun.elapsed().as_secs_f64()
    );
    let server = Server::start(place)?;
    let shared = Arc::new(Shared {
        connected: AtomicUsize::new(0),
        gate: Semaphore::new(AT_ONCE),
        stop: AtomicBool::new(false),
        report: nodes.report,
        back: Mutex::new(Vec::new()),
        failures: AtomicUsize::new(0),
    });
    let now_wall = SystemClock::new().now();
    let count = u32::try_from(nodes.count)?;
    let national = Arc::new(National::at(count * 4, 1, now_wall));
    let address = server.address()?;
    let mut tasks = JoinSet::new();
    for (number, member) in (0..).zip(members) {
        let (shared, national) = (Arc::clone(&shared), Arc::clone(&national));
        let address = address.clone();
        tasks.spawn(async move {
            let first = number * 4..number * 4 + 4;
            let mut node = match Light::new(member, &address, &national, first, now_wall) {
                Ok(node) => node,
                Err(error) => return tracing::error!("a node cannot be made: {error:#}"),
            };
            node.live(&shared).await;
        });
    }
    let begun = now();
    while shared.connected.load(Ordering::Relaxed) < nodes.count {
        anyhow::ensure!(
            begun.elapsed() < Duration::from_mins(10),
            "nodes do not connect"
        );
        sleep(Duration::from_millis(100)).await;
    }
    tracing::info!("all connected after {:.1} s", begun.elapsed().as_secs_f64());
    sleep(Duration::from_secs(10)).await;
    Ok(Crowd {
        server,
        shared,
        _nodes: tasks,
    })
}

/// A node without a journal.
struct Light {
    member: Member,
    dialer: Dialer,
    service: Option<LocalId>,
    first: Vec<v1::Signed>,
    beats: u32,
}

impl Light {
    fn new(
        mut member: Member,
        directory: &Address,
        national: &National,
        part: std::ops::Range<u32>,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let dialer = member.dialer(directory)?;
        let (first, services) = listed(&mut member, national, part, LISTINGS, now);
        Ok(Self {
            dialer,
            service: services.into_iter().next(),
            first,
            member,
            beats: 0,
        })
    }

    /// Connects and stays, again and again, with the waits of a real node.
    async fn live(&mut self, shared: &Shared) {
        let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
        while !shared.stop.load(Ordering::Relaxed) {
            let failed = self.session(shared, &mut back_off).await;
            if let Err(error) = failed
                && shared.failures.fetch_add(1, Ordering::Relaxed) == 0
            {
                tracing::warn!("the first session that failed: {error:#}");
            }
            let wait = back_off.next(None, &mut rand::rng());
            sleep(wait).await;
        }
    }

    async fn session(&mut self, shared: &Shared, back_off: &mut BackOff) -> anyhow::Result<()> {
        let first = !self.first.is_empty();
        let mut hello = self.member.hello();
        let mut gate = None;
        if first {
            gate = Some(shared.gate.acquire().await?);
            (hello.seq, hello.acknowledged) = (0, 0);
        }
        let mut stream = Stream::open(&self.dialer, hello).await?;
        back_off.reset();
        if first {
            let operations = std::mem::take(&mut self.first);
            stream
                .say(Up::Operations(v1::OperationBatch { operations }))
                .await?;
            while stream.applied < self.member.chain.applied {
                if let Down::Ack(ack) = stream.hear().await? {
                    stream.applied = ack.applied;
                }
            }
        }
        drop(gate);
        shared.back.lock().await.push(now());
        shared.connected.fetch_add(1, Ordering::Relaxed);
        let ended = self.stay(&mut stream, shared).await;
        shared.connected.fetch_sub(1, Ordering::Relaxed);
        ended
    }

    async fn stay(&mut self, stream: &mut Stream, shared: &Shared) -> anyhow::Result<()> {
        let spread = |dice: f64| BEAT.mul_f64(0.8 + 0.4 * dice);
        let mut wait = BEAT.mul_f64(rand::rng().random_range(0.0..1.0));
        loop {
            tokio::select! {
                heard = stream.hear() => { heard?; }
                () = sleep(wait) => {
                    let beat = self.beat(shared.report);
                    stream.say(beat).await?;
                    wait = spread(rand::rng().random_range(0.0..1.0));
                }
            }
        }
    }

    fn beat(&mut self, as_report: bool) -> Up {
        let now = SystemClock::new().now();
        self.beats += 1;
        if as_report && let Some(service) = &self.service {
            let reports = vec![self.member.report(report(service, self.beats % 40, now))];
            return Up::Capacity(v1::CapacityBatch { reports });
        }
        Up::Beat(v1::Beat {
            seq: self.member.chain.applied,
            root: self.member.root().as_bytes().to_vec(),
            sent_at: Some(referral_proto::convert::time::to_wire(now)),
        })
    }
}

/// Searches five times a second until `done`, at most for `time`; gives how long they took, in words.
async fn searches(public: &str, time: Duration, done: impl Fn() -> bool) -> String {
    let (mut times, mut failed) = (Vec::new(), 0);
    let Ok(endpoint) = Endpoint::from_shared(public.to_owned()) else {
        return "no address".to_owned();
    };
    let mut client = SearchServiceClient::new(endpoint.connect_lazy());
    let begun = now();
    while begun.elapsed() < time && !done() {
        let asked = now();
        let request = v1::SearchRequest {
            near: "Baltimore, MD".to_owned(),
            availability: v1::Availability::Any.into(),
            ..v1::SearchRequest::default()
        };
        match timeout(Duration::from_secs(10), client.search(request)).await {
            Ok(Ok(_)) => times.push(asked.elapsed()),
            _ => failed += 1,
        }
        sleep(Duration::from_millis(200)).await;
    }
    let times = Times::of(times);
    format!(
        "{} answered, {failed} not; p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms",
        times.number(),
        times.milliseconds(50),
        times.milliseconds(99),
        times.milliseconds(100)
    )
}
