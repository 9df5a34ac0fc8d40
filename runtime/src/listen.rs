//! Accepting connections: one loop for every listener, which no failure ends.
//!
//! [`bind`] and [`bind_loopback`] open a TCP port with a message an operator can act on; [`plain`] accepts
//! without TLS, for loopback; [`crate::tls::accept`] accepts with it.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::census::{Census, Crowd};
use crate::guarded::{Guarded, Patience};
use crate::panics;
use crate::shutdown::Tasks;

/// How long accepting rests after a failure such as too many open files.
const BACK_OFF: Duration = Duration::from_millis(50);
/// How many accepted connections may wait to be served.
const WAITING: usize = 64;

/// Accepted connections, for tonic's `serve_with_incoming_shutdown`.
pub type Incoming<T> = ReceiverStream<io::Result<T>>;

/// Why a port cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program has it.
    #[error("{address} is in use by another program; stop it, or listen on another port")]
    InUse {
        /// The address and port.
        address: SocketAddr,
    },
    /// Without TLS only this machine may be served.
    #[error(
        "{address} can be reached from other machines and needs TLS; listen on 127.0.0.1, or configure a certificate"
    )]
    NotLoopback {
        /// The address and port.
        address: SocketAddr,
    },
    /// The system refuses for another reason.
    #[error("cannot listen on {address}")]
    Io {
        /// The address and port.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

impl BindError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "port_in_use",
            Self::NotLoopback { .. } => "tls_needed",
            Self::Io { .. } => "cannot_listen",
        }
    }
}

/// The text names no address to listen on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write HOST:PORT, such as 127.0.0.1:8080; a name must be one this machine knows")]
pub struct InvalidListen;

/// The address to listen on that `text` names: HOST:PORT, where the host is an IP address or a name such as
/// `localhost`. Of several addresses of a name an IPv4 one is taken.
///
/// # Errors
/// [`InvalidListen`].
pub fn address(text: &str) -> Result<SocketAddr, InvalidListen> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let known = text.to_socket_addrs().map_err(|_| InvalidListen)?;
    let known: Vec<SocketAddr> = known.collect();
    let first = known.iter().find(|one| one.is_ipv4()).or(known.first());
    first.copied().ok_or(InvalidListen)
}

/// Opens a port. Port 0 takes a free one: ask the listener which.
///
/// # Errors
/// [`BindError`].
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse { address },
            _ => BindError::Io { address, source },
        })
}

/// Whether a host in an address is the machine itself: `localhost`, or a loopback address, in brackets or not.
#[must_use]
pub fn is_own_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Opens a port that only this machine can reach: for a listener without TLS.
///
/// # Errors
/// [`BindError`].
pub async fn bind_loopback(address: SocketAddr) -> Result<TcpListener, BindError> {
    if address.ip().is_loopback() {
        bind(address).await
    } else {
        Err(BindError::NotLoopback { address })
    }
}

/// Accepts connections without TLS until the tasks are asked to end. Those for which there is no place are
/// closed.
#[must_use]
pub fn plain(
    listener: TcpListener,
    crowd: Crowd,
    patience: Patience,
    tasks: &Tasks,
) -> Incoming<Guarded<TcpStream>> {
    let (sender, incoming) = channel();
    let (stop, census) = (tasks.token(), Census::new(crowd));
    tasks.spawn("listener", async move {
        accept_until(
            stop,
            async || listener.accept().await,
            async |(stream, from)| {
                let Some(seat) = census.admit(from.ip()) else {
                    return;
                };
                let _slower_without = stream.set_nodelay(true);
                let guarded = Guarded::new(stream, patience, Some(seat));
                let _ended = sender.send(Ok(guarded)).await;
            },
        )
        .await;
    });
    incoming
}

/// Where accepted connections wait to be served.
pub(crate) fn channel<T>() -> (mpsc::Sender<io::Result<T>>, Incoming<T>) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (sender, ReceiverStream::new(receiver))
}

/// Accepts and hands over, again and again, until stopped. A failure to accept is waited out.
pub(crate) async fn accept_until<T, A, H>(
    stop: CancellationToken,
    accept: impl Fn() -> A,
    hand_over: impl Fn(T) -> H,
) where
    A: Future<Output = io::Result<T>>,
    H: Future<Output = ()>,
{
    loop {
        let one = async {
            match accept().await {
                Ok(connection) => hand_over(connection).await,
                Err(error) => {
                    warn!(error.type = ?error.kind(), "cannot accept a connection: {error}");
                    sleep(BACK_OFF).await;
                }
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            // Told by its place: the next connection is another.
            _one_failed = panics::catch(one) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_listener_is_named_by_address_or_by_name() {
        for text in ["127.0.0.1:8080", "localhost:8080"] {
            assert_eq!(
                address(text),
                Ok("127.0.0.1:8080".parse().unwrap()),
                "{text}"
            );
        }
        for text in ["localhost", "127.0.0.1:99999", "nowhere", ""] {
            assert_eq!(address(text), Err(InvalidListen), "{text}");
        }
    }

    fn loopback() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    #[tokio::test]
    async fn a_port_in_use_is_named_with_what_to_do() {
        let holder = bind(loopback()).await.unwrap();
        let address = holder.local_addr().unwrap();

        let refused = bind(address).await.unwrap_err();

        assert_eq!(refused.code(), "port_in_use");
        assert!(refused.to_string().contains(&address.to_string()));
    }

    #[tokio::test]
    async fn without_tls_only_this_machine_is_served() {
        let everyone = SocketAddr::from(([0, 0, 0, 0], 0));

        assert_eq!(
            bind_loopback(everyone).await.unwrap_err().code(),
            "tls_needed"
        );
        assert!(bind_loopback(loopback()).await.is_ok());
    }

    #[tokio::test]
    async fn a_connection_that_makes_accepting_panic_is_the_only_one_lost() {
        let stop = CancellationToken::new();
        let tries = Cell::new(0);
        let accept = async || {
            tries.set(tries.get() + 1);
            Ok(tries.get())
        };

        accept_until(stop.clone(), accept, async |number| {
            assert!(number > 1, "broken on purpose");
            stop.cancel();
        })
        .await;

        assert_eq!(tries.get(), 2);
    }

    #[tokio::test]
    async fn too_many_open_files_are_waited_out() {
        let stop = CancellationToken::new();
        let tries = Cell::new(0);
        let accept = async || {
            tries.set(tries.get() + 1);
            match tries.get() {
                1 | 2 => Err(io::Error::from_raw_os_error(24)),
                _ => Ok(()),
            }
        };

        accept_until(stop.clone(), accept, async |()| stop.cancel()).await;

        assert_eq!(tries.get(), 3);
    }
}
