//! A node's end of the connection: gRPC over our own TLS, with failures an operator can act on.

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, ClientConfig, RootCertStore, version};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use super::pinned::PinnedAuthority;
use super::{Address, ClockTime, Fingerprint, Identity, InvalidIdentity, provider};
use crate::clock::Clock;

/// How long connecting may take, from the look-up of the name to the server's first word.
const CONNECT: Duration = Duration::from_secs(10);
/// How often an idle connection is tried, so that a dead one is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long the answer to that may take: on a slow link it waits behind what was sent before.
const KEEP_ALIVE_ANSWER: Duration = Duration::from_secs(16);
/// What the server may send ahead of what was read. Little, or what it asks whether this end is alive waits behind
/// it: at 9,600 bit/s that is 14 s. Unit: bytes.
pub(super) const AHEAD: u32 = 16 << 10;

/// Whom a node takes for its directory.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Servers certified by this authority: the normal way.
    Authority(CertificateDer<'static>),
    /// Servers certified by the authority with this fingerprint, which they show: to join.
    Fingerprint(Fingerprint),
}

/// Connects to one directory. A clone connects in the same way.
#[derive(Clone, Debug)]
pub struct Dialer {
    address: Address,
    config: Arc<ClientConfig>,
}

/// Why a directory cannot be connected to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectFailure {
    /// The name is not known, or nothing answers there.
    #[error("cannot reach {address}; check the address, the network and that the directory runs")]
    Unreachable {
        /// The directory's address.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// No answer in time.
    #[error("{address} does not answer within {} s; check the address and the firewall", CONNECT.as_secs())]
    Silent {
        /// The directory's address.
        address: String,
    },
    /// The server is not certified by the authority that is trusted.
    #[error("the server at {address} is not the directory this node belongs to; check the address")]
    OtherAuthority {
        /// The directory's address.
        address: String,
    },
    /// The server's certificate is not valid now.
    #[error(
        "the certificate of {address} is valid {limit}, and this machine's clock says {now}; check both clocks, then renew the certificate"
    )]
    NotValidNow {
        /// The directory's address.
        address: String,
        /// `until` or `from` when it is valid.
        limit: String,
        /// This machine's time.
        now: String,
    },
    /// The server's certificate was issued for other names.
    #[error(
        "the certificate of the server at {address} is not for this host name; use the name it was issued for"
    )]
    OtherName {
        /// The directory's address.
        address: String,
    },
    /// The server refused this node's certificate.
    #[error("the directory at {address} refuses this node's certificate; join it again")]
    Refused {
        /// The directory's address.
        address: String,
        /// What the server said.
        source: rustls::Error,
    },
    /// TLS failed in another way; often the port of another service.
    #[error("{address} does not speak TLS as a directory does; check the port")]
    NoTls {
        /// The directory's address.
        address: String,
        /// What failed.
        source: io::Error,
    },
}

impl ConnectFailure {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Silent { .. } => "silent",
            Self::OtherAuthority { .. } => "other_authority",
            Self::NotValidNow { .. } => "certificate_not_valid_now",
            Self::OtherName { .. } => "certificate_for_other_name",
            Self::Refused { .. } => "certificate_refused",
            Self::NoTls { .. } => "no_tls",
        }
    }

    /// The connect failure behind an error, such as the status of a call on a lazy channel.
    #[must_use]
    pub fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        std::iter::successors(Some(error), |&error| error.source())
            .find_map(|error| error.downcast_ref())
    }
}

impl Dialer {
    /// Prepares to connect.
    ///
    /// * `identity` — the node's client certificate; none while it joins.
    /// * `clock` — by which the server's certificate is valid or not.
    ///
    /// # Errors
    /// [`InvalidIdentity::Unusable`].
    pub fn new(
        address: Address,
        trust: &Trust,
        identity: Option<&Identity>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidIdentity> {
        let builder = ClientConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
            .with_protocol_versions(&[&version::TLS13])
            .map_err(InvalidIdentity::Unusable)?
            .dangerous()
            .with_custom_certificate_verifier(verifier(trust)?);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let (chain, key) = identity.parts();
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(InvalidIdentity::Unusable)?
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Self {
            address,
            config: Arc::new(config),
        })
    }

    /// Connects now. The channel connects again by itself whenever it must.
    ///
    /// # Errors
    /// [`ConnectFailure`].
    pub async fn connect(&self) -> Result<Channel, ConnectFailure> {
        let first = self.dial().await?;
        Ok(self.channel(Some(first)))
    }

