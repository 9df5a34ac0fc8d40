//! Those who want the directory to stop, one after the other, and what searches and the processor feel of it.
//!
//! The directory is bound to one processor and everything here to another. Each attack goes on for so many seconds over
//! eight connections, each made anew when the directory ends it; searches come over connections of their own
//! meanwhile. Loopback only.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tonic::transport::Endpoint;

use super::now;
use super::server::{Place, Server};
use super::times::Times;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// Connections of one attack.
const CONNECTIONS: usize = 8;
/// Frames that are written at once.
const AT_ONCE: u32 = 64;
/// A processor that is used no more than this above what it was before is at rest again. Unit: percent.
const AT_REST: f64 = 5.0;

/// One kind of attack.
#[derive(Clone, Copy)]
struct Attack {
    name: &'static str,
    /// The frame that is sent as the so-manieth of a connection.
    frames: fn(u32) -> Vec<u8>,
}

const ATTACKS: [Attack; 7] = [
    Attack {
        name: "streams reset as soon as they are opened",
        frames: |number| {
            let mut both = frame(HEADERS, END_HEADERS, stream(number), &request());
            both.extend(frame(RST_STREAM, 0, stream(number), &[0, 0, 0, 8]));
            both
        },
    },
    Attack {
        name: "streams the directory has to reset",
        frames: |number| {
            let mut both = frame(HEADERS, END_HEADERS, stream(number), &request());
            both.extend(frame(WINDOW_UPDATE, 0, stream(number), &[0; 4]));
            both
        },
    },
    Attack {
        name: "headers that never end",
        frames: |number| match number {
            0 => frame(HEADERS, 0, 1, &request()),
            _ => frame(CONTINUATION, 0, 1, &[b'x'; 4_000]),
        },
    },
    Attack {
        name: "settings",
        frames: |_| frame(SETTINGS, 0, 0, &[]),
    },
    Attack {
        name: "pings",
        frames: |_| frame(PING, 0, 0, &[0; 8]),
    },
    Attack {
        name: "data of no stream",
        frames: |_| frame(DATA, 0, 1, &[]),
    },
    Attack {
        name: "headers that unpack to 40 MB",
        frames: |number| frame(HEADERS, END_HEADERS, stream(number), &bomb()),
    },
];

/// Attacks the directory in every way, each for `each`; gives a line for each attack.
///
/// * `silent` — connections that say nothing, in the first of them.
///
/// # Errors
/// When the directory cannot be started, or ends.
pub async fn attacks(place: &Place, silent: usize, each: Duration) -> anyhow::Result<String> {
    let server = Server::start(place)?;
    let mut told = String::new();
    let quiet = measured(&server, "nothing", each, async { 0 }).await?;
    told.push_str(&quiet);
    let public = server.public().replace("http://", "");
    let holding = hold(public.clone(), silent, each);
    let name = format!("{silent} silent connections");
    told.push_str(&measured(&server, &name, each, holding).await?);
    for attack in ATTACKS {
        let attacking = flood(public.clone(), attack, each);
        told.push_str(&measured(&server, attack.name, each, attacking).await?);
    }
    Ok(told)
}

/// What searches and the processor feel of an attack, and for how long after it.
async fn measured(
    server: &Server,
    name: &str,
    each: Duration,
    attack: impl Future<Output = u64>,
) -> anyhow::Result<String> {
    let base = at_rest(server).await?;
    let before = server.used()?;
    let (sent, searches) = tokio::join!(attack, searches(server.public(), each));
    let after = server.used()?;
    let ended = now();
    let mut recovered = None;
    for _ in 0..10 {
        let begun = server.used()?;
        sleep(Duration::from_millis(500)).await;
        if server.used()?.percent_since(&begun) <= base + AT_REST {
            recovered = Some(ended.elapsed());
            break;
        }
    }
    let mut line = format!(
        "{name}: {searches}; directory {:.0} % of its processor, {} MiB",
        after.percent_since(&before),
        after.resident >> 20
    );
    if sent > 0 {
        write!(line, "; {sent} sent")?;
    }
    match recovered {
        Some(time) => writeln!(line, "; at rest within {:.1} s", time.as_secs_f64())?,
        None => writeln!(line, "; NOT at rest within 5 s")?,
    }
    Ok(line)
}

