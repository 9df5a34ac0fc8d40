//! Listening: to this machine without TLS, to an office network with it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use referral_runtime::listen::{self, BindError};
use referral_runtime::panics;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::{self, InvalidIdentity};
use tonic::service::Routes;
use tonic::transport::Server;
use tracing::info;

use super::{InvalidPage, PageConfig, pages};
use crate::operations::Node;

/// Most bytes of the headers of one request.
const HEADER_BYTES: u32 = 16 << 10;
/// Most requests at once on a connection.
const STREAMS: u32 = 64;
/// How long a request may take before its answer begins: a file of the largest size over a slow line.
const CALL: Duration = Duration::from_mins(5);

/// Why the page is not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration.
    #[error(transparent)]
    Invalid(#[from] InvalidPage),
    /// The port.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The certificate.
    #[error("page.certificate cannot be used")]
    Certificate(#[from] InvalidIdentity),
    /// The system does not say where it listens.
    #[error("the system does not say where the page is served")]
    Io(#[from] std::io::Error),
}

/// Serves the pages of a node until the tasks are asked to end. Returns their address, e.g.
/// `http://127.0.0.1:7080`.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    node: &Arc<Node>,
    config: &PageConfig,
    tasks: &Tasks,
) -> Result<String, ServeError> {
    let identity = config.identity()?;
    let listener = match identity {
        Some(_) => listen::bind(config.listen).await?,
        None => listen::bind_loopback(config.listen).await?,
    };
    let at = listener.local_addr()?;
    let stop = tasks.token().cancelled_owned();
    let limits = tls::Limits::default();
    let (scheme, port) = match &identity {
        Some(_) => ("https", None),
        None => ("http", Some(at.port())),
    };
    node.people().end_sessions_idle_for(config.idle);
    let address = address(config, scheme, at);
    node.set_page(address.clone());
    let routes = panics::caught(Routes::from(pages(Arc::clone(node), port)));
    match identity {
        None => {
            let incoming = listen::plain(listener, limits.crowd, limits.patience, tasks);
            tasks.spawn_vital("the agency's page", async move {
                let server = server().add_routes(routes);
                server.serve_with_incoming_shutdown(incoming, stop).await
            });
        }
        Some(identity) => {
            let settings = tls::public(&identity, Arc::clone(node.clock()))?;
            let incoming = tls::accept(listener, tls::shared(settings), limits, tasks);
            tasks.spawn_vital("the agency's page", async move {
                let server = server().add_routes(routes);
                server.serve_with_incoming_shutdown(incoming, stop).await
            });
        }
    }
    info!("the agency's page is at {address}");
    Ok(address)
}

/// How people reach it.
fn address(config: &PageConfig, scheme: &str, at: SocketAddr) -> String {
    let here = || format!("{scheme}://{at}");
    let address = config.address.clone().unwrap_or_else(here);
    address.trim_end_matches('/').to_owned()
}

/// Browsers speak HTTP/1 too; what one connection may ask for is bounded.
fn server() -> Server {
    Server::builder()
        .accept_http1(true)
        .http2_max_header_list_size(HEADER_BYTES)
        .max_concurrent_streams(STREAMS)
        .timeout(CALL)
}
