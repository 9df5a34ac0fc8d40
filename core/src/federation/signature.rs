//! Ed25519 over the exact bytes of an operation, with a context string (RFC 8032).

use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

use crate::id::Hash;

/// What signed bytes are for. A signature for one purpose is worthless for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A listing operation: upsert or withdraw.
    Listing,
    /// A capacity report.
    Capacity,
    /// The wish for a new certificate.
    Renewal,
}

impl Purpose {
    fn context(self) -> &'static [u8] {
        match self {
            Self::Listing => b"referral-directory/listing/1\0",
            Self::Capacity => b"referral-directory/capacity/1\0",
            Self::Renewal => b"referral-directory/renewal/1\0",
        }
    }
}

/// An agency's listing key: signs what it publishes. Separate from its TLS key.
pub struct ListingKey(SigningKey);

/// The public half of a [`ListingKey`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// A detached signature, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

/// What a node signs to have its certificate renewed: the challenge it was given, and the SHA-256 of the
/// certificate it has and of its certificate request.
#[must_use]
pub fn renewal_words(challenge: &[u8], certificate: &[u8], request: &[u8]) -> Vec<u8> {
    let (certificate, request) = (Hash::of(&[certificate]), Hash::of(&[request]));
    [challenge, certificate.as_bytes(), request.as_bytes()].concat()
}

/// Why a signature or key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSignature {
    /// Not a usable public key.
    #[error("not a valid Ed25519 public key")]
    Key,
    /// Not 64 bytes.
    #[error("a signature has 64 bytes")]
    Length,
    /// It does not fit these bytes, this key and this purpose.
    #[error("the signature does not match the operation and the agency's key")]
    Mismatch,
}

impl ListingKey {
    /// The key with this secret seed: 32 bytes from a secure source.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs `bytes` for `purpose`.
    #[must_use]
    pub fn sign(&self, purpose: Purpose, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(&[purpose.context(), bytes].concat()).to_bytes())
    }
}

impl PublicKey {
    /// The 32 bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl TryFrom<&[u8]> for PublicKey {
    type Error = InvalidSignature;
    fn try_from(bytes: &[u8]) -> Result<Self, InvalidSignature> {
        let bytes = bytes.try_into().map_err(|_| InvalidSignature::Key)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| InvalidSignature::Key)?;
        if key.is_weak() {
            Err(InvalidSignature::Key)
        } else {
            Ok(Self(key))
        }
    }
}

impl Signature {
    /// The 64 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl TryFrom<&[u8]> for Signature {
    type Error = InvalidSignature;
    fn try_from(bytes: &[u8]) -> Result<Self, InvalidSignature> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| InvalidSignature::Length)
    }
}

/// Checks that `signature` is `key`'s over `bytes` for `purpose`, strictly: small-order and
/// non-canonical keys and signatures are refused.
///
/// # Errors
/// [`InvalidSignature::Mismatch`] when it is not.
pub fn verify(
    key: &PublicKey,
    purpose: Purpose,
    bytes: &[u8],
    signature: &Signature,
) -> Result<(), InvalidSignature> {
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    let message = [purpose.context(), bytes].concat();
    key.0
        .verify_strict(&message, &signature)
        .map_err(|_| InvalidSignature::Mismatch)
}

impl fmt::Debug for ListingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListingKey(..)")
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", crate::id::hex(&self.as_bytes()[..6]))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_one_key_one_purpose_and_these_bytes_only() {
        let key = ListingKey::from_seed(&[7; 32]);
        let other = ListingKey::from_seed(&[8; 32]).public();
        let signature = key.sign(Purpose::Listing, b"operation");

        let check =
            |key: &PublicKey, purpose, bytes: &[u8]| verify(key, purpose, bytes, &signature);

        assert_eq!(check(&key.public(), Purpose::Listing, b"operation"), Ok(()));
        for refused in [
            check(&key.public(), Purpose::Listing, b"operatiom"),
            check(&key.public(), Purpose::Capacity, b"operation"),
            check(&other, Purpose::Listing, b"operation"),
        ] {
            assert_eq!(refused, Err(InvalidSignature::Mismatch));
        }
    }

    /// The order of the curve's group (RFC 8032, 5.1), least byte first.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x10,
    ];
    /// What makes a signature of "operation" by the key of seed 7, 7, 7... whose point is the neutral one: the
    /// equation holds, and would for others who know that key.
    const SCALAR_OF_NEUTRAL: [u8; 32] = [
        0x67, 0x18, 0x89, 0x00, 0x30, 0x1f, 0x2b, 0xef, 0xfb, 0x98, 0x50, 0xae, 0x39, 0xda, 0x48,
        0x7c, 0xf1, 0x93, 0xb5, 0xce, 0x27, 0x95, 0xb2, 0xa6, 0xd0, 0xfb, 0x44, 0x5a, 0xe5, 0x91,
        0x8a, 0x0c,
    ];

    #[test]
    fn a_second_form_of_a_signature_and_one_of_small_order_are_none() {
        let key = ListingKey::from_seed(&[7; 32]);
        let mut second = key.sign(Purpose::Listing, b"operation");
        let mut carry = 0;
        for (byte, order) in second.0[32..].iter_mut().zip(ORDER) {
            carry += u16::from(*byte) + u16::from(order);
            [*byte, _] = carry.to_le_bytes();
            carry >>= 8;
        }
        let mut small = [0; 64];
        small[0] = 1;
        small[32..].copy_from_slice(&SCALAR_OF_NEUTRAL);

        for signature in [second, Signature(small)] {
            let verified = verify(&key.public(), Purpose::Listing, b"operation", &signature);
            assert_eq!(verified, Err(InvalidSignature::Mismatch));
        }
    }

    #[test]
    fn a_weak_key_is_no_key() {
        assert_eq!(
            PublicKey::try_from([0; 32].as_slice()),
            Err(InvalidSignature::Key)
        );
    }
}