/// What the directory uses of its processor when nobody asks. Unit: percent.
async fn at_rest(server: &Server) -> anyhow::Result<f64> {
    let before = server.used()?;
    sleep(Duration::from_secs(1)).await;
    Ok(server.used()?.percent_since(&before))
}

/// Searches ten times a second, each over a connection of its own.
async fn searches(public: String, time: Duration) -> String {
    let (mut times, mut failed) = (Vec::new(), 0);
    let begun = now();
    while begun.elapsed() < time {
        let asked = now();
        match timeout(Duration::from_secs(5), search(&public)).await {
            Ok(Ok(())) => times.push(asked.elapsed()),
            _ => failed += 1,
        }
        sleep(Duration::from_millis(100)).await;
    }
    let times = Times::of(times);
    format!(
        "{} searches answered, {failed} not; p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms",
        times.number(),
        times.milliseconds(50),
        times.milliseconds(99),
        times.milliseconds(100)
    )
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

/// Connections that say nothing, for as long as `time`; gives how many were open at the end of opening them.
async fn hold(public: String, count: usize, time: Duration) -> u64 {
    let begun = now();
    let mut silent = Vec::with_capacity(count);
    for _ in 0..count {
        let connecting = timeout(Duration::from_secs(1), TcpStream::connect(&public)).await;
        if let Ok(Ok(stream)) = connecting {
            silent.push(stream);
        }
    }
    sleep(time.saturating_sub(begun.elapsed())).await;
    silent.len() as u64
}

/// Sends frames over several connections; gives how many were sent.
async fn flood(public: String, attack: Attack, time: Duration) -> u64 {
    let (over, sent) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (public, over, sent) = (public.clone(), Arc::clone(&over), Arc::clone(&sent));
        connections.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let _ended = one(&public, attack, &over, &sent).await;
            }
        });
    }
    sleep(time).await;
    over.store(true, Ordering::Relaxed);
    let _all_ended = timeout(Duration::from_secs(2), connections.join_all()).await;
    sent.load(Ordering::Relaxed)
}

/// One connection, until the directory ends it.
async fn one(
    public: &str,
    attack: Attack,
    over: &AtomicBool,
    sent: &AtomicU64,
) -> anyhow::Result<()> {
    let mut connection = TcpStream::connect(public).await?;
    connection.write_all(PREFACE).await?;
    connection.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    let (mut read, mut write) = connection.into_split();
    let hearing = async {
        let mut buffer = vec![0; 64 << 10];
        while read.read(&mut buffer).await? > 0 {}
        anyhow::Ok(())
    };
    let sending = async {
        let mut number = 0;
        while !over.load(Ordering::Relaxed) {
            let mut some = Vec::new();
            for _ in 0..AT_ONCE {
                some.extend((attack.frames)(number));
                number += 1;
            }
            let written = timeout(Duration::from_secs(1), write.write_all(&some)).await;
            written.context("the directory takes no more")??;
            sent.fetch_add(u64::from(AT_ONCE), Ordering::Relaxed);
        }
        anyhow::Ok(())
    };
    tokio::select! {
        heard = hearing => heard,
        done = sending => done,
    }
}

fn stream(number: u32) -> u32 {
    2 * number + 1
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .unwrap_or_default()
        .to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `POST http://localhost/referral.v1.SearchService/Search`, as HPACK (RFC 7541) from the static table.
fn request() -> Vec<u8> {
    let mut block = vec![0x83, 0x86];
    for (name, value) in [
        (&[0x01][..], "localhost"),
        (&[0x04], "/referral.v1.SearchService/Search"),
        (&[0x0f, 0x10], "application/grpc"),
    ] {
        block.extend(name);
        block.push(u8::try_from(value.len()).unwrap_or_default());
        block.extend(value.as_bytes());
    }
    block
}

/// One large header put into the dynamic table, then named 10,000 times.
fn bomb() -> Vec<u8> {
    let mut block = request();
    block.extend([0x40, 1, b'a', 0x7f, 0xa1, 0x1e]);
    block.extend([b'v'; 4_000]);
    block.extend(std::iter::repeat_n(0xbe, 10_000));
    block
}
