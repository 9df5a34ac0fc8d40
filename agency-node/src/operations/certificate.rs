//! The certificate a node connects with, which is replaced while it runs.

use std::sync::{PoisonError, RwLockReadGuard};

use jiff::{SignedDuration, Timestamp};
use referral_runtime::tls::{Dialer, Leaf, certificate_from_pem};

use super::Node;
use crate::identity::{Membership, Renewed};

/// What a node connects with.
#[derive(Debug)]
pub(super) struct Certificate {
    dialer: Dialer,
    /// `None`: it cannot be read; then it is renewed.
    leaf: Option<Leaf>,
    /// How far the directory's clock is ahead of this machine's, as far as known.
    ahead: SignedDuration,
    /// True when the directory did not take it.
    refused: bool,
}

impl Certificate {
    pub(super) fn of(dialer: Dialer, membership: &Membership) -> Self {
        let certificate = certificate_from_pem(membership.certificate_pem.as_bytes());
        Self {
            dialer,
            leaf: certificate
                .ok()
                .and_then(|certificate| Leaf::of(&certificate)),
            ahead: SignedDuration::ZERO,
            refused: false,
        }
    }
}

impl Node {
    /// Connects to the directory with the newest certificate.
    #[must_use]
    pub fn dialer(&self) -> Dialer {
        self.certificate().dialer.clone()
    }

    /// The certificate is good until then.
    #[must_use]
    pub fn certificate_expires(&self) -> Timestamp {
        let joined = self.membership().certificate_expires;
        self.certificate()
            .leaf
            .map_or(joined, |leaf| leaf.not_after)
    }

    /// Whether this share of the certificate's life is over, by the directory's time as far as known, or the
    /// directory did not take it.
    pub(crate) fn renewal_is_due(&self, share: f64) -> bool {
        let now = self.clock().now();
        let certificate = self.certificate();
        let now = now.saturating_add(certificate.ahead).unwrap_or(now);
        let is_over = |leaf: Leaf| leaf.at_share(share) <= now;
        certificate.refused || certificate.leaf.is_none_or(is_over)
    }

    /// The directory did not take the certificate: it is renewed before the next try.
    pub(crate) fn certificate_was_refused(&self) {
        self.change_certificate(|certificate| certificate.refused = true);
    }

    /// Connects with this certificate from now on. What is connected stays so.
    ///
    /// * `own` — this machine's time when the directory answered.
    pub(crate) fn take_certificate(&self, renewed: Renewed, own: Timestamp) {
        self.change_certificate(|certificate| {
            *certificate = Certificate {
                dialer: renewed.dialer,
                leaf: Some(renewed.leaf),
                ahead: renewed.directory_now.duration_since(own),
                refused: false,
            };
        });
    }

    /// Held while the certificate is being renewed.
    pub(crate) fn renewing(&self) -> &tokio::sync::Mutex<()> {
        &self.renewing
    }

    fn certificate(&self) -> RwLockReadGuard<'_, Certificate> {
        self.certificate
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn change_certificate(&self, change: impl FnOnce(&mut Certificate)) {
        change(
            &mut self
                .certificate
                .write()
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
}
