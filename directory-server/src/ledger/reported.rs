//! Tells whoever listens of which services searches see another state.

use std::sync::Arc;

use referral_core::id::RecordKey;
use tokio::sync::broadcast;

/// Groups of changes that wait for a listener; one that is slower is told that it missed some.
const WAITING: usize = 4_096;

/// Services whose state searches have just begun to see otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Reported(broadcast::Sender<Arc<[RecordKey]>>);

impl Default for Reported {
    fn default() -> Self {
        Self(broadcast::Sender::new(WAITING))
    }
}

impl Reported {
    /// Hears from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<[RecordKey]>> {
        self.0.subscribe()
    }

    /// Wakes the listeners though nothing changed.
    pub(crate) fn nudge(&self) {
        self.tell(Vec::new());
    }

    /// Tells that searches see these otherwise.
    pub(super) fn tell(&self, services: Vec<RecordKey>) {
        // Where nobody listens nobody misses it.
        let _heard_by = self.0.send(services.into());
    }
}
