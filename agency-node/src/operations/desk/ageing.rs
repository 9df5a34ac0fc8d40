//! Listings that grow old: nobody has published them again for long (R13).

use jiff::Timestamp;
use referral_core::id::{LocalId, RecordName};
use referral_proto::v1;

use super::Desk;
use crate::catalog::Listed;
use crate::operations::ageing::{Age, old_at, unsaid};
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

impl Ageing {
    /// How searches show it.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Age {
        Age::of(self.said_at, now)
    }

    /// From when on searches show it as old.
    #[must_use]
    pub fn old_at(&self) -> Option<Timestamp> {
        old_at(self.said_at)
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
        unsaid(catalog, now).filter(move |(name, _)| may_touch(self.who, catalog, name))
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
