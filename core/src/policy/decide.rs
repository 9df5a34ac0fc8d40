//! The table.

use super::{Operation, Role, Viewer};
use crate::catalog::Tier;
use crate::id::AgencyId;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// To do something.
    Operation(Operation),
    /// To see a listing or field of this tier, which this agency publishes; none: whichever agency.
    Tier(Tier, Option<&'a AgencyId>),
    /// To say what became of a referral to a service of this agency.
    Outcome(&'a AgencyId),
    /// To see what this agency published and is held back: for want of a grant, for its name, because the
    /// agency is banned.
    Held(&'a AgencyId),
}

/// What the policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Allow,
    /// Yes, once they have said why and that is in the audit log.
    AllowRecorded,
    /// Not until they sign in again.
    SignInAgain,
    /// No.
    Deny,
}

/// Whether `who` may have `what`. Everything that is not said here is denied.
#[must_use]
pub fn policy(who: &Viewer, what: What<'_>) -> Decision {
    match what {
        What::Operation(operation) => doing(who, operation),
        What::Tier(tier, publisher) => seeing(who, tier, publisher),
        // Whoever works there speaks through what the agency reports.
        What::Outcome(publisher) if who.agency.as_ref() == Some(publisher) => Decision::Deny,
        What::Outcome(_) => doing(who, Operation::GiveFeedback),
        What::Held(publisher) if is_of(who, publisher) => Decision::Allow,
        What::Held(_) => Decision::Deny,
    }
}

/// Whether they work for this agency.
fn is_of(who: &Viewer, agency: &AgencyId) -> bool {
    who.role == Role::AgencyStaff && who.agency.as_ref() == Some(agency)
}

fn doing(who: &Viewer, operation: Operation) -> Decision {
    use Operation::{
        GiveFeedback, ManageAgencies, ManagePeople, Moderate, ReadCoverage, ReadFeed, Search,
    };
    let may = match who.role {
        Role::Public | Role::TaskForce | Role::AgencyStaff => {
            matches!(operation, Search | ReadFeed | ReadCoverage)
        }
        Role::Caseworker | Role::Specialist => {
            matches!(operation, Search | ReadFeed | ReadCoverage | GiveFeedback)
        }
        Role::Operator => matches!(
            operation,
            Search | ReadFeed | ReadCoverage | ManageAgencies | ManagePeople | Moderate
        ),
    };
    let in_scope = who.scopes.as_ref().is_none_or(|scopes| {
        let needed = operation.scope();
        needed.is_some_and(|needed| scopes.contains(&needed))
    });
    if !may || !in_scope {
        Decision::Deny
    } else if operation.wants_fresh_sign_in() && !who.fresh {
        Decision::SignInAgain
    } else {
        Decision::Allow
    }
}

fn seeing(who: &Viewer, tier: Tier, publisher: Option<&AgencyId>) -> Decision {
    let own = publisher.is_some_and(|publisher| is_of(who, publisher));
    match (tier, who.role) {
        (Tier::Public, _)
        | (
            Tier::Member,
            Role::Caseworker | Role::Specialist | Role::TaskForce | Role::AgencyStaff,
        ) => Decision::Allow,
        // Which networks a publisher names is not in its listings yet: its own people only.
        (Tier::Net, _) if own => Decision::Allow,
        // A program gives no reasons.
        (Tier::Ask, Role::Specialist) if who.scopes.is_none() => Decision::AllowRecorded,
        (Tier::Member | Tier::Net | Tier::Ask | Tier::Seal, _) => Decision::Deny,
    }
}
