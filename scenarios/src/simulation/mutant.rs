//! The federation with one rule removed: the walk has to notice.

/// Which rule is removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mutant {
    /// None.
    #[default]
    None,
    /// Answers do not say that searches are behind (I12).
    BehindNotTold,
    /// Some of what became durable is not folded (I12).
    BatchNotFolded,
    /// Agencies are told that something is durable before searches know of it (I12).
    ShownLater,
    /// A node does not hear how many operations may be on their way (I17).
    WindowNotTold,
    /// The directory does not know how much was agreed with an agency (I17).
    QuotaNotKept,
}

impl Mutant {
    /// Every rule that can be removed, and the invariant that does not hold without it.
    pub const ALL: [(Self, &str); 5] = [
        (Self::BehindNotTold, "I12"),
        (Self::BatchNotFolded, "I12"),
        (Self::ShownLater, "I12"),
        (Self::WindowNotTold, "I17"),
        (Self::QuotaNotKept, "I17"),
    ];

    /// Whether it takes searches to notice.
    pub(super) fn is_of_searches(self) -> bool {
        matches!(
            self,
            Self::BehindNotTold | Self::BatchNotFolded | Self::ShownLater
        )
    }

    /// Whether it takes agencies that press on bounds.
    pub(super) fn is_of_bounds(self) -> bool {
        matches!(self, Self::WindowNotTold | Self::QuotaNotKept)
    }
}
