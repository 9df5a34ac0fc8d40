//! The file with accounts and tokens: small, whole, replaced at every change.

use std::io;
use std::path::{Path, PathBuf};

use referral_runtime::data_dir::write_secret;
use referral_runtime::tls::NoRandomness;
use serde::{Deserialize, Serialize};

use super::account::{Account, Token};
use crate::life::make_private;

/// The folder of the people in the data directory.
pub const FOLDER: &str = "people";
const FILE: &str = "accounts.json";
/// Most accounts, and most tokens.
const MOST: usize = 50_000;

/// Why something about people was not done.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The disk.
    #[error("the accounts in the data directory cannot be read or written")]
    Io(#[from] io::Error),
    /// The file is not as it was written.
    #[error("the file people/accounts.json is damaged: put it back from a copy")]
    Damaged,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// There is an account with this name.
    #[error("there is an account with this name: see person list")]
    NameTaken,
    /// No such account or token.
    #[error("there is no such account or token")]
    Unknown,
    /// There are too many.
    #[error("there are too many accounts or tokens: take out those that are revoked")]
    Full,
    /// They may not.
    #[error("this is for operators who signed in a moment ago")]
    Denied,
    /// It could not be recorded.
    #[error(transparent)]
    Audit(#[from] crate::audit::AuditError),
}

impl PeopleError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "people_io",
            Self::Damaged => "people_damaged",
            Self::Randomness(_) => "no_randomness",
            Self::NameTaken => "name_taken",
            Self::Unknown => "person_unknown",
            Self::Full => "people_full",
            Self::Denied => "people_denied",
            Self::Audit(_) => "audit_failed",
        }
    }
}

/// Accounts and tokens, and where they are kept.
pub(super) struct Book {
    path: PathBuf,
    kept: Kept,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Kept {
    accounts: Vec<Account>,
    tokens: Vec<Token>,
}

impl Book {
    pub(super) fn open(data: &Path) -> Result<Self, PeopleError> {
        let folder = data.join(FOLDER);
        make_private(&folder)?;
        let path = folder.join(FILE);
        let kept = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| PeopleError::Damaged)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { path, kept })
    }

    pub(super) fn accounts(&self) -> &[Account] {
        &self.kept.accounts
    }

    pub(super) fn tokens(&self) -> &[Token] {
        &self.kept.tokens
    }

    pub(super) fn account(&self, id: &str) -> Option<&Account> {
        self.kept.accounts.iter().find(|account| account.id == id)
    }

    pub(super) fn add(&mut self, account: Account) -> Result<(), PeopleError> {
        let mut kept = self.kept.clone();
        kept.accounts.push(account);
        self.keep(kept)
    }

    pub(super) fn add_token(&mut self, token: Token) -> Result<(), PeopleError> {
        let mut kept = self.kept.clone();
        kept.tokens.push(token);
        self.keep(kept)
    }

    /// Changes an account.
    pub(super) fn change(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut Account),
    ) -> Result<(), PeopleError> {
        let mut kept = self.kept.clone();
        let account = kept.accounts.iter_mut().find(|account| account.id == id);
        change(account.ok_or(PeopleError::Unknown)?);
        self.keep(kept)
    }

    /// Ends a token; or with an account's id all of its tokens.
    pub(super) fn revoke_tokens(&mut self, id: &str) -> Result<(), PeopleError> {
        let mut kept = self.kept.clone();
        let tokens = kept.tokens.iter_mut();
        for token in tokens.filter(|token| token.id == id || token.account == id) {
            token.revoked = true;
        }
        self.keep(kept)
    }

    /// Replaces everything: on the disk first.
    fn keep(&mut self, kept: Kept) -> Result<(), PeopleError> {
        if kept.accounts.len() > MOST || kept.tokens.len() > MOST {
            return Err(PeopleError::Full);
        }
        let bytes = serde_json::to_vec_pretty(&kept).map_err(io::Error::from)?;
        write_secret(&self.path, &bytes)?;
        self.kept = kept;
        Ok(())
    }
}
