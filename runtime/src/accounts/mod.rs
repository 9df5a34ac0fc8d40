//! What every program with accounts needs: names, passwords, secrets that are shown once, tries to sign in that
//! are counted, and sessions.
//!
//! Which accounts there are, what they may do and where they are kept, each program decides for itself. Nothing
//! here does I/O or is logged.

mod attempts;
mod hashing;
mod name;
mod password;
mod secret;
mod sessions;

pub use attempts::{Attempts, Counted};
pub use hashing::Hashing;
pub use name::{InvalidSignInName, SignInName};
pub use password::{InvalidPassword, Password};
pub use secret::{Purpose, Secret};
pub use sessions::Sessions;
