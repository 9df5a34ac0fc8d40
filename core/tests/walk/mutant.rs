//! The core with one rule removed: by changing what goes into a decision or what comes out of it.

/// Which rule is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// None.
    None,
    /// A restore begins no new generation, and nodes speak with any directory (R5).
    GenerationReused,
    /// A message of an older session counts (R4).
    NoFence,
    /// An operation may leave a gap before it (R2).
    Gaps,
    /// Nobody compares heads (R2, R5).
    NoChain,
    /// A new epoch has the number of the old one (R6).
    EpochReused,
    /// What a node does not have is deleted (R7, as in Consul).
    DeletedByAbsence,
    /// The greater version wins, whatever its author knew (R7).
    LastWriterWins,
}

impl Mutant {
    pub(crate) const ALL: [Self; 7] = [
        Self::GenerationReused,
        Self::NoFence,
        Self::Gaps,
        Self::NoChain,
        Self::EpochReused,
        Self::DeletedByAbsence,
        Self::LastWriterWins,
    ];
}
