//! What was refused of an agency and nothing later has replaced (R10): what its people still have to look at.

use std::collections::BTreeSet;

use referral_core::id::{Kind, LocalId};

use super::fact::Refusal;

/// The most that is counted; an agency with more has the same to do.
const MOST: usize = 4_096;

/// Records and reports that were refused last time. What could not be read so far as to name it is not among
/// them.
#[derive(Clone, Debug, Default)]
pub(super) struct Outstanding {
    pub(super) records: BTreeSet<(Kind, LocalId)>,
    /// By the service they are about.
    pub(super) reports: BTreeSet<LocalId>,
}

impl Outstanding {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.records.len() + self.reports.len()
    }

    /// An operation was refused.
    pub(super) fn refuse_record(&mut self, refusal: &Refusal) {
        if let (Some(kind), Some(id)) = (refusal.kind, &refusal.id)
            && self.count() < MOST
        {
            self.records.insert((kind, id.clone()));
        }
    }

    /// A report was refused.
    pub(super) fn refuse_report(&mut self, refusal: &Refusal) {
        if let Some(service) = &refusal.id
            && self.count() < MOST
        {
            self.reports.insert(service.clone());
        }
    }

    /// A change of a record was accepted.
    pub(super) fn accept_record(&mut self, kind: Kind, id: &LocalId) {
        if !self.records.is_empty() {
            self.records.remove(&(kind, id.clone()));
        }
    }

    /// A report about a service was accepted.
    pub(super) fn accept_report(&mut self, service: &LocalId) {
        self.reports.remove(service);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_stands_until_a_later_change_of_the_same_record_is_accepted() {
        let id = LocalId::from_source("clinic");
        let refusal = Refusal {
            kind: Some(Kind::Service),
            id: Some(id.clone()),
            code: String::new(),
            field: String::new(),
            text: String::new(),
        };
        let mut outstanding = Outstanding::default();
        outstanding.refuse_record(&refusal);
        outstanding.refuse_record(&refusal);
        outstanding.refuse_report(&refusal);
        assert_eq!(outstanding.count(), 2);

        outstanding.accept_record(Kind::Location, &id);
        outstanding.accept_record(Kind::Service, &id);
        assert_eq!(outstanding.count(), 1);

        outstanding.accept_report(&id);
        assert_eq!(outstanding.count(), 0);
    }
}
