//! Secrets that are shown once and kept as hashes: invitations, sessions and API tokens.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use referral_core::id::Hash;

use crate::tls::{NoRandomness, random};

/// A secret of 256 random bits with a prefix that says what it is for, so that people and scanners know one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    purpose: Purpose,
    bytes: [u8; 32],
}

/// What a secret is for. One for another purpose is worthless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To set the password of an account, once.
    Invitation,
    /// To go on being signed in.
    Session,
    /// To act for an account as a program.
    Token,
}

impl Purpose {
    fn prefix(self) -> &'static str {
        match self {
            Self::Invitation => "invite1_",
            Self::Session => "session1_",
            Self::Token => "token1_",
        }
    }
}

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(purpose: Purpose) -> Result<Self, NoRandomness> {
        let bytes = random()?;
        Ok(Self { purpose, bytes })
    }

    /// Reads one for this purpose; `None`: it is none.
    #[must_use]
    pub fn parse(purpose: Purpose, text: &str) -> Option<Self> {
        let encoded = text.trim().strip_prefix(purpose.prefix())?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?.try_into().ok()?;
        Some(Self { purpose, bytes })
    }

    /// What is kept in place of the secret.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(&[self.purpose.prefix().as_bytes(), &self.bytes])
    }

    /// The secret as text, to be shown once. Never log it.
    #[must_use]
    pub fn reveal(&self) -> String {
        let encoded = URL_SAFE_NO_PAD.encode(self.bytes);
        format!("{}{encoded}", self.purpose.prefix())
    }

    /// What the forms of a session carry, so that other sites cannot send them.
    #[must_use]
    pub fn form_token(&self) -> String {
        Hash::of(&[b"form", &self.bytes]).to_string()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
