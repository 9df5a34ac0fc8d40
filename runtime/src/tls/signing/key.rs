//! The authority's key, wherever it is.

use rcgen::{KeyPair, PublicKeyData, SignatureAlgorithm, SigningKey};

use super::Apart;

/// The authority's key: in this process, or in one of its own.
#[derive(Debug)]
pub(in super::super) enum CaKey {
    /// Here.
    Here(KeyPair),
    /// In another process, which is asked.
    Apart(Apart),
}

impl PublicKeyData for CaKey {
    fn der_bytes(&self) -> &[u8] {
        match self {
            Self::Here(pair) => pair.der_bytes(),
            Self::Apart(apart) => apart.public_key(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self {
            Self::Here(pair) => pair.algorithm(),
            // The only one this directory makes authorities of.
            Self::Apart(_) => &rcgen::PKCS_ECDSA_P256_SHA256,
        }
    }
}

impl SigningKey for CaKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        match self {
            Self::Here(pair) => pair.sign(message),
            Self::Apart(apart) => apart
                .sign(message)
                .map_err(|_| rcgen::Error::RemoteKeyError),
        }
    }
}
