//! Certificate requests (PKCS #10, RFC 2986): a node makes one, the directory reads one.
//!
//! A request proves that its sender holds a private key. It may ask for any name; nobody listens.

use std::fmt;

use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use referral_core::id::Hash;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_SIG_ECDSA_WITH_SHA256,
    OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ED25519,
};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

/// The longest request that is read. Unit: bytes.
const LONGEST: usize = 64 << 10;

/// A request whose sender proved to hold its key.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    public_key: Vec<u8>,
}

/// Why a certificate request was refused. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// Too long.
    #[error("a certificate request is at most 64 KiB long")]
    TooLong,
    /// Not a request.
    #[error("this is no certificate request in DER form")]
    Malformed,
    /// The signature is not that of the key in the request.
    #[error("the certificate request is not signed with its own key")]
    BadSignature,
    /// The key or the signature is weak or of an unusual kind.
    #[error("the key of a certificate request is ECDSA P-256 or P-384, or Ed25519")]
    UnsupportedKey,
    /// It asks to become an authority.
    #[error("a certificate request must not ask for a certificate authority")]
    AsksForAuthority,
}

impl InvalidRequest {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong => "request_too_long",
            Self::Malformed => "request_malformed",
            Self::BadSignature => "request_bad_signature",
            Self::UnsupportedKey => "request_unsupported_key",
            Self::AsksForAuthority => "request_asks_for_authority",
        }
    }
}

impl CertificateRequest {
    /// Reads a request in DER form and verifies its signature. The names it asks for are dropped.
    ///
    /// # Errors
    /// [`InvalidRequest`].
    pub fn parse(der: &[u8]) -> Result<Self, InvalidRequest> {
        if der.len() > LONGEST {
            return Err(InvalidRequest::TooLong);
        }
        let (rest, request) =
            X509CertificationRequest::from_der(der).map_err(|_| InvalidRequest::Malformed)?;
        if !rest.is_empty() {
            return Err(InvalidRequest::Malformed);
        }
        let key = &request.certification_request_info.subject_pki;
        if !supported(key, &request) {
            return Err(InvalidRequest::UnsupportedKey);
        }
        request
            .verify_signature()
            .map_err(|_| InvalidRequest::BadSignature)?;
        if asks_for_authority(&request) {
            return Err(InvalidRequest::AsksForAuthority);
        }
        Ok(Self {
            public_key: key.raw.to_vec(),
        })
    }

    /// The SHA-256 of the public key (its `SubjectPublicKeyInfo` in DER form).
    #[must_use]
    pub fn key_hash(&self) -> Hash {
        Hash::of(&[&self.public_key])
    }

    pub(super) fn public_key(&self) -> &[u8] {
        &self.public_key
    }
}

impl fmt::Debug for CertificateRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateRequest({:?})", self.key_hash())
    }
}

/// A new private key (ECDSA P-256).
pub struct NewKey(KeyPair);

impl NewKey {
    /// Makes a key.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, super::NoRandomness> {
        KeyPair::generate()
            .map(Self)
            .map_err(|_| super::NoRandomness)
    }

    /// The private key in PEM form (PKCS #8). A secret: see [`crate::data_dir::write_secret`].
    #[must_use]
    pub fn reveal_pem(&self) -> String {
        self.0.serialize_pem()
    }

    /// A certificate request for this key, in DER form. It asks for no name.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn request(&self) -> Result<Vec<u8>, super::AuthorityError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        let request = params.serialize_request(&self.0)?;
        Ok(request.der().to_vec())
    }

    pub(super) fn pair(&self) -> &KeyPair {
        &self.0
    }

    pub(super) fn der(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.0.serialize_der()).into()
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewKey(secret)")
    }
}

fn supported(key: &SubjectPublicKeyInfo<'_>, request: &X509CertificationRequest<'_>) -> bool {
    let signature = &request.signature_algorithm.algorithm;
    let algorithm = &key.algorithm.algorithm;
    if *algorithm == OID_SIG_ED25519 {
        return *signature == OID_SIG_ED25519;
    }
    let curve = key
        .algorithm
        .parameters
        .as_ref()
        .and_then(|p| p.as_oid().ok());
    *algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY
        && match curve {
            Some(curve) if curve == OID_EC_P256 => *signature == OID_SIG_ECDSA_WITH_SHA256,
            Some(curve) if curve == OID_NIST_EC_P384 => *signature == OID_SIG_ECDSA_WITH_SHA384,
            _ => false,
        }
}

fn asks_for_authority(request: &X509CertificationRequest<'_>) -> bool {
    request
        .requested_extensions()
        .is_some_and(|mut extensions| {
            extensions.any(|extension| {
            matches!(extension, ParsedExtension::BasicConstraints(constraints) if constraints.ca)
        })
        })
}
