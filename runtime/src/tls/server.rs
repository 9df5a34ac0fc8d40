//! TLS settings of the two listeners.
//!
//! *Federation*: agencies, TLS 1.3, client certificates of our authority. A connection without one is let in,
//! so that it can be told clearly what it lacks; [`super::Peer`] decides. Sessions are never resumed: every
//! connection shows its certificate anew. *Public*: browsers and programs; no client certificate is asked for.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig, version};

use super::{ClockTime, Identity, InvalidIdentity, provider};
use crate::clock::Clock;

/// Settings of the federation listener.
///
/// * `identity` — the directory's server certificate, its chain ending with the authority's.
/// * `authority` — the certificate of the authority that issues agencies' certificates.
/// * `clock` — by which certificates are valid or not.
///
/// # Errors
/// [`InvalidIdentity::Unusable`].
pub fn federation(
    identity: &Identity,
    authority: &CertificateDer<'static>,
    clock: Arc<dyn Clock>,
) -> Result<ServerConfig, InvalidIdentity> {
    let mut roots = RootCertStore::empty();
    roots
        .add(authority.clone())
        .map_err(InvalidIdentity::Unusable)?;
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider())
        .allow_unauthenticated()
        .build()
        .map_err(|error| InvalidIdentity::Unusable(rustls::Error::General(error.to_string())))?;
    let (chain, key) = identity.parts();
    let mut config = ServerConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&version::TLS13])
        .map_err(InvalidIdentity::Unusable)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(InvalidIdentity::Unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Settings of the public listener.
///
/// * `identity` — a server certificate that browsers accept.
/// * `clock` — by which sessions age.
///
/// # Errors
/// [`InvalidIdentity::Unusable`].
pub fn public(identity: &Identity, clock: Arc<dyn Clock>) -> Result<ServerConfig, InvalidIdentity> {
    let (chain, key) = identity.parts();
    let mut config = ServerConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_safe_default_protocol_versions()
        .map_err(InvalidIdentity::Unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(InvalidIdentity::Unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
