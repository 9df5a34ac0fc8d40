//! Live capacity: the newest reports of every service, changed at once and read without a lock.
//!
//! Each service has one [`Cell`], shared by the table that reports come in by ([`Live`]) and the row that
//! searches read. A report replaces what the cell holds in one step, so that a search sees all of it or
//! nothing. Time to live needs no write: the state is computed when it is asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use arc_swap::{ArcSwap, Guard};
use referral_core::capacity::{Held, effective};
use referral_core::id::{LocalId, RecordKey};

use crate::index::locked;

/// The reports of every service that has any, and of every service that can be found.
///
/// A withdrawn service keeps its reports: a withdrawal can be taken back.
#[derive(Debug, Default)]
pub(crate) struct Live {
    cells: Mutex<HashMap<RecordKey, Arc<Cell>>>,
}

/// What is reported of one service now.
#[derive(Debug, Default)]
pub(crate) struct Cell(ArcSwap<Reports>);

/// The newest report about a service as a whole, and of each of its locations that has one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports {
    service: Option<Arc<Held>>,
    at: Vec<(LocalId, Arc<Held>)>,
}

impl Live {
    /// The cell of a service, empty when nothing is reported yet.
    pub(crate) fn cell(&self, service: &RecordKey) -> Arc<Cell> {
        let mut cells = locked(&self.cells);
        if let Some(cell) = cells.get(service) {
            return Arc::clone(cell);
        }
        Arc::clone(cells.entry(service.clone()).or_default())
    }

    /// Takes a report in, unless a newer one about the same thing is there.
    pub(crate) fn report(&self, service: RecordKey, held: Held) {
        let mut cells = locked(&self.cells);
        let cell = cells.entry(service).or_default();
        let mut reports = Reports::clone(&cell.0.load());
        if reports.take(held) {
            cell.0.store(Arc::new(reports));
        }
    }

    /// The report that counts for a service at a location.
    pub(crate) fn effective(
        &self,
        service: &RecordKey,
        location: Option<&LocalId>,
    ) -> Option<Arc<Held>> {
        let cell = Arc::clone(locked(&self.cells).get(service)?);
        cell.read().effective(location).cloned()
    }
}

impl Cell {
    /// What is reported at this moment: one consistent view for the whole service.
    pub(crate) fn read(&self) -> Guard<Arc<Reports>> {
        self.0.load()
    }
}

impl Reports {
    /// The report that counts for an offer at `location`.
    pub(crate) fn effective(&self, location: Option<&LocalId>) -> Option<&Arc<Held>> {
        let own = location.and_then(|location| self.of(location));
        let service = self.service.as_ref();
        let counts = effective(own.map(Arc::as_ref), service.map(Arc::as_ref))?;
        own.filter(|own| std::ptr::eq(own.as_ref(), counts))
            .or(service)
    }

    fn of(&self, location: &LocalId) -> Option<&Arc<Held>> {
        let place = self.at.binary_search_by(|(id, _)| id.cmp(location)).ok()?;
        Some(&self.at[place].1)
    }

    /// Puts a report in its place; false when the one there is as new.
    fn take(&mut self, held: Held) -> bool {
        let Some(location) = held.report.said().location.clone() else {
            let newer = is_newer(self.service.as_ref(), &held);
            if newer {
                self.service = Some(Arc::new(held));
            }
            return newer;
        };
        match self.at.binary_search_by(|(id, _)| id.cmp(&location)) {
            Ok(place) => {
                let newer = is_newer(Some(&self.at[place].1), &held);
                if newer {
                    self.at[place].1 = Arc::new(held);
                }
                newer
            }
            Err(place) => {
                self.at.insert(place, (location, Arc::new(held)));
                true
            }
        }
    }
}

fn is_newer(known: Option<&Arc<Held>>, held: &Held) -> bool {
    known.is_none_or(|known| held.order > known.order)
}
