//! The file with the accounts: small, whole, replaced at every change.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use referral_core::id::{InvalidId, LocalId};
use referral_runtime::accounts::SignInName;
use referral_runtime::data_dir::{make_private, write_secret};
use referral_runtime::tls::NoRandomness;
use serde::{Deserialize, Serialize};

use super::Person;

/// The folder of the people in the data directory.
const FOLDER: &str = "people";
const FILE: &str = "accounts.json";
/// Most accounts.
const MOST: usize = 10_000;

/// Why something about people was not done.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The disk.
    #[error("the accounts in the data directory cannot be read or written")]
    Io(#[from] io::Error),
    /// The file is not as it was written.
    #[error(
        "the file people/accounts.json is damaged: put it back from a copy, or delete it and invite again"
    )]
    Damaged,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// There is an account with this name.
    #[error(
        "there is an account with this name: `agency-node person revoke` ends it, then invite again"
    )]
    NameTaken,
    /// No such account.
    #[error("there is no account with this name: `agency-node person list` shows them")]
    Unknown,
    /// The organization that the account was to be limited to is not published here.
    #[error("this node publishes no organization {0}: import it first, or correct the id")]
    UnknownOrganization(LocalId),
    /// There are too many.
    #[error("there are too many accounts: remove those that nobody uses")]
    Full,
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
            Self::UnknownOrganization(_) => "organization_unknown",
            Self::Full => "people_full",
        }
    }
}

/// An account as it is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) name: SignInName,
    /// The organization it is limited to.
    pub(super) organization: Limit,
    /// Argon2id, as a PHC string.
    pub(super) password: Option<String>,
    pub(super) invitation: Option<Invitation>,
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

impl Account {
    pub(super) fn person(&self) -> Person {
        Person {
            name: self.name.clone(),
            organization: self.organization.0.clone(),
        }
    }

    /// Whether the invitation with this hash is for it, and still good.
    pub(super) fn is_invited(&self, hash: &str, now: Timestamp) -> bool {
        let invitation = self.invitation.as_ref();
        invitation.is_some_and(|one| one.hash == hash && one.expires_at > now)
    }
}

/// The accounts, and where they are kept.
pub(super) struct Book {
    folder: PathBuf,
    accounts: Vec<Account>,
}

impl Book {
    pub(super) fn open(data: &Path) -> Result<Self, PeopleError> {
        let folder = data.join(FOLDER);
        let accounts = match fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| PeopleError::Damaged)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { folder, accounts })
    }

    pub(super) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    pub(super) fn account(&self, name: &SignInName) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name == *name)
    }

    pub(super) fn add(&mut self, account: Account) -> Result<(), PeopleError> {
        if self.account(&account.name).is_some() {
            return Err(PeopleError::NameTaken);
        }
        if self.accounts.len() >= MOST {
            return Err(PeopleError::Full);
        }
        let mut accounts = self.accounts.clone();
        accounts.push(account);
        self.keep(accounts)
    }

    pub(super) fn remove(&mut self, name: &SignInName) -> Result<(), PeopleError> {
        let mut accounts = self.accounts.clone();
        accounts.retain(|account| account.name != *name);
        if accounts.len() == self.accounts.len() {
            return Err(PeopleError::Unknown);
        }
        self.keep(accounts)
    }

    pub(super) fn change(
        &mut self,
        name: &SignInName,
        change: impl FnOnce(&mut Account),
    ) -> Result<(), PeopleError> {
        let mut accounts = self.accounts.clone();
        let account = accounts.iter_mut().find(|account| account.name == *name);
        change(account.ok_or(PeopleError::Unknown)?);
        self.keep(accounts)
    }

    /// Replaces everything: on the disk first.
    fn keep(&mut self, accounts: Vec<Account>) -> Result<(), PeopleError> {
        let bytes = serde_json::to_vec_pretty(&accounts).map_err(io::Error::from)?;
        make_private(&self.folder)?;
        write_secret(&self.folder.join(FILE), &bytes)?;
        self.accounts = accounts;
        Ok(())
    }
}

/// The organization that an account is limited to, as text. One that cannot be read is an error: without it the account
/// would reach further.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Option<String>", into = "Option<String>")]
pub(super) struct Limit(pub(super) Option<LocalId>);

impl TryFrom<Option<String>> for Limit {
    type Error = InvalidId;

    fn try_from(text: Option<String>) -> Result<Self, InvalidId> {
        Ok(Self(text.map(|text| LocalId::parse(&text)).transpose()?))
    }
}

impl From<Limit> for Option<String> {
    fn from(limit: Limit) -> Self {
        limit.0.map(|id| id.to_string())
    }
}
