//! Supply as it is now, from the index, and the names of services in a report.

use std::collections::BTreeMap;

use referral_core::coverage::{Provider, Question, Report, Supply};
use referral_core::id::PublicId;
use referral_core::policy::Clearance;

use super::{CoverageError, Directory};

impl Directory {
    pub(super) fn supply_now(&self, question: &Question) -> Result<Supply, CoverageError> {
        Ok(self.searchable.index_for(Clearance::Public).supply(
            &question.filter,
            &question.languages,
            &self.coverage.counties,
            question.as_of,
            &|| Ok(()),
        )?)
    }

    /// The services that a report names. One that was withdrawn since has no name.
    pub(super) fn named(
        &self,
        report: &Report,
    ) -> Result<BTreeMap<PublicId, Provider>, CoverageError> {
        let mut names = BTreeMap::new();
        let index = self.searchable.index_for(Clearance::Public);
        for service in report.services() {
            let Some(key) = index.key_of(service) else {
                continue;
            };
            if let Some(shown) = self.store.shown(&key, Clearance::Public, self.map)? {
                let provider = Provider {
                    service: shown.listing.service.name.clone(),
                    organization: shown.listing.organization.name.clone(),
                };
                names.insert(service, provider);
            }
        }
        Ok(names)
    }
}
