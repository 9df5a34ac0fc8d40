//! Accepting TLS connections: handshakes run beside each other, so a silent one blocks nobody.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::{debug, info};

use crate::listen::{self, Incoming, accept_until};
use crate::shutdown::Tasks;

/// What handshakes may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long one may take. Default: 10 s.
    pub handshake: Duration,
    /// How many may run at once; more connections wait in the system's queue. At least 1. Default: 512.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            at_once: 512,
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

/// Accepts TLS connections until the tasks are asked to end.
#[must_use]
pub fn accept(
    listener: TcpListener,
    config: SharedConfig,
    limits: Limits,
    tasks: &Tasks,
) -> Incoming<TlsStream<TcpStream>> {
    let (sender, incoming) = listen::channel();
    let slots = Arc::new(Semaphore::new(limits.at_once));
    let (stop, handshakes) = (tasks.token(), tasks.clone());
    tasks.spawn("tls listener", async move {
        let next = async || {
            let slot = Arc::clone(&slots).acquire_owned().await;
            let slot = slot.map_err(io::Error::other)?;
            let (stream, _) = listener.accept().await?;
            Ok((slot, stream))
        };
        let hand_over = async |(slot, stream)| {
            let acceptor = TlsAcceptor::from(config.load_full());
            let (sender, stop) = (sender.clone(), handshakes.token());
            handshakes.spawn("tls handshake", async move {
                let _until_done: OwnedSemaphorePermit = slot;
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = shake_hands(acceptor, stream, sender, limits.handshake) => {}
                }
            });
        };
        accept_until(stop, next, hand_over).await;
    });
    incoming
}

async fn shake_hands(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    sender: mpsc::Sender<io::Result<TlsStream<TcpStream>>>,
    limit: Duration,
) {
    let _slower_without = stream.set_nodelay(true);
    match timeout(limit, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => {
            let _ended = sender.send(Ok(stream)).await;
        }
        Ok(Err(error)) if is_about_certificates(&error) => {
            info!("a TLS connection was refused: {error}");
        }
        Ok(Err(error)) => debug!("a TLS handshake failed: {error}"),
        Err(_) => debug!("a TLS handshake took too long"),
    }
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
