//! What follows the journal in a running directory: searches at once, store and index through the applier.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use referral_runtime::clock::Clock;

use super::applier::{Applier, changed};
use super::fact::Fact;
use super::handover::{Handover, Waiting, handover};
use super::heads::Decided;
use super::lag::Lag;
use super::reported::Reported;
use super::searchable::Searchable;
use super::withdrawn::Withdrawn;
use super::writer::{Applied, Downstream};
use crate::store::room::{Room, Space};

/// Searches, and the applier behind them.
#[derive(Debug)]
pub(super) struct Searches {
    searchable: Arc<Searchable>,
    /// The directory's.
    generation: u64,
    clock: Arc<dyn Clock>,
    pub(super) lag: Lag,
    withdrawn: Arc<Withdrawn>,
    room: Room,
    applier: Handover,
    /// The journal index of the last durable record.
    pub(super) written: Arc<AtomicU64>,
    /// Tells open pages.
    pub(super) reported: Reported,
}

impl Downstream for Searches {
    /// None while the applier cannot go on.
    fn space(&mut self) -> Space {
        if self.applier.held_up() {
            Space::None
        } else {
            self.room.space()
        }
    }

    fn take(&mut self, applied: Applied) -> bool {
        self.show(&applied.decided, applied.last_index);
        let mut changes = applied.decided.iter().map(|one| changed(&one.fact));
        if changes.any(|change| change.is_some()) {
            self.lag.durable(applied.last_index, self.clock.elapsed());
        }
        self.written.store(applied.last_index, Ordering::Release);
        self.applier.give(applied)
    }
}

impl Searches {
    /// Searches of a directory, and what waits for the applier behind them.
    ///
    /// * `written` — the journal index of the last durable record.
    pub(super) fn before(applier: &Applier, written: u64) -> (Self, Waiting) {
        let (hand_over, facts) = handover(applier.held_up.clone());
        let searches = Self {
            searchable: Arc::clone(&applier.searchable),
            generation: applier.generation,
            clock: Arc::clone(&applier.clock),
            lag: applier.lag.clone(),
            withdrawn: Arc::clone(&applier.withdrawn),
            room: applier.store.room().clone(),
            applier: hand_over,
            written: Arc::new(AtomicU64::new(written)),
            reported: Reported::default(),
        };
        (searches, facts)
    }

    /// Lets the very next search see capacity and withdrawals; listings follow with the applier.
    fn show(&self, decided: &[Decided], last_index: u64) {
        let mut otherwise = Vec::new();
        for Decided { fact, held } in decided {
            match (fact, held) {
                (Fact::Capacity(agency, ..), Some(held)) => {
                    let held = held.clone().in_generation(self.generation);
                    self.searchable.report(agency, &held);
                    otherwise.push(service(agency, &held.report.said().service));
                }
                (Fact::Operation(header, change, _), _) if change.record.is_none() => {
                    let agency = header.agency.clone();
                    let key = RecordKey {
                        agency,
                        kind: change.kind,
                        id: change.id.clone(),
                    };
                    // In this order: the applier puts first and asks afterwards.
                    self.withdrawn.note(key.clone(), last_index);
                    self.searchable.remove(&key);
                    otherwise.push(key);
                }
                _ => {}
            }
        }
        if !otherwise.is_empty() {
            self.reported.tell(otherwise);
        }
    }
}

fn service(agency: &AgencyId, id: &LocalId) -> RecordKey {
    RecordKey {
        agency: agency.clone(),
        kind: Kind::Service,
        id: id.clone(),
    }
}
