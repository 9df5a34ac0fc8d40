//! What the directory does for people, and what a program may be let do for them.

/// What the directory does for whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// Search, and read what was found.
    Search,
    /// Read the change feed and signed records: what is public in them.
    ReadFeed,
    /// Read counts over the whole country.
    ReadCoverage,
    /// Say what became of a referral.
    GiveFeedback,
    /// Let agencies in, suspend them, let their deletions through.
    ManageAgencies,
    /// Let people in, change their roles, make tokens, end sessions.
    ManagePeople,
    /// Decide what is held for review.
    Moderate,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 7] = [
        Self::Search,
        Self::ReadFeed,
        Self::ReadCoverage,
        Self::GiveFeedback,
        Self::ManageAgencies,
        Self::ManagePeople,
        Self::Moderate,
    ];

    /// Whether a sign-in of long ago is not enough for it.
    #[must_use]
    pub fn wants_fresh_sign_in(self) -> bool {
        matches!(
            self,
            Self::ManageAgencies | Self::ManagePeople | Self::Moderate
        )
    }

    /// The scope a token needs for it; none: no token is let do it.
    #[must_use]
    pub fn scope(self) -> Option<Scope> {
        match self {
            Self::Search => Some(Scope::Search),
            Self::ReadFeed => Some(Scope::Feed),
            Self::ReadCoverage => Some(Scope::Coverage),
            Self::GiveFeedback => Some(Scope::Feedback),
            Self::ManageAgencies | Self::ManagePeople | Self::Moderate => None,
        }
    }
}

/// What an API token is good for. It never allows more than its account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// [`Operation::Search`].
    Search,
    /// [`Operation::ReadFeed`].
    Feed,
    /// [`Operation::ReadCoverage`].
    Coverage,
    /// [`Operation::GiveFeedback`].
    Feedback,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Search, Self::Feed, Self::Coverage, Self::Feedback];

    /// Its stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Feed => "feed",
            Self::Coverage => "coverage",
            Self::Feedback => "feedback",
        }
    }

    /// The scope of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}
