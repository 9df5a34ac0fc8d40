//! What is stored and shown to nobody but its publisher: decided here, for searches, the change feed, signed
//! records and notices alike.
//!
//! [`Settled::hold`](super::Settled::hold) says whether a service is held, [`turn`] which facts may change that for an agency. An
//! operation can change it too: by what a service needs, or by the name of its organization.

use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};

use super::about::{About, Standing};
use super::fact::Fact;

/// What a decision about an agency can do to its services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Some that were held may be shown.
    Shows,
    /// Some that were shown may be held.
    Hides,
}

/// The agency of a fact that may change what is shown of it, and in which way.
pub(crate) fn turn(fact: &Fact) -> Option<(&AgencyId, Turn)> {
    match fact {
        Fact::Readmitted(agency) => Some((agency, Turn::Shows)),
        Fact::Joined(membership) => Some((&membership.agency, Turn::Shows)),
        Fact::About(agency, about) => match &**about {
            About::Standing(Standing::Banned, ..)
            | About::Revoked(..)
            | About::Lapsed(_)
            | About::Archived(_)
            | About::NameHeld(_) => Some((agency, Turn::Hides)),
            About::Standing(..) | About::Granted(..) | About::NameCleared(..) => {
                Some((agency, Turn::Shows))
            }
            About::Issuing(..)
            | About::Renewed(_)
            | About::Shown(_)
            | About::Proposed(..)
            | About::Quota(_)
            | About::Alarm(_) => None,
        },
        _ => None,
    }
}

/// The services that are all of which a fact may change what is shown; `None`: it may be any of the agency's.
pub(crate) fn only(fact: &Fact) -> Option<Vec<RecordKey>> {
    let Fact::About(agency, about) = fact else {
        return None;
    };
    let About::Archived(services) = &**about else {
        return None;
    };
    let key = |id: &LocalId| RecordKey {
        agency: agency.clone(),
        kind: Kind::Service,
        id: id.clone(),
    };
    Some(services.iter().map(key).collect())
}
