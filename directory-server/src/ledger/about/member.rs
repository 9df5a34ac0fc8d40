//! An agency as a member: everything that was decided about it, folded.

use std::collections::BTreeSet;
use std::sync::Arc;

use referral_core::catalog::{Category, Service, needed};
use referral_core::id::{Kind, LocalId};

use super::{About, Alarms, Grants, NameHold, Pins, Standing};

/// What was decided about an agency as a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// What the operator decided about it.
    pub standing: Standing,
    /// Which of its certificates count.
    pub pins: Pins,
    /// Which categories of services it may offer.
    pub grants: Grants,
    /// What the operator has to look at.
    pub alarms: Alarms,
    /// Skeletons of names that look like another agency's and that a person let stand.
    pub cleared: Vec<String>,
    /// Records whose names have to be looked at.
    pub holds: Vec<NameHold>,
    /// Services that were not said again for a year (R13). Shared, since there may be very many.
    pub archived: Arc<BTreeSet<LocalId>>,
    /// The most services it may publish; `None`: [`MOST_SERVICES`].
    pub quota: Option<u32>,
    /// Whether a name of it was ever held: then a change of a name may let something be shown.
    pub named: bool,
    /// Two nodes were found to publish as it, and the operator has not looked (R8).
    pub cloned: bool,
}

/// The most its records may take for each service it may publish. Unit: bytes. A service with its share of
/// organizations and locations takes about 2 KiB.
const BYTES_PER_SERVICE: u64 = 8 << 10;
/// What an agency's records may take however few services it may publish. Unit: bytes.
const LEAST_BYTES: u64 = 256 << 10;

/// The most services an agency may publish unless it was agreed otherwise at its enrolment.
pub const MOST_SERVICES: u32 = 100_000;

/// What a node is told while two of them publish as one agency.
const TWO_NODES: &str = "two nodes publish as this agency: stop one of them, then ask the directory's operator to readmit it";

/// Why a service is stored and not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Its agency is banned.
    Banned,
    /// Its agency was not granted this category.
    NeedsGrant(Category),
    /// Its name, or its organization's, has to be looked at.
    Name,
    /// Its publisher has not said it for a year.
    Archived,
}

impl Member {
    /// Its node joined, or joined again, with this certificate.
    pub(in crate::ledger) fn join(&mut self, certificate: &[u8]) {
        self.pins = Pins::joined(certificate);
        if self.standing == Standing::Evicted {
            self.standing = Standing::Active;
        }
    }

    /// The operator has looked: its node may publish again, and renew once with a certificate that was
    /// replaced. One that was evicted needs a new token.
    pub(in crate::ledger) fn readmit(&mut self) {
        self.alarms.clear();
        self.cloned = false;
        self.pins.forgiven = true;
        if self.standing != Standing::Evicted {
            self.standing = Standing::Active;
        }
    }

    /// Something was decided about it.
    pub(in crate::ledger) fn decide(&mut self, about: &About) {
        match about {
            About::Issuing(serial, expires_at) => {
                self.pins.issuing = Some((*serial, *expires_at));
            }
            About::Renewed(certificate) => self.pins.renew(certificate),
            About::Shown(leaf) => self.pins.show(*leaf),
            About::Standing(standing, ..) => self.standing = *standing,
            About::Proposed(category, proposal) => {
                self.grants.propose(*category, proposal.clone());
            }
            About::Granted(category, by) => self.grants.approve(*category, by.clone()),
            About::Revoked(category, ..) => {
                self.grants.end(*category);
                self.grants.drop_proposal(*category);
            }
            About::Lapsed(category) => self.grants.end(*category),
            About::Archived(services) => {
                Arc::make_mut(&mut self.archived).extend(services.iter().cloned());
            }
            About::Alarm(alarm) => self.alarms.note(alarm.clone()),
            About::Quota(services) => self.quota = Some(*services),
            About::NameHeld(hold) => {
                self.holds.push(hold.clone());
                self.named = true;
            }
            About::NameCleared(skeleton, _) => {
                self.holds.retain(|hold| hold.skeleton != *skeleton);
                if !self.cleared.contains(skeleton) {
                    self.cleared.push(skeleton.clone());
                }
            }
        }
    }

    /// A record is said anew: its name is looked at anew, and it is as old as that.
    pub(in crate::ledger) fn drop_hold(&mut self, kind: Kind, id: &LocalId) {
        if kind == Kind::Service && self.archived.contains(id) {
            Arc::make_mut(&mut self.archived).remove(id);
        }
        self.holds
            .retain(|hold| hold.record.kind != kind || hold.record.id != *id);
    }

    /// The most services it may publish.
    #[must_use]
    pub fn most_services(&self) -> u32 {
        self.quota.unwrap_or(MOST_SERVICES)
    }

    /// The most its records may take. Unit: bytes; 8 KiB for each service it may publish, and 256 KiB at least.
    #[must_use]
    pub fn most_bytes(&self) -> u64 {
        let services = u64::from(self.most_services());
        services.saturating_mul(BYTES_PER_SERVICE).max(LEAST_BYTES)
    }

    /// Why a service of it is not found; `None`: it is.
    #[must_use]
    pub fn holds_back(&self, service: &Service) -> Option<Hold> {
        if self.standing == Standing::Banned {
            return Some(Hold::Banned);
        }
        let mut needed = needed(service).into_iter();
        if let Some(category) = needed.find(|category| !self.grants.has(*category)) {
            return Some(Hold::NeedsGrant(category));
        }
        let is_named = |hold: &NameHold| match hold.record.kind {
            Kind::Service => hold.record.id == service.id,
            Kind::Organization => hold.record.id == service.organization,
            Kind::Location => false,
        };
        if self.holds.iter().any(is_named) {
            return Some(Hold::Name);
        }
        self.archived
            .contains(&service.id)
            .then_some(Hold::Archived)
    }

    /// Whether its node may publish; if not, what it is told, and what it listed is shown as unverified.
    #[must_use]
    pub fn refuses(&self) -> Option<&'static str> {
        self.standing
            .told()
            .or_else(|| self.cloned.then_some(TWO_NODES))
    }
}
