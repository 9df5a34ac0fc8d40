//! Links that carry little and break: every acknowledgement is a step forward.
//!
//! Time is a twentieth of the true one: 160,000 bytes a second and three seconds for an acknowledgement are a link of
//! 64 kbit/s and the minute that a node waits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use agency_node::identity;
use referral_core::catalog::Record;
use referral_runtime::clock::SystemClock;
use referral_runtime::data_dir::DataDir;
use referral_runtime::tls::Address;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::fake::Fake;
use crate::sample::{Running, described, organization};

/// What the link carries in a second, each way. Unit: bytes.
const RATE: f64 = 160_000.0;
/// How long the node waits for an acknowledgement.
const OWED: Duration = Duration::from_secs(3);
/// What it carries at once. Unit: bytes.
const PIECE: usize = 2_000;

/// A link to a directory that carries [`RATE`] and breaks on demand.
struct Link {
    address: SocketAddr,
    breaks: Arc<Notify>,
    _carrying: JoinSet<()>,
}

impl Link {
    async fn to(directory: &Address) -> Self {
        let target = format!("{}:{}", directory.host(), directory.port());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let breaks = Arc::new(Notify::new());
        let broken = Arc::clone(&breaks);
        let mut carrying = JoinSet::new();
        carrying.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                if let Ok(far) = TcpStream::connect(&target).await {
                    open.spawn(carry(near, far, Arc::clone(&broken)));
                }
            }
        });
        Self {
            address,
            breaks,
            _carrying: carrying,
        }
    }

    /// Breaks the connection that is open.
    fn cut(&self) {
        self.breaks.notify_waiters();
    }
}

async fn carry(near: TcpStream, far: TcpStream, broken: Arc<Notify>) {
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    tokio::select! {
        () = half(from_near, to_far) => {}
        () = half(from_far, to_near) => {}
        () = broken.notified() => {}
    }
}

async fn half(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut piece = [0; PIECE];
    let mut free_at = Instant::now();
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        let takes = Duration::from_secs(count as u64).div_f64(RATE);
        free_at = free_at.max(Instant::now()) + takes;
        sleep_until(free_at).await;
        if to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
}

/// Lets the agency's node join over a link.
async fn join(fake: &Fake, link: &Link) -> TempDir {
    let data = tempfile::tempdir().unwrap();
    let held = DataDir::open(data.path()).unwrap();
    let address = Address::parse(&link.address.to_string()).unwrap();
    let clock = Arc::new(SystemClock::new());
    identity::join(address, &fake.token, &held, clock)
        .await
        .unwrap();
    data
}

/// An organization and services of about 2 kB each.
fn records(services: usize) -> Vec<Record> {
    let words = "Bring what you have, and ask at the door. ".repeat(42);
    let services = (0..services).map(|n| described(&format!("s{n}"), "org", &words));
    let organization = organization("org", "Organization");
    std::iter::once(organization).chain(services).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_megabytes_arrive_over_a_slow_link_that_breaks() {
    let fake = Fake::start().await;
    let link = Link::to(&fake.address()).await;
    let data = join(&fake, &link).await;
    let node = Running::with(data.path(), OWED);

    node.import(records(1_500));
    fake.until("a half", |state| state.chain.applied >= 750)
        .await;
    link.cut();
    node.acknowledged().await;

    node.stop().await;
    let state = fake.state();
    assert_eq!(state.broken, Vec::<String>::new());
    assert_eq!((state.live(), state.sessions), (1_501, 2));
}
