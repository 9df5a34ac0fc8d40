//! The people of an agency's own page: accounts of this node, by invitation.
//!
//! Start at [`People`]. Accounts are in the folder `people` of the data directory, passwords and invitations
//! only as hashes; sessions are in memory and end with the process. What somebody may see and do is not decided
//! here but in [`crate::operations`]: [`People`] finds out who somebody is and gives a [`Person`]. Nothing here
//! is logged.

mod book;

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use referral_core::id::LocalId;
use referral_runtime::accounts::{
    Attempts, Counted, Hashing, Password, Purpose, Secret, Sessions, SignInName,
};
use referral_runtime::clock::Clock;

use book::{Account, Book, Invitation, Limit};

pub use book::PeopleError;

/// How long an invitation is good for.
pub const INVITATION: SignedDuration = SignedDuration::from_hours(72);

/// The people of a node.
pub struct People {
    book: Mutex<Book>,
    sessions: Mutex<Sessions>,
    attempts: Mutex<Attempts>,
    hashing: Hashing,
    clock: Arc<dyn Clock>,
}

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What they sign in with.
    pub name: SignInName,
    /// The organization that their account is limited to; `None`: it is not limited.
    pub organization: Option<LocalId>,
}

/// An account, for whoever runs the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// Whose it is.
    pub person: Person,
    /// True once they have set a password.
    pub joined: bool,
    /// Since when there is the account.
    pub since: Timestamp,
    /// How many sessions they have now; 0 where the node does not run.
    pub sessions: usize,
}

/// Why somebody was not let in. What is wrong is not said: that would tell which accounts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefused {
    /// Name or password is wrong, or the account is no more.
    #[error("name and password do not go together")]
    Wrong,
    /// Too many tries: how long to wait.
    #[error("too many tries: wait a little, then try again")]
    TooMany(Duration),
    /// The invitation is unknown, used or too old.
    #[error("this invitation is not good any more: ask for another one")]
    Invitation,
    /// The machine failed.
    #[error("signing in failed: try again")]
    Failed,
}

impl SignInRefused {
    /// A stable name for this kind of refusal.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Wrong => "sign_in_wrong",
            Self::TooMany(_) => "sign_in_too_many",
            Self::Invitation => "invitation_refused",
            Self::Failed => "sign_in_failed",
        }
    }
}

impl People {
    /// Opens the people of the data directory `data`, which this process holds. Nothing is created.
    ///
    /// # Errors
    /// [`PeopleError`] when the file is damaged or cannot be read.
    pub fn open(data: &Path, clock: Arc<dyn Clock>) -> Result<Self, PeopleError> {
        Ok(Self {
            book: Mutex::new(Book::open(data)?),
            sessions: Mutex::default(),
            attempts: Mutex::default(),
            hashing: Hashing::default(),
            clock,
        })
    }

    /// From now on sessions end when nothing was asked in them for this long.
    pub fn end_sessions_idle_for(&self, idle: Duration) {
        self.sessions().set_idle(idle);
    }

    /// Makes an account for somebody; gives the secret they set their password with, which is shown this once.
    ///
    /// # Errors
    /// [`PeopleError::NameTaken`], and where it cannot be kept.
    pub(crate) fn invite(&self, person: &Person) -> Result<Secret, PeopleError> {
        let now = self.clock.now();
        let secret = Secret::generate(Purpose::Invitation)?;
        self.book().add(Account {
            name: person.name.clone(),
            organization: Limit(person.organization.clone()),
            password: None,
            invitation: Some(Invitation {
                hash: secret.hash().to_string(),
                expires_at: now.saturating_add(INVITATION).unwrap_or(Timestamp::MAX),
            }),
            since: now,
        })?;
        Ok(secret)
    }

    /// Ends an account with its sessions, at once.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`], and where it cannot be kept.
    pub(crate) fn remove(&self, name: &SignInName) -> Result<(), PeopleError> {
        self.book().remove(name)?;
        self.sessions().end_all_of(name.as_str());
        Ok(())
    }

