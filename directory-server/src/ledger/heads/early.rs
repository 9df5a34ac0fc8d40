//! Reports that came before what they are about: each waits for a day, then it is dropped (I17). Start at
//! [`Heads::is_offered`].

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Held, Order};
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};

use super::super::fact::Dropped;
use super::{Heads, Undo};

/// How long a report waits for what it is about.
const WAITS: SignedDuration = SignedDuration::from_hours(24);

/// What a report is about: a service, or its offer at a location.
pub(super) type Subject = (LocalId, Option<LocalId>);

/// The reports that wait, by agency and by what they are about.
pub(super) type Early = HashMap<AgencyId, BTreeMap<Subject, Waiting>>;

/// A report that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    since: Timestamp,
    order: Order,
}

impl Heads {
    /// Whether there is, or was before it was withdrawn, what a report is about.
    pub(in super::super) fn is_offered(
        &self,
        agency: &AgencyId,
        (service, location): (&LocalId, Option<&LocalId>),
    ) -> bool {
        let key = |kind, id: &LocalId| RecordKey {
            agency: agency.clone(),
            kind,
            id: id.clone(),
        };
        let at = location.map(|id| key(Kind::Location, id).public_id().as_u128());
        let service = self.record(&key(Kind::Service, service));
        service.is_some_and(|service| at.is_none_or(|at| service.references.contains(&at)))
    }

    /// How many reports of an agency wait.
    pub(in super::super) fn early_reports(&self, agency: &AgencyId) -> usize {
        self.early.get(agency).map_or(0, BTreeMap::len)
    }

    /// Whether a report about this waits.
    pub(in super::super) fn is_early(
        &self,
        agency: &AgencyId,
        (service, location): (&LocalId, Option<&LocalId>),
    ) -> bool {
        let of = self.early.get(agency);
        of.is_some_and(|of| of.contains_key(&(service.clone(), location.cloned())))
    }

    /// The reports that waited in vain, by agency, the `most` first of them.
    pub(crate) fn overdue_reports(
        &self,
        now: Timestamp,
        most: usize,
    ) -> BTreeMap<AgencyId, Vec<Dropped>> {
        let all = self.early.iter();
        let all = all.flat_map(|(agency, of)| of.iter().map(move |one| (agency, one)));
        let overdue = all.filter(|(_, (_, waits))| now.duration_since(waits.since) >= WAITS);
        let mut by_agency = BTreeMap::<_, Vec<_>>::new();
        for (agency, ((service, location), waits)) in overdue.take(most) {
            by_agency.entry(agency.clone()).or_default().push(Dropped {
                service: service.clone(),
                location: location.clone(),
                order: waits.order,
            });
        }
        by_agency
    }

    /// A report was taken in: it waits if what it is about is not there.
    pub(super) fn take_report(
        &mut self,
        agency: &AgencyId,
        (service, location): (&LocalId, Option<&LocalId>),
        (order, since): (Order, Timestamp),
        undo: &mut Undo,
    ) {
        let waits = !self.is_offered(agency, (service, location));
        let waiting = waits.then_some(Waiting { since, order });
        self.set_early(agency, (service.clone(), location.cloned()), waiting, undo);
    }

    /// Takes over a report from a snapshot, after all records.
    pub(in super::super) fn restore_report(
        &mut self,
        agency: &AgencyId,
        held: &Held,
        since: Timestamp,
    ) {
        let (service, location) = held.report.key();
        let subject = (service.clone(), location.cloned());
        let waiting = Waiting {
            since,
            order: held.order,
        };
        let mut never_taken_back = Undo::default();
        self.set_early(agency, subject, Some(waiting), &mut never_taken_back);
    }

    /// A service was changed: what waited for it does so no longer.
    pub(super) fn offer(&mut self, agency: &AgencyId, service: &LocalId, undo: &mut Undo) {
        let Some(of) = self.early.get(agency) else {
            return;
        };
        let about_it = of.range((service.clone(), None)..);
        let about_it = about_it.take_while(|((about, _), _)| about == service);
        let offered = about_it.filter(|((service, location), _)| {
            self.is_offered(agency, (service, location.as_ref()))
        });
        let offered: Vec<Subject> = offered.map(|(subject, _)| subject.clone()).collect();
        for subject in offered {
            self.set_early(agency, subject, None, undo);
        }
    }

    /// These wait no longer.
    pub(super) fn drop_reports(&mut self, agency: &AgencyId, dropped: &[Dropped], undo: &mut Undo) {
        for Dropped {
            service, location, ..
        } in dropped
        {
            self.set_early(agency, (service.clone(), location.clone()), None, undo);
        }
    }

    pub(super) fn take_back_early(&mut self, undo: &mut Undo) {
        let mut again = Undo::default();
        for ((agency, subject), before) in std::mem::take(&mut undo.early) {
            self.set_early(&agency, subject, before, &mut again);
        }
    }

    fn set_early(
        &mut self,
        agency: &AgencyId,
        subject: Subject,
        waiting: Option<Waiting>,
        undo: &mut Undo,
    ) {
        if waiting.is_none() && !self.early.contains_key(agency) {
            return;
        }
        let of = self.early.entry(agency.clone()).or_default();
        let before = match waiting {
            Some(waiting) => of.insert(subject.clone(), waiting),
            None => of.remove(&subject),
        };
        if of.is_empty() {
            self.early.remove(agency);
        }
        let changed = (agency.clone(), subject);
        undo.early.entry(changed).or_insert(before);
    }
}
