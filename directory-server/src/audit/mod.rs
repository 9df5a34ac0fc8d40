//! The audit log: what people decided and looked at, append-only, each entry chained to the one before.
//!
//! Start at [`Audit::record`]: it is called before the act, and the act does not happen where it fails. An
//! entry holds the SHA-256 of the one before, so that none can be changed or taken out without changing
//! all that follow; the file `head` says how long the log is, so that its end cannot be cut off alone.
//! [`verify`] finds all of it. Who can write the data directory can write a whole new log: against that
//! helps a checkpoint that is kept elsewhere, which `audit verify` prints and takes.
//!
//! Searches, page views and sign-ins are not in it.

mod copy;
mod entry;
mod log;

pub(crate) use self::copy::copy;
pub use entry::{Act, Entry, Who};
pub use log::{Audit, AuditError, Checkpoint, Damage, FOLDER, read, verify};