    /// Every account, in the order in which they were made.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountView> {
        let now = self.clock.elapsed();
        let (book, sessions) = (self.book(), self.sessions());
        let view = |account: &Account| AccountView {
            person: account.person(),
            joined: account.password.is_some(),
            since: account.since,
            sessions: sessions.count_of(account.name.as_str(), now),
        };
        book.accounts().iter().map(view).collect()
    }

    /// Whom an invitation is for; `None`: it is not good.
    #[must_use]
    pub fn invited(&self, invitation: &str) -> Option<SignInName> {
        let hash = Secret::parse(Purpose::Invitation, invitation)?.hash();
        let (now, book) = (self.clock.now(), self.book());
        let mut accounts = book.accounts().iter();
        let account = accounts.find(|account| account.is_invited(&hash.to_string(), now))?;
        Some(account.name.clone())
    }

    /// Takes up an invitation: it is worthless from then on, and its account has this password. Signs in.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn accept(
        &self,
        invitation: &str,
        password: Password,
    ) -> Result<Secret, SignInRefused> {
        let refused = SignInRefused::Invitation;
        let secret = Secret::parse(Purpose::Invitation, invitation).ok_or(refused)?;
        let hash = secret.hash().to_string();
        let name = self.invited(invitation).ok_or(refused)?;
        let hashed = self.hashing.run(move || password.hash()).await.flatten();
        let hashed = hashed.ok_or(SignInRefused::Failed)?;
        let now = self.clock.now();
        let mut taken = false;
        let changed = self.book().change(&name, |account| {
            // Looked at again: meanwhile somebody else may have taken it up.
            taken = account.is_invited(&hash, now);
            if taken {
                account.invitation = None;
                account.password = Some(hashed);
            }
        });
        changed.map_err(|_| SignInRefused::Failed)?;
        if !taken {
            return Err(refused);
        }
        self.begin(&name)
    }

    /// Lets somebody in who knows their password. Takes the same time whatever is wrong.
    ///
    /// * `from` — where they are, where that is known: for counting tries, and nothing else.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn sign_in(
        &self,
        name: &str,
        password: Password,
        from: Option<IpAddr>,
    ) -> Result<Secret, SignInRefused> {
        let name = SignInName::parse(name).map_err(|_| SignInRefused::Wrong)?;
        let counted = Counted::of(&name, from);
        let may = self.attempts().count(&counted, self.clock.elapsed());
        may.map_err(SignInRefused::TooMany)?;
        let kept = self.book().account(&name).cloned();
        let kept = kept.and_then(|account| account.password);
        let right = self.hashing.run(move || password.is(kept.as_deref())).await;
        match right {
            None => Err(SignInRefused::Failed),
            Some(false) => Err(SignInRefused::Wrong),
            Some(true) => {
                self.attempts().succeeded(&counted);
                self.begin(&name)
            }
        }
    }

    /// Who somebody with this session is; `None`: the session is over.
    #[must_use]
    pub fn of_session(&self, text: &str) -> Option<(Person, Secret)> {
        let secret = Secret::parse(Purpose::Session, text)?;
        let (name, _) = self.sessions().seen(&secret.hash(), self.clock.elapsed())?;
        let name = SignInName::parse(&name).ok()?;
        let person = self.book().account(&name)?.person();
        Some((person, secret))
    }

    /// Ends a session.
    pub fn sign_out(&self, session: &Secret) {
        self.sessions().end(&session.hash());
    }

    /// Ends every session of an account; says how many there were.
    pub fn sign_out_everywhere(&self, name: &SignInName) -> usize {
        self.sessions().end_all_of(name.as_str())
    }

    fn begin(&self, name: &SignInName) -> Result<Secret, SignInRefused> {
        let secret = Secret::generate(Purpose::Session).map_err(|_| SignInRefused::Failed)?;
        let now = self.clock.elapsed();
        self.sessions().begin(secret.hash(), name.as_str(), now);
        Ok(secret)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("People(..)")
    }
}

#[cfg(test)]
mod tests;
