//! The write path: every change is a [`Fact`] in the journal before anybody is told of it.
//!
//! [`Ledger`] is the handle that operations use. Behind it one writer thread judges submissions against
//! the [`Heads`], appends what it decides, syncs once for all that waited, lets searches see it, and
//! only then answers. One applier thread folds the journal, in order, into the store and the index.
//! Nothing here knows gRPC or pages. Story: docs/ARCHITECTURE.md, "The write path".

mod applier;
pub(crate) mod fact;
mod handover;
mod heads;
mod judge;
mod open;
mod snapshot;
mod stored;
mod submission;
mod withdrawn;
mod writer;

pub use fact::{Fact, Invitation, Membership, Refusal, SignedBytes, UnreadableFact};
pub(crate) use heads::Decided;
pub use heads::{AgencyHead, Heads, Told};
pub use open::{Ledger, OpenError, Opened};
pub use snapshot::SnapshotError;
pub use submission::{
    CheckedCapacity, CheckedOperation, FenceCause, Hello, JoinRefused, NotWritten, Outcome,
    SessionEnd, Submission, Welcome,
};
