//! What an operator sees: every agency, and how the directory itself fares.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use referral_core::catalog::Record;
use referral_core::federation::Suspicion;
use referral_core::id::{AgencyId, RecordKey};
use referral_core::lookalike::skeleton;
use referral_core::policy::{Operation, Viewer};

use super::standing::DecisionRefused;
use super::{AgencyOverview, Directory};
use crate::ledger::{NameHold, Space};

/// A backup that is older than this protects little: nodes heal what is newer.
pub const OLD_BACKUP: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How the directory fares.
#[derive(Clone, Debug)]
pub struct Health {
    /// The clock was changed and nobody has checked it yet.
    pub clock: Option<Suspicion>,
    /// For how long the oldest change has waited to be found by searches; `None`: they find everything.
    pub behind: Option<Duration>,
    /// What room the disk has.
    pub space: Space,
    /// It is filled again by its agencies after a total loss.
    pub rebuilding: bool,
    /// When a backup was last taken; `None`: never.
    pub backup: Option<Timestamp>,
}

impl Directory {
    /// Every agency, for somebody who may decide about them.
    ///
    /// # Errors
    /// [`DecisionRefused::Denied`].
    pub fn oversee(
        &self,
        viewer: &Viewer,
    ) -> Result<(Vec<AgencyOverview>, Health), DecisionRefused> {
        if !viewer.may(Operation::ManageAgencies) {
            return Err(DecisionRefused::Denied);
        }
        let health = Health {
            clock: self.clock.suspicion(),
            behind: self.ledger.behind(),
            space: self.store.room().space(),
            rebuilding: self.is_rebuilding(),
            backup: self.audit.last_backup(),
        };
        Ok((self.agencies(), health))
    }

    /// The name that is held for review, as it is published; `None` when it was withdrawn since.
    #[must_use]
    pub fn held_name(&self, agency: &AgencyId, hold: &NameHold) -> Option<String> {
        let key = RecordKey {
            agency: agency.clone(),
            kind: hold.record.kind,
            id: hold.record.id.clone(),
        };
        let stored = match self.store.record(&key) {
            Ok(stored) => stored?,
            Err(error) => {
                tracing::error!(error.type = "store", "a held name cannot be read: {error}");
                return None;
            }
        };
        let names = match stored.record? {
            Record::Organization(organization) => {
                [Some(organization.name), organization.alternate_name]
            }
            Record::Location(location) => [location.name, location.alternate_name],
            Record::Service(service) => [Some(service.name), service.alternate_name],
        };
        let mut names = names.into_iter().flatten();
        let found = names.find(|name| skeleton(name.as_str()) == hold.skeleton)?;
        Some(found.as_str().to_owned())
    }
}
