//! The SHA-256 of a certificate: short enough to carry in a join token.

use std::fmt;

use referral_core::id::Hash;
use rustls::pki_types::CertificateDer;

/// A certificate's fingerprint: the SHA-256 of its DER form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(Hash);

/// Not the 32 bytes of a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 32 bytes")]
pub struct InvalidFingerprint;

impl Fingerprint {
    /// The fingerprint of a certificate.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Hash::of(&[certificate]))
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl TryFrom<&[u8]> for Fingerprint {
    type Error = InvalidFingerprint;
    fn try_from(bytes: &[u8]) -> Result<Self, InvalidFingerprint> {
        Hash::try_from(bytes)
            .map(Self)
            .map_err(|_| InvalidFingerprint)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
