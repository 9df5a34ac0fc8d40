//! Backups: what must not be lost, copied while the directory runs, and put back.
//!
//! [`take`] copies the journal up to its last record, the history, the counts of searches, what caseworkers said of
//! listings, the tables of demand, the accounts and the audit log, opens the copy, reads every record of it, and writes a [`Manifest`]; only then there is a backup. [`restore`] puts one into a
//! data directory as a new generation, or leaves a mark that half of it is there, which is never served. Accounts and
//! the audit log that are there already stay.
//!
//! The authority's key is in no backup: whoever holds it can let in agencies and pose as the directory,
//! so its folder `ca` is kept apart, by hand. Store and index are folded from the journal and made anew.

mod copy;
mod manifest;
mod restore;
mod take;

pub use manifest::{FileEntry, InvalidBackup, Manifest};
pub use restore::{Restore, RestoreError, Restored, Step, restore, restore_stepwise};
pub use take::{BackupError, Source, take, take_from};
