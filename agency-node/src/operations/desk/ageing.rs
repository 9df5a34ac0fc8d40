//! Listings that grow old: nobody has published them again for long (R13).

use jiff::Timestamp;
use referral_core::catalog::age::{ARCHIVED_AFTER, ASKED_AFTER, OLD_AFTER};
use referral_core::id::{Kind, LocalId, RecordName};
use referral_proto::v1;

use super::Desk;
use crate::catalog::Listed;
use crate::operations::policy::may_touch;
use crate::operations::{Affirm, WithdrawError};
use crate::outbox::Outbox;

/// A service that somebody should look over.
#[derive(Clone, Debug, PartialEq)]
pub struct Ageing {
    /// Its id.
    pub service: LocalId,
    /// What it says, as it was published last.
    pub says: v1::Service,
    /// When that was queued; `None`: not known, long ago.
    pub said_at: Option<Timestamp>,
}

/// How searches show a service of its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// As any other.
    Young,
    /// With a caution.
    Old,
    /// Not at all.
    Archived,
}

impl Ageing {
    /// How searches show it.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Age {
        let passed = self.said_at.map(|at| now.duration_since(at));
        match passed {
            Some(passed) if passed < OLD_AFTER => Age::Young,
            Some(passed) if passed < ARCHIVED_AFTER => Age::Old,
            Some(_) => Age::Archived,
            None => Age::Old,
        }
    }

    /// From when on searches show it as old.
    #[must_use]
    pub fn old_at(&self) -> Option<Timestamp> {
        self.said_at?.checked_add(OLD_AFTER).ok()
    }
}

impl Desk<'_> {
    /// How many services are in reach that nobody has published again for 150 days.
    #[must_use]
    pub fn ageing_count(&self) -> usize {
        self.node.read(|outbox| self.unsaid(outbox).count())
    }

    /// The `most` oldest of them, the oldest first.
    #[must_use]
    pub fn ageing(&self, most: usize) -> Vec<Ageing> {
        self.node.read(|outbox| {
            let mut unsaid: Vec<_> = self.unsaid(outbox).collect();
            unsaid.sort_by_key(|(name, listed)| (listed.said_at(), &name.id));
            let oldest = unsaid.into_iter().take(most);
            oldest
                .filter_map(|(name, listed)| {
                    Some(Ageing {
                        service: name.id.clone(),
                        says: service(listed)?,
                        said_at: listed.said_at(),
                    })
                })
                .collect()
        })
    }

    fn unsaid<'o>(
        &'o self,
        outbox: &'o Outbox,
    ) -> impl Iterator<Item = (&'o RecordName, &'o Listed)> {
        let (now, catalog) = (self.node.clock().now(), outbox.catalog());
        catalog.iter().filter(move |(name, listed)| {
            name.kind == Kind::Service
                && listed.is_unsaid_for(ASKED_AFTER, now)
                && may_touch(self.who, catalog, name)
        })
    }

    /// Publishes again what these services say, as it is. Gives how many they are.
    ///
    /// # Errors
    /// [`WithdrawError`], also for one that is not in reach; nothing is queued then.
    pub fn affirm(&self, services: &[LocalId]) -> Result<usize, WithdrawError> {
        let unreached = self.node.read(|outbox| {
            let mut services = services.iter();
            services
                .find(|service| !self.reaches(outbox, service))
                .cloned()
        });
        if let Some(service) = unreached {
            return Err(WithdrawError::Unknown {
                name: super::service_name(&service),
                nearest: Vec::new(),
            });
        }
        let affirmed = self.node.affirm(&Affirm::Services(services.to_vec()));
        affirmed.map(|(count, _)| count)
    }
}

fn service(listed: &Listed) -> Option<v1::Service> {
    match listed.record()?.record? {
        v1::record::Record::Service(service) => Some(service),
        _ => None,
    }
}
