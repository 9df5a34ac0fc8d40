//! Letting people in to the agency's own page, and out.

use referral_core::id::{Kind, RecordName};
use referral_runtime::accounts::{Secret, SignInName};

use super::Node;
use crate::people::{PeopleError, Person};

/// An invitation, to be shown this once.
#[derive(Debug)]
pub struct Invited {
    /// What somebody sets their password with, once.
    pub secret: Secret,
    /// The page on which they do; `None`: this node does not serve one, or does not run.
    pub link: Option<String>,
}

impl Node {
    /// Makes an account for somebody.
    ///
    /// # Errors
    /// [`PeopleError`]; there is no account then.
    pub fn invite(&self, person: &Person) -> Result<Invited, PeopleError> {
        if let Some(id) = &person.organization {
            let name = RecordName {
                kind: Kind::Organization,
                id: id.clone(),
            };
            let known = self.read(|outbox| outbox.catalog().wanted(&name).is_some());
            if !known {
                return Err(PeopleError::UnknownOrganization(id.clone()));
            }
        }
        let secret = self.people().invite(person)?;
        let link = |page| format!("{page}/welcome?invitation={}", secret.reveal());
        let link = self.page().map(link);
        Ok(Invited { secret, link })
    }

    /// Ends an account with its sessions, at once.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn remove_person(&self, name: &SignInName) -> Result<(), PeopleError> {
        self.people().remove(name)
    }
}
