//! How far somebody sees without asking.

use crate::catalog::Tier;

/// How far somebody sees without asking: everybody of one clearance gets the same answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clearance {
    /// What anybody may see.
    #[default]
    Public,
    /// Also what is for signed-in caseworkers.
    Member,
}

impl Clearance {
    /// Every clearance, lowest first.
    pub const ALL: [Self; 2] = [Self::Public, Self::Member];

    /// Whether what has this tier is shown without asking.
    #[must_use]
    pub fn sees(self, tier: Tier) -> bool {
        match tier {
            Tier::Public => true,
            Tier::Member => self == Self::Member,
            Tier::Net | Tier::Ask | Tier::Seal => false,
        }
    }
}
