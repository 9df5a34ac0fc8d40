//! How an agency's catalog reaches the directory and never gets lost: the rules, without the wire.
//!
//! An agency's catalog is a signed, hash-chained log. [`Chain`] is the tip of one. [`AgencyLog`] is the
//! directory's side: which entry may follow, and what the log becomes. [`resume`] and [`reconcile`] are the
//! node's: whether it can go on sending, and which of two versions stays when it cannot; [`is_last_word`] is
//! the same for capacity. [`Digest`] finds
//! what differs in spite of everything, [`Brake`] holds up mass deletion, [`Spent`] bounds what is
//! written for one agency. [`ListingKey`] and [`verify`] sign
//! and check the exact bytes.
//! Rule numbers (R1...) are those of `docs/ARCHITECTURE.md`, "Federation".

mod agency_log;
mod ancestry;
mod brake;
mod budget;
mod chain;
mod clock_watch;
mod contact;
pub mod digest;
mod last_word;
mod operation;
mod reconcile;
mod signature;

pub use agency_log::{AgencyLog, Appends, Boot, Ended, Entry};
pub use ancestry::Ancestry;
pub use brake::Brake;
pub use budget::{Allowance, Spent};
pub use chain::{Chain, Epoch, Position, Verdict, operation_hash};
pub use clock_watch::{ClockWatch, Suspicion};
pub use contact::{Contact, SILENT_AFTER, contact, silent_since};
pub use digest::Digest;
pub use last_word::{Earlier, Made, OwnWord, Word, is_last_word};
pub use operation::{Change, Header};
pub use reconcile::{
    OldDirectory, Own, Reconciled, Resume, Standing, Tip, learn, reconcile, resume,
};
pub use signature::{
    InvalidSignature, ListingKey, PublicKey, Purpose, Signature, renewal_words, verify,
};
