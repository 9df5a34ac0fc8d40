//! One request to the provider: HTTP/1.1 over TLS, without redirects, cookies or proxies.

use std::error::Error;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use referral_runtime::tls::certificate_from_pem;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

use super::ProviderError;

/// How long a request may take.
const LONGEST: Duration = Duration::from_secs(10);
/// Most bytes of an answer.
const MOST: usize = 1 << 20;

/// Asks the provider.
#[derive(Clone)]
pub(super) struct Fetch(Arc<ClientConfig>);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the provider names an address that is neither https nor on this machine")]
    Address,
    #[error("the provider did not answer in time")]
    Late,
    #[error("the provider cannot be reached")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// Whether secrets may go there: https, or this machine.
pub(super) fn may_be_asked(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

impl Fetch {
    /// * `authorities` — a PEM file with authorities besides the machine's.
    pub(super) fn new(authorities: Option<&Path>) -> Result<Self, ProviderError> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if let Some(path) = authorities {
            let unread = |_| ProviderError::Configuration("authorities", "the file cannot be read");
            let pem = std::fs::read(path).map_err(unread)?;
            let wrong = || ProviderError::Configuration("authorities", "it is no certificate");
            let certificate = certificate_from_pem(&pem).map_err(|_| wrong())?;
            roots.add(certificate).map_err(|_| wrong())?;
        }
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let tls = Arc::clone(&self.0);
        Box::pin(async move {
            let answer = timeout(LONGEST, ask(tls, request)).await;
            answer.unwrap_or(Err(FetchError::Late))
        })
    }
}

async fn ask(tls: Arc<ClientConfig>, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let url = Url::parse(&request.uri().to_string()).map_err(|_| FetchError::Address)?;
    if !may_be_asked(&url) {
        return Err(FetchError::Address);
    }
    let (host, port) = (url.host_str(), url.port_or_known_default());
    let (Some(host), Some(port)) = (host, port) else {
        return Err(FetchError::Address);
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((bare, port)).await.map_err(failed)?;
    if url.scheme() == "http" {
        return talk(stream, &url, request).await;
    }
    let name = ServerName::try_from(bare.to_owned()).map_err(failed)?;
    let stream = TlsConnector::from(tls).connect(name, stream).await;
    talk(stream.map_err(failed)?, &url, request).await
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    url: &Url,
    request: HttpRequest,
) -> Result<HttpResponse, FetchError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    let (parts, body) = request.into_parts();
    let path = url.query().map_or_else(
        || url.path().to_owned(),
        |query| format!("{}?{query}", url.path()),
    );
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let mut asked = hyper::Request::builder()
        .method(parts.method)
        .uri(path)
        .header(hyper::header::HOST, host);
    for (name, value) in &parts.headers {
        asked = asked.header(name, value);
    }
    let asked = asked.body(Full::new(Bytes::from(body))).map_err(failed)?;
    let answered = async {
        let (parts, body) = sender
            .send_request(asked)
            .await
            .map_err(failed)?
            .into_parts();
        let body = Limited::new(body, MOST).collect().await;
        let body = body.map_err(FetchError::Failed)?.to_bytes();
        Ok(hyper::Response::from_parts(parts, body.to_vec()))
    };
    tokio::select! {
        answer = answered => answer,
        // The connection ends after the answer, or before it.
        Err(ended) = connection => Err(failed(ended)),
    }
}

fn failed(error: impl Error + Send + Sync + 'static) -> FetchError {
    FetchError::Failed(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_to_https_or_to_this_machine() {
        for (address, may) in [
            ("https://provider.example/x", true),
            ("http://127.0.0.1:3000", true),
            ("http://[::1]:3000", true),
            ("http://localhost:3000", true),
            ("http://provider.example", false),
            ("http://127.0.0.1.example", false),
            ("file:///etc/passwd", false),
            ("ftp://localhost", false),
        ] {
            assert_eq!(
                may_be_asked(&Url::parse(address).unwrap()),
                may,
                "{address}"
            );
        }
    }
}
