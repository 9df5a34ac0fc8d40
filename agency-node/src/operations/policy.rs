//! Who of the agency's people may see and do what: one rule, and everything it does not allow is denied.
//!
//! An account may be limited to one organization, so that a network hosts its small members on one node. Whoever
//! has the data directory (the command line) is not asked: that is not limited.

use referral_core::id::{Kind, LocalId, RecordName};

use crate::catalog::{Catalog, Listed};
use crate::people::Person;

/// What somebody wants to see or change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<'a> {
    /// A record, its capacity, and what is said about it: of the organization it belongs to; `None`: of none, or
    /// it is not known of which.
    Record(Option<&'a LocalId>),
    /// The node as a whole: what is said about no record.
    Node,
}

/// Whether `who` may see and change `what`.
#[must_use]
pub fn may(who: &Person, what: About<'_>) -> bool {
    match (&who.organization, what) {
        (None, _) => true,
        (Some(own), About::Record(Some(organization))) => own == organization,
        (Some(_), About::Record(None) | About::Node) => false,
    }
}

/// The organization that a record of the catalog belongs to; `None`: it is unknown, belongs to none, or was deleted
/// for good.
pub(super) fn organization_of(catalog: &Catalog, name: &RecordName) -> Option<LocalId> {
    if name.kind == Kind::Organization {
        return Some(name.id.clone());
    }
    let listed = catalog.get(name)?;
    let references = match listed.references() {
        found if found.is_empty() => listed.kept().map(Listed::references_of).unwrap_or_default(),
        found => found,
    };
    let mut references = references.into_iter();
    let organization = references.find(|name| name.kind == Kind::Organization)?;
    Some(organization.id)
}

/// Whether `who` may see and change a record of the catalog.
pub(super) fn may_touch(who: &Person, catalog: &Catalog, name: &RecordName) -> bool {
    // Most accounts are not limited, and records need not be read for them.
    who.organization.is_none() || may(who, About::Record(organization_of(catalog, name).as_ref()))
}

#[cfg(test)]
mod tests {
    use referral_runtime::accounts::SignInName;

    use super::*;

    fn person(organization: Option<&str>) -> Person {
        Person {
            name: SignInName::parse("ana").unwrap(),
            organization: organization.map(|id| LocalId::parse(id).unwrap()),
        }
    }

    #[test]
    fn an_account_without_a_limit_reaches_everything() {
        let (who, own) = (person(None), LocalId::parse("org-1").unwrap());

        for what in [About::Record(Some(&own)), About::Record(None), About::Node] {
            assert!(may(&who, what), "{what:?}");
        }
    }

    #[test]
    fn a_limited_account_reaches_its_own_organization_and_nothing_else() {
        let who = person(Some("org-1"));
        let [own, other] = ["org-1", "org-10"].map(|id| LocalId::parse(id).unwrap());

        assert!(may(&who, About::Record(Some(&own))));
        for what in [
            About::Record(Some(&other)),
            About::Record(None),
            About::Node,
        ] {
            assert!(!may(&who, what), "{what:?}");
        }
    }
}
