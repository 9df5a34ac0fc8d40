//! What narrows a search beside need and place: access, fee, and the values of facets chosen.

use std::fmt;

use crate::capacity::State;
use crate::catalog::LanguageTag;
use crate::geo::StateCode;
use crate::search::{OfferFacts, Request, Site};
use crate::vocabulary::Code;

/// How a service is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Access {
    /// Either way.
    #[default]
    Any,
    /// The client comes, or somebody comes to the client: every offer that is not remote.
    InPerson,
    /// By phone, video or message.
    Remote,
}

/// The most a service may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fee {
    /// Nothing: `fee:free`.
    Free,
    /// Little: `fee:free`, `fee:low` or `fee:slide`.
    LowCost,
}

/// A word that names no access or fee. The asker's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilter {
    /// Not an access.
    #[error("access is any, in_person or remote")]
    Access,
    /// Not a fee.
    #[error("a fee is free or low_cost")]
    Fee,
}

/// Values of facets that were chosen. Each narrows the search further; an offer has all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Also {
    /// The service has these codes and may act on them today.
    pub codes: Vec<Code>,
    /// The service is given in these, without an interpreter by phone. Compared by primary language.
    pub languages: Vec<LanguageTag>,
    /// The offer's capacity is in this state.
    pub state: Option<State>,
    /// The offer's site is in this U.S. state.
    pub in_state: Option<StateCode>,
    /// The offer is reached this way.
    pub access: Access,
}

/// One value of a facet, as a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Filter {
    /// The service has this code and may act on it.
    Code(Code),
    /// The service is given in this primary language.
    Language(LanguageTag),
    /// The offer is reached this way.
    Access(Access),
    /// The offer's capacity is in this state.
    State(State),
    /// The offer's site is in this U.S. state.
    InState(StateCode),
}

impl Access {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Any, Self::InPerson, Self::Remote];

    /// Reads an access by its name; a hyphen is as good as an underscore.
    ///
    /// # Errors
    /// [`InvalidFilter::Access`] for any other word.
    pub fn parse(text: &str) -> Result<Self, InvalidFilter> {
        let asked = text.trim().replace('-', "_");
        let named = |access: &Self| access.as_str() == asked;
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or(InvalidFilter::Access)
    }

    /// The choice's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::InPerson => "in_person",
            Self::Remote => "remote",
        }
    }

    /// How this offer is reached: never [`Access::Any`].
    #[must_use]
    pub fn of(offer: &OfferFacts) -> Self {
        if matches!(offer.site, Site::Remote(_)) {
            Self::Remote
        } else {
            Self::InPerson
        }
    }

    /// Whether an offer reached this way is asked for.
    #[must_use]
    pub fn includes(self, way: Self) -> bool {
        self == Self::Any || self == way
    }
}

impl Fee {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Free, Self::LowCost];

    /// Reads a fee by its name; a hyphen is as good as an underscore.
    ///
    /// # Errors
    /// [`InvalidFilter::Fee`] for any other word.
    pub fn parse(text: &str) -> Result<Self, InvalidFilter> {
        let asked = text.trim().replace('-', "_");
        let named = |fee: &Self| fee.as_str() == asked;
        Self::ALL.into_iter().find(named).ok_or(InvalidFilter::Fee)
    }

    /// The choice's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::LowCost => "low_cost",
        }
    }

    /// The codes any of which answers.
    #[must_use]
    pub fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Free => &["fee:free"],
            Self::LowCost => &["fee:free", "fee:low", "fee:slide"],
        }
    }
}

impl InvalidFilter {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Access => "access_invalid",
            Self::Fee => "fee_invalid",
        }
    }
}

impl Filter {
    /// The search narrowed by this value. It begins at its first page.
    #[must_use]
    pub fn apply(&self, request: &Request) -> Request {
        let mut narrowed = request.clone();
        narrowed.shown.clear();
        let also = &mut narrowed.also;
        match self {
            Self::Code(code) => also.codes.push(code.clone()),
            Self::Language(tag) => also.languages.push(tag.clone()),
            Self::Access(access) => also.access = *access,
            Self::State(state) => also.state = Some(*state),
            Self::InState(state) => also.in_state = Some(*state),
        }
        narrowed
    }
}

/// The value's stable name, e.g. `lc:bond`, `es`, `remote`, `open`, `MD`.
impl Filter {
    /// The value's name, as it is shown and chosen by.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Code(code) => code.as_str(),
            Self::Language(tag) => tag.as_str(),
            Self::Access(access) => access.as_str(),
            Self::State(state) => state.as_str(),
            Self::InState(state) => state.as_str(),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
