//! What changes between two generations, all of it behind one lock: what waits for a commit, what rows
//! refer to, and the reports.

use std::sync::Arc;

use referral_core::capacity::{Held, Order};
use referral_core::id::{LocalId, PublicId};

use crate::generation::{Generation, PartId};
use crate::live::Live;
use crate::part::{Builder, Encoded, Part, Register, Sets};
use crate::slots::Slot;
use crate::staged::Staged;

/// What changes between two generations.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// What waits for a commit.
    pub(crate) staged: Staged,
    /// What rows refer to.
    pub(crate) register: Register,
    /// What is reported.
    pub(crate) live: Live,
    /// Services that were reported on while parts are made into one.
    reported: Option<Vec<PublicId>>,
    parts: PartId,
}

impl State {
    /// Takes a report in, and shows it in the current generation.
    pub(crate) fn report(&mut self, service: PublicId, held: &Held, current: &Generation) {
        if self.live.report(service, held) {
            self.show(service, current);
        }
    }

    /// Forgets a report up to `order`, and shows what is left in the current generation.
    pub(crate) fn drop_report(
        &mut self,
        service: PublicId,
        location: Option<&LocalId>,
        order: Order,
        current: &Generation,
    ) {
        if self.live.drop_report(service, location, order) {
            self.show(service, current);
        }
    }

    /// Shows what is reported of a service.
    fn show(&mut self, service: PublicId, current: &Generation) {
        if let Some(reported) = &mut self.reported {
            reported.push(service);
        }
        if let Some(slot) = self.staged.slots.of(service)
            && let Some((at, number)) = current.home(slot)
        {
            let reports = self.live.of(service).unwrap_or_default();
            current.views()[at].part.report(number, &reports);
        }
    }

    /// Gives every service its slot; those that are near each other get slots that are.
    pub(crate) fn slots_for(&mut self, rows: &mut [Encoded]) -> Vec<Slot> {
        rows.sort_unstable_by_key(|row| (row.curve(), row.id()));
        let slots = rows.iter_mut().map(|row| {
            row.service.slot = self.staged.slots.take(row.id());
            row.service.slot
        });
        slots.collect()
    }

    /// A part of these services.
    pub(crate) fn part(mut rows: Vec<Encoded>, sets: &Sets) -> Part {
        rows.sort_by_key(|row| (row.curve(), row.id()));
        let mut builder = Builder::default();
        for row in rows {
            builder.push(row);
        }
        builder.finish(sets)
    }

    /// A generation with a part of these services.
    pub(crate) fn with(&mut self, generation: Generation, rows: Vec<Encoded>) -> Generation {
        let part = Self::part(rows, self.register.sets());
        self.with_part(generation, Arc::new(part))
    }

    /// A generation with one more part, its reports put in and what was removed meanwhile taken out.
    pub(crate) fn with_part(&mut self, generation: Generation, part: Arc<Part>) -> Generation {
        let mut hidden = Vec::new();
        for (number, row) in (0..).zip(&part.services) {
            let id = PublicId::from_u128(row.id);
            if let Some(reports) = self.live.of(id) {
                part.report(number, &reports);
            }
            if self.staged.was_removed(id) {
                hidden.push(row.slot);
            }
        }
        let id = self.next_part();
        let generation = generation.with(id, part, self.register.sets());
        for slot in hidden {
            generation.hide(slot);
        }
        generation
    }

    /// From now on it is remembered which services are reported on.
    pub(crate) fn begin_fold(&mut self) {
        self.reported = Some(Vec::new());
    }

    /// A generation with a part made of others, and in it what was reported meanwhile.
    pub(crate) fn end_fold(
        &mut self,
        generation: Generation,
        from: &[PartId],
        part: Arc<Part>,
    ) -> Generation {
        let id = self.next_part();
        let next = generation.folded(from, id, part);
        for service in self.reported.take().unwrap_or_default() {
            if let Some(reports) = self.live.of(service)
                && let Some(slot) = self.staged.slots.of(service)
                && let Some((at, number)) = next.home(slot)
            {
                next.views()[at].part.report(number, &reports);
            }
        }
        next
    }

    fn next_part(&mut self) -> PartId {
        self.parts += 1;
        self.parts
    }
}
