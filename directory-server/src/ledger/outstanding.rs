//! What was refused of an agency and nothing later has replaced (R10): what its people still have to look at.

use std::collections::BTreeMap;

use referral_core::id::{Kind, LocalId};

use super::fact::Refusal;

/// The most that is counted; an agency with more has the same to do.
const MOST: usize = 4_096;

/// Records and reports that were refused last time, each with the code of the reason (empty: not known any more). What could not be read so far as to name it is not among
/// them.
#[derive(Clone, Debug, Default)]
pub(super) struct Outstanding {
    pub(super) records: BTreeMap<(Kind, LocalId), String>,
    /// By the service they are about.
    pub(super) reports: BTreeMap<LocalId, String>,
}

/// Something that was refused and that nothing later has replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutstandingRefusal {
    /// What the record is; `None`: a report.
    pub kind: Option<Kind>,
    /// Its id; the service's for a report.
    pub id: LocalId,
    /// The stable name of the reason; empty: it is not known any more.
    pub code: String,
}

impl Outstanding {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.records.len() + self.reports.len()
    }

    /// Records first, then reports: what it is, its id (the service's for a report), and the code of the reason.
    pub(super) fn all(&self) -> impl Iterator<Item = OutstandingRefusal> + use<'_> {
        let records = self.records.iter();
        let records = records.map(|((kind, id), code)| OutstandingRefusal {
            kind: Some(*kind),
            id: id.clone(),
            code: code.clone(),
        });
        let reports = self.reports.iter();
        let reports = reports.map(|(service, code)| OutstandingRefusal {
            kind: None,
            id: service.clone(),
            code: code.clone(),
        });
        records.chain(reports)
    }

    /// An operation was refused.
    pub(super) fn refuse_record(&mut self, refusal: &Refusal) {
        if let (Some(kind), Some(id)) = (refusal.kind, &refusal.id)
            && self.count() < MOST
        {
            self.records
                .insert((kind, id.clone()), refusal.code.clone());
        }
    }

    /// A report was refused.
    pub(super) fn refuse_report(&mut self, refusal: &Refusal) {
        if let Some(service) = &refusal.id
            && self.count() < MOST
        {
            self.reports.insert(service.clone(), refusal.code.clone());
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
            code: "missing".to_owned(),
            field: String::new(),
            text: String::new(),
        };
        let mut outstanding = Outstanding::default();
        outstanding.refuse_record(&refusal);
        outstanding.refuse_record(&refusal);
        outstanding.refuse_report(&refusal);
        assert_eq!(outstanding.count(), 2);
        assert!(outstanding.all().all(|one| one.code == "missing"));

        outstanding.accept_record(Kind::Location, &id);
        outstanding.accept_record(Kind::Service, &id);
        assert_eq!(outstanding.count(), 1);

        outstanding.accept_report(&id);
        assert_eq!(outstanding.count(), 0);
    }
}
