//! One entry of the audit log.

use jiff::Timestamp;
use referral_core::id::Hash;
use referral_core::policy::{Role, Viewer};
use serde::{Deserialize, Serialize};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// An agency was given a join token.
    AgencyInvited,
    /// An agency's node joined, with new keys.
    AgencyJoined,
    /// An agency may publish again.
    AgencyReadmitted,
    /// More deletions of an agency were let through.
    DeletionsAllowed,
    /// The categories an agency may publish, or its state, were changed.
    AgencyChanged,
    /// A held listing was decided on.
    Moderated,
    /// A backup was taken.
    BackupTaken,
    /// The authority's key was written into a file, for a safe place.
    AuthorityExported,
    /// A backup was put back.
    Restored,
    /// A rebuild was ended.
    RebuildEnded,
    /// A person was invited.
    PersonInvited,
    /// A person took up an invitation, or set a new password.
    PersonJoined,
    /// A person's role was changed.
    RoleChanged,
    /// A person may no longer come in.
    PersonRevoked,
    /// An API token was made.
    TokenMade,
    /// An API token was ended.
    TokenRevoked,
    /// What is shown only after a recorded request was looked at.
    Looked,
}

impl Act {
    /// Its stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AgencyInvited => "agency_invited",
            Self::AgencyJoined => "agency_joined",
            Self::AgencyReadmitted => "agency_readmitted",
            Self::DeletionsAllowed => "deletions_allowed",
            Self::AgencyChanged => "agency_changed",
            Self::Moderated => "moderated",
            Self::BackupTaken => "backup_taken",
            Self::AuthorityExported => "authority_exported",
            Self::Restored => "restored",
            Self::RebuildEnded => "rebuild_ended",
            Self::PersonInvited => "person_invited",
            Self::PersonJoined => "person_joined",
            Self::RoleChanged => "role_changed",
            Self::PersonRevoked => "person_revoked",
            Self::TokenMade => "token_made",
            Self::TokenRevoked => "token_revoked",
            Self::Looked => "looked",
        }
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who(String);

impl Who {
    /// Whoever gives commands on the directory's machine.
    #[must_use]
    pub fn at_the_machine() -> Self {
        Self("operator at the machine".to_owned())
    }

    /// The node of an agency.
    #[must_use]
    pub fn node(agency: &referral_core::id::AgencyId) -> Self {
        Self(format!("node of {agency}"))
    }
}

impl From<&Viewer> for Who {
    fn from(viewer: &Viewer) -> Self {
        match (&viewer.account, viewer.role) {
            (Some(account), role) => Self(format!("{account} ({role})")),
            (None, Role::Operator) => Self::at_the_machine(),
            (None, role) => Self(role.to_string()),
        }
    }
}

/// One entry, as it is in the log: one line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number: 1, 2, 3 and so on.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub who: String,
    /// What was done: a name of [`Act`].
    pub act: String,
    /// With which agency, account, token or listing.
    pub about: String,
    /// What else there is to know, e.g. the role given or the reason stated.
    pub note: String,
    /// The hash of the entry before; zeros for the first.
    pub before: String,
    /// The hash of all of the above.
    pub hash: String,
}

impl Entry {
    pub(super) fn new(
        number: u64,
        at: Timestamp,
        (who, act): (&Who, Act),
        (about, note): (&str, &str),
        before: &str,
    ) -> Self {
        let mut entry = Self {
            number,
            at,
            who: who.0.clone(),
            act: act.as_str().to_owned(),
            about: about.to_owned(),
            note: note.to_owned(),
            before: before.to_owned(),
            hash: String::new(),
        };
        entry.hash = entry.right_hash();
        entry
    }

    /// The hash that the entry must have. Every part is hashed with its length, so none runs into another.
    pub(super) fn right_hash(&self) -> String {
        let (number, at) = (self.number.to_string(), self.at.to_string());
        let parts = [
            &number,
            &at,
            &self.who,
            &self.act,
            &self.about,
            &self.note,
            &self.before,
        ];
        let mut bytes = b"referral audit 1".to_vec();
        for part in parts {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        Hash::of(&[&bytes]).to_string()
    }
}
