//! Passwords: what is taken for one, and how they are kept.

use std::fmt;
use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// Least and most characters of a password.
const LENGTH: std::ops::RangeInclusive<usize> = 12..=128;
/// Argon2id as OWASP asks for it: memory in KiB, passes, lanes.
/// Source: OWASP Password Storage Cheat Sheet, "Argon2id".
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A password somebody typed.
#[derive(Clone)]
pub struct Password(String);

/// Why a text is not taken for a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Too short or too long.
    #[error("a password has 12 to 128 characters: several words are easy to remember")]
    Length,
    /// All the same, or the name itself.
    #[error("this password is too easy to guess: take several words")]
    Guessable,
}

impl InvalidPassword {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "password_length",
            Self::Guessable => "password_guessable",
        }
    }
}

impl Password {
    /// A password to sign in with, whatever it is.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        // A longer one was never taken; none of it is worth hashing.
        Self(text.chars().take(*LENGTH.end() + 1).collect())
    }

    /// A new password of the account with this sign-in name.
    ///
    /// # Errors
    /// [`InvalidPassword`].
    pub fn new(text: &str, sign_in: &str) -> Result<Self, InvalidPassword> {
        if !LENGTH.contains(&text.chars().count()) {
            return Err(InvalidPassword::Length);
        }
        let mut different: Vec<char> = text.to_lowercase().chars().collect();
        different.sort_unstable();
        different.dedup();
        let own = text.to_lowercase().contains(sign_in);
        if different.len() < 5 || own {
            return Err(InvalidPassword::Guessable);
        }
        Ok(Self(text.to_owned()))
    }

    /// The password as it is kept: a PHC string. Takes a while. `None`: the machine failed.
    #[must_use]
    pub fn hash(&self) -> Option<String> {
        let hashed = hasher()?.hash_password(self.0.as_bytes()).ok()?;
        Some(hashed.to_string())
    }

    /// Whether this is the password that is kept so. Without one it takes as long, and says no.
    #[must_use]
    pub fn is(&self, kept: Option<&str>) -> bool {
        static NOBODYS: OnceLock<Option<String>> = OnceLock::new();
        let nobodys = || {
            NOBODYS
                .get_or_init(|| Self("nobody's".to_owned()).hash())
                .clone()
        };
        let Some(phc) = kept.map(str::to_owned).or_else(nobodys) else {
            return false;
        };
        let right = PasswordHash::new(&phc).is_ok_and(|phc| {
            hasher().is_some_and(|hasher| hasher.verify_password(self.0.as_bytes(), &phc).is_ok())
        });
        right && kept.is_some()
    }
}

fn hasher() -> Option<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_argon2id_with_salt_and_known_again() {
        let password = Password::new("correct horse battery", "ana").unwrap();
        let (one, two) = (password.hash().unwrap(), password.hash().unwrap());

        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two, "salted");
        assert!(password.is(Some(&one)));
        assert!(!Password::typed("correct horse").is(Some(&one)));
        assert!(!Password::typed("nobody's").is(None));
    }

    #[test]
    fn short_long_and_easy_passwords_are_refused() {
        let refused = |text: &str| Password::new(text, "ana@example.org").unwrap_err();

        assert_eq!(refused("eleven-char"), InvalidPassword::Length);
        assert_eq!(refused(&"long word ".repeat(13)), InvalidPassword::Length);
        assert_eq!(refused("aaaaaaaaaaaaaaa"), InvalidPassword::Guessable);
        assert_eq!(refused("ana@example.org!"), InvalidPassword::Guessable);
    }
}
