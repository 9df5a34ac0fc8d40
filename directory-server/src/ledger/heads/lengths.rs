//! How long what is kept of an agency is, beside the most it may be (I17): for whoever presses on the bounds.

use referral_core::federation::{AgencyLog, Ancestry};
use referral_core::id::AgencyId;

use super::super::judge::{EARLY_PER_SERVICE, IDS_PER_SERVICE};
use super::{Heads, RecordHead};

/// What it is, how long it is, and the most it may be.
pub type Length = (&'static str, usize, usize);

impl Heads {
    /// The lengths of what is kept of an agency and what it may make longer.
    #[must_use]
    pub fn lengths(&self, agency: &AgencyId) -> Vec<Length> {
        let Some(head) = self.agency(agency) else {
            return Vec::new();
        };
        let services = usize::try_from(head.member.most_services()).unwrap_or(usize::MAX);
        let ancestors = self.records_of(agency).map(RecordHead::earlier);
        let starts = head.log.as_ref().map_or(0, |log| log.boots.len());
        let live = usize::try_from(head.services).unwrap_or(usize::MAX);
        vec![
            ("starts of a node", starts, AgencyLog::BOOTS),
            ("services", live, services),
            (
                "ids",
                self.known_records(agency),
                services.saturating_mul(IDS_PER_SERVICE),
            ),
            (
                "reports that wait for what they are about",
                self.early_reports(agency),
                services.saturating_mul(EARLY_PER_SERVICE),
            ),
            (
                "earlier versions at the directory",
                ancestors.max().unwrap_or(0),
                Ancestry::MOST,
            ),
        ]
    }
}
