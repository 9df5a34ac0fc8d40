//! What people sign in with.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What somebody types to sign in: an e-mail address or another name, 3 to 120 characters, lower case.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SignInName(String);

/// The text is no name to sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name to sign in with has 3 to 120 letters, digits and . _ - + @")]
pub struct InvalidSignInName;

impl SignInName {
    /// Reads a name; capitals and blanks around it do not matter.
    ///
    /// # Errors
    /// [`InvalidSignInName`].
    pub fn parse(text: &str) -> Result<Self, InvalidSignInName> {
        let name = text.trim().to_ascii_lowercase();
        let good = |c: char| c.is_ascii_alphanumeric() || "._-+@".contains(c);
        if (3..=120).contains(&name.len()) && name.chars().all(good) {
            Ok(Self(name))
        } else {
            Err(InvalidSignInName)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names of people stay out of logs: the redacted form.
impl fmt::Debug for SignInName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInName(..)")
    }
}
