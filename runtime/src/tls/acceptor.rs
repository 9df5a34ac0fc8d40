//! Accepting TLS connections: handshakes run beside each other, so a silent one blocks nobody, and of too many
//! the oldest are given up.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::census::{Census, Crowd};
use crate::guarded::{Guarded, Patience};
use crate::listen::{self, Incoming, accept_until};
use crate::shutdown::Tasks;

/// What handshakes and connections may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a handshake may take. Default: 10 s.
    pub handshake: Duration,
    /// How many handshakes may run at once; one more, and the oldest is given up. At least 1. Default: 512.
    pub at_once: usize,
    /// How many connections may be open.
    pub crowd: Crowd,
    /// How long a connection waits for the other end.
    pub patience: Patience,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            at_once: 512,
            crowd: Crowd::default(),
            patience: Patience::default(),
        }
    }
}

/// Settings that can be replaced while connections are accepted, as when a certificate is renewed.
pub type SharedConfig = Arc<ArcSwap<ServerConfig>>;

/// Makes settings replaceable: `shared.store(Arc::new(renewed))`.
#[must_use]
pub fn shared(config: ServerConfig) -> SharedConfig {
    Arc::new(ArcSwap::from_pointee(config))
}

/// Accepts TLS connections until the tasks are asked to end. Those for which there is no place are closed.
#[must_use]
pub fn accept(
    listener: TcpListener,
    config: SharedConfig,
    limits: Limits,
    tasks: &Tasks,
) -> Incoming<Guarded<TlsStream<TcpStream>>> {
    let (sender, incoming) = listen::channel();
    let census = Census::new(limits.crowd);
    let running = Running::new(limits.at_once);
    let (stop, handshakes) = (tasks.token(), tasks.clone());
    tasks.spawn("tls listener", async move {
        let next = async || listener.accept().await;
        let hand_over = async |(stream, from): (TcpStream, SocketAddr)| {
            let Some(seat) = census.admit(from.ip()) else {
                debug!("a connection was closed: there is no place for it");
                return;
            };
            let acceptor = TlsAcceptor::from(config.load_full());
            let (sender, stop) = (sender.clone(), handshakes.token());
            let turn = running.begin();
            handshakes.spawn("tls handshake", async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = turn.given_up() => debug!("a TLS handshake was given up for a newer one"),
                    shaken = shake_hands(acceptor, stream, limits.handshake) => {
                        // It waits no longer for the other end: others do not have to give way to it.
                        drop(turn);
                        if let Some(stream) = shaken {
                            let guarded = Guarded::new(stream, limits.patience, Some(seat));
                            let _ended = sender.send(Ok(guarded)).await;
                        }
                    }
                }
            });
        };
        accept_until(stop, next, hand_over).await;
    });
    incoming
}

/// The handshakes that run, oldest first.
#[derive(Clone, Debug)]
struct Running {
    most: usize,
    turns: Arc<Mutex<(u64, BTreeMap<u64, CancellationToken>)>>,
}

/// One handshake that runs.
#[derive(Debug)]
struct Turn {
    number: u64,
    given_up: CancellationToken,
    running: Running,
}

impl Running {
    fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            turns: Arc::default(),
        }
    }

    /// Begins one; the oldest gives way when there are too many.
    fn begin(&self) -> Turn {
        let given_up = CancellationToken::new();
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.0 += 1;
        let number = turns.0;
        turns.1.insert(number, given_up.clone());
        if turns.1.len() > self.most
            && let Some((_, oldest)) = turns.1.pop_first()
        {
            oldest.cancel();
        }
        Turn {
            number,
            given_up,
            running: self.clone(),
        }
    }
}

impl Turn {
    async fn given_up(&self) {
        self.given_up.cancelled().await;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let turns = self.running.turns.lock();
        let mut turns = turns.unwrap_or_else(PoisonError::into_inner);
        turns.1.remove(&self.number);
    }
}

async fn shake_hands(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    limit: Duration,
) -> Option<TlsStream<TcpStream>> {
    let _slower_without = stream.set_nodelay(true);
    match timeout(limit, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => return Some(stream),
        Ok(Err(error)) if is_about_certificates(&error) => {
            info!("a TLS connection was refused: {error}");
        }
        Ok(Err(error)) => debug!("a TLS handshake failed: {error}"),
        Err(_) => debug!("a TLS handshake took too long"),
    }
    None
}

/// A refused certificate is for people to know; the rest is noise of the network.
fn is_about_certificates(error: &io::Error) -> bool {
    use rustls::Error::{AlertReceived, InvalidCertificate, NoCertificatesPresented};
    let cause = error.get_ref().and_then(|e| e.downcast_ref());
    matches!(
        cause,
        Some(InvalidCertificate(_) | AlertReceived(_) | NoCertificatesPresented)
    )
}
