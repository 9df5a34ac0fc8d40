//! People: accounts, invitations, passwords, sessions and API tokens of the directory itself.
//!
//! Start at [`People`]. Accounts and tokens are in the folder `people` of the data directory, secrets only as
//! hashes; sessions are in memory and end with the process. Who may do what is not decided here but in
//! [`referral_core::policy`]: [`People`] finds out who somebody is and gives a
//! [`Viewer`](referral_core::policy::Viewer). Nothing here is logged but account ids.

mod account;
mod book;
pub mod provider;
mod sign_in;
mod tokens;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use referral_runtime::accounts::{Attempts, Hashing, Sessions};
use referral_runtime::clock::Clock;
use referral_runtime::tls::NoRandomness;

pub use account::{AccountView, TokenView};
pub use book::{FOLDER, PeopleError};
pub use referral_runtime::accounts::{
    InvalidPassword, InvalidSignInName, Password, Secret, SignInName,
};
pub use sign_in::SignInRefused;

use book::Book;

/// The people of a running directory.
pub struct People {
    book: Mutex<Book>,
    sessions: Mutex<Sessions>,
    attempts: Mutex<Attempts>,
    hashing: Hashing,
    clock: Arc<dyn Clock>,
}

impl People {
    /// Opens the people of the data directory `data`, which this process holds.
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

/// A number nobody can foresee.
fn random_id() -> Result<u64, NoRandomness> {
    Ok(u64::from_be_bytes(referral_runtime::tls::random()?))
}
