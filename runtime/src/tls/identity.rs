//! A certificate with its key: what one side of a connection proves itself with.

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate chain and the private key of its first certificate.
#[derive(Debug)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Why a certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidIdentity {
    /// A file is no PEM of the expected kind.
    #[error("the {what} is not in PEM form")]
    NotPem {
        /// Which of them.
        what: &'static str,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// There is no certificate.
    #[error("there is no certificate in the certificate file")]
    NoCertificate,
    /// The certificate and the key do not belong together, or are of a kind that is not supported.
    #[error("the certificate and the private key cannot be used together")]
    Unusable(#[source] rustls::Error),
}

impl Identity {
    /// Joins a chain (leaf first) and the leaf's key.
    #[must_use]
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Self {
        Self { chain, key }
    }

    /// Reads a chain (leaf first) and the leaf's key from PEM.
    ///
    /// # Errors
    /// [`InvalidIdentity`].
    pub fn from_pem(chain_pem: &[u8], key_pem: &[u8]) -> Result<Self, InvalidIdentity> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain_pem)
            .collect::<Result<_, _>>()
            .map_err(not_pem("certificate"))?;
        if chain.is_empty() {
            return Err(InvalidIdentity::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(not_pem("private key"))?;
        Ok(Self { chain, key })
    }

    /// The chain, leaf first.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// The same key with another chain, as when a certificate is renewed.
    #[must_use]
    pub fn with_chain(&self, chain: Vec<CertificateDer<'static>>) -> Self {
        Self {
            chain,
            key: self.key.clone_key(),
        }
    }

    pub(super) fn parts(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (self.chain.clone(), self.key.clone_key())
    }
}

/// Reads the first certificate from PEM.
///
/// # Errors
/// [`InvalidIdentity::NotPem`].
pub fn certificate_from_pem(text: &[u8]) -> Result<CertificateDer<'static>, InvalidIdentity> {
    CertificateDer::from_pem_slice(text).map_err(not_pem("certificate"))
}

/// Writes certificates as PEM, one after another.
#[must_use]
pub fn certificate_to_pem(certificates: &[CertificateDer<'_>]) -> String {
    certificates.iter().map(one_to_pem).collect()
}

fn one_to_pem(certificate: &CertificateDer<'_>) -> String {
    use base64::Engine;
    use std::fmt::Write;

    let encoded = base64::engine::general_purpose::STANDARD.encode(certificate);
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        let _infallible = writeln!(text, "{line}");
        rest = after;
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

fn not_pem(what: &'static str) -> impl Fn(pem::Error) -> InvalidIdentity {
    move |source| InvalidIdentity::NotPem { what, source }
}