    /// A channel that connects when it is first used. [`ConnectFailure::behind`] says why a call failed.
    #[must_use]
    pub fn lazy(&self) -> Channel {
        self.channel(None)
    }

    fn channel(&self, first: Option<Stream>) -> Channel {
        let dialer = self.clone();
        let first = Arc::new(Mutex::new(first));
        let connector = service_fn(move |_| {
            let dialer = dialer.clone();
            let connected = first.lock().unwrap_or_else(PoisonError::into_inner).take();
            async move {
                match connected {
                    Some(stream) => Ok(TokioIo::new(stream)),
                    None => dialer.dial().await.map(TokioIo::new),
                }
            }
        });
        // TLS is the connector's: to tonic this is a plain connection.
        Endpoint::from_static("http://directory")
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE_ANSWER)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(AHEAD)
            .connect_with_connector_lazy(connector)
    }

    async fn dial(&self) -> Result<Stream, ConnectFailure> {
        let dialled = timeout(CONNECT, self.dial_in_time()).await;
        dialled.unwrap_or_else(|_| {
            Err(ConnectFailure::Silent {
                address: self.address.to_string(),
            })
        })
    }

    async fn dial_in_time(&self) -> Result<Stream, ConnectFailure> {
        let unreachable = |source| ConnectFailure::Unreachable {
            address: self.address.to_string(),
            source,
        };
        let target = (self.address.host(), self.address.port());
        let tcp = TcpStream::connect(target).await.map_err(unreachable)?;
        tcp.set_nodelay(true).map_err(unreachable)?;
        let tls = TlsConnector::from(Arc::clone(&self.config))
            .connect(self.address.name(), tcp)
            .await
            .map_err(|error| self.why(error))?;
        // In TLS 1.3 the server judges our certificate after our side is done. An HTTP/2 server speaks first:
        // wait for its first byte, and a refusal is a failure to connect instead of a broken call later.
        let mut stream = BufReader::new(tls);
        let first = stream.fill_buf().await.map_err(|error| self.why(error))?;
        if first.is_empty() {
            return Err(unreachable(io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(stream)
    }

    fn why(&self, error: io::Error) -> ConnectFailure {
        let address = self.address.to_string();
        let cause = error.get_ref().and_then(|e| e.downcast_ref());
        match cause {
            Some(rustls::Error::InvalidCertificate(why)) => refusal(address, why),
            Some(alert @ rustls::Error::AlertReceived(_)) => ConnectFailure::Refused {
                address,
                source: alert.clone(),
            },
            _ => ConnectFailure::NoTls {
                address,
                source: error,
            },
        }
    }
}

/// Why a server's certificate was refused, for an operator.
fn refusal(address: String, why: &CertificateError) -> ConnectFailure {
    use CertificateError::{
        ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYetContext,
    };
    match why {
        ExpiredContext { time, not_after } => ConnectFailure::NotValidNow {
            address,
            limit: format!("until {}", utc(*not_after)),
            now: utc(*time),
        },
        NotValidYetContext { time, not_before } => ConnectFailure::NotValidNow {
            address,
            limit: format!("from {} on", utc(*not_before)),
            now: utc(*time),
        },
        NotValidForName | NotValidForNameContext { .. } => ConnectFailure::OtherName { address },
        // Unknown, forged, pinned otherwise or meant for something else: in every case another's server.
        _ => ConnectFailure::OtherAuthority { address },
    }
}

type Stream = BufReader<TlsStream<TcpStream>>;

fn verifier(trust: &Trust) -> Result<Arc<dyn ServerCertVerifier>, InvalidIdentity> {
    match trust {
        Trust::Fingerprint(fingerprint) => Ok(Arc::new(PinnedAuthority {
            fingerprint: *fingerprint,
            provider: provider(),
        })),
        Trust::Authority(authority) => {
            let mut roots = RootCertStore::empty();
            roots
                .add(authority.clone())
                .map_err(InvalidIdentity::Unusable)?;
            let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider())
                .build()
                .map_err(|e| InvalidIdentity::Unusable(rustls::Error::General(e.to_string())))?;
            Ok(verifier)
        }
    }
}

fn utc(moment: UnixTime) -> String {
    let second = i64::try_from(moment.as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(second).map_or_else(|_| second.to_string(), |at| at.to_string())
}
