//! What somebody is to the directory.

/// What somebody is to the directory. Each account has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Anybody: not signed in.
    #[default]
    Public,
    /// Looks for services for clients.
    Caseworker,
    /// A caseworker who may also ask to see what is shown after a recorded request.
    Specialist,
    /// Looks for gaps in the whole country.
    TaskForce,
    /// Works for an agency that publishes here.
    AgencyStaff,
    /// Runs the directory: agencies, people, moderation. Not for looking things up.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Public,
        Self::Caseworker,
        Self::Specialist,
        Self::TaskForce,
        Self::AgencyStaff,
        Self::Operator,
    ];

    /// Its stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Caseworker => "caseworker",
            Self::Specialist => "specialist",
            Self::TaskForce => "task-force",
            Self::AgencyStaff => "agency-staff",
            Self::Operator => "operator",
        }
    }

    /// The role of this name that an account may have: all but [`Role::Public`].
    #[must_use]
    pub fn of_account(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter().filter(|role| *role != Self::Public);
        all.find(|role| role.as_str() == name)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
