//! Whether a session may go on from where the directory's copy of the log stands (R5).

use referral_core::federation::Epoch;
use referral_core::id::Hash;

use super::Outbox;

/// Where the directory's copy of the agency's log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The directory's generation.
    pub generation: u64,
    /// The epoch of its copy.
    pub epoch: Epoch,
    /// Operations applied or refused.
    pub applied: u64,
    /// The head after them.
    pub head: Hash,
    /// The greatest capacity counter recorded.
    pub capacity_applied: u64,
}

/// Why the node's log and the directory's copy cannot be brought together by sending. A person has to
/// look; nothing is sent until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotResume {
    /// The directory shows less than it showed before.
    #[error(
        "the directory answers as generation {offered}, and this node has seen {seen}: it may be an old copy; ask its operator"
    )]
    OldDirectory {
        /// What it says.
        offered: u64,
        /// What was seen.
        seen: u64,
    },
    /// Another stretch of the log.
    #[error(
        "the directory keeps this agency's log in epoch {theirs}, this node in {ours}: ask the directory's operator to let the node join again"
    )]
    OtherEpoch {
        /// The directory's.
        theirs: Epoch,
        /// The node's.
        ours: Epoch,
    },
    /// The directory has operations that this node does not have.
    #[error(
        "the directory holds {theirs} operations of this agency and this node only {ours}: this data directory was restored from a backup or copied; use the newest one"
    )]
    NodeBehind {
        /// The directory's.
        theirs: u64,
        /// The node's.
        ours: u64,
    },
    /// The directory has lost what it acknowledged.
    #[error(
        "the directory holds {theirs} operations of this agency and had acknowledged {ours}: it was restored from a backup; ask its operator"
    )]
    DirectoryBehind {
        /// The directory's.
        theirs: u64,
        /// What it acknowledged.
        ours: u64,
    },
    /// Two histories.
    #[error(
        "this node's log and the directory's copy differ at operation {at}: two nodes publish for this agency, or this data directory was copied; use one of them only"
    )]
    Fork {
        /// Where they were compared.
        at: u64,
    },
}

impl CannotResume {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OldDirectory { .. } => "old_directory",
            Self::OtherEpoch { .. } => "other_epoch",
            Self::NodeBehind { .. } => "node_behind",
            Self::DirectoryBehind { .. } => "directory_behind",
            Self::Fork { .. } => "fork",
        }
    }
}

impl Outbox {
    /// Whether sending may go on after what the directory has.
    ///
    /// # Errors
    /// [`CannotResume`] when the directory's copy is not a beginning of this log that goes at least as
    /// far as was acknowledged.
    pub fn resume(&self, theirs: &Standing) -> Result<(), CannotResume> {
        if theirs.generation < self.generation_seen() {
            let (offered, seen) = (theirs.generation, self.generation_seen());
            return Err(CannotResume::OldDirectory { offered, seen });
        }
        let (tip, settled) = (self.tip(), self.settled());
        if theirs.epoch != tip.epoch {
            return Err(CannotResume::OtherEpoch {
                theirs: theirs.epoch,
                ours: tip.epoch,
            });
        }
        if theirs.applied > tip.applied {
            return Err(CannotResume::NodeBehind {
                theirs: theirs.applied,
                ours: tip.applied,
            });
        }
        if theirs.capacity_applied > self.reports().last() {
            let (theirs, ours) = (theirs.capacity_applied, self.reports().last());
            return Err(CannotResume::NodeBehind { theirs, ours });
        }
        if theirs.applied < settled.applied {
            let (theirs, ours) = (theirs.applied, settled.applied);
            return Err(CannotResume::DirectoryBehind { theirs, ours });
        }
        if self.head_at(theirs.applied) != Some(theirs.head) {
            return Err(CannotResume::Fork { at: theirs.applied });
        }
        Ok(())
    }
}
