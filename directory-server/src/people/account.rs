//! Accounts and tokens as they are kept, and as operators see them.

use jiff::Timestamp;
use referral_core::policy::{Role, Scope};
use referral_runtime::accounts::SignInName;
use serde::{Deserialize, Serialize};

/// An account as it is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) sign_in: SignInName,
    pub(super) role: String,
    /// The agency they work for.
    pub(super) agency: Option<String>,
    /// Argon2id, as a PHC string.
    pub(super) password: Option<String>,
    pub(super) invitation: Option<Invitation>,
    /// Who they are at the OpenID provider, from their first sign-in there on.
    pub(super) provider: Option<ProviderIdentity>,
    pub(super) revoked: bool,
    pub(super) since: Timestamp,
}

/// An invitation that was not taken up.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invitation {
    /// SHA-256 of its secret.
    pub(super) hash: String,
    pub(super) expires_at: Timestamp,
}

/// Who somebody is at an OpenID provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderIdentity {
    pub(super) issuer: String,
    pub(super) subject: String,
}

/// An API token as it is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    pub(super) id: String,
    pub(super) account: String,
    /// SHA-256 of its secret.
    pub(super) hash: String,
    pub(super) scopes: Vec<String>,
    pub(super) expires_at: Timestamp,
    pub(super) revoked: bool,
}

impl Account {
    pub(super) fn role(&self) -> Option<Role> {
        Role::of_account(&self.role)
    }
}

impl Token {
    pub(super) fn scopes(&self) -> Vec<Scope> {
        let scopes = self.scopes.iter();
        scopes.filter_map(|name| Scope::parse(name)).collect()
    }
}

/// An account, for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// Its id.
    pub id: String,
    /// What they sign in with.
    pub sign_in: SignInName,
    /// Their role.
    pub role: String,
    /// The agency they work for.
    pub agency: Option<String>,
    /// `invited`, `active` or `revoked`.
    pub state: &'static str,
    /// Since when there is the account.
    pub since: Timestamp,
    /// How many sessions they have now.
    pub sessions: usize,
}

/// A token, for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenView {
    /// Its id.
    pub id: String,
    /// The account it acts for.
    pub account: String,
    /// What it is good for.
    pub scopes: Vec<String>,
    /// It is worthless from then on.
    pub expires_at: Timestamp,
    /// Whether it was revoked.
    pub revoked: bool,
}
