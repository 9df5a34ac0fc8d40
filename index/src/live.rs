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

/// Cells there are at least before any is dropped.
const FIRST_SWEEP: usize = 1_024;

/// The reports of every service that has any, and of every service that can be found.
///
/// A withdrawn service keeps its reports: a withdrawal can be taken back.
#[derive(Debug, Default)]
pub(crate) struct Live {
    cells: Mutex<Cells>,
}

#[derive(Debug, Default)]
struct Cells {
    of: HashMap<RecordKey, Arc<Cell>>,
    /// With this many cells, those that nobody needs are dropped.
    sweep_at: usize,
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
        if let Some(cell) = cells.of.get(service) {
            return Arc::clone(cell);
        }
        cells.sweep();
        Arc::clone(cells.of.entry(service.clone()).or_default())
    }

    /// Takes a report in, unless a newer one about the same thing is there.
    pub(crate) fn report(&self, service: RecordKey, held: Held) {
        let mut cells = locked(&self.cells);
        let cell = cells.of.entry(service).or_default();
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
        let cell = Arc::clone(locked(&self.cells).of.get(service)?);
        cell.read().effective(location).cloned()
    }
}

impl Cells {
    /// Drops empty cells that no row has, once there are twice as many cells as after the last time.
    fn sweep(&mut self) {
        if self.of.len() < self.sweep_at.max(FIRST_SWEEP) {
            return;
        }
        self.of
            .retain(|_, cell| Arc::strong_count(cell) > 1 || !cell.read().is_empty());
        self.sweep_at = self.of.len() * 2;
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

    fn is_empty(&self) -> bool {
        self.service.is_none() && self.at.is_empty()
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

/// A later report, or the same one believed for less time.
fn is_newer(known: Option<&Arc<Held>>, held: &Held) -> bool {
    known.is_none_or(|known| {
        held.order > known.order || (held.order == known.order && held.ttl < known.ttl)
    })
}
