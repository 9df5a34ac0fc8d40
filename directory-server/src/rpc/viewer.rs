//! Who calls the public services: the account of the token they send, or anybody.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Extensions;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use referral_core::policy::Viewer;
use tonic::Code;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

use super::status::status;
use crate::operations::Directory;

/// Puts the [`Viewer`] into every request, before any service sees it. A token that is not good is refused:
/// who sends one must not believe that they see more than anybody.
pub(crate) async fn identify(
    State(directory): State<Arc<Directory>>,
    mut request: Request,
    next: Next,
) -> Response {
    let viewer = match request.headers().get(AUTHORIZATION) {
        None => Some(Viewer::anybody()),
        Some(value) => value
            .to_str()
            .ok()
            .and_then(bearer)
            .and_then(|token| directory.people().of_token(token)),
    };
    let Some(viewer) = viewer else {
        let text = "this token is not good: it is mistyped, too old or revoked";
        return status(Code::Unauthenticated, "TOKEN_REFUSED", text).into_http();
    };
    request.extensions_mut().insert(viewer);
    next.run(request).await
}

/// Who makes this call.
pub(crate) fn viewer_of<T>(request: &tonic::Request<T>) -> Viewer {
    // Without the layer above nobody is more than anybody.
    request.extensions().get().cloned().unwrap_or_default()
}

/// The token of an `Authorization: Bearer` header (RFC 6750).
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// Where a request comes from, as its connection says.
pub(crate) fn peer_address(of_request: &Extensions) -> Option<IpAddr> {
    let plain = of_request.get::<TcpConnectInfo>();
    let tls = of_request.get::<TlsConnectInfo<TcpConnectInfo>>();
    let info = plain.or(tls.map(TlsConnectInfo::get_ref))?;
    info.remote_addr().map(|address| address.ip())
}
