//! Who asks.

use std::fmt;

use super::{Clearance, Decision, Operation, Role, Scope, What, policy};
use crate::catalog::Tier;
use crate::id::AgencyId;

/// The id of an account: `p-` and 16 hexadecimal digits. It says nothing of the person.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

/// The text is no account id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no account id: p- and 16 hexadecimal digits, as `person list` shows it")]
pub struct InvalidAccountId;

/// Who asks, as far as the directory knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// What they are.
    pub role: Role,
    /// Their account; none: not signed in.
    pub account: Option<AccountId>,
    /// The agency they work for, where their account says one.
    pub agency: Option<AgencyId>,
    /// What their token is good for; none: they are signed in themselves.
    pub scopes: Option<Vec<Scope>>,
    /// Whether they signed in a moment ago.
    pub fresh: bool,
}

impl Viewer {
    /// Anybody.
    #[must_use]
    pub fn anybody() -> Self {
        Self::default()
    }

    /// The operator at the machine: who may read the data directory needs no account.
    #[must_use]
    pub fn at_the_machine() -> Self {
        Self {
            role: Role::Operator,
            fresh: true,
            ..Self::default()
        }
    }

    /// Whether they may do this at all.
    #[must_use]
    pub fn may(&self, operation: Operation) -> bool {
        policy(self, What::Operation(operation)) == Decision::Allow
    }

    /// How far they see without asking.
    #[must_use]
    pub fn clearance(&self) -> Clearance {
        let sees = policy(self, What::Tier(Tier::Member, None)) == Decision::Allow;
        if sees {
            Clearance::Member
        } else {
            Clearance::Public
        }
    }
}

impl AccountId {
    /// The id made of these random bits.
    #[must_use]
    pub fn of(bits: u64) -> Self {
        Self(format!("p-{bits:016x}"))
    }

    /// Reads an id.
    ///
    /// # Errors
    /// [`InvalidAccountId`].
    pub fn parse(text: &str) -> Result<Self, InvalidAccountId> {
        let digits = text.trim().strip_prefix("p-").ok_or(InvalidAccountId)?;
        let good = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() == 16 && digits.bytes().all(good) {
            Ok(Self(format!("p-{digits}")))
        } else {
            Err(InvalidAccountId)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
