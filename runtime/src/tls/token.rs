//! Join tokens: what an operator hands to an agency so that its node can join.
//!
//! A token holds a secret that is good once, and the fingerprint of the directory's authority, so that the
//! node knows whom it talks to before it gives the secret away. The directory stores the secret's hash.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use referral_core::id::Hash;

use super::{Fingerprint, NoRandomness, random};

/// What a token begins with, so that people and scanners know one when they see it.
const PREFIX: &str = "join1_";
/// Length of the checksum that tells a mistyped token from a wrong one. Unit: bytes.
const CHECKSUM: usize = 4;

/// A one-time token to join a directory.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinToken {
    secret: [u8; 32],
    authority: Fingerprint,
}

/// The text is no join token: something was lost or mistyped. It is never repeated in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no whole join token; copy it again, from {PREFIX} to its end")]
pub struct InvalidToken;

impl JoinToken {
    /// A token with a new 256-bit secret.
    ///
    /// * `authority` — the fingerprint of the directory's authority.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate(authority: Fingerprint) -> Result<Self, NoRandomness> {
        Ok(Self {
            secret: random()?,
            authority,
        })
    }

    /// Reads a token. White space around it is ignored.
    ///
    /// # Errors
    /// [`InvalidToken`].
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(InvalidToken)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| InvalidToken)?;
        let (content, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(InvalidToken)?;
        let (secret, authority) = content.split_first_chunk().ok_or(InvalidToken)?;
        if checksum(content) != *sum {
            return Err(InvalidToken);
        }
        Ok(Self {
            secret: *secret,
            authority: Fingerprint::try_from(authority).map_err(|_| InvalidToken)?,
        })
    }

    /// The whole token as text, to be shown once. A secret: never log it.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut bytes = [self.secret, *self.authority.as_bytes()].concat();
        bytes.extend(checksum(&bytes));
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The secret that a node gives the directory, once it knows whom it talks to.
    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// The fingerprint of the directory's authority.
    #[must_use]
    pub fn authority(&self) -> Fingerprint {
        self.authority
    }

    /// What the directory stores in place of the secret.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Self::hash_of(&self.secret)
    }

    /// What the directory stores in place of this secret.
    #[must_use]
    pub fn hash_of(secret: &[u8; 32]) -> Hash {
        Hash::of(&[b"join token", secret])
    }
}

impl fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinToken(secret)")
    }
}

fn checksum(content: &[u8]) -> [u8; CHECKSUM] {
    let mut sum = [0; CHECKSUM];
    sum.copy_from_slice(&Hash::of(&[content]).as_bytes()[..CHECKSUM]);
    sum
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;

    use super::*;

    fn token() -> JoinToken {
        let authority = Fingerprint::of(&CertificateDer::from(vec![1, 2, 3]));
        JoinToken::generate(authority).unwrap()
    }

    #[test]
    fn a_token_survives_being_written_and_read() {
        let token = token();

        let read = JoinToken::parse(&format!(" {}\n", token.reveal())).unwrap();

        assert_eq!(read, token);
        assert_eq!(read.hash(), token.hash());
    }

    #[test]
    fn a_mistyped_token_is_refused() {
        let text = token().reveal();
        for place in PREFIX.len()..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[place] = if wrong[place] == b'A' { b'B' } else { b'A' };
            let wrong = String::from_utf8(wrong).unwrap();

            assert_eq!(JoinToken::parse(&wrong), Err(InvalidToken), "at {place}");
        }
        assert_eq!(JoinToken::parse(&text[..text.len() - 1]), Err(InvalidToken));
    }

    #[test]
    fn debugging_a_token_does_not_show_its_secret() {
        assert_eq!(format!("{:?}", token()), "JoinToken(secret)");
    }

    #[test]
    fn two_tokens_of_one_directory_have_different_hashes() {
        assert_ne!(token().hash(), token().hash());
    }
}
