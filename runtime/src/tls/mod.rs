//! Who is who: certificates, join tokens, and TLS at both ends.
//!
//! * The directory is its own certificate authority ([`Authority`]). It issues its server certificate and
//!   the agencies' client certificates; its key may be in a process of its own ([`Signer`]); a [`CertificateRequest`] gives a key and is asked for nothing else.
//! * [`federation`] and [`public`] configure the two listeners, [`accept`] runs one, and [`Peer`] says which
//!   agency speaks.
//! * A node connects with a [`Dialer`], and trusts the authority's certificate or, while it joins, the
//!   [`Fingerprint`] in its [`JoinToken`]. What everybody is served it reads through [`reach`].
//!
//! Nothing here decides what an agency may do, or knows whether it is still let in.

mod acceptor;
mod address;
mod authority;
mod authority_error;
mod client;
mod fingerprint;
mod identity;
mod peer;
mod pinned;
mod request;
mod server;
mod signing;
mod site;
mod token;

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

use crate::clock::Clock;

pub use acceptor::{Limits, SharedConfig, accept, shared};
pub use address::{Address, InvalidAddress};
pub use authority::{Authority, Issued, MEMBER_VALIDITY, Member};
pub use authority_error::AuthorityError;
pub use client::{ConnectFailure, Dialer, Trust};
pub use fingerprint::{Fingerprint, InvalidFingerprint};
pub use identity::{Identity, InvalidIdentity, certificate_from_pem, certificate_to_pem};
pub use peer::{InvalidPeer, Leaf, Peer, Serial, TrustDomain};
pub use request::{CertificateRequest, InvalidRequest, NewKey};
pub use rustls::ServerConfig;
pub use server::{federation, public};
pub use signing::{Listening, NotSigned, Signer, SignerError, Start};
pub use site::{SiteFailure, reach};
pub use token::{InvalidToken, JoinToken};

/// Chooses the process's cryptography. The first line of every `main`; calling it again does nothing.
pub fn install_crypto() {
    let _installed_before = ring::default_provider().install_default();
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The system gave no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

/// Random bytes nobody can foresee, for secrets.
///
/// # Errors
/// When the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// Lets rustls take the time from our clock.
#[derive(Debug)]
struct ClockTime(Arc<dyn Clock>);

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
