//! A wire between a node and the directory that can go bad: it swallows one direction, or both, is slow, or breaks.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// What a slow wire carries in a second, each way: 16 kbit/s. Unit: bytes.
const SLOW: u32 = 2_000;
/// What it carries at once. Unit: bytes.
const PIECE: usize = 200;

/// What the wire does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Carries everything.
    Whole,
    /// Carries everything, at [`SLOW`].
    Slow,
    /// Swallows what the directory says. What was swallowed is missing for good: break the wire after it.
    Deaf,
    /// Carries nothing and tells nobody.
    Black,
    /// Ends every connection, and every new one.
    Broken,
}

/// A wire that carries connections to one address.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    wire: watch::Sender<Wire>,
    _connections: JoinSet<()>,
}

impl Proxy {
    /// A whole wire to `target`.
    pub(crate) async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (wire, state) = watch::channel(Wire::Whole);
        let mut connections = JoinSet::new();
        connections.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                if *state.borrow() == Wire::Broken {
                    continue;
                }
                if let Ok(far) = TcpStream::connect(&target).await {
                    open.spawn(carry(near, far, state.clone()));
                }
            }
        });
        Self {
            address,
            wire,
            _connections: connections,
        }
    }

    /// From now on.
    pub(crate) fn set(&self, wire: Wire) {
        self.wire.send_replace(wire);
    }
}

async fn carry(near: TcpStream, far: TcpStream, wire: watch::Receiver<Wire>) {
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    let mut broken = wire.clone();
    tokio::select! {
        () = half(from_near, to_far, wire.clone(), false) => {}
        () = half(from_far, to_near, wire, true) => {}
        _ = broken.wait_for(|wire| *wire == Wire::Broken) => {}
    }
}

/// One direction.
async fn half(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut wire: watch::Receiver<Wire>,
    down: bool,
) {
    let mut bytes = vec![0; 16 << 10];
    loop {
        if wire.wait_for(|wire| *wire != Wire::Black).await.is_err() {
            return;
        }
        let is_slow = *wire.borrow() == Wire::Slow;
        let most = if is_slow { PIECE } else { bytes.len() };
        let count = tokio::select! {
            read = from.read(&mut bytes[..most]) => match read {
                Ok(count @ 1..) => count,
                _ => return,
            },
            changed = wire.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        if is_slow {
            sleep(Duration::from_secs(count as u64) / SLOW).await;
        }
        // What was read just when the wire went black goes with it.
        let now = *wire.borrow();
        let swallowed = now == Wire::Black || (now == Wire::Deaf && down);
        if !swallowed && to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
