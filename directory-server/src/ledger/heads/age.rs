//! Services that nobody said again for so long that they are archived (R13). Start at [`Heads::overdue_services`].

use std::collections::BTreeMap;

use jiff::Timestamp;
use referral_core::catalog::age::{ARCHIVED_AFTER, is_to_be_archived};
use referral_core::id::{AgencyId, Kind, LocalId};

use super::{Heads, RecordHead};

impl Heads {
    /// The services that are found and are to be archived, by agency, the `most` first of them.
    pub(in super::super) fn overdue_services(
        &self,
        now: Timestamp,
        most: usize,
    ) -> BTreeMap<AgencyId, Vec<LocalId>> {
        let overdue = self.ageing();
        let overdue = overdue.filter(|(_, service)| is_to_be_archived(service.said_at(), now));
        let mut by_agency = BTreeMap::<_, Vec<_>>::new();
        for (agency, service) in overdue.take(most) {
            let services = by_agency.entry(agency.clone()).or_default();
            services.push(service.name.id.clone());
        }
        by_agency
    }

    /// Before this nothing that is there has to be archived. Walks through all records.
    pub(crate) fn next_overdue(&self) -> Timestamp {
        let oldest = self.ageing().map(|(_, service)| service.said_at()).min();
        let due = oldest.and_then(|oldest| oldest.checked_add(ARCHIVED_AFTER).ok());
        due.unwrap_or(Timestamp::MAX)
    }

    fn ageing(&self) -> impl Iterator<Item = (&AgencyId, &RecordHead)> {
        let agencies = self.agencies();
        agencies.flat_map(|(agency, head)| {
            let services = self.records_of(agency);
            let services = services
                .filter(|record| record.live && record.name.kind == Kind::Service)
                .filter(|record| !head.member.archived.contains(&record.name.id));
            services.map(move |service| (agency, service))
        })
    }
}
