//! The write path: every change is a [`Fact`] in the journal before anybody is told of it.
//!
//! [`Ledger`] is the handle that operations use. Behind it one writer thread ([`Recorder`]) judges submissions against
//! the [`Heads`], appends what it decides, syncs once for all that waited, lets searches see it, and
//! only then answers. One applier thread folds the journal, in order, into the store and the index.
//! Nothing here knows gRPC or pages. Story: docs/ARCHITECTURE.md, "The write path".

mod about;
mod applier;
mod chronicle;
mod downstream;
pub(crate) mod fact;
mod following;
mod handover;
mod heads;
mod held;
mod judge;
mod lag;
mod notice;
mod open;
mod outstanding;
mod replay;
mod reported;
mod searchable;
mod settled;
mod snapshot;
mod stored;
mod submission;
mod tail;
mod warm;
mod withdrawn;
mod writer;

pub use crate::store::room::Space;
pub use about::{
    About, Alarm, Alarms, Grant, GrantRefused, Grants, Hold, LONGEST_GRANT, MOST_SERVICES, Member,
    NameHold, Person, Pins, Proposal, RenewRefused, Shown, Standing,
};
pub use fact::{Dropped, Fact, Invitation, Membership, Refusal, SignedBytes, UnreadableFact};
pub use following::Following;
pub use heads::{AgencyHead, Decided, Heads, Length, Told};
pub(crate) use held::{Turn, only, turn};
pub(crate) use notice::CLONED;
pub use notice::Notice;
pub use open::{Beginning, Ledger, OpenError, Opened};
pub use outstanding::OutstandingRefusal;
pub(crate) use searchable::MEMBERS as MEMBERS_INDEX;
pub use searchable::Searchable;
pub use settled::{Settled, SettledAgency};
pub use snapshot::SnapshotError;
pub(crate) use snapshot::newest_snapshot;
pub use submission::{
    ActRefused, CheckedCapacity, CheckedOperation, FenceCause, Granted, Hello, JoinRefused,
    NotWritten, OperatorAct, Outcome, Renewal, SessionEnd, Submission, Welcome,
};
pub use writer::{Applied, Downstream, Recorder};
