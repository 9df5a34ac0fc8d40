//! A connection to what a directory serves to everybody: gRPC at the address of its pages, vouched for as a browser
//! wants it, by an authority that this machine trusts.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;

use super::client::AHEAD;
use super::provider;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Why a public address cannot be connected to.
#[derive(Debug, thiserror::Error)]
pub enum SiteFailure {
    /// It is no address of a site.
    #[error("{0:?} is no address of a site")]
    NoSite(String),
    /// Nothing answers there, or nobody vouches for what does.
    #[error("cannot reach {address}")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// Connects to a site such as `https://directory.example`, without a certificate of one's own.
///
/// # Errors
/// [`SiteFailure`].
pub async fn reach(site: &str) -> Result<Channel, SiteFailure> {
    let no_site = || SiteFailure::NoSite(site.to_owned());
    let uri: Uri = site.parse().map_err(|_| no_site())?;
    let host = uri.host().ok_or_else(no_site)?.to_owned();
    let unreachable = |source: Box<dyn Error + Send + Sync>| SiteFailure::Unreachable {
        address: site.to_owned(),
        source,
    };
    let endpoint = Endpoint::from_static("http://directory").connect_timeout(CONNECT);
    // A long answer is not to fill a slow link that a node publishes over, too.
    let endpoint = endpoint
        .origin(uri.clone())
        .initial_stream_window_size(AHEAD);
    let is_secret = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_secret { 443 } else { 80 });
    let tls = is_secret.then(|| secret(&host)).transpose();
    let tls = tls.map_err(unreachable)?;
    // TLS is the connector's: to tonic this is a plain connection.
    let connector = service_fn(move |_| dial(host.clone(), port, tls.clone()));
    let connected = endpoint.connect_with_connector(connector).await;
    connected.map_err(|error| unreachable(error.into()))
}

/// What is said in secret, and to whom.
type Secret = (TlsConnector, ServerName<'static>);

fn secret(host: &str) -> Result<Secret, Box<dyn Error + Send + Sync>> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let name = host.trim_matches(['[', ']']).to_owned();
    Ok((Arc::new(config).into(), ServerName::try_from(name)?))
}

async fn dial(host: String, port: u16, tls: Option<Secret>) -> io::Result<TokioIo<Stream>> {
    let tcp = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    tcp.set_nodelay(true)?;
    let stream: Stream = match tls {
        Some((connector, name)) => Box::new(connector.connect(name, tcp).await?),
        None => Box::new(tcp),
    };
    Ok(TokioIo::new(stream))
}

/// Bytes both ways.
trait Carries: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Carries for S {}

type Stream = Box<dyn Carries>;
